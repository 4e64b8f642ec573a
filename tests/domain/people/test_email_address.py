from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.email_address import EmailAddress, InvalidEmail
from tests.deadline import no_runaway


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("you@domain.com", "you@domain.com"),
        (" \u200eYou+tag@Mail.Example.IR ", "You+tag@mail.example.ir"),
        ("a.b-c_d@xn--mgba3a4f16a.ir", "a.b-c_d@xn--mgba3a4f16a.ir"),
        ("o'neil@a-b.co", "o'neil@a-b.co"),
        ("INFO@Mail.Example.IR", "INFO@mail.example.ir"),
        ("you@XN--MGBA3A4F16A.ir", "you@xn--mgba3a4f16a.ir"),
    ],
)
def test_an_address_is_read(typed, address):
    assert EmailAddress.parse(typed).value == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" \u200f ", "empty"),
        ("a@" + "b" * 253, "length"),
        ("شما@domain.com", "persian"),
        ("you۱@domain.com", "persian"),
        ("you", "format"),
        ("@domain.com", "format"),
        ("you@", "format"),
        ("you@domain", "format"),
        ("you@domain.c", "format"),
        ("you@domain.1", "format"),
        ("you@domain.c0m1", "format"),
        ("you@printer.local", "format"),
        ("you@domain.test", "format"),
        ("you@xn--mgba3a4f16a1.ir", "format"),
        ("you@-domain.com", "format"),
        ("you@domain-.com", "format"),
        ("you@domain..com", "format"),
        ("you.@domain.com", "format"),
        ("a..b@domain.com", "format"),
        ("a@b@domain.com", "format"),
        ("a b@domain.com", "format"),
        ('"a b"@domain.com', "format"),
        ("you@[127.0.0.1]", "format"),
        ("you@dömain.com", "format"),
        ("you@domain.com\nBcc: x@y.ir", "format"),
        ("you\x00@domain.com", "format"),
        ("a" * 65 + "@domain.com", "format"),
        ("-you@domain.com", "format"),
        ("you@ab--cd.com", "format"),
        ("a@" + "b" * 64 + ".com", "format"),
    ],
)
def test_what_is_no_address_is_refused(typed, code):
    with pytest.raises(InvalidEmail) as refusal:
        EmailAddress.parse(typed)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "address",
    ["a" * 64 + "@domain.com", "a@" + "b" * 63 + ".com", "a.b@c.d.co"],
)
def test_an_address_may_be_as_long_as_mail_allows(address):  # RFC 5321 4.5.3.1
    assert EmailAddress.parse(address).value == address


def test_an_address_ends_after_254_characters():
    longest = "a@" + "b." * 125 + "co"

    assert EmailAddress.parse(longest).value == longest
    with pytest.raises(InvalidEmail, match=r"^length$"):
        EmailAddress.parse("a" + longest)


def test_an_address_may_hold_a_joiner_that_nobody_sees():
    assert EmailAddress.parse("you\u200c@domain.com").value == "you@domain.com"


def test_a_huge_text_is_refused_at_once():
    with no_runaway(), pytest.raises(InvalidEmail, match=r"^length$"):
        EmailAddress.parse("a.-" * 1_000_000)


@given(st.text(alphabet="a1-@. =?<>,\u0627\uff20", max_size=8))
def test_an_encoded_label_decodes_to_a_word_or_is_refused(label):
    encoded = label.encode("punycode").decode()
    with suppress(InvalidEmail):
        EmailAddress.parse(f"you@xn--{encoded}.com")
        assert not set(label) & set("@. =?<>,\uff20")


@given(st.text() | st.emails() | st.text("ab.-@1", max_size=30))
def test_parsing_never_crashes_and_repeats_itself(text):
    with suppress(InvalidEmail):
        address = EmailAddress.parse(text)
        assert address.value.isascii()
        assert EmailAddress.parse(address.value) == address


def test_the_repr_tells_no_address():
    assert repr(EmailAddress.parse("you@domain.com")) == "EmailAddress()"


@pytest.mark.parametrize("address", ["you@domain.com", "y@domain.com"])
def test_a_masked_address_tells_its_beginning_and_its_domain_and_no_length(address):
    assert EmailAddress(address).masked() == "y***@domain.com"
