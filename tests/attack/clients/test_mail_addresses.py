"""X16: addresses that a mail program reads as others than the page did."""

from dataclasses import replace
from email import message_from_string, policy

import pytest

from idp.adapters.smtp_mail import SmtpMail
from idp.domain.people.email_address import EmailAddress, InvalidEmail
from idp.ports import MailReceipt, MailResult
from idp.settings import MailSection
from tests import factories
from tests.fakes import FixedClock
from tests.simulators.smtp import mail_server

TWO_FACED = [
    "=?utf-8?q?a=40evil.com=2c?=@b.com",
    "=?utf-8?b?YUBldmlsLmNvbQ==?=@b.com",
    "=?x?q?=40=3e=00?=foo@b.com",
    "a=40evil.com=2c@b.com",
    "victim%evil.com@b.com",
    "evil.com!victim@b.com",
    "@evil.com:victim@b.com",
    '"a@evil.com,"@b.com',
    '"a@evil.com> x"@b.com',
    "a(c@evil.com)@b.com",
    "a@b.com(,c@evil.com)",
    "a@(x)b.com",
    "friends:a@evil.com,b@b.com;",
    "a@evil.com,b@b.com",
    "a@evil.com;b@b.com",
    "a@evil.com b@b.com",
    "<a@evil.com>b@b.com",
    "a@b.com\r\nRCPT TO:<c@evil.com>",
    "a@b.com\r\n\r\nBcc: c@evil.com",
    "a@b.com\0c@evil.com",
    "a@b.com\tc@evil.com",
    "a\\@evil.com@b.com",
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a\uff20evil.com@b.com",
    "a@evil\uff0ecom.b.com",
    "a@evil\u3002com.b.com",
    "a@b\u017f.com",
    "\u212a@b.com",
    "a@b\u0131.com",
    "\u0430dmin@b.com",
    "a@xn--0117.b.com",
    "a@xn--0049.b.com",
    "a@xn--a.b.com",
    "a@xn---.b.com",
    "a@xn--.b.com",
    "a@xn--ls8h.b.com",
    "a@xn--99999999.b.com",
    "-oQ/tmp@b.com",
    "|sh@b.com",
    "a`id`@b.com",
    "$(id)@b.com",
    "a/b@b.com",
    "{a,b}@b.com",
]


@pytest.mark.parametrize("typed", TWO_FACED)
def test_attack_X16_an_address_with_two_readings_is_none(typed):
    with pytest.raises(InvalidEmail):
        EmailAddress.parse(typed)


def mail(server):
    account = MailSection(
        host="127.0.0.1",
        port=server.port,
        security="none",
        user="",
        password="",
        sender="no-reply@account.tamin.ir",
        timeout_seconds=2.0,
        inbox=False,
    )
    return SmtpMail(account, FixedClock(), name="account.tamin.ir")


@pytest.mark.parametrize("stored", TWO_FACED)
def test_attack_X16_not_even_a_stored_one_is_sent_to(stored):
    letter = replace(factories.mail(), to=EmailAddress(stored))
    with mail_server() as server:
        assert mail(server).send(7, letter) == MailReceipt(MailResult.REJECTED, "address")
        assert server.commands == []


@pytest.mark.parametrize("address", ["o'neil+a@b.com", "a_b-c.d@b.com", "a@xn--mgba3a4f16a.ir"])
def test_attack_X16_the_envelope_and_the_header_name_the_claimed_address_alone(address):
    letter = replace(factories.mail(), to=EmailAddress.parse(address))
    with mail_server() as server:
        mail(server).send(7, letter)
        recipients = [line for line in server.commands if line.upper().startswith("RCPT")]
        read = message_from_string(server.mails[0], policy=policy.default)["To"].addresses
    assert recipients == [f"rcpt TO:<{address}>"]
    assert [one.addr_spec for one in read] == [address]
