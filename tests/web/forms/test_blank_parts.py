"""What is rendered once for all citizens, while a form is blank, says nothing of any of them."""

from collections.abc import Iterator

import pytest
from werkzeug.datastructures import MultiDict

from idp.web.forms.blank_parts import BlankParts
from idp.web.sign_in.login import SignInForm
from tests import factories
from tests.web.hub import ORIGIN, words
from tests.web.registration.walk import to_step_two


@pytest.fixture
def request_of_a_page(hub) -> Iterator[None]:
    with hub.app.test_request_context("/login", base_url=ORIGIN):
        yield


def rendered(*forms: SignInForm) -> list[str]:
    """What a page says at its first, second, … rendering: that rendering's number."""
    parts = BlankParts()
    return [
        parts(form, "fields", caller=lambda time=time: str(time)) for time, form in enumerate(forms)
    ]


@pytest.mark.usefixtures("request_of_a_page")
def test_a_blank_form_is_rendered_once():
    assert rendered(SignInForm(), SignInForm()) == ["0", "0"]


@pytest.mark.usefixtures("request_of_a_page")
def test_a_form_in_which_something_stands_is_rendered_each_time():
    filled = SignInForm(username="0499370899")
    assert rendered(filled, SignInForm(), filled) == ["0", "1", "2"]


@pytest.mark.usefixtures("request_of_a_page")
def test_a_refused_form_is_rendered_each_time():
    refused = SignInForm(MultiDict())
    refused.validate()
    assert rendered(SignInForm(), refused) == ["0", "1"]


@pytest.mark.usefixtures("request_of_a_page")
def test_each_part_is_rendered_for_itself():
    parts = BlankParts()
    assert [parts(SignInForm(), part, caller=lambda part=part: part) for part in "ab"] == ["a", "b"]


def test_a_form_is_rendered_in_each_language(hub):
    parts, said = BlankParts(), []
    for cookie in ("hub_language=fa", "hub_language=en"):
        with hub.app.test_request_context("/login", base_url=ORIGIN, headers={"Cookie": cookie}):
            said += [parts(SignInForm(), "fields", caller=lambda cookie=cookie: cookie)]
    assert said == ["hub_language=fa", "hub_language=en"]


def test_the_next_citizen_sees_nothing_of_the_one_before(hub):
    to_step_two(hub.browser())
    own = {"national_id": factories.OTHER_NATIONAL_ID.value, "mobile": "09351234567"}
    page = words(to_step_two(hub.browser(), operator="irancell", **own))
    assert all(text in page for text in own.values())
    assert factories.NATIONAL_ID.value not in page
    assert factories.MOBILE.national not in page
