"""Services outside: registries, SMS gateways, addresses that clients name, keys at rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber, Profession
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.council import CouncilAnswer
from idp.domain.registration.verdict import PhoneAnswer, RegistryAnswer
from idp.ports.outbox import MailMessage


class CivilRegistry(Protocol):
    """The civil registry (Sabt-e Ahval): who a person is."""

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        """Return found, not found or unavailable; an answer about another person is unavailable."""


class MobileOwnership(Protocol):
    """Mobile ownership (Shahkar): whether a SIM belongs to a national ID."""

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        """Return match, mismatch, no answer or unavailable; a failure never becomes a mismatch."""


class MedicalCouncil(Protocol):
    """The medical council (Nezam Pezeshki): who holds a council number."""

    def lookup(self, number: CouncilNumber, profession: Profession) -> CouncilAnswer:
        """Return member found, no such member, or silence.

        An answer about another number is silence.
        """


class InsuranceFile(Protocol):
    """The organisation's own file; it fills roles and never decides."""

    def roles(self, national_id: NationalId) -> tuple[str, ...] | None:
        """Return the roles (``insured``, …), or None when the file has no answer now."""


class SmsResult(StrEnum):
    """How a gateway took a message.

    ``transient``: try again with the same ``uid``; after a cut line the message may have arrived.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TRANSIENT = "transient"


ABOUT_RECIPIENT = "recipient"
"""The prefix of a rejection's reason when no gateway could deliver to this number."""


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """A gateway's answer; ``reference`` is its id, ``reason`` a code for the log."""

    result: SmsResult
    reference: str | None = None
    reason: str | None = None

    @property
    def is_final(self) -> bool:
        """True when no other gateway is to be tried: accepted, or rejected for the recipient."""
        about_recipient = (self.reason or "").startswith(ABOUT_RECIPIENT)
        return self.result is SmsResult.ACCEPTED or (
            self.result is SmsResult.REJECTED and about_recipient
        )


class SmsGateway(Protocol):
    """Delivers one message, which keeps its ``uid`` over all tries."""

    def send(self, uid: int, to: Mobile, text: str, *, again: bool) -> SmsReceipt:
        """Hand the message over within the adapter's time-out; never raises for the network.

        ``again``: an earlier try, of any process, may have reached the gateway. A gateway that does
        not deduplicate by ``uid`` is asked about it first, and sent nothing while it is silent.
        """


class MailResult(StrEnum):
    """How a mail server took a mail; ``transient``: try again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class MailReceipt:
    """A mail server's answer; ``reason`` is a code for the log."""

    result: MailResult
    reason: str = ""


class Mail(Protocol):
    """Delivers one mail; the same ``uid`` gets the same Message-ID."""

    def send(self, uid: int, message: MailMessage) -> MailReceipt:
        """Hand the mail over within the adapter's time-out; never raises for the network."""


class Puzzles(Protocol):
    """Puzzles for proofs of work: expensive to solve, cheap to make and to check."""

    def make(self, subject: str, difficulty: int) -> str:
        """Return a puzzle tied to ``subject``, as the JSON that the page's script solves.

        ``difficulty``: 0 takes a mid-range phone about a second, each one more doubles that.
        """

    def is_solved(self, subject: str, solution: str) -> bool:
        """Return whether ``solution`` (any text) solves a puzzle of ours tied to ``subject``."""


class Fetch(Protocol):
    """The one SSRF-safe fetcher for addresses that a client names."""

    def get(self, url: str, *, media_types: frozenset[str]) -> bytes:
        """Return at most 256 KiB within 5 s; https, public addresses, no redirects.

        Raises FetchRefused.
        """

    def post_form(self, url: str, form: Mapping[str, str]) -> int:
        """Post a form (back-channel logout) and return the status code. Raises FetchRefused."""


class FetchRefused(Exception):
    """The address may not be fetched, or the answer broke a bound."""


class FetchBusy(Exception):
    """No thread may connect to the client's server now: answer 503 with ``Retry-After``."""

    def __init__(self, reason: str, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ClientFetch(Protocol):
    """Fetches from clients' servers by a few threads at a time (a bulkhead, attack D15)."""

    def get(
        self,
        url: str,
        *,
        media_types: frozenset[str],
        may_begin: Callable[[], None] = ...,
        may_wait: bool = ...,
    ) -> bytes:
        """Return the body as ``Fetch.get`` does.

        When another thread fetches the same address, its result is waited for and returned, unless
        ``may_wait`` is False. ``may_begin`` is called before an own fetch, and may raise.

        Raises:
            FetchRefused: also when the address failed a moment ago.
            FetchBusy: no place is free, or another fetch takes too long or must not be waited for.
        """


@dataclass(frozen=True, slots=True)
class SigningKeyFile:
    """A signing key as the key store keeps it: private JWK text, state and times."""

    kid: str
    alg: str
    state: str
    created_at: datetime
    promoted_at: datetime | None
    retired_at: datetime | None
    jwk: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyReport:
    """The signing keys of one process of the hub, as it told all others at ``seen_at``.

    By kid: since when it publishes the key, and since when it has not signed with it; a key that
    signs is not ``idle``.
    """

    process: str
    seen_at: datetime
    published: Mapping[str, datetime]
    idle: Mapping[str, datetime]

    def says_as(self, later: "KeyReport", *, within: timedelta) -> bool:
        """Return whether ``later`` says the same, and no later than ``within``."""
        is_same = (self.published, self.idle) == (later.published, later.idle)
        return is_same and later.seen_at - self.seen_at < within


class KeyStore(Protocol):
    """Signing keys at rest (D12).

    One file a key, JWE under a key-encryption key, plain only in development.
    """

    @property
    def device(self) -> "SigningDevice | None":
        """The device that makes keys of its algorithms, and keeps their private halves."""

    def load(self) -> Sequence[SigningKeyFile]:
        """Return all keys. Raises KeyStoreError with what is wrong and what to do."""

    def write(self, key: SigningKeyFile) -> None:
        """Write one key atomically, mode 0600."""

    def remove(self, kid: str) -> None:
        """Remove one key, if it is there."""

    def version(self) -> str:
        """Return a text that changes whenever a key file changes (cheap: no decryption)."""


class KeyStoreError(Exception):
    """The key folder cannot be used; the message says which file and what to do."""

    retry_after = timedelta(minutes=1)


class SigningDeviceUnavailable(KeyStoreError):
    """The device that holds a private key does not answer, or refuses."""

    retry_after = timedelta(seconds=10)


class SigningDevice(Protocol):
    """A device in which private keys are made and sign, and which they never leave."""

    @property
    def algorithms(self) -> frozenset[str]:
        """The algorithms whose keys it makes."""

    def generate(self, alg: str) -> tuple[str, Mapping[str, str]]:
        """Return the kid and public JWK of a new key. Raises SigningDeviceUnavailable."""

    def sign(self, kid: str, alg: str, message: bytes) -> bytes:
        """Return the signature as JWS has it. Raises SigningDeviceUnavailable."""

    def destroy(self, kid: str) -> None:
        """Remove a key. Raises SigningDeviceUnavailable."""

    def close(self) -> None:
        """Let the device go before a fork; the next call takes it again."""
