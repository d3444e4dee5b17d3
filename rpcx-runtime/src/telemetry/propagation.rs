//! Traces across processes, through the metadata of calls.

use ::tracing::Span;
use opentelemetry::global::get_text_map_propagator;
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::TraceContextExt as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::protocol::Metadata;

/// Makes the span of a server a child of the caller's, and puts it in the place of the caller's, for
/// handlers that pass their metadata on.
pub(super) fn received(span: &Span, metadata: &mut Metadata) {
    follow(span, metadata);
    inject(span, metadata);
}

/// Sends the span of a client along. If it has no parent here, it continues the trace that the metadata
/// of the call names.
pub(super) fn send(span: &Span, metadata: &mut Metadata) {
    if Span::current().is_none() {
        follow(span, metadata);
    }
    inject(span, metadata);
}

fn follow(span: &Span, metadata: &Metadata) {
    let context = get_text_map_propagator(|propagator| propagator.extract(&Received(metadata)));
    if context.span().span_context().is_valid() {
        // An error means that spans do not become those of OpenTelemetry: there is nothing to link.
        let _ = span.set_parent(context);
    }
}

fn inject(span: &Span, metadata: &mut Metadata) {
    let context = span.context();
    get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut Sent(metadata)));
}

struct Received<'a>(&'a Metadata);

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    fn keys(&self) -> Vec<&str> {
        let keys = self.0.iter().map(|(key, _)| key);
        keys.filter_map(|key| std::str::from_utf8(key).ok())
            .collect()
    }
}

struct Sent<'a>(&'a mut Metadata);

impl Injector for Sent<'_> {
    fn set(&mut self, key: &str, value: String) {
        // An empty `tracestate` says nothing.
        if !value.is_empty() {
            self.0.insert(key.to_ascii_lowercase(), value);
        }
    }
}
