from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState
from idp.domain.people.questions import answer_key
from idp.domain.sign_in.one_time_code import CodeStanding, CodeTry
from idp.domain.sign_in.session import ACR_PASSWORD
from idp.ports import HashingBusy
from idp.services.recovery.recover import Changed, NewPassword, RecoveryFailed, WeakPassword
from idp.services.recovery.steps import RecoveryStage
from idp.services.sign_in.sessions import Proof, SignedIn
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from tests import factories
from tests.fakes import NOON
from tests.services.house import (
    ANSWER,
    NEW_PASSWORD,
    PASSWORD,
    UNKNOWN,
    USER,
    House,
    attempt,
    visitor,
)

GOOD = NewPassword(ANSWER, NEW_PASSWORD)
KNOWN = factories.NATIONAL_ID


def proven(house: House) -> str:
    recovery_id = house.recover.start(KNOWN, visitor())
    assert house.recover.prove(recovery_id, house.code(), visitor()) is CodeTry.RIGHT
    return recovery_id


def stage(house: House, recovery_id: str, browser: str = "browser-1") -> RecoveryStage:
    return house.recover.standing(recovery_id, browser).stage


def signed_in(house: House) -> SignedIn:
    with house.begin() as work:
        return house.sessions.open(
            work, house.account(), Proof(house.clock(), ACR_PASSWORD, ("pwd",))
        )


def test_the_new_password_works_at_once_and_the_old_one_no_more(house):
    assert house.recover.finish(proven(house), GOOD, visitor()) is Changed.CHANGED
    assert house.sign_in.with_password(USER, PASSWORD, attempt()) is Refused.WRONG
    assert isinstance(house.sign_in.with_password(USER, NEW_PASSWORD, attempt()), CodeNeeded)


def test_the_new_password_works_at_once_after_many_failures(house):
    for _ in range(5):
        house.sign_in.with_password(USER, "Forgotten1", attempt())
    house.recover.finish(proven(house), GOOD, visitor())
    assert isinstance(house.sign_in.with_password(USER, NEW_PASSWORD, attempt()), CodeNeeded)


def test_attack_SE16_an_aged_hash_is_renewed_when_the_answer_is_right(house):
    house.hashing.version = 2
    house.recover.finish(proven(house), GOOD, visitor())

    assert house.account().credentials.answer_hash == f"2:{answer_key(ANSWER)}"


def test_attack_RC5_every_session_and_token_ends(house):
    session = signed_in(house)
    with house.begin() as work:
        work.grants.add(factories.grant(session_id=session.session.id, offline=True))
    house.recover.finish(proven(house), GOOD, visitor())
    assert house.sessions.find_live(session.token) is None
    with house.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(house.clock())


def test_attack_RC5_the_portals_are_told(house):
    session = signed_in(house)
    with house.begin() as work:
        factories.put_client(work, factories.client())
        work.sessions.visit(session.session.id, "portal", house.clock())
    house.recover.finish(proven(house), GOOD, visitor())
    assert "backchannel_logout" in {job.kind for job in house.jobs()}


def test_attack_RC5_an_sms_says_so(house):
    recovery_id = proven(house)
    house.recover.finish(recovery_id, GOOD, visitor())
    [text] = house.texts()
    assert "گذرواژه" in text
    assert NEW_PASSWORD not in text


def test_a_recovery_is_audited(house):
    house.recover.finish(proven(house), GOOD, visitor())
    with house.begin(read_only=True) as work:
        assert "password_recovered" in {entry.action for entry in work.audit.tail()}


def test_the_answer_is_taken_in_another_keyboards_letters(house):
    typed = NewPassword(" ابي‌روشن ", NEW_PASSWORD)
    assert house.recover.finish(proven(house), typed, visitor()) is Changed.CHANGED


def test_a_wrong_answer_changes_nothing_and_may_be_mended(house):
    recovery_id = proven(house)
    wrong = house.recover.finish(recovery_id, NewPassword("قرمز", NEW_PASSWORD), visitor())
    assert wrong is RecoveryFailed.WRONG
    assert house.recover.finish(recovery_id, GOOD, visitor()) is Changed.CHANGED


@pytest.mark.parametrize("answer", ["", "۱", "x" * 300, "\x00\x00"])
def test_an_answer_that_cannot_be_one_is_wrong(house, answer):
    result = house.recover.finish(proven(house), NewPassword(answer, NEW_PASSWORD), visitor())
    assert result is RecoveryFailed.WRONG


def test_attack_RC4_strangers_without_the_code_burn_no_answers(house):
    for number in range(6):
        stranger = visitor(browser=f"stranger-{number}")
        recovery_id = house.recover.start(KNOWN, stranger)
        house.recover.finish(recovery_id, NewPassword("قرمز", NEW_PASSWORD), stranger)
        house.later(hours=1)
    assert house.recover.finish(proven(house), GOOD, visitor()) is Changed.CHANGED


def test_attack_RC1_nothing_is_changed_without_the_code(house):
    recovery_id = house.recover.start(KNOWN, visitor())
    assert house.recover.finish(recovery_id, GOOD, visitor()) is RecoveryFailed.EXPIRED
    assert stage(house, recovery_id) is RecoveryStage.CODE
    assert house.account().credentials.password_hash == f"1:{PASSWORD}"


