"""The ID token and userinfo: what is not the hub's word for this citizen, this portal and now."""

from collections.abc import Callable

from idp.protocol.core import endpoints
from idp.tester.case import Case, Weight
from idp.tester.cases.answers import arrive, refused, require_asked
from idp.tester.forge import Claims, Forge
from idp.tester.hostile_hub import Misbehaviour, Seen
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Undecidable, failed, not_applicable, passed

LONG_AGO_SECONDS = 2 * 24 * 3600
OTHER = "somebody-else"
NAMES = ("given_name", "family_name", "name", "preferred_username")
STRANGER, IN, OUT = "stranger-testerov", "in", "out"

Make = Callable[[Forge, Claims], str | None]
Play = Callable[[Trial], Finding]


def _with_id_token(make: Make) -> Play:
    """Return a play in which the hub sends what ``make`` returns in place of the ID token."""

    def play(trial: Trial) -> Finding:
        forged = Misbehaviour(id_token=lambda claims: make(trial.forge, claims))
        return refused(trial, forged)

    return play


def _with_claims(change: Callable[[Claims], Claims]) -> Play:
    return _with_id_token(lambda forge, claims: forge.signed(change(claims)))


def _without(name: str) -> Play:
    return _with_claims(lambda claims: {key: claims[key] for key in claims if key != name})


def _without_hash(claims: Claims) -> Claims:
    """Return the claims without at_hash: its digest depends on alg, which must be judged alone."""
    return {key: claims[key] for key in claims if key != "at_hash"}


def _expired(claims: Claims) -> Claims:
    moved = {name: claims[name] - LONG_AGO_SECONDS for name in ("iat", "exp")}
    return {**claims, **moved}


def _if_nonce(play: Play) -> Play:
    """Return the play for portals that send a nonce; it concerns no others."""

    def play_if(trial: Trial) -> Finding:
        if "nonce" not in trial.begin(trial.new_browser()).params:
            return not_applicable("the portal sends no nonce and relies on PKCE")
        return play(trial)

    return play_if


def _if_at_hash(trial: Trial) -> Finding:
    trial.signed_in_browser()
    if "at_hash" not in trial.issued():
        return not_applicable("the ID token has no at_hash")
    return _with_claims(lambda claims: {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})(trial)


def _userinfo(change: Callable[[Claims], Claims]) -> Play:
    """Return a play that passes when the portal uses nothing of such a userinfo answer.

    It may sign the person in by the ID token alone: Core 5.3.2 forbids the use of the values.
    """

    def play(trial: Trial) -> Finding:
        rightly, seen = _shows_strangers_name(trial, _renamed)
        if not seen.asked(endpoints.USERINFO):
            return not_applicable("the portal does not call userinfo")
        wrongly, seen = _shows_strangers_name(trial, lambda claims: change(_renamed(claims)))
        require_asked(seen, endpoints.USERINFO)
        return judge_values(rightly, wrongly)

    return play


def _shows_strangers_name(trial: Trial, change: Callable[[Claims], Claims]) -> tuple[str, Seen]:
    """Sign in with such userinfo; return what the page then shows: STRANGER, IN or OUT."""
    browser = trial.new_browser()
    _, seen = arrive(trial, browser, Misbehaviour(userinfo=change))
    if not trial.is_signed_in(browser):
        return OUT, seen
    return STRANGER if STRANGER in trial.signed_in_page(browser).text else IN, seen


def judge_values(rightly: str, wrongly: str) -> Finding:
    """Return the verdict on a portal that shows this for right and for wrong userinfo."""
    if wrongly == OUT:
        return passed("signed nobody in")
    if wrongly == STRANGER:
        return failed("signed the person in, and its page shows the other citizen's name")
    if rightly == STRANGER:
        return passed("signed the person in by the ID token, and shows nothing of the other's")
    raise Undecidable(
        "the portal signed the person in by the ID token, and its page shows no name: whether it"
        " keeps the other citizen's claims cannot be seen (name a page that shows it: --signed-in)"
    )


def _renamed(claims: Claims) -> Claims:
    """Return the claims with names and an address that stand nowhere else."""
    told = dict.fromkeys(NAMES, STRANGER) | {"email": f"{STRANGER}@example.com"}
    return {**claims, **{name: told[name] for name in told if name in claims}}


def _swapped(claims: Claims) -> Claims:
    return {**claims, "sub": str(claims["sub"]).swapcase()}


CORE = "OpenID Connect Core 3.1.3.7"
NOT_OVER_TLS = (
    " Core lets TLS stand in for the signature here; then one proxy that ends TLS is enough."
)

