"""Scopes and claims: which data of an account a portal may get."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from idp.domain.clients import scopes
from idp.domain.clients.client import Client
from idp.domain.people.account import Account
from idp.domain.persian.jalali import InvalidDate, JalaliDate

PRIVATE = "https://account.tamin.ir/claims/"
NATIONAL_ID = PRIVATE + "national_id"
ASSURANCE = PRIVATE + "identity_assurance"
ROLES = PRIVATE + "roles"
PHYSICIAN = PRIVATE + "physician"
BIRTHDATE_JALALI = PRIVATE + "birthdate_jalali"

USER_NAME = "preferred_username"
"""The subject identifier again, as a claim that every library takes as a user name.

Most citizens have no e-mail, and the national ID is none.
"""

CLAIMS_BY_SCOPE: Mapping[str, tuple[str, ...]] = {
    scopes.PROFILE: (
        "name",
        "given_name",
        "family_name",
        USER_NAME,
        "birthdate",
        "gender",
        "locale",
        "zoneinfo",
        "updated_at",
    ),
    scopes.PHONE: ("phone_number", "phone_number_verified"),
    scopes.EMAIL: ("email", "email_verified"),
    scopes.ADDRESS: ("address",),
    scopes.NATIONAL_ID: (NATIONAL_ID,),
    scopes.ASSURANCE: (ASSURANCE,),
    scopes.ROLES: (ROLES,),
    scopes.PHYSICIAN: (PHYSICIAN,),
}
"""OIDC Core 5.4 and the private claims; no scope ever releases certificate or father's data."""

ON_REQUEST: Mapping[str, tuple[str, ...]] = {scopes.PROFILE: (BIRTHDATE_JALALI,)}
"""Released only when the ``claims`` parameter asks for them."""

_SCOPE_OF = {
    claim: scope
    for table in (CLAIMS_BY_SCOPE, ON_REQUEST)
    for scope, claims in table.items()
    for claim in claims
}
BY_SCOPE_ONLY = frozenset({NATIONAL_ID, PHYSICIAN})
"""Each needs its own scope and is never in an ID token (D7)."""

REQUESTABLE = frozenset(_SCOPE_OF) - BY_SCOPE_ONLY
"""What the ``claims`` parameter may ask for (OIDC Core 5.5)."""

CLAIM_NAMES = tuple(_SCOPE_OF)


@dataclass(frozen=True, slots=True)
class Claims:
    """Selects and releases the claims of an account.

    ``beside``: by scope, further standard claims of ``suite_citizen`` alone: a conformance suite
    expects them, and no citizen has them.
    """

    suite_citizen: str = ""
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every claim that the hub can release (OIDC Discovery 3, ``claims_supported``)."""
        beside = [name for values in self.beside.values() for name in values]
        return tuple(dict.fromkeys([*CLAIM_NAMES, *beside]))

    def released(self, account: Account, names: Iterable[str], sub: str = "") -> dict[str, Any]:
        """Return the claims of these names; one without a value is left out, never null.

        ``sub`` is the subject at the client that gets them.
        """
        wanted = list(names)
        values = {name: _VALUES[name](account) for name in wanted if name in _VALUES}
        if USER_NAME in wanted:
            values[USER_NAME] = sub or None
        if account.id == self.suite_citizen:
            for told in self.beside.values():
                values |= {name: told[name] for name in wanted if name in told}
        return {name: value for name, value in values.items() if value is not None}

    def userinfo_names(
        self, client: Client, granted: Iterable[str], asked: Mapping[str, Any]
    ) -> list[str]:
        """Return the claims of a userinfo answer: by granted scopes, then by ``claims.userinfo``.

        The client's current allow-list applies: a removed scope releases nothing more (C15).
        """
        return [*self._by_scope(client, granted), *_asked(client, asked.get("userinfo", {}))]

    def id_token_names(
        self, client: Client, asked: Mapping[str, Any], granted: Iterable[str] = ()
    ) -> list[str]:
        """Return the personal claims of the ID token: only what ``claims.id_token`` asks for (D7).

        ``granted``: the scopes whose claims it has as well, when no access token is issued with
        which the portal could call userinfo (OIDC Core 5.4), or the client's file asks for them
        (``id_token_claims``).
        """
        by_scope = self._by_scope(client, granted)
        kept = [claim for claim in by_scope if claim not in BY_SCOPE_ONLY]
        return [*kept, *_asked(client, asked.get("id_token", {}))]

    def _by_scope(self, client: Client, granted: Iterable[str]) -> list[str]:
        allowed = [scope for scope in granted if scope in client.scopes]
        tables = (CLAIMS_BY_SCOPE, self.beside)
        return [claim for scope in allowed for table in tables for claim in table.get(scope, ())]


def _asked(client: Client, members: Mapping[str, Any]) -> list[str]:
    return [name for name in members if name in REQUESTABLE and _SCOPE_OF[name] in client.scopes]


def _birthdate(account: Account) -> str | None:
    day = _birth(account)
    return day.to_gregorian().isoformat() if day else None


def _birthdate_jalali(account: Account) -> str | None:
    day = _birth(account)
    return day.isoformat() if day else None


def _birth(account: Account) -> JalaliDate | None:
    """Return the birth date; None for a very old record without day or month."""
    birth = account.person.birth
    try:
        return JalaliDate.of(birth.year, birth.month, birth.day)
    except InvalidDate:
        return None


def _address(account: Account) -> dict[str, str] | None:
    home = account.residence
    return {"country": home.country_name, "locality": home.city} if home else None


def _assurance(account: Account) -> dict[str, str]:
    at = account.assurance.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"method": account.assurance.method, "mobile": account.assurance.mobile, "at": at}


def _physician(account: Account) -> dict[str, str] | None:
    """Return the proven profession; a claimed but unproven one is never released."""
    if account.physician is None:
        return None
    proven = account.physician.claim
    return {"council_number": proven.number.value, "profession": proven.profession.value}


def _email(account: Account) -> str | None:
    return account.email.value if account.email else None


def _is_email_confirmed(account: Account) -> bool | None:
    return account.email_confirmed_at is not None if account.email else None


def _name(account: Account) -> str:
    return f"{account.person.given_name} {account.person.family_name}".strip(" ")


_VALUES: Mapping[str, Callable[[Account], Any]] = {
    "name": _name,
    "given_name": lambda account: account.person.given_name or None,
    "family_name": lambda account: account.person.family_name or None,
    "birthdate": _birthdate,
    "gender": lambda account: account.person.gender and account.person.gender.value,
    "locale": lambda _: "fa-IR",
    "zoneinfo": lambda _: "Asia/Tehran",
    "updated_at": lambda account: int(account.updated_at.timestamp()),
    "phone_number": lambda account: account.mobile.e164,
    "phone_number_verified": lambda account: account.phone_number_verified,
    "email": _email,
    "email_verified": _is_email_confirmed,
    "address": _address,
    NATIONAL_ID: lambda account: account.national_id.value,
    ASSURANCE: _assurance,
    ROLES: lambda account: list(account.roles),
    PHYSICIAN: _physician,
    BIRTHDATE_JALALI: _birthdate_jalali,
}
