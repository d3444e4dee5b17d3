//! What shells and readers of manuals have of the program.

mod methods;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap_complete::env::Shells;

use crate::outcome::Outcome;
use crate::{cli, show};

pub(crate) use methods::method_names;

const COMPLETIONS: &str = "\
Examples:
  rpcx completions bash > ~/.local/share/bash-completion/completions/rpcx
  rpcx completions zsh > ~/.zfunc/_rpcx
  rpcx completions fish > ~/.config/fish/completions/rpcx.fish

The names of methods are asked of the server whose address stands before them, for half a second at most.";

/// The variable by which a shell asks for completions.
pub(crate) const VARIABLE: &str = "COMPLETE";

/// Prints the completions for a shell: of commands, options and names of methods
#[derive(Args, Debug)]
#[command(after_help = COMPLETIONS)]
pub(crate) struct CompletionOptions {
    shell: ShellName,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ShellName {
    Bash,
    Zsh,
    Fish,
}

/// Writes the manual pages into a folder
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  rpcx man ~/.local/share/man/man1 && man rpcx-call")]
pub(crate) struct ManOptions {
    /// A folder that exists
    folder: PathBuf,
}

/// Runs `rpcx completions`.
pub(crate) fn completions(options: &CompletionOptions) -> Result<ExitCode, Outcome> {
    let name = match options.shell {
        ShellName::Bash => "bash",
        ShellName::Zsh => "zsh",
        ShellName::Fish => "fish",
    };
    let shells = Shells::builtins();
    let shell = shells.completer(name);
    let shell = shell.ok_or_else(|| Outcome::usage(format!("no completions for {name}")))?;
    let mut script = Vec::new();
    let written = shell.write_registration(VARIABLE, "rpcx", "rpcx", "rpcx", &mut script);
    written.map_err(Outcome::usage)?;
    show::print_bytes(&script).map(|()| ExitCode::SUCCESS)
}

/// Runs `rpcx man`.
pub(crate) fn man(options: &ManOptions) -> Result<ExitCode, Outcome> {
    let folder = &options.folder;
    let written = clap_mangen::generate_to(cli::command(), folder);
    let wrong = |error| Outcome::usage(format!("{}: {error}", folder.display()));
    written.map_err(wrong).map(|()| ExitCode::SUCCESS)
}
