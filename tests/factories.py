"""Domain values that are valid as they come; name only what a test is about."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from idp.domain.authorization.grant import Consent, Grant, RefreshToken
from idp.domain.clients.client import Client, ClientSecret
from idp.domain.clients.invitation import Invitation
from idp.domain.clients.refusal import Refusal
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.people.account import (
    Account,
    AccountState,
    Assurance,
    Credentials,
    IdentityMethod,
    MobileMethod,
)
from idp.domain.people.certificate import CertificateNumber, Serial, Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.mobile_change import ChangeState, MobileChange
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application, Gender, Person, RegistryBirth
from idp.domain.people.physician import CouncilNumber, DatedClaim, PhysicianClaim, Profession
from idp.domain.people.places import Residence
from idp.domain.people.questions import SecurityQuestion
from idp.domain.persian.jalali import JalaliDate
from idp.domain.persian.names import PersonName
from idp.domain.registration.case import AcceptedNotice, Case, CaseSource
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.step_one import StepOne
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.one_time_code import CODE_LIFE, CodePurpose, OneTimeCode
from idp.domain.sign_in.origin import Origin
from idp.domain.sign_in.session import ACR_PASSWORD, Session
from idp.ports import (
    Job,
    MailMessage,
    PendingSignIn,
    Recovery,
    SmsMessage,
)
from idp.store.unit_of_work import UnitOfWork
from tests.fakes import NOON

NATIONAL_ID = NationalId("9994863177")
OTHER_NATIONAL_ID = NationalId("9999872001")
MOBILE = Mobile("+989129129929")
OTHER_MOBILE = Mobile("+989127919289")
QUESTION = SecurityQuestion.parse("first_teacher")
ORIGIN = Origin("firefox", "android", "5.1.1.0/24")
EMAIL = EmailAddress("reza@example.ir")
PHYSICIAN = PhysicianClaim(CouncilNumber("98765"), Profession.GENERAL_PRACTITIONER)
PROVEN = DatedClaim(PHYSICIAN, NOON)


def with_check_digit(nine: str) -> str:
    """Return the national ID that begins with nine digits."""
    weighed = sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
    return nine + str(weighed if weighed < 2 else 11 - weighed)


def person(**changes: Any) -> Person:
    whole = Person(
        national_id=NATIONAL_ID,
        given_name="محمد رضا",
        family_name="احمدی‌نژاد",
        birth=RegistryBirth(1360, 5, 12),
        gender=Gender.MALE,
        certificate_number="1354",
        series=Series("الف", "12"),
        serial="123456",
    )
    return replace(whole, **changes)


def application(**changes: Any) -> Application:
    whole = Application(
        national_id=NATIONAL_ID,
        mobile=MOBILE,
        operator="mci",
        given_name=PersonName("محمدرضا"),
        family_name=PersonName("احمدی نژاد"),
        certificate_number=CertificateNumber("1354"),
        serial=Serial("123456"),
        series=Series("الف", "12"),
        birth=JalaliDate(1360, 5, 12),
        gender=Gender.MALE,
        residence=Residence("IR", "تهران"),
        email=EMAIL,
        question=QUESTION,
    )
    return replace(whole, **changes)


def account(account_id: str = "account-1", **changes: Any) -> Account:
    whole = Account(
        id=account_id,
        state=AccountState.ACTIVE,
        national_id=NATIONAL_ID,
        mobile=MOBILE,
        phone_proven=True,
        person=person(),
        residence=Residence("IR", "تهران"),
        email=EMAIL,
        credentials=Credentials("hash-of-password", "hash-of-answer", QUESTION, NOON),
        roles=("insured",),
        assurance=Assurance(IdentityMethod.REGISTRY, MobileMethod.OWNERSHIP, NOON),
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(whole, **changes)


def case(case_id: str = "case-1", tracking_number: str = "1000000005", **changes: Any) -> Case:
    whole = Case(
        id=case_id,
        tracking_number=tracking_number,
        state=CaseState.RECEIVED,
        source=CaseSource.ONLINE,
        application=application(),
        password_hash="hash-of-password",
        answer_hash="hash-of-answer",
        notice=AcceptedNotice("1", NOON),
        submitted_at=NOON,
        phone_proven=True,
    )
    return replace(whole, **changes)


def step_one(record_id: str = "step-1", **changes: Any) -> StepOne:
    whole = StepOne(
        id=record_id,
        browser="browser-1",
        national_id=NATIONAL_ID,
        mobile=MOBILE,
        operator="mci",
        expires_at=NOON + timedelta(hours=2),
    )
    return replace(whole, **changes)


def recovery(recovery_id: str = "recovery-1", **changes: Any) -> Recovery:
    whole = Recovery(
        id=recovery_id,
        browser="browser-1",
        national_id=NATIONAL_ID,
        account_id="account-1",
        question_id=QUESTION.id,
        expires_at=NOON + timedelta(minutes=30),
        proven_at=NOON,
    )
    return replace(whole, **changes)


def pending_sign_in(pending_id: str = "pending-1", **changes: Any) -> PendingSignIn:
    whole = PendingSignIn(
        id=pending_id,
        browser="browser-1",
        account_id="account-1",
        epoch=0,
        password_at=NOON,
        expires_at=NOON + timedelta(minutes=10),
    )
    return replace(whole, **changes)


def one_time_code(flow_id: str = "flow-1", **changes: Any) -> OneTimeCode:
    whole = OneTimeCode(
        flow_id=flow_id,
        purpose=CodePurpose.REGISTRATION,
        phone="hash-of-phone",
        digest="digest-of-code",
        asked_at=NOON,
        good_until=NOON + CODE_LIFE,
    )
    return replace(whole, **changes)


def session(session_id: str = "session-1", **changes: Any) -> Session:
    whole = Session(
        id=session_id,
        account_id="account-1",
        auth_time=NOON,
        acr=ACR_PASSWORD,
        amr=("pwd",),
        password_at=NOON,
        epoch=0,
        created_at=NOON,
        last_seen_at=NOON,
        origin=ORIGIN,
    )
    return replace(whole, **changes)


def known_device(device_id: str = "device-1", **changes: Any) -> KnownDevice:
    whole = KnownDevice(
        id=device_id,
        account_id="account-1",
        epoch=0,
        origin=ORIGIN,
        proven_at=NOON,
        last_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )
    return replace(whole, **changes)


def mobile_change(change_id: str = "change-1", **changes: Any) -> MobileChange:
    whole = MobileChange(
        id=change_id,
        account_id="account-1",
        epoch=0,
        mobile=OTHER_MOBILE,
        state=ChangeState.WAITING,
        asked_at=NOON,
    )
    return replace(whole, **changes)


def grant(grant_id: str = "grant-1", **changes: Any) -> Grant:
    whole = Grant(
        id=grant_id,
        client_id="portal",
        account_id="account-1",
        session_id="session-1",
        account_epoch=0,
        scopes=("openid", "profile"),
        auth_time=NOON,
        acr=ACR_PASSWORD,
        amr=("pwd",),
        created_at=NOON,
        expires_at=NOON + timedelta(days=30),
        requested_claims={"userinfo": {"email": None}},
        nonce="nonce-1",
    )
    return replace(whole, **changes)


def refresh_token(digest: str = "refresh-1", **changes: Any) -> RefreshToken:
    whole = RefreshToken(
        digest=digest,
        grant_id="grant-1",
        created_at=NOON,
        expires_at=NOON + timedelta(days=30),
    )
    return replace(whole, **changes)


def invitation(invitation_id: str = "invitation-1", **changes: Any) -> Invitation:
    whole = Invitation(
        id=invitation_id,
        digest=f"digest-of-{invitation_id}",
        invited="a clinic's portal",
        officer="o-17",
        created_at=NOON - timedelta(days=7),
        expires_at=NOON,
        uses_left=1,
    )
    return replace(whole, **changes)


def refusal(at: int = 0, **changes: Any) -> Refusal:
    """Return a line of the portal's log, ``at`` so many seconds after noon."""
    when = NOON + timedelta(seconds=at)
    whole = Refusal(
        client_id="portal",
        endpoint="token",
        error="invalid_client",
        reason=Reason.SECRET_WRONG,
        first_at=when,
        last_at=when,
    )
    return replace(whole, **changes)


