//! tonic with prost over plain HTTP/2. Windows, frames and limits are raised above the defaults, so that
//! neither 1 MiB bodies nor 512 calls wait for window updates.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use tonic::transport::{
    Certificate as Roots, Channel, ClientTlsConfig, Endpoint, Identity, Server, ServerTlsConfig,
};
use tonic::{Request, Response, Status};

use super::certificate::Certificate;
use super::{Client, Peer};
use crate::message::{BLOB, BenchmarkMessage, Blob, MulArgs, MulReply, Template};

mod generated {
    #![allow(warnings, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/peers.Bench.rs"));
}
use generated::bench_client::BenchClient;
use generated::bench_server::{Bench, BenchServer};

const MAX_MESSAGE: usize = 64 << 20;
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;
const IN_FLIGHT: u32 = 4096;

struct Bencher;

#[tonic::async_trait]
impl Bench for Bencher {
    async fn say(
        &self,
        request: Request<BenchmarkMessage>,
    ) -> Result<Response<BenchmarkMessage>, Status> {
        Ok(Response::new(request.into_inner().answered()))
    }

    async fn mul(&self, request: Request<MulArgs>) -> Result<Response<MulReply>, Status> {
        let args = request.into_inner();
        Ok(Response::new(MulReply {
            c: args.a.wrapping_mul(args.b),
        }))
    }

    async fn blob(&self, request: Request<Blob>) -> Result<Response<Blob>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}

/// With TLS or without.
pub(super) struct Tonic<const TLS: bool>;

impl<const TLS: bool> Peer for Tonic<TLS> {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let service = BenchServer::new(Bencher)
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let mut server = Server::builder()
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(IN_FLIGHT)
            .max_frame_size(1 << 20);
        if TLS {
            let certificate = Certificate::make(address)?;
            let identity = Identity::from_pem(certificate.chain, certificate.key);
            server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
        }
        Ok(server.add_service(service).serve(address).await?)
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let scheme = if TLS { "https" } else { "http" };
        let mut endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))?
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .buffer_size(IN_FLIGHT as usize);
        if TLS {
            let roots = Roots::from_pem(Certificate::roots(address)?);
            endpoint = endpoint.tls_config(ClientTlsConfig::new().ca_certificate(roots))?;
        }
        let client = BenchClient::new(endpoint.connect().await?)
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        Ok(Connection(client))
    }
}

/// Its methods take `&mut self`: it is cloned for each call, as its documentation advises.
#[derive(Clone)]
pub(super) struct Connection(BenchClient<Channel>);

impl Client for Connection {
    async fn say(&self, template: &'static Template) -> Result<()> {
        let reply = self
            .0
            .clone()
            .say(template.message.clone())
            .await?
            .into_inner();
        ensure!(reply.is_answer(), "a wrong reply to Say");
        Ok(())
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        Ok(self.0.clone().mul(MulArgs { a, b }).await?.into_inner().c)
    }

    async fn blob(&self, template: &'static Template) -> Result<()> {
        let blob = Blob {
            data: template.blob.clone(),
        };
        let reply = self.0.clone().blob(blob).await?.into_inner().data;
        ensure!(
            reply.len() == BLOB,
            "{} bytes in the reply to Blob",
            reply.len()
        );
        Ok(())
    }
}
