"""The fields of our forms: WTForms reads them, the rules' value types parse what was typed."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, NoReturn, TypeVar, cast
from urllib.parse import unquote_to_bytes

from flask import abort, request
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import StopValidation

from idp.domain.errors import Invalid
from idp.domain.persian.digits import to_ascii
from idp.web.http.languages import gettext
from idp.web.words import messages

LONGEST = 300
"""Characters of a field; far above every rule's own limit."""
LONGEST_SEALED = 64 * 1024
"""Of what the hub sealed itself; the seal tells whether it is whole."""

_FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn"})
_BLANKS = "\t\n\r"
_REPLACEMENT = "\ufffd"
"""What is left of bytes that are no UTF-8, lone surrogates among them."""

Made = TypeVar("Made")


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


def refuse_doubled(form: MultiDict[str, str]) -> None:
    """Answer 400 to a form with a field that was sent twice: no page of ours sends one."""
    if any(len(values) > 1 for _, values in form.lists()):
        abort(400)


class Text(Field):
    """A text of bearable size.

    The label is Persian, as everywhere the source. ``text`` is what was typed, to be shown again;
    ``data`` is the value, good after the form's ``validate()``.
    """

    data: Any
    text: str
    errors: Sequence[str]
    process_errors: Sequence[str]
    is_kept: ClassVar[bool] = True
    """False where a refused form does not bring back what was typed."""

    def __init__(self, label: str = "", *, longest: int = LONGEST, **options: Any) -> None:
        super().__init__(label, **options)
        self.codes: list[str] = []
        """Errors that a code of ``words.messages`` names, so that any language can tell them."""
        self._longest = longest
        self._is_right = False
        self._problems: list[str] = []

    @property
    def words(self) -> str:
        """Return the label in the language of this page."""
        return gettext(self.label.text)

    @property
    def number(self) -> str:
        """Return what was typed into a number field, to be shown again in ASCII digits."""
        return to_ascii(self.text)

    @property
    def typed(self) -> Mapping[str, str]:
        """Return what was typed, by the name of each control."""
        return {self.name: self.text}

    @property
    def is_good(self) -> bool:
        """True for a field that was sent and is right; it then gets its mark."""
        return self._is_right and not self.errors

    @property
    def is_possible(self) -> bool:
        """True for a text that can stand in a field at all."""
        return not self._problems

    def process_data(self, value: str | None) -> None:
        """Take a text that the page fills in before anything was typed."""
        self.process_formdata([value or ""])

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed; nothing of what cannot be shown again."""
        self._problems = []
        self.text = self.data = self._possible(valuelist[0] if valuelist else "")

    def _possible(self, typed: str) -> str:
        problem = _problem(typed, self._longest)
        if problem is None:
            return typed
        self._problems.append(problem)
        return ""

    def pre_validate(self, form: Any) -> None:
        """Refuse a text that is impossible in any field."""
        for code in self._problems:
            self.tell(code)
        if not self.is_possible:
            raise StopValidation

    def approve(self) -> None:
        """Mark the field as right."""
        self._is_right = True

    def refuse(self, sentence: str) -> None:
        """Note an error."""
        self.errors = [*self.errors, sentence]

    def tell(self, code: str) -> None:
        """Note an error by the code of its message."""
        self.codes.append(code)
        self.refuse(messages.text(code, field=self.words))

    def stop(self, code: str) -> NoReturn:
        """Note an error that leaves nothing to check."""
        self.tell(code)
        raise StopValidation

    def restore(self, errors: Sequence[str], *, is_right: bool) -> None:
        """Take over what was wrong or right when the form was refused."""
        self.errors, self._is_right = errors, is_right

    def named(self, sentence: str) -> str:
        """Return the sentence with the label in front, unless it names its field."""
        return sentence if is_in(self.words, sentence) else f"{self.words}: {sentence}"


class Hidden(Text):
    """What the page wrote into its form, and writes anew when it is shown again."""

    is_kept = False


class Required(Text):
    """A text that must not be empty."""

    def pre_validate(self, form: Any) -> None:
        """Refuse an empty or impossible text."""
        super().pre_validate(form)
        if not self.text:
            self.stop("N05")


class Secret(Required):
    """A password or a code: never kept, not even sealed, never written back into a page."""

    is_kept = False


class Value(Text, ABC, Generic[Made]):
    """A field that the rules make a value of."""

    data: Made

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed; there is no value before ``validate()``."""
        super().process_formdata(valuelist)
        self.data = cast("Made", None)

    def pre_validate(self, form: Any) -> None:
        """Make the value, or tell what the rules say against it."""
        super().pre_validate(form)
        try:
            self.data = self.make(form)
        except Invalid as error:
            raise StopValidation(messages.of_field(error, self.words)) from None
        self.approve()

    @abstractmethod
    def make(self, form: Any) -> Made:
        """Return the value; raise Invalid for none."""


class Parsed(Value[Made]):
    """A text that one of the rules' value types parses."""

    def __init__(self, label: str, parse: Callable[[str], Made], **options: Any) -> None:
        super().__init__(label, **options)
        self._parse = parse

    def make(self, form: Any) -> Made:
        """Return the parsed text."""
        return self._parse(self.text)


class Parts(Value[Made]):
    """Several controls that are one value; errors and the mark are the group's."""

    names: ClassVar[tuple[str, ...]]
    """Of the controls; ``texts`` has what was typed into each."""

    def process(self, formdata: MultiDict[str, str] | None, *_: object, **kwargs: object) -> None:
        """Take what was typed into the controls."""
        sent: Mapping[str, str] = formdata if formdata is not None else {}
        self.process_errors = ()
        self._problems = []
        self.texts = {name: self._possible(sent.get(name, "")) for name in self.names}
        self.data = cast("Made", None)

    @property
    def typed(self) -> Mapping[str, str]:
        """Return what was typed, by the name of each control."""
        return self.texts

    @property
    def numbers(self) -> Mapping[str, str]:
        """Return what was typed in ASCII digits, by the name of each control."""
        return {name: to_ascii(text) for name, text in self.texts.items()}


def _problem(typed: str, longest: int) -> str | None:
    """Return the code of what makes a text impossible in any field, or None."""
    if len(typed) > longest:
        return "too_long"
    if any(map(_is_impossible, typed)):
        return "characters"
    return None


def _is_impossible(character: str) -> bool:
    if character in _BLANKS:
        return False
    return character == _REPLACEMENT or unicodedata.category(character) in _FORBIDDEN


def is_in(label: str, sentence: str) -> bool:
    """Return whether the sentence names the field, in small letters or capitals."""
    return label.casefold() in sentence.casefold()
