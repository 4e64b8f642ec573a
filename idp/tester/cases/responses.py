"""The authorization response: whose it is, and what an error in it does."""

from idp.tester.browser import Page
from idp.tester.case import Case, Weight
from idp.tester.cases.answers import judge_refusal
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Undecidable, failed, passed

OTHER_ISSUER = "https://other-hub.example"
SCRIPT = "<script>document.title='tester'</script>"


def _state_wrong(trial: Trial) -> Finding:
    browser = trial.new_browser()
    response = trial.answered(browser)
    state = response.params.get("state", "")
    wrong = ("B" if state.startswith("A") else "A") + state[1:]
    return judge_refusal(trial, browser, (response + {"state": wrong}).deliver(browser))


def _state_missing(trial: Trial) -> Finding:
    browser = trial.new_browser()
    response = trial.answered(browser)
    return judge_refusal(trial, browser, (response - "state").deliver(browser))


def _of_another_browser(trial: Trial) -> Finding:
    attackers = trial.answered(trial.new_browser())
    victim = trial.new_browser()
    trial.begin(victim)
    return judge_refusal(trial, victim, attackers.deliver(victim))


def _code_injected(trial: Trial) -> Finding:
    stolen = trial.answered(trial.new_browser()).params.get("code", "")
    attacker = trial.new_browser()
    page = (trial.answered(attacker) + {"code": stolen}).deliver(attacker)
    return judge_refusal(trial, attacker, page)


def _code_replayed(trial: Trial) -> Finding:
    browser = trial.new_browser()
    response = trial.answered(browser)
    before = browser.fork()
    response.deliver(browser)
    if not trial.is_signed_in(browser):
        raise Undecidable("a right sign-in failed")
    return judge_refusal(trial, before, response.deliver(before))


def _iss_wrong(trial: Trial) -> Finding:
    browser = trial.new_browser()
    page = (trial.answered(browser) + {"iss": OTHER_ISSUER}).deliver(browser)
    return judge_refusal(trial, browser, page)


def _iss_missing(trial: Trial) -> Finding:
    browser = trial.new_browser()
    page = (trial.answered(browser) - "iss").deliver(browser)
    return judge_refusal(trial, browser, page)


def _error(trial: Trial, error: str, description: str = "") -> tuple[Page, Finding]:
    browser = trial.new_browser()
    response = trial.answered(browser) - "code"
    told = {"error": error} | ({"error_description": description} if description else {})
    page = (response + told).deliver(browser)
    return page, judge_refusal(trial, browser, page)


def _handled(page: Page, finding: Finding) -> Finding:
    """Return the finding, or that the portal crashed."""
    return failed("crashed: it answered 500") if page.crashed else finding


def _access_denied(trial: Trial) -> Finding:
    page, finding = _error(trial, "access_denied")
    if trial.is_at_hub(page):
        return failed("sent the browser back to the hub at once: who declines goes round in a loop")
    return _handled(page, finding)


def _login_required(trial: Trial) -> Finding:
    return _handled(*_error(trial, "login_required"))


def _temporarily_unavailable(trial: Trial) -> Finding:
    page, finding = _error(trial, "temporarily_unavailable")
    if trial.is_at_hub(page):
        return failed("sent the browser back to the hub at once: an outage becomes a loop")
    return _handled(page, finding)


def _error_with_script(trial: Trial) -> Finding:
    page, _ = _error(trial, "access_denied", SCRIPT)
    if SCRIPT in page.text:
        return failed("printed error_description unescaped: a link runs scripts on the portal")
    return passed(f"{page.says}, without the script")


def _values_fresh(trial: Trial) -> Finding:
    browser = trial.new_browser()
    first, second = trial.begin(browser).params, trial.begin(browser).params
    sent = [name for name in ("state", "nonce", "code_challenge") if name in first]
    repeated = [name for name in sent if first[name] == second.get(name)]
    if repeated:
        return failed(f"sent the same {', '.join(repeated)} twice")
    if "state" not in sent and "code_challenge" not in sent:
        return failed("sent neither state nor code_challenge")
    return passed(f"sent a fresh {', '.join(sent)} each time")


