"""Where things stand: the on-screen keyboard, the boxes of a row on a desk, a page on paper."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web import tour_of_account, tour_of_registration, tour_of_sign_in
from tests.web.frame.stage import Stage, staged

pytestmark = [pytest.mark.slow, pytest.mark.browser]

KEYS = """() => [...document.querySelectorAll(".keyboard div")].map((row) => {
  const keys = [...row.children].map((key) => key.getBoundingClientRect());
  const lines = new Set(keys.map(({ top }) => Math.round(top))).size;
  const sizes = (of) => Math.min(...keys.map(of));
  return [lines, sizes(({ width }) => width), sizes(({ height }) => height)];
})"""
UNEVEN = """() => {
  const fields = [...document.querySelectorAll(".pair > .field")];
  const control = (field) => [...field.querySelectorAll("input, select")]
    .find((one) => one.getClientRects().length > 0);
  const top = (one) => Math.round(one.getBoundingClientRect().top);
  const found = [];
  for (const one of fields)
    for (const other of fields)
      if (one !== other && top(one) === top(other)
          && Math.abs(top(control(one)) - top(control(other))) > 1)
        found.push(`${control(one).id} and ${control(other).id}`);
  return found;
}"""
ROWS_AT_A_DESK = "() => [...document.querySelectorAll('.pair > .field')].length"
LINKS_OF_ERRORS = """() => [...document.querySelectorAll(".summary a")]
  .flatMap((one) => [...one.getClientRects()].map(({ height }) => height))"""
CLIPPED_LISTS = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("select")].filter((one) => {
    const style = getComputedStyle(one);
    pen.font = style.font;
    const words = one.options[0].textContent.trim();
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return one.clientWidth > 0 && pen.measureText(words).width > room;
  }).map((one) => one.id);
}"""
"""The lists whose first words, those of an empty choice, are wider than their box."""
LETTERS = """(kind) => [...document.querySelectorAll(kind)]
  .map((one) => parseFloat(getComputedStyle(one).fontSize))"""


@pytest.fixture
def stage(chromium, hub) -> Iterator[Stage]:
    with staged(chromium, hub.browser(), viewport={"width": 360, "height": 780}) as opened:
        yield opened


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_row_of_the_on_screen_keyboard_stays_one_row(stage, width):
    stage.page.set_viewport_size({"width": width, "height": 780})
    page = stage.show(tour_of_sign_in.the_login_page(stage.citizen))
    page.get_by_role("button", name="صفحه کلید مجازی").press("Enter")
    for lines, narrowest, lowest in page.evaluate(KEYS):
        assert lines == 1
        assert narrowest >= 24  # WCAG 2.5.8
        assert lowest >= 44


@pytest.mark.parametrize(
    "visit", [tour_of_registration.a_wrong_first_step, tour_of_registration.a_wrong_second_form]
)
def test_a_link_of_the_errors_is_as_high_as_a_finger_needs(stage, visit):  # WCAG 2.5.8
    page = stage.show(visit(stage.citizen))
    heights = page.evaluate(LINKS_OF_ERRORS)
    assert heights
    assert min(heights) >= 24


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_words_of_a_list_have_room_in_its_box(stage, language):
    stage.citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    assert page.evaluate(CLIPPED_LISTS) == []


def test_the_contents_of_the_guide_lead_into_it(stage):
    page = stage.show(stage.citizen.get("/guide"))
    links = page.locator(".contents a")
    assert links.count() == 8
    for link in links.all():
        expect(page.locator(link.get_attribute("href"))).to_have_count(1)


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(
    "visit", [tour_of_registration.the_second_form, tour_of_registration.a_wrong_second_form]
)
def test_the_boxes_of_a_row_stand_at_one_height_on_a_desk(stage, visit, language):
    stage.citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
    stage.page.set_viewport_size({"width": 1280, "height": 780})
    page = stage.show(visit(stage.citizen))
    assert page.evaluate(ROWS_AT_A_DESK) > 10
    assert page.evaluate(UNEVEN) == []


@pytest.fixture
def paper(stage: Stage) -> Page:
    stage.page.emulate_media(media="print")
    return stage.show(tour_of_account.the_whole_record(stage.citizen))


def test_paper_says_whose_page_it_is_and_has_nothing_to_press(paper):
    expect(paper.locator(".organisation")).to_be_visible()
    expect(paper.locator(".mark")).to_be_visible()
    expect(paper.locator("main")).to_contain_text("127.0.0.1:8000")
    for what in (".switch", ".sign-out", ".foot", ".account-nav"):
        expect(paper.locator(what)).to_be_hidden()


def test_the_smallest_headings_on_paper_are_the_smallest(paper):
    (largest,) = paper.evaluate(LETTERS, "h1")
    assert largest > max(paper.evaluate(LETTERS, "h2"))
    assert min(paper.evaluate(LETTERS, "h2")) > max(paper.evaluate(LETTERS, "h3"))
