//! Values of the application's own that travel with a call, one of each type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;

type Values = HashMap<TypeId, Box<dyn Any + Send + Sync>>;

/// Values by their type. Empty, it holds no memory.
#[derive(Default)]
pub(crate) struct Extensions(Option<Box<Values>>);

impl Extensions {
    /// Attaches a value, in place of one of the same type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        let values = self.0.get_or_insert_default();
        values.insert(TypeId::of::<T>(), Box::new(value));
    }

    /// The value of this type.
    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

#[cfg(feature = "tower")]
impl Extensions {
    /// Takes the value of this type away.
    pub(crate) fn take<T: 'static>(&mut self) -> Option<T> {
        let value = self.0.as_mut()?.remove(&TypeId::of::<T>())?;
        value.downcast().ok().map(|value| *value)
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.as_ref().map_or(0, |values| values.len());
        f.debug_tuple("Extensions").field(&count).finish()
    }
}
