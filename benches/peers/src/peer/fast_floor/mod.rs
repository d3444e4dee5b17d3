//! The fastest way to multiplex that we know, without a codec: what a framework can hope for.
//!
//! Calls wait in a slab of wakers and are written into one shared buffer; the server polls each handler
//! once in place and answers all requests of one read with one write. A floor, not a product: a
//! connection that fails leaves its calls waiting.

mod client;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;

use anyhow::Result;
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Peer;
use super::wire::{Frame, READ};
use client::Connection;

pub(super) struct FastFloor;

impl Peer for FastFloor {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(address).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve_one(stream));
        }
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection::new(stream))
    }
}

async fn handler(frame: Frame) -> Frame {
    frame.answer()
}

async fn serve_one(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(READ);
    let mut out = BytesMut::with_capacity(READ);
    while stream.read_buf(&mut buffer).await? > 0 {
        while let Some(frame) = Frame::take(&mut buffer)? {
            // boxed, as it must be when it may go on as a task of its own
            let mut running = Box::pin(handler(frame));
            match poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx))).await {
                Poll::Ready(reply) => reply.put(&mut out),
                Poll::Pending => running.await.put(&mut out),
            }
        }
        stream.write_all(&out).await?;
        out.clear();
        buffer.reserve(READ / 4);
    }
    Ok(())
}
