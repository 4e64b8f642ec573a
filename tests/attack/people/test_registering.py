"""Registration: the cases RG01 to RG11."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from idp import resources
from idp.domain.people.account import AccountState
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.verdict import PhoneAnswer
from idp.services.clients.invite_clients import InviteClients
from idp.services.messages.messages import Notice
from tests import factories, fakes
from tests.attack.people.portal import answer_in
from tests.attack.people.visitors import SPELLINGS
from tests.services.conftest import lab, person
from tests.services.laboratory import UNAVAILABLE
from tests.web.hub import ORIGIN, hidden, words
from tests.web.registration.test_first_sign_in import decide, sign_in
from tests.web.registration.walk import STEP_TWO, register, step_one, step_two, to_step_two
from tests.web.sign_in.walk import USER, add_account, allow, enter, log_in

__all__ = ["lab", "person"]
OTHER_USER = factories.OTHER_NATIONAL_ID.value


def cases(hub):
    with hub.deps.begin(read_only=True) as work:
        return list(work.cases.list())


def test_attack_RG01_two_at_once_write_one_case_and_see_the_same_page(
    make_hub, migrated_postgres_url
):
    hub = make_hub(url=migrated_postgres_url)
    ready = []
    for _ in range(2):
        browser = hub.browser()
        ready.append((browser, to_step_two(browser)))
        hub.clock.move(timedelta(minutes=2))
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda one: step_two(*one), ready))
    assert [page.request.path for page in pages] == ["/register/submitted"] * 2
    assert len(cases(hub)) == 1


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_attack_RG02_every_spelling_is_the_same_person(hub, spelling):
    register(hub.browser())
    hub.clock.move(timedelta(minutes=2))
    page = to_step_two(hub.browser(), national_id=spelling)
    assert page.request.path == "/register/submitted"
    assert [one.application.national_id.value for one in cases(hub)] == [USER]


def test_attack_RG02_cut_zeros_are_not_padded(hub):
    page = step_one(hub.browser(), national_id="12345679")
    assert page.status_code == 422
    assert "صفرهای ابتدای آن را هم وارد کنید" in words(page)


@pytest.mark.parametrize(
    "typed", ["9994863178", "0000000000", "1111111111", "1230000001", "9" * 11]
)
def test_attack_RG03_what_is_no_national_id_is_refused(hub, typed):
    assert step_one(hub.browser(), national_id=typed).status_code == 422
    assert hub.take_sms() == []


SMUGGLED = {
    "is_active": "1",
    "role": "admin",
    "roles": "physician",
    "verified": "1",
    "sub": "x",
    "phone_proven": "1",
    "proven_at": "2026-01-01",
    "state": "activated",
    "source": "branch",
    "case_id": "x",
    "council_number": "98765",
}


def test_attack_RG04_fields_that_nobody_asked_for_reach_nothing(hub):
    browser = hub.browser()
    step_two(browser, to_step_two(browser, **SMUGGLED), **SMUGGLED)
    (case,) = cases(hub)
    assert case.state is CaseState.RECEIVED
    assert case.application.physician is None
    assert case.source.value == "online"


def test_attack_RG05_step_two_alone_leads_to_the_beginning(hub):
    browser = hub.browser()
    page = browser.post("/register/details", {"flow": "made-up", **STEP_TWO})
    assert page.status_code == 410
    assert cases(hub) == []


def test_attack_RG05_step_two_before_the_proof_leads_to_the_code(hub):
    browser = hub.browser()
    page = step_two(browser, step_one(browser))
    assert page.request.path == "/register/code"
    assert cases(hub) == []


def test_attack_RG05_step_two_of_another_browser_leads_to_the_beginning(hub):
    page = to_step_two(hub.browser())
    assert step_two(hub.browser(), page).status_code == 410
    assert cases(hub) == []


def test_attack_RG05_step_two_cannot_name_another_person_or_phone(hub):
    browser = hub.browser()
    named = {"national_id": OTHER_USER, "mobile": factories.OTHER_MOBILE.national}
    step_two(browser, to_step_two(browser), **named)
    (case,) = cases(hub)
    assert case.application.national_id == factories.NATIONAL_ID
    assert case.application.mobile == factories.MOBILE


def test_attack_RG05_a_flow_is_submitted_once(hub):
    browser = hub.browser()
    page = to_step_two(browser)
    pages = [step_two(browser, page, city=city) for city in ("تبریز", "ری")]
    assert [one.request.path for one in pages] == ["/register/submitted"] * 2
    assert len(cases(hub)) == 1


def test_attack_RG06_the_phone_of_somebody_else_activates_nothing(lab, person):
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(person)
    lab.work()
    assert lab.case(case).state is not CaseState.ACTIVATED
    assert lab.account_of(person.national_id) is None


def test_attack_RG06_the_page_says_nothing_of_the_ownership(hub):
    page = register(hub.browser())
    assert page.request.path == "/register/submitted"
    assert "۴۸ ساعت" in words(page)


@pytest.mark.parametrize("answer", ["registry", "phone"])
def test_attack_RG07_an_answer_that_is_none_is_asked_again_and_decides_nothing(lab, person, answer):
    given = {"registry": UNAVAILABLE, "phone": PhoneAnswer.UNAVAILABLE}
    setattr(lab.registries, answer, given[answer])
    case = lab.submit(person)
    lab.work_for(timedelta(hours=2))
    assert lab.case(case).state is CaseState.CHECKING
    assert lab.texts_to(person.mobile) == []


def test_attack_RG07_nobody_calls_back(hub):
    rules = [rule.rule for rule in hub.app.url_map.iter_rules()]
    assert not [rule for rule in rules if "registry" in rule or "callback" in rule]


# RG08: there are no tokens of staff; clients are invited.


@pytest.fixture
def invited(make_hub, migrated_postgres_url):
    hub = make_hub('[openid]\nregistration = "invited"\n', url=migrated_postgres_url)
    deps = hub.deps
    service = InviteClients(kernel=fakes.kernel_of(deps))
    return hub, service.invite("a portal", lasts=timedelta(days=7), uses=1, officer="o-17")


def use_invitation(hub, token):
    return hub.app.test_client().post(
        "/oauth2/register",
        base_url=ORIGIN,
        json={"redirect_uris": ["https://portal.example/callback"]},
        headers={"Authorization": f"Bearer {token}"},
    )


def test_attack_RG08_of_sixteen_uses_of_an_invitation_one_passes(invited):
    hub, invitation = invited
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: use_invitation(hub, invitation.token), range(16)))
    statuses = [one.status_code for one in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 401, 503}


def test_attack_RG08_a_made_up_or_changed_invitation_is_none(invited):
    hub, invitation = invited
    token = invitation.token
    for forged in ("", "x" * 43, token[:-1], token + "x", token.swapcase()):
        assert use_invitation(hub, forged).status_code == 401


def test_attack_RG08_an_invitation_that_was_taken_back_or_is_too_old_is_none(invited):
    hub, invitation = invited
    hub.clock.move(timedelta(days=8))
    assert use_invitation(hub, invitation.token).status_code == 401


# RG09, RG10: who registers anew


def close_at_the_desk(hub):
    with hub.deps.begin() as work:
        account = work.accounts.lock("account-1")
        work.accounts.save(account.with_state(AccountState.CLOSED, at=hub.clock()))


def test_attack_RG09_the_subject_of_a_closed_account_is_never_used_again(town, portal):
    browser = town.browser()
    enter(browser)
    before = portal.userinfo(portal.tokens(browser)).json["sub"]
    close_at_the_desk(town)
    town.clock.move(timedelta(minutes=2))
    add_account(town, account_id="account-2")
    anew = town.browser()
    enter(anew)
    assert portal.userinfo(portal.tokens(anew)).json["sub"] != before


def test_attack_RG09_the_phone_is_proven_anew(town):
    close_at_the_desk(town)
    browser = town.browser()
    page = step_one(browser)
    assert page.request.path == "/register/code"
    assert step_two(browser, page).request.path == "/register/code"


def test_attack_RG10_who_registers_anew_inherits_no_session_device_token_or_consent(town, portal):
    portal.change(first_party=False)
    browser = town.browser()
    enter(browser)
    context = answer_in(portal.ask(browser))["context"]
    agreed = allow(browser, context)
    tokens = portal.redeem(answer_in(browser.get(agreed.location))["code"])
    close_at_the_desk(town)
    town.clock.move(timedelta(minutes=2))
    add_account(town, account_id="account-2")
    assert portal.is_served(tokens.json) == (False, False)
    assert browser.get("/account").request.path == "/login"
    assert hidden(log_in(browser), "flow")
    town.clock.move(timedelta(minutes=2))
    enter(browser)
    assert urlsplit(portal.ask(browser).location).path == "/consent"


def test_attack_RG06_the_result_goes_by_sms_alone(lab, person):
    lab.registries.phone = PhoneAnswer.MISMATCH
    lab.submit(person)
    lab.work_for(timedelta(hours=47))
    assert lab.texts_to(person.mobile) == [resources.sms_text(Notice.BRANCH)]


def knows(hub, browser):
    """Return whether the account of the citizen knows the browser: no code, and no alarm."""
    hub.take_sms()
    is_in = sign_in(browser).location == "/account"
    return is_in and hub.take_sms() == []


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
def test_attack_RG11_a_strangers_browser_never_becomes_known_by_the_persons_id(hub, is_first):
    """The stranger knows even the password; the phone that the stranger proved is another one."""
    stranger, citizen = hub.browser(), hub.browser()
    if is_first:
        register(stranger, mobile=factories.OTHER_MOBILE.national)
    register(citizen)
    if not is_first:
        register(stranger, mobile=factories.OTHER_MOBILE.national)
    decide(hub)

    assert knows(hub, citizen)
    assert not knows(hub, stranger)


def test_attack_RG11_nor_where_its_phone_goes_over_to_the_citizen(hub):
    """The stranger's case is decided by its own phone, whatever becomes of the citizen's."""
    stranger, citizen = hub.browser(), hub.browser()
    register(stranger, mobile=factories.OTHER_MOBILE.national)
    decide(hub)
    register(citizen)
    decide(hub)

    assert knows(hub, citizen)
    assert not knows(hub, stranger)


def test_attack_RG11_a_copied_promise_is_no_device_before_there_is_an_account(hub):
    stranger = hub.browser()
    register(stranger, mobile=factories.OTHER_MOBILE.national)
    add_account(hub)

    assert "کد ورود" in words(log_in(stranger))
