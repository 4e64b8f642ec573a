"""Back-channel logout: tokens that must end a session, and tokens that must not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from idp.protocol.logout.logout_token import LIFE_SECONDS, LOGOUT_EVENT
from idp.tester.browser import Browser, Page
from idp.tester.case import Case
from idp.tester.forge import LOGOUT_TOKEN_TYPE, Claims, Forge
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, failed, not_applicable, passed

TOO_OLD_SECONDS = 24 * 3600
LOOK_EVERY = timedelta(seconds=0.25)
OTHER = "somebody-else"

Play = Callable[[Trial], Finding]
Sign = Callable[[Forge, Claims], str]


def _signed(forge: Forge, claims: Claims) -> str:
    return forge.signed(claims, typ=LOGOUT_TOKEN_TYPE)


def _claims(trial: Trial) -> dict[str, Any]:
    """Return the claims of a right logout token for the session that the hub just made."""
    issued, now = trial.issued(), int(trial.clock().timestamp())
    return {
        **{name: issued[name] for name in ("iss", "aud", "sub", "sid") if name in issued},
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": f"tester-{trial.clock().timestamp()}",
        "events": {LOGOUT_EVENT: {}},
    }


def _concerned(play: Callable[[Trial, str], Finding]) -> Play:
    """Return the play for portals that have a ``backchannel_logout_uri``."""

    def play_if(trial: Trial) -> Finding:
        uri = trial.client.backchannel_logout_uri
        if not uri:
            return not_applicable("the file has no backchannel_logout_uri")
        return play(trial, uri)

    return play_if


def _send(trial: Trial, uri: str, change: Callable[[Claims], Claims], sign: Sign) -> Page:
    token = sign(trial.forge, change(_claims(trial)))
    # A sid whose session has ended never comes back from the real hub either.
    trial.citizen.begin_anew()
    return trial.post(uri, {"logout_token": token})


def _valid(trial: Trial, uri: str) -> Finding:
    browser = trial.signed_in_browser()
    page = _send(trial, uri, lambda claims: claims, _signed)
    if page.status not in {200, 204}:
        return failed(f"{page.says} to a valid logout token")
    if trial.is_signed_in(browser):
        return failed(f"answered {page.status}, and the session still lives")
    return passed(f"answered {page.status}, and the session has ended")


def _refused(change: Callable[[Claims], Claims], sign: Sign = _signed) -> Play:
    """Return a play that passes when the portal refuses the token and the session lives."""

    def play(trial: Trial, uri: str) -> Finding:
        browser = trial.signed_in_browser()
        page = _send(trial, uri, change, sign)
        if not trial.is_signed_in(browser):
            return failed(f"answered {page.status} and ended the session")
        if page.status < 400:
            return failed(f"answered {page.status} in place of 400; the session lives")
        return passed(f"answered {page.status}, and the session lives")

    return _concerned(play)


def _of_another(trial: Trial, uri: str) -> Finding:
    browser = trial.signed_in_browser()
    page = _send(trial, uri, lambda claims: {**claims, "sub": OTHER, "sid": OTHER}, _signed)
    if not trial.is_signed_in(browser):
        return failed(f"answered {page.status} and ended a session that the token does not name")
    return passed(f"answered {page.status}, and the session lives")


def _ended_elsewhere(trial: Trial, _uri: str) -> Finding:
    browser = trial.signed_in_browser()
    trial.citizen.sign_out()
    if _ends(trial, browser):
        return passed("ended its session")
    return failed(f"had not ended its session after {trial.patience.total_seconds():.0f} s")


def _ends(trial: Trial, browser: Browser) -> bool:
    until = trial.clock() + trial.patience
    while trial.clock() < until:
        if not trial.is_signed_in(browser):
            return True
        trial.pause(LOOK_EVERY)
    return False


def _without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: claims[key] for key in claims if key != name}


def _expired(claims: Claims) -> Claims:
    moved = {name: claims[name] - TOO_OLD_SECONDS for name in ("iat", "exp")}
    return {**claims, **moved}


LOGOUT = "OpenID Connect Back-Channel Logout 1.0"

CASES = (
    Case(
        id="logout-valid",
        title="A valid logout token ends the session",
        does="posted a valid logout token for the session to backchannel_logout_uri",
        why="A citizen who signs out at an internet café must be signed out everywhere.",
        source=f"{LOGOUT}, 2.6 and 2.8",
        play=_concerned(_valid),
    ),
    Case(
        id="logout-ended-elsewhere",
        title="A sign-out at the hub ends the portal's session",
        does="signed the citizen out on the hub's own page; the hub sent its logout token",
        why="This is the whole way, as it happens in production.",
        source=f"{LOGOUT}, 2.5",
        play=_concerned(_ended_elsewhere),
    ),
    Case(
        id="logout-no-events",
        title="A logout token without events is refused",
        does="posted a logout token without events",
        why="events is what tells a logout token from an ID token.",
        source=f"{LOGOUT}, 2.6 (6)",
        play=_refused(_without("events")),
    ),
    Case(
        id="logout-nonce",
        title="A logout token with nonce is refused",
        does="posted a logout token with a nonce",
        why="nonce marks an ID token: those that browsers carry must sign nobody out.",
        source=f"{LOGOUT}, 2.6 (7)",
        play=_refused(lambda claims: {**claims, "nonce": "n"}),
    ),
    Case(
        id="logout-expired",
        title="An expired logout token is refused",
        does="posted a logout token whose exp and iat are a day old",
        why="An old token, found in a log, would sign people out again and again.",
        source=f"{LOGOUT}, 2.6 (3)",
        play=_refused(_expired),
    ),
    Case(
        id="logout-other-client",
        title="A logout token for another portal is refused",
        does="posted a logout token with another aud",
        why="Every portal could sign the visitors of every other out.",
        source=f"{LOGOUT}, 2.6 (3)",
        play=_refused(lambda claims: {**claims, "aud": "another-portal"}),
    ),
    Case(
        id="logout-key-other",
        title="A logout token signed by another key is refused",
        does="posted a logout token signed by a stranger's key under the hub's kid",
        why="The address is public: without the check anybody signs anybody out.",
        source=f"{LOGOUT}, 2.6 (2)",
        play=_refused(
            lambda claims: claims,
            lambda forge, claims: forge.by_stranger(claims, typ=LOGOUT_TOKEN_TYPE),
        ),
    ),
    Case(
        id="logout-alg-none",
        title="A logout token with alg none is refused",
        does="posted a logout token with alg none and no signature",
        why="The address is public: without the check anybody signs anybody out.",
        source=f"{LOGOUT}, 2.6 (2); RFC 8725 3.1",
        play=_refused(
            lambda claims: claims,
            lambda forge, claims: forge.unsigned(claims, typ=LOGOUT_TOKEN_TYPE),
        ),
    ),
    Case(
        id="logout-of-another",
        title="A logout token of another citizen leaves this session alone",
        does="posted a valid logout token with another sub and sid",
        why="A portal that ends every session on any token is signed out by one citizen for all.",
        source=f"{LOGOUT}, 2.7",
        play=_concerned(_of_another),
    ),
)
