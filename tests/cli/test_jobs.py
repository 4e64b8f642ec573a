"""`idp jobs`: what failed for good."""

import pytest

from idp.ports import MAIL
from tests import factories
from tests.cli.conftest import CommandLine


@pytest.fixture
def run(bare: CommandLine) -> CommandLine:
    """An administrator whose worker gave up a text and a mail."""
    bare.done("db", "upgrade")
    hub = bare.hub()
    for kind, letter in (("sms", {"sms": factories.sms()}), (MAIL, {"mail": factories.mail()})):
        with hub.begin() as work:
            work.outbox.put(factories.job(kind, kind=kind, **letter))
            job = work.outbox.claim("w", factories.NOON, lease=hub.settings.session_idle)
            work.outbox.bury(job, hub.clock(), reason=f"{kind}_refused")
    return bare


def test_dead_letters_are_listed_with_their_reason(run):
    listed = run.done("jobs", "dead-letters")
    assert "sms_refused" in listed
    assert "mail_refused" in listed


def test_they_are_json_for_scripts(run):
    [one] = run.read("jobs", "dead-letters", "--kind", "sms")
    assert one.keys() == {"job", "kind", "subject", "reason", "tries", "put_at", "ended_at"}
    assert (one["kind"], one["reason"], one["tries"]) == ("sms", "sms_refused", 1)


def test_neither_text_nor_address_is_printed(run):
    printed = run.done("jobs", "dead-letters", "--json")
    for secret in (
        factories.sms().text,
        factories.sms().to.e164,
        factories.mail().to.value,
        factories.mail().text,
    ):
        assert secret not in printed


def test_without_any_it_says_so(run):
    assert run.done("jobs", "dead-letters", "--kind", "check_case") == "No dead letter.\n"
