"""Form fields: WTForms reads them, and value types of the domain parse what was typed."""

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
from idp.protocol.core import endpoints
from idp.web.http.languages import gettext
from idp.web.http.machines import is_for_machines
from idp.web.words import messages

LONGEST = 300
"""Characters of a field; far above every rule's own limit."""
LONGEST_SEALED = 64 * 1024
"""Characters of a value that the hub sealed; the seal shows whether it is complete."""

_FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn"})
_BLANKS = "\t\n\r"
_REPLACEMENT = "\ufffd"
"""What decoding makes of bytes that are no UTF-8, lone surrogates among them."""

Made = TypeVar("Made")


FORM_TYPE = "application/x-www-form-urlencoded"


_READ_BY_THE_PROTOCOL = frozenset({endpoints.AUTHORIZE, endpoints.END_SESSION})


def refuse_unreadable() -> None:
    """Answer 400 to a form whose text is no UTF-8; Werkzeug would quote the bytes and accept it.

    Runs before anything reads the form. Lone surrogates are no UTF-8 either (RFC 3629, 3). The
    protocol reads the bytes of a form itself, and ignores parameters that it does not know,
    whatever they hold (RFC 6749 3.1, 3.2).
    """
    if request.mimetype != FORM_TYPE:
        return
    body = request.get_data(cache=True)
    if request.path in _READ_BY_THE_PROTOCOL or is_for_machines(request.path):
        return
    try:
        unquote_to_bytes(body).decode("utf-8")
    except UnicodeDecodeError:
        abort(400)


def refuse_doubled(form: MultiDict[str, str]) -> None:
    """Answer 400 to a form with a field that was sent twice: no page of ours sends one."""
    if any(len(values) > 1 for _, values in form.lists()):
        abort(400)


class Text(Field):
    """A text of limited length.

    The label is Persian, the source. ``text`` is what was typed, to be shown again; ``data`` is the
    value, valid after the form's ``validate()``.
    """

    data: Any
    text: str
    errors: Sequence[str]
    process_errors: Sequence[str]
    is_kept: ClassVar[bool] = True
    """False for a field whose text is not kept when the form is refused."""

    def __init__(self, label: str = "", *, longest: int = LONGEST, **options: Any) -> None:
        super().__init__(label, **options)
        self.codes: list[str] = []
        """Message codes of errors (``words.messages``), which can be told in any language."""
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
    def is_blank(self) -> bool:
        """Return whether nothing was typed, refused or accepted."""
        return not (self.text or self.errors or self._is_right)

    @property
    def is_good(self) -> bool:
        """Return whether the field was sent and is valid; the page then marks it so."""
        return self._is_right and not self.errors

    def described_by(self, hint: str) -> str:
        """Return the ids of what stands below the control, for ``aria-describedby``."""
        below = (("hint", hint), ("error", self.errors), ("good", self.is_good))
        return " ".join(f"{self.name}-{part}" for part, shown in below if shown)

    @property
    def is_possible(self) -> bool:
        """Return whether any field may hold the text, by its length and characters."""
        return not self._problems

    def process_data(self, value: str | None) -> None:
        """Take a text that the page fills in before anything was typed."""
        self.process_formdata([value or ""])

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed; an impossible text becomes empty."""
        self._problems = []
        self.text = self.data = self._possible(valuelist[0] if valuelist else "")

    def _possible(self, typed: str) -> str:
        problem = problem_of(typed, self._longest)
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
        """Mark the field as valid."""
        self._is_right = True

    def refuse(self, sentence: str) -> None:
        """Note an error."""
        self.errors = [*self.errors, sentence]

    def tell(self, code: str) -> None:
        """Note an error by the code of its message."""
        self.codes.append(code)
        self.refuse(messages.text(code, field=self.words))

    def stop(self, code: str) -> NoReturn:
        """Note an error by the code of its message, and stop the field's validation."""
        self.tell(code)
        raise StopValidation

    def restore(self, errors: Sequence[str], *, is_right: bool) -> None:
        """Restore the errors and the mark that the field had when the form was refused."""
        self.errors, self._is_right = errors, is_right

    def named(self, sentence: str) -> str:
        """Return the sentence with the label in front, unless it names its field."""
        return sentence if is_in(self.words, sentence) else f"{self.words}: {sentence}"


class Hidden(Text):
    """A hidden field, which the page fills in again when it is shown again."""

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
    """A field that is parsed into a value of the domain."""

    data: Made

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed; there is no value before ``validate()``."""
        super().process_formdata(valuelist)
        self.data = cast("Made", None)

    def pre_validate(self, form: Any) -> None:
        """Parse the value, or note the error of its value type."""
        super().pre_validate(form)
        try:
            self.data = self.make(form)
        except Invalid as error:
            raise StopValidation(messages.of_field(error, self.words)) from None
        self.approve()

    @abstractmethod
    def make(self, form: Any) -> Made:
        """Return the value; raise Invalid when the text is not valid."""


class Parsed(Value[Made]):
    """A text that a value type of the domain parses."""

    def __init__(self, label: str, parse: Callable[[str], Made], **options: Any) -> None:
        super().__init__(label, **options)
        self._parse = parse

    def make(self, form: Any) -> Made:
        """Return the parsed text."""
        return self._parse(self.text)


class Parts(Value[Made]):
    """Several controls that make one value; errors and the mark belong to the group."""

    names: ClassVar[tuple[str, ...]]
    """The names of the controls; ``texts`` has what was typed into each."""

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
    def is_blank(self) -> bool:
        """Return whether nothing was typed, refused or accepted."""
        return not (any(self.texts.values()) or self.errors or self._is_right)

    @property
    def numbers(self) -> Mapping[str, str]:
        """Return what was typed in ASCII digits, by the name of each control."""
        return {name: to_ascii(text) for name, text in self.texts.items()}


def problem_of(typed: str, longest: int) -> str | None:
    """Return the message code of why no field may hold the text, or None."""
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
    """Return whether the sentence contains the label, in small letters or capitals."""
    return label.casefold() in sentence.casefold()
