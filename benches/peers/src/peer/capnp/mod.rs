//! capnp-rpc over TCP, as its own programs build it: buffered streams, `TCP_NODELAY` on, the calls of a connection and
//! its `RpcSystem` in one `LocalSet`. What it makes cannot leave its thread, so there is one such thread for each worker
//! that the other peers have, and connections are dealt out to them in turn.

mod message;
mod worker;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use capnp_gen::bench_capnp::bench;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{RpcSystem, twoparty};
use futures_util::io::{BufReader, BufWriter};
use send_wrapper::SendWrapper;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use super::{Client, Peer};
use crate::message::{BLOB, Template};
use message::{read, write};
use worker::Worker;

struct Bencher;

impl bench::Server for Bencher {
    async fn say(
        self: Rc<Self>,
        params: bench::SayParams,
        mut results: bench::SayResults,
    ) -> Result<(), capnp::Error> {
        let message = read(params.get()?.get_message()?)?.answered();
        write(&message, results.get().init_message())
    }

    async fn mul(
        self: Rc<Self>,
        params: bench::MulParams,
        mut results: bench::MulResults,
    ) -> Result<(), capnp::Error> {
        let args = params.get()?;
        results.get().set_c(args.get_a().wrapping_mul(args.get_b()));
        Ok(())
    }

    async fn blob(
        self: Rc<Self>,
        params: bench::BlobParams,
        mut results: bench::BlobResults,
    ) -> Result<(), capnp::Error> {
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }
}

type Network = twoparty::VatNetwork<BufReader<Compat<OwnedReadHalf>>>;

/// Of a socket that this thread waits for.
fn network(stream: TcpStream, side: Side) -> Result<Box<Network>> {
    stream.set_nodelay(true)?;
    let (input, output) = stream.into_split();
    let input = BufReader::new(input.compat());
    let output = BufWriter::new(output.compat_write());
    Ok(Box::new(twoparty::VatNetwork::new(
        input,
        output,
        side,
        capnp::message::ReaderOptions::default(),
    )))
}

thread_local! {
    /// The connections of this thread, for the rest of the process.
    static CONNECTIONS: RefCell<Vec<bench::Client>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Capnp;

impl Peer for Capnp {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(address).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let stream = stream.into_std()?;
            let served = Worker::next()?.run(async move || {
                let network = network(TcpStream::from_std(stream)?, Side::Server)?;
                let bench: bench::Client = capnp_rpc::new_client(Bencher);
                tokio::task::spawn_local(RpcSystem::new(network, Some(bench.client)));
                anyhow::Ok(())
            });
            served.await??;
        }
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let worker = Worker::next()?;
        let opened = worker.run(async move || {
            let network = network(TcpStream::connect(address).await?, Side::Client)?;
            let mut system = RpcSystem::new(network, None);
            let bench = system.bootstrap(Side::Server);
            tokio::task::spawn_local(system);
            CONNECTIONS.with_borrow_mut(|all| {
                all.push(bench);
                anyhow::Ok(all.len() - 1)
            })
        });
        let number = opened.await??;
        Ok(Connection { worker, number })
    }
}

/// Where a connection is. Calls are made on its thread alone, so callers [`stay`](Client::stay) there.
#[derive(Clone)]
pub(super) struct Connection {
    worker: &'static Worker,
    number: usize,
}

impl Connection {
    /// A request of it; another thread has no such connection.
    fn request<R>(&self, begin: impl FnOnce(&bench::Client) -> R) -> Result<R> {
        CONNECTIONS.with_borrow(|all| {
            let bench = all.get(self.number);
            bench
                .map(begin)
                .context("a call on a thread that does not have the connection")
        })
    }
}

impl Client for Connection {
    async fn stay<T: Send + 'static>(
        self,
        caller: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        self.worker.run(move || caller).await
    }

    fn say(&self, template: &'static Template) -> impl Future<Output = Result<()>> + Send {
        SendWrapper::new(async move {
            let mut request = self.request(bench::Client::say_request)?;
            write(&template.message.clone(), request.get().init_message())?;
            let reply = request.send().promise.await?;
            let message = read(reply.get()?.get_message()?)?;
            ensure!(message.is_answer(), "a wrong reply to Say");
            Ok(())
        })
    }

    fn mul(&self, a: i32, b: i32) -> impl Future<Output = Result<i32>> + Send {
        SendWrapper::new(async move {
            let mut request = self.request(bench::Client::mul_request)?;
            request.get().set_a(a);
            request.get().set_b(b);
            Ok(request.send().promise.await?.get()?.get_c())
        })
    }

    fn blob(&self, template: &'static Template) -> impl Future<Output = Result<()>> + Send {
        SendWrapper::new(async move {
            let mut request = self.request(bench::Client::blob_request)?;
            request.get().set_data(&template.blob);
            let reply = request.send().promise.await?;
            let length = reply.get()?.get_data()?.len();
            ensure!(length == BLOB, "{length} bytes in the reply to Blob");
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::{self, Plan};
    use crate::mode;

    /// A server on a thread of its own, for the rest of the process.
    async fn served() -> SocketAddr {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        std::thread::spawn(move || {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            let runtime = builder.worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(Capnp::serve(address)).unwrap();
        });
        address
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_mode_of_it_is_answered() {
        let address = served().await;
        for letter in "abcdeghi".chars() {
            let plan = Plan {
                mode: mode::named(letter).unwrap(),
                warm: Duration::ZERO,
                measured: Duration::ZERO,
                calls: Some(300),
                rate: None,
                pause: Duration::ZERO,
                control: None,
            };
            let outcome = load::run::<Capnp>(address, plan).await.unwrap();
            assert_eq!((outcome.calls, outcome.errors), (300, 0), "mode {letter}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_call_from_another_thread_fails_and_a_caller_that_stays_is_answered() {
        let address = served().await;
        let client = loop {
            if let Ok(client) = Capnp::connect(address).await {
                break client;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert!(client.mul(6, 7).await.is_err());
        let caller = client.clone();
        let product = client.stay(async move { caller.mul(6, 7).await });
        assert_eq!(product.await.unwrap().unwrap(), 42);
    }
}
