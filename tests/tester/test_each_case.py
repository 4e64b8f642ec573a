"""Each case finds its own carelessness, and no other."""

import pytest

from idp.tester.case import Case
from idp.tester.cases import citizens, id_tokens, logout, portal_pages, responses, troubles
from idp.tester.cases.id_tokens import IN, OUT, STRANGER, judge_values
from idp.tester.catalogue import CASES
from idp.tester.run import play
from idp.tester.verdict import Undecidable, Verdict

WAITING = {"hub-slow", "hub-hangs"}
"""They wait seconds: played once each."""

RESPONSES = {
    "fresh state": {"request-fresh"},
    "fresh verifier and nonce": {"request-fresh", "code-injected"},
    "state": {"state-wrong"},
    "a missing state": {"state-missing"},
    "whose state it is": {"response-of-another-browser"},
    "one use": {"code-replayed"},
    "iss": {"iss-wrong"},
    "a missing iss": {"iss-missing"},
    "access_denied: a page": {"access-denied"},
    "access_denied: no crash": {"access-denied"},
    "login_required: no crash": {"login-required"},
    "temporarily_unavailable: a page": {"temporarily-unavailable"},
    "temporarily_unavailable: no crash": {"temporarily-unavailable"},
    "escaping": {"error-with-script"},
}
ID_TOKENS = {
    "nonce": {"nonce-wrong"},
    "a missing nonce": {"nonce-missing"},
    "the ID token": {"id-token-missing"},
    "iss": {"id-token-issuer"},
    "alg none": {"alg-none"},
    "alg": {"alg-confusion"},
    "the signature": {"key-other"},
    "aud": {"aud-other"},
    "exp": {"expired"},
    "a missing sub": {"sub-missing"},
    "at_hash": {"at-hash-wrong"},
    "whose userinfo it is": {"userinfo-of-another", "sub-case"},
    "the case of sub": {"sub-case"},
}
CITIZENS = {
    "people without e-mail": {"no-email"},
    "people without a name": {"claim-missing"},
    "long names": {"long-name"},
    "ZWNJ": {"zwnj-name"},
}
PAGES = {
    "HttpOnly": {"cookie-flags"},
    "SameSite": {"cookie-same-site"},
    "a new session": {"session-fixation"},
    "where next leads": {"open-redirect"},
    "the code in the address": {"code-in-address"},
}
LOGOUT = {
    "logout tokens": {case.id for case in logout.CASES} - {"logout-of-another"},
    "logout: events": {"logout-no-events"},
    "logout: nonce": {"logout-nonce"},
    "logout: exp": {"logout-expired"},
    "logout: aud": {"logout-other-client"},
    "logout: the signature": {"logout-key-other"},
    "logout: alg none": {"logout-alg-none"},
    "whose session ends": {"logout-of-another"},
}
TROUBLES = {
    "new keys": {"key-rotation"},
    "503": {"hub-503-token"},
    "a closed connection": {"hub-restart"},
}
KINDS = (
    (responses, RESPONSES),
    (id_tokens, ID_TOKENS),
    (citizens, CITIZENS),
    (portal_pages, PAGES),
    (logout, LOGOUT),
    (troubles, TROUBLES),
)


def failures(trial, cases) -> set[str]:
    """Return the ids of the cases that the portal fails; each other one must have passed."""
    results = list(play(trial, cases))
    odd = [one for one in results if one.finding.verdict not in {Verdict.PASS, Verdict.FAIL}]
    assert odd == []
    return {one.case.id for one in results if one.finding.verdict is Verdict.FAIL}


def quick(cases: tuple[Case, ...]) -> list[Case]:
    return [case for case in cases if case.id not in WAITING]


def test_a_careful_portal_passes_every_case(trial):
    assert failures(trial(), CASES) == set()


@pytest.mark.parametrize(
    ("cases", "careless", "expected"),
    [
        pytest.param(kind.CASES, careless, expected, id=f"{kind.__name__}: {careless}")
        for kind, all_of_it in KINDS
        for careless, expected in all_of_it.items()
    ],
)
def test_a_careless_portal_fails_its_case_and_no_other_of_the_kind(
    trial, cases, careless, expected
):
    assert failures(trial(careless), quick(cases)) == expected


def test_a_portal_without_a_time_limit_hangs_with_the_hub(trial):
    hanging = [case for case in CASES if case.id == "hub-hangs"]
    assert failures(trial(timeout=None), hanging) == {"hub-hangs"}


def test_a_portal_with_a_short_time_limit_fails_beside_a_slow_hub(trial):
    slow = [case for case in CASES if case.id == "hub-slow"]
    assert failures(trial(timeout=0.5), slow) == {"hub-slow"}


def test_every_case_is_failed_by_some_carelessness():
    expected = set.union(*(ids for _, table in KINDS for ids in table.values()))
    assert {case.id for case in CASES} - expected == WAITING


@pytest.mark.parametrize(
    ("rightly", "wrongly", "verdict"),
    [
        (STRANGER, OUT, Verdict.PASS),
        (STRANGER, IN, Verdict.PASS),
        (STRANGER, STRANGER, Verdict.FAIL),
        (IN, STRANGER, Verdict.FAIL),
    ],
)
def test_another_citizens_claims_are_judged_by_what_the_page_shows(rightly, wrongly, verdict):
    assert judge_values(rightly, wrongly).verdict is verdict


def test_a_page_without_a_name_decides_nothing():
    with pytest.raises(Undecidable):
        judge_values(IN, IN)
