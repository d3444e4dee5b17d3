//! A span around every call.

use ::tracing::field::Empty;
use ::tracing::{Instrument as _, Level, Span, info_span, span_enabled};

use super::{propagation, status};
use crate::address::Address;
use crate::layer::{Before, Head, Layer, LayerFuture, Next, Request, Response, Rest};

/// A [layer](crate::layer) that makes a span of every call: of kind `server` on a server, around the
/// handler, and `client` on a channel, around all attempts.
///
/// The span is `rpc` with the target `rpcx`, at the level of information; in OpenTelemetry its name is that
/// of the method, `Arith/Mul`. Beside what the [module](super) says it has `network.peer.address` and
/// `network.peer.port`, and on a channel `server.address` and `server.port`: those of the last attempt, with the
/// server named as the channel was given it or as its registry has it. They are there when the call has ended,
/// because a server is chosen behind all layers. Methods of a fallback are `_OTHER`, with the name in
/// `rpc.method_original`. A call that is given up has the status `cancelled`.
///
/// With the feature `opentelemetry` spans of both sides are one trace. What links them travels in the
/// metadata, by the propagator that the program has set with `opentelemetry::global`: as a rule W3C
/// `traceparent`, `tracestate` and `baggage`. Go's OpenTelemetry plugins read and write the same. As there,
/// nothing is sent as long as no propagator is set; a call outside of every span continues a `traceparent`
/// that its own metadata has; and the metadata that a handler sees has the server's span in it, so that
/// a handler that passes its metadata on continues the trace.
///
/// ```
/// use rpcx::telemetry::Spans;
///
/// let server = rpcx::Server::builder().layer(Spans::new());
/// let channel = rpcx::Channel::builder().layer(Spans::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Spans {
    server: Option<Address>,
}

impl Spans {
    /// Spans without the address of a server.
    pub fn new() -> Self {
        Self::default()
    }

    /// The address of the server for calls that end before one is known: those that are given up or that a layer
    /// answers, and those of a channel whose server has no address.
    #[must_use]
    pub fn server_address(mut self, address: Address) -> Self {
        self.server = Some(address);
        self
    }
}

impl Layer for Spans {
    fn call(&self, request: Request, next: Next) -> LayerFuture {
        Box::pin(self.begin(request, next))
    }

    /// Where nothing listens, not even the names are made.
    fn before(&self, _: &mut Head<'_>) -> Before {
        match span_enabled!(target: "rpcx", Level::INFO) {
            true => Before::Around,
            false => Before::Pass,
        }
    }

    fn begin(&self, mut request: Request, next: Next) -> Rest {
        let (span, server) = match request.peer() {
            Some(peer) => (span(&request, "server", Some(&peer.address)), None),
            None => (span(&request, "client", None), self.server.clone()),
        };
        match request.peer() {
            Some(_) => propagation::received(&span, request.metadata_mut()),
            None => propagation::send(&span, request.metadata_mut()),
        }
        let mut ending = Ending(Some((span.clone(), server)));
        let spare = request.take_memory();
        let call = async move {
            let response = next.run(request).await;
            ending.record(&response);
            response
        };
        Rest::kept(spare, call.instrument(span))
    }
}

/// All fields of a span have to be there when it is made.
fn span(request: &Request, kind: &'static str, peer: Option<&Address>) -> Span {
    let (peer, peer_port) = place(peer);
    let full = request.full_name();
    let (name, original) = match request.method().is_known() {
        true => (&*full, None),
        false => ("_OTHER", Some(&*full)),
    };
    info_span!(
        target: "rpcx",
        "rpc",
        "otel.name" = name,
        "otel.kind" = kind,
        "otel.status_code" = Empty,
        "otel.status_description" = Empty,
        "rpc.system.name" = "rpcx",
        "rpc.method" = name,
        "rpc.method_original" = original,
        "rpc.status_code" = Empty,
        "error.type" = Empty,
        "server.address" = Empty,
        "server.port" = Empty,
        "network.peer.address" = peer,
        "network.peer.port" = peer_port,
    )
}

/// Host or path, and port.
fn place(address: Option<&Address>) -> (Option<String>, Option<u16>) {
    let Some(address) = address else {
        return (None, None);
    };
    if let Some(socket) = address.socket_addr() {
        return (Some(socket.ip().to_string()), Some(socket.port()));
    }
    let location = address.location();
    let host_and_port = location.rsplit_once(':');
    match host_and_port.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (Some(host.to_owned()), Some(port)),
        None => (Some(location.to_owned()), None),
    }
}

/// Records how a call ends, also if its future is dropped. With it, the address of the server where no better one is
/// known.
struct Ending(Option<(Span, Option<Address>)>);

impl Ending {
    fn record(&mut self, response: &Response) {
        let Some((span, server)) = self.0.take() else {
            return;
        };
        ended_at(&span, response.server_address().or(server.as_ref()));
        if let (peer @ Some(_), port) = place(response.peer_address()) {
            span.record("network.peer.address", peer);
            span.record("network.peer.port", port);
        }
        let status = status(response.outcome());
        match response.error() {
            None => {
                span.record("rpc.status_code", status);
            }
            Some(error) => failed(&span, status, error.message()),
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some((span, server)) = self.0.take() {
            ended_at(&span, server.as_ref());
            failed(&span, "cancelled", "the call was given up");
        }
    }
}

fn ended_at(span: &Span, server: Option<&Address>) {
    let (server, port) = place(server);
    span.record("server.address", server);
    span.record("server.port", port);
}

fn failed(span: &Span, status: &'static str, text: &str) {
    span.record("rpc.status_code", status);
    span.record("error.type", status);
    span.record("otel.status_code", "ERROR");
    span.record("otel.status_description", text);
}
