"""Of sixteen takers at once from four processes exactly one wins (D6).

``make races`` runs each 200 times.
"""

import multiprocessing
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from idp.domain.sign_in.one_time_code import CodePurpose
from idp.store.database import Database
from tests.factories import (
    grant,
    invitation,
    job,
    one_time_code,
    pending_sign_in,
    recovery,
    refresh_token,
    session,
)
from tests.fakes import PlainVault
from tests.store import racers
from tests.store.racers import PROCESSES, THREADS

ROUNDS = int(os.environ.get("IDP_TEST_ROUNDS", "5"))
TAKERS = PROCESSES * THREADS
ONE_WINS = Counter({"True": 1, "False": TAKERS - 1})

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def track():
    """Four processes, each a Python of its own: nothing is inherited but the barrier."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(TAKERS)
    with ProcessPoolExecutor(PROCESSES, context, racers.enter, (barrier,)) as pool:
        yield pool


def race(track, url: str, name: str) -> list[Counter[str]]:
    runs = [track.submit(racers.run, url, name, ROUNDS) for _ in range(PROCESSES)]
    return racers.tally([one.result() for one in runs])


@pytest.mark.parametrize(
    "name",
    [
        *("once", "recovery", "pending_sign_in", "invitation", "claim", "put_job"),
        *("end_session", "new_account", "new_case", "count", "stamp"),
    ],
)
def test_one_of_sixteen_wins(track, prepared_url, name):
    assert race(track, prepared_url, name) == [ONE_WINS] * ROUNDS


def test_one_of_sixteen_stamps_wins_in_redis(track, redis_url):
    assert race(track, redis_url, "stamp") == [ONE_WINS] * ROUNDS


def test_one_right_code_of_sixteen_is_right(track, prepared_url):
    one_is_right = Counter({"right": 1, "dead": TAKERS - 1})
    assert race(track, prepared_url, "code") == [one_is_right] * ROUNDS


def test_one_of_sixteen_refreshes_gives_the_successor_to_all(track, prepared_url):
    for outcomes in race(track, prepared_url, "refresh"):
        (winner,) = (one for one in outcomes if one.startswith("taken "))
        successor = winner.removeprefix("taken ")
        assert outcomes == {winner: 1, f"repeated {successor}": TAKERS - 1}


@pytest.fixture
def prepared_url(migrated_url: str) -> str:
    """A database that holds, for every round, what is raced for."""
    database = Database(migrated_url, PlainVault())
    with database.begin() as work:
        work.grants.add(grant())
        for number in range(ROUNDS):
            work.codes.put(
                one_time_code(f"flow-{number}", purpose=CodePurpose.SIGN_IN), is_sent=True
            )
            work.grants.add_refresh(refresh_token(f"refresh-{number}"))
            work.recoveries.put(recovery(f"recovery-{number}"))
            work.pending_sign_ins.put(pending_sign_in(f"pending-{number}"))
            work.invitations.add(invitation(f"invitation-{number}"))
            work.outbox.put(job(f"claim-{number}", kind=f"kind-{number}"))
            work.sessions.add(session(f"session-{number}"), f"token-{number}")
    database.close()
    return migrated_url
