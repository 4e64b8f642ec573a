"""``make pictures``: takes the pictures of the guide anew. Pytest runs it where it is named."""

import json
import struct

import pytest

from idp.web.guide import pictures
from tests.architecture.sources import ROOT
from tests.web.frame.guide_camera import SHARPNESS, frames, take
from tests.web.frame.small_png import Press

FOLDER = ROOT / "idp" / "web" / "static" / pictures.FOLDER


@pytest.mark.browser
def test_take_the_pictures_of_the_guide(chromium, make_hub):
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    press, manifest = Press(chromium), {}
    for frame in frames(make_hub):
        for wide in (False, True) if frame.screen.has_wide else (False,):
            png = take(chromium, press, frame, wide=wide)
            (FOLDER / f"{frame.name(wide=wide)}.png").write_bytes(png)
            manifest[frame.name(wide=wide)] = {
                **dict(zip(("width", "height"), size_of(png), strict=True)),
                "fingerprint": frame.fingerprint(),
            }
    (FOLDER / "pictures.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height on the page, from the header of the file."""
    width, height = struct.unpack_from(">II", png, 16)
    return round(width / SHARPNESS), round(height / SHARPNESS)
