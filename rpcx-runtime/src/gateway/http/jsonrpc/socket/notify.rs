//! Pushes as notifications: `{"jsonrpc":"2.0","method":"Prices.Changed","params":{..}}`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::BytesMut;
use tokio::sync::mpsc;

use crate::connection::Limits;
use crate::context::PushWay;
use crate::protocol::{Codec, Compression, Decoded, Decoder, Frame, FrameLimits};

/// Notifications that wait for a connection at once.
const WAITING: usize = 1024;

/// The way to a peer that takes notifications.
pub(super) struct Notifier {
    sender: mpsc::Sender<Vec<u8>>,
    queued: Arc<AtomicUsize>,
    most: usize,
}

/// Those that wait.
pub(super) struct Queue {
    receiver: mpsc::Receiver<Vec<u8>>,
    queued: Arc<AtomicUsize>,
}

impl Notifier {
    pub(super) fn new(limits: &Limits) -> (Arc<Self>, Queue) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let queued = Arc::<AtomicUsize>::default();
        let notifier = Self {
            sender,
            queued: Arc::clone(&queued),
            most: limits.queued_bytes,
        };
        (Arc::new(notifier), Queue { receiver, queued })
    }
}

impl Queue {
    /// The next one; `None` when there can be no more.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        let text = self.receiver.recv().await?;
        self.queued.fetch_sub(text.len(), Ordering::Relaxed);
        Some(text)
    }
}

impl PushWay for Notifier {
    /// What is pushed by JSON-RPC is JSON.
    fn codec(&self) -> Option<Codec> {
        Some(Codec::JSON)
    }

    fn push(&self, append: &mut dyn FnMut(u64, &mut Vec<u8>)) -> Result<(), &'static str> {
        let mut bytes = Vec::new();
        append(0, &mut bytes);
        let limits = FrameLimits {
            body: usize::MAX,
            ..FrameLimits::SERVER
        };
        let decoded = Decoder::new(limits).decode(&mut BytesMut::from(&bytes[..]));
        let Ok(Decoded::Frame(frame)) = decoded else {
            return Err("the message is too long for a notification");
        };
        let text = notification(&frame)?;
        let length = text.len();
        if self.queued.fetch_add(length, Ordering::Relaxed) > self.most {
            self.queued.fetch_sub(length, Ordering::Relaxed);
            return Err("the peer reads too slowly");
        }
        self.sender.try_send(text).map_err(|error| {
            self.queued.fetch_sub(length, Ordering::Relaxed);
            match error {
                mpsc::error::TrySendError::Full(_) => "the peer reads too slowly",
                mpsc::error::TrySendError::Closed(_) => "the connection is closed",
            }
        })
    }
}

/// The notification that a frame stands for. Its metadata has no place in one.
fn notification(frame: &Frame) -> Result<Vec<u8>, &'static str> {
    if frame.header.codec() != Codec::JSON || frame.header.compress() != Compression::NONE {
        return Err("only JSON can be pushed by JSON-RPC");
    }
    let name = |bytes| std::str::from_utf8(bytes).map_err(|_| "the name is not UTF-8");
    let method = format!("{}.{}", name(frame.path())?, name(frame.method())?);
    let method = serde_json::to_string(&method).map_err(|_| "the name is not JSON")?;
    let mut out = format!(r#"{{"jsonrpc":"2.0","method":{method}"#).into_bytes();
    let params = frame.payload().trim_ascii();
    match params.first() {
        // Nothing, or `null`.
        None | Some(b'n') => {}
        Some(b'{' | b'[') => {
            out.extend_from_slice(br#","params":"#);
            out.extend_from_slice(params);
        }
        // Parameters are a list or an object.
        Some(_) => {
            out.extend_from_slice(br#","params":["#);
            out.extend_from_slice(params);
            out.push(b']');
        }
    }
    out.push(b'}');
    Ok(out)
}
