"""The demo, started as a person starts it, and real browsers that walk through it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.demo import Demo, running_demo
from tests.e2e.pages import Visitor
from tests.e2e.suite import Suite, running_suite

PHONE = {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with its defaults; a module may move its clock."""
    with running_demo(tmp_path_factory.mktemp("demo") / "default") as running:
        yield running


@pytest.fixture
def fresh_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with its defaults, where nobody has registered yet."""
    with running_demo(tmp_path_factory.mktemp("demo") / "fresh") as running:
        yield running


@pytest.fixture(scope="module")
def guide_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with the guide to the letter."""
    with running_demo(tmp_path_factory.mktemp("demo") / "guide", guide=True) as running:
        yield running


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """`idp conformance`, for all clients of other hands."""
    with running_suite(tmp_path_factory.mktemp("suite")) as running:
        yield running


@contextmanager
def visitor_of(browser: Browser, demo: Demo, *, scripts: bool = True) -> Iterator[Visitor]:
    """Yield somebody in front of a phone-sized browser of their own."""
    context = browser.new_context(locale="fa-IR", viewport=PHONE, java_script_enabled=scripts)
    context.set_default_timeout(15_000)
    try:
        yield Visitor(context.new_page(), demo, screenshots=_folder(), scripts=scripts)
    finally:
        context.close()


def _folder() -> Path | None:
    """Return where pictures of the pages are wanted (the variable E2E_SCREENSHOTS)."""
    wanted = os.environ.get("E2E_SCREENSHOTS")
    return Path(wanted) if wanted else None
