"""All personas of the demonstration end as their file says, with the embedded registry."""

from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache
from typing import NamedTuple

import pytest

from idp import resources
from idp.adapters.registries.embedded import (
    EmbeddedCivilRegistry,
    EmbeddedInsuranceFile,
    EmbeddedMedicalCouncil,
    EmbeddedMobileOwnership,
)
from idp.domain.registration.case_state import CaseState
from idp.jobs.build import build_crew
from tests.migrated import migrated
from tests.services.laboratory import PERSONAS, Laboratory, persona_of
from tests.simulators.people import records

SUBMITTED = [name for name, row in PERSONAS.items() if row["expect"] != "refused"]
BEFORE_THE_DEADLINE = timedelta(hours=47)


class Embedded:
    """The embedded registries as one."""

    def __init__(self, people):
        self.lookup = EmbeddedCivilRegistry(people).lookup
        self.check = EmbeddedMobileOwnership(people).check
        self.member = EmbeddedMedicalCouncil(people).lookup
        self.roles = EmbeddedInsuranceFile(people).roles


class Ended(NamedTuple):
    """How the case of a persona ended, and what the phone got."""

    state: CaseState
    texts: list[str]


@contextmanager
def laboratory_at(url):
    with closing(Laboratory(url)) as laboratory:
        people = laboratory.database.registry_people()
        people.load({persona_of(name)[0].national_id: record_of(name) for name in SUBMITTED})
        laboratory.registries = Embedded(people)
        laboratory.crew = build_crew(
            laboratory.worker_ports(), laboratory.use_cases(), poll=timedelta(seconds=1)
        )
        yield laboratory


@pytest.fixture
def lab(migrated_sqlite_url):
    with laboratory_at(migrated_sqlite_url) as laboratory:
        yield laboratory


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Return how a persona's case ended: forty-seven hours of the worker, once for each."""

    @cache
    def end(name):
        application, _ = persona_of(name)
        url = migrated(f"sqlite:///{tmp_path_factory.mktemp(name)}/hub.sqlite3")
        with laboratory_at(url) as lab:
            case = lab.submit(application)
            lab.work_for(BEFORE_THE_DEADLINE)
            return Ended(lab.case(case).state, lab.texts_to(application.mobile))

    return end


def record_of(name):
    return records()[name][1]


@pytest.mark.parametrize("name", SUBMITTED)
def test_a_persona_ends_as_expected(ended, name):
    assert ended(name).state == PERSONAS[name]["expect"]


@pytest.mark.parametrize("name", SUBMITTED)
def test_a_persona_gets_the_expected_message(ended, name):
    row = PERSONAS[name]
    expected = [row["sms"], *([row["also"]] if "also" in row else [])]
    assert ended(name).texts == [resources.sms_text(one) for one in expected]


def test_the_role_insured_is_the_insurance_files(lab):
    for name in ("ok_male", "ok_leap_birth"):
        lab.submit(persona_of(name)[0])

    lab.work()

    roles = [
        lab.account_of(persona_of(n)[0].national_id).roles for n in ("ok_male", "ok_leap_birth")
    ]
    assert roles == [("insured",), ()]


def test_the_role_physician_is_the_councils(lab):
    names = ("physician", "physician_of_other", "ok_male")
    for name in names:
        lab.submit(persona_of(name)[0])

    lab.work()

    roles = [lab.account_of(persona_of(name)[0].national_id).roles for name in names]
    assert roles == [("insured", "physician"), ("insured",), ("insured",)]
