"""The English catalogue says everything that the pages say, whole, and no page says more."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from idp import resources
from idp.web.account.history import EVENTS
from tests.architecture.sources import ROOT, sources
from translations import collect

PERSIAN = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
PIECES = re.compile(r"\{\w+\}|%\(\w+\)s|</?\w+[^>]*>|& % \$ # !|[a-z]+(?:\.[a-z]+)+|\(EN\)")
"""Blanks and elements, and what a template looks for in a sentence or prints as it stands."""
TRANSLATING = {"_", "gettext", "ngettext", "mark"}


def catalogue() -> Catalog:
    return read_po(BytesIO(resources.catalogue("en").read_bytes()), locale="en")


def sentences(among: Catalog | None = None) -> list[Message]:
    return [message for message in among or catalogue() if message.id]


def english(message: Message) -> str:
    return message.string if isinstance(message.string, str) else " ".join(message.string)


def persian(message: Message) -> str:
    return message.id if isinstance(message.id, str) else " ".join(message.id)


def wrong(sentence: str, translation: str) -> bool:
    """Whether a blank, an element or a fixed piece was lost, added or changed."""
    return sorted(PIECES.findall(sentence)) != sorted(PIECES.findall(translation))


def test_no_sentence_is_missing():
    known = {message.id for message in sentences()}
    said = sentences(collect.collected())
    assert [message.id for message in said if message.id not in known] == []


def test_no_sentence_is_one_that_pages_no_longer_say():
    said = {message.id for message in sentences(collect.collected())}
    assert [message.id for message in sentences() if message.id not in said] == []


def test_the_file_keeps_no_sentence_of_the_past():
    assert list(catalogue().obsolete) == []


def test_every_sentence_has_its_english():
    assert [message.id for message in sentences() if not english(message).strip()] == []


def test_no_translation_waits_to_be_looked_at():
    assert [message.id for message in sentences() if message.fuzzy] == []


def test_no_translation_loses_a_blank():
    assert [one.id for one in sentences() if wrong(persian(one), english(one))] == []


def test_no_translation_has_persian_letters():
    assert [english(one) for one in sentences() if PERSIAN.search(english(one))] == []


def test_e_mail_is_spelled_one_way():
    assert [english(one) for one in sentences() if re.search(r"\bemail", english(one), re.I)] == []


def test_no_event_of_the_history_is_what_a_page_calls_the_deed():
    """English has two words where Persian has one: "Change password", "Password changed"."""
    places = {message.id: {place for place, _ in message.locations} for message in sentences()}
    shared = [event for event in EVENTS.values() if len(places[event]) > 1]
    assert shared == []


def test_no_translation_could_break_the_markup():
    """`_` trusts the catalogue, also within an attribute: quotes are typographic."""
    bare = [PIECES.sub("", english(one)) for one in sentences()]
    assert [text for text in bare if re.search(r"[<>\"&]|%(?!%)", text)] == []


def test_the_file_is_what_the_collector_writes():
    written = resources.catalogue("en").read_bytes()
    assert collect.brought_up_to_date(written) == written


def test_the_collector_keeps_what_is_translated_and_drops_what_is_past():
    before = BytesIO()
    past = Catalog(locale="en")
    past.add("نام", "My given name")
    past.add("جمله‌ای که دیگر هیچ صفحه‌ای نمی‌گوید و به هیچ جمله دیگری نمی‌ماند", "Gone")
    write_po(before, past)
    after = read_po(BytesIO(collect.brought_up_to_date(before.getvalue())), locale="en")
    assert (after["نام"].string, len(list(after.obsolete))) == ("My given name", 0)


@pytest.mark.parametrize(
    ("translation", "is_wrong"),
    [
        ("The list of {field} until %(moment)s", False),
        ("Until %(moment)s the list of {field}", False),
        ("The list of {fields} until %(moment)s", True),
        ("The list until %(moment)s", True),
        ("The list of <b>{field}</b> until %(moment)s", True),
    ],
)
def test_a_lost_blank_is_found(translation, is_wrong):
    assert wrong("فهرست {field} تا %(moment)s", translation) is is_wrong


def test_templates_say_nothing_that_the_catalogue_does_not_know():
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    folder = ROOT / "templates"
    found = [
        f"{path.relative_to(folder)}:{line} {text}"
        for path in sorted(folder.rglob("*.html"))
        for line, text in untranslated(environment.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_the_code_of_the_pages_says_nothing_that_the_catalogue_does_not_know():
    found = [
        f"{source.name} {node.value}"
        for source in sources()
        if source.is_below("idp/web/")
        for node in unmarked(source.tree)
    ]
    assert found == ["idp/web/http/languages.py فارسی"]  # on the switch, the same in both languages


def test_scripts_have_no_words_of_their_own():
    scripts = (ROOT / "idp" / "web" / "static").rglob("*.js")
    assert [path.name for path in scripts if PERSIAN.search(path.read_text("utf-8"))] == []


def untranslated(node: nodes.Node) -> Iterator[tuple[int, str]]:
    """Yield the Persian texts below a node that no translating call has around it."""
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in TRANSLATING:
        return
    text = node.data if isinstance(node, nodes.TemplateData) else getattr(node, "value", "")
    if isinstance(text, str) and PERSIAN.search(text):
        yield node.lineno, text.strip()
    for child in node.iter_child_nodes():
        yield from untranslated(child)


def unmarked(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the Persian texts below a node that nothing marks; docstrings are none."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATING:
        return
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in TRANSLATING:
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            if PERSIAN.search(child.value):
                yield child
        else:
            yield from unmarked(child)


@pytest.mark.parametrize(
    ("template", "count"),
    [
        ("<p>نام</p>", 1),
        ('{{ "نام" }}', 1),
        ('<p title="نام"></p>', 1),
        ('{{ _("نام") }}', 0),
        ("{% trans %}نام{% endtrans %}", 0),
        ("{# نام #}", 0),
    ],
)
def test_an_untranslated_text_of_a_template_is_found(template, count):
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    assert len(list(untranslated(environment.parse(template)))) == count
