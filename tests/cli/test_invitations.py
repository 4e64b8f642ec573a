"""``idp clients invite``, ``invitations``, ``take-back`` and ``grant``."""

from typing import Any

import pytest

from idp.app import create_app
from idp.settings import load
from tests.cli.conftest import CommandLine

REDIRECTS = {"redirect_uris": ["https://clinic.tamin.example/callback"]}


@pytest.fixture
def invited(run: CommandLine) -> dict[str, Any]:
    """An invitation with its token."""
    return dict(run.read("clients", "invite", "clinic portal"))


@pytest.fixture
def client_id(run: CommandLine, invited: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """A client that registered itself with the token, over HTTP."""
    monkeypatch.setenv("IDP_CONFIG", run.config)
    monkeypatch.setenv("IDP__WORKER__EMBEDDED", "false")
    settings = load()
    web = create_app(settings).test_client()
    token = {"Authorization": f"Bearer {invited['initial_access_token']}"}
    answer = web.post(
        invited["registration_endpoint"].removeprefix(settings.server.issuer),
        base_url=settings.server.issuer,
        json=REDIRECTS,
        headers=token,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json["client_id"])


def test_the_token_is_shown_once(run: CommandLine, invited: dict[str, Any]):
    told = run.done("clients", "invitations", "--json") + run.done("audit", "tail", "--json")

    assert len(invited["initial_access_token"]) == 43
    assert invited["initial_access_token"] not in told


def test_an_invitation_is_listed(run: CommandLine, invited: dict[str, Any]):
    (row,) = run.read("clients", "invitations")

    assert (row["invitation"], row["invited"]) == (invited["invitation"], "clinic portal")


def test_nobody_invited_is_said_in_words(run: CommandLine):
    assert run.done("clients", "invitations") == "Nobody is invited.\n"


def test_inviting_where_nobody_may_register_is_warned_about(run: CommandLine):
    run.variables["IDP__OPENID__REGISTRATION"] = "off"

    assert "openid.registration" in run("clients", "invite", "clinic portal").stderr


def test_an_invitation_can_be_taken_back(run: CommandLine, invited: dict[str, Any]):
    run.done("clients", "take-back", invited["invitation"])

    assert run.read("clients", "invitations") == []


def test_an_unknown_invitation_is_not_found(run: CommandLine):
    assert run("clients", "take-back", "nothing").exit_code == 3


def test_the_list_says_how_a_client_came(run: CommandLine, invited: dict[str, Any], client_id: str):
    (row,) = run.read("clients", "list")

    assert row["came_by"] == f"invitation {invited['invitation']}"


def test_showing_it_shows_no_digest_of_its_token(run: CommandLine, client_id: str):
    assert "registration" not in run.read("clients", "show", client_id)


def test_a_grant_sets_its_scopes(run: CommandLine, client_id: str):
    run.done("clients", "grant", client_id, "--scope", "profile", "--scope", "phone")

    assert run.read("clients", "show", client_id)["scopes"] == ["openid", "phone", "profile"]


def test_a_granted_client_is_listed_as_reviewed(run: CommandLine, client_id: str):
    run.done("clients", "grant", client_id)

    assert run.read("clients", "list")[0]["came_by"].endswith(", reviewed")


def test_a_client_with_a_file_is_granted_nothing_beside_it(run: CommandLine):
    run.done("clients", "register", run.portal("my-portal"))
    refused = run("clients", "grant", "my-portal", "--scope", "phone")

    assert refused.exit_code == 1
    assert "idp clients update" in refused.stderr


def test_an_unknown_client_is_not_found(run: CommandLine):
    assert run("clients", "grant", "nobody").exit_code == 3