CASES = (
    Case(
        id="request-fresh",
        title="state, nonce and code_challenge are fresh for each sign-in",
        does="began two sign-ins in one browser and compared the portal's requests",
        why="A constant value protects nobody: whoever has seen one sign-in knows it.",
        source="RFC 6749 10.12; RFC 7636 7.1; OpenID Connect Core 15.5.2",
        play=_values_fresh,
    ),
    Case(
        id="state-wrong",
        title="A response with another state is refused",
        does="changed the first character of state in the hub's response",
        why="state ties the response to the browser that asked. Without the check, an attacker"
        " signs a victim in to the attacker's account.",
        source="RFC 6749 10.12; RFC 9700 4.7; OpenID Connect Core 3.1.2.1",
        play=_state_wrong,
    ),
    Case(
        id="state-missing",
        title="A response without state is refused",
        does="removed state from the hub's response",
        why="A check that is skipped when the parameter is absent is no check.",
        source="RFC 6749 4.1.2 and 10.12",
        play=_state_missing,
    ),
    Case(
        id="response-of-another-browser",
        title="A whole response of another browser is refused",
        does="delivered the complete, genuine response of one browser in another browser that had"
        " begun a sign-in of its own",
        why="This is the attack on sign-in itself (login CSRF): the victim then enters data into"
        " the attacker's account.",
        source="RFC 6749 10.12; RFC 9700 4.7",
        play=_of_another_browser,
    ),
    Case(
        id="code-injected",
        title="A stolen code in one's own response is refused",
        does="put the code of one browser's sign-in into the response of another browser",
        why="PKCE or nonce must tie the code to the browser, or a stolen code opens the account.",
        source="RFC 9700 2.1.1 and 4.5; RFC 7636 1",
        play=_code_injected,
    ),
    Case(
        id="code-replayed",
        title="A code that was used already signs nobody in again",
        does="signed in, then opened the same callback address in a copy of the browser before it",
        why="Callback addresses stay in histories and logs; the hub refuses the second use, and the"
        " portal must respect that.",
        source="RFC 6749 4.1.2 and 10.5",
        play=_code_replayed,
    ),
    Case(
        id="iss-wrong",
        title="A response of another issuer is refused",
        does=f"replaced iss in the response by {OTHER_ISSUER}",
        why="A portal with several providers is made to redeem a code at the wrong one (mix-up)."
        " With one provider it is a second lock.",
        source="RFC 9207 2.4; RFC 9700 4.4",
        play=_iss_wrong,
        weight=Weight.SHOULD,
    ),
    Case(
        id="iss-missing",
        title="A response without iss is refused",
        does="removed iss from the response; the hub's metadata announces it",
        why="An attacker leaves out what only its presence would betray.",
        source="RFC 9207 2.4 (authorization_response_iss_parameter_supported)",
        play=_iss_missing,
        weight=Weight.SHOULD,
    ),
    Case(
        id="access-denied",
        title="A citizen who declines gets a page",
        does="answered error=access_denied",
        why="A citizen may decline. A crash, or a loop back to the hub, leaves them no way out.",
        source="RFC 6749 4.1.2.1; OpenID Connect Core 3.1.2.6",
        play=_access_denied,
    ),
    Case(
        id="login-required",
        title="The answer to prompt=none is handled",
        does="answered error=login_required",
        why="The hub gives it whenever a session has ended; it is no reason to crash.",
        source="OpenID Connect Core 3.1.2.6",
        play=_login_required,
    ),
    Case(
        id="temporarily-unavailable",
        title="An outage of the hub gets a page",
        does="answered error=temporarily_unavailable",
        why="Portals that redirect again at once multiply the load on a hub that is overloaded.",
        source="RFC 6749 4.1.2.1",
        play=_temporarily_unavailable,
    ),
    Case(
        id="error-with-script",
        title="An error's text is not run as a script",
        does="answered access_denied with a <script> in error_description",
        why="Anybody can write such a link; printed unescaped, it runs with the portal's cookies.",
        source="RFC 6749 10.14; OWASP ASVS 4.0 5.3.3",
        play=_error_with_script,
    ),
)
