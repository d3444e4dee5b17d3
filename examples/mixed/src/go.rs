//! Builds and runs the Go program in `go/`.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The built Go program.
pub(crate) struct Program(PathBuf);

/// The Go program as a server, until this is dropped.
pub(crate) struct Server {
    child: Child,
    /// `host:port`
    pub(crate) address: String,
}

/// Builds the program beside what this package has generated; `None` where there is no `go`.
pub(crate) fn build() -> io::Result<Option<Program>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
    let program = Path::new(env!("OUT_DIR")).join(format!("stock{}", std::env::consts::EXE_SUFFIX));
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program).arg(".");
    match build.current_dir(source).status() {
        Ok(status) if status.success() => Ok(Some(Program(program))),
        Ok(_) => Err(io::Error::other("the Go program could not be built")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Program {
    /// Starts it as a server and waits until it listens.
    pub(crate) fn serve(&self) -> io::Result<Server> {
        let child = Command::new(&self.0).stdout(Stdio::piped()).spawn()?;
        let mut server = Server {
            child,
            address: String::new(),
        };
        if let Some(output) = server.child.stdout.take() {
            let mut line = String::new();
            BufReader::new(output).read_line(&mut line)?;
            line.trim().clone_into(&mut server.address);
        }
        Ok(server)
    }

    /// Runs it as a client and gives what it prints.
    pub(crate) fn call(&self, address: &str) -> io::Result<String> {
        let output = Command::new(&self.0)
            .arg(address)
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other("the Go client failed"));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(said.trim_end().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
