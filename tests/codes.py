"""The limits of codes as `config/default.toml` has them, for tests of the use cases."""

from datetime import timedelta

from idp.domain.protection.rate_limits import Limit, Mark
from idp.ports import Clock, Vault
from idp.services.messages.code_limits import CodeCounts, CodeLimits
from idp.services.messages.sms_budget import BudgetSize, SmsBudget
from idp.services.protection.owners_counters import OwnersCounter
from idp.services.protection.shared_marks import NoTally, SharedMark, Tally

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OF_OWNER = (Limit(10, HOUR), Limit(30, DAY))
TO_PHONE = (Limit(5, HOUR), Limit(10, DAY))
WORK_BY_NETWORK, WORK_BY_TYPED = 20, 3


def budget_size(per_hour: int, per_prefix: int, sample: int = 200) -> BudgetSize:
    """Return a budget; past ``sample`` codes a tenth is left if fewer than one in four is right."""
    return BudgetSize(
        per_hour=per_hour,
        per_prefix=per_prefix,
        sample=sample,
        poor_below_one_in=4,
        poor_divides_by=10,
    )


ENOUGH = budget_size(10_000, 1000)


def code_limits(
    clock: Clock, vault: Vault, budget: SmsBudget | None = None, tally: Tally | None = None
) -> CodeLimits:
    """Return the limits, with a budget of the hub that no test spends unless it brings its own.

    Work is asked where a ``tally`` counts.
    """
    counts = CodeCounts(
        again_after=timedelta(minutes=1),
        of_owner=OwnersCounter("code_of_account", OF_OWNER, clock, vault),
        by_network=_mark("code", WORK_BY_NETWORK, HOUR, tally, vault),
        by_typed=_mark("code", WORK_BY_TYPED, DAY, tally, vault),
        to_phone=TO_PHONE,
        known_phones=3,
    )
    return CodeLimits(clock, counts, budget or SmsBudget(clock, ENOUGH))


def _mark(
    name: str, work_from: int, per: timedelta, tally: Tally | None, vault: Vault
) -> SharedMark:
    mark = Mark(work_from=work_from, per=per, harder_every=100, hardest=4)
    return SharedMark(name, mark, tally or NoTally(), vault)
