//! What has been executed, and what callers were told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rpcx_runtime::ErrorKind;

/// Shared by all nodes and callers.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(Arc<Mutex<HashMap<u64, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    executed: u32,
    idempotent: bool,
    /// None: it has succeeded.
    told: Option<Option<ErrorKind>>,
}

impl Ledger {
    /// A node begins to execute a call.
    pub(super) fn execute(&self, call: u64) {
        self.0.lock().unwrap().entry(call).or_default().executed += 1;
    }

    /// A caller has learned how its call ended.
    pub(super) fn tell(&self, call: u64, idempotent: bool, outcome: Option<ErrorKind>) {
        let mut entries = self.0.lock().unwrap();
        let entry = entries.entry(call).or_default();
        (entry.idempotent, entry.told) = (idempotent, Some(outcome));
    }

    /// What is not as it is promised.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let entries = self.0.lock().unwrap();
        let wrong = entries.iter().filter(|(_, entry)| !entry.is_true());
        wrong
            .map(|(call, entry)| format!("call {call}: {entry:?}"))
            .collect()
    }

    /// Calls, and those of them that have succeeded.
    pub(super) fn counts(&self) -> (usize, usize) {
        let entries = self.0.lock().unwrap();
        let succeeded = entries.values().filter(|entry| entry.told == Some(None));
        (entries.len(), succeeded.count())
    }
}

impl Entry {
    fn is_true(&self) -> bool {
        let once = self.idempotent || self.executed <= 1;
        once && match self.told {
            None => false,
            Some(None | Some(ErrorKind::Service)) => self.executed >= 1,
            Some(Some(ErrorKind::NotSent | ErrorKind::Rejected(_) | ErrorKind::Setup)) => {
                self.executed == 0
            }
            Some(Some(_)) => true,
        }
    }
}
