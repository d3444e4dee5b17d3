//! Durations, sizes and counts, for the facade `metrics`.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use ::metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram};

use super::status as status_of;
use crate::dispatch::Stats;
use crate::event::Event;
use crate::layer::{Layer, LayerFuture, Next, Request, Response, Rest};
use crate::sync::{read, write};

/// A [layer](crate::layer) that measures every call. It records
///
/// | metric | what |
/// |---|---|
/// | `rpc.server.call.duration`, `rpc.client.call.duration` | histogram in seconds, by `rpc.method`, `rpc.status_code` and `error.type` |
/// | `rpcx.server.calls`, `rpcx.client.calls` | gauge: calls in flight, by `rpc.method` |
/// | `rpcx.server.request.bytes`, `rpcx.client.request.bytes` | counter: encoded arguments, by `rpc.method` |
/// | `rpcx.server.response.bytes`, `rpcx.client.response.bytes` | counter: encoded replies, by `rpc.method` |
///
/// All have `rpc.system.name` = `rpcx`. The buckets that the conventions recommend for durations are 0.005
/// 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10; the recorder has to be told. A call that is
/// given up has the status `cancelled`. The methods of a [fallback] are named by peers, so they are all
/// `_OTHER`.
///
/// The metrics of a method are those of the recorder that is there at its first call: install it before.
///
/// [fallback]: crate::server::ServerBuilder::fallback
///
/// ```
/// use rpcx::telemetry::{Metrics, count_events};
///
/// let server = rpcx::Server::builder().layer(Metrics::new()).on_event(count_events());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    server: Arc<Methods>,
    client: Arc<Methods>,
}

impl Metrics {
    /// The layer. Its clones share what they know of methods.
    pub fn new() -> Self {
        Self::default()
    }

    fn method(&self, request: &Request) -> Arc<Method> {
        match request.peer() {
            Some(_) => self.server.get(&SERVER, request),
            None => self.client.get(&CLIENT, request),
        }
    }
}

impl Layer for Metrics {
    fn call(&self, request: Request, next: Next) -> LayerFuture {
        Box::pin(self.begin(request, next))
    }

    fn begin(&self, mut request: Request, next: Next) -> Rest {
        let mut call = Measured::begin(self.method(&request), request.payload().len());
        Rest::kept(request.take_memory(), async move {
            let response = next.run(request).await;
            call.end(&response);
            response
        })
    }
}

/// The names of the metrics of one side.
struct Names {
    duration: &'static str,
    calls: &'static str,
    request: &'static str,
    response: &'static str,
}

const SERVER: Names = Names {
    duration: "rpc.server.call.duration",
    calls: "rpcx.server.calls",
    request: "rpcx.server.request.bytes",
    response: "rpcx.server.response.bytes",
};

const CLIENT: Names = Names {
    duration: "rpc.client.call.duration",
    calls: "rpcx.client.calls",
    request: "rpcx.client.request.bytes",
    response: "rpcx.client.response.bytes",
};

type ByName<T> = HashMap<Box<str>, T>;

/// The methods of one side that were called, by service and name, so that no call makes their labels anew.
#[derive(Debug, Default)]
struct Methods(RwLock<ByName<ByName<Arc<Method>>>>);

impl Methods {
    fn get(&self, names: &'static Names, request: &Request) -> Arc<Method> {
        // What peers may choose is no label: each value would be kept for ever.
        let (service, method) = match request.method().is_known() {
            true => (request.service(), request.method().name()),
            false => ("", "_OTHER"),
        };
        let known = read(&self.0);
        let found = known.get(service).and_then(|methods| methods.get(method));
        if let Some(found) = found {
            return Arc::clone(found);
        }
        drop(known);
        let mut known = write(&self.0);
        let methods = known.entry(service.into()).or_default();
        let method = methods.entry(method.into()).or_insert_with_key(|method| {
            let full = match service {
                "" => method.to_string(),
                _ => format!("{service}/{method}"),
            };
            Arc::new(Method::new(names, full))
        });
        Arc::clone(method)
    }
}

