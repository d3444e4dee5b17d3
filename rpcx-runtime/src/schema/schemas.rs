//! The schemas of a set of types, each definition once.

use super::{Json, Part};

/// A type whose values have a schema: JSON Schema 2020-12 of their form in JSON on the wire.
///
/// `#[rpcx::message]` implements it, and it is there for the types of the standard library that are values. For other
/// types it is optional: without it a type has the schema of every value.
///
/// ```
/// use rpcx::reflection::{Json, JsonSchema, Schemas};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Percent(u8);
///
/// impl JsonSchema for Percent {
///     fn schema(_: &mut Schemas) -> Json {
///         Json::object().with("type", "integer").with("maximum", 100u64)
///     }
/// }
/// ```
pub trait JsonSchema {
    /// The schema of one value. Schemas of other types are asked for with the same `schemas`.
    fn schema(schemas: &mut Schemas) -> Json;

    /// The schema of a list of values. Of another form for `u8` alone: bytes are text.
    #[doc(hidden)]
    fn list(schemas: &mut Schemas) -> Json {
        array(Self::schema(schemas))
    }
}

/// A field of a message, or an argument: its name on the wire, its docs and its schema.
#[derive(Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "generated code writes it")]
pub struct Property<'a>(pub &'static str, pub &'static str, pub Part<'a>);

impl std::fmt::Debug for Property<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Property").field(&self.0).finish()
    }
}

/// Collects the definitions that schemas refer to.
#[derive(Debug, Default)]
pub struct Schemas {
    definitions: Vec<Definition>,
    plain: bool,
}

#[derive(Debug)]
struct Definition {
    /// The type, by its path and by where it was written: one alone may be that of two types.
    key: (&'static str, &'static str),
    body: Json,
}

impl Schemas {
    /// No definitions.
    pub fn new() -> Self {
        Self::default()
    }

    /// A reference to the schema of `T`, which `body` makes when it is asked for the first time: a type may
    /// contain itself. `place` says where the type is defined.
    ///
    /// ```
    /// use rpcx::reflection::{Json, JsonSchema, Schemas};
    ///
    /// struct Name(String);
    ///
    /// impl JsonSchema for Name {
    ///     fn schema(schemas: &mut Schemas) -> Json {
    ///         let place = concat!(file!(), ":", line!());
    ///         schemas.define::<Self>(place, "How it is called.", &|schemas| String::schema(schemas))
    ///     }
    /// }
    /// ```
    pub fn define<T: ?Sized>(
        &mut self,
        place: &'static str,
        docs: &'static str,
        body: Part<'_>,
    ) -> Json {
        self.define_key((std::any::type_name::<T>(), place), docs, body)
    }

    fn define_key(
        &mut self,
        key: (&'static str, &'static str),
        docs: &'static str,
        body: Part<'_>,
    ) -> Json {
        let known = self.definitions.iter().position(|one| one.key == key);
        let number = known.unwrap_or_else(|| {
            let number = self.definitions.len();
            // Its body is made while the number is known already.
            let body_for_now = Json::object();
            self.definitions.push(Definition {
                key,
                body: body_for_now,
            });
            let plain = std::mem::take(&mut self.plain);
            let made = body(self);
            self.plain = plain;
            self.definitions[number].body = described(made, docs);
            number
        });
        Json::reference(number)
    }

