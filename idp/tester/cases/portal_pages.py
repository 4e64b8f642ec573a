"""The portal's own session: its cookies, where it leads, what its addresses show."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from idp.tester.addresses import origin, query_of, with_query
from idp.tester.browser import Browser, Cookie
from idp.tester.case import Case, Weight
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Undecidable, failed, not_applicable, passed

EVIL = "evil.example"
EVIL_ADDRESSES = (
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"/\\{EVIL}/",
    f"https:{EVIL}/",
    f"/\t/{EVIL}/",
)
NEXT_NAMES = (
    *("next", "rd", "return_to", "returnTo", "return_url", "returnUrl", "redirect", "redirect_to"),
    *("redirect_uri", "redirect_url", "url", "continue", "target", "target_link_uri", "from"),
)


def session_cookies(trial: Trial, browser: Browser) -> list[Cookie]:
    """Return the cookies without which the browser is signed out: one each, or all together."""
    whole = browser.cookies()
    found = [cookie for cookie in whole if not _lives_without(trial, browser, cookie)]
    return found or list(whole)


def _lives_without(trial: Trial, browser: Browser, cookie: Cookie) -> bool:
    other = browser.fork()
    other.forget(cookie.name)
    return trial.is_signed_in(other)


def _judge_cookies(trial: Trial, lacks: Callable[[Trial, Cookie], Iterable[str]]) -> Finding:
    found = session_cookies(trial, trial.signed_in_browser())
    if not found:
        return not_applicable("the portal sets no cookie")
    wrong = [f"{one.name}: {lack}" for one in found for lack in lacks(trial, one)]
    if wrong:
        return failed("set its session cookie with faults: " + ", ".join(wrong))
    return passed(f"set {', '.join(one.name for one in found)} as it should be")


def _flags(trial: Trial, cookie: Cookie) -> Iterator[str]:
    if not cookie.http_only:
        yield "no HttpOnly"
    if trial.start.startswith("https:") and not cookie.secure:
        yield "no Secure"


def _same_site(_trial: Trial, cookie: Cookie) -> Iterator[str]:
    if cookie.same_site.lower() not in {"lax", "strict"}:
        yield f"SameSite={cookie.same_site}" if cookie.same_site else "no SameSite"


def _session_fixed(trial: Trial) -> Finding:
    browser = trial.new_browser()
    response = trial.answered(browser)
    before = browser.fork()
    response.deliver(browser)
    if not trial.is_signed_in(browser):
        raise Undecidable("a right sign-in failed")
    if trial.is_signed_in(before):
        return failed("kept the session of before the sign-in: who knew its cookie is signed in")
    return passed("gave the browser a new session at the sign-in")


def _open_redirect(trial: Trial) -> Finding:
    for evil in EVIL_ADDRESSES:
        start = with_query(trial.start, dict.fromkeys(_names(trial), evil))
        browser = trial.new_browser()
        opened = trial.opened(browser, start)
        if opened.left and EVIL in origin(opened.address):
            return failed(f"led straight to {opened.address}, asked by {evil!r}")
        if not trial.is_at_hub(opened):
            continue
        page = trial.answered(browser, start).deliver(browser)
        if page.left and EVIL in origin(page.address):
            return failed(f"led to {page.address} after the sign-in, asked by {evil!r}")
    return passed("stayed on its own pages, whatever parameter asked for another site")


def _names(trial: Trial) -> list[str]:
    """Return the parameters to try; none that the start address has already."""
    own = query_of(trial.start)
    return [name for name in NEXT_NAMES if name not in own]


def _code_in_address(trial: Trial) -> Finding:
    browser = trial.new_browser()
    page = trial.sign_in(browser)
    if "code" in query_of(page.address):
        return failed("showed its page at the callback address, code and state still in it")
    return passed(f"{page.says}, without the code in the address")


CASES = (
    Case(
        id="cookie-flags",
        title="The session cookie is HttpOnly and, over https, Secure",
        does="signed in and read the flags of the cookie that keeps the session",
        why="A script that got into a page reads a cookie without HttpOnly; whoever is on the way"
        " reads one without Secure.",
        source="RFC 6265 4.1.2.5, 4.1.2.6; OWASP ASVS 4.0 3.4.1, 3.4.2",
        play=partial(_judge_cookies, lacks=_flags),
    ),
    Case(
        id="cookie-same-site",
        title="The session cookie is SameSite=Lax or Strict",
        does="signed in and read SameSite of the cookie that keeps the session",
        why="Chromium takes an absent SameSite for Lax; Firefox and Safari send the cookie with"
        " other sites' forms.",
        source="RFC 6265bis 5.6.7; OWASP ASVS 4.0 3.4.3",
        play=partial(_judge_cookies, lacks=_same_site),
        weight=Weight.SHOULD,
    ),
    Case(
        id="session-fixation",
        title="The session is a new one after the sign-in",
        does="copied the browser's cookies before the sign-in, signed in, and used the copy",
        why="Who plants a cookie before the sign-in would share the session after it.",
        source="OWASP ASVS 4.0 3.2.1",
        play=_session_fixed,
    ),
    Case(
        id="open-redirect",
        title="The portal's own next parameter leads nowhere else",
        does=f"began sign-ins with {len(NEXT_NAMES)} usual parameters that name another site, in"
        f" {len(EVIL_ADDRESSES)} spellings",
        why="A link to a trusted portal that ends on another site is a tool for phishing, and leaks"
        " codes.",
        source="RFC 9700 2.1 and 4.11.1",
        play=_open_redirect,
    ),
    Case(
        id="code-in-address",
        title="The code does not stay in the address",
        does="signed in and read the address of the page after it",
        why="Addresses reach histories, logs and, by Referer, other sites.",
        source="RFC 9700 4.2.4",
        play=_code_in_address,
        weight=Weight.SHOULD,
    ),
)
