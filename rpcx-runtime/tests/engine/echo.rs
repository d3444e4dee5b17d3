//! A service written by hand, and a client for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::__private::call_with;
use rpcx_runtime::client::{Response, Stub};
use rpcx_runtime::codec::{Coding, Family as _, Raw};
use rpcx_runtime::service::{
    CallSlot, Execution, MethodInfo, MethodRef, Reply, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::{Call, Channel, Error, Limits, Result, Server, ServerHandle};

static ECHO: MethodInfo = MethodInfo::new(0, "Echo");
static WAIT: MethodInfo = MethodInfo::new(1, "Wait");
static PANIC: MethodInfo = MethodInfo::new(2, "Panic");
static FAIL: MethodInfo = MethodInfo::new(3, "Fail");
static NOTE: MethodInfo = MethodInfo::new(4, "Note").oneway();
static CANCELLED: MethodInfo = MethodInfo::new(5, "Cancelled");
static WORK: MethodInfo = MethodInfo::new(6, "Work");
static HOLD: MethodInfo = MethodInfo::new(7, "Hold");
static FINISH: MethodInfo = MethodInfo::new(8, "Finish").run_to_end();
static LATER: MethodInfo = MethodInfo::new(9, "Later").oneway();
static LARGE: MethodInfo = MethodInfo::new(10, "Large");
static COMPUTE: MethodInfo = MethodInfo::new(11, "Compute").execution(Execution::Spawn);
static INFO: ServiceInfo = ServiceInfo::new(
    "Echo",
    &[
        &ECHO, &WAIT, &PANIC, &FAIL, &NOTE, &CANCELLED, &WORK, &HOLD, &FINISH, &LATER, &LARGE,
        &COMPUTE,
    ],
);

/// Counts what it has run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echo {
    pub(crate) runs: Arc<AtomicUsize>,
    pub(crate) cancelled: Arc<AtomicUsize>,
    /// Handlers that wait for ever and were dropped.
    pub(crate) dropped: Arc<AtomicUsize>,
    /// Handlers of `Finish`, `Later` and `Compute` that came to their end.
    pub(crate) finished: Arc<AtomicUsize>,
}

/// Counts that it was dropped.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Computes, and lets no other task of its thread run meanwhile.
fn work(time: Duration) {
    let began = std::time::Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn give_back(outcome: Result<Vec<u8>>, reply: &mut Reply<'_>) {
    match outcome {
        Ok(bytes) => reply.payload(|_, out| {
            out.extend_from_slice(&bytes);
            Ok(())
        }),
        Err(error) => reply.error(error),
    }
}

/// The payload of `Wait` is a number of milliseconds.
fn milliseconds(payload: &[u8]) -> u64 {
    String::from_utf8_lossy(payload).parse().unwrap_or(0)
}

impl Service for Echo {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        self.info()
            .methods()
            .find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        self.runs.fetch_add(1, Ordering::SeqCst);
        match method {
            1 => slot.run(
                async move {
                    tokio::time::sleep(Duration::from_millis(milliseconds(request.payload())))
                        .await;
                    Ok(request.payload().to_vec())
                },
                give_back,
            ),
            2 => slot.run(
                async move { panic!("with a secret: {request:?}") },
                give_back,
            ),
            3 => slot.run(
                async move { Err(Error::service("no such account").with_code(404)) },
                give_back,
            ),
            5 => {
                let (context, cancelled) = (slot.context(&request), Arc::clone(&self.cancelled));
                slot.run(
                    async move {
                        context.cancelled().await;
                        cancelled.fetch_add(1, Ordering::SeqCst);
                        Ok(Vec::new())
                    },
                    give_back,
                );
            }
            6.. => self.call_other(method, request, slot),
            _ => slot.run(async move { Ok(request.payload().to_vec()) }, give_back),
        }
    }
}

