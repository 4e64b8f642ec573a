"""What step two holds so far, kept with the step-one record: no slip of a phone loses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.services.kernel import Kernel
from idp.services.protection.owners_counters import TooMany

QUICKEST = timedelta(seconds=2)
"""How soon a script may keep a text after the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Keeps the form of step two in the row of step one, sealed and bound to the browser.

    It lives as long as the record, and the submission erases it. Passwords and the answer are
    never part of it.
    """

    kernel: Kernel

    def keep(
        self, record_id: str, browser: str, typed: Mapping[str, str], *, by_script: bool = False
    ) -> bool:
        """Keep what step two holds; False when the registration is gone, or not at step two.

        The row is written only for a text that differs from the last one.

        Raises:
            TooMany: a script came less than two seconds after the last text.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            record = work.step_ones.lock(record_id)
            if record is None or not record.is_of(browser, now):
                return False
            if record.proven_at is None or record.case_id is not None:
                return False
            if by_script and record.typed_at is not None and now < record.typed_at + QUICKEST:
                raise TooMany(record.typed_at + QUICKEST - now)
            changed = record.with_typed(typed, at=now)
            if changed is not record:
                work.step_ones.put(changed)
        return True
