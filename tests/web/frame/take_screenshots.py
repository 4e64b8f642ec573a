"""``make screenshots``: every page and state into docs/generated/screens, and the contact sheet."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.architecture.sources import ROOT
from tests.web.frame import contact_sheet
from tests.web.frame.small_png import Press
from tests.web.frame.stage import Stage, staged
from tests.web.tour import VISITS
from tests.web.visits import name_of

FOLDER = ROOT / "docs" / "generated" / "screens"
OF = os.environ.get("OF", "")
"""Only pages whose name has this in it; nothing: all, and pictures of no page go."""
LANGUAGES, SCHEMES = ("fa", "en"), ("light", "dark")
SIZES = {360: (780, 1), 1280: (800, 0.5)}
"""By width: the height of the screen, and the points of the picture for each of the page."""
TALLEST = {"light": 2600, "dark": 700}
"""Where a long page is cut; in dark its beginning shows all that light does not."""
TALL = "document.documentElement.scrollHeight"
COLOURS = {"light": 10, "dark": 8}
"""Enough to judge a page by."""

ALL_THERE = """() => Promise.all([
  document.fonts.ready,
  ...[...document.images].map((one) => { one.loading = "eager"; return one.decode(); }),
]).then(() => true)"""


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_take_the_screenshots(chromium, make_hub, language):
    folder = FOLDER / language
    if not OF:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    press = Press(chromium)
    for visit in (one for one in VISITS if OF in name_of(one)):
        citizen = make_hub().browser()
        citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
        answer = visit.walk(citizen)
        for width, (height, sharpness) in SIZES.items():
            size = {"width": width, "height": height}
            options = {"viewport": size, "device_scale_factor": sharpness}
            with staged(chromium, citizen, **options) as stage:
                stage.show(answer)
                for scheme, png in looks(stage, width):
                    name = contact_sheet.file_of(name_of(visit), width, scheme)
                    (folder / name).write_bytes(press.press(png, colours=COLOURS[scheme]))
    (ROOT / "docs" / "generated" / "screens.md").write_text(contact_sheet.written(), "utf-8")


@pytest.mark.browser
def test_take_the_picture_of_the_readme(chromium, make_hub):
    page, file = contact_sheet.OF_README
    for visit in (one for one in VISITS if OF in page and name_of(one) == page):
        citizen = make_hub().browser()
        answer = visit.walk(citizen)
        with staged(chromium, citizen, viewport={"width": 1280, "height": 800}) as stage:
            stage.show(answer)
            _, png = next(looks(stage, 1280))
            (FOLDER / file).write_bytes(Press(chromium).press(png))


def looks(stage: Stage, width: int) -> Iterator[tuple[str, bytes]]:
    """Yield each colour scheme and the picture of the page in it."""
    stage.page.evaluate(ALL_THERE)
    for scheme in SCHEMES:
        stage.page.emulate_media(color_scheme=scheme)
        tall = min(TALLEST[scheme], stage.page.evaluate(TALL))
        clip = {"x": 0, "y": 0, "width": width, "height": tall}
        yield scheme, stage.page.screenshot(full_page=True, clip=clip, animations="disabled")
