//! One run: a fresh server process and a client process.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use super::cores::Cores;
use crate::load::{Idle, Outcome};
use crate::mode::Mode;
use crate::options::Options;

/// A program that can be server and client of a peer: this one, or one in another language.
pub(super) struct Program {
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// Ends with its owner, whatever happened.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts both processes and reads what the client prints. With a `rate` calls begin at their own times.
    pub(super) fn measure(
        &self,
        mode: Mode,
        rate: Option<f64>,
        options: &Options,
    ) -> Result<Outcome> {
        let address = free_address()?.to_string();
        let cores = mode.one_core.then(Cores::part).transpose()?;
        let (_server, control) = self.server(&address, cores.as_ref(), options)?;
        let mut client = Command::new(&self.path);
        client.args([
            "client",
            &self.name,
            &address,
            &mode.name.to_string(),
            "--control",
            &control,
        ]);
        pass_on(options, &["secs", "warm", "workers", "pause"], &mut client);
        if let Some(rate) = rate {
            client.arg("--rate").arg(rate.to_string());
        }
        let mut run = || {
            let client = client.stdin(Stdio::null()).stderr(Stdio::inherit());
            client.output()
        };
        let output = match &cores {
            Some(cores) => cores.on_the_others(run)?,
            None => run(),
        }?;
        printed(&output)
    }

    /// Starts both processes; the client opens so many connections and prints what they cost.
    pub(super) fn idle(&self, connections: usize, options: &Options) -> Result<Idle> {
        let address = free_address()?.to_string();
        let (_server, control) = self.server(&address, None, options)?;
        let mut client = Command::new(&self.path);
        client.args(["client", &self.name, &address, "idle"]);
        client.args(["--control", &control]);
        client.args(["--connections", &connections.to_string()]);
        pass_on(options, &["workers"], &mut client);
        printed(
            &client
                .stdin(Stdio::null())
                .stderr(Stdio::inherit())
                .output()?,
        )
    }

    fn server(
        &self,
        address: &str,
        cores: Option<&Cores>,
        options: &Options,
    ) -> Result<(Server, String)> {
        let mut command = Command::new(&self.path);
        command.args(["server", &self.name, address]);
        pass_on(options, &["workers"], &mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let child = match cores {
            Some(cores) => cores.on_the_first(|| command.spawn())?,
            None => command.spawn(),
        };
        let mut server = Server(child.with_context(|| format!("{}", self.path.display()))?);
        let stdout = server.0.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let control = line.trim().strip_prefix("control ");
        let control = control.with_context(|| format!("the server printed `{}`", line.trim()))?;
        Ok((server, control.to_owned()))
    }
}

/// What a client has printed.
fn printed<T: DeserializeOwned>(output: &Output) -> Result<T> {
    if !output.status.success() {
        bail!("the client ended with {}", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).with_context(|| format!("the client printed `{text}`"))
}

fn pass_on(options: &Options, names: &[&str], command: &mut Command) {
    for name in names {
        if let Some(value) = options.text(name) {
            command.arg(format!("--{name}")).arg(value);
        }
    }
}

/// Some peers cannot say which port they got, so one is picked for them.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
