"""Personal values at rest: sealed, bound to their row, found by keyed digests (D13)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber
from idp.ports import Vault


class Sealing:
    """Seals JSON values of a row, bound to the row's key: moved to another row, none opens."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, values: Mapping[str, Any], *, purpose: str, bound_to: str) -> str:
        """Return ``values`` (JSON types) sealed."""
        plain = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        return self._vault.seal(plain, purpose=purpose, bound_to=bound_to)

    def open(self, sealed: str, *, purpose: str, bound_to: str) -> dict[str, Any]:
        """Return the values. Raises BrokenSeal."""
        values: dict[str, Any] = json.loads(
            self._vault.open(sealed, purpose=purpose, bound_to=bound_to)
        )
        return values

    def is_newest(self, sealed: str) -> bool:
        """Return whether the newest key sealed it."""
        return self._vault.is_newest(sealed)

    def national_id_hashes(self, national_id: NationalId) -> Sequence[str]:
        """Return the look-up digests of the national ID; rows are written with the first."""
        return self._vault.lookups(national_id.value, purpose="national_id")

    def mobile_hashes(self, mobile: Mobile) -> Sequence[str]:
        """Return the look-up digests of the mobile; rows are written with the first."""
        return self._vault.lookups(mobile.e164, purpose="mobile")

    def tracking_hashes(self, tracking_number: str, mobile: Mobile) -> Sequence[str]:
        """Return the look-up digests of a tracking number with the mobile of its case.

        One digest over both, so that it finds nothing by the mobile alone, and two cases of one
        mobile have nothing in common. Rows are written with the first.
        """
        return self._vault.lookups(f"{tracking_number}|{mobile.e164}", purpose="tracking")

    def council_number_hashes(self, number: CouncilNumber) -> Sequence[str]:
        """Return the look-up digests of the council number; rows are written with the first."""
        return self._vault.lookups(number.key, purpose="council_number")

    def audit_link(self, said: str) -> str:
        """Return the digest that chains an audit entry to the one before."""
        return self._vault.digest(said, purpose="audit")

    def token_digest(self, token: str) -> str:
        """Return the digest by which the token of a session's cookie is looked up."""
        return self._vault.digest(token, purpose="session")
