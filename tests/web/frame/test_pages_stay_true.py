"""Every page of every flow under the hands of a citizen: reloaded, left and come back to.

Each page is reached in Chromium by the press of the button that leads to it. Then one thing is done
to it, and it must be there as before, without an error of the browser or of the hub, and without
forgetting the portal that waits.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Request

from tests.web.frame.front import Front, served
from tests.web.frame.pages_of_flows import CODE, PAGES, FlowPage
from tests.web.hub import Hub, address

pytestmark = [pytest.mark.slow, pytest.mark.browser]

BREAK = timedelta(minutes=40)
FILL = """(form, fields) => {
  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
}"""


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    with served() as app:
        yield app


@pytest.fixture(scope="module")
def windows(chromium: Chromium) -> Iterator[dict[bool, BrowserContext]]:
    """A window with scripts and one without."""
    opened = {
        scripts: chromium.new_context(java_script_enabled=scripts) for scripts in (True, False)
    }
    yield opened
    for context in opened.values():
        context.close()


@dataclass
class Seen:
    """A page in front of Chromium, and what was sent and answered on the way to it."""

    hub: Hub
    front: Front
    page: Page
    database: Path
    forms: list[Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if not request.is_navigation_request():
            return
        if request.method == "POST":
            self.forms.append(request)

    def fail(self, request: Request) -> None:
        if request.is_navigation_request():
            self.faults.append(f"{request.method} {request.url}: {request.failure}")

    def look(self) -> tuple[str, str]:
        """Return what page this is: its path and its heading."""
        return self.look_at(self.page)

    def look_at(self, page: Page) -> tuple[str, str]:
        """Return what page this is, and close it where it is a tab of its own."""
        found = urlsplit(page.url).path, page.locator("h1").first.inner_text()
        if page is not self.page:
            page.close()
        assert self.faults == []
        return found

    def forgets_portal(self, row: FlowPage) -> bool:
        return row.of_portal and "context" not in self.page.content()

    def everything(self) -> list[str]:
        """Return every row that the hub keeps, but for what may vanish."""
        with closing(sqlite3.connect(self.database)) as connection:
            return [line for line in connection.iterdump() if '"ephemeral"' not in line]


Action = Callable[[Seen], Page]


def reload(seen: Seen) -> Page:
    answer = seen.page.reload()
    assert answer is not None
    assert answer.request.method == "GET"
    return seen.page


def back_and_forward(seen: Seen) -> Page:
    seen.page.go_back()
    seen.page.go_forward()
    return seen.page


def address_typed(seen: Seen) -> Page:
    seen.page.goto(seen.page.url)
    return seen.page


def second_tab(seen: Seen) -> Page:
    tab = seen.page.context.new_page()
    tab.goto(seen.page.url)
    return tab


def after_a_break(seen: Seen) -> Page:
    seen.hub.clock.move(BREAK)
    return reload(seen)


ACTIONS: dict[str, Action] = {
    "reload": reload,
    "back then forward": back_and_forward,
    "the address typed again": address_typed,
    "a second tab": second_tab,
}


@pytest.fixture
def reach(windows, front: Front, easy_hub: Hub, tmp_path: Path):
    """Return how a page is reached in Chromium: by the button of the page before it."""
    tabs: list[Page] = []

    def walk(row: FlowPage, *, scripts: bool = True) -> Seen:
        citizen, window = easy_hub.browser(), windows[scripts]
        before = row.before(citizen)
        front.hub = easy_hub
        window.clear_cookies()
        window.add_cookies([_cookie(one, front) for one in citizen.client._cookies.values()])
        tab = window.new_page()
        tabs.append(tab)
        seen = Seen(easy_hub, front, tab, tmp_path / "hub0.sqlite3")
        tab.on("request", seen.note)
        tab.on("requestfailed", seen.fail)
        tab.goto(front.at("/guide"))
        tab.goto(front.at(address(before)))
        if row.form:
            _press(tab, row, easy_hub)
        return seen

    yield walk
    for tab in tabs:
        tab.close()


def _cookie(cookie, front: Front) -> dict[str, str]:
    return {"name": cookie.key, "value": cookie.value, "url": front.at("/")}


def _press(page: Page, row: FlowPage, hub: Hub) -> None:
    form = page.locator(f'main form[action="{row.form}"]')
    fields = {name: hub.take_code() if is_ == CODE else is_ for name, is_ in row.fields.items()}
    form.evaluate(FILL, fields)
    with page.expect_navigation():
        form.locator("button[type=submit]").first.click()


def every_page(test):
    return pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)(test)


@every_page
def test_a_page_stays_whatever_is_done_to_it(reach, row: FlowPage):
    seen = reach(row)
    there = seen.look()
    found = {action: seen.look_at(do(seen)) for action, do in ACTIONS.items()}
    assert found == dict.fromkeys(ACTIONS, there)
    assert not seen.forgets_portal(row)


@every_page
def test_a_page_stays_without_scripts_and_after_a_break(reach, row: FlowPage):
    seen = reach(row, scripts=False)
    there = seen.look()
    reload(seen)
    assert seen.look() == there
    after_a_break(seen)
    assert seen.look()[1] == (row.later or there[1])


@pytest.mark.parametrize("row", [row for row in PAGES if row.form], ids=lambda row: row.name)
def test_a_form_that_comes_twice_has_one_effect_and_one_answer(reach, row: FlowPage):
    seen = reach(row)
    form, before = seen.forms[-1], seen.everything()
    again = seen.page.context.request.post(
        form.url,
        data=form.post_data_buffer,
        headers={"Content-Type": form.headers["content-type"]},
    )
    assert again.url == seen.page.url
    assert seen.everything() == before