CASES = (
    Case(
        id="nonce-wrong",
        title="An ID token with another nonce is refused",
        does="signed the ID token with another nonce",
        why="nonce ties the ID token to this sign-in: else a token of another one can be injected.",
        source=f"{CORE} (11); RFC 9700 4.5.3.2",
        play=_if_nonce(_with_claims(lambda claims: {**claims, "nonce": OTHER})),
    ),
    Case(
        id="nonce-missing",
        title="An ID token without nonce is refused",
        does="signed the ID token without the nonce that the portal sent",
        why="A check that is skipped when the claim is absent is no check.",
        source=f"{CORE} (11)",
        play=_if_nonce(_without("nonce")),
    ),
    Case(
        id="id-token-missing",
        title="A token response without an ID token signs nobody in",
        does="left id_token out of the token response",
        why="An access token says nothing about who is in front of the browser.",
        source="OpenID Connect Core 3.1.3.3; RFC 9700 4.5",
        play=_with_id_token(lambda _forge, _claims: None),
    ),
    Case(
        id="id-token-issuer",
        title="An ID token of another issuer is refused",
        does="signed the ID token with another iss",
        why="Without the check, any provider whose keys the portal trusts speaks for this hub.",
        source=f"{CORE} (2)",
        play=_with_claims(lambda claims: {**claims, "iss": "https://other-hub.example"}),
    ),
    Case(
        id="alg-none",
        title="An ID token with alg none is refused",
        does="replaced the ID token by one with alg none and no signature",
        why="Everybody can write such a token." + NOT_OVER_TLS,
        source=f"{CORE} (6, 7); RFC 8725 2.1 and 3.1",
        play=_with_id_token(lambda forge, claims: forge.unsigned(_without_hash(claims))),
    ),
    Case(
        id="alg-confusion",
        title="An ID token signed with the public key as a secret is refused",
        does="signed the ID token with HS256, the hub's public key as the secret",
        why="The public key is public: a library that lets the token choose the algorithm accepts"
        " anybody's token.",
        source=f"{CORE} (7, 8); RFC 8725 2.1 and 3.1",
        play=_with_id_token(lambda forge, claims: forge.by_public_key(_without_hash(claims))),
    ),
    Case(
        id="key-other",
        title="An ID token signed by another key is refused",
        does="signed the ID token by a stranger's key under the hub's kid",
        why="The signature is what makes it the hub's word." + NOT_OVER_TLS,
        source=f"{CORE} (6); RFC 8725 3.2",
        play=_with_id_token(lambda forge, claims: forge.by_stranger(claims)),
    ),
    Case(
        id="aud-other",
        title="An ID token for another portal is refused",
        does="signed the ID token with another aud",
        why="Else every other portal of the hub can sign in here as its visitors.",
        source=f"{CORE} (3)",
        play=_with_claims(lambda claims: {**claims, "aud": "another-portal"}),
    ),
    Case(
        id="expired",
        title="An expired ID token is refused",
        does="signed the ID token with exp and iat of two days ago",
        why="A token found in an old backup or log would still sign in.",
        source=f"{CORE} (9)",
        play=_with_claims(_expired),
    ),
    Case(
        id="sub-missing",
        title="An ID token without sub is refused",
        does="signed the ID token without sub",
        why="sub is the account. Without it in the signed token, a portal believes an answer that"
        " nobody signed, or finds the account of an empty sub, which all share.",
        source="OpenID Connect Core 2 and 5.7",
        play=_without("sub"),
    ),
    Case(
        id="at-hash-wrong",
        title="An access token that does not belong to the ID token is refused",
        does="signed the ID token with another at_hash",
        why="at_hash shows that the access token was exchanged on the way.",
        source="OpenID Connect Core 3.1.3.8 (optional in the code flow)",
        play=_if_at_hash,
        weight=Weight.SHOULD,
    ),
    Case(
        id="userinfo-of-another",
        title="Nothing of userinfo about another citizen is used",
        does="answered userinfo with another sub than the ID token's, and with another name",
        why="Else the claims of one citizen are shown to, and stored for, another.",
        source="OpenID Connect Core 5.3.2",
        play=_userinfo(lambda claims: {**claims, "sub": OTHER}),
    ),
    Case(
        id="sub-case",
        title="sub is compared letter by letter",
        does="answered userinfo with the ID token's sub in swapped case, and with another name",
        why="sub is case sensitive: two citizens may differ in case alone. A database whose"
        " collation ignores case merges their accounts.",
        source="OpenID Connect Core 2 and 5.3.2",
        play=_userinfo(_swapped),
    ),
)
