//! The one error a caller sees, classified by what is known about the call.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

/// A `Result` whose error is [`Error`] unless another one is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call, a connection or a server did not do what was asked.
///
/// [`kind`](Self::kind) says what is known about the call, and so what may be done next; the text
/// says what happened; [`source`](StdError::source) has the cause where there is one.
///
/// ```
/// use rpcx::{Error, ErrorKind};
///
/// let error = Error::service("no such account").with_code(404);
/// assert_eq!(error.kind(), ErrorKind::Service);
/// assert_eq!(error.code(), Some(404));
/// assert_eq!(error.to_string(), "no such account");
/// ```
pub struct Error(Box<Repr>);

struct Repr {
    kind: ErrorKind,
    message: Cow<'static, str>,
    code: Option<i64>,
    data: Option<String>,
    /// Shared: when a connection is lost, its calls have one cause.
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// Made by [`Error::refuse`], on this side.
    refusal: bool,
}

/// What a peer is told of what happens inside of a handler.
const INTERNAL: &str = "internal error";

/// What is known about a call that did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The method ran and answered with an error of its own. Never retried.
    Service,
    /// No byte of the request was handed to the network: calling again is always safe.
    NotSent,
    /// The server says that it did not run the method.
    Rejected(Rejection),
    /// The request left this process and no valid reply came: the method may or may not have run.
    Unknown,
    /// Not a call: an address, an option, a certificate or a socket that cannot be used.
    Setup,
}

/// Why a server refused to run a method.
///
/// On the wire it is the metadata value of `__rpcx_rejected`, next to the text that Go peers read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// A limit of the server is reached; another try, after a pause, may succeed.
    Overloaded,
    /// The server is shutting down; another server may take the call.
    Draining,
    /// Not this server but another one has to take the call: the leader of a group, the owner of a key. A channel with
    /// several nodes that [fails over](crate::client::FailMode::Failover) tries another one at once.
    Elsewhere,
    /// The service or the method does not exist there.
    UnknownMethod,
    /// The arguments, or their codec or compression, could not be read.
    Undecodable,
    /// The deadline had passed before the method was started.
    Expired,
    /// The request needs credentials that it does not carry.
    Unauthenticated,
    /// The caller may not call this method.
    Denied,
    /// A reason this version does not know.
    Other,
}

impl Rejection {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Draining => "draining",
            Self::Elsewhere => "elsewhere",
            Self::UnknownMethod => "unknown-method",
            Self::Undecodable => "undecodable",
            Self::Expired => "expired",
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::Other => "other",
        }
    }

    /// What a peer is told unless a handler or an authorization says it in its own words.
    fn text(self) -> &'static str {
        match self {
            Self::Overloaded => "server overloaded",
            Self::Draining => "the server is shutting down",
            Self::Elsewhere => "another server has to take this call",
            Self::UnknownMethod => "no such method",
            Self::Undecodable => "the arguments cannot be decoded",
            Self::Expired => "the deadline passed before the method was started",
            Self::Unauthenticated => "not authenticated",
            Self::Denied => "permission denied",
            Self::Other => "the server refuses this call",
        }
    }

    /// The reason behind a name on the wire; [`Rejection::Other`] for a name it does not know.
    pub fn from_wire(name: &str) -> Self {
        match name {
            "overloaded" => Self::Overloaded,
            "draining" => Self::Draining,
            "elsewhere" => Self::Elsewhere,
            "unknown-method" => Self::UnknownMethod,
            "undecodable" => Self::Undecodable,
            "expired" => Self::Expired,
            "unauthenticated" => Self::Unauthenticated,
            "denied" => Self::Denied,
            _ => Self::Other,
        }
    }
}

/// The name on the wire.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that [`as_str`](Rejection::as_str) gives, and no other: a name from the wire is for
/// [`from_wire`](Rejection::from_wire).
impl FromStr for Rejection {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match Self::from_wire(text) {
            Self::Other if text != Self::Other.as_str() => {
                let expected = "overloaded, draining, unknown-method, undecodable, expired, unauthenticated, denied or other";
                Err(UnknownName::new(text, "rejection", expected))
            }
            known => Ok(known),
        }
    }
}

/// A text that names no value of the type it was parsed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    text: String,
    what: &'static str,
    expected: &'static str,
}

impl UnknownName {
    #[cold]
    pub(crate) fn new(text: &str, what: &'static str, expected: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            what,
            expected,
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text,
            what,
            expected,
        } = self;
        write!(f, "`{text}` is no {what}: it is {expected}")
    }
}

