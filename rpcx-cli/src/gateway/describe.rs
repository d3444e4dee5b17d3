//! What the servers behind a gateway have: of each service that is passed on, as one of its servers says it.

use std::sync::Arc;
use std::time::Duration;

use rpcx::gateway::Forward;
use rpcx::services::{RawPayload, RawRequest};
use rpcx::{Codec, Context, Error, ErrorKind, Rejection, ServerBuilder};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::openapi;
use crate::connect::ConnectOptions;
use crate::describe::{Document, ask, each, services};

/// How long the servers may take to say it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it is not asked for again: every client of the gateway may open its page, as often as it likes.
const FRESH: Duration = Duration::from_secs(2);

/// Where what is asked for is known.
#[derive(Clone)]
pub(super) struct Behind {
    pub(super) connect: ConnectOptions,
    pub(super) servers: Vec<String>,
    pub(super) services: Vec<String>,
}

/// A gateway that can be asked.
#[derive(Clone)]
struct Asked {
    forward: Forward,
    behind: Arc<Behind>,
    last: Arc<Mutex<Option<Heard>>>,
}

/// What was said, and when.
struct Heard {
    at: Instant,
    document: Arc<Document>,
}

/// Lets the gateway answer for the services that are passed on. With addresses the question is passed on, and answered here only
/// where the server has no answer in that form.
pub(super) fn describing(
    server: ServerBuilder,
    forward: &Forward,
    behind: Behind,
) -> ServerBuilder {
    let is_registry = behind.is_registry();
    let asked = Asked {
        forward: forward.clone(),
        behind: Arc::new(behind),
        last: Arc::default(),
    };
    let describing = asked.clone();
    let server = server.handle("Reflection", "OpenApi", move |context, request| {
        let asked = asked.clone();
        async move { asked.openapi(context, request).await }
    });
    if !is_registry {
        return server;
    }
    server.handle("Reflection", "Describe", move |context, request| {
        let asked = describing.clone();
        async move { asked.describe(context, request).await }
    })
}

impl Asked {
    async fn describe(&self, context: Context, request: RawRequest) -> rpcx::Result<RawPayload> {
        match self.document().await? {
            Some(document) => answer(&*document, request.payload.codec),
            None => self.forward.call(&context, request).await,
        }
    }

    async fn openapi(&self, context: Context, request: RawRequest) -> rpcx::Result<RawPayload> {
        let codec = request.payload.codec;
        if !self.behind.is_registry() {
            let answer = self.forward.call(&context, request).await;
            let is_unknown = answer
                .as_ref()
                .is_err_and(|error| error.kind() == ErrorKind::Rejected(Rejection::UnknownMethod));
            return match is_unknown {
                true => self.made(codec).await,
                false => answer,
            };
        }
        match self.document().await? {
            Some(document) => answer(&openapi::document(&document), codec),
            None => self.forward.call(&context, request).await,
        }
    }

    async fn made(&self, codec: Codec) -> rpcx::Result<RawPayload> {
        match self.document().await? {
            Some(document) => answer(&openapi::document(&document), codec),
            None => answer(&openapi::document(&Document::default()), codec),
        }
    }

    /// What is known of the servers, or was known a moment ago. Requests that come meanwhile wait for the first.
    async fn document(&self) -> rpcx::Result<Option<Arc<Document>>> {
        let mut last = self.last.lock().await;
        if let Some(heard) = &*last
            && heard.at.elapsed() < FRESH
        {
            return Ok(Some(Arc::clone(&heard.document)));
        }
        let document = self.behind.document().await?.map(Arc::new);
        let at = Instant::now();
        *last = document.clone().map(|document| Heard { at, document });
        Ok(document)
    }
}

impl Behind {
    pub(super) fn is_registry(&self) -> bool {
        self.servers.iter().any(|server| server.contains("://"))
    }

    /// A service whose servers say nothing, or that has none now, is left out. None of a registry that has no list of services
    /// where none is named.
    async fn document(&self) -> rpcx::Result<Option<Document>> {
        let url = self.servers.first().map_or("", String::as_str);
        if !self.services.is_empty() {
            return Ok(Some(self.of(url, &self.services).await));
        }
        if !self.is_registry() {
            return Ok(Some(self.first().await));
        }
        let listed = services(url, PATIENCE).await;
        match listed.map_err(|outcome| Error::service(outcome.text().to_owned()))? {
            Some(services) => Ok(Some(self.of(url, &services).await)),
            None => Ok(None),
        }
    }

    async fn of(&self, url: &str, services: &[String]) -> Document {
        each(&self.connect, url, services, PATIENCE).await.0
    }

    /// What the first server says that says anything: all of them have the same services.
    async fn first(&self) -> Document {
        for server in &self.servers {
            if let Ok(document) = ask(&self.connect, server, None, PATIENCE).await {
                return document;
            }
        }
        Document::default()
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
