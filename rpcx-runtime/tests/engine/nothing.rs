//! Methods without arguments, as generated code declares them, on requests that are no request for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx_runtime::__private::{Method, NoArgs, Plain, Raw, Serde, decode, reply};
use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::service::{
    CallSlot, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::{Result, Server};
use tokio::net::TcpStream;

use crate::wire::Wire as Frames;

static INFO: ServiceInfo = ServiceInfo::new("Ledger", &[Touch::INFO, TouchRaw::INFO, Tell::INFO]);

macro_rules! method {
    ($name:ident, $family:ty, $info:expr) => {
        struct $name;
        impl Method for $name {
            type Family = $family;
            type Args<'a> = NoArgs;
            type Form = Plain;
            type Ret = Result<()>;
            const INFO: &'static MethodInfo = &$info;
        }
    };
}
method!(Touch, Serde, MethodInfo::new(0, "Touch"));
method!(TouchRaw, Raw, MethodInfo::new(1, "TouchRaw"));
method!(Tell, Serde, MethodInfo::new(2, "Tell").oneway());

/// Counts executions.
#[derive(Clone, Debug, Default)]
struct Ledger(Arc<AtomicUsize>);

impl Ledger {
    fn run<M>(&self, request: Request, slot: &mut CallSlot<'_>)
    where
        M: for<'a> Method<Args<'a> = NoArgs, Ret = Result<()>>,
    {
        let entries = Arc::clone(&self.0);
        let handler = async move {
            let () = decode::<M>(&request)?;
            entries.fetch_add(1, Ordering::SeqCst);
            Ok(Ok(()))
        };
        slot.run(handler, reply::<M>);
    }
}

impl Service for Ledger {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        let info = self.info();
        info.methods()
            .find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        match method {
            0 => self.run::<Touch>(request, slot),
            1 => self.run::<TouchRaw>(request, slot),
            _ => self.run::<Tell>(request, slot),
        }
    }
}

fn request(header: Header, method: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Ledger", method.as_bytes());
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

/// What Go clients send for no arguments: nil, an empty struct, any struct.
const NOTHING: [&[u8]; 3] = [b"\xc0", b"\x80", b"\x81\xa1A\x01"];

/// No value, a value that is cut, no msgpack, and a value with another behind it.
const MALFORMED: [&[u8]; 4] = [b"", b"\x93\x01", b"\xc1", b"\xc0\xc0"];

#[tokio::test]
async fn a_method_without_arguments_runs_for_nothing_and_not_for_malformed_requests() {
    let ledger = Ledger::default();
    let server = Server::builder().register(ledger.clone());
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let socket = TcpStream::connect(address.strip_prefix("tcp@").unwrap());
    let socket = socket.await.unwrap();
    socket.set_nodelay(true).unwrap();
    let mut frames = Frames::new(socket);
    let payloads = NOTHING.iter().chain(&MALFORMED);
    for (method, payload) in ["Touch", "TouchRaw", "Tell"]
        .into_iter()
        .flat_map(|method| payloads.clone().map(move |payload| (method, payload)))
    {
        for codec in (0..16).filter_map(Codec::new) {
            let fits = match method {
                "TouchRaw" => codec == Codec::RAW && payload.is_empty(),
                _ => codec == Codec::MSGPACK && NOTHING.contains(payload),
            };
            let header = Header::request(1, codec);
            let header = if method == "Tell" {
                header.oneway()
            } else {
                header
            };
            // answered when everything before it is done
            let last = request(Header::request(2, Codec::RAW), "Nowhere", b"");
            frames
                .send(&[request(header, method, payload), last].concat())
                .await;
            let case = format!("{method}, codec {}, {payload:02x?}", codec.number());
            if method != "Tell" {
                let reply = frames.next().await;
                assert_eq!(reply.header.status() == 0, fits, "{case}");
            }
            assert_eq!(frames.next().await.header.seq, 2);
            let entries = ledger.0.swap(0, Ordering::SeqCst);
            assert_eq!(entries, usize::from(fits), "{case}");
        }
    }
}
