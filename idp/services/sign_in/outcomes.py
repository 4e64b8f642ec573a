"""Counting how the steps of sign-ins end."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from idp.ports import DatabaseUnavailable, HashingBusy
from idp.services.protection.owners_counters import TooMany
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.protection.turns import TurnNeeded
from idp.services.sign_in.entering import Entered
from idp.telemetry.catalogue import SIGN_INS

RAISED: dict[type[Exception], str] = {
    WorkNeeded: "work_needed",
    TurnNeeded: "turn_needed",
    TooMany: "too_many",
    HashingBusy: "hashing_busy",
    DatabaseUnavailable: "database_unavailable",
}
P = ParamSpec("P")
T = TypeVar("T")


def counted(step: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that counts how a step ends: by its result, or the error it raises."""

    def decorate(act: Callable[P, T]) -> Callable[P, T]:
        @wraps(act)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                result = act(*args, **kwargs)
            except tuple(RAISED) as error:
                SIGN_INS.add(step, RAISED[type(error)])
                raise
            SIGN_INS.add(step, _name(result))
            return result

        return run

    return decorate


def _name(result: object) -> str:
    if isinstance(result, Entered):
        return "signed_in"
    return result.value if isinstance(result, StrEnum) else "code_needed"
