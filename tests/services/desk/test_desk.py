"""The registration desk: activate, file, reject."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from idp import resources
from idp.domain.people.account import Assurance, IdentityMethod, MobileMethod
from idp.domain.people.questions import InvalidAnswer
from idp.domain.registration.case import BRANCH_WAITS
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.verdict import NotFound, PhoneAnswer
from idp.domain.sign_in.known_device import RegisteringDevice
from idp.domain.sign_in.origin import NOWHERE
from idp.services.desk.desk import Desk, Filing, sent_messages
from idp.services.desk.desk_acts import DeskAct, DeskRefused, IncompleteAct, UnknownCase
from idp.services.registration.decide_case import account_of_case
from tests.services.laboratory import START, with_mobile
from tests.services.officer import FIRST, SECOND

ACT = DeskAct("o-17", "شعبه ۴ تهران", "کارت ملی 9994863177، شناسنامه 1354", "خط به نام همسر", FIRST)
OTHER = replace(ACT, officer="o-18", operator=SECOND)
BARE = replace(ACT, documents="")


def refusal(act):
    with pytest.raises(DeskRefused) as refused:
        act()
    return refused.value.code


def code_for(lab, case):
    lab.desk.send_code(case.id, OTHER)
    lab.work()
    return lab.last_code(case.application.mobile)


def test_the_desk_activates_with_a_code_from_the_phone(lab, waiting):
    code = code_for(lab, waiting)

    lab.desk.activate(waiting.id, code, ACT)
    lab.work()

    assert lab.case(waiting).state is CaseState.ACTIVATED
    assert lab.texts_to(waiting.application.mobile)[-1] == resources.sms_text("activated")


def test_an_account_from_the_desk_is_assured_by_the_branch(lab, waiting):
    account = lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    assert account.assurance.method is IdentityMethod.BRANCH
    assert account.assurance.mobile is MobileMethod.BRANCH
    assert account.phone_number_verified


def test_an_account_from_the_desk_is_the_registrys_person(lab, waiting):
    account = lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    assert account.person.given_name == waiting.person.given_name


def test_an_account_from_the_desk_has_the_citizens_own_password(lab, waiting):
    account = lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    assert account.credentials.password_hash == "1:Secret123"


def test_an_account_from_the_desk_gets_its_roles(lab, waiting):
    account = lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)
    lab.work()

    assert lab.account_of(account.national_id).roles == ("insured",)


def test_the_browser_that_registered_is_a_known_device_of_an_account_from_the_desk(lab, waiting):
    device = RegisteringDevice(
        origin=NOWHERE, proven_at=lab.clock(), expires_at=lab.clock() + timedelta(days=90)
    )
    with lab.begin() as work:
        work.cases.save(replace(waiting, device=device))
    account = lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)
    with lab.begin(read_only=True) as work:
        [known] = work.devices.of_account(account.id)
    assert known == device.of(account.id, account.epoch, device_id=waiting.id)


def test_the_tracking_number_names_a_case_too(lab, waiting):
    assert lab.desk.show(waiting.tracking_number)[0].id == waiting.id


def test_an_unknown_case_is_unknown(lab):
    with pytest.raises(UnknownCase):
        lab.desk.show("1234567890")


def test_a_wrong_code_activates_nobody(lab, waiting):
    code_for(lab, waiting)

    assert refusal(lambda: lab.desk.activate(waiting.id, "not it", ACT)) == "code_wrong"
    assert lab.account_of(waiting.application.national_id) is None


def test_an_activation_needs_documents(lab, waiting):
    with pytest.raises(IncompleteAct):
        lab.desk.send_code(waiting.id, BARE)
    with pytest.raises(IncompleteAct):
        lab.desk.activate(waiting.id, "123456", BARE)


@pytest.mark.parametrize("part", ["officer", "branch", "reason"])
def test_an_act_names_officer_branch_and_reason(part):
    with pytest.raises(IncompleteAct):
        replace(ACT, **{part: " "})


def test_the_desk_refuses_where_an_account_exists_by_then(lab, waiting):  # D10
    lab.registries.phone = PhoneAnswer.MATCH
    lab.submit(with_mobile(waiting.application, "+989121111111"))
    lab.work()

    assert refusal(lambda: lab.desk.send_code(waiting.id, ACT)) == "account_exists"
    assert refusal(lambda: lab.desk.activate(waiting.id, "1", ACT)) == "account_exists"


def test_only_a_case_that_waits_for_the_branch_is_activated(lab, person):
    case = lab.submit(person)

    assert refusal(lambda: lab.desk.send_code(case.id, ACT)) == "not_waiting_for_branch"


def test_a_case_is_activated_once(lab, waiting):
    lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    assert refusal(lambda: lab.desk.send_code(waiting.id, ACT)) == "not_waiting_for_branch"


def test_codes_to_a_phone_are_limited_at_the_desk_too(lab, waiting):
    lab.desk.send_code(waiting.id, ACT)

    assert refusal(lambda: lab.desk.send_code(waiting.id, ACT)) == "too_many_codes"


def test_the_audit_names_officer_branch_documents_and_reason(lab, waiting):
    lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    entry = lab.audit(waiting.id)[-1]
    assert (entry.actor, entry.action) == ("officer:o-17", "case.activated")
    assert set(entry.details) == {"branch", "documents", "reason", "operator", "account"}


def test_the_audit_masks_numbers_of_documents(lab, waiting):
    lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    documents = lab.audit(waiting.id)[-1].details["documents"]
    assert "*******177" in documents
    assert "9994863177" not in documents


@pytest.mark.parametrize("typed", ["۹۹۹۴۸۶۳۱۷۷", "999-486317-7", "999 486 3177"])
def test_numbers_are_masked_however_they_are_typed(typed):
    entry = replace(ACT, reason=typed).entry("x", "y", START)

    assert entry.details["reason"] == "*******177"


def test_a_rejected_case_is_erased_and_the_citizen_told(lab, waiting):
    lab.desk.reject(waiting.id, BARE)
    lab.work()

    kept = lab.case(waiting)
    assert (kept.state, kept.application, kept.person) == (CaseState.MISMATCH, None, None)
    assert lab.texts_to(waiting.application.mobile)[-1] == resources.sms_text("mismatch")


def test_a_decided_case_is_not_rejected(lab, waiting):
    lab.desk.reject(waiting.id, BARE)

    assert refusal(lambda: lab.desk.reject(waiting.id, BARE)) == "already_decided"


def test_a_rejected_citizen_may_register_again(lab, waiting):
    lab.desk.reject(waiting.id, BARE)

    assert lab.submit(waiting.application)


@pytest.fixture
def disputed(lab, person):
    lab.registries.registry = NotFound()
    lab.submit(person)
    lab.work()
    return Filing(person, "آبی")


def test_a_filed_case_waits_for_its_activation(lab, disputed):
    case = lab.desk.file(disputed, ACT)

    assert lab.case(case).state is CaseState.BRANCH


def test_a_filed_case_is_activated_from_its_documents(lab, disputed):
    case = lab.desk.file(disputed, ACT)

    account = lab.desk.activate(case.id, code_for(lab, case), ACT)

    assert account.person.family_name == disputed.application.family_name.value
    assert account.assurance.method is IdentityMethod.BRANCH


def test_nobody_knows_the_password_of_a_filed_account(lab, disputed):
    first = lab.desk.file(disputed, ACT)
    hidden = lab.case(first).password_hash.removeprefix("1:")

    assert len(hidden) == 43


def test_a_filed_account_answers_the_question_as_any_other(lab, disputed):
    case = lab.desk.file(disputed, ACT)

    assert lab.case(case).answer_hash == "1:ابی"


@pytest.mark.parametrize(
    "second",
    ["o-17", "O-17 ", "o-۱۷", "o 17", "o\N{ZERO WIDTH NON-JOINER}-17", "ｏ-17"],
)
def test_a_filed_case_takes_two_names(lab, disputed, second):
    case = lab.desk.file(disputed, ACT)
    again = replace(ACT, officer=second, operator=SECOND)
    lab.desk.send_code(case.id, again)

    assert refusal(lambda: lab.desk.activate(case.id, "1", again)) == "same_officer"


def test_filing_needs_documents(lab, disputed):
    with pytest.raises(IncompleteAct):
        lab.desk.file(disputed, BARE)


def test_filing_needs_an_answer_that_can_be_asked_for(lab, disputed):
    with pytest.raises(InvalidAnswer):
        lab.desk.file(replace(disputed, answer=" "), ACT)


def test_filing_twice_finds_the_open_case(lab, disputed):
    lab.desk.file(disputed, ACT)

    again = lambda: lab.desk.file(disputed, ACT)  # noqa: E731
    assert refusal(again) == "case_open"


def test_filing_where_an_account_exists_is_refused(lab, person):
    lab.submit(person)
    lab.work()

    filing = Filing(person, "آبی")
    assert refusal(lambda: lab.desk.file(filing, ACT)) == "account_exists"


def test_both_officers_of_a_filing_are_audited_as_the_machine_knows_them(lab, disputed):
    case = lab.desk.file(disputed, ACT)
    lab.desk.activate(case.id, code_for(lab, case), ACT)

    assert [(entry.actor, entry.details["operator"]) for entry in lab.audit(case.id)] == [
        ("officer:o-17", "rezaei@desk-4"),
        ("officer:o-18", "karimi@desk-4"),
        ("officer:o-17", "rezaei@desk-4"),
    ]


def test_a_case_shows_its_messages_with_their_parts(lab, waiting):
    lab.desk.activate(waiting.id, code_for(lab, waiting), ACT)

    _, audit = lab.desk.show(waiting.id)
    messages = [(sent.message_id, sent.parts.parts) for sent in sent_messages(audit)]
    assert messages == [("branch", 2), ("activated", 2)]


def test_cases_are_listed_by_state(lab, waiting):
    assert [case.id for case in lab.desk.list(state=CaseState.BRANCH)] == [waiting.id]
    assert lab.desk.list(state=CaseState.MISMATCH) == []


def test_a_case_waits_ninety_days_for_the_branch_and_is_erased_then(lab, waiting):  # A22
    lab.clock.move(BRANCH_WAITS)

    lab.work()

    kept = lab.case(waiting)
    assert (kept.state, kept.application, kept.person) == (CaseState.EXPIRED, None, None)
    assert lab.actions(waiting.id)[-1] == "case.expired"


def test_a_case_still_waits_a_day_before_ninety(lab, waiting):
    lab.clock.move(BRANCH_WAITS - timedelta(days=1))

    lab.work()

    assert lab.case(waiting).state is CaseState.BRANCH


class Beaten:
    """A transaction in which another one has added the account first."""

    def __init__(self, work):
        self._work = work

    def __getattr__(self, name):
        return getattr(self._work, name)

    @property
    def accounts(self):
        return self

    def add(self, account):
        return False

    def find_by_national_id(self, national_id):
        return None


def test_who_got_an_account_in_the_same_moment_is_not_activated_again(lab, waiting):
    @contextmanager
    def beaten(*, read_only=False):
        with lab.begin(read_only=read_only) as work:
            yield work if read_only else Beaten(work)

    code = code_for(lab, waiting)
    desk = Desk(kernel=replace(lab.kernel, begin=beaten), codes=lab.codes)

    assert refusal(lambda: desk.activate(waiting.id, code, ACT)) == "account_exists"
    assert lab.case(waiting).state is CaseState.BRANCH


def test_what_the_desk_decided_while_the_registry_was_asked_stays_so(lab, person):
    case = lab.submit(person)
    lab.registries.meanwhile = lambda: lab.desk.reject(case.id, ACT)

    lab.work()

    assert lab.case(case).state is CaseState.MISMATCH
    assert lab.account_of(person.national_id) is None


def test_an_erased_case_gives_no_account(lab, waiting):
    assurance = Assurance(IdentityMethod.BRANCH, MobileMethod.BRANCH, lab.clock())
    with pytest.raises(ValueError, match="erased"):
        account_of_case(
            waiting.erased(), waiting.person, account_id="account-9", assurance=assurance
        )


def test_nobody_is_asked_about_a_case_that_the_desk_has_decided(lab, person):
    case = lab.submit(person)
    lab.desk.reject(case.id, ACT)

    lab.work()

    assert lab.registries.asked == 0
    assert lab.case(case).state is CaseState.MISMATCH
