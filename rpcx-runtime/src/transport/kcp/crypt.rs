//! What hides and marks the datagrams: the block crypts of kcp-go.

use std::fmt;
use std::sync::Arc;

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockEncrypt, BlockSizeUser, KeyInit, consts::U16};
use salsa20::Salsa20;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use sha1::Sha1;

use super::MAX_MTU;
use crate::error::Error;

/// The constant of kcp-go: every packet starts with a random nonce in its place.
const INITIAL_VECTOR: [u8; 16] = [
    0xa7, 0x73, 0x4f, 0x9c, 0x12, 0xac, 0x1b, 0x01, 0xa4, 0x15, 0xf2, 0xc1, 0xfc, 0x78, 0xe6, 0x6b,
];

const XOR_SALT: &[u8] = b"sH3CIVoF#rWLtJo6";
const XOR_ROUNDS: u32 = 32;

/// What the programs around kcp-go use to make a key of a password.
const PASSWORD_ROUNDS: u32 = 4096;

/// Changes a whole datagram in place, as the type of this name does in kcp-go.
///
/// The first 16 bytes are random and the next 4 a checksum of the rest, so equal contents never
/// give equal packets, and a wrong key is noticed. Implement it for a cipher that is not here, and
/// give it to [`Crypt::custom`].
pub trait BlockCrypt: Send + Sync + 'static {
    /// Makes the packet unreadable. Its length, 44 to 1,500 bytes, stays.
    fn encrypt(&self, packet: &mut [u8]);

    /// Undoes [`encrypt`](Self::encrypt). The packet is not authenticated yet: at least 20 bytes of anything.
    fn decrypt(&self, packet: &mut [u8]);
}

/// The choice of a block crypt. Both ends must make the same.
///
/// A crypt guards against reading, and against packets of peers that have neither the key nor a
/// recording of others' packets. The mark of a packet is a checksum, not a signature: a host that can change packets on their way can change what
/// is inside. Where that matters, use a network with TLS.
#[derive(Clone)]
pub struct Crypt {
    name: &'static str,
    cipher: Option<Arc<dyn BlockCrypt>>,
}

impl Crypt {
    /// No crypt header at all, as with a nil `BlockCrypt` in Go. Go rpcx cannot use it; other
    /// programs with KCP can.
    pub fn plain() -> Self {
        Self {
            name: "plain",
            cipher: None,
        }
    }

    /// `NewNoneBlockCrypt` of kcp-go: a header with a checksum, and nothing is hidden. Anyone can
    /// send packets that are taken for the peer's.
    pub fn none() -> Self {
        Self::of("none", NoneCrypt)
    }

    /// `NewAESBlockCrypt` of kcp-go: AES-128, 192 or 256 by the length of the key.
    ///
    /// # Errors
    /// If the key does not have 16, 24 or 32 bytes.
    pub fn aes(key: &[u8]) -> Result<Self, Error> {
        let wrong = |_| key_error("aes", "16, 24 or 32 bytes", key);
        match key.len() {
            16 => cfb::<aes::Aes128>("aes-128", key).map_err(wrong),
            24 => cfb::<aes::Aes192>("aes-192", key).map_err(wrong),
            _ => cfb::<aes::Aes256>("aes-256", key).map_err(wrong),
        }
    }

    /// `NewSalsa20BlockCrypt` of kcp-go. A shorter key is filled up with zeros, as there.
    ///
    /// # Errors
    /// If the key does not have 1 to 32 bytes.
    pub fn salsa20(key: &[u8]) -> Result<Self, Error> {
        if key.is_empty() || key.len() > 32 {
            return Err(key_error("salsa20", "1 to 32 bytes", key));
        }
        let mut full = [0; 32];
        full[..key.len()].copy_from_slice(key);
        Ok(Self::of("salsa20", SalsaCrypt(full)))
    }

    /// `NewSimpleXORBlockCrypt` of kcp-go: against a glance, not against an attack.
    ///
    /// # Errors
    /// If the key is empty.
    pub fn xor(key: &[u8]) -> Result<Self, Error> {
        if key.is_empty() {
            return Err(key_error("xor", "at least 1 byte", key));
        }
        let mut table = [0; MAX_MTU];
        pbkdf2::pbkdf2_hmac::<Sha1>(key, XOR_SALT, XOR_ROUNDS, &mut table);
        Ok(Self::of("xor", XorCrypt(Box::new(table))))
    }

