"""Builds what answers the health checks of a process."""

from collections.abc import Callable
from datetime import timedelta

from idp.adapters.latest_answer import LatestAnswer
from idp.app.checks import refuse_keyless
from idp.app.outside import Outside, redis_answers
from idp.services.upkeep.readiness import Readiness, Ready
from idp.store.state_watch import StateWatch

KEEP = timedelta(seconds=1)
"""However often a process is asked, it looks once in this span."""
WITHIN = timedelta(seconds=2)
"""Shorter than the time-outs of the usual load balancers."""


def build_readiness(outside: Outside) -> Callable[[], Ready | None]:
    """Return the function that looks at every part in bounded time; None: it did not answer."""
    watch = StateWatch(outside.settings.database.url, outside.clock)
    readiness = Readiness(
        clock=outside.clock,
        database=watch.health,
        keys=lambda: refuse_keyless(outside),
        maintenance=outside.maintenance,
        redis=redis_answers(outside.settings.redis.url),
    )
    return LatestAnswer(readiness.look, keep=KEEP, within=WITHIN).get
