"""Builds the use cases over the adapters and the store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from idp.adapters.fetch_bulkhead import FetchBulkhead
from idp.adapters.thread_pool import ThreadPool
from idp.app.outside import Outside
from idp.app.own_account import SharedUseCases, own_account
from idp.app.rate_limits import build_rate_limits, limits_of, password_tries
from idp.deps import Deps
from idp.domain.clients import scopes
from idp.domain.people.national_id import NationalId
from idp.domain.sign_in.session import SessionLimits
from idp.ports import ClientFetch
from idp.protocol.core.access_token_formats import AccessTokenFormats
from idp.protocol.core.claims import PHYSICIAN, Claims
from idp.protocol.core.features import Features, WhoRegisters
from idp.protocol.core.fetch_limits import FetchLimits
from idp.protocol.core.provider_context import Lifetimes, ProviderContext
from idp.protocol.core.registration_limits import RegistrationLimits
from idp.protocol.provider import Provider
from idp.services.branches.branches import Branches
from idp.services.clients.manage_clients import ManageClients
from idp.services.forms.repeated_forms import RepeatedForms
from idp.services.forms.returned_forms import ReturnedForms
from idp.services.messages.code_limits import CodeCounts, CodeLimits
from idp.services.messages.one_time_codes import OneTimeCodes
from idp.services.messages.sms_budget import BudgetSize, SmsBudget
from idp.services.protection.proof_of_work import ProofOfWork
from idp.services.protection.rate_limits import RateLimits
from idp.services.protection.strange_addresses import StrangeAddresses
from idp.services.recovery.recover import Recover
from idp.services.registration.drafts import Drafts
from idp.services.registration.own_copies import OwnCopies
from idp.services.registration.receipts import Receipts
from idp.services.registration.register import Register
from idp.services.registration.track import Track
from idp.services.sign_in.consent import GiveConsent
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.sessions import Sessions
from idp.services.sign_in.sign_in import SignIn
from idp.services.sign_in.sms_factor import SmsFactor
from idp.services.sign_in.suite_citizen import ACCOUNT_ID, NATIONAL_ID, PROFESSION, STANDARD_CLAIMS
from idp.services.sign_out.back_channel_logout import BackChannelLogout, ImmediateBackChannelLogout
from idp.services.sign_out.sign_out import SignOut
from idp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Use cases that pages, commands and the worker share."""

    limits: RateLimits
    forms: RepeatedForms
    codes: OneTimeCodes
    sessions: Sessions
    provider: Provider
    clients: ManageClients


def share(outside: Outside) -> Shared:
    """Return the use cases that pages, commands and the worker share."""
    settings = outside.settings
    limits = build_rate_limits(outside)
    spans = SessionLimits(idle=settings.session_idle, absolute=settings.session_absolute)
    return Shared(
        limits=limits,
        forms=RepeatedForms(outside.vault, outside.ephemeral, outside.pause),
        codes=OneTimeCodes(
            kernel=outside.kernel,
            limits=_code_limits(outside, limits),
            host=urlsplit(settings.server.issuer).hostname or "",
        ),
        sessions=Sessions(kernel=outside.kernel, limits=spans),
        provider=_provider(outside),
        clients=ManageClients(kernel=outside.kernel, loopback_http=settings.is_development),
    )


def _code_limits(outside: Outside, limits: RateLimits) -> CodeLimits:
    counts = CodeCounts(
        again_after=limits.code_again_after,
        of_owner=limits.codes_of_account,
        by_network=limits.codes_by_network,
        by_typed=limits.codes_by_phone,
        to_phone=limits.codes_to_phone,
        known_phones=limits.known_phones,
    )
    budget = SmsBudget(outside.clock, _budget_size(outside.settings))
    return CodeLimits(outside.clock, counts, budget)


