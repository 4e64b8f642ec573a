"""What citizens, portals and administrators do at the hub of the fault lab, request by request."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.e2e.people import Person as Newcomer
from tests.performance import load
from tests.performance.scenarios import Person, Provider, begin_offline, refresh, single_sign_on
from tests.performance.visitor import Answer, Pause, Request, Steps, Unexpected, Visitor

T = TypeVar("T")
TRACKING = re.compile(r'class="number" dir="ltr">([0-9]+)<')
OK, ERROR, SERVER_ERROR = 200, 400, 500
"""From the last on an answer is the hub's fault; only 503 with ``Retry-After`` is allowed."""


class Failure(NamedTuple):
    """A request that was not served."""

    at: float
    """When that was known (``time.time``)."""
    status: int
    """0: the line was cut."""
    what: str
    is_kind: bool
    """503 with ``Retry-After``: it says when to come again."""


@dataclass
class Seen:
    """What the answers of one client's requests were."""

    codes: list[tuple[str, int]] = field(default_factory=list)
    """Authorization codes that were sent to the token endpoint, and the status that came back."""
    unkind: list[str] = field(default_factory=list)
    """Answers of 500 and more that are not a 503 with ``Retry-After``, or that show a trace."""
    failures: list[Failure] = field(default_factory=list)
    """Answers of 400 and more, and lines that were cut."""
    slowest: float = 0.0
    """Seconds of the answer that took longest."""


def do(origin: str, steps: Steps[T], seen: Seen) -> T:
    """Do all steps; raise Unexpected or OSError where one gets no answer to go on with."""
    try:
        return load.run(origin, watched(steps, seen))
    except (OSError, load.Unanswered) as error:
        seen.failures.append(Failure(time.time(), 0, str(error), is_kind=False))
        raise


def watched(steps: Steps[T], seen: Seen) -> Steps[T]:
    """Pass requests and answers on, and note what they were."""
    answer: Answer | None = None
    while True:
        try:
            request = steps.send(answer)  # type: ignore[arg-type]  # None begins
        except StopIteration as end:
            result: T = end.value
            return result
        begun = time.monotonic()
        answer = yield request
        if not isinstance(request, Pause):
            seen.slowest = max(seen.slowest, time.monotonic() - begun)
            _note(request, answer, seen)


def _note(request: Request, answer: Answer, seen: Seen) -> None:
    form = parse_qs(request.body.decode("utf-8", "replace"))
    if "code_verifier" in form:
        seen.codes.append((form["code"][0], answer.status))
    if answer.status < ERROR:
        return
    has_wait = answer.status == 503 and bool(answer.header("retry-after"))
    is_kind = has_wait and b"Traceback" not in answer.body
    what = f"{answer.status} {request.method} {urlsplit(request.target).path}"
    seen.failures.append(Failure(time.time(), answer.status, what, is_kind))
    if answer.status >= SERVER_ERROR and not is_kind:
        seen.unkind.append(what)


def sign_in(provider: Provider, person: Person) -> Steps[None]:
    """Sign in on a fresh browser, and get a refresh token."""
    yield from begin_offline(provider, person)


def sign_on(provider: Provider, person: Person) -> Steps[None]:
    """Get tokens with the session that is there."""
    yield from single_sign_on(provider, person)


def renew(provider: Provider, person: Person) -> Steps[None]:
    """Exchange the refresh token."""
    yield from refresh(provider, person)


def revoke(provider: Provider, person: Person) -> Steps[None]:
    """Revoke the refresh token, and all that its grant gave."""
    form = {"token": person.tokens["refresh_token"], "token_type_hint": "refresh_token"}
    answer = yield from _post(provider, "revocation_endpoint", form)
    if answer.status != OK:
        raise Unexpected(f"revocation: {answer.status}")


def sign_out(provider: Provider, person: Person) -> Steps[None]:
    """Sign out on the page; a session that has ended already shows the signed-out page."""
    browser, address = person.browser, f"{provider.portal.issuer}/logout"
    page = yield from browser.open("logout", address)
    if b"logout-confirm" in page.body:
        question = page.body[page.body.index(b'<form class="actions"') :]
        answer = yield from browser.submit("logout", page._replace(body=question))
        page = yield from browser.follow("logout", answer)
    if page.status != OK:
        raise Unexpected(f"logout: {page.status}")


def change_password(provider: Provider, person: Person, new: str) -> Steps[None]:
    """Change the password on the account's page; the browser keeps its session."""
    browser = person.browser
    page = yield from browser.open(
        "password", f"{provider.portal.issuer}/account/security/password"
    )
    typed = {"old_password": person.password, "password": new, "password_again": new}
    answer = yield from browser.submit("password", page, **typed)
    shown = yield from browser.follow("password", answer)
    if shown.status != OK or b'name="old_password"' in shown.body:
        raise Unexpected(f"the password was not changed: {shown.status} {browser.page[:100]}")


def read(provider: Provider, path: str) -> Steps[bool]:
    """Open a page or document of the hub, as somebody who has no session; return True."""
    answer = yield from Visitor(provider.portal.issuer).get("read", provider.portal.issuer + path)
    if answer.status != OK:
        raise Unexpected(f"{path}: {answer.status}")
    return True


def is_active(provider: Provider, token: str) -> Steps[bool]:
    """Return whether introspection says that the token is active."""
    answer = yield from _post(provider, "introspection_endpoint", {"token": token})
    if answer.status != OK:
        raise Unexpected(f"introspection: {answer.status} {answer.body[:200]!r}")
    return bool(json.loads(answer.body)["active"])


def redeem_again(provider: Provider, code: str, verifier: str) -> Steps[int]:
    """Send a code that was used; return the status."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.portal.redirect_uri,
        "code_verifier": verifier,
    }
    return (yield from _post(provider, "token_endpoint", form)).status


def register(
    provider: Provider, person: Newcomer, take_code: Callable[[], str], browser: Visitor
) -> Steps[str]:
    """Register in two steps; return the tracking number that the last page shows."""
    page = yield from to_details(provider, person, take_code, browser)
    return (yield from send_details(browser, page, person))


def to_details(
    provider: Provider, person: Newcomer, take_code: Callable[[], str], browser: Visitor
) -> Steps[Answer]:
    """Go through step one and the code; return the page of step two."""
    page = yield from browser.open("step one", f"{provider.portal.issuer}/register")
    answer = yield from browser.submit("step one", page, **person.step_one())
    page = yield from browser.follow("step one", answer)
    if b'name="password_again"' not in page.body:
        answer = yield from browser.submit("code", page, code=take_code())
        page = yield from browser.follow("code", answer)
    return page


def send_details(browser: Visitor, page: Answer, person: Newcomer) -> Steps[str]:
    """Send step two, and then all answers once more."""
    answer = yield from browser.submit("step two", page, **person.step_two())
    page = yield from browser.follow("step two", answer)
    if b'name="ready"' in page.body:
        ready = re.search(r'name="ready"\s+value="([^"]*)"', page.body.decode())
        answer = yield from browser.submit("look over", page, ready=ready[1] if ready else "")
        page = yield from browser.follow("look over", answer)
    found = TRACKING.search(page.body.decode())
    if not found:
        raise Unexpected(f"no tracking number: {page.status} {browser.page[:100]}")
    return found[1]


def _post(provider: Provider, endpoint: str, form: dict[str, str]) -> Steps[Answer]:
    portal = provider.portal
    server = Visitor(portal.issuer)
    address, body = portal.endpoints[endpoint], urlencode(form).encode()
    request = server.request(endpoint, "POST", address, body, Authorization=portal.authorization)
    return (yield request)
