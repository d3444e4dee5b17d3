//! The two directions of a WebSocket as byte streams.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::halves::SplitSocket;
use super::super::socket::Socket;
use super::frames::{Control, FrameReader, Read, Violation};
use super::outgoing::{Half, Outgoing};

/// The code of a close for a frame that must not be.
const PROTOCOL_ERROR: u16 = 1002;

/// Makes a WebSocket of a socket that has been upgraded.
pub(super) fn web_socket(socket: Box<dyn Socket>, client: bool) -> Box<dyn Socket> {
    let identity = socket.identity();
    let (source, sink) = socket.halves();
    let outgoing = Outgoing::new(sink, client);
    let reader = Reader {
        source,
        frames: FrameReader::new(!client),
        outgoing: outgoing.clone(),
        owes: false,
        stage: Stage::Open,
    };
    let halves = (Box::new(reader) as _, Box::new(Writer(outgoing)) as _);
    Box::new(SplitSocket::new(halves, identity))
}

/// What the peer sends.
struct Reader {
    source: Box<dyn AsyncRead + Send + Unpin>,
    frames: FrameReader,
    outgoing: Outgoing,
    /// Whether an answer to the peer waits for room.
    owes: bool,
    stage: Stage,
}

/// How far the reading has come.
enum Stage {
    /// The peer sends messages.
    Open,
    /// It sends none any more, which is told once what came before is taken.
    Over(io::Result<()>),
    /// That was told. What still comes is dropped up to the end of the socket: a socket that is
    /// closed with bytes unread is reset, and takes with it what the peer has not read yet.
    Dropping,
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.owes {
            this.pay(cx);
        }
        let start = buf.filled().len();
        loop {
            match &mut this.stage {
                Stage::Open => {}
                _ if buf.filled().len() > start => return Poll::Ready(Ok(())),
                Stage::Over(end) => {
                    let end = std::mem::replace(end, Ok(()));
                    this.stage = Stage::Dropping;
                    return Poll::Ready(end);
                }
                Stage::Dropping => return this.poll_drop(cx, buf),
            }
            let (before, room) = (buf.filled().len(), buf.remaining());
            if room == 0 {
                return Poll::Ready(Ok(()));
            }
            match Pin::new(&mut this.source).poll_read(cx, buf) {
                Poll::Pending if before > start => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    this.stage = Stage::Over(Err(error));
                    continue;
                }
                Poll::Ready(Ok(())) => {}
            }
            let came = buf.filled().len() - before;
            if came == 0 {
                this.stage = Stage::Over(this.ended());
                continue;
            }
            let read = this.frames.read(&mut buf.filled_mut()[before..]);
            buf.set_filled(before + read.payload);
            this.follow(&read, cx);
            // A read that filled its room has more behind it.
            if buf.filled().len() > start && came < room {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Reader {
    /// Does what the frames ask for beside their payload.
    fn follow(&mut self, read: &Read, cx: &mut Context<'_>) {
        if let Some(pong) = read.pong {
            self.outgoing.lock().pong(pong);
            self.owes = true;
        }
        if let Some(close) = read.close {
            let mut outgoing = self.outgoing.lock();
            // After a close only the end of the socket is waited for.
            self.stage = match outgoing.has_closed() {
                true => Stage::Dropping,
                false => Stage::Over(Ok(())),
            };
            outgoing.peer_closed(close);
            drop(outgoing);
            self.owes = true;
        }
        if let Some(Violation(why)) = read.violation {
            let close = Control::close(PROTOCOL_ERROR, why);
            self.outgoing.lock().close(close);
            self.owes = true;
            let text = format!("the peer broke the WebSocket protocol: {why}");
            self.stage = Stage::Over(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        if self.owes {
            self.pay(cx);
        }
    }

    /// Takes what comes and drops it, until the socket ends in whatever way.
    fn poll_drop(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        loop {
            let read = ready!(Pin::new(&mut self.source).poll_read(cx, buf));
            let came = buf.filled().len() - before;
            buf.set_filled(before);
            if read.is_err() || came == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Sends what the peer is owed, as far as there is room. The writing half tells of errors.
    fn pay(&mut self, cx: &mut Context<'_>) {
        self.owes = self
            .outgoing
            .lock()
            .poll_control(Half::Reader, cx)
            .is_pending();
    }

    /// The end of the socket, which should have been announced by a close.
    fn ended(&self) -> io::Result<()> {
        match self.frames.is_between_messages() {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the stream ended in the middle of a WebSocket message",
            )),
        }
    }
}

/// What the peer gets.
struct Writer(Outgoing);

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.lock().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().poll_control(Half::Writer, cx)
    }

    /// Says goodbye and ends the sending side.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};

    use super::super::super::socket::Halves;
    use super::*;

    fn socket(end: DuplexStream) -> Box<dyn Socket> {
        let (reader, writer) = split(end);
        Box::new(SplitSocket::new((Box::new(reader), Box::new(writer)), None))
    }

    /// A WebSocket of one side, and the bytes of the other.
    fn against_bytes(room: usize, client: bool) -> (Halves, DuplexStream) {
        let (ours, theirs) = duplex(room);
        (web_socket(socket(ours), client).halves(), theirs)
    }

    async fn soon<T>(action: impl Future<Output = T>) -> T {
        let bounded = tokio::time::timeout(Duration::from_secs(20), action);
        bounded.await.expect("it takes no time")
    }

    #[tokio::test]
    async fn bytes_arrive_whole_both_ways_through_any_room() {
        let sent: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        for room in [1, 2, 3, 7, 64, 4096, 1 << 20] {
            let sent = &sent[..sent.len().min(room * 3000)];
            let (a, b) = duplex(room);
            let client = web_socket(socket(a), true).halves();
            let server = web_socket(socket(b), false).halves();
            let run = |(mut reader, mut writer): Halves| {
                let sent = sent.to_vec();
                async move {
                    let write = async {
                        for piece in sent.chunks(70_001) {
                            writer.write_all(piece).await.unwrap();
                            writer.flush().await.unwrap();
                        }
                        writer.write_all(b"the end").await.unwrap();
                        writer.flush().await.unwrap();
                    };
                    let mut received = vec![0; sent.len() + 7];
                    let read = reader.read_exact(&mut received);
                    let ((), read) = tokio::join!(write, read);
                    read.unwrap();
                    assert!(received == [&sent[..], b"the end"].concat());
                    let mut rest = [0; 9];
                    let end = tokio::join!(writer.shutdown(), reader.read(&mut rest));
                    assert!(matches!(end, (Ok(()), Ok(0))), "{end:?}");
                }
            };
            soon(async { tokio::join!(run(client), run(server)) }).await;
        }
    }

    #[tokio::test]
    async fn a_server_sends_what_is_in_the_rfc() {
        let ((_reader, mut writer), mut peer) = against_bytes(1 << 20, false);
        writer.write_all(b"Hello").await.unwrap();
        writer.write_all(&[7; 126]).await.unwrap();
        writer.write_all(&[8; 65_536]).await.unwrap();
        writer.shutdown().await.unwrap();
        let mut seen = Vec::new();
        soon(peer.read_to_end(&mut seen)).await.unwrap();
        let expected = [
            b"\x82\x05Hello\x82\x7e\x00\x7e".to_vec(),
            vec![7; 126],
            b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00".to_vec(),
            vec![8; 65_536],
            b"\x88\x02\x03\xe8".to_vec(),
        ];
        assert!(seen == expected.concat());
    }

    #[tokio::test]
    async fn pings_are_answered_between_frames() {
        let ((mut reader, mut writer), mut peer) = against_bytes(8, false);
        let mut buffer = [0; 16];
        let answered = async {
            let (read, written) = tokio::join!(reader.read(&mut buffer), async {
                writer.write_all(&[1; 20]).await?;
                writer.flush().await
            });
            written.unwrap();
            read.unwrap()
        };
        let asked = async {
            // Two of the twenty bytes and their header fit before the ping comes.
            peer.write_all(b"\x89\x81\x00\x00\x00\x00p").await.unwrap();
            let mut seen = [0; 2 + 20 + 3];
            peer.read_exact(&mut seen).await.unwrap();
            peer.write_all(b"\x82\x81\x00\x00\x00\x00x").await.unwrap();
            seen
        };
        let (read, seen) = soon(async { tokio::join!(answered, asked) }).await;
        assert_eq!((read, buffer[0]), (1, b'x'));
        let whole = [&b"\x82\x14"[..], &[1; 20]].concat();
        let before = [&b"\x8a\x01p"[..], &whole].concat();
        let behind = [&whole[..], b"\x8a\x01p"].concat();
        assert!(seen == *before || seen == *behind, "{seen:?}");
    }

    #[tokio::test]
    async fn a_peer_that_pings_and_does_not_read_gets_the_last_answer() {
        let ((mut reader, _writer), mut peer) = against_bytes(16, false);
        let reading = tokio::spawn(async move { reader.read(&mut [0; 16]).await });
        soon(async {
            for n in 0..10_000u32 {
                let ping = [&b"\x89\x84\x00\x00\x00\x00"[..], &n.to_be_bytes()].concat();
                peer.write_all(&ping).await.unwrap();
            }
            peer.write_all(b"\x82\x81\x00\x00\x00\x00x").await.unwrap();
            assert_eq!(reading.await.unwrap().unwrap(), 1);
        })
        .await;
        // What was in the pipe, and the one that waited: nothing else was kept.
        drop(_writer);
        let mut pongs = Vec::new();
        soon(peer.read_to_end(&mut pongs)).await.unwrap();
        assert!(pongs.starts_with(b"\x8a\x04\x00\x00\x00\x00"));
        assert!(pongs.len() <= 64, "{} bytes", pongs.len());
    }

    /// A byte `x` and a close with the code 1001, with a mask of zeros.
    const LAST: &[u8] = b"\x82\x81\x00\x00\x00\x00x\x88\x85\x00\x00\x00\x00\x03\xe9bye";

    #[tokio::test]
    async fn a_server_has_replies_to_send_before_it_answers_a_close() {
        let ((mut reader, mut writer), mut peer) = against_bytes(1024, false);
        peer.write_all(LAST).await.unwrap();
        let mut all = Vec::new();
        soon(reader.read_to_end(&mut all)).await.unwrap();
        assert_eq!(all, b"x");
        writer.write_all(b"late").await.unwrap();
        writer.flush().await.unwrap();
        let mut reply = [0; 6];
        soon(peer.read_exact(&mut reply)).await.unwrap();
        assert_eq!(&reply, b"\x82\x04late");
        writer.shutdown().await.unwrap();
        let mut seen = Vec::new();
        soon(peer.read_to_end(&mut seen)).await.unwrap();
        assert_eq!(seen, b"\x88\x02\x03\xe9", "once, and with its code");
    }

    #[tokio::test]
    async fn a_client_answers_a_close_at_once() {
        let ((mut reader, mut writer), mut peer) = against_bytes(1024, true);
        peer.write_all(b"\x82\x01x\x88\x05\x03\xe9bye")
            .await
            .unwrap();
        let mut all = Vec::new();
        soon(reader.read_to_end(&mut all)).await.unwrap();
        assert_eq!(all, b"x");
        let error = writer.write(b"late").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        writer.shutdown().await.unwrap();
        let mut seen = Vec::new();
        soon(peer.read_to_end(&mut seen)).await.unwrap();
        assert_eq!((seen[..2].to_vec(), seen.len()), (vec![0x88, 0x82], 8));
    }

    /// The first end is that of the messages, the second that of the socket.
    #[tokio::test]
    async fn what_follows_a_close_is_read_and_dropped_until_the_socket_ends() {
        for closed_before in [false, true] {
            let ((mut reader, mut writer), mut peer) = against_bytes(16, false);
            if closed_before {
                writer.shutdown().await.unwrap();
            }
            let mut buffer = [0; 64];
            let sent = async {
                peer.write_all(LAST).await.unwrap();
                peer.write_all(&[0x82; 10_000]).await.unwrap();
                drop(peer);
            };
            let read = async {
                assert_eq!(reader.read(&mut buffer).await.unwrap(), 1);
                assert_eq!(reader.read(&mut buffer).await.unwrap(), 0);
                if !closed_before {
                    assert_eq!(reader.read(&mut buffer).await.unwrap(), 0);
                }
            };
            // What is sent does not fit the pipe unless all of it is read.
            soon(async { tokio::join!(sent, read) }).await;
        }
    }

    #[tokio::test]
    async fn what_is_forbidden_is_refused_with_1002() {
        let ((mut reader, _writer), mut peer) = against_bytes(1024, false);
        peer.write_all(b"\x82\x81\x00\x00\x00\x00x\x82\x01y")
            .await
            .unwrap();
        let mut all = Vec::new();
        let error = soon(reader.read_to_end(&mut all)).await.unwrap_err();
        assert_eq!(
            (error.kind(), &all[..]),
            (io::ErrorKind::InvalidData, &b"x"[..])
        );
        let mut seen = [0; 4];
        soon(peer.read_exact(&mut seen)).await.unwrap();
        assert_eq!((seen[0], &seen[2..]), (0x88, &1002u16.to_be_bytes()[..]));
    }

    #[tokio::test]
    async fn the_end_of_the_socket_is_clean_between_messages_only() {
        for (bytes, clean) in [
            (&b"\x82\x01a"[..], true),
            (b"", true),
            (b"\x82\x02a", false),
        ] {
            let ((mut reader, _writer), mut peer) = against_bytes(1024, true);
            peer.write_all(bytes).await.unwrap();
            drop(peer);
            let ended = soon(reader.read_to_end(&mut Vec::new())).await;
            let expected = if clean {
                None
            } else {
                Some(io::ErrorKind::UnexpectedEof)
            };
            assert_eq!(ended.err().map(|error| error.kind()), expected, "{bytes:?}");
        }
    }
}
