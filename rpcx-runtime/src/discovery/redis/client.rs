//! Connections to redis, and what is asked over them.

use std::time::Duration;

use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue, RedisError, pipe};
use tokio::time::timeout;

use super::Redis;
use crate::discovery::remote::Background;
use crate::error::{Error, Result};
use crate::task;

/// How many keys are looked at, or read, at once.
const BATCH: usize = 500;

/// The most entries of one service that are collected.
const MOST_ENTRIES: usize = 100_000;

/// A connection for commands.
pub(super) struct Client {
    connection: MultiplexedConnection,
    host: String,
    _driver: Background,
}

impl Redis {
    /// Connects, logs in, and selects the database.
    pub(super) async fn client(&self) -> Result<Client> {
        let stream = self.server.open().await;
        let stream = stream.map_err(|error| self.server.unreachable("redis", error))?;
        let stream = tokio::io::join(stream.reader, stream.writer);
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(self.server.patience));
        let connected = MultiplexedConnection::new_with_config(&self.login, stream, config);
        let (connection, driver) = self.within(connected).await?;
        Ok(Client {
            connection,
            host: self.server.host.clone(),
            _driver: Background(task::spawn(driver)),
        })
    }

    /// A connection that hears what happens to the keys of a folder.
    pub(super) async fn events(&self, folder: &str) -> Result<PubSub> {
        let stream = self.server.open().await;
        let stream = stream.map_err(|error| self.server.unreachable("redis", error))?;
        let stream = tokio::io::join(stream.reader, stream.writer);
        let mut events = self.within(PubSub::new(&self.login, stream)).await?;
        let database = self.login.db();
        let pattern = format!("__keyspace@{database}__:{}*", escaped(folder));
        self.within(events.psubscribe(pattern)).await?;
        Ok(events)
    }

    /// What redis answers before its time is over.
    pub(super) async fn within<T>(
        &self,
        asked: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T> {
        match timeout(self.server.patience, asked).await {
            Ok(answered) => answered.map_err(|error| failed(&self.server.host, error)),
            Err(late) => Err(failed(&self.server.host, late)),
        }
    }
}

fn failed(host: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let error = error.into();
    Error::setup(format!("redis at {host}: {error}")).with_source(error)
}

impl Client {
    async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T> {
        let answered = command.query_async(&mut self.connection).await;
        answered.map_err(|error| failed(&self.host, error))
    }

    pub(super) async fn ping(&mut self) -> Result<()> {
        self.ask(&redis::cmd("PING")).await
    }

    /// Lets redis tell of what happens to keys, unless it does already. It forgets that when it restarts.
    pub(super) async fn switch_events_on(&mut self) {
        const NAME: &str = "notify-keyspace-events";
        let asked: Result<Vec<String>> = self.ask(redis::cmd("CONFIG").arg("GET").arg(NAME)).await;
        let flags = asked
            .ok()
            .and_then(|pair| pair.into_iter().nth(1))
            .unwrap_or_default();
        if ["K", "E", "A"].iter().all(|flag| flags.contains(flag)) {
            return;
        }
        // As Go sets it, with what others may have asked for beyond that. It may not be allowed: then the list
        // is read each interval, and that is all.
        let all = format!("{flags}KEA");
        let _: Result<()> = self
            .ask(redis::cmd("CONFIG").arg("SET").arg(NAME).arg(all))
            .await;
    }

    /// The keys of a folder.
    pub(super) async fn keys(&mut self, folder: &str) -> Result<Vec<String>> {
        let (mut cursor, mut keys) = (0u64, Vec::new());
        let pattern = format!("{}*", escaped(folder));
        loop {
            let mut command = redis::cmd("SCAN");
            command
                .arg(cursor)
                .arg("MATCH")
                .arg(&pattern)
                .arg("COUNT")
                .arg(BATCH);
            let (next, found): (u64, Vec<Vec<u8>>) = self.ask(&command).await?;
            // What is no text is no address.
            keys.extend(
                found
                    .into_iter()
                    .filter_map(|key| String::from_utf8(key).ok()),
            );
            if keys.len() > MOST_ENTRIES {
                let text = format!("more than {MOST_ENTRIES} entries in {folder}");
                return Err(failed(&self.host, text));
            }
            if next == 0 {
                return Ok(keys);
            }
            cursor = next;
        }
    }

    /// The values of keys, in their order.
    pub(super) async fn values(&mut self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let some: Vec<Option<Vec<u8>>> = self.ask(redis::cmd("MGET").arg(keys)).await?;
            values.extend(some);
        }
        Ok(values)
    }

    /// Writes a key that ends after some time.
    pub(super) async fn set(&mut self, key: &str, value: &str, lease: Duration) -> Result<()> {
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("EX").arg(lease.as_secs());
        self.ask(&command).await
    }

    /// Writes a key that is not there.
    pub(super) async fn set_new(&mut self, key: &str, value: &str) -> Result<()> {
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("NX");
        self.ask::<Option<String>>(&command).await?;
        Ok(())
    }

    /// Reads a key, to be written by [`set_if_still`](Self::set_if_still).
    pub(super) async fn read(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        self.ask::<()>(redis::cmd("WATCH").arg(key)).await?;
        self.ask(redis::cmd("GET").arg(key)).await
    }

    /// Writes a key that was read, unless it was changed since.
    pub(super) async fn set_if_still(
        &mut self,
        key: &str,
        value: &str,
        lease: Duration,
    ) -> Result<bool> {
        let mut write = redis::cmd("SET");
        write.arg(key).arg(value).arg("EX").arg(lease.as_secs());
        let mut transaction = pipe();
        transaction.atomic().add_command(write).ignore();
        let done: Result<Option<()>, _> = transaction.query_async(&mut self.connection).await;
        Ok(done.map_err(|error| failed(&self.host, error))?.is_some())
    }

    /// A key that was read, and stays as it is, ends later.
    pub(super) async fn extend(&mut self, key: &str, lease: Duration) -> Result<()> {
        self.ask::<()>(&redis::cmd("UNWATCH")).await?;
        self.ask::<i64>(redis::cmd("EXPIRE").arg(key).arg(lease.as_secs()))
            .await?;
        Ok(())
    }

    pub(super) async fn delete(&mut self, key: &str) -> Result<()> {
        self.ask::<i64>(redis::cmd("DEL").arg(key)).await?;
        Ok(())
    }
}

/// The pattern that matches this text and no other.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '^' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_patterns() {
        assert_eq!(escaped("//b/A*[x]?/"), r"//b/A\*\[x\]\?/");
    }
}