impl Echo {
    fn call_other(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        match method {
            6 => slot.run(
                async move {
                    work(Duration::from_micros(milliseconds(request.payload())));
                    Ok(Vec::new())
                },
                give_back,
            ),
            7 => {
                let guard = Guard(Arc::clone(&self.dropped));
                slot.run(
                    async move {
                        let _guard = guard;
                        std::future::pending().await
                    },
                    give_back,
                );
            }
            11 => {
                let finished = Arc::clone(&self.finished);
                slot.run(
                    async move {
                        work(Duration::from_micros(milliseconds(request.payload())));
                        finished.fetch_add(1, Ordering::SeqCst);
                        Ok(Vec::new())
                    },
                    give_back,
                );
            }
            8 | 9 => {
                let finished = Arc::clone(&self.finished);
                slot.run(
                    async move {
                        let time = Duration::from_millis(milliseconds(request.payload()));
                        tokio::time::sleep(time).await;
                        finished.fetch_add(1, Ordering::SeqCst);
                        Ok(Vec::new())
                    },
                    give_back,
                );
            }
            _ => slot.run(
                async move {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok(vec![7; milliseconds(request.payload()) as usize])
                },
                give_back,
            ),
        }
    }
}

/// A server on loopback that ends with the test.
pub(crate) struct Running {
    pub(crate) address: String,
    pub(crate) handle: ServerHandle,
    pub(crate) echo: Echo,
    pub(crate) task: tokio::task::JoinHandle<Result<()>>,
}

pub(crate) async fn start(limits: Limits) -> Running {
    start_at("tcp@127.0.0.1:0", limits).await
}

pub(crate) async fn start_at(address: &str, limits: Limits) -> Running {
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo.clone())
        .limits(limits)
        .listen(address)
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    Running {
        address,
        handle,
        echo,
        task: tokio::spawn(server.serve()),
    }
}

impl Running {
    pub(crate) fn runs(&self) -> usize {
        self.echo.runs.load(Ordering::SeqCst)
    }

    /// `host:port`, for plain sockets.
    pub(crate) fn socket(&self) -> &str {
        self.address.strip_prefix("tcp@").unwrap()
    }
}

/// What a generated client would be.
#[derive(Clone, Debug)]
pub(crate) struct EchoClient(pub(crate) Stub);

impl EchoClient {
    pub(crate) fn new(channel: impl Into<Channel>) -> Self {
        Self(Stub::new(channel, &INFO))
    }

    pub(crate) async fn connect(address: &str) -> Self {
        Self::new(Channel::connect(address).await.unwrap())
    }

    fn call(&self, method: &'static MethodInfo, payload: &[u8]) -> Call<Result<Vec<u8>>> {
        let pack = |_: Coding<'_>, out: &mut Vec<u8>| {
            out.extend_from_slice(payload);
            Ok(())
        };
        call_with(&self.0, method, Raw::choose, &pack, |_, outcome| {
            outcome.map(|response: Response| response.payload().to_vec())
        })
    }

    pub(crate) fn echo(&self, payload: &[u8]) -> Call<Result<Vec<u8>>> {
        self.call(&ECHO, payload)
    }
    pub(crate) fn wait(&self, milliseconds: u64) -> Call<Result<Vec<u8>>> {
        self.call(&WAIT, milliseconds.to_string().as_bytes())
    }
    pub(crate) fn panic(&self) -> Call<Result<Vec<u8>>> {
        self.call(&PANIC, b"argument")
    }
    pub(crate) fn fail(&self) -> Call<Result<Vec<u8>>> {
        self.call(&FAIL, b"")
    }
    /// A one-way call with this payload.
    pub(crate) fn note_of(&self, payload: &[u8]) -> Call<Result<Vec<u8>>> {
        self.call(&NOTE, payload)
    }
    pub(crate) fn note(&self) -> Call<Result<Vec<u8>>> {
        self.call(&NOTE, b"")
    }
    /// Computes for so many microseconds.
    pub(crate) fn work(&self, microseconds: u64) -> Call<Result<Vec<u8>>> {
        self.call(&WORK, microseconds.to_string().as_bytes())
    }
    pub(crate) fn hold(&self) -> Call<Result<Vec<u8>>> {
        self.call(&HOLD, b"")
    }
    pub(crate) fn finish(&self, milliseconds: u64) -> Call<Result<Vec<u8>>> {
        self.call(&FINISH, milliseconds.to_string().as_bytes())
    }
    pub(crate) fn later(&self, milliseconds: u64) -> Call<Result<Vec<u8>>> {
        self.call(&LATER, milliseconds.to_string().as_bytes())
    }
    pub(crate) fn cancelled(&self) -> Call<Result<Vec<u8>>> {
        self.call(&CANCELLED, b"")
    }
}