def _budget_size(settings: Settings) -> BudgetSize:
    section = settings.protection
    return BudgetSize(
        per_hour=section.codes_per_hour,
        per_prefix=section.codes_per_hour_and_prefix,
        sample=section.conversion_sample,
        poor_below_one_in=section.poor_conversion_below_one_in,
        poor_divides_by=section.poor_conversion_divides_by,
    )


def build_deps(outside: Outside) -> Deps:
    """Return the use cases of the pages."""
    shared, settings = share(outside), outside.settings
    return Deps(
        settings=settings,
        begin=outside.begin,
        clock=outside.clock,
        randomness=outside.randomness,
        vault=outside.vault,
        proof_of_work=_proof_of_work(outside),
        garbage=shared.limits.garbage,
        strange_addresses=StrangeAddresses(outside.ephemeral),
        provider=shared.provider,
        register=_register(outside, shared),
        drafts=Drafts(kernel=outside.kernel),
        track=Track(kernel=outside.kernel, codes=shared.codes),
        receipts=Receipts(outside.begin, outside.vault, outside.clock),
        own_copies=OwnCopies(outside.vault, outside.clock),
        returned_forms=ReturnedForms(
            outside.vault, outside.ephemeral, outside.clock, outside.randomness
        ),
        repeated_forms=shared.forms,
        sessions=shared.sessions,
        sign_in=_sign_in(outside, shared),
        sign_out=_sign_out(outside, shared),
        recover=_recover(outside, shared),
        branches=Branches(kernel=outside.kernel),
        consent=GiveConsent(kernel=outside.kernel),
        maintenance=outside.maintenance,
        own=own_account(
            outside,
            SharedUseCases(
                sessions=shared.sessions,
                devices=_devices(outside),
                tries=password_tries(outside, shared.limits, shared.forms),
                codes=shared.codes,
                limits=shared.limits,
            ),
        ),
        inbox=outside.database.sms_inbox() if settings.pages.inbox else None,
        mail_inbox=outside.database.mail_inbox() if settings.mail.inbox else None,
        clock_shift=outside.database.clock_shift() if settings.pages.movable_clock else None,
    )


def back_channel_logout(outside: Outside, shared: Shared) -> BackChannelLogout:
    """Return the use case that notifies a portal of an ended session, at once or by the worker."""
    return BackChannelLogout(
        kernel=outside.kernel, fetch=outside.fetch, make_logout_token=shared.provider.logout_token
    )


def _sign_out(outside: Outside, shared: Shared) -> SignOut:
    notify = back_channel_logout(outside, shared)
    tell = ImmediateBackChannelLogout(thread_pool=ThreadPool(), notify=notify.run)
    return SignOut(kernel=outside.kernel, tell=tell)


def _register(outside: Outside, shared: Shared) -> Register:
    section = outside.settings.registration
    return Register(
        kernel=outside.kernel,
        codes=shared.codes,
        devices=_devices(outside),
        submissions=shared.limits.registrations,
        by_network=shared.limits.registrations_by_network,
        phone_proof=section.phone_proof,
    )


def _sign_in(outside: Outside, shared: Shared) -> SignIn:
    return SignIn(
        kernel=outside.kernel,
        sessions=shared.sessions,
        second_factor=SmsFactor(shared.codes),
        devices=_devices(outside),
        tries=password_tries(outside, shared.limits, shared.forms),
        new_device_code=outside.settings.signin.new_device_code,
        other_names=_other_names(outside),
    )


def _other_names(outside: Outside) -> dict[str, NationalId]:
    conformance = outside.settings.conformance
    return {conformance.user_name: NATIONAL_ID} if conformance.is_on else {}


def _devices(outside: Outside) -> KnownDevices:
    life = timedelta(days=outside.settings.signin.device_days)
    return KnownDevices(kernel=outside.kernel, life=life)


