"""`idp logout`: what portals were told, and trying again."""

import pytest

from idp.domain.clients.client import Client
from idp.services.sign_out.end_sessions import end_one_session
from tests import factories
from tests.cli.conftest import CommandLine

NOT_FOUND = 3


@pytest.fixture
def run(bare: CommandLine) -> CommandLine:
    """An administrator whose hub has given up on one portal and waits for another."""
    bare.done("db", "upgrade")
    hub = bare.hub()
    session = factories.session()
    with hub.begin() as work:
        work.sessions.add(session, "token")
        for portal in ("back", "dead"):
            uri = f"https://{portal}.example/out"
            told = Client(client_id=portal, name="x", backchannel_logout_uri=uri)
            factories.put_client(work, told)
            work.sessions.visit(session.id, portal, hub.clock())
        assert end_one_session(work, session, hub.clock(), "signed_out")
    bury_the_one_of(hub, "dead")
    return bare


def bury_the_one_of(hub, client_id):
    """Give up what was put for one portal, as the worker does after six tries."""
    while True:
        with hub.begin() as work:
            job = work.outbox.claim("w", hub.clock(), lease=hub.settings.session_idle)
            if job.payload["client_id"] == client_id:
                work.outbox.bury(job, hub.clock(), reason="status_500")
                return


def test_deliveries_are_listed(run):
    listed = run.done("logout", "deliveries")
    assert "dead" in listed
    assert "given_up" in listed
    assert "status_500" in listed


def test_they_are_json_for_scripts(run):
    [one] = run.read("logout", "deliveries", "--state", "given_up")
    assert one.keys() == {
        *("delivery", "client_id", "state", "put_at", "tries", "last_error"),
        *("next_try", "ended_at"),
    }
    assert (one["client_id"], one["tries"], one["next_try"]) == ("dead", 1, None)


def test_neither_person_nor_session_is_printed(run):
    printed = run.done("logout", "deliveries", "--json")
    assert "account-1" not in printed
    assert "session-1" not in printed


def test_they_are_filtered_by_client(run):
    assert [one["client_id"] for one in run.read("logout", "deliveries", "--client", "back")] == [
        "back"
    ]


def test_without_any_it_says_so(run):
    assert run.done("logout", "deliveries", "--client", "nobody") == "No delivery.\n"


def test_what_was_given_up_is_tried_again(run):
    assert "1 deliveries" in run.done("logout", "retry", "dead")
    [one] = run.read("logout", "deliveries", "--client", "dead")
    assert (one["state"], one["tries"]) == ("waiting", 0)


def test_trying_again_is_in_the_audit(run):
    run.done("logout", "retry", "dead")
    assert "logout.retried" in run.done("audit", "tail")


def test_there_must_be_something_to_try_again(run):
    assert run("logout", "retry", "back").exit_code == NOT_FOUND


@pytest.fixture
def signed_in(run: CommandLine) -> CommandLine:
    """The same, with somebody whose session is alive."""
    hub = run.hub()
    with hub.begin() as work:
        work.sessions.add(factories.session("session-2"), "token-2")
        work.sessions.visit("session-2", "back", hub.clock())
    return run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "1 sessions ended.\n"),
        (
            ("--logout-tokens-a-second", "50"),
            "1 sessions ended.\n1 logout tokens will be sent.\n",
        ),
    ],
)
def test_everybody_is_signed_out_by_one_command(signed_in, options, said):
    reason = ("--officer", "o-17", "--reason", "leak")
    assert signed_in.done("citizens", "end-all-sessions", *reason, *options).endswith(said)
