//! Names of methods for completions, asked of the server that the command line names.

use std::ffi::OsStr;
use std::time::Duration;

use clap::Parser as _;
use clap_complete::CompletionCandidate;

use crate::connect::ConnectOptions;
use crate::describe::ask;

/// How long the server may take before there is no completion.
const PATIENCE: Duration = Duration::from_millis(500);

/// The connection without options: those of the command line may not be whole yet.
#[derive(clap::Parser)]
struct Plain {
    #[command(flatten)]
    connect: ConnectOptions,
}

/// The methods that begin with what was written so far.
pub(crate) fn method_names(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    let names = address()
        .and_then(|address| names(&address))
        .unwrap_or_default();
    let fitting = names.into_iter().filter(|name| name.starts_with(current));
    fitting.map(CompletionCandidate::new).collect()
}

/// The address among the words that are being completed: `rpcx -- rpcx call ADDRESS Ar`.
fn address() -> Option<String> {
    let words = std::env::args().skip_while(|word| word != "--").skip(1);
    address_among(words)
}

/// The first word behind the command that looks like an address.
fn address_among(words: impl Iterator<Item = String>) -> Option<String> {
    words.skip(2).find(|word| {
        !word.starts_with('-') && (word.contains('@') || word.contains(':')) && !word.contains('=')
    })
}

fn names(address: &str) -> Option<Vec<String>> {
    let plain = Plain::try_parse_from(["rpcx"]).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    let asked = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, ask(&plain.connect, address, None, PATIENCE)).await
    });
    asked.ok()?.ok().map(|document| document.names())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_behind_options() {
        let found = |line: &str| address_among(line.split(' ').map(str::to_owned));
        assert_eq!(
            found("rpcx call --gzip tcp@h:1 Ar").as_deref(),
            Some("tcp@h:1")
        );
        assert_eq!(found("rpcx call -m a=b:c h:1 ").as_deref(), Some("h:1"));
        assert_eq!(found("rpcx call "), None);
    }
}
