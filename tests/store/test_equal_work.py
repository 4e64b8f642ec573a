"""Work that strangers can time is the same whether a national ID is known or not."""

from collections.abc import Iterator

import pytest

from idp.store.database import Database
from tests.factories import MOBILE, NATIONAL_ID, OTHER_NATIONAL_ID, account, session
from tests.fakes import CountingVault

TWO_BLOCKS = 32
"""Bytes of the cipher: where a browser came from is told in a few words, longer or shorter."""


@pytest.fixture
def vault() -> CountingVault:
    return CountingVault()


@pytest.fixture
def counted(migrated_url: str, vault: CountingVault) -> Iterator[Database]:
    opened = Database(migrated_url, vault)
    with opened.begin() as work:
        work.accounts.add(account())
        work.sessions.add(session("00000000-0000-4000-8000-000000000001"), "token-1")
    yield opened
    opened.close()


def size_of(database: Database, vault: CountingVault, look_up) -> int:
    vault.opened.clear()
    with database.begin(read_only=True) as work:
        look_up(work)
    (size,) = vault.opened
    return size


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        (
            lambda work: work.accounts.find_by_national_id(NATIONAL_ID),
            lambda work: work.accounts.find_by_national_id(OTHER_NATIONAL_ID),
        ),
        (
            lambda work: work.cases.find_open_with_account(NATIONAL_ID, MOBILE),
            lambda work: work.cases.find_open_with_account(OTHER_NATIONAL_ID, MOBILE),
        ),
        (lambda work: work.accounts.find("account-1"), lambda work: work.accounts.find("")),
    ],
    ids=["sign-in", "registration", "recovery"],
)
def test_attack_E01_one_row_of_an_ordinary_size_is_opened_for_everybody(
    counted, vault, known, unknown
):
    sizes = size_of(counted, vault, known), size_of(counted, vault, unknown)
    assert abs(sizes[0] - sizes[1]) < sizes[0] * 0.1


def test_attack_E01_the_decoy_is_nobodys_account(counted):
    with counted.begin(read_only=True) as work:
        assert work.accounts.find_by_national_id(OTHER_NATIONAL_ID) is None


def test_attack_R16_a_session_is_opened_for_everybody(counted, vault):
    sizes = [
        size_of(counted, vault, lambda work, token=token: work.sessions.find_with_account(token))
        for token in ("token-1", "")
    ]
    assert abs(sizes[0] - sizes[1]) < TWO_BLOCKS


def test_attack_R16_the_decoy_is_nobodys_session(counted):
    with counted.begin(read_only=True) as work:
        assert work.sessions.find_with_account("") is None
