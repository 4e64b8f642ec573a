"""The beginning of a trial: the portal's way to the hub, and how its signed-in page looks."""

from collections.abc import Iterator

from idp.domain.clients.client import Client
from idp.tester.addresses import absolute, origin, with_query, without_query
from idp.tester.browser import Browser, Page
from idp.tester.hostile_hub import Misbehaviour
from idp.tester.pages import Html
from idp.tester.signed_in import NotLearned, Samples, SignedIn, learn
from idp.tester.trial import SIGN_IN_WORDS, Trial
from idp.tester.verdict import Undecidable

WORDS = (*SIGN_IN_WORDS, "sign_in", "oauth", "oidc", "auth")
MOST_LINKS = 8
OTHER_NAME = {"given_name": "دیگر", "family_name": "کسی", "name": "دیگر کسی"}


def default_start(client: Client, issuer: str) -> str:
    """Return where the file says that a sign-in begins: else the root of the redirect address."""
    if client.initiate_login_uri:
        return with_query(client.initiate_login_uri, {"iss": issuer})  # OIDC Core 4
    return client.client_uri or f"{origin(client.redirect_uris[0])}/"


def find_start(trial: Trial) -> None:
    """Find the address that leads to the hub: the start itself, or a link of its page.

    Raises Undecidable when there is none.
    """
    page = trial.opened(trial.new_browser())
    if trial.is_at_hub(page):
        return
    for address in _links(page):
        browser = trial.new_browser()
        browser.open(trial.start)
        if trial.is_portals(address) and trial.is_at_hub(browser.open(address)):
            trial.start = address
            return
    raise Undecidable(
        f"{trial.start} does not lead to the hub: the portal {page.says}. Name the address that"
        " does by --start; a page that begins the sign-in by a script needs --browser."
    )


def _links(page: Page) -> Iterator[str]:
    found = Html(page.text)
    forms = [form.action for form in found.forms if form.method == "get"]
    likely = [one for one in (*found.links, *forms) if any(word in one.lower() for word in WORDS)]
    for link in likely[:MOST_LINKS]:
        yield absolute(link, page.address)


def learn_signed_in(trial: Trial, address: str = "", marker: str = "") -> SignedIn:
    """Sign two citizens in and return what distinguishes their page from a stranger's.

    Raises Undecidable when the portal signs nobody in, NotLearned when nothing distinguishes.
    """
    first, second = trial.new_browser(), trial.new_browser()
    landed = _landed(trial, first, Misbehaviour())
    # Another name, so that what is learned is no word of one citizen.
    _landed(trial, second, Misbehaviour(userinfo=lambda claims: {**claims, **OTHER_NAME}))
    tried = []
    for place in [address] if address else _places(trial, landed):
        inside = [first.open(place), second.open(place)]
        try:
            return learn(Samples(place, inside, trial.new_browser().open(place)), marker)
        except NotLearned as error:
            tried.append(str(error))
    raise NotLearned("; ".join(tried) + ". Name a page by --signed-in or words by --marker.")


def _landed(trial: Trial, browser: Browser, does: Misbehaviour) -> Page:
    response = trial.answered(browser)
    with trial.hub.misbehaving(does):
        page = response.deliver(browser)
    if trial.is_at_hub(page) or page.status >= 400:
        raise Undecidable(
            f"the portal does not sign in a citizen whom the hub answered rightly: it {page.says}."
            " Compare issuer, client id and secret with its configuration."
        )
    return page


def _places(trial: Trial, landed: Page) -> Iterator[str]:
    callback = {without_query(uri) for uri in trial.client.redirect_uris}
    if not landed.left and without_query(landed.address) not in callback:
        yield landed.address
    yield from dict.fromkeys(
        filter(None, (trial.client.client_uri, f"{origin(trial.client.redirect_uris[0])}/"))
    )