/// The metrics of one method.
struct Method {
    duration: &'static str,
    labels: Vec<Label>,
    calls: Gauge,
    request: Counter,
    response: Counter,
    /// By status. There are few.
    durations: RwLock<Vec<(&'static str, Histogram)>>,
}

impl Method {
    fn new(names: &Names, name: String) -> Self {
        let labels = vec![
            Label::from_static_parts("rpc.system.name", "rpcx"),
            Label::new("rpc.method", name),
        ];
        Self {
            duration: names.duration,
            calls: gauge!(names.calls, labels.clone()),
            request: counter!(names.request, labels.clone()),
            response: counter!(names.response, labels.clone()),
            labels,
            durations: RwLock::default(),
        }
    }

    fn record(&self, status: &'static str, took: Duration) {
        let durations = read(&self.durations);
        if let Some((_, found)) = durations.iter().find(|(known, _)| *known == status) {
            return found.record(took);
        }
        drop(durations);
        let mut labels = self.labels.clone();
        labels.push(Label::from_static_parts("rpc.status_code", status));
        if status != status_of(Ok(())) {
            labels.push(Label::from_static_parts("error.type", status));
        }
        let duration = histogram!(self.duration, labels);
        duration.record(took);
        write(&self.durations).push((status, duration));
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Method").field(&self.labels).finish()
    }
}

/// A call that is being measured. If it is dropped before its end, it was given up.
struct Measured {
    method: Arc<Method>,
    began: Instant,
    ended: bool,
}

impl Measured {
    fn begin(method: Arc<Method>, bytes: usize) -> Self {
        method.calls.increment(1.0);
        method.request.increment(bytes as u64);
        Self {
            method,
            began: Instant::now(),
            ended: false,
        }
    }

    fn end(&mut self, response: &Response) {
        self.ended = true;
        if let Some(payload) = response.payload() {
            self.method.response.increment(payload.len() as u64);
        }
        let status = status_of(response.outcome());
        self.method.record(status, self.began.elapsed());
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.method.calls.decrement(1.0);
        if !self.ended {
            self.method.record("cancelled", self.began.elapsed());
        }
    }
}

/// Counts events in `rpcx.events` by `event`, their kind, and for limits by `counter` as well; and
/// retries in `rpcx.client.retries` by `rpc.method`. For
/// [`ServerBuilder::on_event`](crate::server::ServerBuilder::on_event) and
/// [`ChannelBuilder::on_event`](crate::client::ChannelBuilder::on_event).
pub fn count_events() -> impl Fn(&Event<'_>) + Send + Sync + 'static {
    |event| {
        let mut labels = vec![Label::from_static_parts("event", event.name())];
        if let Event::LimitReached { counter, .. } = *event {
            labels.push(Label::from_static_parts("counter", counter));
        }
        counter!("rpcx.events", labels).increment(1);
        if let Event::Retrying {
            service, method, ..
        } = event
        {
            let method = Label::new("rpc.method", format!("{service}/{method}"));
            counter!("rpcx.client.retries", vec![method]).increment(1);
        }
    }
}

/// Publishes what a server has done and refused: `rpcx.server.` and the name of the field, which is a gauge
/// for the two that go down too, and else a counter. To be called before each time the metrics are read,
/// or every few seconds.
///
/// ```
/// # fn f(server: rpcx::ServerHandle) {
/// rpcx::telemetry::publish(&server.stats());
/// # }
/// ```
pub fn publish(stats: &Stats) {
    for (name, value) in stats.iter() {
        let key = format!("rpcx.server.{name}");
        match name {
            "calls_in_flight" | "open_connections" => gauge!(key).set(value as f64),
            _ => counter!(key).absolute(value),
        }
    }
}
