"""A hub with argon2 whose cost was raised when some of its accounts were there (attack E11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from idp.adapters.host_semaphore import HostSemaphore
from idp.adapters.password_hashing import Argon2Hashing
from idp.adapters.stored_costs import StoredCosts
from idp.domain.people.national_id import NationalId
from idp.store.database import Database
from tests import factories
from tests.fakes import PlainVault
from tests.web.enumeration.house import House
from tests.web.enumeration.owners import ids_of
from tests.web.enumeration.strangers import without_questions
from tests.web.hub import Hub

KINDS = ("unknown", "old hash", "new hash")
UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"


class Costs(NamedTuple):
    """Memory in KiB and passes of older hashes, and of those that are made now."""

    old: tuple[int, int]
    new: tuple[int, int]


REAL = Costs((19456, 2), (32768, 3))
SMALL = Costs((1024, 1), (2048, 2))
"""As far apart, and fast enough for thousands of tries."""


def house_of_two_costs(
    make_hub: Callable[..., Hub], folder: Path, costs: Costs, *, guide: bool, knows_costs: bool
) -> House:
    """Return the hub with its IDs. ``knows_costs``: False computes one hash alone, as others do."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'hub'}.sqlite3"
    slots = HostSemaphore(folder=folder, count=1, queue=1, wait=timedelta(seconds=30))
    stored = StoredCosts(lambda: Database(url, PlainVault()).hash_costs())
    known = {"stored_costs": stored} if knows_costs else {}
    peppers = [("p1", b"p" * 32)]
    old, new = (
        Argon2Hashing(peppers, slots, memory_kib=memory, time_cost=passes, **known)
        for memory, passes in costs
    )
    hub = make_hub(UNLIMITED, url=url, hashing=new, guide=guide)
    ids = ids_of(KINDS, first=8_100_001)
    for hashing, kind in ((old, "old hash"), (new, "new hash")):
        _write(hub, ids[kind], hashing.hash("Salam#1234"))
    return House(hub, url, ids, without_questions)


def _write(hub: Hub, ids: list[str], hashed: str) -> None:
    for national_id in ids:
        base = factories.account(id=national_id, national_id=NationalId(national_id))
        credentials = replace(base.credentials, password_hash=hashed, answer_hash=hashed)
        with hub.deps.begin() as work:
            assert work.accounts.add(replace(base, credentials=credentials))
