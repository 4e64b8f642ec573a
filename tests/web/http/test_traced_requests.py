"""A request's span says its route, status and statements, and nothing that somebody sent."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from idp.adapters.opentelemetry_spans import OpenTelemetrySpans
from idp.store.database import Database
from idp.telemetry import request_context, spans
from idp.web.http.measured_requests import plain_routes
from idp.web.http.request_ids import RequestIds
from idp.web.http.traced_requests import TracedRequests
from tests.fakes import PlainVault
from tests.web.hub import ORIGIN, Hub

NUMBER = "0012345679"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    spans.send_to(OpenTelemetrySpans(SimpleSpanProcessor(kept), sample_ratio=1.0))
    yield kept
    spans.send_to(None)


@pytest.fixture
def traced(hub: Hub, exporter: InMemorySpanExporter) -> Hub:
    hub.app.wsgi_app = TracedRequests(hub.app.wsgi_app, plain_routes(hub.app))
    hub.app.wsgi_app = RequestIds(hub.app.wsgi_app, PlainVault(), has_proxy=False)
    return hub


def asked(hub: Hub, path: str, exporter: InMemorySpanExporter, **headers: str) -> ReadableSpan:
    hub.app.test_client().get(path, base_url=ORIGIN, headers=headers).close()
    return exporter.get_finished_spans()[-1]


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        (f"/login?username={NUMBER}", "GET /login", 200),
        (f"/{NUMBER}", "GET none", 404),
        (f"/oauth2/register/{NUMBER}", "GET /oauth2/register/<client_id>", 401),
    ],
)
def test_a_span_names_the_route_and_never_the_path(traced, exporter, path, name, status):
    made = asked(traced, path, exporter)
    assert (made.name, made.attributes["http.response.status_code"]) == (name, status)
    assert NUMBER not in made.to_json()


def test_a_span_continues_the_callers_trace(traced, exporter):
    made = asked(traced, "/alive", exporter, traceparent=f"00-{TRACE}-{SPAN}-01")
    assert f"{made.context.trace_id:032x}" == TRACE


def test_the_lines_of_a_request_name_its_own_span(traced, exporter):
    seen = []
    traced.app.after_request(lambda answer: seen.append(request_context.current()) or answer)
    made = asked(traced, "/alive", exporter)
    assert seen[0].members()["span_id"] == f"{made.context.span_id:016x}"


def test_a_span_names_the_client_that_the_request_is_about(traced, exporter):
    traced.app.after_request(lambda answer: request_context.note_client("history") or answer)
    assert asked(traced, "/alive", exporter).attributes["oauth.client_id"] == "history"


def test_an_app_without_request_ids_is_traced_too(hub, exporter):
    hub.app.wsgi_app = TracedRequests(hub.app.wsgi_app, plain_routes(hub.app))
    assert asked(hub, "/alive", exporter).name == "GET /alive"


def test_statements_are_recorded_with_placeholders(migrated_url, exporter):
    database = Database(migrated_url, PlainVault())
    database.record_statements()
    with spans.span("request"), database.begin(read_only=True) as work:
        work.accounts.find(NUMBER)
        work.clients.find(NUMBER)
    database.close()
    made = exporter.get_finished_spans()
    assert {span.name for span in made} == {"SELECT", "request"}
    assert all("SELECT" in span.attributes["db.query.text"] for span in made[:-1])
    assert NUMBER not in "".join(span.to_json() for span in made)
