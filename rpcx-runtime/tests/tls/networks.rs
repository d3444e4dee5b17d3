//! The networks that carry TLS.

/// What to listen on for each of them; a client has to be told that its server is `localhost`.
pub(crate) fn networks() -> Vec<&'static str> {
    vec![
        "tcp@127.0.0.1:0",
        "http@127.0.0.1:0",
        "ws@127.0.0.1:0",
        "wss@127.0.0.1:0",
        "reuseport@127.0.0.1:0",
        "quic@127.0.0.1:0",
        #[cfg(unix)]
        "unix@",
    ]
}
