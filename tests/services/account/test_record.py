"""What the organisation knows, from where, and the download of it."""

import json

import pytest

from idp.domain.people.account import Assurance, IdentityMethod, MobileMethod
from idp.services.account.own_record import Source
from tests import factories
from tests.fakes import NOON
from tests.services.house import visitor

BRANCH = Assurance(IdentityMethod.BRANCH, MobileMethod.BRANCH, NOON)
NOBODY = Assurance(IdentityMethod.REGISTRY, MobileMethod.NONE, NOON)


@pytest.fixture
def session(house):
    return house.enter().session


def facts(house, session):
    return {one.name: one for one in house.record.facts(session)}


def test_each_fact_names_its_source(house, session):
    known = facts(house, session)
    assert known["given_name"].source is Source.REGISTRY
    assert known["residence"].source is Source.YOU
    assert known["roles"].source is Source.INSURANCE_FILE
    assert (known["national_id"].source, known["national_id"].confirmed_by) == ("you", "registry")
    assert known["mobile"].confirmed_by == "ownership"


def test_a_proven_profession_is_from_the_medical_council(house, session):
    house.change(physician=factories.PROVEN, roles=("insured", "physician"))
    known = facts(house, session)
    assert known["profession"].value == "general_practitioner"
    assert known["council_number"].source is Source.MEDICAL_COUNCIL
    assert known["roles"].value == ["insured"]


def test_a_claimed_profession_is_the_citizens_own_words(house, session):
    house.change(claim=factories.PROVEN)
    known = facts(house, session)
    assert known["claimed_profession"].source is Source.YOU
    assert known["claimed_council_number"].value == factories.PHYSICIAN.number.value
    assert "profession" not in known


def test_what_a_branch_confirmed_is_the_branchs(house, session):
    house.change(assurance=BRANCH)
    known = facts(house, session)
    assert known["given_name"].source is Source.BRANCH
    assert known["mobile"].confirmed_by == "branch"


def test_what_is_not_known_is_left_out(house, session):
    house.change(assurance=NOBODY, residence=None, email=None, person=factories.person(gender=None))
    known = facts(house, session)
    assert {"residence", "email", "gender"}.isdisjoint(known)
    assert known["mobile"].confirmed_by is None


def test_of_no_account_nothing_is_known(house):
    gone = factories.session(account_id="gone")
    assert facts(house, gone) == {}
    assert house.record.download(gone, visitor())["sessions"] == []


def test_the_download_holds_everything_that_the_pages_show(house, session):
    with house.begin() as work:
        factories.put_client(work, factories.client())
        work.consents.save(factories.consent())
        work.releases.note("account-1", "portal", ("sub", "name"), house.clock())
    whole = json.loads(json.dumps(house.record.download(session, visitor())))
    assert whole["portals"][0]["released"][0]["claims"] == ["name", "sub"]
    assert whole["portals"][0]["allowed_since"] == NOON.isoformat()
    assert len(whole["sessions"]) == len(whole["known_devices"]) == 1
    assert {"name": "email", "value": "reza@example.ir", "source": "you"} in whole["facts"]
    assert whole["history"][0] == {
        "at": house.clock().isoformat(),
        "event": "data_downloaded",
        "by": "you",
        "details": {},
    }


def test_the_download_holds_no_secret(house):
    entered = house.enter()
    whole = json.dumps(house.record.download(entered.session, visitor(device=entered.device)))
    account = house.account()
    secrets = [
        *(account.credentials.password_hash, account.credentials.answer_hash),
        *(entered.token, entered.device),
    ]
    assert [one for one in secrets if one in whole] == []
