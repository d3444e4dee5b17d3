//! Keeps the last list of nodes in a file, and begins with it when the registry is away.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::{Discover, Node, Updates};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::transport::BoxFuture;

/// How long the registry has to answer before the file does.
const PATIENCE: Duration = Duration::from_millis(500);

/// The least time between two writings.
const PACE: Duration = Duration::from_secs(1);

/// What the name of a file ends with.
const ENDING: &str = "nodes";

/// A longer file was not written here.
const LONGEST: u64 = 256 << 20;

/// Another registry whose last lists are kept in a folder, a file for each service. A program that starts while the
/// registry is away begins with them. By URL it is the option `cache` of every registry:
/// `etcd://10.0.0.1:2379/rpcx?cache=/var/cache/arith`.
///
/// The registry has 500 ms to answer before the file does. A list without nodes is not kept. A program that may write the
/// folder decides where calls go, so it should belong to the program alone.
///
/// ```
/// use rpcx::Channel;
/// use rpcx::discovery::{Cached, InProcessRegistry};
///
/// let registry = Cached::new(InProcessRegistry::new(), "/var/cache/arith");
/// let channel = Channel::builder().discover(registry);
/// ```
#[derive(Clone)]
pub struct Cached {
    inner: Arc<dyn Discover>,
    folder: PathBuf,
}

impl Cached {
    /// Keeps what `inner` finds in `folder`, which is made when it is needed.
    pub fn new(inner: impl Discover, folder: impl Into<PathBuf>) -> Self {
        Self::around(Arc::new(inner), folder.into())
    }

    pub(super) fn around(inner: Arc<dyn Discover>, folder: PathBuf) -> Self {
        Self { inner, folder }
    }

    fn file(&self, service: &str) -> PathBuf {
        let name = escape(service);
        self.folder.join(format!("{name}.{ENDING}"))
    }

    /// Hands on what comes.
    async fn pass_on(&self, heard: &Updates, updates: &Updates) {
        let mut known = heard.subscribe();
        loop {
            let now = known.borrow_and_update().clone();
            match now.nodes {
                // Whether that is to be believed is decided there.
                Some(_) if now.emptied.is_some() => updates.pass_on(&[], now.skipped),
                Some(nodes) => updates.pass_on(&nodes, now.skipped),
                None => {}
            }
            // An error would mean that the sender is gone, which is held by the caller.
            let _ = known.changed().await;
        }
    }

    async fn keep(&self, service: &str, heard: &Updates, events: &Events) {
        let mut known = heard.subscribe();
        loop {
            let nodes = known.borrow_and_update().nodes.clone().unwrap_or_default();
            if !nodes.is_empty() {
                let (folder, file) = (self.folder.clone(), self.file(service));
                let written = spawn_blocking(move || write(&folder, &file, &nodes)).await;
                if let Ok(Err(error)) = written {
                    events.emit(|tell| {
                        tell(&Event::ListNotKept {
                            service,
                            error: &error,
                        })
                    });
                }
                sleep(PACE).await;
            }
            let _ = known.changed().await;
        }
    }

    /// The list in the file, if there is one and nothing was heard before.
    async fn recall(&self, updates: &Updates) {
        let file = self.file(updates.service());
        let read = spawn_blocking(move || read(&file)).await;
        if let Ok(Ok(entries)) = read
            && !entries.is_empty()
            && updates.lists() == 0
        {
            updates.entries(entries);
        }
    }
}

impl Discover for Cached {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let heard = Updates::new(service, Events::default());
            let begin = async {
                sleep(PATIENCE).await;
                if updates.lists() == 0 {
                    self.recall(updates).await;
                }
                std::future::pending::<()>().await;
            };
            let ended = tokio::select! {
                ended = self.inner.watch(service, &heard) => ended,
                () = self.pass_on(&heard, updates) => Ok(()),
                () = self.keep(service, &heard, updates.events()) => Ok(()),
                () = begin => Ok(()),
            };
            if updates.lists() == 0 {
                self.recall(updates).await;
            }
            ended
        })
    }

    /// Of a registry that is away, the services whose lists are kept.
    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async {
            let error = match timeout(PATIENCE, self.inner.services()).await {
                Ok(Ok(services)) => return Ok(services),
                Ok(Err(error)) => error,
                Err(_) => Error::setup("the registry does not answer"),
            };
            let folder = self.folder.clone();
            let kept = spawn_blocking(move || kept(&folder)).await;
            match kept.unwrap_or_default() {
                kept if kept.is_empty() => Err(error),
                kept => Ok(Some(kept)),
            }
        })
    }
}

/// The services that have a file, in the order of their names.
fn kept(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let service = |path: PathBuf| {
        let is_list = path.extension().is_some_and(|ending| ending == ENDING);
        let name = percent_decode_str(path.file_stem()?.to_str()?);
        let name = name.decode_utf8().ok()?.into_owned();
        is_list.then_some(name)
    };
    let mut kept: Vec<String> = files.filter_map(|file| service(file.path())).collect();
    kept.sort();
    kept
}

/// A name in which nothing has a meaning for file systems and lines.
fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn unescape(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// In one step: a program that dies meanwhile leaves the last file.
fn write(folder: &Path, file: &Path, nodes: &[Node]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let line = |node: &Node| {
        let key = escape(&node.address.to_string());
        format!("{key} {}\n", escape(&node.metadata))
    };
    let text: String = nodes.iter().map(line).collect();
    let new = file.with_extension(format!("{}.new", std::process::id()));
    fs::write(&new, text)?;
    fs::rename(&new, file)
}

fn read(file: &Path) -> io::Result<Vec<(String, String)>> {
    if fs::metadata(file)?.len() > LONGEST {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(file)?;
    let entry = |line: &str| {
        let (key, metadata) = line.split_once(' ')?;
        Some((unescape(key), unescape(metadata)))
    };
    Ok(text.lines().filter_map(entry).collect())
}

impl fmt::Debug for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("inner", &self.inner)
            .field("folder", &self.folder)
            .finish()
    }
}
