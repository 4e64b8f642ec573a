"""One Chromium 80 for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests.web.old_phones.old_chromium import OldPage, old_chromium
from tests.web.old_phones.old_stage import OldStage

PHONE = {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def window() -> Iterator[OldPage]:
    with old_chromium() as browser:
        yield OldPage(browser)


@pytest.fixture
def stage(window: OldPage, hub) -> OldStage:
    window.set_viewport_size(PHONE)
    return OldStage(window, hub.browser())
