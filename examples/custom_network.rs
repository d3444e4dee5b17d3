//! A network from outside the crate: TCP on which a client has to say a word before it is heard.
//!
//! A network is an implementation of `Connect` for clients and one of `Listen` for servers. What
//! they give is a stream of bytes; frames, limits, heartbeats and shutdown are as on any network.

use std::io;
use std::sync::Arc;

use rpcx::transport::{Address, BoxFuture, Connect, Incoming, Listen, Stream};
use rpcx::{Channel, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NETWORK: &str = "word";

/// Where to connect, and what to say there.
struct WordConnector {
    address: String,
    word: Arc<str>,
}

impl Connect for WordConnector {
    // The caller bounds how long this may take.
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let mut socket = TcpStream::connect(&self.address).await?;
            socket.set_nodelay(true)?;
            socket.write_all(self.word.as_bytes()).await?;
            Ok(stream(socket, &self.address))
        })
    }
}

struct WordListener {
    listener: TcpListener,
    address: Address,
    word: Arc<str>,
}

impl WordListener {
    async fn bind(address: &str, word: &Arc<str>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?.to_string();
        Ok(Self {
            listener,
            address: Address::custom(NETWORK, bound),
            word: Arc::clone(word),
        })
    }
}

impl Listen for WordListener {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            let (socket, peer) = self.listener.accept().await?;
            let word = Arc::clone(&self.word);
            // Not awaited here: others are accepted meanwhile, and the server's limits say how
            // long it may take and how many may be at it.
            Ok(Incoming::negotiating(async move {
                check_word(socket, &word, &peer.to_string()).await
            }))
        })
    }

    fn address(&self) -> Address {
        self.address.clone()
    }
}

async fn check_word(mut socket: TcpStream, word: &str, peer: &str) -> io::Result<Stream> {
    socket.set_nodelay(true)?;
    // Exactly as many bytes as the word has: what follows is the first frame.
    let mut said = vec![0; word.len()];
    socket.read_exact(&mut said).await?;
    if said != word.as_bytes() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the wrong word",
        ));
    }
    Ok(stream(socket, peer))
}

fn stream(socket: TcpStream, peer: &str) -> Stream {
    let (reader, writer) = socket.into_split();
    Stream::new(reader, writer, Address::custom(NETWORK, peer))
}

#[rpcx::service]
pub trait Greeter {
    /// Greets by name.
    async fn hello(&self, name: &str) -> rpcx::Result<String>;
}

struct Polite;

impl Greeter for Polite {
    async fn hello(&self, name: &str) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
}

fn client(address: &Address, word: &str) -> rpcx::Result<GreeterClient> {
    let connector = WordConnector {
        address: address.location().to_owned(),
        word: word.into(),
    };
    let builder = Channel::builder().connector(address.to_string(), connector);
    Ok(GreeterClient::new(builder.build_lazy()?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = WordListener::bind("127.0.0.1:0", &"sesame".into()).await?;
    // Beside it the same server may listen on any other network. If it had TLS, this listener would
    // have to be excepted from it: `listener_with(listener, ListenOptions::new().plaintext())`.
    let server = Server::builder()
        .register(GreeterServer::new(Polite))
        .listener(listener)
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    println!("{}", client(&address, "sesame")?.hello("friend").await?);
    let stranger = client(&address, "wheat!")?.hello("stranger").await;
    println!(
        "with another word: {}",
        if stranger.is_ok() { "in" } else { "out" }
    );

    handle.shutdown();
    serving.await??;
    let failed = handle.stats().failed_handshakes;
    println!("handshakes have failed: {}", failed > 0);
    Ok(())
}
