"""Kinds of checks: each looks at a page of the running hub, and returns nothing when it holds."""

from collections.abc import Callable, Sequence

from tests.web.statements import reading
from tests.web.statements.reading import TEXTS
from tests.web.statements.ways import Way

Check = Callable[[Way], None]


def says(page: str, text_id: str) -> Check:
    """The page says the guide's text, word for word."""

    def check(way: Way) -> None:
        assert reading.plain(TEXTS[text_id]) in reading.main(way.page(page))

    return check


def is_titled(page: str, text_id: str) -> Check:
    def check(way: Way) -> None:
        assert reading.title(way.page(page)) == TEXTS[text_id]

    return check


def is_headed(page: str, text_id: str) -> Check:
    """The masthead has the guide's text."""

    def check(way: Way) -> None:
        assert TEXTS[text_id] in reading.masthead(way.page(page))

    return check


def notes(page: str, number: int) -> Check:
    """The notice is the list's, at its place."""

    def check(way: Way) -> None:
        assert reading.notices(way.page(page))[number - 1] == TEXTS[f"notice.{number}"]

    return check


def calls(page: str, field: str, text_id: str) -> Check:
    """The field has the guide's label."""

    def check(way: Way) -> None:
        assert reading.label(way.page(page), field).partition(" (")[0] == TEXTS[text_id]

    return check


def hints(page: str, field: str, text_id: str) -> Check:
    def check(way: Way) -> None:
        assert reading.hint(way.page(page), field) == TEXTS[text_id]

    return check


def lists(page: str, field: str, text_id: str, *, place: int | None = None) -> Check:
    """The list has the guide's choice; at ``place``, the empty choice being the first."""

    def check(way: Way) -> None:
        choices = reading.options(way.page(page), field)
        assert TEXTS[text_id] in (choices if place is None else choices[place : place + 1])

    return check


def asks_in_order(page: str, fields: Sequence[str]) -> Check:
    def check(way: Way) -> None:
        shown = way.page(page)
        assert sorted(fields, key=lambda field: reading.place(shown, field)) == list(fields)

    return check


def has_button(page: str, text_id: str) -> Check:
    def check(way: Way) -> None:
        assert TEXTS[text_id] in reading.buttons(way.page(page))

    return check


def is_filled_in(field: str, value: str) -> Check:
    """Step two has the value of step one in a field that nobody can type into."""

    def check(way: Way) -> None:
        page = way.page("step two")
        assert reading.value(page, field) == value
        assert " readonly" in reading.element(page, field)

    return check


def has_in_place(field: str, attribute: str, text_id: str, *, page: str) -> Check:
    """The field has the guide's text as an attribute, its placeholder say."""

    def check(way: Way) -> None:
        assert reading.value(way.page(page), field, attribute) == TEXTS[text_id]

    return check


def requires(page: str, fields: Sequence[str]) -> Check:
    """The empty form came back, and each field is told to be missing."""

    def check(way: Way) -> None:
        shown = way.page(page)
        assert [field for field in fields if not reading.is_refused(shown, field)] == []

    return check


def rules(text_id: str) -> Check:
    """The list of the rules for a password has the rule as one of its own."""

    def check(way: Way) -> None:
        assert TEXTS[text_id] in reading.rules(way.page("step two"))

    return check


def tells_between(page: str, text_id: str) -> Check:
    """The error stands behind the notices and right above the national ID."""

    def check(way: Way) -> None:
        shown = way.page(page)
        error = shown.text.index('<div class="summary')
        last_notice = shown.text.index(TEXTS["notice.4"])
        assert TEXTS[text_id] in reading.summary(shown)
        assert last_notice < error < reading.place(shown, "national_id")
        assert shown.text.index("<h1") < shown.text.index('<section class="notices"') < error

    return check


def links(place: int, text_id: str, path: str) -> Check:
    """The login page has the link at its place, and it leads there."""

    def check(way: Way) -> None:
        assert reading.links(way.page("login"), "links")[place] == (TEXTS[text_id], path)

    return check


def sends(message: str, **answers: object) -> Check:
    """The SMS of this result is the guide's, byte for byte."""

    def check(way: Way) -> None:
        way.submitted()
        told = way.decided(**answers)
        assert (told.message_id, told.text) == (message, reading.SMS[message]["text"])

    return check


def quotes(message: str) -> Check:
    """The guide's page quotes the SMS."""

    def check(way: Way) -> None:
        assert reading.plain(reading.SMS[message]["text"]) in reading.main(way.page("guide"))

    return check
