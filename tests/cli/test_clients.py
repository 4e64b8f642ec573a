"""``idp clients``."""

import pytest

from tests.cli.conftest import CommandLine
from tests.domain.clients.test_png import PICTURE


@pytest.fixture
def secret(run: CommandLine) -> str:
    """The secret of a portal that is registered."""
    done = run.read("clients", "register", run.portal("my-portal"))
    return str(done[0]["client_secret"])


def everything_about(run: CommandLine) -> str:
    shown = ("clients", "show", "my-portal")
    return "".join(
        (
            run.done("clients", "list"),
            run.done("clients", "list", "--json"),
            run.done(*shown),
            run.done(*shown, "--json"),
            run.done("audit", "tail", "--json"),
        )
    )


def test_a_registration_prints_its_secret_once(run: CommandLine, secret: str):
    assert len(secret) == 43
    assert secret not in everything_about(run)


def test_a_registered_portal_is_listed(run: CommandLine, secret: str):
    assert [row["client_id"] for row in run.read("clients", "list")] == ["my-portal"]


def test_no_portal_is_said_in_words_and_as_an_empty_list(run: CommandLine):
    assert run.done("clients", "list") == "No portal is registered.\n"
    assert run.read("clients", "list") == []


def test_a_second_registration_is_refused_and_names_the_way_on(run: CommandLine, secret: str):
    again = run("clients", "register", run.portal("my-portal"))
    assert again.exit_code == 1
    assert "idp clients update" in again.stderr


def test_a_file_that_is_wrong_is_refused_with_member_and_reason(run: CommandLine):
    refused = run("clients", "register", run.portal("my-portal", 'subject_type = "loud"\n'))
    assert refused.exit_code == 2
    assert "subject_type" in refused.stderr


def test_a_file_that_is_not_toml_is_named(run: CommandLine):
    refused = run("clients", "register", run.portal("my-portal", "[broken"))
    assert refused.exit_code == 2
    assert "my-portal.toml: is not TOML" in refused.stderr


def test_the_client_id_is_the_files_name(run: CommandLine):
    file = run.portal("my-portal").rename(run.portals / "other.toml")
    refused = run("clients", "register", file)
    assert refused.exit_code == 2
    assert "'other'" in refused.stderr


def test_an_update_keeps_the_secret_and_counts_the_version(run: CommandLine, secret: str):
    said = run.done("clients", "update", run.portal("my-portal", 'contacts = ["a@b.example"]\n'))
    assert "version 2" in said
    assert run.read("clients", "show", "my-portal")["secrets"] == 1


def test_a_rotated_secret_is_printed_once_and_the_old_one_lives_on(run: CommandLine, secret: str):
    fresh = run.read("clients", "rotate-secret", "my-portal")[0]["client_secret"]
    assert fresh != secret
    assert run.read("clients", "show", "my-portal")["secrets"] == 2
    assert fresh not in everything_about(run)


def test_a_leaked_secret_is_replaced_at_once(run: CommandLine, secret: str):
    run.done("clients", "rotate-secret", "my-portal", "--keep-old-hours", 0)
    assert run.read("clients", "show", "my-portal")["secrets"] == 1


def test_a_public_client_has_no_secret_to_rotate(run: CommandLine):
    run.done(
        "clients", "register", run.portal("my-portal", 'token_endpoint_auth_method = "none"\n')
    )
    refused = run("clients", "rotate-secret", "my-portal")
    assert refused.exit_code == 1
    assert "no secret" in refused.stderr


def test_suspended_and_resumed(run: CommandLine, secret: str):
    run.done("clients", "suspend", "my-portal", "--reason", "a leak")
    assert run.read("clients", "show", "my-portal")["state"] == "suspended"
    run.done("clients", "resume", "my-portal", "--reason", "mended")
    assert run.read("clients", "show", "my-portal")["state"] == "active"


def test_acts_are_audited_with_officer_and_reason(run: CommandLine, secret: str):
    run.done("clients", "suspend", "my-portal", "--reason", "a leak")
    newest = run.read("audit", "tail", "--subject", "my-portal")[-1]
    assert newest["action"] == "client.suspended"
    assert "o-17" in newest["actor"]
    assert "a leak" in newest["details"]


def test_who_acts_must_be_said(run: CommandLine, secret: str):
    run.variables["IDP_OFFICER"] = ""
    refused = run("clients", "suspend", "my-portal", "--reason", "a leak")
    assert refused.exit_code == 2
    assert "--officer" in refused.stderr


def test_a_removal_asks_first(run: CommandLine, secret: str):
    assert run("clients", "remove", "my-portal", typed="n\n").exit_code == 1
    assert run.read("clients", "list") != []
    run.done("clients", "remove", "my-portal", typed="y\n")
    assert run.read("clients", "list") == []


@pytest.mark.parametrize(
    "command",
    [
        ("show", "nobody"),
        ("rotate-secret", "nobody"),
        ("suspend", "nobody", "--reason", "r"),
        ("resume", "nobody", "--reason", "r"),
        ("remove", "nobody", "--yes"),
    ],
    ids=lambda command: command[0],
)
def test_an_unknown_portal_is_exit_code_3(run: CommandLine, command: tuple[str, ...]):
    refused = run("clients", *command)
    assert refused.exit_code == 3
    assert "idp clients list" in refused.stderr


def test_what_is_suspended_already_is_said_and_not_audited_again(run: CommandLine, secret: str):
    run.done("clients", "suspend", "my-portal", "--reason", "a leak")
    refused = run("clients", "suspend", "my-portal", "--reason", "a leak")
    assert refused.exit_code == 1
    assert "suspended already" in refused.stderr
    assert len(run.read("audit", "tail", "--subject", "my-portal")) == 2


def test_what_is_not_suspended_is_not_resumed(run: CommandLine, secret: str):
    refused = run("clients", "resume", "my-portal", "--reason", "mended")
    assert refused.exit_code == 1
    assert "not suspended" in refused.stderr


@pytest.mark.parametrize("option", ["--reason", "--officer"])
def test_nobody_and_nothing_is_no_word_for_the_audit(run: CommandLine, secret: str, option: str):
    words = {"--reason": "a leak", "--officer": "o-17", option: " "}
    refused = run(
        "clients", "suspend", "my-portal", *(one for pair in words.items() for one in pair)
    )
    assert refused.exit_code == 2
    assert option in refused.stderr


def test_a_file_that_is_nested_without_end_is_refused_in_words(run: CommandLine):
    file = run.portals / "deep.toml"
    file.write_text("client_id = " + "[" * 100_000, "utf-8")
    refused = run("clients", "register", file)
    assert refused.exit_code == 2, refused.exception
    assert "deep.toml" in refused.stderr


def test_a_logo_lies_beside_its_portals_file(run: CommandLine):
    portal = run.portal("records", 'logo = "records.png"\n')
    (run.portals / "records.png").write_bytes(PICTURE)
    run.done("clients", "register", portal)
    assert len(run.read("clients", "show", "records")["logo_version"]) == 16


@pytest.mark.parametrize("name", ["missing.png", "../own.toml", "/etc/hostname"])
def test_a_logo_of_another_place_is_refused(run: CommandLine, name: str):
    refused = run("clients", "register", run.portal("records", f'logo = "{name}"\n'))
    assert refused.exit_code == 2
    assert "logo must name a file in the same folder" in refused.stderr