    /// An object with these members. None is required: what is missing is a zero value.
    #[doc(hidden)]
    pub fn object(&mut self, properties: &[Property<'_>]) -> Json {
        let members = properties.iter().map(|Property(name, docs, schema)| {
            let schema = described(schema(self), docs);
            ((*name).to_owned(), schema)
        });
        let members: Vec<_> = members.collect();
        Json::object()
            .with("type", "object")
            .with("properties", members.into_iter().collect::<Json>())
    }

    /// An enum that travels as a number, or as a name.
    #[doc(hidden)]
    pub fn variants(&mut self, variants: &[(Json, &'static str, &'static str)]) -> Json {
        let each = variants.iter().map(|(value, name, docs)| {
            let one = Json::object().with("const", value.clone());
            described(one.with("title", *name), docs)
        });
        Json::object().with("oneOf", each.collect::<Json>())
    }

    /// As [`variants`](Self::variants), with a variant for all other values.
    #[doc(hidden)]
    pub fn variants_or(
        &mut self,
        variants: &[(Json, &'static str, &'static str)],
        Property(name, docs, schema): Property<'_>,
    ) -> Json {
        let each = variants.iter().map(|(value, name, docs)| {
            let one = Json::object().with("const", value.clone());
            described(one.with("title", *name), docs)
        });
        let mut each: Vec<Json> = each.collect();
        each.push(described(schema(self).with("title", name), docs));
        // a known value fits the last one too, so it is not exactly one of them
        Json::object().with("anyOf", each.into_iter().collect::<Json>())
    }

    /// An enum with data: an object with one of these members.
    #[doc(hidden)]
    pub fn choices(&mut self, cases: &[Property<'_>]) -> Json {
        let each = cases.iter().map(|Property(name, docs, schema)| {
            let carried = schema(self);
            let members: Json = [((*name).to_owned(), carried)].into_iter().collect();
            let one = Json::object().with("type", "object");
            let one = one.with("properties", members);
            let required: Json = [Json::from(*name)].into_iter().collect();
            described(one.with("required", required), docs)
        });
        Json::object().with("oneOf", each.collect::<Json>())
    }

    /// A value in serde's own form, where its type has another one.
    #[doc(hidden)]
    pub fn plain(&mut self, schema: Part<'_>) -> Json {
        let before = std::mem::replace(&mut self.plain, true);
        let made = schema(self);
        self.plain = before;
        made
    }

    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// A message of another format, which has a name and no form in JSON.
    #[doc(hidden)]
    pub fn foreign(&mut self, name: &'static str) -> Json {
        Json::object().with("title", name)
    }

    /// What a reference refers to, or the schema itself.
    pub(super) fn body<'a>(&'a self, schema: &'a Json) -> &'a Json {
        match schema.definition() {
            Some(number) => &self.definitions[number].body,
            None => schema,
        }
    }

    /// The names of the definitions: unique, made of letters, digits, `_` and `.`, and the same whatever the
    /// order in which they were asked for.
    fn names(&self) -> Vec<String> {
        let types: Vec<_> = self.definitions.iter().map(|one| one.key.0).collect();
        super::names::names(&types)
    }

    /// Gives the definitions names, which are to be found under `prefix`.
    pub(crate) fn finish(&self, prefix: &'static str) -> Resolved {
        let names = self.names();
        let reference = |number: usize| format!("{prefix}{}", names[number]);
        let bodies = self
            .definitions
            .iter()
            .map(|one| one.body.resolved(&reference));
        let mut definitions: Vec<_> = names.iter().cloned().zip(bodies).collect();
        definitions.sort_by(|(one, _), (other, _)| one.cmp(other));
        Resolved {
            prefix,
            definitions: definitions.into_iter().collect(),
            names,
        }
    }
}

/// Definitions that have names.
#[derive(Debug)]
pub(crate) struct Resolved {
    prefix: &'static str,
    names: Vec<String>,
    /// By name.
    pub(crate) definitions: Json,
}

impl Resolved {
    /// A schema whose references are names.
    pub(crate) fn resolve(&self, schema: &Json) -> Json {
        schema.resolved(&|number| format!("{}{}", self.prefix, self.names[number]))
    }
}

/// A schema with the docs of the place where it stands.
pub(super) fn described(schema: Json, docs: &'static str) -> Json {
    match docs.is_empty() {
        true => schema,
        false => schema.with("description", docs),
    }
}

pub(super) fn array(items: Json) -> Json {
    let array = Json::object().with("type", "array");
    match items.is_empty() {
        true => array,
        false => array.with("items", items),
    }
}
