"""docs/generated/screens.md has every page and state, and every picture is there, small."""

from tests.architecture.sources import ROOT
from tests.web.frame import contact_sheet
from tests.web.tour import VISITS
from tests.web.visits import name_of

FOLDER = ROOT / "docs" / "generated" / "screens"
MEAN_BYTES = 8_400
"""Of a picture: the sheet grows with the pages, and no picture with it."""


def test_the_sheet_shows_the_pages_of_the_tour():
    sheet = (ROOT / "docs" / "generated" / "screens.md").read_text("utf-8")
    assert sheet == contact_sheet.written(), "run `make screenshots`"


def test_every_picture_of_the_sheet_is_there_and_no_other():
    wanted = {
        f"{language}/{contact_sheet.file_of(name_of(visit), *look)}"
        for language in contact_sheet.LANGUAGES
        for visit in VISITS
        for look in contact_sheet.LOOKS
    }
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.png")}
    assert there == wanted, "run `make screenshots`"


def test_the_readme_shows_a_page_of_the_tour():
    page, file = contact_sheet.OF_README
    assert page in {name_of(visit) for visit in VISITS}
    assert f"(docs/generated/screens/{file})" in (ROOT / "README.md").read_text("utf-8")


def test_no_two_states_share_a_picture():
    names = [contact_sheet.file_of(name_of(visit), 360, "light") for visit in VISITS]
    assert len(set(names)) == len(names)


def test_the_pictures_are_small():
    sizes = [path.stat().st_size for path in FOLDER.rglob("*.png")]
    assert sum(sizes) < MEAN_BYTES * len(sizes)
