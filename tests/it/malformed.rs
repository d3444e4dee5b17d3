//! Requests, pushes and replies whose payload is not one well-formed value of the method's codec: no handler
//! runs, and no call succeeds. The methods and replies without a value are those that could go on without
//! reading it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use rpcx::protocol::{Decoded, Decoder, Frame, FrameEncoder, FrameLimits, Header, Metadata};
use rpcx::{Channel, Codec, ErrorKind, Rejection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::color_group::ColorGroup;

#[rpcx::service]
trait Ledger {
    async fn none(&self) -> rpcx::Result<()>;
    #[rpcx(spawn)]
    async fn none_spawned(&self) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn none_oneway(&self) -> rpcx::Result<()>;
    async fn unit(&self, nothing: ()) -> rpcx::Result<()>;
    async fn one(&self, number: u32) -> rpcx::Result<()>;
    async fn two(&self, a: u32, #[rpcx(default)] b: u32) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn two_oneway(&self, a: Option<u32>, b: Option<u32>) -> rpcx::Result<()>;
    #[rpcx(codec = "raw")]
    async fn raw_none(&self) -> rpcx::Result<()>;
    #[rpcx(codec = "raw", oneway)]
    async fn raw_none_oneway(&self) -> rpcx::Result<()>;
    #[rpcx(codec = "raw")]
    async fn raw_unit(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "protobuf")]
    async fn prost_unit(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "protobuf", oneway)]
    async fn prost_unit_oneway(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "protobuf")]
    async fn prost_one(&self, text: String) -> rpcx::Result<()>;
    #[rpcx(codec = "thrift")]
    async fn thrift_unit(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "thrift", oneway)]
    async fn thrift_unit_oneway(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "thrift")]
    async fn thrift_one(&self, group: ColorGroup) -> rpcx::Result<()>;
    #[rpcx(name = "Count")]
    async fn count(&self, nothing: ()) -> rpcx::Result<()>;
}

/// Counts the executions.
#[derive(Clone, Default)]
struct Book(Arc<AtomicUsize>);

