"""Refused forms that are shown again, and forms that come twice."""

import json
from datetime import timedelta

import pytest

from idp.services.forms.repeated_forms import LONGEST_WAIT, FormAnswer, RepeatedForms
from idp.services.forms.returned_forms import HANDLE, LIFE, PURPOSE, ReturnedForm, ReturnedForms
from idp.store.database import Database
from tests.fakes import CountingRandomness, FixedClock, PlainVault

PAGE, BROWSER = "/login", "browser-1"
OF_PAGE = {"purpose": PURPOSE, "bound_to": f"{BROWSER}|{PAGE}"}
ANSWER = FormAnswer(303, "/account", ["hub_session=x"])


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def ephemeral(migrated_sqlite_url, clock):
    database = Database(migrated_sqlite_url, PlainVault())
    yield database.ephemeral(clock)
    database.close()


@pytest.fixture
def returned(ephemeral, clock):
    return ReturnedForms(PlainVault(), ephemeral, clock, CountingRandomness())


def form(typed="1", until=None):
    told = {"username": ["نادرست"]}
    return ReturnedForm({"username": typed}, told, [], [], "fa", "N06", 422, until)


@pytest.mark.parametrize("typed", ["1", "x" * 2000])
def test_a_form_comes_back_however_long_it_is(returned, typed):
    kept = returned.keep(form(typed), PAGE, BROWSER)
    assert kept.startswith(HANDLE) is (len(typed) > 1)
    assert returned.find(kept, PAGE, BROWSER) == form(typed)


@pytest.mark.parametrize(("page", "browser"), [("/recover", BROWSER), (PAGE, "browser-2")])
def test_it_is_of_one_page_and_one_browser(returned, page, browser):
    assert returned.find(returned.keep(form(), PAGE, BROWSER), page, browser) is None


def kept_by_another_version(returned, **changes):
    """Return a refused form as a hub of another version seals it; None drops a member."""
    plain = json.loads(PlainVault().open(returned.keep(form(), PAGE, BROWSER), **OF_PAGE))
    members = {name: value for name, value in {**plain, **changes}.items() if value is not None}
    return PlainVault().seal(json.dumps(members).encode(), **OF_PAGE)


def test_what_another_version_kept_beside_it_is_left_out(returned):
    kept = kept_by_another_version(returned, labels={"username": "نام کاربری"})
    assert returned.find(kept, PAGE, BROWSER) == form()


def test_what_another_version_kept_without_all_that_is_needed_is_lost(returned):
    kept = kept_by_another_version(returned, status=None)
    assert returned.find(kept, PAGE, BROWSER) is None


def test_it_is_forgotten_after_its_life(returned, clock):
    kept = returned.keep(form(), PAGE, BROWSER)
    clock.move(LIFE)
    assert returned.find(kept, PAGE, BROWSER) is None


def test_what_was_true_for_a_while_is_told_no_longer(returned, clock):
    kept = returned.keep(form(until=(clock() + timedelta(minutes=1)).timestamp()), PAGE, BROWSER)
    assert returned.find(kept, PAGE, BROWSER).lead == "N06"
    clock.move(timedelta(minutes=1))
    assert returned.find(kept, PAGE, BROWSER).lead == ""


def test_a_second_press_gets_the_answer_of_the_first(ephemeral):
    forms = RepeatedForms(PlainVault(), ephemeral, lambda _: None)
    key = forms.key(BROWSER, PAGE, b"a=1")
    assert forms.answer_of_first(key) is None
    forms.remember(key, ANSWER)
    assert forms.answer_of_first(key) == ANSWER


def test_a_second_press_waits_a_little_for_the_first(ephemeral):
    waits = []
    forms = RepeatedForms(PlainVault(), ephemeral, waits.append)
    key = forms.key(BROWSER, PAGE, b"a=1")
    forms.answer_of_first(key)
    assert forms.answer_of_first(key) is None
    assert sum(waits, timedelta(0)) == LONGEST_WAIT


def test_where_nothing_came_of_the_first_the_second_takes_its_place(ephemeral):
    forms = RepeatedForms(PlainVault(), ephemeral, lambda _: forms.forget(key))
    key = forms.key(BROWSER, PAGE, b"a=1")
    forms.answer_of_first(key)
    assert forms.answer_of_first(key) is None
