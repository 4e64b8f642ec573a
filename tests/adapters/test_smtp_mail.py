"""Mail by SMTP, against a server that answers as it is told."""

from collections.abc import Iterator
from email import message_from_string, policy

import pytest

from idp.adapters.smtp_mail import SmtpMail
from idp.ports import MailReceipt, MailResult
from idp.settings import MailSection
from tests import factories
from tests.fakes import FixedClock
from tests.simulators.smtp import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def mail_to(server, **changes):
    account = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "user": "",
        "password": "",
        "sender": "حساب <no-reply@account.tamin.ir>",
        "timeout_seconds": 2.0,
        "inbox": False,
        **changes,
    }
    return SmtpMail(MailSection(**account), FixedClock(), name="account.tamin.ir")


def test_a_mail_arrives_whole_in_persian(server):
    receipt = mail_to(server).send(7, factories.mail())
    assert receipt == MailReceipt(MailResult.ACCEPTED)
    letter = message_from_string(server.mails[0], policy=policy.default)
    assert letter["Subject"] == "حساب کاربری شما"
    assert letter["To"] == "reza@example.ir"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().strip() == "گذرواژه شما تغییر یافت."


def test_the_same_mail_again_has_the_same_message_id(server):
    for _ in range(2):
        mail_to(server).send(7, factories.mail())
    ids = {message_from_string(one)["Message-ID"] for one in server.mails}
    assert ids == {"<7.mail_password_changed@account.tamin.ir>"}


def test_credentials_are_shown_where_there_are_some(server):
    mail_to(server, user="hub", password="secret").send(7, factories.mail())
    assert any(line.startswith("AUTH PLAIN") for line in server.commands)


@pytest.mark.parametrize(
    ("replies", "result", "reason"),
    [
        ({"RCPT": b"550 nobody\r\n"}, MailResult.REJECTED, "smtp_550"),
        ({"RCPT": b"450 later\r\n"}, MailResult.TRANSIENT, "smtp_450"),
        ({"MAIL": b"554 no\r\n"}, MailResult.REJECTED, "smtp_554"),
        ({".": b"451 later\r\n"}, MailResult.TRANSIENT, "smtp_451"),
        ({"DATA": b"nonsense\r\n"}, MailResult.TRANSIENT, None),
    ],
)
def test_an_answer_that_is_no_yes_is_told_apart(server, replies, result, reason):
    server.replies = replies
    receipt = mail_to(server).send(7, factories.mail())
    assert receipt.result is result
    assert reason in {None, receipt.reason}


def test_wrong_credentials_lose_no_mail(server):
    server.replies = {"AUTH": b"535 who?\r\n"}
    receipt = mail_to(server, user="hub", password="wrong").send(7, factories.mail())
    assert receipt == MailReceipt(MailResult.TRANSIENT, "login")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_line_that_cannot_be_kept_secret_carries_nothing(server, security):
    receipt = mail_to(server, security=security).send(7, factories.mail())
    assert receipt.result is MailResult.TRANSIENT
    assert server.mails == []


def test_a_server_that_is_away_is_waited_for(server):
    receipt = mail_to(server, port=1).send(7, factories.mail())
    assert receipt.result is MailResult.TRANSIENT


def test_no_reason_repeats_an_address(server):
    server.replies = {"RCPT": b"550 <reza@example.ir> unknown\r\n"}
    assert "reza" not in repr(mail_to(server).send(7, factories.mail()))
