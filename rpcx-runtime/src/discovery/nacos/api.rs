//! What is asked of nacos.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::Nacos;
use super::instance::{Instance, Place};
use crate::discovery::http::Connection;
use crate::error::Result;

const INSTANCE: &str = "/nacos/v1/ns/instance";

/// A connection that is allowed to ask.
pub(super) struct Client<'a> {
    nacos: &'a Nacos,
    connection: Connection,
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    access_token: String,
}

#[derive(Deserialize)]
pub(super) struct List {
    #[serde(default)]
    pub(super) hosts: Vec<Instance>,
}

/// How many services are asked for at once.
pub(super) const PAGE: usize = 500;

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    doms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Beaten {
    code: i64,
    #[serde(default)]
    client_beat_interval: u64,
}

/// What nacos says to a beat of an instance that it does not have.
const NOT_FOUND: i64 = 20404;

impl<'a> Client<'a> {
    /// Connects, and logs in where there is a user.
    pub(super) async fn open(nacos: &'a Nacos) -> Result<Self> {
        let connection = nacos.servers.connect().await?;
        let mut client = Self {
            nacos,
            connection,
            token: None,
        };
        if let Some((user, password)) = &nacos.credentials {
            const PATH: &str = "/nacos/v1/auth/login";
            let asked = [("username", user.clone()), ("password", password.clone())];
            let answer = client.ask(Method::POST, PATH, &asked).await?;
            let read = serde_json::from_slice(&answer);
            let read: LoggedIn = read.map_err(|why| client.connection.strange(PATH, &why))?;
            client.token = Some(read.access_token);
        }
        Ok(client)
    }

    /// Whether the server has closed the connection, as servers do with those that are idle.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    async fn ask(&mut self, method: Method, path: &str, asked: &[(&str, String)]) -> Result<Bytes> {
        let own = [
            ("namespaceId", self.nacos.namespace.clone()),
            ("accessToken", self.token.clone()),
        ];
        let own = own
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_ref()?)));
        let all = asked.iter().map(|(name, value)| (*name, value)).chain(own);
        let escaped = |value: &String| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        let all: Vec<_> = all
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let path = format!("{path}?{}", all.join("&"));
        let answer = self
            .connection
            .ask(method, &path, "", Duration::ZERO)
            .await?;
        match answer.status.is_success() {
            true => Ok(answer.body),
            false => Err(self.connection.refused(&path, &answer)),
        }
    }

    /// All instances of a service.
    pub(super) async fn list(&mut self, service: &str) -> Result<Vec<Instance>> {
        const PATH: &str = "/nacos/v1/ns/instance/list";
        let asked = [
            ("serviceName", service.to_owned()),
            ("groupName", self.nacos.remote.base.clone()),
            ("clusters", self.nacos.cluster.clone().unwrap_or_default()),
        ];
        let answer = self.ask(Method::GET, PATH, &asked).await?;
        let read = serde_json::from_slice::<List>(&answer);
        Ok(read
            .map_err(|why| self.connection.strange(PATH, &why))?
            .hosts)
    }

    /// The services of the group on this page, from 1; fewer than [`PAGE`] on the last.
    pub(super) async fn services(&mut self, page: usize) -> Result<Vec<String>> {
        const PATH: &str = "/nacos/v1/ns/service/list";
        let asked = [
            ("pageNo", page.to_string()),
            ("pageSize", PAGE.to_string()),
            ("groupName", self.nacos.remote.base.clone()),
        ];
        let answer = self.ask(Method::GET, PATH, &asked).await?;
        let read = serde_json::from_slice::<Names>(&answer);
        Ok(read
            .map_err(|why| self.connection.strange(PATH, &why))?
            .doms)
    }

    fn instance(&self, place: &Place<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("serviceName", place.registration.service.clone()),
            ("groupName", self.nacos.remote.base.clone()),
            (
                "clusterName",
                self.nacos
                    .cluster
                    .clone()
                    .unwrap_or_else(|| "DEFAULT".to_owned()),
            ),
            ("ip", place.ip.clone()),
            ("port", place.port.to_string()),
            ("ephemeral", "true".to_owned()),
        ]
    }

    /// Writes an instance over what is there.
    pub(super) async fn register(&mut self, place: &Place<'_>) -> Result<()> {
        let mut asked = self.instance(place);
        asked.push(("weight", place.weight().to_string()));
        asked.push(("enabled", "true".to_owned()));
        asked.push(("healthy", "true".to_owned()));
        asked.push(("metadata", serde_json::json!(place.metadata()).to_string()));
        self.ask(Method::POST, INSTANCE, &asked).await?;
        Ok(())
    }

    /// Says that an instance lives, and learns when that is to be said again; none if nacos does not have it.
    pub(super) async fn beat(&mut self, place: &Place<'_>) -> Result<Option<Duration>> {
        const PATH: &str = "/nacos/v1/ns/instance/beat";
        let asked = self.instance(place);
        let answer = self.ask(Method::PUT, PATH, &asked).await?;
        let read = serde_json::from_slice::<Beaten>(&answer);
        let beaten = read.map_err(|why| self.connection.strange(PATH, &why))?;
        let again = Duration::from_millis(beaten.client_beat_interval);
        Ok((beaten.code != NOT_FOUND).then_some(again))
    }

    /// Takes an instance out.
    pub(super) async fn remove(&mut self, place: &Place<'_>) -> Result<()> {
        let asked = self.instance(place);
        self.ask(Method::DELETE, INSTANCE, &asked).await?;
        Ok(())
    }
}
