"""An organisation's names, mark and colours come by configuration."""

import re
from pathlib import Path

import pytest

from tests.web.hub import ORIGIN, words

OWN = """
[brand]
organisation = "سازمان نمونه"
portal = "درگاه نمونه"
colour = "#7a1f5c"
support = "راهنمایی: ۱۴۲۰"
"""


@pytest.fixture
def own(make_hub):
    """A hub with names and colours of its own."""
    return make_hub(OWN)


def test_own_names_stand_in_the_head(own):
    shown = words(own.browser().get("/login"))
    assert "سازمان نمونه" in shown
    assert "درگاه نمونه" in shown


def test_the_support_stands_at_the_foot(own):
    assert "راهنمایی: ۱۴۲۰" in words(own.browser().get("/login"))


def test_own_colours_come_after_the_stylesheet(own):
    page = own.browser().get("/login").text
    address = re.search(r'href="(/brand/colours-\w+\.css)"', page)
    assert address
    assert page.index("hub.css") < address.start()
    sheet = own.app.test_client().get(address.group(1), base_url=ORIGIN)
    assert (sheet.mimetype, sheet.text[:21]) == ("text/css", ":root{--brand:#7a1f5c")


def test_without_own_colours_no_further_sheet_is_asked_for(hub):
    assert "/brand/" not in hub.browser().get("/login").text


def test_an_own_mark_replaces_ours(make_hub, tmp_path: Path):
    mark = tmp_path / "own.svg"
    mark.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    hub = make_hub(f'[brand]\nmark = "{mark}"\n')
    address = re.search(r'src="(/brand/mark-\w+)"', hub.browser().get("/login").text)
    assert address
    picture = hub.app.test_client().get(address.group(1), base_url=ORIGIN)
    assert picture.mimetype == "image/svg+xml"
    assert "sandbox" in picture.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/brand/colours-x.css", "/brand/mark-x"])
def test_another_version_is_not_there(own, path):
    assert own.app.test_client().get(path, base_url=ORIGIN).status_code == 404
