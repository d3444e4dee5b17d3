//! TLS on every network that can carry it: who is trusted, who is refused, and what either learns.
//!
//! `networks.rs` lists the networks, and `relay.rs` and `middle.rs` stand between a client and a
//! server on any of them. "all" is tcp, http, ws, wss, unix, reuseport and quic; "streams" is all
//! but quic.
//!
//! | | case | networks | where |
//! |---|---|---|---|
//! | T1, T2 | expired, not yet valid | all | `trust.rs`: `dates_are_looked_at` |
//! | T3 | a wrong name | all | `trust.rs`: `names_are_looked_at` |
//! | T4, T5 | a wrong authority, self-signed | all | `trust.rs`: `authorities_are_looked_at` |
//! | T6 | revoked | all | `trust.rs`: `revocations_are_looked_at` |
//! | T7 | a client without a certificate, or with a wrong, expired or revoked one | all | `trust.rs`: `clients_without_a_good_certificate_are_refused_and_told_why` |
//! | T8 | a good certificate that may not call | all | `identity.rs`: `identity_decides_which_peers_may_call` |
//! | T9 | wrong bytes, and a ClientHello of TLS 1.1 | all | `strangers.rs`: `what_is_not_tls_is_closed_at_once`, `datagrams_that_are_not_quic_are_dropped` |
//! | T9 | a plain client of a server with TLS, and the other way round | streams; on quic there is no plain text, see T11 | `strangers.rs` |
//! | T9 | no common ALPN | quic; no other network has ALPN, as in Go | `../quic/handshake.rs`: `another_protocol_name_is_refused_at_once` |
//! | T10 | cut on the way | all | `way.rs`: `a_cut_stream_is_an_error` |
//! | T10 | changed on the way, in the handshake and later | all | `way.rs`: `a_changed_byte_is_an_error`, `changed_datagrams_are_not_taken` |
//! | T10 | a forged `close_notify` | streams; quic has no such alert, and drops packets that are not protected | `way.rs`: `a_forged_end_is_an_error` |
//! | T10 | a reply that ends early, in good order | all | `way.rs`: `a_truncated_reply_is_no_success` |
//! | T11 | TLS where there is none, none where it must be, lists without authorities | all, mem, kcp | `settings.rs` |
//! | T12 | another certificate under load; from files, on demand and by themselves | all | `reload.rs` |
//! | T12 | resumption, by clients of rustls and of our own; not by clients with certificates | all | `resumption.rs` |
//! | T12 | TLS 1.3 alone | all | `versions.rs` |
//! | T12 | early data | all | `resumption.rs`: `sessions_resume_and_early_data_is_never_taken` |
//!
//! A client of reuseport is one of tcp; what differs is the server.

mod authority;
mod causes;
mod identity;
mod middle;
mod networks;
mod peers;
mod raw;
mod relay;
mod reload;
mod resumption;
mod rules;
mod server;
mod settings;
mod socket;
mod strangers;
mod trust;
mod versions;
mod way;
