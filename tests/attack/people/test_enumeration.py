"""Learning who has an account or a case: the cases E01 to E10, and E12."""

import re

import pytest

from idp import resources
from idp.adapters.randomness import SystemRandomness
from idp.domain.people.account import AccountState
from idp.domain.registration.case_state import CaseState
from idp.services.messages.messages import Notice
from tests import factories
from tests.services.conftest import lab, person
from tests.statements import statements
from tests.web.enumeration import comparison
from tests.web.hub import hidden, words
from tests.web.registration.walk import (
    NOBODYS_NUMBER,
    prove,
    prove_tracking,
    register,
    step_one,
    track,
)
from tests.web.sign_in.walk import (
    PASSWORD,
    UNKNOWN,
    USER,
    add_account,
    ask_recovery,
    log_in,
    prove_recovery,
)

__all__ = ["lab", "person"]


def make_case(state):
    def make(hub):
        with hub.deps.begin() as work:
            work.cases.add(factories.case(state=state))

    return make


STATES = {
    "unknown": lambda hub: None,
    "active": add_account,
    "suspended": lambda hub: add_account(hub, state=AccountState.SUSPENDED),
    "closed": lambda hub: add_account(hub, state=AccountState.CLOSED),
    "other phone": lambda hub: add_account(hub, mobile=factories.OTHER_MOBILE),
    "open case": make_case(CaseState.CHECKING),
    "branch": make_case(CaseState.BRANCH),
}
NOT_UNKNOWN = list(STATES)[1:]


def seen(pages):
    """Everything a stranger sees of answers, but for values that are new each time."""
    return [comparison.seen(page) for page in pages]


def sign_in(hub):
    """Seven tries: the wrong password of an account, the last past the limit."""
    browser = hub.browser()
    pages = [log_in(browser, password="Wrong1234") for _ in range(7)]
    return [*seen(pages), hub.hashing.hashed]


def recover(hub):
    browser = hub.browser()
    start = ask_recovery(browser)
    pages = [start, *(prove_recovery(browser, start, "abcdef") for _ in range(21))]
    pages.append(browser.post("/recover/again", {"flow": hidden(start, "flow")}))
    return seen(pages)


def begin_registration(hub):
    browser = hub.browser()
    page = step_one(browser)
    wrong = [prove(browser, page, "abcdef") for _ in range(21)]
    again = browser.post("/register/code/resend", {"flow": hidden(page, "flow")})
    return seen([page, *wrong, again])


def of_state(make_hub, state, walk):
    hub = make_hub()
    STATES[state](hub)
    hub.hashing.hashed = 0
    return walk(hub)


@pytest.fixture
def compare(make_hub):
    """Return whether a walk looks the same for an ID of this state as for an unknown one."""

    def act(state, walk):
        assert of_state(make_hub, state, walk) == of_state(make_hub, "unknown", walk)

    return act


@pytest.mark.parametrize("state", NOT_UNKNOWN)
def test_attack_E01_E02_sign_in_refuses_alike_within_and_past_the_limit(compare, state):
    compare(state, sign_in)


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_attack_E01_the_right_password_of_no_active_account_is_a_wrong_one(make_hub, state):
    hub = make_hub()
    STATES[state](hub)
    right, wrong = (log_in(hub.browser(), password=typed) for typed in (PASSWORD, "Wrong1234"))
    assert seen([right]) == seen([wrong])


@pytest.mark.parametrize("state", NOT_UNKNOWN)
def test_attack_E02_E04_E05_recovery_answers_alike_within_and_past_the_limits(compare, state):
    compare(state, recover)


@pytest.mark.parametrize("state", NOT_UNKNOWN)
def test_attack_E02_E03_E05_step_one_answers_alike_until_the_phone_is_proven(compare, state):
    compare(state, begin_registration)


def test_attack_E03_who_proves_the_phone_learns_of_the_account(town):
    browser = town.browser()
    page = prove(browser, step_one(browser))
    assert "حساب کاربری شما قبلاً ایجاد شده است" in words(page)


def test_attack_E03_another_proven_phone_learns_nothing(make_hub):
    hub = make_hub()
    STATES["other phone"](hub)
    browser, elsewhere = hub.browser(), make_hub().browser()
    known, unknown = (prove(one, step_one(one)) for one in (browser, elsewhere))
    assert seen([known]) == seen([unknown])


def test_attack_E04_the_decoy_of_the_guides_way_stays(guide_hub):
    pages = [seen([ask_recovery(guide_hub.browser(), UNKNOWN)]) for _ in range(2)]
    assert pages[0] == pages[1]


def test_attack_E04_no_question_is_shown_before_the_right_code(town):
    browser = town.browser()
    start = ask_recovery(browser)
    wrong = prove_recovery(browser, start, "abcdef")
    assert not any(factories.QUESTION.text in words(page) for page in (start, wrong))


@pytest.fixture(name="statements")
def _statements():
    with statements() as seen:
        yield seen


TABLE = re.compile(r"(?:FROM|INTO|JOIN|(?<!DO )UPDATE)\s+(\w+)")
BAD_IDS = ["9994863178", "1111111111", "0000000000", "999486317", "x", ""]


