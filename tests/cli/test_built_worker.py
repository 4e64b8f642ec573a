"""The worker of a process is built from the settings: registries, gateways, mail, anchor."""

from collections.abc import Callable, Iterator

import pytest

from idp import resources
from idp.adapters.audit_anchors import FileAnchor
from idp.adapters.registries.embedded import EmbeddedMobileOwnership
from idp.app.outside import Outside, build_outside
from idp.app.work import build_ownership, build_worker, file_anchors
from idp.jobs.crew import Crew
from idp.settings import SettingsError, load
from tests.cli.conftest import CommandLine

OF_THE_ORGANISATION = """
[pages]
inbox = false
[registry]
kind = "http"
[registry.civil]
dialect = "government_bus"
url = "https://bus.example/civil-registry"
user = "u"
password = "p"
[registry.ownership]
dialect = "government_bus"
url = "https://bus.example/mobile-ownership"
provider_code = "0000"
user = "u"
password = "p"
[registry.council]
dialect = "government_bus"
url = "https://bus.example/medical-council"
user = "u"
password = "p"
professions = { "1" = "%s" }
[sms]
gateways = ["magfa", "kavenegar"]
[sms.magfa]
url = "https://sms.magfa.com/api/http/sms/v2"
user = "USER/DOMAIN"
password = "p"
sender = "3000"
[sms.kavenegar]
url = "https://api.kavenegar.com/v1"
api_key = "k"
sender = "2000"
[mail]
inbox = false
host = "mail.example"
sender = "hub@tamin.example"
"""

Build = Callable[[str], Outside]


@pytest.fixture
def outside(bare: CommandLine) -> Iterator[Build]:
    """Returns the outside of a hub with more settings."""
    bare.done("db", "upgrade")
    built: list[Outside] = []

    def build(more: str = "") -> Outside:
        own = bare.folder / "more.toml"
        own.write_text(more, "utf-8")
        files = [resources.settings_file("development"), bare.settings, own]
        built.append(build_outside(load(files, {})))
        return built[-1]

    yield build
    for one in built:
        one.database.close()


def test_the_worker_of_a_demo_needs_nothing_but_the_hub(outside):
    assert isinstance(build_worker(outside("")), Crew)


def test_the_worker_of_the_organisation_is_built_before_anything_answers(outside):
    assert isinstance(build_worker(outside(OF_THE_ORGANISATION % "dentist")), Crew)


def test_a_profession_that_is_none_stops_the_start_by_its_setting(outside):
    with pytest.raises(SettingsError, match=r"registry\.council\.professions"):
        build_worker(outside(OF_THE_ORGANISATION % "plumber"))


def test_the_desk_asks_the_same_ownership_registry_as_the_worker(outside):
    assert isinstance(build_ownership(outside("")), EmbeddedMobileOwnership)
    of_the_bus = build_ownership(outside(OF_THE_ORGANISATION % "dentist"))
    assert not isinstance(of_the_bus, EmbeddedMobileOwnership)


def test_the_audits_anchor_is_a_file_where_the_settings_name_one(outside, tmp_path):
    assert file_anchors(outside("")) == []
    named = outside(f'[audit]\nanchor_file = "{tmp_path / "anchor"}"\n')
    assert [type(one) for one in file_anchors(named)] == [FileAnchor]
