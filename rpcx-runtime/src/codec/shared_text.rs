//! A text that shares its memory.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is cheap to receive and to clone: the texts of a message share one allocation.
///
/// A field of this type travels as a `String` does. Received in MessagePack, all fields of this type of one struct
/// are parts of one piece of memory, which lives as long as any of them; [`detach`](Self::detach) gives one
/// of its own to a text that is kept long. Cloning counts a reference and copies nothing.
///
/// ```
/// use rpcx::Text;
///
/// #[rpcx::message]
/// struct Event {
///     name: Text,
///     note: Option<Text>,
/// }
///
/// let event = Event { name: "start".into(), note: None };
/// let kept: Text = event.name.clone();
/// assert_eq!(kept, "start");
/// assert!(kept.starts_with("st") && event.note.is_none());
/// ```
#[derive(Clone)]
pub struct Text {
    /// `None` for the empty text.
    whole: Option<Arc<str>>,
    start: usize,
    len: usize,
}

impl Text {
    /// The empty text, which has no memory.
    pub const EMPTY: Self = Self {
        whole: None,
        start: 0,
        len: 0,
    };

    /// A part of a whole; it begins and ends where characters do.
    pub(super) fn part(whole: &Arc<str>, start: usize, len: usize) -> Self {
        Self {
            whole: Some(Arc::clone(whole)),
            start,
            len,
        }
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        let whole = self.whole.as_deref().unwrap_or_default();
        whole
            .get(self.start..self.start + self.len)
            .unwrap_or_default()
    }

    /// The same text in memory of its own, so that no others are kept with it.
    ///
    /// ```
    /// let text = rpcx::Text::from("kept");
    /// assert_eq!(text.detach(), text);
    /// ```
    #[must_use]
    pub fn detach(&self) -> Self {
        self.as_str().into()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

macro_rules! from {
    ($($ty:ty)*) => {$(
        impl From<$ty> for Text {
            fn from(text: $ty) -> Self {
                let len = text.len();
                match len {
                    0 => Self::EMPTY,
                    _ => Self { whole: Some(text.into()), start: 0, len },
                }
            }
        }
    )*};
}

from!(&str String Box<str> Arc<str> std::borrow::Cow<'_, str>);

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl FromIterator<char> for Text {
    fn from_iter<I: IntoIterator<Item = char>>(chars: I) -> Self {
        String::from_iter(chars).into()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

macro_rules! equal {
    ($($ty:ty)*) => {$(
        impl PartialEq<$ty> for Text {
            fn eq(&self, other: &$ty) -> bool {
                let other: &str = other.as_ref();
                self.as_str() == other
            }
        }

        impl PartialEq<Text> for $ty {
            fn eq(&self, other: &Text) -> bool {
                other == self
            }
        }
    )*};
}

equal!(str &str String);

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

/// As `str`, so that a map with such keys is asked with a `&str`.
impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(TextVisitor)
    }
}

struct TextVisitor;

impl serde::de::Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_part_is_what_it_is_a_part_of() {
        let whole: Arc<str> = "größe".into();
        let text = Text::part(&whole, 2, 4);
        assert_eq!(text, "öß");
        assert_eq!(text.clone().detach(), text);
        assert_eq!(Arc::strong_count(&whole), 2);
        let detached = text.detach();
        drop(text);
        assert_eq!(Arc::strong_count(&whole), 1);
        assert_eq!(format!("{detached} {detached:?}"), "öß \"öß\"");
    }

    #[test]
    fn it_is_compared_hashed_and_ordered_as_a_str() {
        let map = HashMap::from([(Text::from("a"), 1)]);
        assert_eq!(map.get("a"), Some(&1));
        let (first, second) = (Text::from("a"), Text::from("b".to_owned()));
        assert!(first < second);
        assert_eq!(Text::EMPTY, "");
        assert_eq!(Text::from(String::new()), Text::default());
        assert_eq!(String::from(Text::from_iter(['x', 'y'])), "xy");
    }
}
