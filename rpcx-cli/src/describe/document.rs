//! What a server says: the document of `Reflection.Describe`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::outcome::Outcome;

/// All services, and the definitions of their types.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Document {
    pub(crate) services: Vec<Service>,
    #[serde(rename = "$defs", default, skip_serializing_if = "Map::is_empty")]
    pub(crate) definitions: Map<String, Value>,
    /// Whether the schemas say anything.
    #[serde(skip)]
    pub(super) typed: bool,
    /// Whether a server that tells no types is among those that it is made of.
    #[serde(skip)]
    lacks_types: bool,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Service {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) docs: String,
    #[serde(default)]
    pub(super) version: Value,
    #[serde(default)]
    pub(crate) methods: Vec<Method>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Method {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) docs: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) args: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) reply: Value,
    #[serde(default)]
    pub(crate) idempotent: bool,
    #[serde(default)]
    pub(super) one_way: bool,
    #[serde(default)]
    pub(crate) codecs: Vec<String>,
    #[serde(default)]
    pub(super) errors: Vec<ErrorInfo>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct ErrorInfo {
    #[serde(default)]
    pub(super) code: Value,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(crate) docs: String,
}

impl Document {
    /// Reads what a server with types says, or a file of them.
    pub(crate) fn typed(json: &[u8]) -> Result<Self, Outcome> {
        let document = serde_json::from_slice::<Self>(json);
        let mut document =
            document.map_err(|error| Outcome::usage(format!("the description: {error}")))?;
        document.typed = true;
        Ok(document)
    }

    /// The same with the types of a file, for the methods that it has.
    pub(super) fn typed_by(mut self, file: Self) -> Self {
        if self.typed {
            return self;
        }
        for mut known in file.services {
            let mut services = self.services.iter_mut();
            let Some(service) = services.find(|one| one.name == known.name) else {
                continue;
            };
            service.docs = known.docs;
            service.version = known.version;
            for method in &mut service.methods {
                let mut typed = known.methods.iter_mut();
                if let Some(typed) = typed.find(|one| one.name == method.name) {
                    *method = std::mem::take(typed);
                }
            }
        }
        self.definitions = file.definitions;
        self.typed = true;
        self
    }

    /// Whether the types of all its methods are known.
    pub(crate) fn is_typed(&self) -> bool {
        self.typed && !self.lacks_types
    }

    pub(super) fn json(&self) -> Result<Vec<u8>, Outcome> {
        serde_json::to_vec(self).map_err(Outcome::usage)
    }

    /// Adds a service of another document, with the definitions that its types refer to. Where both have different ones of
    /// the same name, those of the service are renamed, with the name of the service in front.
    pub(crate) fn take(&mut self, mut other: Self, service: &str) {
        self.typed |= other.typed;
        self.lacks_types |= !other.is_typed();
        other.services.retain(|one| one.name == service);
        let definitions = std::mem::take(&mut other.definitions);
        let differs = |(name, schema): (&String, &Value)| {
            let known = self.definitions.get(name);
            known.is_some_and(|known| known != schema)
        };
        // All of them then: those that are the same may refer to one that is not.
        let renamed: Vec<String> = match definitions.iter().any(differs) {
            true => definitions.keys().cloned().collect(),
            false => Vec::new(),
        };
        let rename = |schema: &mut Value| renamed_within(schema, &renamed, service);
        for (name, mut schema) in definitions {
            rename(&mut schema);
            let name = match renamed.contains(&name) {
                true => format!("{service}.{name}"),
                false => name,
            };
            self.definitions.insert(name, schema);
        }
        for method in other.services.iter_mut().flat_map(|one| &mut one.methods) {
            rename(&mut method.args);
            rename(&mut method.reply);
        }
        self.services.append(&mut other.services);
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

/// Lets the references of a schema follow definitions that were renamed.
fn renamed_within(schema: &mut Value, renamed: &[String], service: &str) {
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        match schema {
            Value::Array(all) => open.extend(all),
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get_mut("$ref")
                    && let Some(name) = reference.strip_prefix("#/$defs/")
                    && renamed.iter().any(|one| one == name)
                {
                    *reference = format!("#/$defs/{service}.{name}");
                }
                open.extend(members.values_mut());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(service: &str, kind: &str) -> Document {
        let text = r##"{"services": [{"name": "NAME", "methods": [{"name": "Do", "args": {"$ref": "#/$defs/Args"}}]}, {"name": "Other"}],
            "$defs": {"Args": {"type": "array", "items": {"$ref": "#/$defs/Item"}}, "Item": {"type": "KIND"}}}"##;
        let text = text.replace("NAME", service).replace("KIND", kind);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn documents_of_several_servers_are_one() {
        let mut all = Document::default();
        all.take(document("A", "string"), "A");
        all.take(document("B", "string"), "B");
        all.take(document("C", "integer"), "C");
        assert_eq!(all.names(), ["A.Do", "B.Do", "C.Do"]);
        let names: Vec<_> = all.definitions.keys().collect();
        assert_eq!(names, ["Args", "C.Args", "C.Item", "Item"]);
        assert_eq!(all.services[2].methods[0].args["$ref"], "#/$defs/C.Args");
        assert_eq!(all.definitions["C.Item"]["type"], "integer");
    }
}
