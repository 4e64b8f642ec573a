"""What a browser posted: every field once, of bearable size, parsed by the rules' value types."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from flask import abort, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from idp.domain.errors import Invalid
from idp.domain.persian.digits import to_ascii
from idp.web.words import messages

LONGEST = 300
"""Characters of a field; far above every rule's own limit."""

_FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn"})
_BLANKS = "\t\n\r"
_REPLACEMENT = "\ufffd"
"""What is left of bytes that are no UTF-8, lone surrogates among them."""

Value = TypeVar("Value")


FORM_TYPE = "application/x-www-form-urlencoded"


def refuse_unreadable() -> None:
    """Answer 400 to a form whose text is no UTF-8; the library would quote it and go on.

    Runs before anything reads the form. Lone surrogates are no UTF-8 either (RFC 3629, 3).
    """
    if request.mimetype != FORM_TYPE:
        return
    try:
        unquote_to_bytes(request.get_data(cache=True)).decode("utf-8")
    except UnicodeDecodeError:
        abort(400)


class Submitted:
    """The fields of one form, and what is wrong with them.

    Errors are sentences by field name. A field that was sent twice is no form of ours: 400.
    """

    def __init__(self, form: MultiDict[str, str] | None = None) -> None:
        self._form = ImmutableMultiDict(form or {})
        self.errors: dict[str, list[str]] = {}
        self._labels: dict[str, str] = {}
        self.codes: list[list[str]] = []
        """Errors that a code of ``words.messages`` names, so that any language can tell them."""
        self._good: set[str] = set()
        if any(len(values) > 1 for _, values in self._form.lists()):
            abort(400)

    @property
    def is_good(self) -> bool:
        """True while no field has an error."""
        return not self.errors

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """Every error with its field, for the list above the form.

        Among several, a sentence that does not name its field gets the label in front.
        """
        listed = [(name, one) for name, sentences in self.errors.items() for one in sentences]
        return (
            listed if len(listed) == 1 else [(name, self._named(name, one)) for name, one in listed]
        )

    def _named(self, name: str, sentence: str) -> str:
        label = self._labels.get(name, "")
        return sentence if label.casefold() in sentence.casefold() else f"{label}: {sentence}"

    def number(self, name: str) -> str:
        """Return what was typed into a number field, to be shown again in ASCII digits."""
        return to_ascii(self.value(name))

    def value(self, name: str) -> str:
        """Return what was typed, to be shown again; nothing when it cannot be shown."""
        typed = self._form.get(name, "")
        return typed if _problem(typed) is None else ""

    def was_good(self, name: str) -> bool:
        """Tell whether the field was sent and is right (it then gets its mark)."""
        return name in self._good and name not in self.errors

    def text(self, name: str, label: str) -> str:
        """Return the field's text; an impossible one is an error of the field, and empty."""
        typed = self._form.get(name, "")
        self._labels[name] = label
        problem = _problem(typed)
        if problem is None:
            return typed
        self.refuse(name, messages.text(problem, field=label))
        return ""

    def required(self, name: str, label: str) -> str:
        """Return the field's text; an empty or impossible one is an error of the field."""
        typed = self.text(name, label)
        if not typed and name not in self.errors:
            self.refuse(name, messages.text("N05", field=label))
        return typed

    def parse(self, name: str, label: str, parser: Callable[[str], Value]) -> Value | None:
        """Return the value that ``parser`` makes of the field, or None with an error noted."""
        typed = self.text(name, label)
        if name in self.errors:
            return None
        return self.attempt(name, label, lambda: parser(typed))

    def attempt(self, name: str, label: str, make: Callable[[], Value]) -> Value | None:
        """Return what ``make`` makes of several fields, or None with an error noted at ``name``."""
        self._labels[name] = label
        try:
            value = make()
        except Invalid as error:
            self.refuse(name, messages.of_field(error, label))
            return None
        self._good.add(name)
        return value

    def typed(self) -> dict[str, str]:
        """Return every field that can be shown again."""
        return {name: self.value(name) for name in self._form}

    def good(self) -> frozenset[str]:
        """Return the fields that are right."""
        return frozenset(self._good)

    def labels(self) -> dict[str, str]:
        """Return the labels of the fields that have an error."""
        return {name: label for name, label in self._labels.items() if name in self.errors}

    def restore(
        self, errors: Mapping[str, list[str]], labels: Mapping[str, str], good: Iterable[str]
    ) -> None:
        """Take over what was wrong and right with the form when it was refused."""
        self._labels = dict(labels)
        self.errors = {name: list(sentences) for name, sentences in errors.items()}
        self._good = set(good)

    def name_fields(self, labels: Mapping[str, str]) -> None:
        """Take over the labels of fields that have none yet."""
        self._labels = {**labels, **self._labels}

    def tell(self, name: str, code: str) -> None:
        """Note an error of the field by the code of its message."""
        self.codes.append([name, code])
        self.refuse(name, messages.text(code))

    def refuse(self, name: str, sentence: str) -> None:
        """Note an error of the field."""
        self.errors.setdefault(name, []).append(sentence)

    def arrange(self, *names: str) -> None:
        """Put the errors into the order of ``names``, which is the page's; others come last."""
        self.errors = {
            **{name: self.errors[name] for name in names if name in self.errors},
            **self.errors,
        }

    def approve(self, name: str) -> None:
        """Mark the field as right."""
        self._good.add(name)


def _problem(typed: str) -> str | None:
    """Return the code of what makes a text impossible in any field, or None."""
    if len(typed) > LONGEST:
        return "too_long"
    if any(map(_is_impossible, typed)):
        return "characters"
    return None


def _is_impossible(character: str) -> bool:
    if character in _BLANKS:
        return False
    return character == _REPLACEMENT or unicodedata.category(character) in _FORBIDDEN
