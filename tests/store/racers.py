"""Sixteen takers of one right: four threads in each of four processes, all started at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BrokenBarrierError

from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.domain.sign_in.one_time_code import CodePurpose
from idp.ports import (
    Ephemeral,
)
from idp.store.database import Database
from idp.store.unit_of_work import UnitOfWork
from tests.factories import NATIONAL_ID, account, application, case, job
from tests.fakes import NOON, FixedClock, PlainVault

PROCESSES, THREADS = 4, 4
PATIENCE = 60  # seconds, on a busy machine
DAY = timedelta(days=1)

_barrier = None


def enter(barrier) -> None:
    """Start a process of the race."""
    global _barrier  # noqa: PLW0603 (a barrier reaches a process only when it is started)
    _barrier = barrier


def run(url: str, race: str, rounds: int) -> list[list[str]]:
    """Return for each round what each thread of this process got."""
    with ThreadPoolExecutor(THREADS) as threads:
        runners = [threads.submit(_run, url, race, rounds) for _ in range(THREADS)]
        return [list(outcomes) for outcomes in zip(*(r.result() for r in runners), strict=True)]


def _run(url: str, race: str, rounds: int) -> list[str]:
    assert _barrier is not None
    take, close = _taker(url, race)
    outcomes = []
    try:
        for number in range(rounds):
            _barrier.wait(PATIENCE)
            outcomes.append(take(number))
    except BrokenBarrierError:
        raise
    except BaseException:
        _barrier.abort()
        raise
    finally:
        close()
    return outcomes


def _taker(url: str, race: str) -> tuple[Callable[[int], str], Callable[[], None]]:
    if url.startswith("redis"):
        distant = RedisEphemeral(url, seconds=5)
        return lambda number: stamp(distant, number), lambda: None
    database = Database(url, PlainVault(), pool_size=1, pool_wait=timedelta(seconds=30))
    if race == "stamp":
        own = database.ephemeral(FixedClock())
        return lambda number: stamp(own, number), database.close

    def take(number: int) -> str:
        with database.begin() as work:
            return RACES[race](work, number)

    return take, database.close


def stamp(ephemeral: Ephemeral, number: int) -> str:
    return str(ephemeral.add(f"stamp-{number}", ttl=DAY))


def once(work: UnitOfWork, number: int) -> str:
    return str(work.single_use.take("code", f"{number}", expires_at=NOON + DAY))


def code(work: UnitOfWork, number: int) -> str:
    return work.codes.attempt(f"flow-{number}", CodePurpose.SIGN_IN, "digest-of-code", NOON)


def refresh(work: UnitOfWork, number: int) -> str:
    mine = f"successor-{id(work)}"
    took = work.grants.take_refresh(f"refresh-{number}", sealed_successor=mine, now=NOON)
    assert took.token is not None
    return f"{took.outcome} {took.token.successor}"


def recovery(work: UnitOfWork, number: int) -> str:
    return str(work.recoveries.take(f"recovery-{number}", NOON) is not None)


def invitation(work: UnitOfWork, number: int) -> str:
    return str(work.invitations.take(f"invitation-{number}"))


def pending_sign_in(work: UnitOfWork, number: int) -> str:
    return str(work.pending_sign_ins.take(f"pending-{number}", NOON) is not None)


def claim(work: UnitOfWork, number: int) -> str:
    claimed = work.outbox.claim("racer", NOON, lease=DAY, kinds=[f"kind-{number}"])
    return str(claimed is not None)


def put_job(work: UnitOfWork, number: int) -> str:
    return str(work.outbox.put(job(f"job-{number}")) is not None)


def end_session(work: UnitOfWork, number: int) -> str:
    return str(work.sessions.end(f"session-{number}", NOON))


def new_account(work: UnitOfWork, number: int) -> str:
    wanted = account(f"{number}-{id(work)}", national_id=_national_id(number))
    return str(work.accounts.add(wanted))


def new_case(work: UnitOfWork, number: int) -> str:
    tracking_number = f"{id(work) % 10**10}"
    submitted = application(national_id=_national_id(number))
    return str(work.cases.add(case(f"{number}-{id(work)}", tracking_number, application=submitted)))


def count(work: UnitOfWork, number: int) -> str:
    return str(work.counters.take(f"key-{number}", limit=1, per=DAY, now=NOON).allowed)


def _national_id(number: int):
    return type(NATIONAL_ID)(f"{1_000_000_000 + number}")


def tally(parts: list[list[list[str]]]) -> list[Counter[str]]:
    """Return for each round how often each outcome came."""
    return [Counter(one for part in round_ for one in part) for round_ in zip(*parts, strict=True)]


RACES: dict[str, Callable[[UnitOfWork, int], str]] = {
    "once": once,
    "code": code,
    "refresh": refresh,
    "recovery": recovery,
    "pending_sign_in": pending_sign_in,
    "invitation": invitation,
    "claim": claim,
    "put_job": put_job,
    "end_session": end_session,
    "new_account": new_account,
    "new_case": new_case,
    "count": count,
}
