"""The list of branches: replaced as a whole by an administrator, searched by everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.branches.branch import Branch, in_city
from idp.ports import AuditEntry
from idp.services.kernel import Kernel

SUBJECT = "branches"


@dataclass(frozen=True, slots=True)
class FoundBranches:
    """The branches to show; ``is_of_city`` is False where the named city has none.

    ``branches`` are then those of the province, or none without a province.
    """

    branches: Sequence[Branch]
    is_of_city: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """Replaces, lists and finds branches."""

    kernel: Kernel

    def replace(self, branches: Sequence[Branch], *, officer: str) -> int:
        """Put ``branches`` in the place of all earlier ones; return how many those were.

        One audited transaction: every process shows the old list, then the new one.
        """
        with self.kernel.begin() as work:
            before = work.branches.replace(branches)
            work.audit.add(
                AuditEntry(
                    at=self.kernel.clock(),
                    actor=officer,
                    action="branches.replaced",
                    subject=SUBJECT,
                    details={"before": str(before), "now": str(len(branches))},
                )
            )
        return before

    def list(self, province: str | None = None) -> Sequence[Branch]:
        """Return the branches of a province, or all, by province, city and name."""
        with self.kernel.begin(read_only=True) as work:
            return work.branches.list(province)

    def are_known(self) -> bool:
        """Return whether a list was imported."""
        with self.kernel.begin(read_only=True) as work:
            return work.branches.are_known()

    def find(self, province: str | None, city: str) -> FoundBranches:
        """Return the branches of the city and province; one of the two may be missing.

        Without either, none: the whole list is nobody's answer.
        """
        if province is None and not city:
            return FoundBranches(())
        of_province = self.list(province)
        found = in_city(of_province, city) if city else of_province
        if found or not city:
            return FoundBranches(found)
        return FoundBranches(of_province if province is not None else (), is_of_city=False)
