//! The JSON gateway of etcd 3.4 and later: what is asked, and what of the answers is read.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::super::http::{Connection, Lines};
use super::Etcd;
use crate::error::{Error, Result};

/// A connection that is allowed to ask.
pub(super) struct Client {
    connection: Connection,
}

/// A key with its value.
#[derive(Debug, Deserialize)]
pub(super) struct Pair {
    #[serde(deserialize_with = "base64")]
    pub(super) key: Vec<u8>,
    /// Left out when it is empty, or when the key is gone.
    #[serde(default, deserialize_with = "base64")]
    pub(super) value: Vec<u8>,
    #[serde(default, deserialize_with = "number")]
    pub(super) mod_revision: i64,
    /// 0 is none.
    #[serde(default, deserialize_with = "number")]
    pub(super) lease: i64,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default, deserialize_with = "number")]
    revision: i64,
}

/// What a range has in it.
#[derive(Deserialize)]
pub(super) struct Range {
    header: Header,
    #[serde(default)]
    pub(super) kvs: Vec<Pair>,
    #[serde(default, deserialize_with = "number")]
    pub(super) count: i64,
}

impl Range {
    /// The state of the store that this is.
    pub(super) fn revision(&self) -> i64 {
        self.header.revision
    }
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct Succeeded {
    #[serde(default)]
    succeeded: bool,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(rename = "ID", deserialize_with = "number")]
    id: i64,
}

/// A message of a stream.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Message<T> {
    Result(T),
    Error(Value),
}

#[derive(Deserialize)]
struct Kept {
    /// Left out when the lease is no more.
    #[serde(default, rename = "TTL", deserialize_with = "number")]
    ttl: i64,
}

/// What a watch tells at once.
#[derive(Deserialize)]
pub(super) struct Changes {
    #[serde(default)]
    pub(super) events: Vec<Event>,
    #[serde(default)]
    pub(super) canceled: bool,
    #[serde(default)]
    pub(super) cancel_reason: String,
}

/// A change of one key.
#[derive(Deserialize)]
pub(super) struct Event {
    /// `DELETE`, or nothing for a value.
    #[serde(default, rename = "type")]
    kind: String,
    pub(super) kv: Pair,
}

impl Event {
    pub(super) fn is_gone(&self) -> bool {
        self.kind == "DELETE"
    }
}

impl Client {
    /// Connects, and authenticates where there is a user.
    pub(super) async fn open(etcd: &Etcd) -> Result<Self> {
        let mut connection = etcd.servers.connect().await?;
        if let Some((name, password)) = &etcd.credentials {
            const PATH: &str = "/v3/auth/authenticate";
            let body = json!({ "name": name, "password": password });
            let answer = connection.post(PATH, &body).await?;
            let Token { token } = read(&connection, PATH, &answer)?;
            connection.header("authorization", token);
        }
        Ok(Self { connection })
    }

