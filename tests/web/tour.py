"""A way to every page that there is, and to the states of a page that have words of their own."""

import tomllib
from datetime import timedelta
from pathlib import Path

from idp import resources
from idp.domain.clients.png import cleaned
from idp.ports import InboxMail, InboxMessage, Maintenance
from idp.services.messages.messages import Notice
from tests import factories
from tests.web import tour_of_account, tour_of_registration, tour_of_sign_in
from tests.web.help.branch_rows import put_branches
from tests.web.hub import ORIGIN
from tests.web.sign_in.held import priced
from tests.web.sign_in.walk import (
    add_client,
    allow,
    context_of,
    log_in,
)
from tests.web.visits import Visits, authorize, inside, waiting

visits = Visits()
CLIENTS = Path(__file__).parents[2] / "clients"


@visits.of("account/account.html")
def the_account(browser):
    inside(browser)
    return browser.get("/account")


@visits.of("account/account.html", "with portals")
def the_account_with_portals(browser):
    inside(browser)
    context = context_of(browser)
    allow(browser, context)
    return browser.get("/account")


def offer_services(browser):
    for name in ("insurance-records", "electronic-copy"):
        told = tomllib.loads((CLIENTS / f"{name}.toml").read_text("utf-8"))
        picture = cleaned((CLIENTS / f"{name}.png").read_bytes())
        add_client(
            browser.hub,
            client_id=name,
            name=told["client_name"],
            name_en=told["client_name#en"],
            description=told["description"],
            description_en=told["description#en"],
            client_uri=f"https://{name}.example/",
            logo=picture,
            logo_version="1",
            first_party=True,
        )


@visits.of("account/account.html", "with services of the organisation")
def the_account_with_services(browser):
    inside(browser)
    offer_services(browser)
    return browser.get("/account")


@visits.of("account/account.html", "with portals and services")
def the_account_with_portals_and_services(browser):
    inside(browser)
    allow(browser, context_of(browser))
    offer_services(browser)
    return browser.get("/account")


@visits.of("account/portals.html", "none yet, with services of the organisation")
def no_portals_yet(browser):
    inside(browser)
    offer_services(browser)
    return browser.get("/account/portals")


@visits.of("guide/guide.html")
def the_guide(browser):
    return browser.get("/guide")


@visits.of("help/help.html")
def the_help(browser):
    return browser.get("/help")


@visits.of("help/branches.html")
def the_branches(browser):
    put_branches(browser.hub)
    return browser.get("/branches")


@visits.of("help/branches.html", "of a province")
def the_branches_of_a_province(browser):
    put_branches(browser.hub)
    return browser.get("/branches?province=یزد")


@visits.of("help/branches.html", "of a city without one")
def the_branches_beside_a_city(browser):
    put_branches(browser.hub)
    return browser.get("/branches?province=یزد&city=بافق")


@visits.of("help/branches.html", "nothing found")
def no_branch(browser):
    put_branches(browser.hub)
    return browser.get("/branches?city=لندن")


@visits.of("help/branches.html", "without a list")
def no_branches(browser):
    return browser.get("/branches")


@visits.of("inbox/inbox.html")
def the_inbox(browser):
    return browser.get("/dev/inbox")


@visits.of("inbox/inbox.html", "with an SMS and a mail")
def the_inbox_with_messages(browser):
    browser.csrf_token()
    deps, now = browser.hub.deps, browser.hub.clock()
    result = resources.sms_text(Notice.ACTIVATED)
    deps.inbox.add(InboxMessage(uid=1, to=factories.MOBILE, text=result, at=now))
    told = {"subject": "تأیید آدرس ایمیل", "text": "با این لینک آدرس ایمیل خود را تأیید کنید."}
    deps.mail_inbox.add(InboxMail(uid=1, to=factories.EMAIL, at=now, **told))
    return browser.get("/dev/inbox")


@visits.of("inbox/inbox.html", "refreshing")
def the_inbox_that_refreshes(browser):
    return browser.get("/dev/inbox?refresh=1")


@visits.of("styleguide/styleguide.html")
def the_components(browser):
    return browser.get("/styleguide")


@visits.of("maintenance.html")
def closed_for_upkeep(browser):
    browser.hub.deps.maintenance.hang_out(Maintenance(browser.hub.clock() + timedelta(hours=1)))
    return browser.get("/login")


@visits.of("maintenance.html", "without an end")
def closed_for_nobody_knows_how_long(browser):
    browser.hub.deps.maintenance.hang_out(Maintenance(None))
    return browser.get("/login")


@visits.of("working.html")
def work_to_do(browser):
    for number in range(5):
        log_in(browser, username=f"{number:010}")
    return log_in(browser)


@visits.of("working.html", "of minutes")
def work_of_minutes(browser):
    return priced(browser, 280)


@visits.of("working_gone.html")
def work_that_is_gone(browser):
    return browser.post("/login", {"held": "x", "altcha": ""})


@visits.of("oauth/form_post.html")
def an_answer_by_post(browser):
    add_client(browser.hub, first_party=True)
    return authorize(browser, response_mode="form_post")


@visits.of("oauth/leaving.html")
def the_way_to_a_portal(browser):
    inside(browser, first_party=True)
    return waiting(browser, "/oauth2/authorize/resume")


@visits.of("oauth/ask_return.html")
def an_error_of_a_stranger(browser):
    add_client(browser.hub)
    return authorize(browser)


@visits.of("oauth/ask_return.html", "by a form")
def an_error_of_a_stranger_by_post(browser):
    add_client(browser.hub)
    return authorize(browser, response_mode="form_post")


@visits.of("error.html", "of a portal")
def an_unknown_portal(browser):
    return authorize(browser, client_id="nobody")


@visits.of("error.html", "of an address that is not registered")
def an_address_of_nobody(browser):
    add_client(browser.hub)
    return authorize(browser, redirect_uri=f"https://portal.example/{'long' * 60}")


@visits.of("error.html", "of a portal's request")
def a_request_that_nobody_can_read(browser):
    return authorize(browser, client_id="\x00")


@visits.of("error.html", "not found")
def nothing(browser):
    return browser.get("/nowhere")


@visits.of("error.html", "of ours")
def a_fault_of_ours(browser):
    browser.hub.app.view_functions["guide.show"] = lambda: 1 / 0
    return browser.get("/guide")


@visits.of("error.html", "a form from elsewhere")
def a_form_from_elsewhere(browser):
    return browser.client.post("/login", data={}, base_url=ORIGIN)


VISITS = (
    *tour_of_sign_in.visits,
    *tour_of_account.visits,
    *tour_of_registration.visits,
    *visits,
)
"""Every page that the hub can show; a new page brings its visit."""
