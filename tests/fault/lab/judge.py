"""Holds what clients were told against what is there: the six rules of "nothing is lost".

1. Durable: what was acknowledged is in the database. 2. Once: its effect exists once. 3. Whole: no
half operation. 4. An unsure one is wholly there or wholly absent. 5. Nothing that ended comes back.
6. An SMS has one id and one text, goes out at least once, and twice only where a worker died.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from idp.protocol.token.grants import REFRESH_PURPOSE
from tests.fault.lab import operations
from tests.fault.lab.ledger import Line
from tests.fault.lab.operations import Seen, do
from tests.fault.lab.site import Lab
from tests.performance.scenarios import VERIFIER, Provider
from tests.performance.visitor import Visitor

GIVES_TOKENS = frozenset({"sign_in", "sign_on", "renew"})
MOST_REPLAYS = 10
"""Used codes that are sent again: each costs a request."""
TWICE = {
    "a case that was decided twice": "SELECT subject FROM audit"
    " WHERE action IN ('case.activated', 'case.received') GROUP BY subject, action"
    " HAVING count(*) > 1",
    "an account that was opened twice": "SELECT subject FROM audit"
    " WHERE action = 'account.opened' GROUP BY subject HAVING count(*) > 1",
    "a portal that was registered twice": "SELECT subject FROM audit"
    " WHERE action = 'client.registered' GROUP BY subject HAVING count(*) > 1",
    "a refresh family with two live ends": "SELECT grant_id FROM refresh_tokens JOIN grants"
    " ON grants.id = grant_id WHERE used_at IS NULL AND revoked_at IS NULL"
    " GROUP BY grant_id HAVING count(*) > 1",
}
HALF = {
    "an account without its line of the audit": "SELECT id FROM accounts"
    " WHERE id NOT LIKE 'account-%' AND id NOT IN"
    " (SELECT subject FROM audit WHERE action = 'account.opened')",
    "an opened account that is not there": "SELECT subject FROM audit"
    " WHERE action = 'account.opened' AND subject NOT IN (SELECT id FROM accounts)",
    "a case without its line of the audit": "SELECT id FROM cases"
    " WHERE id NOT IN (SELECT subject FROM audit WHERE action = 'case.received')",
    "an open case without a job": "SELECT id FROM cases WHERE state IN ('received', 'checking')"
    " AND id NOT IN (SELECT subject FROM jobs WHERE kind = 'check_case' AND state = 'waiting')",
    "a decided case with a job": "SELECT subject FROM jobs WHERE kind = 'check_case'"
    " AND state = 'waiting' AND subject IN"
    " (SELECT id FROM cases WHERE state NOT IN ('received', 'checking'))",
    "an activated case without its SMS": "SELECT id FROM cases WHERE state = 'activated'"
    " AND id NOT IN (SELECT subject FROM jobs WHERE kind = 'sms')",
    "a grant without a session": "SELECT id FROM grants"
    " WHERE session_id NOT IN (SELECT id FROM sessions)",
    "a grant of a portal that was not visited": "SELECT id FROM grants WHERE (session_id,"
    " client_id) NOT IN (SELECT session_id, client_id FROM session_visits)",
    "an offline grant without a refresh token": "SELECT id FROM grants WHERE offline"
    " AND revoked_at IS NULL AND id NOT IN (SELECT grant_id FROM refresh_tokens)",
    "a portal without its line of the audit": "SELECT client_id FROM clients"
    " WHERE client_id NOT IN (SELECT subject FROM audit WHERE action = 'client.registered')",
    "a registered portal that is not there": "SELECT subject FROM audit"
    " WHERE action = 'client.registered' AND subject NOT IN (SELECT client_id FROM clients)",
}


@dataclass
class Verdict:
    """What the judge found, a sentence each."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was found."""
        return not (self.lost or self.twice or self.half)

    def beyond(self, told: set[str]) -> "Verdict":
        """Return what was not told before, and note it as told: rows stay where they are."""
        new = Verdict(
            *(
                [one for one in kind if one not in told]
                for kind in (self.lost, self.twice, self.half)
            )
        )
        told.update(new.lost, new.twice, new.half)
        return new


def judge(site: Lab, provider: Provider, lines: Iterable[Line], codes: Iterable[str]) -> Verdict:
    """Return what breaks a rule; each crash of a worker may have repeated one SMS."""
    site.outside.database.close()  # connections that a fault ended
    known = list(lines)
    acked = [line for line in known if line.phase == "acked"]
    verdict = Verdict()
    verdict.lost += _lost_tokens(site, acked)
    verdict.lost += _lost_registrations(site, acked)
    verdict.lost += _lost_portals(site, acked)
    verdict.lost += _lost_rights(provider, known)
    verdict.lost += _lost_messages(site)
    verdict.lost += _came_back(provider, acked)
    verdict.lost += _replayed(provider, codes)
    verdict.twice += _found(site, TWICE)
    verdict.twice += _repeated(site)
    verdict.half += _found(site, HALF)
    verdict.half += _audit_breaks(site)
    return verdict