    /// Whether the server has closed the connection, as servers do with those that are idle.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    async fn ask<T: DeserializeOwned>(&mut self, path: &str, body: Value) -> Result<T> {
        let answer = self.connection.post(path, &body).await?;
        read(&self.connection, path, &answer)
    }

    /// Every key that begins with `prefix`.
    pub(super) async fn list(&mut self, prefix: &str) -> Result<Range> {
        let body = json!({ "key": BASE64.encode(prefix), "range_end": end_of(prefix) });
        self.ask("/v3/kv/range", body).await
    }

    /// Every key that begins with `prefix`, without its value.
    pub(super) async fn keys(&mut self, prefix: &str) -> Result<Range> {
        let body = json!({
            "key": BASE64.encode(prefix), "range_end": end_of(prefix), "keys_only": true,
        });
        self.ask("/v3/kv/range", body).await
    }

    /// How many keys begin with `prefix`.
    pub(super) async fn count(&mut self, prefix: &str) -> Result<i64> {
        let body = json!({
            "key": BASE64.encode(prefix), "range_end": end_of(prefix), "count_only": true,
        });
        Ok(self.ask::<Range>("/v3/kv/range", body).await?.count)
    }

    /// The value of a key.
    pub(super) async fn get(&mut self, key: &str) -> Result<Option<Pair>> {
        let body = json!({ "key": BASE64.encode(key) });
        let range: Range = self.ask("/v3/kv/range", body).await?;
        Ok(range.kvs.into_iter().next())
    }

    /// Writes a key that goes with the lease.
    pub(super) async fn put(&mut self, key: &str, value: &[u8], lease: i64) -> Result<()> {
        self.ask::<Value>("/v3/kv/put", put(key, value, lease))
            .await?;
        Ok(())
    }

    /// The same unless the key was written after `revision`; 0 stands for a key that is not there.
    pub(super) async fn put_if_still(
        &mut self,
        key: &str,
        revision: i64,
        value: &[u8],
        lease: i64,
    ) -> Result<bool> {
        let body = json!({
            "compare": [{
                "key": BASE64.encode(key), "target": "MOD", "mod_revision": revision.to_string(),
            }],
            "success": [{ "request_put": put(key, value, lease) }],
        });
        Ok(self.ask::<Succeeded>("/v3/kv/txn", body).await?.succeeded)
    }

    /// Takes a key out, unless another lease has it by now. One that has none was written by an
    /// administrator, and would stay for ever.
    pub(super) async fn delete_own(&mut self, key: &str, lease: i64) -> Result<()> {
        let key = BASE64.encode(key);
        for lease in [lease, 0] {
            let body = json!({
                "compare": [{ "key": key, "target": "LEASE", "lease": lease.to_string() }],
                "success": [{ "request_delete_range": { "key": key } }],
            });
            if self.ask::<Succeeded>("/v3/kv/txn", body).await?.succeeded {
                break;
            }
        }
        Ok(())
    }

    /// A new lease.
    pub(super) async fn grant(&mut self, ttl: Duration) -> Result<i64> {
        let body = json!({ "TTL": ttl.as_secs().max(1).to_string() });
        Ok(self.ask::<Granted>("/v3/lease/grant", body).await?.id)
    }

    /// Keeps a lease; false when it is no more.
    pub(super) async fn keep_alive(&mut self, lease: i64) -> Result<bool> {
        const PATH: &str = "/v3/lease/keepalive";
        let body = json!({ "ID": lease.to_string() });
        match self.ask::<Message<Kept>>(PATH, body).await? {
            Message::Result(kept) => Ok(kept.ttl > 0),
            Message::Error(why) => Err(self.connection.strange(PATH, &why)),
        }
    }

    /// Ends a lease, and every key that goes with it.
    pub(super) async fn revoke(&mut self, lease: i64) -> Result<()> {
        let body = json!({ "ID": lease.to_string() });
        self.ask::<Value>("/v3/lease/revoke", body).await?;
        Ok(())
    }

    /// What happens to the keys that begin with `prefix`, after `revision`.
    pub(super) async fn watch(self, prefix: &str, revision: i64) -> Result<Watch> {
        let body = json!({ "create_request": {
            "key": BASE64.encode(prefix),
            "range_end": end_of(prefix),
            "start_revision": (revision + 1).to_string(),
        }});
        let lines = self.connection.lines("/v3/watch", &body).await?;
        Ok(Watch { lines })
    }
}

/// Changes, as they come.
pub(super) struct Watch {
    lines: Lines,
}

impl Watch {
    /// The next ones. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Changes> {
        let line = self.lines.next().await?;
        match serde_json::from_slice(&line) {
            Ok(Message::Result(changes)) => Ok(changes),
            Ok(Message::Error(why)) => Err(Error::setup(format!("etcd ends a watch: {why}"))),
            Err(why) => Err(Error::setup(format!(
                "etcd: a change cannot be read: {why}"
            ))),
        }
    }
}

fn read<T: DeserializeOwned>(connection: &Connection, path: &str, answer: &Bytes) -> Result<T> {
    serde_json::from_slice(answer).map_err(|why| connection.strange(path, &why))
}

fn put(key: &str, value: &[u8], lease: i64) -> Value {
    json!({
        "key": BASE64.encode(key), "value": BASE64.encode(value), "lease": lease.to_string(),
    })
}

/// Behind every key that begins with `prefix`, which ends with a slash: the byte after it.
fn end_of(prefix: &str) -> String {
    let mut end = prefix.as_bytes().to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    BASE64.encode(end)
}

fn base64<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    BASE64.decode(text).map_err(D::Error::custom)
}

/// 64 bits are text in the JSON of protobuf.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Text(String),
        Plain(i64),
    }
    match Number::deserialize(from)? {
        Number::Text(text) => text.parse().map_err(D::Error::custom),
        Number::Plain(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_text_or_not() {
        let text =
            br#"{"header":{"revision":"7"},"kvs":[{"key":"L2E=","mod_revision":5}],"count":"1"}"#;
        let range: Range = serde_json::from_slice(text).unwrap();
        assert_eq!((range.revision(), range.count), (7, 1));
        let pair = &range.kvs[0];
        assert_eq!(
            (&*pair.key, &*pair.value, pair.lease),
            (&b"/a"[..], &b""[..], 0)
        );
        assert_eq!(pair.mod_revision, 5);
    }

    #[test]
    fn a_lease_that_is_no_more_has_no_time_left() {
        let text = br#"{"result":{"header":{"revision":"7"},"ID":"12"}}"#;
        let Message::Result(kept) = serde_json::from_slice::<Message<Kept>>(text).unwrap() else {
            panic!("it is no error");
        };
        assert_eq!(kept.ttl, 0);
    }

    #[test]
    fn the_range_of_a_prefix_ends_before_the_next_service() {
        assert_eq!(end_of("/b/Ari/"), BASE64.encode("/b/Ari0"));
    }
}