def test_attack_RC1_a_code_of_a_sign_in_proves_no_recovery(house):  # O05
    recovery_id = house.recover.start(KNOWN, visitor())
    house.texts()
    house.later(minutes=1)
    house.sign_in.with_password(USER, PASSWORD, attempt())
    result = house.recover.prove(recovery_id, house.code(), visitor())
    assert result is CodeTry.WRONG


def test_attack_RC3_a_recovery_works_once(house):
    recovery_id = proven(house)
    house.recover.finish(recovery_id, GOOD, visitor())
    again = house.recover.finish(recovery_id, NewPassword(ANSWER, "Again1234xx"), visitor())
    assert again is RecoveryFailed.EXPIRED


def test_attack_RC3_of_sixteen_at_once_one_changes_the_password(any_house):
    recovery_id = proven(any_house)

    def finish(_number: int) -> object:
        return any_house.recover.finish(recovery_id, GOOD, visitor())

    with any_house.begin() as work:  # sixteen answers at once are more than five in 30 days
        assert work.recoveries.find(recovery_id).proven_at is not None
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(finish, range(16)))
    assert results.count(Changed.CHANGED) == 1


def test_attack_RC3_a_recovery_ends_after_half_an_hour(house):
    recovery_id = proven(house)
    house.later(minutes=30)
    assert house.recover.finish(recovery_id, GOOD, visitor()) is RecoveryFailed.EXPIRED


def test_attack_RC3_a_password_changed_meanwhile_ends_the_recovery(house):
    recovery_id = proven(house)
    house.later(minutes=1)
    with house.begin() as work:
        work.accounts.save(house.account().with_password("1:Other1234x", at=house.clock()))
    assert house.recover.finish(recovery_id, GOOD, visitor()) is RecoveryFailed.WRONG
    assert house.account().credentials.password_hash == "1:Other1234x"


def test_attack_SE02_another_browser_cannot_go_on(house):
    other = visitor(browser="browser-2")
    recovery_id = house.recover.start(KNOWN, visitor())
    code = house.code()
    assert house.recover.prove(recovery_id, code, other) is None
    assert not house.recover.send_again(recovery_id, other)
    house.recover.prove(recovery_id, code, visitor())
    assert stage(house, recovery_id, "browser-2") is RecoveryStage.GONE
    assert house.recover.finish(recovery_id, GOOD, other) is RecoveryFailed.EXPIRED


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.CLOSED])
def test_attack_RC6_an_inactive_account_gets_no_code_and_stays_so(house, state):
    house.change(state=state)
    house.recover.start(KNOWN, visitor())
    assert house.texts() == []
    assert house.account().state is state


def test_attack_RC6_an_account_suspended_meanwhile_is_not_changed(house):
    recovery_id = proven(house)
    house.change(state=AccountState.SUSPENDED)
    assert house.recover.finish(recovery_id, GOOD, visitor()) is RecoveryFailed.WRONG


# An ID without an account.


def test_attack_E08_an_unknown_id_sends_nothing(house):
    house.recover.start(UNKNOWN, visitor())
    assert house.texts() == []


def test_attack_E04_no_code_is_ever_right_for_an_unknown_id(house):
    recovery_id = house.recover.start(UNKNOWN, visitor())
    tried = [house.recover.prove(recovery_id, f"{n:06}", visitor()) for n in range(7)]
    assert tried == [CodeTry.WRONG] * 5 + [CodeTry.DEAD] * 2


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_attack_E01_a_start_writes_the_same_rows_for_known_and_unknown(house, who):
    house.recover.start(who, visitor())
    with house.begin(read_only=True) as work:
        assert work.outbox.waiting("sms_code") == 1


def test_the_message_to_nobody_is_never_claimed(house):
    house.recover.start(UNKNOWN, visitor())
    assert house.jobs() == []
    with house.begin(read_only=True) as work:
        assert work.outbox.waiting() == 0


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_attack_E02_the_limits_of_codes_are_the_same_for_known_and_unknown(house, who):
    recovery_id = house.recover.start(who, visitor())
    tried = [house.recover.prove(recovery_id, "abc", visitor()) for _ in range(6)]
    assert tried == [CodeTry.WRONG] * 5 + [CodeTry.DEAD]


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_attack_E05_sending_again_is_the_same_for_known_and_unknown(house, who):
    recovery_id = house.recover.start(who, visitor())
    assert house.recover.send_again(recovery_id, visitor())


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_attack_E05_the_page_of_the_code_says_the_same_for_known_and_unknown(house, who):
    recovery_id = house.recover.start(who, visitor())
    house.later(minutes=1)
    assert house.recover.standing(recovery_id, "browser-1").code == CodeStanding(
        NOON, NOON + timedelta(minutes=5), NOON + timedelta(minutes=1)
    )


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_a_recovery_begun_again_in_its_browser_is_the_same_one(house, who):
    first = house.recover.start(who, visitor())
    house.later(minutes=2)
    assert house.recover.start(who, visitor()) == first


