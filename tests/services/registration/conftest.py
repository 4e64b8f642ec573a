"""A registration on both databases."""

from datetime import timedelta

import pytest

from idp.services.messages.one_time_codes import OneTimeCodes
from idp.services.protection.owners_counters import OwnersCounter
from idp.services.protection.shared_marks import (
    SharedMark,
    VanishingTally,
)
from idp.services.registration.register import Register
from idp.services.sign_in.known_devices import KnownDevices
from idp.store.database import Database
from tests import fakes
from tests.codes import code_limits
from tests.fakes import CountingRandomness, CountingVault, FixedClock, PlainHashing
from tests.services.registration.register_bench import AT_ONCE, MARK, SUBMISSIONS, Bench


@pytest.fixture
def bench(migrated_url: str):
    clock, vault, randomness = FixedClock(), CountingVault(), CountingRandomness()
    database = Database(migrated_url, vault, pool_size=AT_ONCE)
    kernel = fakes.kernel(
        database.begin, clock, vault=vault, randomness=randomness, hashing=PlainHashing()
    )
    codes = OneTimeCodes(
        kernel=kernel,
        limits=code_limits(clock, vault),
        host="account.tamin.ir",
    )
    register = Register(
        kernel=kernel,
        codes=codes,
        devices=KnownDevices(kernel=kernel, life=timedelta(days=90)),
        by_network=SharedMark(
            "registration", MARK, VanishingTally(database.ephemeral(clock)), vault
        ),
        submissions=OwnersCounter("registration", SUBMISSIONS, clock, vault),
        phone_proof=True,
    )
    yield Bench(register, database, vault, clock)
    database.close()
