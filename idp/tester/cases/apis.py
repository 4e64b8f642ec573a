"""Access tokens at an API (RFC 9068 4): what is not the hub's word for this API and now."""

from collections.abc import Callable
from datetime import timedelta

from idp.protocol.core import endpoints
from idp.tester.api import Answer, Api, obtain
from idp.tester.case import Case, Weight
from idp.tester.forge import ACCESS_TOKEN_TYPE, Claims, Forge, claims_of
from idp.tester.hostile_hub import Misbehaviour
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Undecidable, failed, passed

LONG_AGO_SECONDS = 2 * 24 * 3600
OTHER = "https://somebody-else.example"
LOOKS_AGAIN = timedelta(minutes=1)
"""How often an API may fetch the keys for an unknown ``kid``, which everybody can name."""
DOWN = (endpoints.JWKS, endpoints.INTROSPECT, endpoints.CONFIGURATION)

Make = Callable[[Forge, Claims], str]


def _api(trial: Trial) -> Api:
    if trial.api is None:
        raise Undecidable("a portal is tried, and no API")
    return trial.api


def _token(trial: Trial) -> str:
    return obtain(trial.citizen, _api(trial).audience)


def _judge(answer: Answer) -> Finding:
    if answer.let_through:
        return failed(f"let the request through ({answer.status})")
    if answer.is_refusal:
        return passed(f"answered {answer.status}")
    return failed(f"let nobody through, and broke: it answered {answer.status}")


def _with(make: Make) -> Callable[[Trial], Finding]:
    """Return a play that asks with what ``make`` returns in place of the hub's token."""

    def play(trial: Trial) -> Finding:
        claims = claims_of(_token(trial))
        return _judge(_api(trial)(make(trial.forge, claims)))

    return play


def _with_claims(change: Callable[[Claims], Claims]) -> Callable[[Trial], Finding]:
    return _with(lambda forge, claims: forge.signed(change(claims), typ=ACCESS_TOKEN_TYPE))


def _expired(claims: Claims) -> Claims:
    moved = {name: claims[name] - LONG_AGO_SECONDS for name in ("iat", "exp")}
    return {**claims, **moved}


def _valid(trial: Trial) -> Finding:
    answer = _api(trial)(_token(trial))
    told = f"answered {answer.status} to the hub's own token"
    return passed(told) if answer.let_through else failed(told)


def _challenge(trial: Trial) -> Finding:
    answer = _api(trial)(None)
    if answer.status == 401 and answer.challenge.lower().startswith("bearer"):
        return passed("answered 401 with WWW-Authenticate: Bearer")
    return failed(f"answered {answer.status} with WWW-Authenticate: {answer.challenge or 'none'}")


def _hub_away(trial: Trial) -> Finding:
    claims = claims_of(_token(trial))
    token = trial.forge.by_unknown(claims, typ=ACCESS_TOKEN_TYPE)
    with trial.hub.misbehaving(Misbehaviour(statuses=dict.fromkeys(DOWN, 503))):
        answer = _api(trial)(token)
    told = f"answered {answer.status} while it could not ask the hub"
    return failed(told) if answer.let_through else passed(told)


def _key_rotation(trial: Trial) -> Finding:
    _api(trial)(_token(trial))  # the API has read the key set
    ring = trial.forge.keys
    ring.promote(ring.new(trial.forge.alg).kid, at_once=True)
    if not _api(trial)(_token(trial)).let_through:
        trial.pause(LOOKS_AGAIN)
    return _valid(trial)


SOURCE = "RFC 9068 4"

CASES = (
    Case(
        id="api-valid",
        title="The hub's own access token is accepted",
        does="signed a citizen in, and asked with the access token that the hub issued for the API",
        why="An API that refuses right tokens is closed to every portal.",
        source=SOURCE,
        play=_valid,
    ),
    Case(
        id="api-no-token",
        title="A request without an access token is refused",
        does="asked without a token",
        why="Everybody could ask.",
        source="RFC 6750 3.1",
        play=lambda trial: _judge(_api(trial)(None)),
    ),
    Case(
        id="api-challenge",
        title="A refusal says that a bearer token is wanted",
        does="asked without a token, and read WWW-Authenticate",
        why="Programs learn by it that they must fetch a token.",
        source="RFC 6750 3",
        play=_challenge,
        weight=Weight.SHOULD,
    ),
    Case(
        id="api-alg-none",
        title="A token with alg none is refused",
        does="sent the hub's claims with alg none and no signature",
        why="Everybody can write such a token.",
        source=f"{SOURCE}; RFC 8725 3.1",
        play=_with(lambda forge, claims: forge.unsigned(claims, typ=ACCESS_TOKEN_TYPE)),
    ),
    Case(
        id="api-alg-confusion",
        title="A token signed with the public key as a secret is refused",
        does="signed the hub's claims with HS256, the hub's public key as the secret",
        why="The public key is public.",
        source="RFC 8725 2.1 and 3.1",
        play=_with(lambda forge, claims: forge.by_public_key(claims, typ=ACCESS_TOKEN_TYPE)),
    ),
    Case(
        id="api-key-other",
        title="A token signed by another key is refused",
        does="signed the hub's claims by a stranger's key under the hub's kid",
        why="The signature is what makes it the hub's word.",
        source=f"{SOURCE}; RFC 8725 3.2",
        play=_with(lambda forge, claims: forge.by_stranger(claims, typ=ACCESS_TOKEN_TYPE)),
    ),
    Case(
        id="api-issuer-other",
        title="A token of another issuer is refused",
        does="signed the token with another iss",
        why="Any provider whose keys the API trusts could speak for this hub.",
        source=SOURCE,
        play=_with_claims(lambda claims: {**claims, "iss": OTHER}),
    ),
    Case(
        id="api-aud-other",
        title="A token for another API is refused",
        does="signed the token with another aud",
        why="Every other API that receives a citizen's token could use it here.",
        source=SOURCE,
        play=_with_claims(lambda claims: {**claims, "aud": OTHER}),
    ),
    Case(
        id="api-aud-hub",
        title="A token for the hub's userinfo is refused",
        does="signed the token with the issuer as its aud, as portals get it without resource",
        why="Every portal has such a token of each of its citizens.",
        source=f"{SOURCE}; RFC 8707 2",
        play=_with_claims(lambda claims: {**claims, "aud": claims["iss"]}),
    ),
    Case(
        id="api-expired",
        title="An expired token is refused",
        does="signed the token with exp and iat of two days ago",
        why="A token found in an old log would still be good.",
        source=SOURCE,
        play=_with_claims(_expired),
    ),
    Case(
        id="api-id-token",
        title="A token of another type is refused",
        does="signed the same claims under typ JWT, as ID tokens have it",
        why="What was made for a portal to read must not open an API.",
        source="RFC 9068 2.1 and 4; RFC 8725 3.11",
        play=_with(lambda forge, claims: forge.signed(claims)),
    ),
    Case(
        id="api-key-rotation",
        title="A new signing key is accepted within a minute",
        does="gave the hub a new signing key, and asked with a token that it signed, where that was"
        " refused again after a minute",
        why="Keys are changed without notice after a leak.",
        source="OpenID Connect Core 10.1.1",
        play=_key_rotation,
    ),
    # Last: who has just looked for an unknown key may wait before looking again.
    Case(
        id="api-hub-away",
        title="Nothing is let through while the hub cannot be asked",
        does="answered 503 for keys and introspection, and sent a token by an unknown key",
        why="An outage of the hub must not open the API.",
        source="docs/integrate/apis.md, answer",
        play=_hub_away,
    ),
)
