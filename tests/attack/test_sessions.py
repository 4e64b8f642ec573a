"""Silent requests and signing out at both servers: attacks SE04, L01 and L04."""

from typing import Any

from tests.attack.both import at_both
from tests.attack.targets import END_SESSION, GOODBYE, Target, told
from tests.protocol.hub import read_claims
from tests.web.hub import ORIGIN


def end_session(target: Target, **query: str):
    """Follow a link to the end_session endpoint, as far as it leads within the server."""
    answer = target.citizen.get(END_SESSION, query_string=query, base_url=ORIGIN)
    while answer.location and answer.location.startswith("/"):
        answer = target.citizen.get(answer.location, base_url=ORIGIN)
    return answer


@at_both(hub="login_required", naive="code")
def test_attack_SE04_a_silent_request_minds_max_age(target, expected):
    target.later(seconds=1)
    answer = target.register().ask(prompt="none", max_age="0")

    assert told(answer) == expected


@at_both(hub="login_required", naive="code")
def test_attack_SE04_a_silent_request_minds_consent(target, expected):
    answer = target.register(first_party=False).ask(prompt="none")

    assert told(answer) == expected


@at_both(hub="login_required", naive="code")
def test_attack_SE04_a_silent_request_minds_whom_the_hint_names(target, expected):
    portal = target.register()
    hint = signed_again(target, portal.obtain_tokens()["id_token"], sub="somebody-else")

    assert told(portal.ask(prompt="none", id_token_hint=hint)) == expected


def signed_again(target: Target, id_token: str, **changes: Any) -> str:
    """Return the ID token with other claims, signed with the server's own key."""
    return target.sign({**read_claims(id_token), **changes}, typ="JWT")


@at_both(hub="code", naive="login_required")
def test_attack_L01_a_picture_in_a_page_signs_nobody_out(target, expected):
    portal = target.register()
    end_session(target)

    assert told(portal.ask(prompt="none")) == expected


@at_both(hub=f"{GOODBYE}?state=x", naive=None)
def test_attack_L04_a_hint_whose_audience_is_a_list_of_one_is_good(target, expected):
    hint = signed_again(target, target.register().obtain_tokens()["id_token"], aud=["portal"])
    answer = end_session(target, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state="x")

    assert answer.location == expected