def test_a_recovery_begun_again_keeps_the_code_that_came(house):
    recovery_id = house.recover.start(KNOWN, visitor())
    code = house.code()
    house.later(minutes=2)
    house.recover.start(KNOWN, visitor())
    assert house.texts() == []
    assert house.recover.prove(recovery_id, code, visitor()) is CodeTry.RIGHT


def test_a_recovery_begun_again_after_its_proof_stands_at_the_question(house):
    recovery_id = proven(house)
    house.recover.start(KNOWN, visitor())
    assert house.texts() == []
    assert stage(house, recovery_id) is RecoveryStage.PASSWORD


def test_attack_RC3_the_proof_does_not_outlive_a_password_changed_meanwhile(house):
    recovery_id = proven(house)
    house.later(minutes=1)
    with house.begin() as work:
        work.accounts.save(house.account().with_password("1:Other1234x", at=house.clock()))
    house.recover.start(KNOWN, visitor())
    assert stage(house, recovery_id) is RecoveryStage.CODE


def test_the_right_code_pressed_twice_is_right_twice(house):
    recovery_id = house.recover.start(KNOWN, visitor())
    code = house.code()
    tried = [house.recover.prove(recovery_id, code, visitor()) for _ in range(2)]
    assert tried == [CodeTry.RIGHT, CodeTry.RIGHT]


def test_sending_again_after_the_proof_sends_nothing(house):
    recovery_id = proven(house)
    assert house.recover.send_again(recovery_id, visitor())
    assert house.texts() == []


def test_a_recovery_that_is_done_says_so_and_not_that_it_is_too_late(house):
    recovery_id = proven(house)
    house.recover.finish(recovery_id, GOOD, visitor())
    assert stage(house, recovery_id) is RecoveryStage.DONE


def test_a_recovery_begun_again_after_it_was_done_needs_a_code_of_its_own(house):
    recovery_id = proven(house)
    house.recover.finish(recovery_id, GOOD, visitor())
    house.later(minutes=1)
    house.texts()
    house.recover.start(KNOWN, visitor())
    assert stage(house, recovery_id) is RecoveryStage.CODE
    assert len(house.texts()) == 1


def test_a_code_typed_while_the_recovery_is_finished_elsewhere_proves_nothing_more(house):
    recovery_id = house.recover.start(KNOWN, visitor())
    code = house.code()
    with house.begin() as work:
        found = work.recoveries.find(recovery_id)
    first_look = iter([True])

    @contextmanager
    def begin(*, read_only=False):
        with house.begin(read_only=read_only) as work:
            yield work
        if next(first_look, False):
            with house.begin() as work:
                work.recoveries.put(replace(found, proven_at=NOON, used_at=NOON))

    slower = replace(house.recover, kernel=replace(house.kernel, begin=begin))
    slower.prove(recovery_id, code, visitor())
    assert stage(house, recovery_id) is RecoveryStage.DONE


@pytest.mark.parametrize("recovery_id", ["", "x", "آ" * 40])
def test_a_made_up_recovery_is_none(house, recovery_id):
    assert house.recover.prove(recovery_id, "123456", visitor()) is None
    assert not house.recover.send_again(recovery_id, visitor())
    assert house.recover.finish(recovery_id, GOOD, visitor()) is RecoveryFailed.EXPIRED


# The new password.


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short1A", "too_short"),
        ("گذرواژه۱۲۳", "charset"),
        ("1Abcdefgh", "start_letter"),
        ("alllower1", "classes"),
        ("Aa9994863177", "contains_nid"),
        ("Aa123456", "common"),
        ("Aa1" + "x" * 126, "too_long"),
    ],
)
def test_the_rules_of_registration_hold(house, password, code):
    result = house.recover.finish(proven(house), NewPassword(ANSWER, password), visitor())
    assert code in result.violations


def test_a_password_with_the_name_is_told_to_who_gave_the_right_answer(house):
    recovery_id = proven(house)
    named = house.recover.finish(recovery_id, NewPassword(ANSWER, "Ahmadinezhad12"), visitor())
    assert named == WeakPassword(("contains_name",))
    wrong = house.recover.finish(recovery_id, NewPassword("قرمز", "Ahmadinezhad12"), visitor())
    assert wrong is RecoveryFailed.WRONG


def test_a_weak_password_costs_no_answer(house):
    recovery_id = proven(house)
    for _ in range(6):
        house.recover.finish(recovery_id, NewPassword(ANSWER, "Ahmadinezhad12"), visitor())
        house.recover.finish(recovery_id, NewPassword(ANSWER, "short"), visitor())
    assert house.recover.finish(recovery_id, GOOD, visitor()) is Changed.CHANGED


def test_a_busy_machine_costs_no_answer(house):
    recovery_id = proven(house)
    house.hashing.busy = True
    for _ in range(6):
        with pytest.raises(HashingBusy):
            house.recover.finish(recovery_id, GOOD, visitor())
    house.hashing.busy = False
    assert house.recover.finish(recovery_id, GOOD, visitor()) is Changed.CHANGED
