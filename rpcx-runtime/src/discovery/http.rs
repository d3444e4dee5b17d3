//! HTTP/1.1 as registries need it: JSON over one connection, to the first of several servers that
//! answers, and an answer that comes line by line for as long as it lasts.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::remote::{Background, Remote, Server};
use crate::error::{Error, Result};
use crate::sync::lock;
use crate::task;

/// Of an answer, and of a line of one: more than 10,000 nodes with a kilobyte of metadata each need.
const MAX_ANSWER: usize = 32 << 20;

/// How much of what a server says about an error becomes part of ours.
const MAX_REASON: usize = 300;

/// The servers of one registry.
pub(super) struct Endpoints {
    /// `etcd`, for errors.
    registry: &'static str,
    servers: Vec<Server>,
    /// The one to begin with: the last that has answered, or the one behind it if it has failed since.
    first: Arc<AtomicUsize>,
}

/// Which server a connection is to.
struct Turn {
    first: Arc<AtomicUsize>,
    at: usize,
    next: usize,
}

impl Turn {
    /// The next connection goes to another server, unless that is so already.
    fn pass_over(&self) {
        let ordering = Ordering::Relaxed;
        let _ = self
            .first
            .compare_exchange(self.at, self.next, ordering, ordering);
    }
}

impl Endpoints {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if a host or an option cannot be used.
    pub(super) fn new(registry: &'static str, remote: &Remote) -> Result<Self> {
        let servers = remote.hosts.iter().map(|host| Server::new(host, remote));
        Ok(Self {
            registry,
            servers: servers.collect::<Result<_>>()?,
            first: Arc::default(),
        })
    }

    /// How long each server may take to answer from now on.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        for server in &mut self.servers {
            server.patience = patience;
        }
    }

    #[cfg(test)]
    pub(super) fn patience(&self) -> Duration {
        self.servers[0].patience
    }

    /// A connection to the first server that takes one; the error of the last one otherwise.
    pub(super) async fn connect(&self) -> Result<Connection> {
        let mut failed = None;
        for _ in 0..self.servers.len() {
            let at = self.first.load(Ordering::Relaxed) % self.servers.len();
            match self.open(at).await {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    failed = Some((at, error));
                    self.turn(at).pass_over();
                }
            }
        }
        Err(match failed {
            Some((at, error)) => self.servers[at].unreachable(self.registry, error),
            None => Error::setup(format!("{} has no servers", self.registry)),
        })
    }

    fn turn(&self, at: usize) -> Turn {
        Turn {
            first: Arc::clone(&self.first),
            at,
            next: (at + 1) % self.servers.len(),
        }
    }

    async fn open(&self, at: usize) -> io::Result<Connection> {
        let server = &self.servers[at];
        let stream = server.open().await?;
        let io = TokioIo::new(tokio::io::join(stream.reader, stream.writer));
        let (sender, driver) = handshake(io).await.map_err(io::Error::other)?;
        // Its error is that of the request that it concerns, or of the next one, which would not be told.
        let lost = Arc::new(Mutex::new(None));
        let cause = Arc::clone(&lost);
        let driver = task::spawn(async move { *lock(&cause) = driver.await.err() });
        Ok(Connection {
            registry: self.registry,
            host: server.host.clone(),
            turn: self.turn(at),
            sender,
            driver: Background(driver),
            lost,
            headers: Vec::new(),
            patience: server.patience,
        })
    }
}

/// An open connection, for one request at a time.
pub(super) struct Connection {
    registry: &'static str,
    host: String,
    turn: Turn,
    sender: SendRequest<Full<Bytes>>,
    driver: Background,
    /// Why it has ended.
    lost: Arc<Mutex<Option<hyper::Error>>>,
    /// Sent with each request.
    headers: Vec<(&'static str, String)>,
    patience: Duration,
}

impl Connection {
    /// Sends this header with each request from now on.
    pub(super) fn header(&mut self, name: &'static str, value: String) {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
    }