@pytest.mark.parametrize("typed", BAD_IDS)
@pytest.mark.parametrize(
    ("ask", "tables"),
    [
        (ask_recovery, {"ephemeral"}),
        (
            lambda browser, typed: step_one(browser, national_id=typed),
            {"ephemeral", "step_ones"},
        ),
    ],
    ids=["recovery", "registration"],
)
def test_attack_E06_what_is_no_national_id_is_told_before_anything_is_looked_up(
    town, statements, ask, tables, typed
):
    """Of the tables, one knows which form came, one what this browser began; neither knows IDs."""
    browser = town.browser()
    browser.csrf_token()
    statements.clear()
    assert ask(browser, typed).status_code == 422
    assert {name for sql in statements for name in TABLE.findall(sql)} == tables


def test_attack_E07_no_address_counts(hub):
    converters = [
        converter
        for rule in hub.app.url_map.iter_rules()
        for converter in rule._converters.values()
    ]
    assert converters
    assert not any(
        type(one).__name__ in {"IntegerConverter", "FloatConverter"} for one in converters
    )


def test_attack_E07_ids_that_people_see_do_not_follow_each_other():
    randomness = SystemRandomness()
    for make in (randomness.tracking_number, randomness.identifier, randomness.token):
        made = [make() for _ in range(50)]
        assert len(set(made)) == 50
        assert made != sorted(made)


@pytest.mark.parametrize("state", NOT_UNKNOWN)
def test_attack_E08_the_message_of_a_registration_says_the_same(make_hub, state):
    texts = []
    for each in ("unknown", state):
        hub = make_hub()
        STATES[each](hub)
        step_one(hub.browser())
        texts.append([re.sub("[0-9]{6}", "CODE", one.text) for one in hub.take_sms()])
    assert texts[0] == texts[1]
    assert len(texts[0]) == 1


@pytest.mark.parametrize("user", [UNKNOWN, USER])
def test_attack_E08_a_recovery_sends_to_the_accounts_own_phone_only(town, user):
    ask_recovery(town.browser(), user)
    assert [one.to for one in town.take_sms()] == [factories.MOBILE] * (user == USER)


WRONG_DATA = {
    "name": {"given_name": factories.application().family_name},
    "gender": {"gender": factories.Gender.FEMALE},
    "certificate": {"certificate_number": factories.CertificateNumber("77")},
}


@pytest.mark.parametrize("changes", WRONG_DATA.values(), ids=WRONG_DATA.keys())
def test_attack_E09_a_mismatch_names_no_field(lab, person, changes):
    wrong = factories.replace(person, **changes)
    lab.submit(wrong)
    lab.work()
    assert lab.texts_to(wrong.mobile) == [resources.sms_text(Notice.MISMATCH)]


def test_attack_E09_the_fourth_submission_of_a_day_names_the_branch(easy_hub):
    hub, pages = easy_hub, []
    for _ in range(4):
        pages.append(register(hub.browser()))
        with hub.deps.begin() as work:
            for case in [one for one in work.cases.list() if one.is_open]:
                decided = case.decided(CaseState.MISMATCH, ("name",), at=hub.clock())
                work.cases.save(decided.erased())
        hub.clock.move(factories.timedelta(minutes=13))
    assert [page.request.path for page in pages[:3]] == ["/register/submitted"] * 3
    assert pages[3].status_code == 429
    assert "شعبه" in words(pages[3])


def test_attack_E10_no_digit_of_a_phone_is_shown_before_the_code(town):
    page = ask_recovery(town.browser())
    text = re.sub(r"token-\d+", "", words(page))
    assert factories.MOBILE.national[:4] not in text
    assert factories.MOBILE.national[-2:] not in re.findall("[0-9]+", text)
    assert "***" not in text


TRACKED = {
    "right pair": {},
    "unknown number": {"tracking_number": NOBODYS_NUMBER},
    "another phone": {"mobile": factories.OTHER_MOBILE.national},
}


def begin_tracking(hub, typed):
    browser = hub.browser()
    page = track(browser, **typed)
    wrong = [prove_tracking(browser, page, "abcdef") for _ in range(7)]
    again = browser.post("/track/again", {"tracking": hidden(page, "tracking")})
    return seen([page, *wrong, again])


@pytest.mark.parametrize("typed", list(TRACKED.values())[1:], ids=list(TRACKED)[1:])
def test_attack_E12_tracking_does_not_tell_whose_number_it_is(make_hub, typed):
    answers = []
    for one in (TRACKED["right pair"], typed):
        hub = make_hub()
        make_case(CaseState.CHECKING)(hub)
        answers.append(begin_tracking(hub, one))

    assert answers[0] == answers[1]


@pytest.mark.parametrize("typed", list(TRACKED.values())[1:], ids=list(TRACKED)[1:])
def test_attack_E12_who_types_somebodys_phone_sends_it_nothing(hub, typed):
    make_case(CaseState.CHECKING)(hub)
    for _ in range(12):
        track(hub.browser(), **typed)

    assert hub.take_sms() == []


def test_attack_E12_and_keeps_no_code_of_another_flow_from_it(hub):
    for _ in range(12):
        track(hub.browser())
    step_one(hub.browser())

    assert len(hub.take_sms()) == 1
