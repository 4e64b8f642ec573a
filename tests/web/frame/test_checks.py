"""The checks of a page find what is wrong: a page that is well proves little without that."""

from collections.abc import Iterator

import pytest

from tests.web.frame import checks
from tests.web.frame.stage import Stage, staged

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SOUND = """<html lang="fa"><title>صفحه</title>
<style>h1 { color: #000; background: #fff } %s</style><main><h1>صفحه</h1>%s</main>"""


@pytest.fixture
def stage(chromium, hub) -> Iterator[Stage]:
    with staged(chromium, hub.browser()) as opened:
        yield opened


def test_axe_finds_nothing_in_a_sound_page(stage):
    stage.page.set_content(SOUND % ("", ""))
    assert list(checks.axe(stage)) == []


def test_axe_names_a_picture_without_words(stage):
    stage.page.set_content(SOUND % ("", '<img src="data:,">'))
    assert list(checks.axe(stage)) == ['axe, light: image-alt: <img src="data:,">']


def test_axe_names_what_is_pale_in_the_dark_alone(stage):
    stage.page.set_content(
        SOUND % ("@media (prefers-color-scheme: dark) { h1 { color: #ddd } }", "")
    )
    assert list(checks.axe(stage)) == ["axe, dark: color-contrast: <h1>صفحه</h1>"]


ON_A_GRADIENT = """h1 {
  background: #fff linear-gradient(90deg, transparent 50%%, #000 50%%) no-repeat;
  background-size: 4px 4px; color: %s }"""


def test_words_on_a_gradient_are_judged_by_their_own_ground(stage):
    stage.page.set_content(SOUND % (ON_A_GRADIENT % "#333", ""))
    assert list(checks.axe(stage)) == []


def test_words_on_a_gradient_that_are_pale_stay_undecided(stage):
    stage.page.set_content(SOUND % (ON_A_GRADIENT % "#ccc", ""))
    assert [one.partition(": <")[0] for one in checks.axe(stage)] == [
        "axe, light: undecided color-contrast",
        "axe, dark: undecided color-contrast",
    ]


SPACED = """* {{ margin: 0 }} .button {{ display: block }} .button + p {{ margin-top: {button}px }}
p + p {{ margin-top: {text}px }}"""
CARD = """<div class="card"><p>اول</p><p>دوم</p>
<button class="button">سوم</button><p>چهارم</p></div>"""


@pytest.mark.parametrize(
    ("button", "text", "found"),
    [
        (8, 4, set()),
        (7, 4, {"glued to a button: چهارم"}),
        (8, 3, {"glued: دوم"}),
    ],
)
def test_text_that_is_glued_to_what_is_above_is_named(stage, button, text, found):
    styles = SPACED.format(button=button, text=text)
    stage.page.set_content(SOUND % (styles, CARD))
    assert {one.partition("px: ")[2] for one in checks.width(stage)} == found