    /// A crypt of your own.
    pub fn custom(cipher: impl BlockCrypt) -> Self {
        Self::of("custom", cipher)
    }

    /// The crypt of this name, for configuration files and command lines: `plain`, `none`,
    /// `aes-128`, `aes-192`, `aes-256`, `salsa20` or `xor`. The first two take no notice of the key.
    ///
    /// # Errors
    /// If there is no such name, or the key does not have the length that the crypt needs.
    pub fn by_name(name: &str, key: &[u8]) -> Result<Self, Error> {
        let aes = |bytes: usize| match key.len() == bytes {
            true => Self::aes(key),
            false => Err(key_error(name, &format!("{bytes} bytes"), key)),
        };
        match name {
            "plain" => Ok(Self::plain()),
            "none" => Ok(Self::none()),
            "aes-128" => aes(16),
            "aes-192" => aes(24),
            "aes-256" => aes(32),
            "salsa20" => Self::salsa20(key),
            "xor" => Self::xor(key),
            _ => Err(Error::setup(format!(
                "there is no KCP crypt `{}`, expected one of: plain, none, aes-128, aes-192, \
                 aes-256, salsa20, xor",
                name.escape_debug()
            ))),
        }
    }

    /// The crypt of this name with a key made of a password, as the examples of Go rpcx do:
    /// PBKDF2-SHA1, 4,096 rounds, 32 bytes, of which the crypt takes as many as it needs.
    ///
    /// # Errors
    /// If there is no such name.
    pub fn from_password(name: &str, password: &str, salt: &str) -> Result<Self, Error> {
        let mut key = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha1>(
            password.as_bytes(),
            salt.as_bytes(),
            PASSWORD_ROUNDS,
            &mut key,
        );
        let taken = match name {
            "aes-128" => 16,
            "aes-192" => 24,
            _ => 32,
        };
        Self::by_name(name, &key[..taken])
    }

    fn of(name: &'static str, cipher: impl BlockCrypt) -> Self {
        Self {
            name,
            cipher: Some(Arc::new(cipher)),
        }
    }

    pub(super) fn cipher(&self) -> Option<&dyn BlockCrypt> {
        self.cipher.as_deref()
    }
}

impl fmt::Debug for Crypt {
    /// The name alone: keys do not belong into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Crypt").field(&self.name).finish()
    }
}

fn key_error(name: &str, needed: &str, key: &[u8]) -> Error {
    Error::setup(format!(
        "the KCP crypt `{name}` needs a key of {needed}, got {}",
        key.len()
    ))
}

struct NoneCrypt;

impl BlockCrypt for NoneCrypt {
    fn encrypt(&self, _packet: &mut [u8]) {}

    fn decrypt(&self, _packet: &mut [u8]) {}
}

struct SalsaCrypt([u8; 32]);

impl SalsaCrypt {
    /// The first eight bytes are the nonce of the cipher and stay as they are.
    fn apply(&self, packet: &mut [u8]) {
        let Some((nonce, rest)) = packet.split_first_chunk_mut::<8>() else {
            return;
        };
        let nonce = GenericArray::from(*nonce);
        Salsa20::new(&GenericArray::from(self.0), &nonce).apply_keystream(rest);
    }
}

impl BlockCrypt for SalsaCrypt {
    fn encrypt(&self, packet: &mut [u8]) {
        self.apply(packet);
    }

    fn decrypt(&self, packet: &mut [u8]) {
        self.apply(packet);
    }
}

struct XorCrypt(Box<[u8; MAX_MTU]>);

impl BlockCrypt for XorCrypt {
    fn encrypt(&self, packet: &mut [u8]) {
        xor(packet, &self.0[..]);
    }

    fn decrypt(&self, packet: &mut [u8]) {
        xor(packet, &self.0[..]);
    }
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    for (byte, with) in bytes.iter_mut().zip(with) {
        *byte ^= with;
    }
}

/// Cipher feedback over whole blocks; of the last one only what is there.
struct Cfb<C>(C);

