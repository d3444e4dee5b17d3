//! Real registries on loopback: started, killed, started again, and gone with the test.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Debian's.
const ZOOKEEPER_JAR: &str = "/usr/share/java/zookeeper.jar";

/// How long a server may take to answer: nacos on a busy machine needs 40 s.
const START: Duration = Duration::from_secs(120);

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
    ports: fn() -> Vec<u16>,
    command: fn(&Registry) -> Command,
    is_ready: fn(u16) -> bool,
}

pub(crate) const ETCD: Start = Start(Kind {
    name: "etcd",
    program: "etcd",
    switch: None,
    from: "etcd-server",
    ports: || free_ports(2),
    command: etcd,
    is_ready: |port| asked(port, "GET /health HTTP/1.0\r\n\r\n").contains("\"true\""),
});

pub(crate) const REDIS: Start = Start(Kind {
    name: "redis",
    program: "redis-server",
    switch: None,
    from: "redis-server",
    ports: || free_ports(1),
    command: redis,
    is_ready: |port| asked(port, "PING\r\nQUIT\r\n").starts_with(['+', '-']),
});

pub(crate) const ZOOKEEPER: Start = Start(Kind {
    name: "zookeeper",
    program: "java",
    switch: None,
    from: "zookeeperd default-jre-headless",
    ports: || free_ports(1),
    command: zookeeper,
    is_ready: |port| asked(port, "ruok") == "imok",
});

pub(crate) const CONSUL: Start = Start(Kind {
    name: "consul",
    program: "consul",
    switch: Some("RPCX_CONSUL"),
    from: "",
    ports: || free_ports(3),
    command: consul,
    is_ready: |port| asked(port, "GET /v1/status/leader HTTP/1.0\r\n\r\n").contains("\"127.0.0.1:"),
});

pub(crate) const NACOS: Start = Start(Kind {
    name: "nacos",
    program: "java",
    switch: Some("RPCX_NACOS"),
    from: "",
    ports: || vec![nacos_port()],
    command: nacos,
    is_ready: |port| {
        const METRICS: &str = "GET /nacos/v1/ns/operator/metrics HTTP/1.0\r\n\r\n";
        // Go's client has another port.
        let grpc = || TcpStream::connect(("127.0.0.1", port + 1000)).is_ok();
        let answer = asked(port, METRICS);
        (answer.contains(" 200 ") || answer.contains("requires TLS")) && grpc()
    },
});

pub(crate) const DNSMASQ: Start = Start(Kind {
    name: "dnsmasq",
    program: "dnsmasq",
    switch: None,
    from: "dnsmasq-base",
    ports: || free_ports(1),
    command: dnsmasq,
    is_ready: |port| TcpStream::connect(("127.0.0.1", port)).is_ok(),
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
            ports: (self.0.ports)(),
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

fn redis(registry: &Registry) -> Command {
    let mut command = Command::new(&registry.program);
    let port = registry.port().to_string();
    command.args([
        "--bind",
        "127.0.0.1",
        "--port",
        &port,
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    command
}

fn zookeeper(registry: &Registry) -> Command {
    let settings = format!(
        "tickTime=500\ndataDir={}\nclientPort={}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n\
         4lw.commands.whitelist=ruok\nforceSync=no\n",
        registry.data().display(),
        registry.port(),
    );
    let path = registry.folder.join("zoo.cfg");
    fs::write(&path, settings).unwrap();
    let mut command = Command::new(&registry.program);
    let classes = "/usr/share/java/zookeeper.jar:/usr/share/java/*";
    command.args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", classes]);
    command
        .arg("org.apache.zookeeper.server.quorum.QuorumPeerMain")
        .arg(path);
    command
}

/// For itself, with its data in memory.
fn consul(registry: &Registry) -> Command {
    let mut command = Command::new(&registry.program);
    let [http, serf, server] = registry.ports[..] else {
        panic!("it has three ports")
    };
    command.args([
        "agent",
        "-dev",
        "-bind",
        "127.0.0.1",
        "-client",
        "127.0.0.1",
        "-dns-port",
        "-1",
    ]);
    command.args([
        "-grpc-port",
        "-1",
        "-serf-wan-port",
        "-1",
        "-log-level",
        "warn",
    ]);
    for (name, port) in [
        ("-http-port", http),
        ("-serf-lan-port", serf),
        ("-server-port", server),
    ] {
        command.arg(name).arg(port.to_string());
    }
    command
}

/// For names that end with `.test`, from a file `hosts` that it reads again when it is told to.
fn dnsmasq(registry: &Registry) -> Command {
    let hosts = registry.folder.join("hosts");
    if !hosts.exists() {
        fs::write(&hosts, "").unwrap();
    }
    let user = answered(Command::new("id").arg("-un"), "");
    let mut command = Command::new(&registry.program);
    command.args([
        "--conf-file=/dev/null",
        "--keep-in-foreground",
        "--no-resolv",
        "--no-hosts",
        "--local=/test/",
        "--local-ttl=1",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        "--pid-file=",
    ]);
    command.arg(format!("--port={}", registry.port()));
    command.arg(format!("--user={}", user.trim()));
    command.arg(format!("--addn-hosts={}", hosts.display()));
    command
}

/// `RPCX_NACOS` is a folder with the class path in `cp.txt`, and `classes`.
fn nacos(registry: &Registry) -> Command {
    let rest = fs::read_to_string(registry.program.join("cp.txt")).unwrap();
    let classes = registry.program.join("classes");
    let mut command = Command::new("java");
    for (name, value) in [
        ("nacos.home", registry.data()),
        ("user.home", registry.data()),
    ] {
        command.arg(format!("-D{name}={}", value.display()));
    }
    command.arg(format!("-Dserver.port={}", registry.port()));
    command.args(["-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp"]);
    command.arg(format!("{}:{}", classes.display(), rest.trim()));
    command.arg("com.alibaba.nacos.Boot");
    command
}

/// A port with those that nacos derives from it.
fn nacos_port() -> u16 {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let all_free = |port: &u16| {
        [port - 1000, port + 1000, port + 1001]
            .into_iter()
            .all(is_free)
    };
    let mut candidates =
        std::iter::repeat_with(free_port).filter(|port| (3000..60_000).contains(port));
    candidates.find(all_free).expect("it goes on for ever")
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
        .find(|program| program.is_file())
        .filter(|_| kind.name != "zookeeper" || Path::new(ZOOKEEPER_JAR).is_file());
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

/// Several, and no two the same.
fn free_ports(count: usize) -> Vec<u16> {
    let bound = || TcpListener::bind("127.0.0.1:0").unwrap();
    let listeners: Vec<_> = std::iter::repeat_with(bound).take(count).collect();
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    listeners.iter().map(port).collect()
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
