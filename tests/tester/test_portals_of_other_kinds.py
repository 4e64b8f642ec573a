"""What does not concern a portal, and what cannot be seen, is neither passed nor failed."""

from dataclasses import replace

import pytest

from idp.tester.case import Result, Weight
from idp.tester.catalogue import CASES, chosen
from idp.tester.report import Summary, document_of, text_of
from idp.tester.run import play
from idp.tester.start import default_start, find_start
from idp.tester.verdict import Finding, Undecidable, Verdict, failed, passed


def verdicts(trial, *ids: str) -> list[str]:
    return [one.finding.verdict.value for one in play(trial, chosen(ids))]


def test_a_portal_without_back_channel_logout_is_not_judged_by_it(trial):
    without = replace(trial().client, backchannel_logout_uri=None)
    assert verdicts(replace(trial(), client=without), "logout-valid") == ["not applicable"]


def test_a_portal_that_may_not_ask_for_e_mail_is_not_judged_by_it(trial):
    without = replace(trial().client, scopes=frozenset({"openid"}))
    assert verdicts(replace(trial(), client=without), "no-email") == ["not applicable"]


def test_nothing_is_decided_where_signed_in_was_not_learned(trial):
    assert verdicts(replace(trial(), signed_in=None), "state-wrong") == ["not decidable"]


def test_a_portal_that_is_gone_has_failed(trial, stage):
    def broken_off(_environ, _start_response):
        raise ConnectionAbortedError

    trial()
    stage.app = broken_off
    assert verdicts(stage.trial, "state-wrong") == ["fail"]


def test_a_start_that_leads_nowhere_is_told(trial, stage):
    lost = replace(trial(), start=f"{stage.callback}?error=x")
    with pytest.raises(Undecidable, match="does not lead to the hub"):
        find_start(lost)


def test_a_portals_own_start_of_sign_ins_is_told_the_issuer(trial):
    client = replace(trial().client, initiate_login_uri="https://portal.example/start")
    began = default_start(client, "https://hub.example")
    assert began == "https://portal.example/start?iss=https%3A%2F%2Fhub.example"


def test_an_unknown_case_is_named():
    with pytest.raises(KeyError, match="no-such"):
        chosen(["no-such"])


def result(weight: Weight, finding: Finding) -> Result:
    return Result(replace(CASES[0], weight=weight), finding)


@pytest.mark.parametrize(
    ("weight", "accepted", "accepted_strictly"),
    [(Weight.MUST, False, False), (Weight.SHOULD, True, False)],
)
def test_failed_advice_refuses_only_strictly(weight, accepted, accepted_strictly):
    summary = Summary([result(weight, failed("x")), result(Weight.MUST, passed("y"))])
    assert summary.is_accepted(strict=False) is accepted
    assert summary.is_accepted(strict=True) is accepted_strictly


def test_a_failure_is_told_with_reason_and_source():
    told = text_of(result(Weight.MUST, failed("did it")))
    assert [one in told for one in ("did it", CASES[0].why, CASES[0].source)] == [True] * 3


def test_programs_read_every_verdict():
    document = document_of("p", "how", [result(Weight.MUST, Finding(Verdict.NOT_DECIDABLE, "z"))])
    assert document["counts"]["not decidable"] == 1
    assert document["results"][0]["portal"] == "z"
