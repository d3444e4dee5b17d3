//! The service `Reflection`.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::document::Described;
use super::{DESCRIBE, Handlers, OPENAPI, SERVICE, go, openapi};
use crate::codec::Coding;
use crate::error::{Error, Rejection, Result};
use crate::protocol::Codec;
use crate::schema::Json;
use crate::service::{
    CallSlot, MethodInfo, MethodRef, Reply, Request, Service, ServiceInfo, ServiceRef,
    no_such_method,
};
use crate::sync::lock;

/// Whether a server describes its services.
#[derive(Debug, Default)]
pub(crate) struct Reflecting {
    off: bool,
}

impl Reflecting {
    pub(crate) const OFF: Self = Self { off: true };
}

/// The service that describes `services`, which are in order, and what `handlers` are beside them.
pub(crate) fn service(
    reflecting: &Reflecting,
    services: impl FnOnce() -> Vec<(String, ServiceRef)>,
    handlers: impl Handlers + 'static,
) -> Option<Arc<dyn Service>> {
    (!reflecting.off).then(|| {
        Arc::new(Reflection {
            services: services(),
            handlers: Box::new(handlers),
            made: Mutex::new(None),
        }) as _
    })
}

static INFO: ServiceInfo = ServiceInfo::new(
    SERVICE,
    &[&DESCRIBE_INFO, &OPENAPI_INFO, &GET_SERVICES, &GET_SERVICE],
)
.docs("Describes the services of this server.");

static DESCRIBE_INFO: MethodInfo = MethodInfo::new(0, DESCRIBE)
    .docs("All services and their types, as one JSON document.")
    .idempotent();
static OPENAPI_INFO: MethodInfo = MethodInfo::new(1, OPENAPI)
    .docs("All services as an OpenAPI 3.1 document.")
    .idempotent();
static GET_SERVICES: MethodInfo = MethodInfo::new(2, "GetServices")
    .docs("All services in the form of Go's package `reflection`.")
    .idempotent();
static GET_SERVICE: MethodInfo = MethodInfo::new(3, "GetService")
    .docs("One service, by its path, in the form of Go's package `reflection`.")
    .idempotent();

/// Describes services. The documents are made when they are asked for the first time, and again when there are other handlers.
struct Reflection {
    services: Vec<(String, ServiceRef)>,
    handlers: Box<dyn Handlers>,
    made: Mutex<Option<Arc<Made>>>,
}

struct Made {
    /// Of the handlers that they tell of.
    changes: u64,
    described: Described,
    document: Arc<Document>,
    openapi: Arc<Document>,
}

/// A document, and its bytes in JSON.
struct Document {
    json: Json,
    bytes: Vec<u8>,
}

impl Document {
    fn new(json: Json) -> Arc<Self> {
        let bytes = json.to_string().into_bytes();
        Arc::new(Self { json, bytes })
    }
}

/// What a method answers with.
enum Answer {
    Document(Arc<Document>),
    Text(String),
}

impl Reflection {
    fn made(&self) -> Arc<Made> {
        let mut last = lock(&self.made);
        // Before they are looked at: those that come meanwhile are for the next one.
        let changes = self.handlers.changes();
        if let Some(made) = last.as_ref().filter(|made| made.changes == changes) {
            return Arc::clone(made);
        }
        let mut described = Described::new(self.services.iter().cloned());
        described.add(self.handlers.all());
        let made = Arc::new(Made {
            changes,
            document: Document::new(described.document()),
            openapi: Document::new(openapi::document(&described)),
            described,
        });
        *last = Some(Arc::clone(&made));
        made
    }

    fn answer(&self, method: u32, request: &Request) -> Result<Answer> {
        let made = self.made();
        Ok(match method {
            0 => Answer::Document(Arc::clone(&made.document)),
            1 => Answer::Document(Arc::clone(&made.openapi)),
            2 => Answer::Text(go::services(&made.described)),
            _ => {
                let decoded = request.coding().decode::<String>(request.payload());
                let path = decoded.map_err(|error| {
                    Error::rejected(
                        Rejection::Undecodable,
                        format!("the path of a service: {error}"),
                    )
                })?;
                let text = go::service(&made.described, &path);
                // In the words of Go.
                Answer::Text(
                    text.ok_or_else(|| Error::service(format!("not found service {path}")))?,
                )
            }
        })
    }
}

impl Service for Reflection {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        let found = INFO
            .methods
            .iter()
            .find(|info| info.name.as_bytes() == name);
        found.map(|info| MethodRef::from(*info))
    }

    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        if method as usize >= INFO.methods.len() {
            return no_such_method(slot);
        }
        let answer = self.answer(method, &request);
        slot.run(std::future::ready(answer), reply);
    }
}

fn reply(answer: Result<Answer>, reply: &mut Reply<'_>) {
    match answer {
        Ok(Answer::Document(document)) => {
            reply.payload(|coding, out| match is_json(coding) {
                true => {
                    out.extend_from_slice(&document.bytes);
                    Ok(())
                }
                false => coding.encode(&document.json, out),
            });
        }
        Ok(Answer::Text(text)) => reply.payload(|coding, out| coding.encode(&text, out)),
        Err(error) if error.kind() == crate::error::ErrorKind::Service => reply.error(error),
        Err(error) => reply.refuse(error),
    }
}

fn is_json(coding: Coding<'_>) -> bool {
    coding.built_in().is_ok_and(|codec| codec == Codec::JSON)
}

impl fmt::Debug for Reflection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.services.iter().map(|(path, _)| path);
        f.debug_set().entries(paths).finish()
    }
}
