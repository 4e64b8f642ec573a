"""Citizens who are not as a portal's developer imagined them."""

from collections.abc import Callable

from idp.tester.case import Case
from idp.tester.cases.answers import arrive, judge_welcome
from idp.tester.forge import Claims
from idp.tester.hostile_hub import Misbehaviour
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, not_applicable

LONG = "ا" * 50
ZWNJ = "\N{ZERO WIDTH NON-JOINER}"
NAMES = ("given_name", "family_name", "name")


def _signs_in(scope: str, change: Callable[[Claims], Claims]) -> Callable[[Trial], Finding]:
    """Return a play that passes when the portal signs in a citizen with these claims."""

    def play(trial: Trial) -> Finding:
        if scope not in trial.client.scopes:
            return not_applicable(f"the portal may not ask for the scope {scope}")
        browser = trial.new_browser()
        does = Misbehaviour(
            userinfo=change, id_token=lambda claims: trial.forge.signed(change(claims))
        )
        page, _ = arrive(trial, browser, does)
        return judge_welcome(trial, browser, page)

    return play


def _without(*names: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: claims[key] for key in claims if key not in names}


def _named(given: str, family: str) -> Callable[[Claims], Claims]:
    told = {"given_name": given, "family_name": family, "name": f"{given} {family}"}
    return lambda claims: {**claims, **{name: told[name] for name in told if name in claims}}


CASES = (
    Case(
        id="no-email",
        title="A citizen without an e-mail address is signed in",
        does="left email and email_verified out of userinfo and ID token",
        why="Most citizens have no confirmed address. An account's key is sub, never the e-mail.",
        source="OpenID Connect Core 5.3.2 (claims may be absent) and 5.7",
        play=_signs_in("email", _without("email", "email_verified")),
    ),
    Case(
        id="claim-missing",
        title="A citizen without a name is signed in",
        does="left the names out of userinfo and ID token",
        why="The hub sends no claim that a citizen has not released, never null.",
        source="OpenID Connect Core 5.3.2",
        play=_signs_in("profile", _without(*NAMES)),
    ),
    Case(
        id="long-name",
        title="A name of 100 letters is signed in",
        does="answered with a given and a family name of 50 letters each",
        why="Columns of 30 or 50 characters refuse such a person at the first sign-in.",
        source="the hub's bound of names (50 letters each)",
        play=_signs_in("profile", _named(LONG, LONG)),
    ),
    Case(
        id="zwnj-name",
        title="A name with a zero-width non-joiner is signed in",
        does=f"answered with the name «علی{ZWNJ}رضا حاجی{ZWNJ}زاده»",
        why="ZWNJ is an ordinary letter boundary of Persian names; filters for invisible characters"
        " refuse it.",
        source="Unicode 15, 23.2; RFC 8259 8.1 (UTF-8)",
        play=_signs_in("profile", _named(f"علی{ZWNJ}رضا", f"حاجی{ZWNJ}زاده")),
    ),
)
