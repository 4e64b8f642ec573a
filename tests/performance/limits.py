"""What an operation cannot cost less than: the server's floor, signatures, one commit, the hash."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from tests.migrated import DRIVER
from tests.performance import load
from tests.performance.hub import House, Place
from tests.performance.machines import Machine, Variant
from tests.performance.processes import cpu_seconds
from tests.performance.visitor import Steps, Visitor
from tests.performance.yardstick import Yardstick, cpu_ms

COMMITS = 1000
HASHES = 10
WINDOWS, SECONDS, USERS = 3, 1.5, 8


class Parts(NamedTuple):
    """How much of each an operation needs."""

    requests: int = 1
    signatures: int = 0
    commits: int = 0
    hashes: int = 0


NEEDED = {
    "single_sign_on": Parts(requests=2, signatures=2, commits=1),
    "refresh": Parts(signatures=2, commits=1),
    "client_credentials": Parts(signatures=1),
    "userinfo": Parts(),
    "introspection": Parts(),
    "discovery": Parts(),
    "jwks": Parts(),
    "sign_in": Parts(requests=5, signatures=2, commits=1, hashes=1),
    "step_two": Parts(),
}


@dataclass(frozen=True)
class Prices:
    """CPU milliseconds of each part on this machine."""

    request: float
    signature: float
    commit: float
    hash: float

    def limit(self, scenario: str) -> float:
        """Return the least that the operation can cost."""
        each = (self.request, self.signature, self.commit, self.hash)
        return sum(price * times for price, times in zip(each, NEEDED[scenario], strict=True))


def commit_ms(place: Place, stores: Sequence[int]) -> float:
    """Return the CPU of one transaction with one row, on both sides of the line."""
    url = place.database.replace(DRIVER, "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE committed (number bigint)")
        before = cpu_seconds(stores)

        def commit() -> None:
            connection.execute("INSERT INTO committed VALUES (%s)", [1], prepare=True)

        own = cpu_ms(commit, COMMITS)
        theirs = (cpu_seconds(stores) - before) * 1000
        connection.execute("DROP TABLE committed")
    return (own + theirs) / COMMITS


def hash_ms(house: House) -> float:
    """Return the CPU of one password hash."""
    return cpu_ms(lambda: house.outside.hashing.hash("a password"), HASHES) / HASHES


def request_ms(origin: str, process: int) -> float:
    """Return the server's CPU for a request whose application does nothing."""

    def ask() -> Steps[None]:
        yield Visitor(origin).request("floor", "GET", f"{origin}/")

    before = cpu_seconds([process])
    done = load.run_for(origin, SECONDS, [ask] * USERS)
    return (cpu_seconds([process]) - before) * 1000 / done.operations


def prices(machine: Machine, variant: Variant, yardstick: Yardstick) -> Prices:
    """Return what each part costs here, with the server of ``variant``."""
    with machine.floor(variant) as (origin, process):
        requests = [request_ms(origin, process) for _ in range(WINDOWS)]
    return Prices(
        request=round(statistics.median(requests), 4),
        signature=round(yardstick.rs256_ms, 4),
        commit=round(commit_ms(machine.place, machine.stores()), 4),
        hash=round(hash_ms(machine.house), 2),
    )
