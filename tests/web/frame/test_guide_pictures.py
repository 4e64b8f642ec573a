"""The guide's eleven pictures stand where the guide has them, and show the screens of today."""

import json
import re
from pathlib import Path

import pytest

from idp.web.guide import pictures
from tests.architecture.sources import ROOT
from tests.web.frame.guide_camera import frames

GUIDE = json.loads((Path(__file__).parents[2] / "data" / "guide_texts.json").read_text("utf-8"))
FOLDER = ROOT / "idp" / "web" / "static" / pictures.FOLDER
SMALL = 60_000
PICTURE = re.compile(r"<img src=\"/static/guide/([^\"?]+)\.png\?v=\w+\"(.*?)>", re.DOTALL)


def shown(page) -> list[tuple[str, str]]:
    return PICTURE.findall(page.get_data(as_text=True))


def screen_of(words: str) -> str:
    """«S3 with its three callouts» is of the screen S3."""
    return words.split(maxsplit=1)[0].rstrip(",")


def test_no_picture_is_of_a_screen_of_yesterday(make_hub):
    taken = {name: row["fingerprint"] for name, row in pictures.manifest().items()}
    wanted = {}
    for frame in frames(make_hub):
        for wide in (False, True) if frame.screen.has_wide else (False,):
            wanted[frame.name(wide=wide)] = frame.fingerprint()
    stale = sorted(name for name in {*wanted, *taken} if wanted.get(name) != taken.get(name))
    assert stale == [], "run `make pictures`"


def test_the_pictures_of_the_list_are_there_and_no_other():
    there = {path.stem for path in FOLDER.glob("*.png")}
    assert there == set(pictures.manifest())


@pytest.mark.parametrize("name", sorted(pictures.manifest()))
def test_a_picture_is_small(name):
    assert (FOLDER / f"{name}.png").stat().st_size < SMALL


@pytest.mark.parametrize("guide", [False, True], ids=["default", "guide to the letter"])
def test_the_guide_has_its_eleven_pictures_in_its_order(make_hub, guide):
    wanted = [screen_of(row["picture"]) for row in GUIDE["guide_page"] if "picture" in row]
    page = make_hub(guide=guide).browser().get("/guide")
    assert len(wanted) == 11
    assert [name.split("-")[0] for name, _ in shown(page)] == wanted


def test_a_picture_stands_below_the_sentence_that_speaks_of_it(hub):
    markup = hub.browser().get("/guide").get_data(as_text=True)
    for row in GUIDE["guide_page"]:
        if "picture" in row:
            after = markup.split(row["text"])[1]
            assert after.split("<p>")[0].count("<img") == 1, row["id"]


def test_every_picture_has_its_size_and_is_said_in_words(hub):
    for _, attributes in shown(hub.browser().get("/guide")):
        assert re.search(
            r'width="\d+"\s+height="\d+"\s+alt="[^"]{20,}"\s+loading="lazy"', attributes
        )


def test_the_guide_in_english_shows_english_screens(hub):
    browser = hub.browser()
    browser.client.set_cookie("hub_language", "en", domain="127.0.0.1")
    assert {"-en" in name for name, _ in shown(browser.get("/guide"))} == {True}


def test_the_guides_way_shows_a_registration_without_a_code(guide_hub):
    names = [name for name, _ in shown(guide_hub.browser().get("/guide"))]
    assert "S2-fa-guide" in names
    assert "S1-fa" in names  # the same in both ways, kept once
