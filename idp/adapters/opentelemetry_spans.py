"""Spans by OpenTelemetry, sent by OTLP over HTTP. Loaded only where ``traces.endpoint`` is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from idp.telemetry.spans import Attributes, Kind, Span
from idp.telemetry.trace_context import TraceParent

KINDS = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL}
SERVICE = "tamin-account"
EVERY = timedelta(seconds=5)
PATIENCE = timedelta(seconds=2)
"""With a collector: a process that stops waits for it once."""


class OpenTelemetrySpans:
    """The port ``Tracer``; made after the fork, for the exporter has a thread of its own."""

    def __init__(self, processor: SpanProcessor, *, sample_ratio: float) -> None:
        """``sample_ratio``: the part of all traces that is recorded.

        A caller's sampled flag alone records nothing, for anybody can set it; a caller that does
        not record has no part recorded here.
        """
        sampled = TraceIdRatioBased(sample_ratio)
        sampler = ParentBased(
            sampled, remote_parent_sampled=sampled, remote_parent_not_sampled=ALWAYS_OFF
        )
        resource = Resource({"service.name": SERVICE, "service.version": version(SERVICE)})
        provider = TracerProvider(sampler, resource)
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("idp")

    @contextmanager
    def span(
        self, name: str, kind: Kind, attributes: Attributes, parent: TraceParent | None
    ) -> Iterator[Span]:
        """Record what the block does; exceptions are left out, for they quote what was typed."""
        context = None if parent is None else trace.set_span_in_context(_remote(parent))
        with self._tracer.start_as_current_span(
            name,
            context,
            KINDS[kind],
            dict(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as recorded:
            yield _Recorded(recorded)

    def record(self, name: str, began_ns: int, attributes: Attributes) -> None:
        """Record what has ended now, when this thread's span is recorded."""
        if trace.get_current_span().is_recording():
            self._tracer.start_span(
                name, kind=SpanKind.CLIENT, attributes=dict(attributes), start_time=began_ns
            ).end()

    def here(self) -> TraceParent | None:
        """Return this thread's span."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        ids = trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
        return TraceParent(*ids, is_sampled=context.trace_flags.sampled)


def otlp_spans(
    endpoint: str, *, sample_ratio: float, every: timedelta = EVERY
) -> OpenTelemetrySpans:
    """Return the tracer that sends spans in batches; what cannot be sent is lost."""
    exporter = OTLPSpanExporter(endpoint, timeout=PATIENCE.total_seconds())
    milliseconds = int(every / timedelta(milliseconds=1))
    processor = BatchSpanProcessor(exporter, schedule_delay_millis=milliseconds)
    return OpenTelemetrySpans(processor, sample_ratio=sample_ratio)


class _Recorded:
    def __init__(self, recorded: trace.Span) -> None:
        self._recorded = recorded

    def rename(self, name: str) -> None:
        self._recorded.update_name(name)

    def note(self, name: str, value: str | int) -> None:
        self._recorded.set_attribute(name, value)


def _remote(parent: TraceParent) -> trace.Span:
    flags = TraceFlags(TraceFlags.SAMPLED if parent.is_sampled else TraceFlags.DEFAULT)
    ids = int(parent.trace_id, 16), int(parent.span_id, 16)
    return trace.NonRecordingSpan(SpanContext(*ids, is_remote=True, trace_flags=flags))
