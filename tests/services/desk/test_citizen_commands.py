"""`idp citizens`: what it prints, whom it acts on and how it ends."""

import json

import pytest

from idp.domain.registration.verdict import PhoneAnswer
from tests.factories import PHYSICIAN
from tests.services.officer import ACT, NEW_MOBILE, NOT_FOUND, OK, REFUSED, USAGE, WHO


@pytest.fixture
def account(lab, person):
    lab.submit(person)
    lab.work()
    return lab.account_of(person.national_id)


def test_a_physician_is_shown_and_the_profession_ended(lab, run, account):
    with lab.begin() as work:
        proven = account.with_profession(PHYSICIAN, at=lab.clock()).claiming(
            PHYSICIAN, at=lab.clock()
        )
        work.accounts.save(proven)

    shown = json.loads(run("citizens", "show", account.id, "--json").output)
    ended = run("citizens", "end-profession", account.id, *ACT)

    assert shown["roles"] == ["insured", "physician"]
    assert shown["profession"] == shown["profession_claimed"] == "general_practitioner"
    assert shown["council_number"] == "***65"
    assert ended.exit_code == OK
    assert lab.account_of(account.national_id).physician is None


def test_ending_no_profession_is_refused_in_words(run, account):
    result = run("citizens", "end-profession", account.id, *ACT)

    assert (result.exit_code, "no profession" in result.output) == (REFUSED, True)


def test_a_citizen_is_shown_by_national_id_and_by_account(run, account):
    typed = f"{account.national_id.value}\n"
    for words in (("show",), ("show", "-"), ("show", account.id)):
        shown = json.loads(run("citizens", *words, "--json", typed=typed).output)
        assert shown["account"] == account.id


def test_a_shown_citizen_has_masked_numbers(run, account):
    output = run("citizens", "show", account.id).output

    assert account.national_id.value not in output
    assert account.mobile.national not in output


def test_an_unknown_citizen_is_exit_code_three(run, person):
    typed = person.national_id.value
    assert run("citizens", "show", typed=typed).exit_code == NOT_FOUND


def test_what_is_no_national_id_is_wrong_use(run):
    assert run("citizens", "show", typed="123\n").exit_code == USAGE


@pytest.mark.parametrize(
    ("command", "state"), [("suspend", "suspended"), ("end-sessions", "active")]
)
def test_staff_act_on_a_citizen(lab, run, account, command, state):
    assert run("citizens", command, account.id, *WHO).exit_code == OK
    assert lab.account_of(account.national_id).state == state


def test_a_citizen_is_resumed(lab, run, account):
    run("citizens", "suspend", account.id, *WHO)

    assert run("citizens", "resume", account.id, *WHO).exit_code == OK
    assert lab.account_of(account.national_id).is_active


def test_closing_asks_first(lab, run, account):
    assert run("citizens", "close", account.id, *WHO, typed="n\n").exit_code == REFUSED
    assert run("citizens", "close", account.id, *WHO, "--yes").exit_code == OK
    assert lab.account_of(account.national_id) is None


def test_a_mobile_is_changed_in_two_commands(lab, run, account):
    change = ("citizens", "change-mobile", account.id)
    number = f"{NEW_MOBILE.national}\n"
    assert run(*change, "--send-code", *ACT, typed=number).exit_code == OK
    lab.work()
    typed = f"{number}{lab.last_code(NEW_MOBILE)}\n"

    assert run(*change, *ACT, typed=typed).exit_code == OK
    assert lab.account_of(account.national_id).mobile == NEW_MOBILE


def test_a_number_that_is_not_the_citizens_is_said_to_need_another_officer(lab, run, account):
    lab.registries.phone = PhoneAnswer.MISMATCH
    words = ("citizens", "change-mobile", account.id, "--send-code", *ACT)

    assert "another officer" in run(*words, typed=NEW_MOBILE.national).output


def test_a_mobile_without_its_code_is_wrong_use(run, account):
    words = ("citizens", "change-mobile", account.id, *ACT)

    assert run(*words, typed=f"{NEW_MOBILE.national}\n").exit_code == USAGE


def test_a_recovery_is_opened(lab, run, account):
    assert run("citizens", "start-recovery", account.id, *ACT).exit_code == OK
    lab.work()
    assert lab.texts_to(account.mobile)[-1].startswith("شعبه تأمین اجتماعی")


def test_a_new_answer_is_typed_unseen(lab, run, account):
    words = ("citizens", "start-recovery", account.id, "--new-question", "first_teacher", *ACT)

    result = run(*words, typed="کریمی\nکریمی\n")

    assert "کریمی" not in result.output
    assert lab.account_of(account.national_id).credentials.question.id == "first_teacher"