def consent(**changes: Any) -> Consent:
    whole = Consent(
        account_id="account-1",
        client_id="portal",
        scopes=frozenset({"openid", "email"}),
        claims=frozenset({"email"}),
        client_version=1,
        text_version="1",
        given_at=NOON,
    )
    return replace(whole, **changes)


def client(client_id: str = "portal", **changes: Any) -> Client:
    whole = Client(
        client_id=client_id,
        name="سوابق بیمه",
        secrets=(ClientSecret("digest-of-secret", NOON),),
        redirect_uris=("https://portal.example/callback",),
        scopes=frozenset({"openid", "profile"}),
        grant_types=frozenset({"authorization_code", "refresh_token"}),
        sector="portal.example",
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(whole, **changes)


def sms(message_id: str = "activated", expires_at: datetime | None = None) -> SmsMessage:
    return SmsMessage(
        to=MOBILE, text="حساب کاربری شما فعال گردید.", message_id=message_id, expires_at=expires_at
    )


def mail(**changes: Any) -> MailMessage:
    whole = MailMessage(
        to=EMAIL,
        subject="حساب کاربری شما",
        text="گذرواژه شما تغییر یافت.",
        message_id="mail_password_changed",
        expires_at=NOON + timedelta(days=7),
    )
    return replace(whole, **changes)


def job(unique: str = "job-1", **changes: Any) -> Job:
    whole = Job(kind="decide_case", subject="case-1", unique=unique, run_at=NOON)
    return replace(whole, **changes)


def put_client(work: UnitOfWork, client: Client) -> None:
    """Write the client in place of the one of its id, if any; its picture stays with it."""
    kept = work.clients.find_logo(client.client_id) if client.logo_version else None
    work.clients.remove(client.client_id)
    work.clients.add(replace(client, logo=client.logo or kept))
