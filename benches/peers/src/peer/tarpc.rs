//! tarpc over TCP with each of two codecs, as its own documentation builds it: a task for each request.
//! `TCP_NODELAY` is on, the frame limit and the buffers are raised so that no mode runs into them.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures_util::StreamExt;
use tarpc::server::{BaseChannel, Channel};
use tarpc::{client, context, serde_transport, server};
use tokio::net::{TcpListener, TcpStream};
use tokio_serde::formats::{Bincode, MessagePack};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use super::{Client, Peer};
use crate::message::{BLOB, BenchmarkMessage, Template};

const IN_FLIGHT: usize = 4096;
const MAX_FRAME: usize = 64 << 20;

#[tarpc::service]
trait Bench {
    async fn say(message: BenchmarkMessage) -> BenchmarkMessage;
    async fn mul(a: i32, b: i32) -> i32;
    async fn blob(data: Bytes) -> Bytes;
}

#[derive(Clone)]
struct Bencher;

impl Bench for Bencher {
    async fn say(self, _: context::Context, message: BenchmarkMessage) -> BenchmarkMessage {
        message.answered()
    }

    async fn mul(self, _: context::Context, a: i32, b: i32) -> i32 {
        a.wrapping_mul(b)
    }

    async fn blob(self, _: context::Context, data: Bytes) -> Bytes {
        data
    }
}

fn framed(stream: TcpStream) -> Result<Framed<TcpStream, LengthDelimitedCodec>> {
    stream.set_nodelay(true)?;
    Ok(LengthDelimitedCodec::builder()
        .max_frame_length(MAX_FRAME)
        .new_framed(stream))
}

/// The two differ in nothing but the format.
macro_rules! peer {
    ($peer:ident, $format:ident) => {
        pub(super) struct $peer;

        impl Peer for $peer {
            type Client = Connection;

            async fn serve(address: SocketAddr) -> Result<()> {
                let listener = TcpListener::bind(address).await?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    let transport = serde_transport::new(framed(stream)?, $format::default());
                    let config = server::Config {
                        pending_response_buffer: IN_FLIGHT,
                    };
                    let requests = BaseChannel::new(config, transport).execute(Bencher.serve());
                    tokio::spawn(requests.for_each(|response| async {
                        tokio::spawn(response);
                    }));
                }
            }

            async fn connect(address: SocketAddr) -> Result<Connection> {
                let stream = TcpStream::connect(address).await?;
                let transport = serde_transport::new(framed(stream)?, $format::default());
                let mut config = client::Config::default();
                config.max_in_flight_requests = IN_FLIGHT;
                config.pending_request_buffer = IN_FLIGHT;
                Ok(Connection(BenchClient::new(config, transport).spawn()))
            }
        }
    };
}

peer!(TarpcMsgpack, MessagePack);
peer!(TarpcBincode, Bincode);

#[derive(Clone)]
pub(super) struct Connection(BenchClient);

impl Client for Connection {
    async fn say(&self, template: &'static Template) -> Result<()> {
        let reply = self
            .0
            .say(context::current(), template.message.clone())
            .await?;
        ensure!(reply.is_answer(), "a wrong reply to Say");
        Ok(())
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        Ok(self.0.mul(context::current(), a, b).await?)
    }

    async fn blob(&self, template: &'static Template) -> Result<()> {
        let reply = self
            .0
            .blob(context::current(), template.blob.clone())
            .await?;
        ensure!(
            reply.len() == BLOB,
            "{} bytes in the reply to Blob",
            reply.len()
        );
        Ok(())
    }
}
