"""The documents name what the code has, and the code has what the documents name."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

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
OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")


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


def unexplained(names: Iterable[str], document: str) -> list[str]:
    words = text(document)
    return sorted(name for name in names if f"`{name}`" not in words)


def test_the_readme_names_every_command():
    readme = text("README.md")
    assert [name for name in sorted(idp.commands) if f"idp {name}" not in readme] == []


def test_every_command_in_a_document_is_there():
    known = set(commands(idp))
    named = [(document.name, one) for document in DOCUMENTS for one in commands_in(document)]
    assert [(name, command) for name, command in named if command not in known] == []


def commands_in(document: Path) -> Iterator[str]:
    """Yield each command that a document has as code, with its group and no argument."""
    for span in re.findall(r"`([^`]+)`|^    (.+)$", document.read_text("utf-8"), re.MULTILINE):
        for words in COMMAND.findall("".join(span)):
            first = words.split()[0]
            group = idp.commands.get(first)
            yield " ".join(words.split()[:2]) if isinstance(group, click.Group) else first


def test_every_option_of_a_command_in_a_document_is_there():
    assert [(one.name, *wrong) for one in DOCUMENTS for wrong in unknown_options(one)] == []


def unknown_options(document: Path) -> Iterator[tuple[str, str]]:
    """Yield command and option where the command has no such option."""
    for span in re.findall(r"`([^`]+)`|^    (.+)$", document.read_text("utf-8"), re.MULTILINE):
        line = "".join(span)
        for words in COMMAND.findall(line)[:1]:
            command = command_of(words)
            known = {one for each in command.params for one in each.opts} if command else set()
            yield from ((words, one) for one in OPTION.findall(line) if one not in known)


def command_of(words: str) -> click.Command | None:
    """Return the command that a line of code begins with, without its ``idp``."""
    found: click.Command | None = idp
    for word in words.split():
        if not isinstance(found, click.Group):
            break
        found = found.commands.get(word)
    return found


def test_every_setting_in_a_document_is_there():
    known = settings()
    named = [
        (document.name, *one.split("."))
        for document in DOCUMENTS
        for one in SETTING.findall(document.read_text("utf-8"))
    ]
    settings_like = [one for one in named if one[1] in known]
    assert [one for one in settings_like if one[2] not in known[one[1]]] == []


def test_the_settings_document_explains_every_section():
    assert unexplained(settings(), "docs/operate/settings.md") == []


def test_the_client_file_document_explains_every_member():
    assert unexplained(MEMBERS, "docs/integrate/client-file.md") == []


def test_the_guide_of_portals_explains_every_scope():
    assert unexplained(KNOWN_SCOPES, "docs/integrate/guide.md") == []


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
