"""The browser's own copy of what it submitted."""

from datetime import timedelta

import pytest

from idp.services.registration.own_copies import LIFE, OwnCopies
from tests import factories
from tests.fakes import FixedClock, PlainVault

RECORD = factories.step_one()
TYPED = {"family_name": "احمدی", "serial": "123456"}


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def copies(clock):
    return OwnCopies(PlainVault(), clock)


def test_a_copy_has_what_was_typed_in_both_steps(copies):
    copy = copies.opened([copies.seal(RECORD, "case-1", TYPED)], RECORD.browser)

    assert (copy.case_id, copy.typed, copy.is_of(RECORD)) == ("case-1", TYPED, True)


@pytest.mark.parametrize(
    "other",
    [{"mobile": factories.OTHER_MOBILE}, {"national_id": factories.OTHER_NATIONAL_ID}],
    ids=["phone", "national ID"],
)
def test_it_is_of_its_national_id_with_its_phone_alone(copies, other):
    copy = copies.opened([copies.seal(RECORD, "case-1", TYPED)], RECORD.browser)

    assert not copy.is_of(factories.step_one(**other))


def test_another_browser_opens_none(copies):
    assert copies.opened([copies.seal(RECORD, "case-1", TYPED)], "browser-2") is None


def test_a_sibling_hosts_cookie_hides_none(copies):
    own = copies.seal(RECORD, "case-1", TYPED)

    assert copies.opened(["planted", own], RECORD.browser).case_id == "case-1"


def test_after_a_week_it_does_not_open(copies, clock):
    sealed = copies.seal(RECORD, "case-1", TYPED)
    clock.move(LIFE - timedelta(seconds=1))
    assert copies.opened([sealed], RECORD.browser)

    clock.move(timedelta(seconds=1))

    assert copies.opened([sealed], RECORD.browser) is None


def test_one_that_no_cookie_can_hold_is_none(copies):
    assert copies.seal(RECORD, "case-1", {"city_text": "x" * 4000}) is None


def test_its_repr_shows_nobody(copies):
    copy = copies.opened([copies.seal(RECORD, "case-1", TYPED)], RECORD.browser)

    assert [one for one in (*TYPED.values(), RECORD.national_id.value) if one in repr(copy)] == []
