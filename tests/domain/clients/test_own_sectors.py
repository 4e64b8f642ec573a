"""Clients that register themselves: who shares subjects with nobody (OIDC Core 8.1; J22)."""

from dataclasses import replace

import pytest

from tests.domain.clients.test_client_registration import ALLOWED, problems, registered

TWO = ["https://a.test/cb", "https://b.test/cb"]
DOCUMENT = "https://sector.test/list"


def test_a_client_of_two_hosts_is_a_sector_of_its_own():
    assert registered(redirect_uris=TWO).sector == "client:c-1"


def test_a_client_of_one_host_is_of_that_host():
    assert registered().sector == "clinic.test"


def test_a_document_makes_the_sector():
    assert registered(redirect_uris=TWO, sector_identifier_uri=DOCUMENT).sector == "sector.test"


def test_who_asks_for_pairwise_needs_a_document():
    assert problems(redirect_uris=TWO, subject_type="pairwise") == {"sector"}


def test_who_repeats_our_answer_does_not_ask():  # RFC 7592 2.2
    own = replace(ALLOWED, is_own_sector=True)
    assert registered(own, redirect_uris=TWO, subject_type="pairwise").sector == "client:c-1"


@pytest.mark.parametrize("grants", [[], ["client_credentials"]])
def test_no_client_registers_itself_as_a_service(grants):  # RFC 6749 4.4
    assert "grant_types" in problems(grant_types=grants)


def test_no_client_registers_itself_with_either_method():
    asked = {"token_endpoint_auth_method": "client_secret"}
    assert problems(**asked) == {"token_endpoint_auth_method"}
