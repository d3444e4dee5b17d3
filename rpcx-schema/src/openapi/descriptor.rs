//! What a server with the feature `reflection` answers to `Reflection.Describe`, of a trait file and without a server.

use super::json::Json;
use super::shapes::{self, Names};
use super::{Operation, Page, is_null};
use rpcx_codegen::model::Family;

/// Where the schemas of types are in this document.
const DEFINITIONS: &str = "#/$defs/";

/// The services of one trait file as one JSON document, with the members of `Reflection.Describe`: for tools that call
/// servers which do not tell their types. Values that have no form in JSON have the schema of every value.
pub fn describe(page: &Page) -> String {
    let names = Names {
        schemas: DEFINITIONS,
        file: &page.file,
        shared: &|_| false,
    };
    let mut definitions: Vec<_> = page
        .document
        .types
        .iter()
        .map(|one| (one.ident.to_string(), shapes::definition(one, &names)))
        .collect();
    let mut services = Vec::new();
    for described in &page.document.services {
        let service = &described.service;
        let mut methods = Vec::new();
        for (method, signature) in service.methods.iter().zip(&described.signatures) {
            let operation = Operation {
                service: &service.path,
                method,
                signature,
                names: &names,
                document: &page.document,
            };
            definitions.extend(operation.arguments());
            methods.push(operation.described());
        }
        let mut one = Json::object()
            .with("name", &*service.path)
            .with("docs", &*service.docs);
        if let Some(version) = &service.version {
            one = one.with("version", &**version);
        }
        services.push(one.with("methods", methods));
    }
    Json::object()
        .with("services", services)
        .with("$defs", Json::Object(definitions))
        .render()
}

impl Operation<'_> {
    fn described(&self) -> Json {
        let method = self.method;
        let codecs = method.codecs.all().flat_map(names_of);
        let codecs = codecs.map(|name| Json::from(*name));
        let errors = self.errors().iter().map(|one| {
            Json::object()
                .with("code", i128::from(one.value))
                .with("name", &*one.name)
                .with("docs", &*one.docs)
        });
        let all = Json::object()
            .with("name", &*method.wire)
            .with("docs", &*method.docs)
            .with("args", self.args())
            .with("idempotent", method.idempotent)
            .with("one_way", method.oneway)
            .with("codecs", codecs.collect::<Vec<_>>())
            .with("errors", errors.collect::<Vec<_>>());
        match method.oneway && is_null(&self.reply()) {
            true => all,
            false => all.with("reply", self.reply()),
        }
    }
}

fn names_of(family: Family) -> &'static [&'static str] {
    match family {
        Family::Serde => &["msgpack", "json"],
        Family::Protobuf => &["protobuf"],
        Family::Thrift => &["thrift"],
        Family::Raw => &["raw"],
    }
}
