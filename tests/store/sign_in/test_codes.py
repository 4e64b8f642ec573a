from datetime import timedelta

from idp.domain.sign_in.one_time_code import CODE_LIFE, CODE_TRIES, CodePurpose, CodeTry
from tests.factories import one_time_code
from tests.fakes import NOON

PURPOSE = CodePurpose.REGISTRATION


def test_a_right_code_works_once(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", NOON) is CodeTry.RIGHT
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", NOON) is CodeTry.DEAD


def test_a_wrong_code_leaves_the_right_one(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        assert work.codes.attempt("flow-1", PURPOSE, "another", NOON) is CodeTry.WRONG
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", NOON) is CodeTry.RIGHT


def test_five_wrong_tries_kill_the_code(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        wrong = [work.codes.attempt("flow-1", PURPOSE, "another", NOON) for _ in range(CODE_TRIES)]
        assert set(wrong) == {CodeTry.WRONG}
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", NOON) is CodeTry.DEAD


def test_a_code_dies_after_five_minutes(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        late = NOON + CODE_LIFE
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", late) is CodeTry.DEAD
        assert work.codes.forget_expired(late) == 1


def test_a_code_of_one_purpose_opens_nothing_else(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        other = work.codes.attempt("flow-1", CodePurpose.RECOVERY, "digest-of-code", NOON)
        assert other is CodeTry.DEAD


def test_a_code_of_one_flow_opens_no_other(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        assert work.codes.attempt("flow-2", PURPOSE, "digest-of-code", NOON) is CodeTry.DEAD


def test_a_new_code_kills_the_earlier_one_and_its_tries(database):
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        for _ in range(CODE_TRIES):
            work.codes.attempt("flow-1", PURPOSE, "another", NOON)
        soon = NOON + timedelta(minutes=1)
        work.codes.put(
            one_time_code(digest="second", asked_at=soon, good_until=soon + CODE_LIFE), is_sent=True
        )
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", soon) is CodeTry.WRONG
        assert work.codes.attempt("flow-1", PURPOSE, "second", soon) is CodeTry.RIGHT


def test_where_no_code_went_an_untried_one_stays_good_for_its_own_time(database):
    soon = NOON + timedelta(minutes=1)
    unsent = one_time_code(digest="never sent", asked_at=soon, good_until=soon + CODE_LIFE)
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        work.codes.put(unsent, is_sent=False)
        assert work.codes.find("flow-1", PURPOSE) == one_time_code(asked_at=soon)


def test_attack_O01_where_no_code_went_one_that_was_tried_gets_no_further_tries(database):
    soon = NOON + timedelta(minutes=1)
    unsent = one_time_code(digest="never sent", asked_at=soon, good_until=soon + CODE_LIFE)
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        work.codes.attempt("flow-1", PURPOSE, "another", NOON)
        work.codes.put(unsent, is_sent=False)
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", soon) is CodeTry.WRONG


def test_a_code_that_outlived_its_time_is_wrong_though_another_was_asked_for(database):
    soon = NOON + timedelta(minutes=1)
    unsent = one_time_code(digest="never sent", asked_at=soon, good_until=soon + CODE_LIFE)
    with database.begin() as work:
        work.codes.put(one_time_code(), is_sent=True)
        work.codes.put(unsent, is_sent=False)
        assert work.codes.attempt("flow-1", PURPOSE, "digest-of-code", NOON + CODE_LIFE) is (
            CodeTry.WRONG
        )


def test_a_code_that_was_never_asked_for_is_not_found(database):
    with database.begin(read_only=True) as work:
        assert work.codes.find("flow-1", PURPOSE) is None
