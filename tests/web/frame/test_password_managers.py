"""What password managers find: whose password it is, and which texts are none."""

from datetime import timedelta

import pytest

from tests import factories
from tests.architecture.sources import ROOT
from tests.web.forms_of_pages import forms_of
from tests.web.sign_in.walk import add_account, enter
from tests.web.tour import VISITS
from tests.web.visits import name_of

TYPED = {"text", "tel", "email"}
PASSWORDS = {"current-password", "new-password"}


def with_passwords(markup):
    forms = forms_of(markup)
    return [form for form in forms if any(one.kind == "password" for one in form.controls)]


def wishes(form):
    """Return what a password manager would guess wrongly."""
    words = [one.attributes.get("autocomplete", "") for one in form.controls]
    kinds = [one.kind for one in form.controls]
    answers = [one for one in form.controls if one.attributes.get("name") == "answer"]
    if words.count("username") != 1 or words.index("username") > kinds.index("password"):
        yield "one user name before the passwords"
    if (
        not {word for word, kind in zip(words, kinds, strict=True) if kind == "password"}
        <= PASSWORDS
    ):
        yield "each password old or new"
    if any(not word for word, kind in zip(words, kinds, strict=True) if kind in TYPED):
        yield "a word for every other box"
    if any(one.attributes["autocomplete"] != "off" for one in answers):
        yield "the answer to a question kept out"


@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_no_page_lets_a_password_manager_guess(see, visit):
    forms = with_passwords(see(visit).text)

    assert [wish for form in forms for wish in wishes(form)] == []


def test_every_template_with_a_password_is_visited():
    folder = ROOT / "templates"
    asking = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if "fields.password(" in path.read_text("utf-8")
    }

    assert asking - {visit.template for visit in VISITS} == set()


def username_at(browser, path):
    [form] = with_passwords(browser.get(path).text)
    [field] = [one for one in form.controls if one.attributes.get("autocomplete") == "username"]
    return field.attributes


@pytest.mark.parametrize("path", ["/account/security/password", "/account/close"])
def test_who_typed_the_password_lately_finds_the_national_id(hub, path):
    add_account(hub)
    browser = hub.browser()
    enter(browser)

    field = username_at(browser, path)

    assert field["value"] == factories.NATIONAL_ID.value
    assert "readonly" in field


@pytest.mark.parametrize("path", ["/account/security/password", "/account/close", "/account/prove"])
def test_the_national_id_is_not_told_to_a_session_alone(hub, path):
    add_account(hub)
    browser = hub.browser()
    enter(browser)
    hub.clock.move(timedelta(minutes=20))

    field = username_at(browser, path)

    assert field["value"] == ""
    assert "readonly" not in field


def test_the_user_name_is_not_sent_again(hub):
    add_account(hub)
    browser = hub.browser()
    enter(browser)

    assert "name" not in username_at(browser, "/account/close")
