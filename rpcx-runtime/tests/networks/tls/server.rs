//! A service written by hand that says who called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::__private::call_with;
use rpcx_runtime::client::{Response, Stub};
use rpcx_runtime::codec::{Coding, Family as _, Raw};
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::service::{
    CallSlot, MethodInfo, MethodRef, Reply, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::transport::tls::{ClientTls, Tls};
use rpcx_runtime::{Call, Channel, Result, Server, ServerHandle};

use super::socket::forget;

/// What is long enough for a busy machine; nothing is expected to take it.
pub(crate) const SOON: Duration = Duration::from_secs(20);

static ECHO: MethodInfo = MethodInfo::new(0, "Echo");
static WHO: MethodInfo = MethodInfo::new(1, "Who");
static INFO: ServiceInfo = ServiceInfo::new("Who", &[&ECHO, &WHO]);

#[derive(Clone, Debug, Default)]
pub(super) struct Who(Arc<AtomicUsize>);

impl Service for Who {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        let info = self.info();
        info.methods()
            .find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        let context = slot.context(&request);
        let give_back = |outcome: Result<Vec<u8>>, reply: &mut Reply<'_>| match outcome {
            Ok(bytes) => reply.payload(|_, out| {
                out.extend_from_slice(&bytes);
                Ok(())
            }),
            Err(error) => reply.error(error),
        };
        slot.run(
            async move {
                if method == 0 {
                    return Ok(request.payload().to_vec());
                }
                let identity = context.peer().and_then(|peer| peer.identity.clone());
                Ok(match identity {
                    Some(who) => format!("{:?} {:?}", who.dns_names, who.spiffe_id()),
                    None => "nobody".to_owned(),
                }
                .into_bytes())
            },
            give_back,
        );
    }
}

/// A server that ends with the test.
pub(crate) struct Running {
    pub(crate) address: String,
    pub(crate) handle: ServerHandle,
    runs: Arc<AtomicUsize>,
}

impl Running {
    pub(crate) async fn start(listen: &str, tls: Option<Tls>) -> Self {
        Self::start_with(listen, tls, |server| server).await
    }

    /// The same with more settings.
    pub(crate) async fn start_with(
        listen: &str,
        tls: Option<Tls>,
        settings: impl FnOnce(ServerBuilder) -> ServerBuilder,
    ) -> Self {
        let who = Who::default();
        let listen = match listen {
            // A socket file has one server; ports are chosen by the system.
            "unix@" => socket_file(),
            other => other.to_owned(),
        };
        let mut server = settings(Server::builder())
            .register(who.clone())
            .listen(&listen);
        if let Some(tls) = tls {
            server = server.tls(tls);
        }
        let server = server.bind().await.unwrap();
        let (address, handle) = (server.addresses()[0].to_string(), server.handle());
        tokio::spawn(server.serve());
        Self {
            address,
            handle,
            runs: who.0,
        }
    }

    /// How many requests have come through.
    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    pub(crate) async fn connect(&self, tls: ClientTls) -> Result<Client> {
        let channel = Channel::builder().address(&self.address).tls(tls);
        Ok(Client::new(channel.build().await?))
    }

    /// Connects and calls once: a refusal may come at either.
    pub(crate) async fn call(&self, tls: ClientTls) -> Result<Vec<u8>> {
        self.connect(tls).await?.echo(b"hello").await
    }
}

/// In the folder for temporary files.
pub(crate) fn socket_file() -> String {
    let name = format!("rpcx-tls-{}-{}.sock", std::process::id(), unique());
    format!("unix@{}", std::env::temp_dir().join(name).display())
}

impl Drop for Running {
    fn drop(&mut self) {
        forget(&self.address);
    }
}

/// What a generated client would be.
#[derive(Clone)]
pub(crate) struct Client(Stub);

impl Client {
    pub(crate) fn new(channel: Channel) -> Self {
        Self(Stub::new(channel, &INFO))
    }

    /// To `address`, connected with the first call.
    pub(crate) fn lazy(address: &str, tls: Option<ClientTls>) -> Self {
        let mut builder = Channel::builder().address(address).connect_timeout(SOON);
        if let Some(tls) = tls {
            builder = builder.tls(tls);
        }
        Self::new(builder.build_lazy().unwrap())
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

    pub(crate) async fn who(&self) -> String {
        String::from_utf8(self.call(&WHO, b"").await.unwrap()).unwrap()
    }
}

/// A number that no other test has: for names and serial numbers.
pub(crate) fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Waits until `holds`.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = tokio::time::Instant::now() + SOON;
    while !holds() {
        assert!(tokio::time::Instant::now() < until, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
