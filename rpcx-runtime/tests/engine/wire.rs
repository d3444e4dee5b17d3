//! One end of a connection that is played by the test: frames and other bytes, on any network.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use rpcx_runtime::protocol::{
    Codec, Decoded, Decoder, Frame, FrameEncoder, FrameLimits, Header, Metadata,
};
use rpcx_runtime::transport::Stream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// For what comes soon, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Wire {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    decoder: Decoder,
    buffer: BytesMut,
}

impl Wire {
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        Self::new(listener.accept().await.unwrap().0)
    }

    /// Of whichever end: frames are frames.
    pub(crate) fn new(socket: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (reader, writer) = tokio::io::split(socket);
        Self::of(Box::new(reader), Box::new(writer))
    }

    fn of(
        reader: Box<dyn AsyncRead + Send + Unpin>,
        writer: Box<dyn AsyncWrite + Send + Unpin>,
    ) -> Self {
        Self {
            reader,
            writer,
            decoder: Decoder::new(FrameLimits::CLIENT),
            buffer: BytesMut::new(),
        }
    }

    /// Waits until the other end has closed; it must have sent nothing more.
    pub(crate) async fn ended(mut self) {
        assert!(self.buffer.is_empty(), "{:?}", self.buffer);
        assert_eq!(self.reader.read_buf(&mut self.buffer).await.unwrap(), 0);
    }

    pub(crate) async fn next(&mut self) -> Frame {
        self.frame().await.expect("the other end has closed")
    }

    /// The next frame; none if the other end has closed, in good order or not.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        loop {
            match self.decoder.decode(&mut self.buffer).unwrap() {
                Decoded::Frame(frame) => return Some(frame),
                Decoded::Incomplete => {
                    if self.reader.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                        return None;
                    }
                }
                Decoded::Refused(..) => panic!("the other end has sent too much"),
            }
        }
    }

    /// Everything that comes until the other end has closed.
    pub(crate) async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        let all = async {
            while let Some(frame) = self.frame().await {
                frames.push(frame);
            }
        };
        let ended = tokio::time::timeout(PATIENCE, all).await;
        ended.expect("the other end does not close");
        frames
    }

    /// Takes up to so many bytes, and says how many: none at the end.
    pub(crate) async fn take(&mut self, most: usize) -> usize {
        let mut bytes = vec![0; most];
        self.reader.read(&mut bytes).await.unwrap_or(0)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).await.unwrap();
    }

    /// The other end may have closed.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes).await?;
        self.writer.flush().await
    }

    /// Sends no more, and still reads.
    pub(crate) async fn finish(&mut self) {
        let _ = self.writer.shutdown().await;
    }
}

impl From<Stream> for Wire {
    fn from(stream: Stream) -> Self {
        Self::of(stream.reader, stream.writer)
    }
}

/// The text of the error that a reply has.
pub(crate) fn error_of(frame: &Frame) -> String {
    let metadata = frame.metadata();
    metadata.error_text().unwrap_or_default().to_owned()
}

/// A frame of the service `Echo`.
pub(crate) fn frame_of(
    header: Header,
    method: &str,
    metadata: &Metadata,
    payload: &[u8],
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Echo", method.as_bytes());
    frame.metadata(metadata);
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

pub(crate) fn frame(header: Header, metadata: &Metadata, payload: &[u8]) -> Vec<u8> {
    frame_of(header, "Echo", metadata, payload)
}

pub(crate) fn request(seq: u64, method: &str, payload: &[u8]) -> Vec<u8> {
    let header = Header::request(seq, Codec::RAW);
    frame_of(header, method, &Metadata::new(), payload)
}

pub(crate) fn reply(seq: u64, payload: &[u8]) -> Vec<u8> {
    let header = Header::request(seq, Codec::RAW).reply();
    frame(header, &Metadata::new(), payload)
}

pub(crate) fn heartbeat(seq: u64) -> Vec<u8> {
    frame_of(Header::heartbeat(seq), "", &Metadata::new(), b"")
}
