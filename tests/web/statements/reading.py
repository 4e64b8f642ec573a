"""What the checks of the guide's statements read on a page."""

import html
import json
import re
from pathlib import Path

from werkzeug.test import TestResponse

DATA = Path(__file__).parents[2] / "data"
_GUIDE = json.loads((DATA / "guide_texts.json").read_text("utf-8"))
TEXTS = {row["id"]: row["text"] for row in (*_GUIDE["screens"], *_GUIDE["guide_page"])}
SMS = {row["id"]: row for row in json.loads((DATA / "sms.json").read_text("utf-8"))["cases"]}


def plain(markup: str) -> str:
    """Return the words of some markup, white space collapsed."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def main(page: TestResponse) -> str:
    """Return the words of the page without its head and foot."""
    found = re.search(r"<main\b.*?</main>", page.text, re.DOTALL)
    assert found
    return plain(found[0])


def masthead(page: TestResponse) -> str:
    found = re.search(r"<header\b.*?</header>", page.text, re.DOTALL)
    assert found
    return plain(found[0])


def foot(page: TestResponse) -> str:
    found = re.search(r"<footer\b.*?</footer>", page.text, re.DOTALL)
    assert found
    return plain(found[0])


def title(page: TestResponse) -> str:
    found = re.findall(r"<h1\b.*?</h1>", page.text, re.DOTALL)
    assert len(found) == 1
    return plain(found[0])


def element(page: TestResponse, element_id: str) -> str:
    """Return the start tag that has this id."""
    found = re.search(rf'<\w+\b[^>]*\bid="{re.escape(element_id)}"[^>]*>', page.text)
    assert found, f"nothing is {element_id}"
    return found[0]


def place(page: TestResponse, element_id: str) -> int:
    return page.text.index(element(page, element_id))


def value(page: TestResponse, element_id: str, attribute: str = "value") -> str:
    found = re.search(rf'\b{attribute}="([^"]*)"', element(page, element_id))
    return html.unescape(found[1]) if found else ""


def label(page: TestResponse, field: str) -> str:
    """Return what the field is called: its label, or the legend of its boxes."""
    pattern = rf'<label\b[^>]*\bfor="{field}"[^>]*>(.*?)</label>'
    boxes = rf'<fieldset\b[^>]*\bid="{field}"[^>]*>\s*<legend>(.*?)</legend>'
    found = re.search(pattern, page.text, re.DOTALL) or re.search(boxes, page.text, re.DOTALL)
    assert found, f"{field} has no label"
    return plain(found[1])


def options(page: TestResponse, field: str) -> list[str]:
    """Return the words of a list, in its order."""
    found = re.search(rf'<select\b[^>]*\bid="{field}".*?</select>', page.text, re.DOTALL)
    assert found, f"{field} is no list"
    return [plain(one) for one in re.findall(r"<option\b.*?</option>", found[0], re.DOTALL)]


def hint(page: TestResponse, field: str) -> str:
    found = re.search(rf'<p class="hint" id="{field}-hint">(.*?)</p>', page.text, re.DOTALL)
    assert found, f"{field} has no hint"
    return plain(found[1])


def buttons(page: TestResponse) -> list[str]:
    found = re.search(r"<main\b.*?</main>", page.text, re.DOTALL)
    assert found
    return [plain(one) for one in re.findall(r"<button\b.*?</button>", found[0], re.DOTALL)]


def links(page: TestResponse, list_class: str) -> list[tuple[str, str]]:
    """Return words and path of the links of a list."""
    found = re.search(rf'<ul class="{list_class}">.*?</ul>', page.text, re.DOTALL)
    assert found
    pairs = re.findall(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', found[0], re.DOTALL)
    return [(plain(words), html.unescape(href).partition("?")[0]) for href, words in pairs]


def notices(page: TestResponse) -> list[str]:
    found = re.search(r'<section class="notices">.*?</section>', page.text, re.DOTALL)
    assert found
    return [plain(one) for one in re.findall(r"<li\b.*?</li>", found[0], re.DOTALL)]


def rules(page: TestResponse) -> list[str]:
    """Return the rules for passwords, with their heading first."""
    found = re.search(r'<(\w+) class="rules.*?</\1>', page.text, re.DOTALL)
    assert found
    lines = re.findall(r"<(?:p|li|h\d)\b.*?</(?:p|li|h\d)>", found[0], re.DOTALL)
    return [plain(one) for one in lines]


def is_marked_right(page: TestResponse, field: str) -> bool:
    return f'id="{field}-good"' in page.text


def is_refused(page: TestResponse, field: str) -> bool:
    return f'id="{field}-error"' in page.text


def summary(page: TestResponse) -> str:
    found = re.search(r'<div class="summary\b.*?</div>', page.text, re.DOTALL)
    assert found
    return plain(found[0])
