"""One browser, several people: SE19 and SE20."""

import pytest

from tests import factories
from tests.attack.people.portal import answer_in
from tests.web.hub import goes_on_to, hidden, words
from tests.web.sign_in.walk import add_account, allow, enter

OTHER = factories.OTHER_NATIONAL_ID
FIRST_NAME, OTHER_NAME = "محمد رضا", "زهرا"


@pytest.fixture
def neighbour(town):
    """Another citizen, who comes to the same browser."""
    person = factories.person(given_name=OTHER_NAME)
    return add_account(
        town,
        account_id="account-2",
        national_id=OTHER,
        mobile=factories.OTHER_MOBILE,
        person=person,
    )


@pytest.fixture
def browser(town):
    """The shared browser, in which the first citizen is signed in."""
    shared = town.browser()
    enter(shared)
    return shared


def consented(hub):
    """Return the accounts that allowed the portal something."""
    with hub.deps.begin(read_only=True) as work:
        found = (work.consents.find(f"account-{number}", "stranger") for number in (1, 2))
        return [one.account_id for one in found if one is not None]


@pytest.fixture
def open_page(browser, stranger):
    """The consent page, as it stands in a tab of the first citizen."""
    return browser.get(stranger.ask(browser).location)


def answer_of(page, decision="accept"):
    fields = {name: hidden(page, name) for name in ("context", "account")}
    return {**fields, "decision": decision}


def test_attack_SE19_the_page_names_the_account(open_page):
    shown = words(open_page)

    assert FIRST_NAME in shown
    assert factories.NATIONAL_ID.masked() in shown


def test_attack_SE19_the_yes_of_one_is_not_the_yes_of_another(town, browser, open_page, neighbour):
    enter(browser, username=OTHER.value)

    browser.post("/consent", answer_of(open_page), follow=False)

    assert consented(town) == []


def test_attack_SE19_the_page_is_shown_again_for_who_is_there_now(browser, open_page, neighbour):
    enter(browser, username=OTHER.value)

    page = browser.post("/consent", answer_of(open_page))

    assert (page.status_code, page.request.path) == (200, "/consent")
    assert OTHER_NAME in words(page)
    assert "این صفحه برای حساب دیگری باز شده بود" in words(page)


def test_attack_SE19_and_counts_then(town, browser, stranger, open_page, neighbour):
    enter(browser, username=OTHER.value)
    page = browser.post("/consent", answer_of(open_page))

    browser.post("/consent", answer_of(page), follow=False)

    assert consented(town) == ["account-2"]


@pytest.mark.parametrize("mark", [None, "", "account-1", "0" * 64, "é"])
def test_attack_SE19_a_form_that_names_nobody_decides_nothing(town, browser, open_page, mark):
    form = {**answer_of(open_page), "account": mark}

    answer = browser.post("/consent", form, follow=False)

    assert answer.location.startswith("/consent?")
    assert consented(town) == []


def test_attack_SE19_who_signed_in_anew_meanwhile_is_still_the_same(town, browser, open_page):
    enter_again = {"username": factories.NATIONAL_ID.value, "password": "Sabz1234xyz"}
    browser.post("/login", enter_again, follow=False)

    browser.post("/consent", answer_of(open_page), follow=False)

    assert consented(town) == ["account-1"]


@pytest.fixture
def asked(browser, portal):
    """The page that somebody sees whom a portal sent to register at the shared browser."""
    return browser.get(portal.ask(browser, prompt="create").location)


def test_attack_SE20_no_code_is_given_for_the_person_before(browser, portal):
    answer = portal.ask(browser, prompt="create")

    assert answer.location.startswith("/choose-account?")


def test_attack_SE20_the_page_names_who_is_signed_in(asked):
    shown = words(asked)

    assert asked.status_code == 200
    assert FIRST_NAME in shown
    assert factories.NATIONAL_ID.masked() in shown


def test_attack_SE20_who_says_so_goes_on(browser, asked):
    answer = browser.post("/choose-account", answer_of(asked, "go_on"), follow=False)

    assert "code=" in goes_on_to(browser.get(answer.location))


def test_attack_SE20_or_signs_out_and_registers(browser, asked):
    page = browser.post("/choose-account", answer_of(asked, "register"))

    assert page.request.path == "/register"
    assert hidden(page, "context")
    assert browser.get("/account").request.path == "/login"


def test_attack_SE20_the_portals_of_the_person_before_are_told(town, browser, portal):
    portal.change(frontchannel_logout_uri="https://portal.example/out")
    portal.tokens(browser)
    page = browser.get(portal.ask(browser, prompt="create").location)

    left = browser.post("/choose-account", answer_of(page, "register"), follow=False)

    assert "https://portal.example/out?iss=" in left.text
    assert left.headers["Refresh"].startswith("2;url=/register?context=")


@pytest.mark.parametrize("decision", ["go_on", "register"])
def test_attack_SE20_the_page_of_one_decides_nothing_for_another(
    town, browser, asked, neighbour, decision
):
    enter(browser, username=OTHER.value)

    page = browser.post("/choose-account", answer_of(asked, decision))

    assert page.request.path == "/choose-account"
    assert OTHER_NAME in words(page)
    assert browser.get("/account").request.path == "/account"


@pytest.mark.parametrize("path", ["/choose-account", "/consent"])
def test_without_a_session_the_request_goes_on_by_itself(town, portal, path):
    visitor = town.browser()
    visitor.get("/login")
    waits = answer_in(portal.ask(visitor, prompt="create"))["context"]

    page = visitor.get(path, query_string={"context": waits})

    assert page.request.path in {"/register", "/login"}


@pytest.mark.parametrize("context", [None, "x"])
def test_the_page_is_nothing_without_a_request(browser, context):
    query = {"context": context} if context else {}

    assert browser.get("/choose-account", query_string=query).status_code == 400


def test_a_consent_given_in_one_go_is_kept(town, browser, stranger):
    allow(browser, answer_in(stranger.ask(browser))["context"])

    assert consented(town) == ["account-1"]
