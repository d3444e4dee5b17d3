//! The service in Rust. `go/shop.go` is the same in Go.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::stock::{Item, Stock, StockError};

/// A shelf: how many there are, by name.
#[derive(Debug, Default)]
pub(crate) struct Shop {
    shelf: Mutex<BTreeMap<String, u32>>,
}

impl Shop {
    fn shelf(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stock for Shop {
    async fn add(&self, item: &Item) -> rpcx::Result<()> {
        let mut shelf = self.shelf();
        let count = shelf.entry(item.name.clone()).or_default();
        *count = count.saturating_add(item.count);
        Ok(())
    }

    async fn take(&self, name: &str, count: u32) -> Result<u32, StockError> {
        let mut shelf = self.shelf();
        let present = shelf.get(name).copied().unwrap_or_default();
        let Some(left) = present.checked_sub(count) else {
            return Err(StockError::NotEnough { left: present });
        };
        match left {
            0 => shelf.remove(name),
            left => shelf.insert(name.to_owned(), left),
        };
        Ok(left)
    }

    async fn list(&self) -> rpcx::Result<Vec<Item>> {
        let shelf = self.shelf();
        let items = shelf.iter().map(|(name, count)| Item {
            name: name.clone(),
            count: *count,
        });
        Ok(items.collect())
    }
}
