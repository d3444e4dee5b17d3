//! The algorithms of one server or channel.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Compress, CompressError, builtin, up_to};
use crate::protocol::Compression;

/// How many numbers there are.
const NUMBERS: usize = 8;

/// The algorithms that a program has registered, before those that are compiled in.
#[derive(Clone, Default)]
pub(crate) struct Compressions([Option<Arc<dyn Compress>>; NUMBERS]);

/// Why an algorithm or a codec cannot have a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegisterError {
    /// Go peers take the number for something else.
    #[error("{what} {number} is built in; `{replace}` puts another in its place")]
    BuiltIn {
        what: &'static str,
        number: String,
        replace: &'static str,
    },
    #[error("{what} {number} is registered twice")]
    Twice { what: &'static str, number: String },
    #[error("no {what} is registered for the number {number}")]
    Missing { what: &'static str, number: u8 },
    #[error("{what} {number} cannot be replaced")]
    Fixed { what: &'static str, number: String },
}

impl Compressions {
    /// Adds an algorithm. `replace` allows the number of gzip, which has a meaning to every peer; those of snappy
    /// and zstd are only our proposal, and free.
    pub(crate) fn register(
        &mut self,
        kind: Compression,
        algorithm: Arc<dyn Compress>,
        replace: bool,
    ) -> Result<(), RegisterError> {
        let (what, number) = ("compression", kind.to_string());
        if kind == Compression::NONE {
            return Err(RegisterError::Fixed { what, number });
        }
        if kind == Compression::GZIP && builtin::get(kind).is_some() && !replace {
            let replace = "replace_compression";
            return Err(RegisterError::BuiltIn {
                what,
                number,
                replace,
            });
        }
        let place = &mut self.0[usize::from(kind.number())];
        match place {
            Some(_) => Err(RegisterError::Twice { what, number }),
            None => {
                *place = Some(algorithm);
                Ok(())
            }
        }
    }

    /// Whether payloads of this kind can be sent and read.
    pub(crate) fn has(&self, kind: Compression) -> bool {
        kind == Compression::NONE || self.get(kind).is_some()
    }

    fn get(&self, kind: Compression) -> Option<&dyn Compress> {
        match &self.0[usize::from(kind.number())] {
            Some(registered) => Some(&**registered),
            None => builtin::get(kind),
        }
    }

    /// Compresses a payload.
    pub(crate) fn compress(
        &self,
        kind: Compression,
        payload: &[u8],
    ) -> Result<Vec<u8>, CompressError> {
        match self.get(kind) {
            Some(algorithm) => contained(CompressError::Failed, || algorithm.compress(payload)),
            None if kind == Compression::NONE => Ok(payload.to_vec()),
            None => Err(CompressError::Unsupported(kind.number())),
        }
    }

    /// Inflates a payload to at most `limit` bytes, whatever the algorithm thinks of limits.
    pub(crate) fn inflate(
        &self,
        kind: Compression,
        payload: &[u8],
        limit: usize,
    ) -> Result<Vec<u8>, CompressError> {
        let inflated = match self.get(kind) {
            Some(algorithm) => contained(CompressError::Damaged, || {
                algorithm.decompress(payload, limit)
            })?,
            None if kind == Compression::NONE => return up_to(payload, limit),
            None => return Err(CompressError::Unsupported(kind.number())),
        };
        if inflated.len() > limit {
            return Err(CompressError::TooLong(limit));
        }
        Ok(inflated)
    }
}

/// A panic of an algorithm costs one call: it runs where the frames of a connection are read.
fn contained(
    error: fn(String) -> CompressError,
    run: impl FnOnce() -> Result<Vec<u8>, CompressError>,
) -> Result<Vec<u8>, CompressError> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(error("the algorithm panicked".to_owned())))
}

impl fmt::Debug for Compressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = (0..).zip(&self.0).filter(|(_, own)| own.is_some());
        f.debug_list()
            .entries(numbers.map(|(number, _): (u8, _)| number))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns a payload around, and ignores limits.
    struct Reversed;

    impl Compress for Reversed {
        fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
            assert_ne!(payload, b"panic");
            Ok(payload.iter().rev().copied().collect())
        }

        fn decompress(&self, payload: &[u8], _: usize) -> Result<Vec<u8>, CompressError> {
            self.compress(payload)
        }
    }

    fn number(number: u8) -> Compression {
        Compression::new(number).unwrap()
    }

    #[test]
    fn a_registered_algorithm_has_its_number_and_no_other() {
        let mut registry = Compressions::default();
        let own = number(7);
        registry.register(own, Arc::new(Reversed), false).unwrap();
        assert_eq!(registry.compress(own, b"abc").unwrap(), b"cba");
        assert_eq!(registry.inflate(own, b"cba", 3).unwrap(), b"abc");
        assert_eq!(
            registry.inflate(number(6), b"cba", 3),
            Err(CompressError::Unsupported(6))
        );
        assert_eq!(
            registry.inflate(own, b"cba", 2),
            Err(CompressError::TooLong(2)),
            "an algorithm without a limit of its own"
        );
        assert!(registry.inflate(own, b"panic", 9).is_err());
        assert!(registry.has(own) && !registry.has(number(6)));
    }

    #[test]
    fn a_number_has_one_meaning() {
        let mut registry = Compressions::default();
        let mut register = |kind, replace| registry.register(kind, Arc::new(Reversed), replace);
        register(number(7), false).unwrap();
        let error = register(number(7), true).unwrap_err();
        assert_eq!(error.to_string(), "compression 7 is registered twice");
        let error = register(Compression::NONE, true).unwrap_err();
        assert_eq!(error.to_string(), "compression none cannot be replaced");
        #[cfg(feature = "gzip")]
        assert_eq!(
            register(Compression::GZIP, false).unwrap_err().to_string(),
            "compression gzip is built in; `replace_compression` puts another in its place"
        );
        register(Compression::GZIP, true).unwrap();
        assert_eq!(
            registry.compress(Compression::GZIP, b"abc").unwrap(),
            b"cba"
        );
    }
}
