//! The certificate that a server shows, and its replacement while connections live.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::runtime::{Handle, Id};
use tokio::task::spawn_blocking;

use super::{pem, provider};
use crate::error::Result;
use crate::sync::lock;

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_secs(10);

/// Chain and key, in PEM.
type Pem = (Vec<u8>, Vec<u8>);

/// A certificate whose key is its own, and that key.
type Checked = (CertifiedKey, PrivateKeyDer<'static>);

/// The certificate of the next handshake.
pub(super) struct Certificate {
    state: Mutex<State>,
    files: Option<Files>,
    /// The runtimes that have a task which looks at the files.
    watched: Mutex<Vec<Id>>,
}

struct State {
    current: Arc<CertifiedKey>,
    #[cfg_attr(
        not(feature = "_quic"),
        allow(dead_code, reason = "QUIC derives from it")
    )]
    private_key: Arc<PrivateKeyDer<'static>>,
    /// What the files held when they were read last, good or not.
    seen: Option<Pem>,
    /// Why the last replacement was refused.
    refused: Option<String>,
}

struct Files {
    chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    pub(super) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self> {
        Ok(Self::new(certified(chain, key)?, None, None))
    }

    pub(super) fn from_files(chain: PathBuf, key: PathBuf) -> Result<Self> {
        let files = Files { chain, key };
        let (chain, key) = files.read()?;
        let current = certified(&chain, &key)?;
        Ok(Self::new(current, Some((chain, key)), Some(files)))
    }

    fn new((current, private_key): Checked, seen: Option<Pem>, files: Option<Files>) -> Self {
        Self {
            state: Mutex::new(State {
                current: Arc::new(current),
                private_key: Arc::new(private_key),
                seen,
                refused: None,
            }),
            files,
            watched: Mutex::default(),
        }
    }

    /// Shows another certificate from the next handshake on; if it cannot be used the present one
    /// stays.
    pub(super) fn replace(&self, chain: &[u8], key: &[u8]) -> Result<()> {
        self.state().install(certified(chain, key))
    }

    /// Reads the files again, and takes what they hold if they have changed.
    pub(super) fn reload(&self) -> Result<()> {
        let Some(files) = &self.files else {
            return Err(pem::wrong("the certificate", "it did not come from a file"));
        };
        let found = files.read();
        let mut state = self.state();
        let found = match found {
            Ok(found) if state.seen.as_ref() == Some(&found) => return Ok(()),
            Ok(found) => found,
            Err(error) => {
                // Whatever they hold when they are back is looked at anew.
                state.seen = None;
                return state.install(Err(error));
            }
        };
        let replacement = certified(&found.0, &found.1);
        state.seen = Some(found);
        state.install(replacement)
    }

    pub(super) fn refused(&self) -> Option<String> {
        self.state().refused.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Looks at the files from time to time, for as long as the certificate is in use and this
    /// runtime lives. Others have a task of their own: the first to come may be the first to end.
    pub(super) fn watch(self: &Arc<Self>) {
        if self.files.is_none() {
            return;
        }
        let runtime = Handle::current().id();
        if self.watched().contains(&runtime) {
            return;
        }
        self.watched().push(runtime);
        // Not under the lock: in a runtime that ends the task is dropped at once.
        tokio::spawn(Watch(Arc::downgrade(self), runtime).run());
    }

    fn watched(&self) -> MutexGuard<'_, Vec<Id>> {
        lock(&self.watched)
    }
}

#[cfg(feature = "_quic")]
impl Certificate {
    pub(super) fn private_key(&self) -> Arc<PrivateKeyDer<'static>> {
        Arc::clone(&self.state().private_key)
    }
}

impl State {
    fn install(&mut self, replacement: Result<Checked>) -> Result<()> {
        match replacement {
            Ok((replacement, private_key)) => {
                self.current = Arc::new(replacement);
                self.private_key = Arc::new(private_key);
                self.refused = None;
                Ok(())
            }
            Err(error) => {
                self.refused = Some(error.to_string());
                Err(error)
            }
        }
    }
}

/// What looks at the files in one runtime. Dropped with it, it makes room for a successor.
struct Watch(Weak<Certificate>, Id);

impl Watch {
    async fn run(self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let Some(certificate) = self.0.upgrade() else {
                return;
            };
            // Files may be on a slow disk, and a handshake must not wait for it. What was wrong is
            // kept for `refused`, and one bad look does not keep from the next.
            let _ = spawn_blocking(move || certificate.reload()).await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(certificate) = self.0.upgrade() {
            certificate.watched().retain(|runtime| *runtime != self.1);
        }
    }
}

impl Files {
    fn read(&self) -> Result<Pem> {
        let read = |path: &PathBuf| {
            std::fs::read(path)
                .map_err(|error| pem::caused(&format!("the file {}", path.display()), error))
        };
        Ok((read(&self.chain)?, read(&self.key)?))
    }
}

fn certified(chain: &[u8], key: &[u8]) -> Result<Checked> {
    let chain = pem::certificates("the certificate", chain)?;
    let key = pem::key(key)?;
    // Refuses a key that is not the one of the certificate.
    CertifiedKey::from_der(chain, key.clone_key(), &provider())
        .map_err(|error| pem::unfit("the certificate", error))
        .map(|certified| (certified, key))
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.state().current))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chain = self.files.as_ref().map(|files| &files.chain);
        f.debug_struct("Certificate")
            .field("chain", &chain)
            .finish_non_exhaustive()
    }
}
