//! Real registries on loopback: started, killed, started again, and gone with the test.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to answer: zookeeper on a busy machine needs 10 s.
const START: Duration = Duration::from_secs(60);

/// A registry, which ends when this is dropped.
pub(crate) struct Registry {
    kind: Kind,
    program: PathBuf,
    pub(crate) folder: PathBuf,
    ports: Vec<u16>,
    child: Option<Child>,
    /// Added to the command line at the next start.
    pub(crate) options: Vec<String>,
}

/// What is known of a program.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    program: &'static str,
    /// Names the program, in place of the switch for all.
    switch: Option<&'static str>,
    /// Debian has it in these.
    from: &'static str,
    ports: usize,
    command: fn(&Registry) -> Command,
    is_ready: fn(u16) -> bool,
}

pub(crate) const ETCD: Start = Start(Kind {
    name: "etcd",
    program: "etcd",
    switch: None,
    from: "etcd-server",
    ports: 2,
    command: etcd,
    is_ready: |port| asked(port, "GET /health HTTP/1.0\r\n\r\n").contains("\"true\""),
});

/// A registry that can be started.
pub(crate) struct Start(Kind);

impl Start {
    /// The registry, once it answers; `None` where it is neither installed nor required.
    pub(crate) fn start(&self) -> Option<Registry> {
        self.start_with(&[])
    }

    /// The same with further options on its command line.
    pub(crate) fn start_with(&self, options: &[&str]) -> Option<Registry> {
        let mut registry = Registry {
            kind: self.0,
            program: found(&self.0)?,
            folder: folder(self.0.name),
            ports: (0..self.0.ports).map(|_| free_port()).collect(),
            child: None,
            options: options.iter().map(|&option| option.to_owned()).collect(),
        };
        registry.run();
        Some(registry)
    }

    /// The same, not yet running.
    pub(crate) fn later(&self) -> Option<Registry> {
        let mut registry = self.start()?;
        registry.kill();
        registry.wipe();
        Some(registry)
    }
}

impl Registry {
    /// `host:port`
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    pub(crate) fn port(&self) -> u16 {
        self.ports[0]
    }

    /// Starts it again, with the data that it had.
    pub(crate) fn run(&mut self) {
        let log = fs::File::create(self.folder.join("log")).unwrap();
        let mut command = (self.kind.command)(self);
        command.args(&self.options).current_dir(&self.folder);
        command
            .stdin(Stdio::null())
            .stderr(log.try_clone().unwrap());
        let child = command.stdout(log).spawn();
        self.child = Some(child.unwrap_or_else(|why| panic!("{}: {why}", self.program.display())));
        let deadline = Instant::now() + START;
        while !(self.kind.is_ready)(self.port()) {
            let ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().unwrap());
            if ended.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                panic!("{} does not answer ({ended:?}):\n{log}", self.kind.name);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops and continues it.
    pub(crate) fn signal(&self, name: &str) {
        let child = self.child.as_ref().expect("it runs");
        let mut kill = Command::new("kill");
        let kill = kill.arg(format!("-{name}")).arg(child.id().to_string());
        assert!(kill.status().unwrap().success());
    }

    /// Takes its data away, while it is not running.
    pub(crate) fn wipe(&self) {
        assert!(self.child.is_none(), "it would not notice");
        let _ = fs::remove_dir_all(self.folder.join("data"));
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn etcd(registry: &Registry) -> Command {
    let url = |port: u16| format!("http://127.0.0.1:{port}");
    let (clients, peers) = (url(registry.ports[0]), url(registry.ports[1]));
    let mut command = Command::new(&registry.program);
    command
        .args(["--name", "t", "--unsafe-no-fsync", "--data-dir"])
        .arg(registry.data());
    command.args([
        "--listen-client-urls",
        &clients,
        "--advertise-client-urls",
        &clients,
    ]);
    command.args([
        "--listen-peer-urls",
        &peers,
        "--initial-advertise-peer-urls",
        &peers,
    ]);
    command.args(["--initial-cluster", &format!("t={peers}")]);
    command
}

/// What a server says to this, or nothing.
pub(crate) fn asked(port: u16, question: &str) -> String {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(question.as_bytes())?;
        let mut answer = Vec::new();
        // What has come before an end that is no clean one counts too.
        let _ = stream.read_to_end(&mut answer);
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    ask().unwrap_or_default()
}

/// What a program prints for this input. It must be there, and succeed.
pub(super) fn answered(command: &mut Command, input: &str) -> String {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|why| panic!("{command:?}: {why}"));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The program of a registry, or `None` where it is not there and none is required.
fn found(kind: &Kind) -> Option<PathBuf> {
    if let Some(switch) = kind.switch {
        let named = std::env::var_os(switch).map(PathBuf::from);
        if named.is_none() {
            println!("skipped: {switch} does not say where {} is", kind.name);
        }
        return named;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(kind.program))
        .find(|program| program.is_file());
    if program.is_none() {
        let required = std::env::var("RPCX_REGISTRIES").is_ok_and(|value| value == "required");
        let Kind { name, from, .. } = kind;
        assert!(
            !required,
            "RPCX_REGISTRIES=required, but there is no {name}: apt-get install {from}"
        );
        println!("skipped: no {name} (apt-get install {from})");
    }
    program
}

fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = format!("registries/{name}-{}-{number}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