impl Book {
    fn enter(&self) -> rpcx::Result<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// The executions since the last time.
    fn entries(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

macro_rules! entries {
    ($($method:ident($($argument:ty),*);)*) => {
        impl Ledger for Book {
            $(entries!(@ $method ($($argument),*));)*
            async fn count(&self, (): ()) -> rpcx::Result<()> {
                Ok(())
            }
        }
    };
    (@ $method:ident ()) => {
        async fn $method(&self) -> rpcx::Result<()> { self.enter() }
    };
    (@ $method:ident ($a:ty)) => {
        async fn $method(&self, _: $a) -> rpcx::Result<()> { self.enter() }
    };
    (@ $method:ident ($a:ty, $b:ty)) => {
        async fn $method(&self, _: $a, _: $b) -> rpcx::Result<()> { self.enter() }
    };
}

entries! {
    none();
    none_spawned();
    none_oneway();
    unit(());
    one(u32);
    two(u32, u32);
    two_oneway(Option<u32>, Option<u32>);
    raw_none();
    raw_none_oneway();
    raw_unit(());
    prost_unit(());
    prost_unit_oneway(());
    prost_one(String);
    thrift_unit(());
    thrift_unit_oneway(());
    thrift_one(ColorGroup);
}

/// The families, by what their methods' names begin with.
const FAMILIES: [(&str, &[Codec]); 4] = [
    ("Raw", &[Codec::RAW]),
    ("Prost", &[Codec::PROTOBUF]),
    ("Thrift", &[Codec::THRIFT]),
    ("", &[Codec::MSGPACK, Codec::JSON]),
];

/// A method, and whether it takes nothing: then every value will do.
const METHODS: [(&str, bool); 16] = [
    ("None", true),
    ("NoneSpawned", true),
    ("NoneOneway", true),
    ("Unit", true),
    ("One", false),
    ("Two", false),
    ("TwoOneway", false),
    ("RawNone", true),
    ("RawNoneOneway", true),
    ("RawUnit", true),
    ("ProstUnit", true),
    ("ProstUnitOneway", true),
    ("ProstOne", false),
    ("ThriftUnit", true),
    ("ThriftUnitOneway", true),
    ("ThriftOne", false),
];

/// Payloads, and the codecs in which each is one well-formed value that can stand for nothing.
const PAYLOADS: [(&[u8], &[Codec]); 22] = [
    (b"", &[Codec::RAW, Codec::PROTOBUF]),
    (b"\xc0", &[Codec::MSGPACK]),
    (b"\x80", &[Codec::MSGPACK]),
    (b"\x82\xa1A\x01\xa1B\x02", &[Codec::MSGPACK]),
    (b"\x07", &[Codec::MSGPACK]),
    (b"\x93\x01", &[]),
    (b"\x81\xa1", &[]),
    (b"\xc1", &[]),
    (b"\xc0\xc0", &[]),
    (b"\xdd\xff\xff\xff\xff", &[]),
    (b"null", &[Codec::JSON]),
    (b"{}", &[Codec::JSON]),
    (br#"{"A":[1]}"#, &[Codec::JSON]),
    (br#"{"A":1"#, &[]),
    (b"{} {}", &[]),
    (b"\"\xff\"", &[]),
    (b"\0", &[Codec::THRIFT, Codec::MSGPACK]),
    (b"\x08\0\x01\0\0\0\x07\0", &[Codec::THRIFT]),
    (b"\x08\0\x01\0\0\0", &[]),
    (b"\0\0", &[]),
    (b"\x0a\x02hi", &[Codec::PROTOBUF]),
    (b"\x0a\x05hi", &[]),
];

fn family(method: &str) -> &'static [Codec] {
    let found = FAMILIES.iter().find(|(name, _)| method.starts_with(name));
    found.unwrap().1
}

fn frame(header: Header, method: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Ledger", method.as_bytes());
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

/// A connection that reads and writes frames.
struct Frames {
    socket: TcpStream,
    decoder: Decoder,
    buffer: BytesMut,
}

impl Frames {
    fn new(socket: TcpStream) -> Self {
        socket.set_nodelay(true).unwrap();
        Self {
            socket,
            decoder: Decoder::new(FrameLimits::SERVER),
            buffer: BytesMut::new(),
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
    }

    /// The next frame, or `None` at the end.
    async fn read(&mut self) -> Option<Frame> {
        loop {
            match self.decoder.decode(&mut self.buffer).unwrap() {
                Decoded::Frame(frame) => return Some(frame),
                Decoded::Incomplete => {}
                other => panic!("{other:?}"),
            }
            if self.socket.read_buf(&mut self.buffer).await.unwrap() == 0 {
                return None;
            }
        }
    }

    /// Waits until everything that was sent before is done, one-way methods too.
    async fn settle(&mut self) {
        let header = Header::request(u64::MAX, Codec::MSGPACK);
        self.write(&frame(header, "Count", b"\xc0")).await;
        assert_eq!(self.read().await.unwrap().header.seq, u64::MAX);
    }
}

/// Makes one call for each method, payload and codec, and gives what is expected and what came.
async fn each(mut check: impl AsyncFnMut(&str, bool, Codec, &[u8])) {
    for (method, takes_nothing) in METHODS {
        for (payload, well_formed) in PAYLOADS {
            for codec in (0..16).filter_map(Codec::new) {
                let fits = family(method).contains(&codec) && well_formed.contains(&codec);
                // the types of arguments have tests of their own
                if takes_nothing || !fits {
                    check(method, fits, codec, payload).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_method_runs_for_one_well_formed_value_and_for_nothing_else() {
    let book = Book::default();
    let server = rpcx::Server::builder()
        .register(LedgerServer::new(book.clone()))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let socket = TcpStream::connect(address.strip_prefix("tcp@").unwrap());
    let mut frames = Frames::new(socket.await.unwrap());
    each(async |method, fits, codec, payload| {
        for oneway in [false, true] {
            // nothing tells when a task has run that sends no reply
            if oneway && method == "NoneSpawned" {
                continue;
            }
            let header = Header::request(1, codec);
            let header = if oneway { header.oneway() } else { header };
            frames.write(&frame(header, method, payload)).await;
            let case = format!("{method}, codec {}, {payload:02x?}", codec.number());
            if !oneway {
                let reply = frames.read().await.unwrap();
                let status = u8::from(!fits);
                assert_eq!(reply.header.status(), status, "{case}: {reply:?}");
                if !fits {
                    let metadata = reply.metadata();
                    let reason = Rejection::Undecodable.as_str();
                    assert_eq!(metadata.get("__rpcx_rejected"), Some(reason), "{case}");
                }
            }
            frames.settle().await;
            assert_eq!(book.entries(), usize::from(fits), "{case}, {oneway}");
        }
    })
    .await;
}

/// Only one-way methods can be pushed to.
#[rpcx::service(name = "Ledger", client = false)]
trait Pushes {
    #[rpcx(oneway)]
    async fn none_oneway(&self) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn two_oneway(&self, a: Option<u32>, b: Option<u32>) -> rpcx::Result<()>;
    #[rpcx(codec = "raw", oneway)]
    async fn raw_none_oneway(&self) -> rpcx::Result<()>;
    #[rpcx(codec = "protobuf", oneway)]
    async fn prost_unit_oneway(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "thrift", oneway)]
    async fn thrift_unit_oneway(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn count(&self, id: u64) -> rpcx::Result<()>;
}

struct Pushed {
    book: Book,
    counted: tokio::sync::mpsc::UnboundedSender<u64>,
}

impl Pushes for Pushed {
    async fn none_oneway(&self) -> rpcx::Result<()> {
        self.book.enter()
    }
    async fn two_oneway(&self, _: Option<u32>, _: Option<u32>) -> rpcx::Result<()> {
        self.book.enter()
    }
    async fn raw_none_oneway(&self) -> rpcx::Result<()> {
        self.book.enter()
    }
    async fn prost_unit_oneway(&self, (): ()) -> rpcx::Result<()> {
        self.book.enter()
    }
    async fn thrift_unit_oneway(&self, (): ()) -> rpcx::Result<()> {
        self.book.enter()
    }
    async fn count(&self, id: u64) -> rpcx::Result<()> {
        self.counted.send(id).map_err(|_| "the test ended".into())
    }
}

#[tokio::test]
async fn a_push_runs_for_one_well_formed_value_and_for_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let (channel, accepted) = tokio::join!(Channel::connect(&address), listener.accept());
    let (channel, mut frames) = (channel.unwrap(), Frames::new(accepted.unwrap().0));
    let (book, (counted, mut counts)) = (Book::default(), tokio::sync::mpsc::unbounded_channel());
    let pushed = Pushed {
        book: book.clone(),
        counted,
    };
    channel.serve(PushesServer::new(pushed)).unwrap();
    each(async |method, fits, codec, payload| {
        if !method.ends_with("Oneway") {
            return;
        }
        let header = Header::request(1, codec).oneway();
        frames.write(&frame(header, method, payload)).await;
        let last = Header::request(1, Codec::MSGPACK).oneway();
        frames.write(&frame(last, "Count", b"\x07")).await;
        let count = tokio::time::timeout(Duration::from_secs(20), counts.recv());
        assert_eq!(count.await.unwrap(), Some(7));
        let case = format!("{method}, codec {}, {payload:02x?}", codec.number());
        assert_eq!(book.entries(), usize::from(fits), "{case}");
    })
    .await;
}

/// Answers every request with the codec and the payload that are set.
async fn answer(listener: TcpListener, next: Arc<Mutex<(Codec, Vec<u8>)>>) {
    let mut frames = Frames::new(listener.accept().await.unwrap().0);
    while let Some(request) = frames.read().await {
        let (codec, payload) = next.lock().unwrap().clone();
        let header = Header::request(request.header.seq, codec).reply();
        frames.write(&frame(header, "", &payload)).await;
    }
}

#[tokio::test]
async fn a_reply_without_a_value_is_one_well_formed_value() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let next = Arc::new(Mutex::new((Codec::RAW, Vec::new())));
    tokio::spawn(answer(listener, Arc::clone(&next)));
    let client = LedgerClient::new(Channel::connect(&address).await.unwrap());
    each(async |method, fits, codec, payload| {
        *next.lock().unwrap() = (codec, payload.to_vec());
        let outcome = match method {
            "None" => client.none().await,
            "Unit" => client.unit(()).await,
            "One" => client.one(1).await,
            "Two" => client.two(1, 2).await,
            "RawNone" => client.raw_none().await,
            "RawUnit" => client.raw_unit(()).await,
            "ProstUnit" => client.prost_unit(()).await,
            "ProstOne" => client.prost_one(String::new()).await,
            "ThriftUnit" => client.thrift_unit(()).await,
            "ThriftOne" => client.thrift_one(ColorGroup::new(1, "", &[])).await,
            _ => return,
        };
        let case = format!("{method}, codec {}, {payload:02x?}", codec.number());
        let expected = if fits {
            Ok(())
        } else {
            Err(ErrorKind::Unknown)
        };
        assert_eq!(outcome.map_err(|error| error.kind()), expected, "{case}");
    })
    .await;
}
