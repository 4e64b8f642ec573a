"""Transactions that cross each other's locks: retried, with the same result (F13, F12, F14)."""

import threading
from datetime import timedelta

import psycopg
import pytest

from idp.domain.registration.case_state import CaseState
from idp.ports import DatabaseUnavailable
from tests.factories import account
from tests.fault.workers import known_person
from tests.services.laboratory import Laboratory


@pytest.fixture
def lab(migrated_postgres_url):
    laboratory = Laboratory(migrated_postgres_url)
    yield laboratory
    laboratory.close()


class Crossing:
    """A transaction that waits longer than the worker before it looks for a deadlock."""

    def __init__(self, lab, url, national_id):
        self.connection = psycopg.connect(url.replace("+psycopg", ""))
        self.connection.execute("SET deadlock_timeout = '30s'")
        self.hash = lab.vault.digest(national_id.value, purpose="national_id")

    def add_account(self):
        self.connection.execute(
            "INSERT INTO accounts (id, state, national_id_hash, sealed, phone_proven,"
            " password_hash, answer_hash, question_id, password_changed_at, roles,"
            " assurance_method, assurance_mobile, assured_at, created_at, updated_at, epoch,"
            " password_cost, answer_cost)"
            " VALUES ('crossing', 'active', %s, '', true, '', '', '', now(), '[]', '', '',"
            " now(), now(), now(), 0, '', '')",
            [self.hash],
        )

    def lock_case(self, case_id):
        self.connection.execute("SELECT 1 FROM cases WHERE id = %s FOR UPDATE", [case_id])

    def roll_back(self):
        self.connection.rollback()
        self.connection.close()


def test_a_case_whose_decision_met_a_deadlock_is_decided_once(lab, migrated_postgres_url):  # F13
    application = known_person(lab)
    case = lab.submit(application)
    crossing = Crossing(lab, migrated_postgres_url, application.national_id)
    crossing.add_account()
    met, original = threading.Event(), lab.registries.check

    def check(*who):
        # The worker will hold the case and wait for the account; the other way round over there.
        if not met.is_set():
            met.set()
            threading.Timer(0.3, crossing.lock_case, [case.id]).start()
        return original(*who)

    lab.registries.check = check
    with pytest.raises(DatabaseUnavailable):
        lab.work()
    crossing.roll_back()

    lab.work()

    assert lab.case(case).state is CaseState.ACTIVATED
    assert lab.actions(case.id) == ["case.activated"]
    assert len(lab.texts_to(application.mobile)) == 1


def test_a_statement_that_waits_too_long_takes_its_whole_transaction_back(lab):  # F12, F14
    application = known_person(lab)
    once = {"limit": 1, "per": timedelta(hours=1), "now": lab.clock()}
    with lab.begin() as work:
        work.accounts.add(account(national_id=application.national_id))
    with lab.begin() as holding:
        holding.accounts.lock("account-1")
        with pytest.raises(DatabaseUnavailable), lab.begin() as work:  # noqa: PT012 (one transaction)
            work.counters.take("1", **once)
            work.accounts.lock("account-1")

    with lab.begin() as work:
        assert work.counters.take("1", **once).allowed
