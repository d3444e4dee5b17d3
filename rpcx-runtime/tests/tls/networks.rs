//! The networks that carry TLS.

/// An address to listen on for each of them. A client of any reaches `localhost`, or is told so.
pub(crate) fn networks() -> Vec<&'static str> {
    vec!["tcp@127.0.0.1:0"]
}
