"""The documents name what the code has, and the code has what the documents name."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from idp.cli.main import idp
from idp.cli.system import fresh_secrets
from idp.domain.clients.metadata import MEMBERS
from idp.domain.clients.scopes import KNOWN_SCOPES
from idp.domain.sign_in.one_time_code import CODE_TRIES
from idp.settings import load
from idp.settings.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"(?<![\w./-])idp ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)")
SETTING = re.compile(r"`([a-z]+\.(?!py`|md`)[a-z_]+)`")
OPTION = re.compile(r"`idp [^`]*?(--[a-z-]+)")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def all_documents() -> str:
    return "\n".join(document.read_text("utf-8") for document in DOCUMENTS)


def commands(group: click.Group, above: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield f"{above}{name}"
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")


def settings() -> dict[str, dict[str, object]]:
    default = tomllib.loads(text("config/default.toml"))
    secrets = {"sealing_keys": None, "index_key": None, "password_pepper": None}
    return default | {"secrets": default["secrets"] | secrets}


@pytest.mark.parametrize("name", sorted(idp.commands))
def test_the_readme_names_every_command(name: str):
    assert f"idp {name}" in text("README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_a_document_is_there(document: Path):
    known = set(commands(idp))
    unknown = []
    for span in re.findall(r"`([^`]+)`|^    (.+)$", document.read_text("utf-8"), re.MULTILINE):
        for words in COMMAND.findall("".join(span)):
            first = words.split()[0]
            group = idp.commands.get(first)
            wanted = " ".join(words.split()[:2]) if isinstance(group, click.Group) else first
            if wanted not in known:
                unknown.append(wanted)
    assert unknown == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_in_a_document_is_there(document: Path):
    known = settings()
    named = SETTING.findall(document.read_text("utf-8"))
    settings_like = [one.split(".") for one in named if one.split(".")[0] in known]
    assert [pair for pair in settings_like if pair[1] not in known[pair[0]]] == []


@pytest.mark.parametrize("section", sorted(settings()))
def test_the_settings_document_explains_every_section(section: str):
    assert f"`{section}`" in text("docs/operate/settings.md")


@pytest.mark.parametrize("member", sorted(MEMBERS))
def test_the_client_file_document_explains_every_member(member: str):
    assert f"`{member}`" in text("docs/integrate/client-file.md")


@pytest.mark.parametrize("scope", KNOWN_SCOPES)
def test_the_guide_of_portals_explains_every_scope(scope: str):
    assert f"`{scope}`" in text("docs/integrate/guide.md")


def test_the_rate_limits_document_has_every_limit():
    words = text("docs/operate/rate-limits.md")
    shipped = Limits.model_validate(tomllib.loads(text("config/default.toml"))["limits"])
    (owner_hour, owner_day), (phone_hour, phone_day) = (
        shipped.codes_of_account,
        shipped.codes_to_phone,
    )
    expected = [
        f"{owner_hour.count} an hour, {owner_day.count} a day",
        f"{phone_hour.count} an hour, {phone_day.count} a day",
        f"from the {shipped.codes_by_phone.work_from}rd a day",
        f"from the {shipped.codes_by_network.work_from}th an hour",
        f"from the {shipped.registrations_by_network.work_from}th an hour",
        f"from the {shipped.wrong_passwords_by_account.work_from}th wrong one",
        f"from the {shipped.wrong_passwords_by_network.work_from}th wrong one",
        f"{shipped.passwords_on_known_device.free} wrong",
        f"{shipped.garbage_by_network.count} a minute",
        f"{shipped.recovery_answers.count} answers in 30 days",
        f"{CODE_TRIES} a code",
    ]
    assert [one for one in expected if one not in words] == []


def test_the_example_for_production_is_right(tmp_path: Path):
    secrets = tmp_path / "secrets.toml"
    gateways = '[sms.magfa]\npassword = "p"\n[sms.kavenegar]\napi_key = "k"\n'
    secrets.write_text(f"{fresh_secrets()}\n{gateways}", "utf-8")
    secrets.chmod(0o600)
    example = ROOT / "config" / "production.example.toml"
    assert not load([example, secrets], {}).is_development


def test_the_readmes_picture_is_there_and_small():
    picture = re.search(r"!\[[^\]]+\]\(([^)]+\.png)\)", text("README.md"))
    assert picture
    assert (ROOT / picture[1]).stat().st_size < 120_000