impl StdError for UnknownName {}

impl Error {
    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self(Box::new(Repr {
            kind,
            message,
            code: None,
            data: None,
            source: None,
            refusal: false,
        }))
    }

    /// A method's own answer: what a handler returns when it ran and says no.
    pub fn service(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Service, message)
    }

    /// What a handler returns when something inside of it failed: its caller is told "internal error"
    /// and no more, and `cause` stays in this process, as the [`source`](StdError::source) that layers
    /// and logs see. Any error will do, also one of `anyhow`.
    ///
    /// ```
    /// fn port(text: &str) -> rpcx::Result<u16> {
    ///     text.parse().map_err(rpcx::Error::internal)
    /// }
    ///
    /// let error = port("http").unwrap_err();
    /// assert_eq!(error.to_string(), "internal error");
    /// assert!(std::error::Error::source(&error).is_some());
    /// ```
    ///
    /// [`OrInternal`] does the same with a text of your own.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::service(INTERNAL).with_source(cause)
    }

    /// What a handler returns that has made the call it answers of another server, and not a call of its own: its caller
    /// learns of that call what is known here. One that was refused there was refused, one that
    /// was not sent on did not run, and one that may have run may have run. What the method has
    /// answered stays its answer.
    ///
    /// ```no_run
    /// # async fn f(servers: rpcx::Channel) -> rpcx::Result<()> {
    /// use rpcx::Error;
    ///
    /// let reply = servers.raw("Arith", "Mul").call("{}").await;
    /// let reply = reply.map_err(Error::forwarded)?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        match self.0.kind {
            ErrorKind::Service => self.0.refusal = false,
            ErrorKind::Setup => (self.0.kind, self.0.refusal) = (ErrorKind::NotSent, true),
            _ => self.0.refusal = true,
        }
        self
    }

    /// Nothing was handed to the network.
    pub fn not_sent(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::NotSent, message)
    }

    /// What a handler returns to refuse a call without having done anything for it: its caller may
    /// make it again, here or elsewhere, where the reason allows that.
    ///
    /// Any other error that a handler returns is an answer of the method, which has run: an error of a
    /// call that the handler made itself is a [`Service`](ErrorKind::Service) error to its own caller,
    /// whatever kind it has in the handler.
    ///
    /// ```
    /// use rpcx::{Error, ErrorKind, Rejection};
    ///
    /// let error = Error::refuse(Rejection::Overloaded, "the pool of connections is empty");
    /// assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    /// ```
    pub fn refuse(reason: Rejection, message: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::rejected(reason, message);
        error.0.refusal = true;
        error
    }

    /// What a caller learns of a call that the server did not run. A handler that refuses a call
    /// returns [`refuse`](Self::refuse).
    pub fn rejected(reason: Rejection, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Rejected(reason), message)
    }

    /// Sent, and no valid reply came.
    pub fn unknown(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unknown, message)
    }

    /// An address, option or socket that cannot be used.
    pub fn setup(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Setup, message)
    }

    /// Adds a code, which Rust callers read with [`code`](Self::code) and Go callers in the
    /// metadata key `rpcx-error-code`.
    #[must_use]
    pub fn with_code(mut self, code: i64) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Adds machine-readable details (JSON, by convention), carried in `rpcx-error-data`.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<String>) -> Self {
        self.0.data = Some(data.into());
        self
    }

    /// Adds the cause. It stays in this process.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// Adds a cause that other errors have too.
    #[must_use]
    pub(crate) fn with_cause(mut self, cause: Arc<io::Error>) -> Self {
        self.0.source = Some(cause);
        self
    }

    /// The same error with another [`kind`](Self::kind).
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self.0.refusal = false;
        self
    }

    /// The same error as one that was made by [`refuse`](Self::refuse).
    pub(crate) fn into_refusal(mut self, reason: Rejection) -> Self {
        (self.0.kind, self.0.refusal) = (ErrorKind::Rejected(reason), true);
        self
    }

    /// Whether it was made by [`refuse`](Self::refuse) or [`forwarded`](Self::forwarded) on this side, and so says something about the
    /// call that is being answered.
    pub(crate) fn is_refusal(&self) -> bool {
        self.0.refusal
    }

    /// The same, and that the call did not run.
    pub(crate) fn says_not_run(&self) -> bool {
        self.0.refusal && self.0.kind != ErrorKind::Unknown
    }

    /// What is known about the call.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened, without the cause.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The code given with [`with_code`](Self::with_code) on the other side.
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// The details given with [`with_data`](Self::with_data) on the other side.
    pub fn data(&self) -> Option<&str> {
        self.0.data.as_deref()
    }

    /// Whether the same call may be made again without running the method twice.
    ///
    /// True for [`ErrorKind::NotSent`], and for a server that is overloaded or draining, or says that another one has to
    /// take the call.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::NotSent
                | ErrorKind::Rejected(
                    Rejection::Overloaded | Rejection::Draining | Rejection::Elsewhere
                )
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind)
            .field("message", &self.0.message);
        if let Some(code) = self.0.code {
            out.field("code", &code);
        }
        if let Some(data) = &self.0.data {
            out.field("data", data);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}

