//! What is asked of an agent.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hyper::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::Consul;
use crate::discovery::http::{Answer, Connection};
use crate::error::{Error, Result};

/// As Go's client marks its keys.
const FLAGS: u64 = 0x2ddc_cbc0_58a5_0c18;

/// What stands for itself in a path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'@')
    .remove(b':');

/// A connection to an agent.
pub(super) struct Client {
    connection: Connection,
}

/// A key with its value.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Pair {
    pub(super) key: String,
    /// In base64; `null` if it is empty.
    value: Option<String>,
    pub(super) modify_index: u64,
    /// The one that has locked it.
    #[serde(default)]
    pub(super) session: String,
}

impl Pair {
    /// Empty if it cannot be read.
    pub(super) fn value(&self) -> Vec<u8> {
        let value = self.value.as_deref().unwrap_or_default();
        BASE64.decode(value).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "ID")]
    id: String,
}

impl Client {
    /// Connects.
    pub(super) async fn open(consul: &Consul) -> Result<Self> {
        let mut connection = consul.agents.connect().await?;
        if let Some(token) = &consul.token {
            connection.header("x-consul-token", token.clone());
        }
        Ok(Self { connection })
    }

    /// Whether the agent has closed the connection, as servers do with those that are idle.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// An answer of 404 is none.
    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
        wait: Duration,
    ) -> Result<(Option<Bytes>, u64)> {
        let answer = self.connection.ask(method, path, body, wait).await?;
        let index = answer
            .header("x-consul-index")
            .and_then(|index| index.parse().ok());
        let index = index.unwrap_or(0);
        match answer.status {
            StatusCode::NOT_FOUND => Ok((None, index)),
            status if status.is_success() => Ok((Some(answer.body), index)),
            _ => Err(self.refused(path, &answer)),
        }
    }

    fn refused(&self, path: &str, answer: &Answer) -> Error {
        self.connection.refused(path, answer)
    }

    fn read<T: DeserializeOwned>(&self, path: &str, answer: &Bytes) -> Result<T> {
        let read = serde_json::from_slice(answer);
        read.map_err(|why| self.connection.strange(path, &why))
    }

    /// The keys of a folder and the state of the store, as soon as that is another one than `index`, and after
    /// `wait` at the latest.
    pub(super) async fn list(
        &mut self,
        folder: &str,
        index: u64,
        wait: Duration,
    ) -> Result<(Vec<Pair>, u64)> {
        let path = format!(
            "{}?recurse=&index={index}&wait={}ms",
            path_of(folder),
            wait.as_millis()
        );
        // Consul adds up to a sixteenth.
        let (answer, index) = self.ask(Method::GET, &path, "", wait + wait / 16).await?;
        match answer {
            // A token that may not read sees none of the keys, as if there were none; of one key it is told.
            None => {
                self.get(folder).await?;
                Ok((Vec::new(), index))
            }
            Some(answer) => Ok((self.read(&path, &answer)?, index)),
        }
    }

    /// The names of the keys of a folder.
    pub(super) async fn keys(&mut self, folder: &str) -> Result<Vec<String>> {
        let path = format!("{}?keys=", path_of(folder));
        match self.ask(Method::GET, &path, "", Duration::ZERO).await?.0 {
            Some(answer) => self.read(&path, &answer),
            // As for a list: a token that may not read is told so of one key alone.
            None => {
                self.get(folder).await?;
                Ok(Vec::new())
            }
        }
    }

    /// A key as it is now.
    pub(super) async fn get(&mut self, key: &str) -> Result<Option<Pair>> {
        let path = format!("{}?consistent=", path_of(key));
        let (answer, _) = self.ask(Method::GET, &path, "", Duration::ZERO).await?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let pairs: Vec<Pair> = self.read(&path, &answer)?;
        Ok(pairs.into_iter().next())
    }

    /// Writes a key unless it was written after `index`; 0 stands for a key that is not there. Its lock stays.
    pub(super) async fn put_if_still(
        &mut self,
        key: &str,
        value: &str,
        index: u64,
    ) -> Result<bool> {
        let path = format!("{}?cas={index}&flags={FLAGS}", path_of(key));
        let asked = self.ask(Method::PUT, &path, value.to_owned(), Duration::ZERO);
        Ok(asked
            .await?
            .0
            .is_some_and(|answer| answer.starts_with(b"true")))
    }

    /// Writes a key and locks it, whatever session has it now.
    pub(super) async fn lock(&mut self, key: &str, value: &str, session: &str) -> Result<()> {
        const PATH: &str = "/v1/txn";
        let value = BASE64.encode(value);
        let lock = json!({
            "Verb": "lock", "Key": key, "Value": value, "Flags": FLAGS, "Session": session,
        });
        let all = json!([{ "KV": { "Verb": "delete", "Key": key } }, { "KV": lock }]);
        let asked = self.ask(Method::PUT, PATH, all.to_string(), Duration::ZERO);
        match asked.await?.0 {
            Some(_) => Ok(()),
            None => Err(self.connection.strange(PATH, &"not found")),
        }
    }

    /// A new session. Its keys end with it.
    pub(super) async fn create_session(&mut self, time: Duration) -> Result<String> {
        const PATH: &str = "/v1/session/create";
        let body = json!({
            "TTL": format!("{}s", time.as_secs()), "Behavior": "delete", "LockDelay": "1ms",
        });
        let asked = self.ask(Method::PUT, PATH, body.to_string(), Duration::ZERO);
        let answer = asked.await?.0.unwrap_or_default();
        Ok(self.read::<Created>(PATH, &answer)?.id)
    }

    /// Keeps a session; false when it is no more.
    pub(super) async fn renew(&mut self, session: &str) -> Result<bool> {
        let path = format!("/v1/session/renew/{session}");
        let asked = self.ask(Method::PUT, &path, "", Duration::ZERO);
        Ok(asked.await?.0.is_some())
    }

    /// Ends a session, and the keys that it has locked.
    pub(super) async fn destroy(&mut self, session: &str) -> Result<()> {
        let path = format!("/v1/session/destroy/{session}");
        self.ask(Method::PUT, &path, "", Duration::ZERO).await?;
        Ok(())
    }
}

fn path_of(key: &str) -> String {
    format!("/v1/kv/{}", utf8_percent_encode(key, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_paths() {
        assert_eq!(
            path_of("b/Ar ith/tcp@[::1]:80"),
            "/v1/kv/b/Ar%20ith/tcp@%5B::1%5D:80"
        );
    }

    #[test]
    fn flags_are_those_of_go() {
        assert_eq!(FLAGS, 3_304_740_253_564_472_344);
    }

    #[test]
    fn a_value_may_be_nothing() {
        let pairs = br#"[{"LockIndex":0,"Key":"a","Flags":0,"Value":null,"ModifyIndex":3},
            {"Key":"b","Value":"YQ==","ModifyIndex":4,"Session":"s"}]"#;
        let pairs: Vec<Pair> = serde_json::from_slice(pairs).unwrap();
        assert_eq!((pairs[0].value(), &*pairs[0].session), (Vec::new(), ""));
        assert_eq!((pairs[1].value(), &*pairs[1].session), (b"a".to_vec(), "s"));
    }
}
