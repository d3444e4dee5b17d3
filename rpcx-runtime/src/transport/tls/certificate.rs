//! The certificate that a server shows, and its replacement while connections live.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::task::spawn_blocking;

use super::{pem, provider};
use crate::error::Result;

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_secs(10);

/// The certificate of the next handshake.
pub(super) struct Certificate {
    state: Mutex<State>,
    files: Option<Files>,
    watched: AtomicBool,
}

struct State {
    current: Arc<CertifiedKey>,
    /// Why the last replacement was refused.
    refused: Option<String>,
}

struct Files {
    chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    pub(super) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self> {
        Ok(Self::new(certified(chain, key)?, None))
    }

    pub(super) fn from_files(chain: PathBuf, key: PathBuf) -> Result<Self> {
        let files = Files { chain, key };
        let (chain, key) = files.read()?;
        Ok(Self::new(certified(&chain, &key)?, Some(files)))
    }

    fn new(current: CertifiedKey, files: Option<Files>) -> Self {
        Self {
            state: Mutex::new(State {
                current: Arc::new(current),
                refused: None,
            }),
            files,
            watched: AtomicBool::new(false),
        }
    }

    /// Shows another certificate from the next handshake on; if it cannot be used the present one
    /// stays.
    pub(super) fn replace(&self, chain: &[u8], key: &[u8]) -> Result<()> {
        self.install(certified(chain, key))
    }

    /// Reads the files again.
    pub(super) fn reload(&self) -> Result<()> {
        match &self.files {
            Some(files) => self.install(
                files
                    .read()
                    .and_then(|(chain, key)| certified(&chain, &key)),
            ),
            None => Err(pem::wrong("the certificate", "it did not come from a file")),
        }
    }

    fn install(&self, replacement: Result<CertifiedKey>) -> Result<()> {
        let mut state = self.state();
        match replacement {
            Ok(replacement) => {
                state.current = Arc::new(replacement);
                state.refused = None;
                Ok(())
            }
            Err(error) => {
                state.refused = Some(error.to_string());
                Err(error)
            }
        }
    }

    pub(super) fn refused(&self) -> Option<String> {
        self.state().refused.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the files from time to time, for as long as the certificate is in use.
    pub(super) fn watch(self: &Arc<Self>) {
        if self.files.is_some() && !self.watched.swap(true, Ordering::Relaxed) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }
}

async fn watch(certificate: Weak<Certificate>) {
    let mut seen = None;
    loop {
        let Some(certificate) = certificate.upgrade() else {
            return;
        };
        // Files may be on a slow disk, and a handshake must not wait for it.
        let looked = spawn_blocking(move || {
            let files = certificate.files.as_ref()?;
            let contents = files.read().ok();
            if contents.is_some() && seen.is_some() && contents != seen {
                // Refused or not, `refused` tells; the present certificate stays.
                let _ = certificate.reload();
            }
            contents.or(seen)
        });
        match looked.await {
            Ok(contents) => seen = contents,
            Err(_) => return,
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

impl Files {
    fn read(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let read = |path: &PathBuf| {
            std::fs::read(path)
                .map_err(|error| pem::wrong(&format!("the file {}", path.display()), error))
        };
        Ok((read(&self.chain)?, read(&self.key)?))
    }
}

fn certified(chain: &[u8], key: &[u8]) -> Result<CertifiedKey> {
    let chain = pem::certificates("the certificate", chain)?;
    let key = pem::key(key)?;
    // Refuses a key that is not the one of the certificate.
    CertifiedKey::from_der(chain, key, &provider())
        .map_err(|error| pem::wrong("the certificate", error))
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
