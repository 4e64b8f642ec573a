"""Builds the worker's use cases, with the registries and gateways that the settings name."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from idp import settings
from idp.adapters.audit_anchors import FileAnchor, LogAnchor
from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.inbox_mail import InboxMailServer
from idp.adapters.registries import civil_registry, medical_council, mobile_ownership
from idp.adapters.registries.embedded import (
    EmbeddedCivilRegistry,
    EmbeddedInsuranceFile,
    EmbeddedMedicalCouncil,
    EmbeddedMobileOwnership,
)
from idp.adapters.registries.http_json import HttpEndpoint
from idp.adapters.sms.guarded import Guarded
from idp.adapters.sms.inbox import InboxGateway
from idp.adapters.sms.kavenegar import Kavenegar
from idp.adapters.sms.magfa import Magfa
from idp.adapters.smtp_mail import SmtpMail
from idp.app.key_rotation import build_key_rotation
from idp.app.outside import Outside
from idp.app.use_cases import back_channel_logout, share
from idp.domain.people.physician import InvalidProfession, Profession
from idp.jobs.build import JobUseCases, build_crew
from idp.jobs.crew import Crew
from idp.jobs.worker import WorkerPorts
from idp.ports import AuditAnchor, CivilRegistry, Mail, MedicalCouncil, MobileOwnership, SmsGateway
from idp.services.account.check_mobile import CheckMobile
from idp.services.messages.send_mail import SendMail
from idp.services.messages.send_message import SendMessage
from idp.services.registration.decide_case import DecideCase
from idp.services.registration.fill_roles import FillRoles
from idp.services.registration.profession import CheckProfession
from idp.services.upkeep.anchor_audit import AnchorAudit
from idp.services.upkeep.clean_up import CleanUp, Retention


class _Registries(NamedTuple):
    """The registries of persons, mobile ownership and professions."""

    civil: CivilRegistry
    ownership: MobileOwnership
    council: MedicalCouncil


def build_worker(outside: Outside) -> Crew:
    """Return the workers of this process."""
    section, shared = outside.settings.worker, share(outside)
    kernel = outside.kernel
    ports = WorkerPorts(
        begin=outside.begin,
        clock=outside.clock,
        randomness=outside.randomness,
        lease=timedelta(seconds=section.lease_seconds),
    )
    people = outside.database.registry_people()
    registries = _Registries(_civil(outside), build_ownership(outside), _council(outside))
    use_cases = JobUseCases(
        decide_case=_decide_case(outside, registries),
        check_profession=CheckProfession(kernel=kernel, medical_council=registries.council),
        fill_roles=FillRoles(kernel=kernel, insurance_file=EmbeddedInsuranceFile(people)),
        check_mobile=CheckMobile(kernel=kernel, mobile_ownership=registries.ownership),
        send_message=SendMessage(
            kernel=kernel,
            gateways=[
                Guarded(gateway, CircuitBreaker(), name)
                for name, gateway in zip(
                    outside.settings.sms.gateways, _gateways(outside), strict=True
                )
            ],
        ),
        send_mail=SendMail(kernel=kernel, mail=_mail(outside)),
        back_channel_logout=back_channel_logout(outside, shared),
        clean_up=_clean_up(outside),
        anchor_audit=AnchorAudit(kernel, [LogAnchor(), *file_anchors(outside)]),
        each_minute=(build_key_rotation(outside).run,),
    )
    return build_crew(ports, use_cases, poll=timedelta(seconds=section.poll_seconds))


def _decide_case(outside: Outside, registries: "_Registries") -> DecideCase:
    return DecideCase(
        kernel=outside.kernel,
        civil_registry=registries.civil,
        mobile_ownership=registries.ownership,
        medical_council=registries.council,
        review_near_names=outside.settings.registry.name_near == "review",
    )


def file_anchors(outside: Outside) -> list[AuditAnchor]:
    """Return the anchor file of the audit's heads, if the settings name one."""
    file = outside.settings.audit.anchor_file
    return [FileAnchor(Path(file))] if file else []


def _clean_up(outside: Outside) -> CleanUp:
    shows_sms = "inbox" in outside.settings.sms.gateways
    return CleanUp(
        kernel=outside.kernel,
        ephemeral=outside.ephemeral,
        longest_session=outside.settings.session_absolute,
        retention=Retention(
            audit=timedelta(days=outside.settings.retention.audit_days),
            closed_accounts=timedelta(days=outside.settings.retention.closed_account_days),
        ),
        inbox=outside.database.sms_inbox() if shows_sms else None,
        mail_inbox=outside.database.mail_inbox() if outside.settings.mail.inbox else None,
    )


def _civil(outside: Outside) -> CivilRegistry:
    section = outside.settings.registry
    if section.kind == "embedded":
        return EmbeddedCivilRegistry(outside.database.registry_people())
    return civil_registry(
        section.civil.dialect,
        _endpoint(section.civil),
        not_found_codes=section.civil.not_found_codes,
    )


def build_ownership(outside: Outside) -> MobileOwnership:
    """Return the mobile ownership registry, for the worker and the registration desk."""
    section = outside.settings.registry
    if section.kind == "embedded":
        return EmbeddedMobileOwnership(outside.database.registry_people())
    return mobile_ownership(
        section.ownership.dialect,
        _endpoint(section.ownership),
        clock=outside.clock,
        six_digits=outside.randomness.code,
    )


def _council(outside: Outside) -> MedicalCouncil:
    section = outside.settings.registry
    if section.kind == "embedded":
        return EmbeddedMedicalCouncil(outside.database.registry_people())
    return medical_council(
        _endpoint(section.council),
        not_found_codes=section.council.not_found_codes,
        professions=_professions(section.council.professions),
    )


def _professions(written: Mapping[str, str]) -> dict[str, Profession]:
    try:
        return {code: Profession.parse(name) for code, name in written.items()}
    except InvalidProfession as error:
        raise settings.SettingsError(
            "registry.council.professions: not a profession of docs/develop/glossary.md"
        ) from error


def _endpoint(section: settings.Endpoint) -> HttpEndpoint:
    return HttpEndpoint(
        url=section.url,
        user=section.user,
        password=section.password.get_secret_value(),
        token=section.token.get_secret_value(),
        provider_code=section.provider_code,
        timeout=timedelta(seconds=section.timeout_seconds),
        tries=section.tries,
    )


def _gateways(outside: Outside) -> Iterator[SmsGateway]:
    section = outside.settings.sms
    for name in section.gateways:
        if name == "inbox":
            yield InboxGateway(outside.database.sms_inbox(), outside.clock)
        elif name == "magfa":
            yield Magfa(section.magfa)
        else:
            yield Kavenegar(section.kavenegar)


def _mail(outside: Outside) -> Mail | None:
    section = outside.settings.mail
    if section.inbox:
        return InboxMailServer(outside.database.mail_inbox(), outside.clock)
    if not section.host:
        return None
    name = urlsplit(outside.settings.server.issuer).hostname or ""
    return SmtpMail(section, outside.clock, name=name)