def _found(site: Lab, rules: dict[str, str]) -> Iterator[str]:
    for what, statement in rules.items():
        for row in site.postgres.rows(statement.replace("%", "%%")):
            yield f"{what}: {row[0]}"


def _lost_tokens(site: Lab, acked: list[Line]) -> Iterator[str]:
    """Each refresh token that a portal got is a row."""
    vault = site.outside.vault
    digests = {
        vault.digest(line.facts["refresh_token"], purpose=REFRESH_PURPOSE): line
        for line in acked
        if line.op in GIVES_TOKENS
    }
    rows = {str(row[0]) for row in site.postgres.rows("SELECT digest FROM refresh_tokens")}
    for digest, line in digests.items():
        if digest not in rows:
            yield f"the token of {line.op} {line.number} by {line.who}"


def _lost_registrations(site: Lab, acked: list[Line]) -> Iterator[str]:
    """Each submitted case was decided, and its account is there."""
    states = dict(site.postgres.rows("SELECT tracking_number, state FROM cases"))
    for line in (one for one in acked if one.op == "register"):
        state = states.get(line.facts["tracking"])
        if state != "activated":
            yield f"the case {line.facts['tracking']}: {state}"


def _lost_portals(site: Lab, acked: list[Line]) -> Iterator[str]:
    rows = {row[0] for row in site.postgres.rows("SELECT client_id FROM clients")}
    for line in (one for one in acked if one.op == "admin"):
        if line.facts["client_id"] not in rows:
            yield f"the portal {line.facts['client_id']}"


def _lost_rights(provider: Provider, lines: list[Line]) -> Iterator[str]:
    """The last token that a citizen's portal got is active, unless something was unsure since."""
    last: dict[str, Line] = {}
    for line in lines:
        if line.who.startswith("citizen"):
            last[line.who] = line
    for who, line in last.items():
        if line.phase == "acked" and line.op in GIVES_TOKENS:
            token = line.facts["refresh_token"]
            if not do(provider.portal.issuer, operations.is_active(provider, token), Seen()):
                yield f"the tokens of {who} ended by themselves"


def _lost_messages(site: Lab) -> Iterator[str]:
    """Each SMS that counts as sent reached the gateway."""
    taken = {uid for uid, *_ in site.messages.taken}
    statement = "SELECT id FROM jobs WHERE kind IN ('sms', 'sms_code') AND state = 'done'"
    for row in site.postgres.rows(statement):
        if row[0] not in taken:
            yield f"the SMS {row[0]}"


def _came_back(provider: Provider, acked: list[Line]) -> Iterator[str]:
    """What was revoked is inactive, and what was signed out is nobody's session."""
    issuer = provider.portal.issuer
    for line in acked:
        if line.op == "revoke":
            if do(issuer, operations.is_active(provider, line.facts["token"]), Seen()):
                yield f"came back: the token of {line.who}, revoked by {line.number}"
        elif line.op == "sign_out":
            browser = Visitor(issuer, cookies=_cookies(line.facts["cookies"]))
            answer = do(issuer, browser.get("account", f"{issuer}/account"), Seen())
            if answer.status == operations.OK:
                yield f"came back: the session of {line.who}, ended by {line.number}"


def _cookies(text: str) -> dict[tuple[str, str], str]:
    return {(name, path): value for name, path, value in json.loads(text)}


def _replayed(provider: Provider, codes: Iterable[str]) -> Iterator[str]:
    """A code that gave tokens gives no more."""
    for code in list(codes)[-MOST_REPLAYS:]:
        steps = operations.redeem_again(provider, code, VERIFIER)
        if do(provider.portal.issuer, steps, Seen()) == operations.OK:
            yield "came back: a used code"


def _repeated(site: Lab) -> Iterator[str]:
    texts: dict[int, set[str]] = defaultdict(set)
    for uid, _, text in site.messages.taken:
        texts[uid].add(text)
    for uid, said in texts.items():
        if len(said) > 1:
            yield f"the SMS {uid} has {len(said)} texts"
    times = Counter(uid for uid, *_ in site.messages.taken)
    repeats = times.total() - len(times)
    if repeats > site.crashes:
        yield f"{repeats} repeated SMS, after {site.crashes} crashes"


def _audit_breaks(site: Lab) -> Iterator[str]:
    with site.outside.begin(read_only=True) as work:
        yield from (
            f"the audit's chain at {link.id}" for link in work.audit.links() if not link.fits
        )
