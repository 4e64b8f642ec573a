"""The hub in front of the hub changes what a case asks for, and nothing else."""

import json
from datetime import timedelta

import pytest

from idp.protocol.core import endpoints
from idp.tester.browser import Page
from idp.tester.citizen import Citizen, Response, read_request
from idp.tester.hostile_hub import HostileHub, Misbehaviour

CALLBACK = "https://portal.example/callback"


def hub(kind: str, body: bytes) -> HostileHub:
    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return HostileHub(app, lambda _time: None)


def asked(of: HostileHub, path: str) -> bytes:
    return b"".join(of({"PATH_INFO": path}, lambda *_: None))


def test_userinfo_is_changed_only_while_a_case_asks_for_it():
    of = hub("application/json", b'{"sub": "a"}')
    with of.misbehaving(Misbehaviour(userinfo=lambda claims: {**claims, "sub": "b"})):
        changed = json.loads(asked(of, endpoints.USERINFO))
    assert [changed, json.loads(asked(of, endpoints.USERINFO))] == [{"sub": "b"}, {"sub": "a"}]


@pytest.mark.parametrize(
    ("kind", "cannot"),
    [("application/jwt", True), ("application/json", False), ("text/html", False)],
)
def test_signed_userinfo_cannot_be_changed(kind, cannot):
    of = hub(kind, b"{}")
    with of.misbehaving(Misbehaviour()) as seen:
        asked(of, endpoints.USERINFO)
    assert seen.encrypted is cannot


def test_an_encrypted_id_token_cannot_be_changed():
    of = hub("application/json", b'{"id_token": "a.b.c.d.e"}')
    with of.misbehaving(Misbehaviour(id_token=lambda _claims: "x")) as seen:
        asked(of, endpoints.TOKEN)
    assert seen.encrypted


def test_a_delay_is_a_pause():
    waited = []
    of = HostileHub(lambda _environ, _start: [], waited.append)
    with of.misbehaving(Misbehaviour(delays={endpoints.JWKS: timedelta(seconds=3)})):
        asked(of, endpoints.JWKS)
    assert waited == [timedelta(seconds=3)]


class ConsentPage:
    """A browser before the hub's consent page, where both answers are forms."""

    FORM = '<form method="post" action="/consent"><input type=hidden name=decision value={}></form>'

    def open(self, _address):
        return Page(
            address="https://hub.example/consent",
            status=200,
            text=self.FORM.format("accept") + self.FORM.format("deny"),
        )

    def post(self, _address, fields):
        return Page(address=f"{CALLBACK}?code={fields['decision']}", status=0, left=True)


def test_the_testers_citizen_consents():
    citizen = Citizen(
        browser=ConsentPage(),
        hub="https://hub.example",
        user_name="1",
        password="p",
        new_browser=ConsentPage,
    )
    answer = citizen.answer(read_request("https://hub.example/oauth2/authorize?client_id=x"))
    assert answer == Response(CALLBACK, {"code": "accept"})


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_a_response_is_delivered_as_the_hub_gave_it(mode):
    class Noting:
        def open(self, address):
            return address

        def post(self, address, fields):
            return address, fields

    delivered = Response(CALLBACK, {"code": "c"}, mode).deliver(Noting())
    assert (
        delivered
        == {
            "query": f"{CALLBACK}?code=c",
            "fragment": f"{CALLBACK}#code=c",
            "form_post": (CALLBACK, {"code": "c"}),
        }[mode]
    )
