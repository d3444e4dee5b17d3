//! `--trait`: types of a file, for servers that do not tell theirs.

mod msgpack;
mod value;

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use rpcx::Codec;
use serde_json::{Map, Value};

use crate::call::MethodName;
use crate::describe::{Document, Method, suggestion};
use crate::outcome::Outcome;
use value::Typed;

/// Where types are known from.
#[derive(Args, Clone, Debug)]
pub(crate) struct TypeOptions {
    /// A trait file with the service, or its file of Go: for servers that do not tell their types; can be repeated for Go
    #[arg(long = "trait", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// A method whose types are known.
#[derive(Debug)]
pub(crate) struct TypedMethod {
    method: Method,
    definitions: Map<String, Value>,
}

impl TypeOptions {
    /// What the file says, if there is one.
    pub(crate) fn document(&self) -> Result<Option<Document>, Outcome> {
        if self.files.is_empty() {
            return Ok(None);
        }
        let json = rpcx_build::describe(&self.files).map_err(Outcome::usage)?;
        Document::typed(json.as_bytes()).map(Some)
    }

    /// What files of Go have that has no form here: a method whose types are in another file, for one.
    fn left_out(&self) -> Vec<String> {
        rpcx_build::import_go(&self.files).map_or_else(|_| Vec::new(), |imported| imported.left_out)
    }

    /// What the file says of a method, if there is one.
    pub(crate) fn method(&self, name: &MethodName) -> Result<Option<TypedMethod>, Outcome> {
        let Some(document) = self.document()? else {
            return Ok(None);
        };
        let full = format!("{}.{}", name.service, name.method);
        let hint = suggestion(&document, &full);
        let services = document.services.into_iter();
        let mut methods = services
            .filter(|service| service.name == name.service)
            .flat_map(|service| service.methods);
        match methods.find(|method| method.name == name.method) {
            Some(method) => Ok(Some(TypedMethod {
                method,
                definitions: document.definitions,
            })),
            None => {
                let mut text = format!("`{full}` is not in the files of `--trait`");
                for left_out in self.left_out() {
                    text.push_str(&format!("\nleft out: {left_out}"));
                }
                Err(Outcome::usage(text).hint(hint))
            }
        }
    }
}

impl TypedMethod {
    /// The codec that a generated client would call it in.
    pub(crate) fn codec(&self) -> Codec {
        match self.method.codecs.first().map(String::as_str) {
            Some("msgpack") => Codec::MSGPACK,
            Some("protobuf") => Codec::PROTOBUF,
            Some("thrift") => Codec::THRIFT,
            Some("raw") => Codec::RAW,
            _ => Codec::JSON,
        }
    }

    /// Arguments in JSON as a client with these types would send them. A field that is not there is its zero value, as
    /// in Go; one that the type has not is a mistake.
    pub(crate) fn encode(&self, json: &[u8], codec: Codec) -> Result<Bytes, Outcome> {
        let json: Value = serde_json::from_slice(json).map_err(Outcome::usage)?;
        let types = value::Types {
            definitions: &self.definitions,
        };
        let typed = types.read(&json, &self.method.args)?;
        let bytes = match codec {
            Codec::MSGPACK => msgpack::encode(&typed)?,
            _ => serde_json::to_vec(&Typed::into_json(typed)).map_err(Outcome::usage)?,
        };
        Ok(bytes.into())
    }
}