fn cfb<C>(name: &'static str, key: &[u8]) -> Result<Crypt, aes::cipher::InvalidLength>
where
    C: BlockEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Send + Sync + 'static,
{
    Ok(Crypt::of(name, Cfb(C::new_from_slice(key)?)))
}

impl<C> BlockCrypt for Cfb<C>
where
    C: BlockEncrypt + BlockSizeUser<BlockSize = U16> + Send + Sync + 'static,
{
    fn encrypt(&self, packet: &mut [u8]) {
        let mut stream = GenericArray::from(INITIAL_VECTOR);
        for block in packet.chunks_mut(INITIAL_VECTOR.len()) {
            self.0.encrypt_block(&mut stream);
            xor(block, &stream);
            stream[..block.len()].copy_from_slice(block);
        }
    }

    fn decrypt(&self, packet: &mut [u8]) {
        let mut stream = GenericArray::from(INITIAL_VECTOR);
        for block in packet.chunks_mut(INITIAL_VECTOR.len()) {
            self.0.encrypt_block(&mut stream);
            for (byte, stream) in block.iter_mut().zip(&mut stream) {
                let received = *byte;
                *byte ^= *stream;
                *stream = received;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What kcp-go 5.4.20 made of the bytes 0, 7, 14.. with the key 0, 1, 2..
    const FROM_GO: [(&str, usize, &str); 6] = [
        (
            "aes-128",
            16,
            "bb17f4cbe17229b399fa0d88eccfcb03747a9d49e02a34a9e4df037b8405d97fcc3d3aa7515f2e4c43500a741c12915395f5d875b3",
        ),
        (
            "aes-192",
            24,
            "713e28b61619fea10de7cf6f6ddaeae7ca60c9a82080b79ca5d8373236414d90eb6c3fd348b5d836a662c8a2db869d31a9b720fbf0",
        ),
        (
            "aes-256",
            32,
            "15cd31061c5b1f3c8681248af2244c460a56b2819ac268158d7fccee6f160be6dbeda80191b81b314f5c6e17c42d4d597ad539ed89",
        ),
        (
            "salsa20",
            32,
            "00070e151c232a313329b75db018c78cbf2b9d2352d68c7e85fa09ba139e21754d581bb63e313bb056f8b81bc6fedd0efc685d2f76",
        ),
        (
            "xor",
            32,
            "b210bee762a9a5cb8faf16163497d4b01a877f44f24845cef560dfcc2145ebd4398ca227d4e25c931db213f7a881b349ee5956dd7f",
        ),
        (
            "none",
            0,
            "00070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f262d343b424950575e656c",
        ),
    ];

    fn sample() -> Vec<u8> {
        (0u8..53).map(|i| i.wrapping_mul(7)).collect()
    }

    #[test]
    fn packets_look_as_in_go() {
        for (name, length, expected) in FROM_GO {
            let key: Vec<u8> = (0..32).take(length).collect();
            let crypt = Crypt::by_name(name, &key).unwrap();
            let cipher = crypt.cipher().unwrap();
            let mut packet = sample();
            cipher.encrypt(&mut packet);
            let hex: String = packet.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected, "{name}");
            cipher.decrypt(&mut packet);
            assert_eq!(packet, sample(), "{name}");
        }
    }

    #[test]
    fn a_password_gives_the_key_of_the_go_examples() {
        // PBKDF2-SHA1 of "rpcx-key", "rpcx-salt", 4,096 rounds.
        let made = Crypt::from_password("aes-192", "rpcx-key", "rpcx-salt").unwrap();
        let mut key = [0; 24];
        pbkdf2::pbkdf2_hmac::<Sha1>(b"rpcx-key", b"rpcx-salt", 4096, &mut key);
        let given = Crypt::aes(&key).unwrap();
        let (mut a, mut b) = (sample(), sample());
        made.cipher().unwrap().encrypt(&mut a);
        given.cipher().unwrap().encrypt(&mut b);
        assert_eq!(a, b);
    }

    #[test]
    fn errors_name_the_crypt_and_the_length() {
        for (name, length, said) in [
            ("aes-128", 32, "`aes-128` needs a key of 16 bytes, got 32"),
            ("salsa20", 33, "`salsa20` needs a key of 1 to 32 bytes"),
            ("xor", 0, "`xor` needs a key of at least 1 byte"),
            ("sm4", 16, "no KCP crypt `sm4`"),
        ] {
            let error = Crypt::by_name(name, &vec![0; length]).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        assert!(Crypt::aes(&[0; 20]).is_err());
    }

    #[test]
    fn a_key_is_not_shown() {
        let crypt = Crypt::aes(b"sixteen letters!").unwrap();
        assert_eq!(format!("{crypt:?}"), r#"Crypt("aes-128")"#);
    }
}
