"""`idp clients log`: why the hub refused the requests of a portal."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from idp.app import command_tools, open_hub
from idp.cli.main import idp
from idp.domain.clients.refusal_reasons import Reason
from tests.cli.conftest import CommandLine
from tests.factories import refusal

NOT_FOUND = 3


@pytest.fixture
def hub(bare: CommandLine):
    """The hub of an administrator who has registered ``my-portal``."""
    bare.done("db", "upgrade")
    bare.done("clients", "register", bare.portal("my-portal"))
    return bare.hub()


def refuse(hub, *, minutes_ago=1, **changes):
    at = hub.clock() - timedelta(minutes=minutes_ago)
    line = refusal(client_id="my-portal", first_at=at, last_at=at, **changes)
    with hub.begin() as work:
        work.refusals.add(line)
    return line


def test_a_line_says_when_where_why_and_what_to_do(bare, hub):
    line = refuse(hub, reason=Reason.METHOD_WRONG, details={
        "registered": "client_secret_basic", "sent": "posted the secret",
        "used": "client_secret_post",
    })  # fmt: skip
    assert bare.done("clients", "log", "my-portal").splitlines() == [
        f"{line.last_at:%Y-%m-%d %H:%M:%SZ}  token  invalid_client",
        "    The client's file says client_secret_basic, the request posted the secret.",
        (
            "    -> Set the library to client_secret_basic, or token_endpoint_auth_method in"
            " clients/my-portal.toml to client_secret_post."
        ),
    ]


def test_equal_ones_are_one_line_with_a_count(bare, hub):
    line = refuse(hub, count=3)
    since = f"(3 times since {line.first_at:%Y-%m-%d %H:%M:%SZ})"
    assert since in bare.done("clients", "log", "my-portal")


def test_the_last_ones_are_shown(bare, hub):
    for minutes, reason in (
        (3, Reason.CODE_USED),
        (2, Reason.PKCE_MISSING),
        (1, Reason.ACR_UNKNOWN),
    ):
        refuse(hub, minutes_ago=minutes, reason=reason)
    rows = bare.read("clients", "log", "my-portal", "--limit", "2")
    assert [row["reason"] for row in rows] == ["pkce_missing", "acr_unknown"]


def test_they_are_json_for_scripts(bare, hub):
    refuse(hub)
    (row,) = bare.read("clients", "log", "my-portal")
    assert row.keys() == {
        *("at", "endpoint", "error", "reason", "says", "advice", "count", "first_at"),
    }


def test_the_registration_is_shown_with_the_log(bare, hub):
    refuse(hub, reason=Reason.CODE_USED)
    shown = bare.done("clients", "show", "my-portal", "--log")
    assert shown.startswith("client_id")
    assert shown.endswith(bare.done("clients", "log", "my-portal"))


def test_the_registration_has_the_log_for_scripts_too(bare, hub):
    refuse(hub, reason=Reason.CODE_USED)
    log = bare.read("clients", "log", "my-portal")
    assert bare.read("clients", "show", "my-portal", "--log")["log"] == log
    assert "log" not in bare.read("clients", "show", "my-portal")


def test_a_portal_without_refusals_has_an_empty_log(bare, hub):
    assert "Nothing was refused" in bare.done("clients", "log", "my-portal")


def test_a_slip_of_an_id_is_answered_by_the_similar_ones(bare, hub):
    result = bare("clients", "log", "my-protal")
    assert result.exit_code == NOT_FOUND
    assert "No portal my-protal is registered. Similar: my-portal." in result.stderr


def test_another_unknown_id_leads_to_the_list(bare, hub):
    assert "`idp clients list`" in bare("clients", "log", "elsewhere").stderr


def test_what_a_stranger_sent_cannot_move_the_cursor(bare, hub):
    refuse(hub, reason=Reason.CLIENT_UNKNOWN, details={"named": "a\x1b[2J"})
    assert "\x1b" not in bare.done("clients", "log", "my-portal")


def test_the_registration_points_to_the_log(bare, hub):
    assert "idp clients log" not in bare.done("clients", "show", "my-portal")
    refuse(hub, count=4)
    shown = bare.done("clients", "show", "my-portal")
    assert "4 refused requests within seven days: `idp clients log my-portal`." in shown


def followed(bare, hub, *options):
    """Return what --follow prints: a line, one more, a count, and Ctrl+C."""
    acts = [
        lambda: refuse(hub, reason=Reason.PKCE_MISSING),
        lambda: refuse(hub, minutes_ago=0),
        lambda: None,
    ]

    def pause(_span):
        if not acts:
            raise KeyboardInterrupt
        acts.pop(0)()

    refuse(hub)
    tools = replace(
        command_tools(), open_hub=lambda settings: replace(open_hub(settings), pause=pause)
    )
    words = ["clients", "log", "my-portal", "--follow", *options]
    result = CliRunner().invoke(idp, words, obj=tools, env={"IDP_CONFIG": bare.config})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_following_prints_what_is_new_or_counts_more(bare, hub):
    lines = [one for one in followed(bare, hub).splitlines() if not one.startswith(" ")]
    assert len(lines) == 3
    assert "(2 times since" in lines[2]


def test_following_prints_one_json_object_a_line(bare, hub):
    rows = [json.loads(one) for one in followed(bare, hub, "--json").splitlines()]
    assert [row["reason"] for row in rows] == ["secret_wrong", "pkce_missing", "secret_wrong"]
