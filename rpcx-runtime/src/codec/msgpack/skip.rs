//! Stepping over values that have no place in the type that is read.

use super::super::{DecodeError, DecodeErrorKind};
use super::read::Reader;
use super::{MAX_DEPTH, marker};

type Result<T = ()> = std::result::Result<T, DecodeError>;

impl Reader<'_> {
    /// Steps over one value, without recursion.
    pub(in crate::codec) fn skip(&mut self) -> Result {
        // values left on each level that is open
        let mut open = [0usize; MAX_DEPTH];
        let mut level = 0;
        loop {
            if let Some(children) = self.skip_head()? {
                if level + self.depth() >= MAX_DEPTH {
                    return Err(self.error(DecodeErrorKind::TooDeep { limit: MAX_DEPTH }));
                }
                if children > 0 {
                    open[level] = children;
                    level += 1;
                    continue;
                }
            }
            loop {
                let Some(current) = level.checked_sub(1) else {
                    return Ok(());
                };
                open[current] -= 1;
                if open[current] > 0 {
                    break;
                }
                level = current;
            }
        }
    }

    /// Steps over a value, or over the header of a list or map and gives the number of values in it.
    fn skip_head(&mut self) -> Result<Option<usize>> {
        let marker = self.peek()?;
        let fixed = match marker {
            0..=0x7f | 0xe0..=0xff | marker::NIL | marker::FALSE | marker::TRUE => 1,
            marker::U8 | marker::I8 => 2,
            marker::U16 | marker::I16 => 3,
            marker::U32 | marker::I32 | marker::F32 => 5,
            marker::U64 | marker::I64 | marker::F64 => 9,
            marker::UNUSED => return Err(self.wrong("the byte 0xc1 begins no value".to_owned())),
            _ => return self.skip_sized(),
        };
        self.take(fixed).map(|_| None)
    }

    fn skip_sized(&mut self) -> Result<Option<usize>> {
        if self.string()?.is_some() || self.extension()?.is_some() {
            return Ok(None);
        }
        if let Some(len) = self.array()? {
            return Ok(Some(len));
        }
        // a map is all that is left; its length was checked against the bytes, so it cannot overflow
        Ok(self.map()?.map(|len| len.saturating_mul(2)))
    }
}
