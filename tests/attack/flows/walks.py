"""What strangers burn, and the ways on which a citizen types a code."""

from datetime import timedelta

from tests import factories
from tests.attack.people.visitors import take_second_step
from tests.web.hub import CODE, hidden
from tests.web.registration.walk import prove, step_one
from tests.web.sign_in.walk import UNKNOWN, ask_recovery, enter, log_in, prove_recovery

A_MINUTE = timedelta(seconds=61)
SENT = "به تلفن همراه شما پیامک شد"
"""What a page says of a code that went; pages of a flow that anybody can begin say "if"."""


def wrong(code="123456"):
    """Another code than this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def register_with(browser, national_id=UNKNOWN):
    """Begin a registration of another ID with the citizen's phone."""
    return step_one(browser, national_id=national_id)


BEGIN = {
    "registration": (register_with, prove, "/register/details"),
    "recovery": (ask_recovery, prove_recovery, "/recover/password"),
}
"""The flows of who knows a phone or an ID: begin, type a code, and where a right one leads."""


def burn(hub, flow, strangers=1, tries=20):
    """Let strangers begin the flow and type wrong codes in each; return what they saw."""
    begin, type_code, _ = BEGIN[flow]
    pages = []
    for _ in range(strangers):
        browser = hub.browser()
        page = begin(browser)
        pages.append(page)
        if 'name="held"' in page.text:  # no work was done, so there is no flow
            continue
        sent = [CODE.search(one.text) for one in hub.take_sms()]
        code = sent[-1].group(1) if sent and sent[-1] else "123456"
        pages += [type_code(browser, page, wrong(code)) for _ in range(tries)]
    return pages


def owner_signs_in(hub, _owner, _portal):
    """On a new device, with its code."""
    assert enter(hub.browser()).location == "/account"


def owner_recovers_here(_hub, owner, _portal):
    """On the known device."""
    assert prove_recovery(owner, ask_recovery(owner)).request.path == "/recover/password"


def owner_recovers_elsewhere(hub, _owner, _portal):
    """On a new device."""
    browser = hub.browser()
    assert prove_recovery(browser, ask_recovery(browser)).request.path == "/recover/password"


def owner_registers(hub, _owner, _portal):
    """With the same phone, on a new device."""
    browser = hub.browser()
    assert prove(browser, register_with(browser)).request.path == "/register/details"


def owner_takes_the_second_step(_hub, owner, portal):
    """For a portal that wishes a code, on the known device."""
    assert log_in(owner).location == "/account"
    take_second_step(owner, portal)


def owner_changes_the_mobile(hub, owner, _portal):
    """With the code of the old number, in the session."""
    assert log_in(owner).location == "/account"
    page = owner.post("/account/mobile", {"mobile": factories.OTHER_MOBILE.national})
    form = {"flow": hidden(page, "flow"), "proven": "none", "code": hub.take_code()}
    assert hidden(owner.post("/account/mobile/code", form), "proven") == "old"


WAYS_OF_THE_OWNER_ALONE = [
    owner_signs_in,
    owner_recovers_here,
    owner_takes_the_second_step,
    owner_changes_the_mobile,
]
OWNERS_WAYS = [*WAYS_OF_THE_OWNER_ALONE, owner_recovers_elsewhere, owner_registers]
