"""``idp seed``."""

import pytest

from tests.cli.conftest import CommandLine


def test_accounts_are_written_and_counted(run: CommandLine):
    assert run.done("seed", "--accounts", 3) == "3 accounts were written.\n"
    sizes = {row["table"]: row["rows"] for row in run.read("db", "sizes")}
    assert sizes["accounts"] == 3


def test_the_password_is_typed_and_never_an_argument(run: CommandLine):
    run.done("seed", "--accounts", 1, "--password", typed="Sabz1234xyz\n")
    assert run("seed", "--accounts", 2, "--password", "Sabz1234xyz").exit_code == 2


@pytest.mark.parametrize(("more", "code"), [((), 1), (("--rehearsal",), 0)])
def test_outside_development_a_rehearsal_is_named(run: CommandLine, more, code):
    run.variables |= {
        "IDP__SERVER__ENVIRONMENT": "production",
        "IDP__SERVER__ISSUER": "https://account.example.ir",
        "IDP__SERVER__TRUSTED_HOSTS": '["account.example.ir"]',
        "IDP__SERVER__TRUSTED_PROXIES": "1",
        "IDP__SMS__GATEWAYS": '["magfa"]',
        "IDP__SMS__MAGFA__URL": "https://sms.example.ir/",
        "IDP__SMS__MAGFA__USER": "u",
        "IDP__SMS__MAGFA__PASSWORD": "p",
        "IDP__SMS__MAGFA__SENDER": "1",
        "IDP__PAGES__INBOX": "false",
        "IDP__MAIL__INBOX": "false",
        "IDP__PAGES__MOVABLE_CLOCK": "false",
        "IDP__OUTBOUND__ALLOW_LOOPBACK": "false",
    }
    run.settings.chmod(0o600)
    result = run("seed", "--accounts", 1, *more)
    assert (result.exit_code, "--rehearsal" in result.stderr) == (code, code == 1), result.stderr
