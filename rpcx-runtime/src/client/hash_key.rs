//! What can say which node a call goes to.

/// A value by which nodes are chosen with [`Select::ConsistentHash`](super::Select::ConsistentHash): calls with the same one go to
/// the same node, from every client. The argument of a method that is marked has to have this:
///
/// ```
/// #[rpcx::service]
/// pub trait Carts {
///     async fn add(&self, #[rpcx(hash)] user: u64, item: String) -> rpcx::Result<()>;
/// }
/// ```
///
/// Numbers of any width are the same key if they are the same number, and texts if they have the same bytes; a text is the
/// key that [`Call::hash_key`](super::Call::hash_key) makes of it. For a type of your own:
///
/// ```
/// use rpcx::client::HashKey;
///
/// struct Place { country: String, zip: u32 }
///
/// impl HashKey for Place {
///     fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
///         self.country.bytes(take);
///         self.zip.bytes(take);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot say which node a call goes to",
    note = "numbers, texts and bytes can; for a type of your own implement `rpcx::client::HashKey`"
)]
pub trait HashKey {
    /// Hands over the bytes that make up the key. They have to be the same in every process, and in every version of it.
    fn bytes(&self, take: &mut dyn FnMut(&[u8]));
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl HashKey for $number {
            fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
                take(&i128::from(*self).to_be_bytes());
            }
        })*
    };
}

numbers!(u8 u16 u32 u64 i8 i16 i32 i64 i128 bool);

impl HashKey for u128 {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        // Those that an i128 has no room for are no other number's key either.
        take(&self.to_be_bytes());
    }
}

impl HashKey for char {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        take(self.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl HashKey for str {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        take(self.as_bytes());
    }
}

impl HashKey for String {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        take(self.as_bytes());
    }
}

impl HashKey for [u8] {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        take(self);
    }
}

impl HashKey for Vec<u8> {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        take(self);
    }
}

impl<const N: usize> HashKey for [u8; N] {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        take(self);
    }
}

impl<K: HashKey + ?Sized> HashKey for &K {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        (**self).bytes(take);
    }
}

impl<K: HashKey + ?Sized> HashKey for Box<K> {
    fn bytes(&self, take: &mut dyn FnMut(&[u8])) {
        (**self).bytes(take);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::select::Hash;

    fn key<K: HashKey + ?Sized>(key: &K) -> u64 {
        let mut hash = Hash::new();
        key.bytes(&mut |bytes| hash = hash.bytes(bytes));
        hash.finish()
    }

    #[test]
    fn the_same_value_is_the_same_key_in_any_type() {
        assert_eq!(key(&7u8), key(&7i64));
        assert_eq!(key(&7u128), key(&7u32));
        assert_ne!(key(&7u64), key(&-7i64));
        assert_eq!(key("ann"), key(&"ann".to_owned()));
        assert_eq!(key("ann"), key(&b"ann".to_vec()));
        assert_eq!(key(&'a'), key("a"));
        // As `Call::hash_key` has it.
        assert_eq!(key("ann"), Hash::new().bytes(b"ann").finish());
    }
}
