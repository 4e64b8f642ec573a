"""The cases of an API: a careful one passes each, and each has an API that fails it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from clients.portals.api import Api as SampleSettings
from clients.portals.api import create_api
from idp.tester.api import Answer, Api
from idp.tester.catalogue import API_CASES, chosen
from idp.tester.run import play
from idp.tester.trial import Trial
from idp.tester.verdict import Verdict
from tests.tester.conftest import AUDIENCE

ADDRESS = "https://records.example/contributions"
CHALLENGE = "Bearer"
OF_RIGHT_TOKENS = {"api-valid", "api-key-rotation"}

Answers = Callable[[str | None], Answer]


def careful(trial: Trial) -> Answers:
    """Return the sample API, which fetches the keys from the trial's hub."""
    own = SampleSettings(trial.issuer, AUDIENCE, "records-api", "no secret", "https://page.example")
    client = create_api(own).test_client()

    def answer(token: str | None) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        got = client.get("/contributions", headers=headers)
        return Answer(got.status_code, got.headers.get("WWW-Authenticate", ""))

    return answer


def failures(trial: Trial, answers: Answers, *ids: str) -> set[str]:
    api = Api(ADDRESS, AUDIENCE, lambda _address, token: answers(token))
    hurried = replace(trial, api=api, pause=lambda _time: None)
    results = play(hurried, chosen(ids, API_CASES))
    return {one.case.id for one in results if one.finding.verdict is not Verdict.PASS}


def test_a_careful_api_passes_each_case(trial):
    begun = trial()
    assert failures(begun, careful(begun)) == set()


def test_an_api_that_lets_everybody_through_fails_each_case_of_a_wrong_token(trial):
    every = {case.id for case in API_CASES}
    assert failures(trial(), lambda _token: Answer(200, "")) == every - OF_RIGHT_TOKENS


def test_an_api_that_refuses_everybody_fails_the_cases_of_right_tokens(trial):
    assert failures(trial(), lambda _token: Answer(401, CHALLENGE)) == OF_RIGHT_TOKENS


def test_an_api_that_looks_for_new_keys_once_a_minute_is_waited_for(trial):
    begun, waited = trial(), []
    sample = careful(begun)

    def answer(token: str | None) -> Answer:
        return Answer(401, CHALLENGE) if len(asked) == 1 and not waited else sample(token)

    asked: list[str | None] = []

    def ask(_address: str, token: str | None) -> Answer:
        told = answer(token)
        asked.append(token)
        return told

    patient = replace(begun, api=Api(ADDRESS, AUDIENCE, ask), pause=waited.append)
    (result,) = play(patient, chosen(["api-key-rotation"], API_CASES))
    assert result.finding.verdict is Verdict.PASS
    assert waited == [timedelta(minutes=1)]


def test_an_api_that_breaks_by_a_wrong_token_fails(trial):
    broken = failures(trial(), lambda _token: Answer(500, ""), "api-alg-none", "api-hub-away")
    assert broken == {"api-alg-none"}


@pytest.mark.parametrize("answer", [Answer(401, ""), Answer(403, CHALLENGE)], ids=str)
def test_a_refusal_without_its_challenge_fails_as_advice(trial, answer):
    assert failures(trial(), lambda _token: answer, "api-no-token", "api-challenge") == {
        "api-challenge"
    }


def test_no_case_of_an_api_is_decided_where_a_portal_is_tried(trial):
    (result,) = play(trial(), chosen(["api-valid"], API_CASES))
    assert result.finding.verdict is Verdict.NOT_DECIDABLE
