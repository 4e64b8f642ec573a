"""Brings ``translations/en.po`` up to date: ``make translations`` runs it.

What is translated stays. New sentences come in empty, sentences that changed keep their old
English and the mark ``fuzzy``, and what no page says any more leaves. Nothing in the file depends
on when it was written, and a sentence names the file that it stands in, never the line.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from idp import resources
from idp.web.guide import page
from idp.web.registration import choices
from idp.web.words import guide_texts

ROOT = Path(__file__).resolve().parents[1]
PERSIAN = re.compile("[\u0600-\u06ff]")
WIDTH = 100
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
METHODS = {
    "templates": [("**.html", "jinja2.ext:babel_extract")],
    "idp/web": [("**.py", "python")],
}
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}
HEADER = rb"""# English of the pages. Persian is the source: msgid is what Persian readers see.
# docs/develop/translating.md says how to work on this file; `make translations` updates it.
msgid ""
msgstr ""
"Project-Id-Version: tamin-account\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Language: en\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""


def collected() -> Catalog:
    """Return every Persian sentence that a page can say, each with the files that it stands in."""
    found = Catalog(locale="en")
    for text, place in (*_marked(), *_listed()):
        if PERSIAN.search(text if isinstance(text, str) else text[0]):
            found.add(text, locations=[(place, 0)])
    return found


def brought_up_to_date(catalogue: bytes) -> bytes:
    """Return the catalogue with the sentences of today, and what it has of their English."""
    kept, written = read_po(BytesIO(catalogue), locale="en"), BytesIO()
    kept.update(collected())
    write_po(
        written,
        kept,
        width=WIDTH,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return HEADER + written.getvalue().strip() + b"\n"


def main() -> None:
    """Rewrite the catalogue in its place, and say how much is left to do."""
    path = resources.catalogue("en")
    written = brought_up_to_date(path.read_bytes())
    path.write_bytes(written)
    sentences = list(filter(lambda one: one.id, read_po(BytesIO(written), locale="en")))
    left = sum(not one.string or one.fuzzy for one in sentences)
    sys.stdout.write(f"{len(sentences)} sentences, {left} to translate or to look at\n")


def _marked() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Yield what templates and the code of the pages mark."""
    for folder, methods in METHODS.items():
        rows = extract_from_dir(ROOT / folder, methods, OPTIONS, KEYWORDS)
        yield from ((text, f"{folder}/{name}") for name, _, text, _, _ in rows)


def _listed() -> Iterator[tuple[str, str]]:
    """Yield the guide's words, those of the rules' lists, of the settings, and of SMS on pages."""
    yield from ((text, "idp/web/guide_texts.json") for text in guide_texts.every_text())
    yield from ((text, "idp/web/registration/choices.py") for text in choices.every_text())
    yield from ((resources.sms_text(one), f"templates/sms/{one}.txt") for one in page.SMS)
    pages = tomllib.loads(resources.default_settings().read_text("utf-8"))["pages"]
    yield pages["footer_label"], "config/default.toml"


if __name__ == "__main__":
    main()