    /// Whether the server has closed it, as servers do with those that are idle.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// The answer to a request, of any status; `wait` is how long the server was asked to take for it.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
        wait: Duration,
    ) -> Result<Answer> {
        let (body, patience) = (body.into(), self.patience);
        let whole = async {
            let response = self.send(method, path, body).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await;
            let body = body.map_err(|error| self.broken(path, error))?;
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes(),
            })
        };
        match timeout(patience + wait, whole).await {
            Ok(answered) => answered,
            Err(_) => Err(self.broken(path, io::Error::from(io::ErrorKind::TimedOut))),
        }
    }

    /// The same for JSON that is sent with `POST`, and must be answered with success.
    pub(super) async fn post(&mut self, path: &str, body: &serde_json::Value) -> Result<Bytes> {
        let answer = self.ask(Method::POST, path, body.to_string(), Duration::ZERO);
        let answer = answer.await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(self.refused(path, &answer))
    }

    /// The answer line by line; it uses the connection up.
    pub(super) async fn lines(mut self, path: &str, body: &serde_json::Value) -> Result<Lines> {
        let (patience, body) = (self.patience, body.to_string().into());
        let asked = timeout(patience, self.send(Method::POST, path, body)).await;
        let late = |_| self.broken(path, io::Error::from(io::ErrorKind::TimedOut));
        let response = asked.map_err(late)??;
        if response.status().is_success() {
            return Ok(Lines {
                path: path.to_owned(),
                body: response.into_body(),
                begun: BytesMut::new(),
                connection: self,
            });
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect();
        let body = timeout(self.patience, body).await.ok().and_then(Result::ok);
        let body = body
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        Err(self.refused(
            path,
            &Answer {
                status,
                headers,
                body,
            },
        ))
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body));
        let request = request.map_err(|error| self.broken(path, error))?;
        let sent = match self.sender.ready().await {
            Ok(()) => self.sender.send_request(request).await,
            Err(closed) => Err(closed),
        };
        match sent {
            Ok(answer) => Ok(answer),
            Err(error) => {
                let error = self.cause_of(error).await;
                Err(self.broken(path, error))
            }
        }
    }

    /// Why the connection has ended, for a request that was not sent because it had: a server that does not take the certificate of
    /// its client says so before the first.
    async fn cause_of(&mut self, error: hyper::Error) -> hyper::Error {
        if !error.is_closed() && !error.is_canceled() {
            return error;
        }
        // It is at its end, and leaves its error there.
        if !self.driver.0.is_finished() {
            let _ended = timeout(self.patience, &mut self.driver.0).await;
        }
        lock(&self.lost).take().unwrap_or(error)
    }

    fn broken(
        &self,
        path: &str,
        error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        self.turn.pass_over();
        let (registry, host, error) = (self.registry, &self.host, error.into());
        // The parameters of a request may hold a token.
        let path = path.split('?').next().unwrap_or_default();
        let why = with_causes(&*error);
        let text = format!("{registry} at {host}: no answer to {path}: {why}");
        Error::setup(text).with_source(error)
    }

    /// What an answer without success says.
    pub(super) fn refused(&self, path: &str, answer: &Answer) -> Error {
        if answer.status.is_server_error() {
            self.turn.pass_over();
        }
        let (registry, host, status) = (self.registry, &self.host, answer.status);
        let path = path.split('?').next().unwrap_or_default();
        let reason = String::from_utf8_lossy(&answer.body);
        let reason: String = reason.trim().chars().take(MAX_REASON).collect();
        Error::setup(format!(
            "{registry} at {host}: {path} was answered with {status}: {reason}"
        ))
    }

    /// An answer that is not what it should be.
    pub(super) fn strange(&self, path: &str, why: &dyn std::fmt::Display) -> Error {
        let (registry, host) = (self.registry, &self.host);
        Error::setup(format!(
            "{registry} at {host}: the answer to {path} cannot be read: {why}"
        ))
    }
}

/// What hyper says of a lost connection leaves out why it was lost, such as a certificate that was missing.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| cause.source()) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// What a server has said.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The value of a header.
    #[cfg_attr(
        not(feature = "consul"),
        allow(dead_code, reason = "consul alone has headers")
    )]
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer that comes in lines.
pub(super) struct Lines {
    path: String,
    body: Incoming,
    /// What has come of the next line.
    begun: BytesMut,
    connection: Connection,
}

impl Lines {
    /// The next line, without its end; it may be long in coming. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Bytes> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.begun[searched..]
                .iter()
                .position(|byte| *byte == b'\n')
            {
                let line = self.begun.split_to(searched + end + 1);
                return Ok(line.freeze().slice(..searched + end));
            }
            searched = self.begun.len();
            if searched > MAX_ANSWER {
                return Err(self
                    .connection
                    .strange(&self.path, &"a line without an end"));
            }
            let frame = match self.body.frame().await {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Err(self.connection.broken(&self.path, error)),
                None => {
                    let ended = io::Error::from(io::ErrorKind::UnexpectedEof);
                    return Err(self.connection.broken(&self.path, ended));
                }
            };
            if let Some(data) = frame.data_ref() {
                self.begun.extend_from_slice(data);
            }
        }
    }
}
