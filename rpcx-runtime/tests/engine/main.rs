//! The runtime without generated code: codecs, and the engine with its frames, connections, dispatch,
//! limits and shutdown. What is about one network is in `../networks`.

mod addresses;
mod ahead;
mod allocations;
mod attacks;
mod authorize;
mod blocking;
mod blocking_shares;
mod bound;
mod bulk;
mod callers;
mod calls;
mod causes;
#[allow(dead_code, reason = "the tests of QUIC use more of it")]
#[path = "../networks/quic/certificates.rs"]
mod certificates;
mod client_layers;
mod codec;
mod dead;
mod discovered;
mod discovery;
mod echo;
mod events;
mod expiry;
mod fairness;
mod fan_out;
mod faults;
mod fleet_figures;
mod fleets;
mod full;
mod goaway;
mod handshakes;
mod health;
mod hostile;
mod hosts;
#[cfg(all(feature = "http", feature = "tls"))]
mod http;
mod inflating;
mod leaving;
mod limits;
#[path = "../../../tests/packages/long.rs"]
mod long;
mod many_nodes;
mod networks;
mod nothing;
mod oneway;
#[cfg(feature = "tracing")]
mod panics;
mod places;
mod processes;
mod raw_calls;
mod registered;
mod registering;
mod replies;
mod retries;
mod settings;
mod shutdown;
mod simulation;
#[cfg(all(feature = "metrics", feature = "opentelemetry"))]
mod telemetry;
mod tokens;
#[cfg(feature = "tower")]
mod tower;
mod undriven;
mod wire;
