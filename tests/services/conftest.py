from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, replace

import pytest
from click.testing import CliRunner

from idp.cli.context import Hub, Tools
from idp.cli.main import idp
from idp.domain.people.person import Application
from idp.domain.registration.case import Case
from idp.domain.registration.verdict import PhoneAnswer
from idp.services.messages.read_dead_letters import ReadDeadLetters
from idp.services.sign_out.logout_deliveries import LogoutDeliveries
from tests.services.house import House
from tests.services.laboratory import Laboratory, persona_of
from tests.services.officer import FIRST


@contextmanager
def opened(house: House) -> Iterator[House]:
    """Yield the house with its citizen's account."""
    with closing(house):
        house.add_account()
        yield house


@pytest.fixture
def house(migrated_sqlite_url: str) -> Iterator[House]:
    with opened(House(migrated_sqlite_url)) as built:
        yield built


@pytest.fixture
def guide_house(migrated_sqlite_url: str) -> Iterator[House]:
    """As the guide has it: no codes."""
    with opened(House(migrated_sqlite_url, codes_on=False)) as built:
        yield built


@pytest.fixture
def any_house(migrated_url: str) -> Iterator[House]:
    """On SQLite, then on PostgreSQL."""
    with opened(House(migrated_url)) as built:
        yield built


@pytest.fixture
def lab(migrated_sqlite_url: str) -> Iterator[Laboratory]:
    with closing(Laboratory(migrated_sqlite_url)) as laboratory:
        yield laboratory


@pytest.fixture
def any_lab(migrated_url: str) -> Iterator[Laboratory]:
    """On SQLite, then on PostgreSQL."""
    with closing(Laboratory(migrated_url)) as laboratory:
        yield laboratory


@pytest.fixture
def person(lab: Laboratory):
    """A citizen whom the civil registry knows, and what that citizen submits."""
    application, known = persona_of("ok_male")
    lab.registries.people[application.national_id.value] = known
    return application


@pytest.fixture
def person_of_any_lab():
    """What a citizen submits."""
    return persona_of("ok_male")[0]


@pytest.fixture
def waiting(lab: Laboratory, person: Application) -> Case:
    """That citizen's case, in the branch: the phone is somebody else's."""
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(person)
    lab.work()
    return lab.case(case)


@pytest.fixture
def run(lab: Laboratory):
    """The command line of a hub that is this laboratory."""
    hub = with_only(
        Hub,
        begin=lab.begin,
        clock=lab.clock,
        pause=lambda seconds: None,
        desk=lab.desk,
        citizens=lab.citizens,
        anchor_audit=lambda: None,
        logout_deliveries=LogoutDeliveries(kernel=lab.kernel),
        dead_letters=ReadDeadLetters(lab.kernel),
        run_worker=lab.crew.run,
    )
    tools = with_only(
        Tools,
        load_settings=lambda files: None,
        open_hub=lambda settings: hub,
        operator=FIRST,
    )

    def invoke(*words, typed=None, by=FIRST):
        obj = replace(tools, operator=by)
        return CliRunner().invoke(idp, words, obj=obj, input=typed, catch_exceptions=False)

    return invoke


def with_only(kind, **parts):
    """Return a dataclass that has these parts; the others are None."""
    return kind(**dict.fromkeys((part.name for part in fields(kind)), None) | parts)
