//! The control connection: the server's processor time, asked for by the client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Usage;

/// Server side: a thread that answers every byte with one line of JSON, the [`Usage`] of its process.
///
/// # Errors
/// No port on loopback or no thread could be had.
pub fn answer() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serve = move || {
        for stream in listener.incoming().flatten() {
            // a client that goes away ends its own conversation, the next one is still heard
            let _ = converse(stream);
        }
    };
    thread::Builder::new()
        .name("control".to_owned())
        .spawn(serve)?;
    Ok(address)
}

fn converse(mut stream: TcpStream) -> Result<()> {
    let mut question = [0; 1];
    while stream.read(&mut question)? == 1 {
        let mut line = serde_json::to_string(&Usage::own()?)?;
        line.push('\n');
        stream.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Client side: asks the server's process.
#[derive(Debug)]
pub struct Probe(BufReader<TcpStream>);

impl Probe {
    /// Connects to what [`answer`] returned.
    ///
    /// # Errors
    /// No server listens there.
    pub fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .with_context(|| format!("no control connection to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// What the server has used so far.
    ///
    /// # Errors
    /// The server is gone or answered something else.
    pub fn ask(&mut self) -> Result<Usage> {
        self.0.get_mut().write_all(b"?")?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("not a usage: `{}`", line.trim()))
    }
}
