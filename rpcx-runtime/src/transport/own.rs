//! The options that belong to one network, or to a few: values that know which addresses they are for.
//!
//! What holds for every network, TLS and plain text, is in `options.rs`. Each of these is defined
//! beside its network, so that a new one touches no shared file.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Address;
use crate::error::Error;

/// An option of some networks.
pub(super) trait NetworkOption: Any + fmt::Debug + Send + Sync {
    /// The option as errors name it.
    fn name(&self) -> &'static str;

    /// Which addresses can honour it, in words.
    fn whose(&self) -> &'static str;

    /// Whether this address can honour it.
    fn fits(&self, address: &Address) -> bool;

    /// Refuses a value that no address could honour; `address` is for the error.
    fn check(&self, address: &Address) -> Result<(), Error> {
        let _ = address;
        Ok(())
    }
}

/// One value of each type.
#[derive(Clone, Default)]
pub(super) struct Own(Vec<Arc<dyn NetworkOption>>);

impl Own {
    /// Takes an option in, in place of an earlier one of its type.
    pub(super) fn set<T: NetworkOption>(&mut self, option: T) {
        self.0.retain(|other| !is::<T>(other));
        self.0.push(Arc::new(option));
    }

    pub(super) fn get<T: NetworkOption>(&self) -> Option<&T> {
        let mut found = self.0.iter().filter_map(|option| {
            let option: &dyn Any = &**option;
            option.downcast_ref()
        });
        found.next()
    }

    /// Refuses values that no address could honour.
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        self.0.iter().try_for_each(|option| option.check(address))
    }

    /// An option that none of these addresses can honour, if there is one.
    pub(super) fn in_vain(&self, addresses: &[Address]) -> Option<&dyn NetworkOption> {
        let fits = |option: &Arc<dyn NetworkOption>| addresses.iter().any(|one| option.fits(one));
        let mut in_vain = self.0.iter().filter(|option| !fits(option));
        in_vain.next().map(|option| &**option)
    }
}

fn is<T: NetworkOption>(option: &Arc<dyn NetworkOption>) -> bool {
    let option: &dyn Any = &**option;
    option.is::<T>()
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
