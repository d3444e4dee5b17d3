//! Calls that are made of another server.

use std::fmt;
use std::sync::Arc;

use crate::client::{Channel, RawReply};
use crate::codec::transcode;
use crate::context::Context;
use crate::error::{Error, Rejection, Result};
use crate::protocol::{Codec, Compression, FrameLimits, inflate};
use crate::server::ServerBuilder;
use crate::service::{RawPayload, RawRequest};

impl ServerBuilder {
    /// Makes the calls of all methods that nothing else is there for of other servers: the
    /// [`fallback`](Self::fallback) of a gateway. It may have services of its own beside them.
    ///
    /// ```
    /// use rpcx::gateway::Forward;
    /// use rpcx::{Channel, Server};
    ///
    /// let servers = Channel::builder().registry("static://10.0.0.1:8972,10.0.0.2:8972").build_lazy()?;
    /// let gateway = Server::builder().listen("tcp@127.0.0.1:0").forward(Forward::to(servers));
    /// # Ok::<(), rpcx::Error>(())
    /// ```
    pub fn forward(self, forward: Forward) -> Self {
        self.fallback(move |context, request| {
            let forward = forward.clone();
            async move { forward.call(&context, request).await }
        })
    }
}

/// Makes calls of other servers: payloads go there and back as they are, without being decoded or inflated, and
/// so do metadata, tokens and the rest of the deadline. What becomes of a call is told as it is: see
/// [`Error::forwarded`]. For [`ServerBuilder::forward`].
#[derive(Clone)]
pub struct Forward {
    channel: Channel,
    services: Option<Arc<[String]>>,
    json_as: Option<Codec>,
}

impl Forward {
    /// To the servers of this channel, which has to be one with layers, retries and a choice of nodes as they
    /// are wanted: a [registry](crate::client::ChannelBuilder::registry) has nodes for each service.
    pub fn to(channel: Channel) -> Self {
        Self {
            channel,
            services: None,
            json_as: None,
        }
    }

    /// Only calls of these services; others are refused as unknown. Default: all. A channel with a registry
    /// watches each service that is called, and 1,024 at most: where strangers choose the names, they belong here.
    #[must_use]
    pub fn services(mut self, services: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.services = Some(services.into_iter().map(Into::into).collect());
        self
    }

    /// Makes what comes in JSON into this codec on the way, and its replies into JSON, by
    /// [`transcode`]: for servers that do not read JSON. Default: JSON stays JSON, which servers in Rust and in
    /// Go take. All other codecs are passed on as they are.
    #[must_use]
    pub fn json_as(mut self, codec: Codec) -> Self {
        self.json_as = Some(codec).filter(|codec| *codec != Codec::JSON);
        self
    }

    /// Makes one call, for a handler of your own.
    ///
    /// # Errors
    /// Those of the call, as [`Error::forwarded`] has them; [`Rejection::UnknownMethod`] for a service that is
    /// not among [`services`](Self::services).
    pub async fn call(&self, context: &Context, request: RawRequest) -> Result<RawPayload> {
        if !self.serves(&request.service) {
            let text = format!("rpcx: can't find service {}", request.service);
            return Err(Error::refuse(Rejection::UnknownMethod, text));
        }
        let asked = request.payload.codec;
        let as_codec = self.json_as.filter(|_| asked == Codec::JSON);
        let payload = match as_codec {
            Some(codec) => recoded(request.payload, codec)
                .map_err(|text| Error::refuse(Rejection::Undecodable, text))?,
            None => request.payload,
        };
        let mut call = self
            .channel
            .raw(request.service, request.method)
            .codec(payload.codec)
            .compressed(payload.compression)
            .all_metadata(context.metadata())
            .parent(context);
        if request.oneway {
            call = call.oneway();
        }
        let reply = call.call(payload.bytes).await.map_err(Error::forwarded)?;
        for (key, value) in &reply.metadata {
            // Metadata of a context has texts as keys; one of a peer that is none is named as near as can be.
            context.set_response_metadata(String::from_utf8_lossy(key), value);
        }
        let reply = raw(reply);
        match as_codec {
            Some(_) if !request.oneway => recoded(reply, Codec::JSON).map_err(Error::service),
            _ => Ok(reply),
        }
    }

    fn serves(&self, service: &str) -> bool {
        let listed = |services: &Arc<[String]>| services.iter().any(|one| one == service);
        self.services.as_ref().is_none_or(listed)
    }
}

fn raw(reply: RawReply) -> RawPayload {
    RawPayload::new(reply.codec, reply.payload).compressed(reply.compression)
}

/// A payload in another codec, which is not compressed.
fn recoded(payload: RawPayload, codec: Codec) -> std::result::Result<RawPayload, String> {
    let wrong = |error: &dyn fmt::Display| format!("the payload in {}: {error}", payload.codec);
    let bytes = match payload.compression {
        Compression::NONE => payload.bytes.clone(),
        kind => inflate(kind, &payload.bytes, FrameLimits::SERVER.body)
            .map_err(|error| wrong(&error))?
            .into(),
    };
    let bytes = transcode(&bytes, payload.codec, codec).map_err(|error| wrong(&error))?;
    Ok(RawPayload::new(codec, bytes))
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forward")
            .field("services", &self.services)
            .field("json_as", &self.json_as)
            .finish_non_exhaustive()
    }
}
