//! The networks that carry TLS: the one list of them.

/// What to listen on for each of them; a client has to be told that its server is `localhost`.
pub(crate) fn networks() -> Vec<&'static str> {
    let mut all = streams();
    all.push(QUIC);
    all
}

/// Those on which TLS is a layer on a socket: all but QUIC, which has its own records.
pub(crate) fn streams() -> Vec<&'static str> {
    vec![
        "tcp@127.0.0.1:0",
        "http@127.0.0.1:0",
        "ws@127.0.0.1:0",
        "wss@127.0.0.1:0",
        "reuseport@127.0.0.1:0",
        #[cfg(unix)]
        "unix@",
    ]
}

pub(crate) const QUIC: &str = "quic@127.0.0.1:0";

/// Whether a connection has been negotiated beyond TLS when it is open: a refusal is then known
/// before the first call.
pub(crate) fn negotiates(listen: &str) -> bool {
    listen.starts_with("http") || listen.starts_with("ws")
}
