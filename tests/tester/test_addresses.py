"""Addresses are read as browsers read them: an open redirect must not look like a local one."""

import pytest

from idp.tester.addresses import absolute, origin, query_of, with_query

PAGE = "http://127.0.0.1:8001/folder/page?x=1"


@pytest.mark.parametrize(
    ("onward", "arrives"),
    [
        ("/own", "http://127.0.0.1:8001/own"),
        ("own", "http://127.0.0.1:8001/folder/own"),
        ("?y=2", "http://127.0.0.1:8001/folder/page?y=2"),
        ("//evil.example/", "http://evil.example/"),
        ("/\\evil.example/", "http://evil.example/"),
        ("/\t/evil.example/", "http://evil.example/"),
        ("https:evil.example/", "https://evil.example/"),
        ("https://evil.example/a", "https://evil.example/a"),
    ],
)
def test_a_redirect_leads_where_a_browser_goes(onward, arrives):
    assert absolute(onward, PAGE) == arrives


@pytest.mark.parametrize("address", ["javascript:alert(1)", "mailto:a@b.example", "http:///x", ""])
def test_what_no_browser_opens_has_no_origin(address):
    assert origin(address) == ""


def test_an_origin_has_its_port():
    assert origin("https://portal.example/x") == "https://portal.example:443"


def test_parameters_are_added_to_those_that_are_there():
    assert query_of(with_query("https://p.example/?a=1", {"b": "2"})) == {"a": "1", "b": "2"}
