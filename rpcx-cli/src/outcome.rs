//! How a command ends: its exit code, what is said about it, and what to try.

use std::fmt;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use rpcx::{Error, ErrorKind, Rejection};

/// The end of every help page, and of the man page.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  it worked
  1  the method ran and answered with an error
  2  the command line, an address or a file cannot be used
  3  nothing was sent: no server could be reached
  4  the server refused the call and did not run it
  5  it is not known whether the method ran: no reply came in time, or the connection was lost";

/// What a command ended with that did not work.
#[derive(Debug)]
pub(crate) struct Outcome {
    code: u8,
    text: String,
    hint: Option<String>,
}

impl Outcome {
    /// Something that the caller of the program has to change.
    pub(crate) fn usage(text: impl fmt::Display) -> Self {
        Self {
            code: 2,
            text: text.to_string(),
            hint: None,
        }
    }

    /// Something that the server has not.
    pub(crate) fn refused(text: impl fmt::Display) -> Self {
        Self {
            code: 4,
            ..Self::usage(text)
        }
    }

    /// Whether a server has answered, and has not what was asked for.
    pub(crate) fn is_refused(&self) -> bool {
        self.code == 4
    }

    /// Says what to try, whatever was said before.
    #[must_use]
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Says what to try, unless that is said already.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// What went wrong, without what to try.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Prints it to standard error.
    pub(crate) fn tell(&self) -> ExitCode {
        let error = AnsiColor::Red.on_default().bold();
        let hint = AnsiColor::Cyan.on_default().bold();
        say("error", error, &self.text);
        if let Some(text) = &self.hint {
            say("try", hint, text);
        }
        ExitCode::from(self.code)
    }
}

fn say(name: &str, style: Style, text: &str) {
    anstream::eprintln!("{style}{name}:{style:#} {}", printable(text));
}

/// A text of a peer, without what would steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    let keep = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let shown = text.chars().map(|c| if keep(c) { c } else { '\u{fffd}' });
    shown.collect()
}

/// The exit code of a call that ended with this error.
pub(crate) fn code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Service => 1,
        ErrorKind::NotSent => 3,
        ErrorKind::Rejected(_) => 4,
        ErrorKind::Unknown => 5,
        // Setup, and whatever there will be.
        _ => 2,
    }
}

/// The name of what became of a call.
pub(crate) fn name(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Service => "service-error",
        ErrorKind::NotSent => "not-sent",
        ErrorKind::Rejected(_) => "rejected",
        ErrorKind::Unknown => "unknown",
        _ => "setup",
    }
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        let text = match error.kind() {
            ErrorKind::NotSent => format!("not sent: {}", error.message()),
            ErrorKind::Rejected(_) => format!("refused: {}", error.message()),
            ErrorKind::Unknown => format!("it may have run: {}", error.message()),
            _ => error.message().to_owned(),
        };
        let mut details = text;
        if let Some(code) = error.code() {
            details.push_str(&format!(" (code {code})"));
        }
        if let Some(data) = error.data() {
            details.push_str(&format!("\n{data}"));
        }
        Self {
            code: code(&error),
            text: details,
            hint: hint(&error).map(str::to_owned),
        }
    }
}

fn hint(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::NotSent if speaks_of(error, &["certificate"]) => {
            "`--ca FILE` trusts the authority that has signed it, `--server-name NAME` is the name that stands in it, `--insecure` does not ask"
        }
        ErrorKind::NotSent if speaks_of(error, &["tls handshake", "corrupt message", "TLS"]) => {
            "a server without TLS ends it like this: try without `--tls`, `--ca` and `--insecure`; one with TLS may want a certificate: `--cert`, `--key`"
        }
        ErrorKind::NotSent => {
            "is a server there, and on this network (`tcp@host:port`, `quic@..`, `ws@..`)? One with TLS needs `--tls` or `--ca FILE`"
        }
        ErrorKind::Unknown => {
            "call again if running it twice does no harm; `--timeout 60s` waits longer; a server with TLS closes the connection without `--tls`"
        }
        ErrorKind::Rejected(reason) => match reason {
            Rejection::Overloaded | Rejection::Draining => "call again in a moment",
            Rejection::UnknownMethod => {
                "names are as on the wire, with large first letters for most servers: `Arith.Mul`"
            }
            Rejection::Undecodable => {
                "names and types of the arguments have to be those of the server; `--codec msgpack` sends another codec"
            }
            Rejection::Expired => "give it longer: `--timeout 60s`",
            Rejection::Unauthenticated => {
                "give a token: `--token TOKEN` or the variable RPCX_TOKEN"
            }
            Rejection::Denied => "another token may be allowed to: `--token TOKEN`",
            _ => return None,
        },
        ErrorKind::Service if speaks_of(error, &["json: cannot unmarshal", "msgpack: "]) => {
            "a server in Go could not read the arguments: `--trait FILE`, with its file of Go or a trait file, checks them before they are sent"
        }
        _ => return None,
    })
}

/// Whether one of these is in the text of an error.
fn speaks_of(error: &Error, parts: &[&str]) -> bool {
    parts.iter().any(|part| error.message().contains(part))
}