/// The text becomes a [`Error::service`], so a handler may write `Err("no such account".into())`.
impl From<&'static str> for Error {
    fn from(message: &'static str) -> Self {
        Self::service(message)
    }
}

/// The text becomes a [`Error::service`].
impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::service(message)
    }
}

/// As [`Error::internal`]: a handler may use `?` on files and sockets of its own, and its caller learns
/// nothing of them.
impl From<io::Error> for Error {
    fn from(cause: io::Error) -> Self {
        Self::internal(cause)
    }
}

/// Turns the errors of other libraries into errors of a handler, with a text for the caller.
///
/// ```
/// use rpcx::OrInternal as _;
///
/// fn port(text: &str) -> rpcx::Result<u16> {
///     text.parse().or_internal("the port cannot be read")
/// }
///
/// assert_eq!(port("http").unwrap_err().to_string(), "the port cannot be read");
/// ```
pub trait OrInternal<T> {
    /// The value, or an [`ErrorKind::Service`] with `text` for the caller. The error that it was stays
    /// in this process, as the [`source`](StdError::source) of the new one.
    ///
    /// # Errors
    /// If there was one.
    fn or_internal(self, text: impl Into<Cow<'static, str>>) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> OrInternal<T> for Result<T, E> {
    fn or_internal(self, text: impl Into<Cow<'static, str>>) -> Result<T> {
        self.map_err(|cause| Error::service(text).with_source(cause))
    }
}

/// Refuses a call as [`Error::refuse`] does, with the usual text for this reason.
impl From<Rejection> for Error {
    fn from(reason: Rejection) -> Self {
        Self::refuse(reason, reason.text())
    }
}

/// The error type of an rpcx method: it travels as an [`Error`] and comes back as itself.
///
/// `#[derive(rpcx::ServiceError)]` writes both directions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error type of an rpcx method",
    note = "return `rpcx::Result<T>`, or an enum of your own with `#[derive(rpcx::ServiceError)]`",
    note = "for errors of other libraries there are `.map_err(rpcx::Error::internal)?` and `rpcx::OrInternal`"
)]
pub trait ServiceError: Sized + Send + 'static {
    /// What the other side gets: the text for every peer, code and data for Rust.
    fn into_error(self) -> Error;
    /// Every way a call can fail, as one of the caller's own variants.
    fn from_error(error: Error) -> Self;
}

impl ServiceError for Error {
    fn into_error(self) -> Error {
        self
    }
    fn from_error(error: Error) -> Self {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejections_survive_the_wire() {
        for reason in [
            Rejection::Overloaded,
            Rejection::Draining,
            Rejection::Elsewhere,
            Rejection::UnknownMethod,
            Rejection::Undecodable,
            Rejection::Expired,
            Rejection::Unauthenticated,
            Rejection::Denied,
            Rejection::Other,
        ] {
            assert_eq!(Rejection::from_wire(reason.as_str()), reason);
            assert_eq!(reason.to_string().parse(), Ok(reason));
        }
        "from the future".parse::<Rejection>().unwrap_err();
        assert_eq!(Rejection::from_wire("from the future"), Rejection::Other);
    }

    #[test]
    fn only_what_cannot_have_run_is_retryable() {
        assert!(Error::not_sent("x").is_retryable());
        assert!(Error::rejected(Rejection::Draining, "x").is_retryable());
        assert!(!Error::rejected(Rejection::Denied, "x").is_retryable());
        assert!(!Error::unknown("x").is_retryable());
        assert!(!Error::service("x").is_retryable());
    }

    #[test]
    fn an_error_is_one_pointer() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }
}
