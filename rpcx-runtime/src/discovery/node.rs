//! One server of a service, as a registry knows it.

use std::fmt;

use super::metadata::decode_metadata;
use crate::address::Address;

/// Keys of an entry that are longer are skipped.
const LONGEST_KEY: usize = 1024;

/// The same for its metadata.
const LONGEST_METADATA: usize = 16 * 1024;

/// The most that a weight can be.
const HEAVIEST: u32 = 65_535;

/// A server of a service, and what its registry says about it.
///
/// ```
/// use rpcx::discovery::Node;
///
/// let node = Node::parse("tcp@10.0.0.1:8972", b"group=a&weight=7&zone=eu+1")?;
/// assert_eq!((node.weight, &*node.groups), (7, &["a".to_owned()][..]));
/// assert_eq!(node.get("zone").as_deref(), Some("eu 1"));
/// # Ok::<(), rpcx::discovery::NodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Where it is.
    pub address: Address,
    /// `weight`: its share of the calls, compared with others. Default: 1. So is what is no number from 0
    /// to 65,535.
    pub weight: u32,
    /// `group`, which may repeat.
    pub groups: Vec<String>,
    /// Whether it takes calls: `state` is not `inactive`.
    pub active: bool,
    /// `latitude` and `longitude`, if both are there and are degrees.
    pub coordinates: Option<Coordinates>,
    /// `version`.
    pub version: Option<String>,
    /// All of it, as it stands in the registry.
    pub metadata: String,
}

/// A place on earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Coordinates {
    /// From -90 to 90.
    pub latitude: f64,
    /// From -180 to 180.
    pub longitude: f64,
}

impl Coordinates {
    /// None if these are not degrees.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let valid = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        valid.then_some(Self {
            latitude,
            longitude,
        })
    }
}

/// Why an entry of a registry is no node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeError {
    /// Its key is no address on a network of this crate.
    Address(crate::address::AddressError),
    /// Its key has more than 1,024 bytes.
    LongKey(usize),
    /// Its metadata has more than 16 KiB.
    LongMetadata(usize),
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => error.fmt(f),
            Self::LongKey(length) => {
                write!(f, "the key has {length} bytes, {LONGEST_KEY} is the most")
            }
            Self::LongMetadata(length) => write!(
                f,
                "the metadata has {length} bytes, {LONGEST_METADATA} is the most"
            ),
        }
    }
}

impl std::error::Error for NodeError {}

impl From<Address> for Node {
    fn from(address: Address) -> Self {
        Self::new(address)
    }
}

impl Node {
    /// A node without metadata.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            weight: 1,
            groups: Vec::new(),
            active: true,
            coordinates: None,
            version: None,
            metadata: String::new(),
        }
    }

    /// The node with this metadata, such as `group=a&weight=7`.
    #[must_use]
    pub fn with_metadata(mut self, metadata: impl Into<String>) -> Self {
        self.read(metadata.into());
        self
    }

    /// Reads an entry as Go rpcx writes it: `network@host:port`, and its metadata. What makes no sense in
    /// the metadata is left out.
    ///
    /// # Errors
    /// If the key is no address, or one of both is too long.
    pub fn parse(key: &str, metadata: &[u8]) -> Result<Self, NodeError> {
        Ok(Self::parse_and_check(key, metadata)?.0)
    }

    /// The same, and whether its weight was taken as it stands.
    pub(super) fn parse_and_check(key: &str, metadata: &[u8]) -> Result<(Self, bool), NodeError> {
        if key.len() > LONGEST_KEY {
            return Err(NodeError::LongKey(key.len()));
        }
        if metadata.len() > LONGEST_METADATA {
            return Err(NodeError::LongMetadata(metadata.len()));
        }
        let mut node = Self::new(key.parse().map_err(NodeError::Address)?);
        let as_it_stands = node.read(String::from_utf8_lossy(metadata).into_owned());
        Ok((node, as_it_stands))
    }

    /// The first value of a key of the metadata.
    pub fn get(&self, key: &str) -> Option<String> {
        let mut pairs = decode_metadata(&self.metadata).into_iter();
        pairs.find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Says whether the weight was taken as it stands.
    fn read(&mut self, metadata: String) -> bool {
        let (mut as_it_stands, mut place) = (true, (None, None));
        let (mut weight, mut state) = (None, None);
        for (key, value) in decode_metadata(&metadata) {
            match key.as_str() {
                "weight" => weight = weight.or(Some(value)),
                "group" => self.groups.push(value),
                "state" => state = state.or(Some(value)),
                "latitude" => place.0 = place.0.or_else(|| value.parse().ok()),
                "longitude" => place.1 = place.1.or_else(|| value.parse().ok()),
                "version" => self.version = self.version.take().or(Some(value)),
                _ => {}
            }
        }
        if let Some(weight) = weight {
            let number = weight.parse().ok().filter(|number| *number <= HEAVIEST);
            as_it_stands = number.is_some();
            self.weight = number.unwrap_or(1);
        }
        self.active = state.is_none_or(|state| state != "inactive");
        if let (Some(latitude), Some(longitude)) = place {
            self.coordinates = Coordinates::new(latitude, longitude);
        }
        self.metadata = metadata;
        as_it_stands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(metadata: &str) -> Node {
        Node::parse("tcp@10.0.0.1:8972", metadata.as_bytes()).unwrap()
    }

    #[test]
    fn what_go_knows_is_read() {
        let text = "group=a&group=b&weight=7&state=active&latitude=48.1&longitude=11.6&version=1.2";
        let node = node(text);
        assert_eq!(node.address.to_string(), "tcp@10.0.0.1:8972");
        assert_eq!((node.weight, node.groups.len(), node.active), (7, 2, true));
        assert_eq!(node.coordinates, Coordinates::new(48.1, 11.6));
        assert_eq!(node.version.as_deref(), Some("1.2"));
        assert_eq!(node.metadata, text);
        assert!(!self::node("state=inactive").active);
    }

    #[test]
    fn absurd_values_count_as_none() {
        for weight in [
            "-3",
            "2147483648",
            "65536",
            "x",
            "",
            "1.5",
            "0x7",
            "99999999999999999999",
        ] {
            let (node, as_it_stands) =
                Node::parse_and_check("tcp@h:1", format!("weight={weight}").as_bytes()).unwrap();
            assert_eq!((node.weight, as_it_stands), (1, false), "{weight}");
        }
        assert_eq!(node("weight=0").weight, 0);
        for place in [
            "latitude=1",
            "latitude=91&longitude=1",
            "latitude=NaN&longitude=1",
        ] {
            assert_eq!(node(place).coordinates, None, "{place}");
        }
        assert!(node("%zz&;;&=&&&\u{0}").active);
    }

    #[test]
    fn what_is_no_node_says_why() {
        let why = |key: &str, value: &[u8]| Node::parse(key, value).unwrap_err().to_string();
        assert!(
            why("nope@10.0.0.1:1", b"").contains("nope"),
            "unknown network"
        );
        assert!(why("tcp@10.0.0.1", b"").contains("10.0.0.1"), "no port");
        assert!(why(&"x".repeat(2000), b"").contains("2000 bytes"));
        assert!(why("tcp@h:1", &[b'a'; 1 << 20]).contains("16384"));
    }
}
