//! jsonrpsee over WebSocket, as its own documentation builds it: JSON-RPC 2.0, one connection for any number of calls.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use jsonrpsee::core::client::{Client as WsClient, ClientT};
use jsonrpsee::server::{RpcModule, Server, ServerConfig};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::ws_client::WsClientBuilder;
use jsonrpsee::{Methods, rpc_params};

use super::{Client, Peer};
use crate::message::{BenchmarkMessage, Template};

const IN_FLIGHT: usize = 8192;
const CONNECTIONS: u32 = 8192;

pub(super) struct Jsonrpsee;

fn methods() -> Result<Methods> {
    let mut module = RpcModule::new(());
    module.register_async_method("say", |params, _, _| async move {
        let message: BenchmarkMessage = params.one()?;
        Ok::<_, ErrorObjectOwned>(message.answered())
    })?;
    module.register_async_method("mul", |params, _, _| async move {
        let (a, b): (i32, i32) = params.parse()?;
        Ok::<_, ErrorObjectOwned>(a.wrapping_mul(b))
    })?;
    Ok(module.into())
}

impl Peer for Jsonrpsee {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let config = ServerConfig::builder().max_connections(CONNECTIONS);
        let server = Server::builder().set_config(config.build());
        let server = server.build(address).await?;
        server.start(methods()?).stopped().await;
        Ok(())
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let client = WsClientBuilder::default().max_concurrent_requests(IN_FLIGHT);
        let client = client.build(format!("ws://{address}")).await?;
        Ok(Connection(Arc::new(client)))
    }
}

#[derive(Clone)]
pub(super) struct Connection(Arc<WsClient>);

impl Client for Connection {
    async fn say(&self, template: &'static Template) -> Result<()> {
        let message = template.message.clone();
        let reply: BenchmarkMessage = self.0.request("say", rpc_params![message]).await?;
        ensure!(reply.is_answer(), "a wrong reply to Say");
        Ok(())
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        Ok(self.0.request("mul", rpc_params![a, b]).await?)
    }

    async fn blob(&self, _: &'static Template) -> Result<()> {
        bail!("JSON has no bytes: this peer has `Say` and `Mul`")
    }
}