def _proof_of_work(outside: Outside) -> ProofOfWork:
    return ProofOfWork(
        vault=outside.vault,
        ephemeral=outside.ephemeral,
        clock=outside.clock,
        randomness=outside.randomness,
        puzzles=outside.puzzles,
        ticket_every=timedelta(minutes=1) / outside.settings.limits.tickets_per_minute,
        hardest_puzzle=outside.settings.limits.hardest_puzzle,
    )


def _recover(outside: Outside, shared: Shared) -> Recover:
    return Recover(
        kernel=outside.kernel,
        codes=shared.codes,
        devices=_devices(outside),
        answers=shared.limits.recovery_answers,
        sms_code=outside.settings.recovery.sms_code,
    )


def _client_fetch(outside: Outside) -> ClientFetch:
    section = outside.settings.outbound
    return FetchBulkhead(
        outside.fetch,
        places=section.client_fetches or max(1, outside.settings.server.threads // 4),
        longest_wait=timedelta(seconds=section.client_wait_seconds),
        remember=timedelta(seconds=section.failure_seconds),
    )


def _beside(threads: ThreadPool) -> Callable[[Callable[[], None]], None]:
    """Return what starts a call in a thread of its own; while none is free, it starts none."""
    return lambda call: threads.run([call], within=timedelta(0))


def _provider(outside: Outside) -> Provider:
    tokens, outbound = outside.settings.tokens, outside.settings.outbound
    limits = outside.settings.limits
    return Provider(
        ProviderContext(
            issuer=outside.settings.server.issuer,
            begin=outside.begin,
            clients=outside.database.clients,
            clock=outside.clock,
            randomness=outside.randomness,
            vault=outside.vault,
            ephemeral=outside.ephemeral,
            fetch=_client_fetch(outside),
            keys=outside.keys,
            beside=_beside(ThreadPool()),
            lifetimes=Lifetimes(
                code=timedelta(seconds=tokens.code_seconds),
                access_token=timedelta(seconds=tokens.access_token_seconds),
                id_token=timedelta(seconds=tokens.id_token_seconds),
                refresh_idle=timedelta(seconds=tokens.refresh_idle_seconds),
                refresh_absolute=timedelta(seconds=tokens.refresh_absolute_seconds),
                session=outside.settings.session_absolute,
            ),
            write_refusals=outside.database.write_refusals,
            fetch_limits=FetchLimits(
                every=timedelta(seconds=outbound.fetch_every_seconds),
                request_objects=outbound.request_objects_per_minute,
            ),
            client_failures=limits_of([limits.client_failures])[0],
            registration_limits=RegistrationLimits(
                changes=limits_of([limits.client_changes])[0],
                registrations=limits_of([limits.client_registrations])[0],
            ),
            access_token_formats=access_token_formats(outside.settings),
            features=_features(outside),
            claims=_claims(outside),
        )
    )


def access_token_formats(settings: Settings) -> AccessTokenFormats:
    """Return the formats of access tokens that the settings choose."""
    tokens = settings.tokens
    return AccessTokenFormats(
        tokens.access_token_format,
        tokens.access_token_formats,
        {settings.server.issuer: tokens.own_access_token_format},
    )


def _claims(outside: Outside) -> Claims:
    if not outside.settings.conformance.is_on:
        return Claims()
    beside: Mapping[str, Mapping[str, object]] = {
        scopes.PROFILE: STANDARD_CLAIMS,
        scopes.PHYSICIAN: {PHYSICIAN: PROFESSION},
    }
    return Claims(ACCOUNT_ID, beside)


def _features(outside: Outside) -> Features:
    openid = outside.settings.openid
    return Features(
        implicit=openid.implicit,
        hybrid=openid.hybrid,
        unsigned_request_objects=openid.unsigned_request_objects,
        without_pkce=openid.without_pkce,
        registration=WhoRegisters(openid.registration),
        suite=outside.settings.conformance.is_on,
        loopback_http=outside.settings.is_development,
        session_management=openid.session_management,
    )
