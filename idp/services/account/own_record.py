"""What the hub knows about the signed-in citizen, with sources; also as a download."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from idp.domain.authorization.release import Release
from idp.domain.people.account import Account, IdentityMethod, MobileMethod
from idp.domain.people.physician import PHYSICIAN, DatedClaim
from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry
from idp.services.account.own_history import TOLD, shown_actor
from idp.services.account.own_sessions import Locks, OwnSessions
from idp.services.kernel import Kernel
from idp.services.protection.password_tries import Visitor
from idp.services.sign_in.consent import GiveConsent, Portal

FORMAT = "account-export-1"
LONGEST_HISTORY = 10_000


class Source(StrEnum):
    """Where a fact comes from."""

    REGISTRY = "registry"
    BRANCH = "branch"
    YOU = "you"
    INSURANCE_FILE = "insurance_file"
    MEDICAL_COUNCIL = "medical_council"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Fact:
    """One known fact: its name, its value as JSON types, its source, what confirmed it."""

    name: str
    value: Any = field(repr=False)
    source: Source
    confirmed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    """Reads everything about the signed-in citizen's account."""

    kernel: Kernel
    sessions: OwnSessions
    consent: GiveConsent

    def facts(self, session: Session) -> Sequence[Fact]:
        """Return the facts in the order of the page; none when the account does not exist."""
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
        return facts_of(account) if account else ()

    def download(self, session: Session, visitor: Visitor) -> dict[str, Any]:
        """Return everything that the account page shows, as JSON types, and audit the download.

        It contains no secret: no hash, answer, token, cookie or code. Its fields are described in
        docs/operate/account-export.md.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            work.audit.add(
                AuditEntry(
                    at=now,
                    actor=session.account_id,
                    action="data_downloaded",
                    subject=session.account_id,
                )
            )
            history = work.audit.page(session.account_id, TOLD, skip=0, limit=LONGEST_HISTORY)
        return {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "facts": [_fact(one) for one in self.facts(session)],
            "portals": [_portal(one) for one in self.consent.portals(session)],
            **_locks(self.sessions.show(session, visitor)),
            "history": [_entry(one) for one in history],
        }


def facts_of(account: Account) -> Sequence[Fact]:
    """Return the facts: name, birth and gender in the spelling of the registry or the branch."""
    person, method = account.person, account.assurance.method
    identity = Source.REGISTRY if method is IdentityMethod.REGISTRY else Source.BRANCH
    home, birth, secrets = account.residence, person.birth, account.credentials
    facts = (
        Fact("given_name", person.given_name, identity),
        Fact("family_name", person.family_name, identity),
        Fact("national_id", account.national_id.value, Source.YOU, identity),
        Fact("birth", f"{birth.year:04}/{birth.month:02}/{birth.day:02}", identity),
        Fact("gender", person.gender.value if person.gender else None, identity),
        Fact("mobile", account.mobile.national, Source.YOU, _who_confirmed_mobile(account)),
        Fact("residence", [home.country_name, home.city] if home else None, Source.YOU),
        Fact(
            "email",
            account.email.value if account.email else None,
            Source.YOU,
            _who_confirmed_email(account),
        ),
        Fact("question", secrets.question.text, Source.YOU),
        Fact("roles", _roles_of_the_file(account), Source.INSURANCE_FILE),
        *_profession("", account.physician, Source.MEDICAL_COUNCIL),
        *_profession("claimed_", account.claim, Source.YOU),
        Fact("state", account.state.value, Source.HUB),
        Fact("identity_confirmed_at", account.assurance.at.isoformat(), identity),
        Fact("created_at", account.created_at.isoformat(), Source.HUB),
        Fact("password_changed_at", secrets.password_changed_at.isoformat(), Source.HUB),
    )
    return [one for one in facts if one.value not in (None, "")]


def _roles_of_the_file(account: Account) -> list[str]:
    return [role for role in account.roles if role != PHYSICIAN]


def _profession(kind: str, known: DatedClaim | None, source: Source) -> Iterator[Fact]:
    if known is not None:
        yield Fact(f"{kind}profession", known.claim.profession.value, source)
        yield Fact(f"{kind}council_number", known.claim.number.value, source)


def _who_confirmed_mobile(account: Account) -> str | None:
    mobile = account.assurance.mobile
    return None if mobile is MobileMethod.NONE else mobile.value


def _who_confirmed_email(account: Account) -> str | None:
    return "link" if account.email_confirmed_at is not None else None


def _fact(one: Fact) -> dict[str, Any]:
    whole = {"name": one.name, "value": one.value, "source": one.source.value}
    return whole | ({"confirmed_by": str(one.confirmed_by)} if one.confirmed_by else {})


def _portal(one: Portal) -> dict[str, Any]:
    return {
        "client_id": one.client_id,
        "name": one.name,
        "name_en": one.name_en,
        "scopes": list(one.scopes),
        "allowed_since": one.since.isoformat() if one.since else None,
        "released": _releases(one.released),
    }


def _releases(released: Iterable[Release]) -> list[dict[str, Any]]:
    return [
        {
            "claims": list(one.claims),
            "first_at": one.first_at.isoformat(),
            "last_at": one.last_at.isoformat(),
        }
        for one in released
    ]


def _locks(locks: Locks | None) -> dict[str, Any]:
    if locks is None:
        return {"sessions": [], "known_devices": []}
    return {
        "sessions": [
            {
                "began_at": one.created_at.isoformat(),
                "last_used_at": one.last_seen_at.isoformat(),
                "browser": one.origin.browser,
                "platform": one.origin.platform,
                "network": one.origin.network,
            }
            for one in locks.sessions
        ],
        "known_devices": [
            {
                "known_since": one.proven_at.isoformat(),
                "last_used_at": one.last_at.isoformat(),
                "expires_at": one.expires_at.isoformat(),
                "browser": one.origin.browser,
                "platform": one.origin.platform,
                "network": one.origin.network,
            }
            for one in locks.devices
        ],
    }


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "event": entry.action,
        "by": shown_actor(entry),
        "details": {key: entry.details[key] for key in SHOWN_DETAILS if key in entry.details},
    }


SHOWN_DETAILS = (
    *("message", "client", "client_name", "browser", "platform", "identity", "mobile"),
    *("roles", "branch"),
)
"""The details of an entry that its owner sees; not the reason and documents of an officer."""
