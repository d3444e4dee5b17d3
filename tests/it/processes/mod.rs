//! Fleets of real processes, which are killed, frozen and restarted under load. What they have executed stands in a ledger
//! that outlives them.

mod agreed;
mod killed;
mod rolling;

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rpcx::{Error, ErrorKind, Server};
use tokio::task::JoinSet;

#[rpcx::service]
trait Bank {
    /// Runs once at most. The reply is the number of the process.
    async fn book(&self, entry: u64) -> rpcx::Result<u32>;

    #[rpcx(idempotent)]
    async fn look(&self, entry: u64) -> rpcx::Result<u32>;
}

struct Teller {
    ledger: File,
}

impl Bank for Teller {
    async fn book(&self, entry: u64) -> rpcx::Result<u32> {
        // In one piece, so that it is there when the process is killed.
        (&self.ledger)
            .write_all(format!("{entry}\n").as_bytes())
            .unwrap();
        Ok(std::process::id())
    }

    async fn look(&self, _entry: u64) -> rpcx::Result<u32> {
        Ok(std::process::id())
    }
}

/// The server of the tests, when one of them has started this program once more.
#[tokio::test]
async fn serves() {
    let Ok(address) = std::env::var("RPCX_BANK") else {
        return;
    };
    let ledger = std::env::var_os("RPCX_BANK_LEDGER").unwrap();
    let ledger = OpenOptions::new().append(true).open(ledger).unwrap();
    let mut server = Server::builder()
        .register(BankServer::new(Teller { ledger }))
        .listen(address.as_str());
    if let Ok(registry) = std::env::var("RPCX_BANK_REGISTRY") {
        server = server.registry(&registry);
    }
    let server = server.bind().await.unwrap();
    println!("\nserving {}", server.addresses()[0]);
    let handle = server.handle();
    let serving = tokio::spawn(server.serve());
    // Until it is told to stop, or the test is gone.
    let told = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = told.await.unwrap();
    handle.shutdown();
    serving.await.unwrap().unwrap();
}

/// What all processes of a test have executed.
struct Ledger(PathBuf);

impl Ledger {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ledger-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        File::create(&path).unwrap();
        Self(path)
    }

    /// How often each entry was booked.
    fn runs(&self) -> HashMap<u64, u32> {
        let mut runs = HashMap::new();
        for line in fs::read_to_string(&self.0).unwrap().lines() {
            *runs.entry(line.parse().unwrap()).or_default() += 1;
        }
        runs
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A server, which ends with the test.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// `tcp@host:port`, with port 0 for any.
    fn start(address: &str, ledger: &Ledger, registry: Option<&str>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "processes::serves", "--nocapture"])
            .env("RPCX_BANK", address)
            .env("RPCX_BANK_LEDGER", &ledger.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(registry) = registry {
            command.env("RPCX_BANK_REGISTRY", registry);
        }
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines().map(Result::unwrap);
        let told = lines.find_map(|line| line.strip_prefix("serving ").map(str::to_owned));
        let address = told.expect("the server says where it is");
        // Read on, or it would block.
        std::thread::spawn(move || lines.count());
        Self { child, address }
    }

    fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let kill = kill
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string());
        assert!(kill.status().unwrap().success());
    }

    /// Ends it without a word, and says where it was.
    fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::take(&mut self.address)
    }

    /// Lets it end in good order.
    async fn stop(mut self) {
        drop(self.child.stdin.take());
        let ended = tokio::task::spawn_blocking(move || self.child.wait().unwrap());
        assert!(ended.await.unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a caller does, over and over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Book,
    Look,
}

type Outcome = (What, u64, Result<u32, Error>);

/// Callers, each of which makes one call after the other.
struct Load {
    done: Arc<AtomicBool>,
    made: Arc<AtomicU64>,
    callers: JoinSet<Vec<Outcome>>,
}

impl Load {
    fn start(client: &BankClient, callers: usize, what: fn(usize) -> What) -> Self {
        let (done, made) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for caller in 0..callers {
            let (client, what) = (client.clone(), what(caller));
            let (done, made, next) = (Arc::clone(&done), Arc::clone(&made), Arc::clone(&next));
            tasks.spawn(async move {
                let mut outcomes = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let entry = next.fetch_add(1, Ordering::Relaxed);
                    let outcome = match what {
                        What::Book => client.book(entry).await,
                        What::Look => client.look(entry).await,
                    };
                    outcomes.push((what, entry, outcome));
                    made.fetch_add(1, Ordering::Relaxed);
                }
                outcomes
            });
        }
        Self {
            done,
            made,
            callers: tasks,
        }
    }

    /// Waits for so many more calls.
    async fn more(&self, calls: u64) {
        let enough = self.made.load(Ordering::Relaxed) + calls;
        until("more calls", || self.made.load(Ordering::Relaxed) >= enough).await;
    }

    async fn stop(self) -> Vec<Outcome> {
        self.done.store(true, Ordering::Relaxed);
        self.callers
            .join_all()
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

/// What callers were told is true: what has succeeded ran once, what is said not to have run did not, and nothing ran twice.
fn judge(outcomes: &[Outcome], ledger: &Ledger) {
    let runs = ledger.runs();
    for (what, entry, outcome) in outcomes.iter().filter(|(what, ..)| *what == What::Book) {
        let runs = runs.get(entry).copied().unwrap_or(0);
        let kind = outcome.as_ref().err().map(Error::kind);
        let is_true = match kind {
            None => runs == 1,
            Some(ErrorKind::NotSent | ErrorKind::Rejected(_)) => runs == 0,
            Some(_) => runs <= 1,
        };
        assert!(is_true, "{entry} ran {runs} times: {outcome:?}");
        assert!(*what == What::Book);
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
