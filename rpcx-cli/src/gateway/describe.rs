//! What the servers behind a gateway with a registry have: of each service that is listed, as one of its servers says it.

use std::sync::Arc;
use std::time::Duration;

use rpcx::services::{RawPayload, RawRequest};
use rpcx::{Codec, Context, Error, Rejection, ServerBuilder};

use crate::connect::ConnectOptions;
use crate::describe::{Document, ask};

/// How long the servers may take to say it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where what is asked for is known.
#[derive(Clone)]
pub(super) struct Behind {
    pub(super) connect: ConnectOptions,
    pub(super) url: String,
    pub(super) services: Vec<String>,
}

/// Lets the gateway answer for the services that are listed. Without a list, or with addresses, the question is passed on.
pub(super) fn describing(server: ServerBuilder, behind: Behind) -> ServerBuilder {
    if behind.services.is_empty() || !behind.url.contains("://") {
        return server;
    }
    let behind = Arc::new(behind);
    server.handle(
        "Reflection",
        "Describe",
        move |_: Context, request: RawRequest| {
            let behind = Arc::clone(&behind);
            async move { described(&behind, request.payload.codec).await }
        },
    )
}

async fn described(behind: &Behind, codec: Codec) -> rpcx::Result<RawPayload> {
    let mut all = Document::default();
    for service in &behind.services {
        // A service whose servers say nothing, or that has none now, is left out.
        if let Ok(document) = ask(&behind.connect, &behind.url, Some(service), PATIENCE).await {
            all.take(document, service);
        }
    }
    let json = serde_json::to_vec(&all).map_err(Error::internal)?;
    match codec {
        Codec::JSON => Ok(RawPayload::new(codec, json)),
        codec => {
            let refused = |error: rpcx::codec::DecodeError| {
                Error::refuse(Rejection::Undecodable, error.to_string())
            };
            let bytes = rpcx::codec::transcode(&json, Codec::JSON, codec).map_err(refused)?;
            Ok(RawPayload::new(codec, bytes))
        }
    }
}
