"""``make leak-drill``: how long the end of everybody's sessions takes (fault F35).

Fills a database with sessions, grants, visits and devices, and runs the command that an operator
would run after a leak.
"""

import os
import subprocess
import time

import psycopg

from idp.app.use_cases import share
from tests.architecture.sources import ROOT
from tests.e2e.demo import IDP
from tests.migrated import DRIVER
from tests.performance import hub
from tests.performance.hub import CLIENT, REDIRECT_URI, Place
from tests.performance.stores import fresh_place

WITHIN = 60
"""Seconds that the fault's rule gives, for a million sessions."""
TOLD = {"client_id": "told", **CLIENT, "backchannel_logout_uri": f"{REDIRECT_URI}/logout"}
SEALED = "x" * 300
# Ids are digests, so that rows do not lie in the order of their keys; each tenth grant is offline.
FILL = (
    """
INSERT INTO sessions (id, token_digest, account_id, auth_time, acr, amr, password_at, epoch,
                      created_at, last_seen_at, sealed_origin)
SELECT md5('s' || n), md5('t' || n), 'account-' || n, now(), 'urn:tamin:password', '["pwd"]',
       now(), 0, now() - n * interval '10 ms', now(), %(sealed)s
FROM generate_series(1, %(count)s) AS n
""",
    """
INSERT INTO session_visits (session_id, client_id, last_at)
SELECT md5('s' || n), 'told', now() FROM generate_series(1, %(count)s) AS n
""",
    """
INSERT INTO grants (id, client_id, account_id, session_id, account_epoch, scopes, auth_time, acr,
                    amr, created_at, expires_at, requested_claims, resources, offline)
SELECT md5('g' || n), 'portal', 'account-' || n, md5('s' || n), 0, '["openid"]', now(),
       'urn:tamin:password', '["pwd"]', now(), now() + interval '90 days', '{}', '[]', n %% 10 = 0
FROM generate_series(1, %(count)s) AS n
""",
    """
INSERT INTO known_devices (id, account_id, epoch, turn, sealed, proven_at, last_at, expires_at)
SELECT md5('d' || n), 'account-' || n, 0, 0, %(sealed)s, now(), now(), now() + interval '90 days'
FROM generate_series(1, %(count)s) AS n
""",
)


def main(sessions: int, tokens_a_second: int) -> int:
    """Print how long it took; return the exit code."""
    with fresh_place(durable=True) as place, hub.furnished(place) as house:
        share(house.outside).clients.register(TOLD, officer="tests")
        fill(place, sessions)
        print(f"{sessions:,} sessions, each with a grant, a visit and a device", flush=True)
        seconds = drilled(place, tokens_a_second)
    allowed = WITHIN * max(1.0, sessions / 1_000_000)
    print(f"ended in {seconds:.1f} seconds; {allowed:.0f} are allowed", flush=True)
    return int(seconds > allowed)


def fill(place: Place, sessions: int) -> None:
    """Write the rows, and let the planner know them, as the server does by itself in minutes."""
    with psycopg.connect(place.database.replace(DRIVER, ""), autocommit=True) as connection:
        for statement in FILL:
            connection.execute(statement, {"count": sessions, "sealed": SEALED})
        connection.execute("VACUUM (ANALYZE)")


def drilled(place: Place, tokens_a_second: int) -> float:
    """Run the command as an operator does; return how many seconds it took."""
    files = os.pathsep.join(map(str, place.write_settings(port=1)))
    environment = os.environ | {"IDP_CONFIG": files}
    begun = time.monotonic()
    subprocess.run(
        [
            *(IDP, "citizens", "end-all-sessions", "--officer", "drill", "--reason", "leak"),
            *("--logout-tokens-a-second", str(tokens_a_second)),
        ],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    return time.monotonic() - begun


if __name__ == "__main__":
    raise SystemExit(
        main(int(os.environ.get("SESSIONS") or 1_000_000), int(os.environ.get("A_SECOND") or 0))
    )
