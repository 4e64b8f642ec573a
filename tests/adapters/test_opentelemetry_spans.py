"""Spans continue the caller's trace, are sampled by the hub alone, and quote nothing."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_httpserver import HTTPServer
from werkzeug import Request as WebRequest
from werkzeug import Response

from idp.adapters.http_exchange import Exchange, ExchangeFailed, Request
from idp.adapters.opentelemetry_spans import OpenTelemetrySpans, otlp_spans
from idp.telemetry import spans
from idp.telemetry.trace_context import TraceParent
from tests.architecture.sources import ROOT
from tests.e2e.demo import eventually

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
Made = Callable[[], tuple[ReadableSpan, ...]]


@pytest.fixture
def recorded(request: pytest.FixtureRequest) -> Iterator[Made]:
    """Record spans, every one unless the test says otherwise; yield what returns them."""
    exporter = InMemorySpanExporter()
    ratio = getattr(request, "param", 1.0)
    spans.send_to(OpenTelemetrySpans(SimpleSpanProcessor(exporter), sample_ratio=ratio))
    yield exporter.get_finished_spans
    spans.send_to(None)


def test_without_a_tracer_nothing_is_recorded():
    with spans.span("x") as span:
        span.rename("y")
        span.note("a", 1)
        spans.record("SELECT", time.time_ns(), {})
    assert spans.here() is None


def test_a_span_has_a_name_and_attributes(recorded):
    with spans.span("GET", "server", {"http.request.method": "GET"}) as span:
        span.rename("GET /login")
        span.note("http.response.status_code", 200)
    [made] = recorded()
    assert made.name == "GET /login"
    assert made.attributes == {"http.request.method": "GET", "http.response.status_code": 200}


def test_a_span_continues_the_callers_trace(recorded):
    with spans.span("GET", "server", parent=TraceParent(TRACE, SPAN, is_sampled=True)):
        here = spans.here()
    [made] = recorded()
    assert here is not None
    assert here.trace_id == TRACE
    assert f"{made.parent.span_id:016x}" == SPAN


def test_a_span_inside_another_is_its_child(recorded):
    with spans.span("outer"):
        with spans.span("inner"):
            pass
        spans.record("SELECT", time.time_ns(), {"db.system.name": "sqlite"})
    inner, statement, outer = recorded()
    assert inner.parent.span_id == statement.parent.span_id == outer.context.span_id


def test_a_statement_outside_of_a_span_is_not_recorded(recorded):
    spans.record("SELECT", time.time_ns(), {})
    assert recorded() == ()


def test_an_error_is_noted_by_its_type_alone(recorded):
    with pytest.raises(ValueError, match="0012345679"), spans.span("x"):
        raise ValueError("0012345679")
    [made] = recorded()
    assert made.attributes == {"error.type": "ValueError"}
    assert "0012345679" not in made.to_json()


@pytest.mark.parametrize("recorded", [0.0], indirect=True)
def test_a_caller_cannot_have_itself_recorded(recorded):
    with spans.span("GET", "server", parent=TraceParent(TRACE, SPAN, is_sampled=True)):
        pass
    assert recorded() == ()


def test_a_caller_that_does_not_record_is_not_recorded(recorded):
    with spans.span("GET", "server", parent=TraceParent(TRACE, SPAN, is_sampled=False)):
        pass
    assert recorded() == ()


def test_an_outbound_request_names_its_host_and_nothing_of_its_address(recorded):
    url = "http://127.0.0.1:1/0012345679?mobile=09121234567"
    with pytest.raises(ExchangeFailed):
        Exchange(seconds=1.0, longest_body=1000)(url, Request("GET"))
    [made] = recorded()
    assert made.attributes == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "error.type": "ExchangeFailed",
    }
    assert "0012345679" not in made.to_json()


def test_spans_are_sent_by_otlp_over_http(httpserver: HTTPServer):
    sent: list[bytes] = []

    def take(request: WebRequest) -> Response:
        sent.append(request.get_data())
        return Response()

    httpserver.expect_request("/v1/traces", method="POST").respond_with_handler(take)
    every = timedelta(milliseconds=20)
    spans.send_to(otlp_spans(httpserver.url_for("/v1/traces"), sample_ratio=1.0, every=every))
    with spans.span("GET /login", "server"):
        pass
    spans.send_to(None)
    [body] = eventually(lambda: sent or None, what="a batch")
    assert b"GET /login" in body
    assert b"tamin-account" in body


def test_a_hub_without_metrics_and_traces_loads_neither_library():
    code = "import sys, idp.app, idp.web.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "idp" in loaded
    assert loaded & {"prometheus_client", "opentelemetry", "requests", "google"} == set()
