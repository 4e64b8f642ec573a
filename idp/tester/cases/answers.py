"""What the cases share: a sign-in in which one thing is wrong, and the verdict on it."""

from idp.protocol.core import endpoints
from idp.tester.browser import Browser, Page
from idp.tester.hostile_hub import Misbehaviour, Seen
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Undecidable, failed, passed


def judge_refusal(trial: Trial, browser: Browser, page: Page) -> Finding:
    """Return that the portal passes when it has signed nobody in."""
    if trial.is_signed_in(browser):
        return failed(f"signed the person in ({page.says})")
    return passed(f"{page.says}, and signed nobody in")


def judge_welcome(trial: Trial, browser: Browser, page: Page) -> Finding:
    """Return that the portal passes when it has signed the person in."""
    if trial.is_signed_in(browser):
        return passed(f"signed the person in ({page.says})")
    return failed(f"did not sign the person in: it {page.says}")


def arrive(trial: Trial, browser: Browser, does: Misbehaviour) -> tuple[Page, Seen]:
    """Sign in with a hub that misbehaves from the authorization response on."""
    response = trial.answered(browser)
    with trial.hub.misbehaving(does) as seen:
        page = response.deliver(browser)
    return page, seen


def require_asked(seen: Seen, path: str) -> None:
    """Raise Undecidable unless the portal asked the hub there, for a text that can be changed."""
    if seen.encrypted:
        raise Undecidable("the hub's answer is encrypted or signed for the portal")
    if not seen.asked(path):
        raise Undecidable(f"the portal did not call {path}")


def refused(trial: Trial, does: Misbehaviour) -> Finding:
    """Return that the portal passes when it refuses what the hub answers to its token request."""
    browser = trial.new_browser()
    page, seen = arrive(trial, browser, does)
    require_asked(seen, endpoints.TOKEN)
    return judge_refusal(trial, browser, page)
