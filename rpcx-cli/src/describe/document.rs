//! What a server says: the document of `Reflection.Describe`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::outcome::Outcome;

/// All services, and the definitions of their types.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Document {
    pub(super) services: Vec<Service>,
    #[serde(rename = "$defs", default, skip_serializing_if = "Map::is_empty")]
    pub(super) definitions: Map<String, Value>,
    /// Whether the schemas say anything.
    #[serde(skip)]
    pub(super) typed: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Service {
    pub(super) name: String,
    #[serde(default)]
    pub(super) docs: String,
    #[serde(default)]
    pub(super) version: Value,
    #[serde(default)]
    pub(super) methods: Vec<Method>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Method {
    pub(super) name: String,
    #[serde(default)]
    pub(super) docs: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(super) args: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(super) reply: Value,
    #[serde(default)]
    pub(super) idempotent: bool,
    #[serde(default)]
    pub(super) one_way: bool,
    #[serde(default)]
    pub(super) codecs: Vec<String>,
    #[serde(default)]
    pub(super) errors: Vec<ErrorInfo>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct ErrorInfo {
    #[serde(default)]
    pub(super) code: Value,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) docs: String,
}

impl Document {
    pub(super) fn json(&self) -> Result<Vec<u8>, Outcome> {
        serde_json::to_vec(self).map_err(Outcome::usage)
    }

    /// All methods, as `Service.Method`.
    pub(crate) fn names(&self) -> Vec<String> {
        let services = self.services.iter();
        let names = services.flat_map(|service| {
            let methods = service.methods.iter();
            methods.map(|method| format!("{}.{}", service.name, method.name))
        });
        names.collect()
    }
}
