"""The documents name what the code has, and the code has what the documents name."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from idp.cli.main import idp
from idp.cli.system import fresh_secrets
from idp.domain import limits
from idp.domain.client_metadata import MEMBERS
from idp.domain.limits import NETWORK_LIMITS, NetworkAction
from idp.domain.scopes import KNOWN_SCOPES
from idp.settings import load

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
def test_operating_explains_every_section_of_the_settings(section: str):
    assert f"`{section}`" in text("docs/operating.md")


@pytest.mark.parametrize("member", sorted(MEMBERS))
def test_integrating_explains_every_member_of_a_client_file(member: str):
    assert f"`{member}`" in text("docs/integrating.md")


@pytest.mark.parametrize("scope", KNOWN_SCOPES)
def test_integrating_explains_every_scope(scope: str):
    assert f"`{scope}`" in text("docs/integrating.md")


@pytest.mark.parametrize("action", NetworkAction)
def test_security_has_every_limit_by_network(action: NetworkAction):
    limit = NETWORK_LIMITS[action]
    per = {60: "a minute", 300: "in 5 minutes", 3600: "an hour"}[int(limit.per.total_seconds())]
    assert f"{limit.count} {per}" in text("docs/security.md")


def test_security_has_every_other_limit():
    words = text("docs/security.md")
    hourly, daily = limits.SMS_PER_PHONE
    expected = [
        f"{limits.SMS_AGAIN.count} a minute and purpose",
        f"{hourly.count} an hour, {daily.count} a day",
        f"{limits.CODE_TRIES_PER_PHONE.count} a day",
        f"{limits.RECOVERY_ANSWERS.count} answers in {limits.RECOVERY_ANSWERS.per.days} days",
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
