//! What the servers behind a gateway have: of each service that is listed, as one of its servers says it.

use std::sync::Arc;
use std::time::Duration;

use rpcx::gateway::Forward;
use rpcx::services::{RawPayload, RawRequest};
use rpcx::{Codec, Context, Error, ErrorKind, Rejection, ServerBuilder};

use super::openapi;
use crate::connect::ConnectOptions;
use crate::describe::{Document, ask};

/// How long the servers may take to say it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where what is asked for is known.
#[derive(Clone)]
pub(super) struct Behind {
    pub(super) connect: ConnectOptions,
    pub(super) servers: Vec<String>,
    pub(super) services: Vec<String>,
}

/// Lets the gateway answer for the services that are listed. With addresses the question is passed on, and answered here only
/// where the server has no answer in that form. With a registry and without a list no server can be asked.
pub(super) fn describing(
    server: ServerBuilder,
    forward: &Forward,
    behind: Behind,
) -> ServerBuilder {
    let (is_registry, behind) = (behind.is_registry(), Arc::new(behind));
    if is_registry && behind.services.is_empty() {
        return server;
    }
    let forward = forward.clone();
    let asked = Arc::clone(&behind);
    let server = server.handle("Reflection", "OpenApi", move |context, request| {
        let (forward, behind) = (forward.clone(), Arc::clone(&asked));
        async move { openapi(&forward, &behind, (context, request)).await }
    });
    if !is_registry {
        return server;
    }
    server.handle(
        "Reflection",
        "Describe",
        move |_: Context, request: RawRequest| {
            let behind = Arc::clone(&behind);
            async move {
                let document = behind.document().await;
                answer(&document, request.payload.codec)
            }
        },
    )
}

async fn openapi(
    forward: &Forward,
    behind: &Behind,
    (context, request): (Context, RawRequest),
) -> rpcx::Result<RawPayload> {
    let codec = request.payload.codec;
    if !behind.is_registry() {
        let answer = forward.call(&context, request).await;
        let is_unknown = answer
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::Rejected(Rejection::UnknownMethod));
        if !is_unknown {
            return answer;
        }
    }
    answer(&openapi::document(&behind.document().await), codec)
}

impl Behind {
    pub(super) fn is_registry(&self) -> bool {
        self.servers.iter().any(|server| server.contains("://"))
    }

    /// A service whose servers say nothing, or that has none now, is left out.
    async fn document(&self) -> Document {
        let mut all = Document::default();
        let url = self.servers.first().map_or("", String::as_str);
        for service in &self.services {
            if let Ok(document) = ask(&self.connect, url, Some(service), PATIENCE).await {
                all.take(document, service);
            }
        }
        if self.services.is_empty() {
            for server in &self.servers {
                // All of them have the same services.
                if let Ok(document) = ask(&self.connect, server, None, PATIENCE).await {
                    return document;
                }
            }
        }
        all
    }
}

fn answer(document: &impl serde::Serialize, codec: Codec) -> rpcx::Result<RawPayload> {
    let json = serde_json::to_vec(document).map_err(Error::internal)?;
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
