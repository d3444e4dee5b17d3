//! Lists and maps.

use serde::Deserialize;

use super::super::DecodeError;
use super::super::adapt::{Adapted, DecodeAs};
use super::Reader;

type Result<T> = std::result::Result<T, DecodeError>;

/// Memory that is set aside for the elements of a list before they are seen, in bytes: the announced number is
/// not trusted beyond this.
const MAX_HINT: usize = 1 << 16;

/// A list; whatever else may stand for one is read by serde's way.
pub(in crate::codec) fn list<'de, A: DecodeAs<'de, T>, T>(
    reader: &mut Reader<'de>,
) -> Result<Vec<T>> {
    let Some(len) = reader.array()? else {
        let list: Vec<Adapted<T, A>> = Deserialize::deserialize(reader)?;
        return Ok(list.into_iter().map(Adapted::into_inner).collect());
    };
    reader.enter()?;
    let hint = MAX_HINT / size_of::<T>().max(1);
    let mut list = Vec::with_capacity(len.min(hint));
    for _ in 0..len {
        reader.element_of(size_of::<T>())?;
        list.push(A::read(reader)?);
    }
    reader.leave();
    Ok(list)
}

/// Into a map: the number of its entries, or `None` for nil, which is not entered.
pub(in crate::codec) fn entries(reader: &mut Reader<'_>) -> Result<Option<usize>> {
    match reader.map()? {
        Some(len) => reader.enter().map(|()| Some(len)),
        None if reader.nil() => Ok(None),
        None => reader.no_map(),
    }
}

/// One entry of a map.
pub(in crate::codec) fn entry<'de, A: DecodeAs<'de, V>, K: Deserialize<'de>, V>(
    reader: &mut Reader<'de>,
) -> Result<(K, V)> {
    reader.key_of(size_of::<K>())?;
    let key = K::deserialize(&mut *reader)?;
    reader.element_of(size_of::<V>())?;
    Ok((key, A::read(reader)?))
}
