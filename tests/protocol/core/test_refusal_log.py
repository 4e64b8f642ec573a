"""Every refusal leaves a line for the portal's developers, who are told more than the portal."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from idp.domain.clients.refusal_reasons import EXPLANATIONS, Reason
from idp.ports import DatabaseUnavailable
from idp.protocol.core.features import WhoRegisters
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.provider import Provider
from tests.protocol.client_proofs import redeem_with
from tests.protocol.core.refused_requests import (
    CASES,
    ELSEWHERE,
    WRONG,
    Scene,
    foreign_code,
    header,
    line_of,
    lines_of,
    no_credentials_at_all,
    posted_secret,
    scope_beyond_the_file,
    unknown_client,
    wrong_verifier,
)
from tests.protocol.hub import FORM, SECRET, error_of


@pytest.fixture
def scene(hub):
    return Scene(hub)


@pytest.mark.parametrize("act", CASES, ids=lambda act: act.__name__)
def test_a_refusal_leaves_the_line_that_tells_it_apart(scene, act):
    act(scene)
    line = line_of(scene.hub)
    assert (line.endpoint, line.error, line.reason) == CASES[act]


@pytest.mark.parametrize("act", CASES, ids=lambda act: act.__name__)
def test_every_line_is_two_whole_sentences(scene, act):
    act(scene)
    line = line_of(scene.hub)
    assert not {"{", "}", "..."} & set(f"{line.says} {line.advice}".split())
    assert line.says.endswith(".")
    assert line.advice.endswith((".", "?"))


def test_there_is_no_reason_that_no_request_causes():
    tried = {reason for _, _, reason in CASES.values()}
    assert set(Reason) - tried == {Reason.CREDENTIALS_MISSING, Reason.SCOPE_LEFT_OUT}
    assert set(EXPLANATIONS) == set(Reason)


def test_a_request_without_any_credentials_is_found_by_the_hubs_log(scene):
    with capture_logs() as logs:
        no_credentials_at_all(scene)
    assert [one["reason"] for one in logs] == ["credentials_missing"]


@pytest.mark.parametrize("act", CASES, ids=lambda act: act.__name__)
def test_the_hubs_log_has_one_event_of_it(scene, act):
    with capture_logs() as logs:
        act(scene)
    events = [one for one in logs if one["event"] == "request_refused"]
    endpoint, error, reason = CASES[act]
    assert [(one["endpoint"], one["error"], one["reason"]) for one in events] == [
        (endpoint, error, reason.value)
    ]


def test_the_line_names_both_methods(scene):
    posted_secret(scene)
    line = line_of(scene.hub)
    assert line.says == "The client's file says client_secret_basic, the request posted the secret."
    assert "to client_secret_post" in line.advice


def test_the_line_names_the_address_without_the_values_of_its_query(scene):
    sent = "https://portal.example/elsewhere/0012345679?national_id=0012345679#x"
    scene.portal().authorize(redirect_uri=sent.replace("#x", ""))
    assert line_of(scene.hub).details["received"] == (
        "https://portal.example/elsewhere/...?national_id=..."
    )


def test_the_client_is_told_as_little_as_before(scene):
    posted = redeem_with(scene.portal(), client_id="portal", client_secret=SECRET)
    wrong = redeem_with(scene.portal(), header(WRONG))
    assert posted.body == wrong.body


def test_what_a_citizen_decides_is_no_refusal(scene):
    portal = scene.portal()
    assert error_of(portal.authorize(session=None, prompt="none")) == "login_required"
    assert not lines_of(scene.hub)


def test_scopes_that_are_left_out_have_a_line_though_nothing_is_refused(scene):
    scope_beyond_the_file(scene)
    line = line_of(scene.hub)
    assert (line.endpoint, line.error, line.reason) == ("authorize", "none", Reason.SCOPE_LEFT_OUT)
    assert "scope phone is not in the client's file" in line.says
    assert "scope of clients/portal.toml" in line.advice


def test_an_accepted_request_leaves_no_line(scene):
    scene.portal().obtain_tokens()
    assert not lines_of(scene.hub)


def test_equal_refusals_are_one_line_with_a_count(scene):
    portal = scene.portal()
    for _ in range(5):
        portal.authorize(redirect_uri=ELSEWHERE)
        scene.hub.move(seconds=20)
    line = line_of(scene.hub)
    assert line.count == 5
    assert (line.last_at - line.first_at).total_seconds() == 80


def test_a_flood_of_one_kind_is_written_once_in_ten_seconds(scene):
    portal, written = scene.portal(), []
    scene.hub.at = replace(scene.hub.at, write_refusals=written.append)
    scene.hub.provider = Provider(scene.hub.at)
    for _ in range(50):
        portal.authorize(redirect_uri=ELSEWHERE)
    assert len(written) == 1


def test_strangers_cannot_fill_the_table(scene):
    portal = scene.portal()
    for number in range(60):
        portal.authorize(redirect_uri=f"{ELSEWHERE}/{number}")
        scene.hub.move(seconds=30)
    assert len(lines_of(scene.hub)) <= 8


def test_strangers_push_out_no_line_of_another_kind(scene):
    portal = scene.portal()
    wrong_verifier(scene)
    for number in range(200):
        portal.authorize(redirect_uri=f"{ELSEWHERE}/{number}")
    assert any(one.reason is Reason.VERIFIER_WRONG for one in lines_of(scene.hub))


def test_a_flood_of_strangers_does_not_delay_the_lines_of_the_client_itself(scene):
    portal = scene.portal()
    for number in range(200):
        portal.authorize(redirect_uri=f"{ELSEWHERE}/{number}", prompt=f"p{number}")
        portal.authorize(state=None, prompt=f"p{number}", nonce=f"{number}" * 500)
    foreign_code(scene)
    assert any(one.reason is Reason.CODE_UNKNOWN for one in lines_of(scene.hub))


def test_an_unknown_id_that_resembles_none_is_in_the_hubs_log_alone(scene):
    portal = scene.portal()
    with capture_logs() as logs:
        portal.authorize(client_id="insurance-records")
    assert [one["client"] for one in logs] == ["insurance-records"]
    assert not lines_of(scene.hub)


@pytest.mark.parametrize("sent", ["0012345679", "s3cr3t" * 9, "with blanks", "a\x00b"])
def test_an_unknown_id_that_may_be_secret_or_personal_is_in_no_log(scene, sent):
    portal = scene.portal()
    with capture_logs() as logs:
        portal.authorize_raw(f"client_id={quote(sent)}".encode())
    assert sent not in str(logs)


def test_the_near_client_is_told_what_was_sent(scene):
    unknown_client(scene)
    assert line_of(scene.hub).says == (
        "The request named the client portall, which is not registered."
    )


def test_a_database_that_is_away_loses_the_line_and_not_the_answer(scene):
    def away(_lines):
        raise DatabaseUnavailable("made so by a test")

    scene.hub.at = replace(scene.hub.at, write_refusals=away)
    scene.hub.provider = Provider(scene.hub.at)
    assert scene.portal().token(grant_type="password").body["error"] == "unsupported_grant_type"


def test_a_refused_registration_is_in_the_hubs_log(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    with capture_logs() as logs:
        hub.register_itself({"redirect_uris": ["http://portal.example/"]})
    (event,) = logs
    assert (event["endpoint"], event["error"]) == ("register", "invalid_redirect_uri")


@pytest.mark.parametrize(
    ("method", "endpoint"),
    [
        ("authorize", "authorize"),
        ("authorize_posted", "authorize"),
        ("token", "token"),
        ("userinfo", "userinfo"),
        ("introspect", "introspect"),
        ("revoke", "revoke"),
        ("register", "register"),
        ("manage_registration", "register"),
        ("end_session", "end_session"),
    ],
)
def test_garbage_at_any_endpoint_is_in_the_hubs_log(hub, method, endpoint):
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    verb = "PUT" if method == "manage_registration" else "POST"
    garbage = ProtocolRequest(
        method=verb,
        path="/",
        body=b"client_id=%zz",
        headers={"authorization": "%"},
        content_type=FORM,
    )
    more = {"authorize": ("browser", None), "manage_registration": ("portal",)}
    with capture_logs() as logs:
        getattr(hub.provider, method)(garbage, *more.get(method, ()))
    assert [(one["event"], one["endpoint"]) for one in logs] == [("request_refused", endpoint)]
