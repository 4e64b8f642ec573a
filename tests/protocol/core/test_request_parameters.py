"""Raw bytes in, clean parameters or a refusal out (D5)."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.core.request_parameters import (
    MAX_FIELD,
    Malformed,
    Parameters,
    body_parameters,
    parse,
    query_parameters,
    read,
)
from idp.protocol.core.requests import ProtocolRequest

KNOWN = frozenset({"state", "nonce", "resource", "claims", "login_hint"})


def test_values_are_form_decoded():  # RFC 6749 appendix B
    assert parse(b"state=a+b%2Bc", KNOWN).find("state") == "a b+c"


def test_unknown_parameters_are_ignored():  # RFC 6749 3.1
    assert parse(b"state=1&colour=red", KNOWN) == Parameters({"state": "1"}, {})


def test_an_empty_value_counts_as_omitted():  # RFC 6749 3.1
    assert parse(b"state=&nonce", KNOWN).find("state") is None


def test_attack_R12_a_repeated_parameter_is_refused():  # RFC 6749 3.1
    with pytest.raises(Malformed):
        parse(b"state=1&state=1", KNOWN)


def test_a_repeated_empty_parameter_is_refused_too():
    with pytest.raises(Malformed):
        parse(b"state=&state=1", KNOWN)


def test_resources_may_be_several():  # RFC 8707 2
    assert parse(b"resource=a&resource=b", KNOWN).all("resource") == ("a", "b")


@pytest.mark.parametrize(
    "raw",
    [
        b"state=%00",
        b"state=a%0d%0ab",
        b"state=%7f",
        b"state=%ff",
        b"state=\xff",
        b"state=%ed%a0%80",
        b"state=%c0%af",
        b"state=%zz",
        b"state=%",
        "state=سلام".encode(),
        b"state=%e2%80%ae",
        b"claims=%e2%80%ae1",
        b"claims=a%00",
        b"claims=" + b"%61" * (MAX_FIELD + 1),
        b"state=" + b"a" * (MAX_FIELD + 1),
        b"&".join(b"resource=a%d" % n for n in range(101)),
        b"x=" + b"a" * 70_000,
    ],
)
def test_attack_I03_bytes_that_mean_no_good_are_refused(raw):
    with pytest.raises(Malformed):
        parse(raw, KNOWN)


@pytest.mark.parametrize("name", ["login_hint", "ui_locales"])
@pytest.mark.parametrize("value", ["%00", "%ff", "%", "%e2%80%ae", "a&{name}=b", "a" * 9000])
def test_a_hint_that_cannot_be_read_is_ignored(name, value):  # OIDC Core 3.1.2.1
    raw = f"state=1&{name}={value.replace('{name}', name)}".encode()
    assert parse(raw, KNOWN | {name}) == Parameters({"state": "1"}, {})


@pytest.mark.parametrize(
    "unknown",
    [
        *(b"x=%e2%80%8c", b"x=\xff", b"x=%ff%00", b"x=%", b"%=%", b"x=1&x=2", b"opt[]=1&opt[]=2"),
        *(
            "ایمیل=الف\u200cب".encode(),
            b"%ff=1",
            b"state%=1",
            b"STATE=1",
            b"state[]=1",
            b"=",
            b"&&",
        ),
        b"x=" + b"a" * 60_000,
        b"&".join(b"x%d=1" % n for n in range(5000)),
    ],
    ids=lambda raw: str(raw[:24]),
)
def test_an_unknown_parameter_may_hold_anything(unknown):  # RFC 6749 3.1, 3.2
    assert read(unknown + b"&state=1", KNOWN) == Parameters({"state": "1"}, {})


def test_a_name_may_be_encoded():  # RFC 6749 appendix B
    assert parse(b"st%61te=1", KNOWN).find("state") == "1"


def test_what_is_broken_is_named_and_the_rest_is_read():
    found = read(b"nonce=1&state=1&state=2&claims=%ff", KNOWN)
    assert found.single == {"nonce": "1"}
    assert found.broken == {"state": "state is repeated", "claims": "claims is not UTF-8"}


def test_a_login_hint_may_be_written_in_persian_digits():
    assert parse(f"login_hint={quote('۱۲۳')}".encode(), KNOWN).find("login_hint") == "۱۲۳"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1))
def test_every_printable_text_arrives_byte_for_byte(text):
    assert parse(f"state={quote(text, safe='')}".encode(), KNOWN).find("state") == text


@given(st.binary())
def test_no_bytes_do_more_than_be_refused(raw):
    with suppress(Malformed):
        assert set(parse(raw, KNOWN).single) <= KNOWN


def test_attack_C25_parameters_in_the_query_are_refused_where_a_body_is_due():  # OAuth 2.1 3.2
    request = ProtocolRequest(
        method="POST", path="/", query=b"state=b", content_type="application/x-www-form-urlencoded"
    )
    with pytest.raises(Malformed):
        body_parameters(request, KNOWN)


def test_unknown_parameters_in_the_query_are_no_obstacle():  # RFC 6749 3.2
    request = ProtocolRequest(
        method="POST",
        path="/",
        query=b"a=b",
        body=b"state=1",
        content_type="application/x-www-form-urlencoded",
    )
    assert body_parameters(request, KNOWN).find("state") == "1"


def test_a_body_of_another_type_is_refused():
    request = ProtocolRequest(method="POST", path="/", body=b"{}", content_type="application/json")
    with pytest.raises(Malformed):
        body_parameters(request, KNOWN)


def test_the_charset_of_a_form_may_be_named():
    request = ProtocolRequest(
        method="POST",
        path="/",
        body=b"state=1",
        content_type="application/x-www-form-urlencoded; charset=UTF-8",
    )
    assert body_parameters(request, KNOWN).find("state") == "1"


def test_known_parameters_in_a_body_beside_a_query_are_refused():
    request = ProtocolRequest(
        method="GET",
        path="/",
        query=b"nonce=b",
        body=b"state=1",
        content_type="application/x-www-form-urlencoded",
    )
    with pytest.raises(Malformed):
        query_parameters(request, KNOWN)
