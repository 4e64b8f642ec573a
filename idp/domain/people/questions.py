"""The security questions of registration, and the normal form of an answer."""

from dataclasses import dataclass
from typing import Self

from idp.domain.errors import Invalid
from idp.domain.persian.digits import to_ascii
from idp.domain.persian.names import name_key

MAX_ANSWER = 100

_TEXTS = {
    "favourite_colour": "رنگ مورد علاقه شما چیست؟",
    "first_teacher": "نام اولین معلم شما چیست؟",
    "childhood_friend": "نام بهترین دوست دوران کودکی شما چیست؟",
    "first_journey": "اولین شهری که به آن سفر کردید کجاست؟",
    "favourite_food": "غذای مورد علاقه شما چیست؟",
    "first_school": "نام اولین مدرسه شما چیست؟",
}
"""By stable id, which is what is stored. The first is the guide's."""


class InvalidQuestion(Invalid):
    """A choice that is not in the list of questions."""

    codes = ("empty", "unknown")


class InvalidAnswer(Invalid):
    """An answer that is empty, too short (``length``), too long or not printable."""

    codes = ("empty", "length", "too_long", "characters")


@dataclass(frozen=True, slots=True)
class SecurityQuestion:
    """One of the six questions."""

    id: str
    text: str

    @classmethod
    def parse(cls, question_id: str) -> Self:
        """Return the question with this id.

        Raises:
            InvalidQuestion: nothing was chosen, or something that was not offered.
        """
        if not question_id:
            raise InvalidQuestion("empty")
        if question_id not in _TEXTS:
            raise InvalidQuestion("unknown")
        return cls(question_id, _TEXTS[question_id])


QUESTIONS = tuple(SecurityQuestion(*row) for row in _TEXTS.items())
"""In the order of the list."""


def answer_key(text: str) -> str:
    """Return the normal form of an answer, which is hashed: keyboards and blanks do not matter.

    Letters fold as in names, digits to ASCII, Latin letters to lower case. At least two letters,
    at most 100 characters typed.

    Raises:
        InvalidAnswer: with one of its codes, the first that applies.
    """
    if not text.strip():
        raise InvalidAnswer("empty")
    if len(text) > MAX_ANSWER:
        raise InvalidAnswer("too_long")
    key = to_ascii(name_key(text)).casefold()
    if not key.isprintable():
        raise InvalidAnswer("characters")
    if sum(map(str.isalpha, key)) < 2:
        raise InvalidAnswer("length")
    return key
