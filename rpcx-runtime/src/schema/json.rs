//! A JSON value whose members stay in order.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Number, Value};

/// A JSON value, such as a schema. Members keep the order in which they are added, which is that of
/// the source for the fields of a message.
///
/// ```
/// use rpcx::reflection::Json;
///
/// let schema = Json::object()
///     .with("type", "string")
///     .with("maxLength", 20u64);
/// assert_eq!(schema.to_string(), r#"{"type":"string","maxLength":20}"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Json(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'static, str>),
    List(Vec<Json>),
    Object(Vec<(Cow<'static, str>, Json)>),
    /// The definition with this number, which has a name when all of them are known.
    Definition(usize),
}

impl Json {
    /// `null`.
    pub const NULL: Self = Self(Node::Null);

    /// `{}`, which as a schema stands for every value.
    pub fn object() -> Self {
        Self(Node::Object(Vec::new()))
    }

    /// With one more member, in place of one with that name. What is no object becomes one.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Self>) -> Self {
        self.insert(name.into(), value.into());
        self
    }

    /// The member with this name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Node::Object(members) = &self.0 else {
            return None;
        };
        let found = members.iter().find(|(member, _)| member == name);
        found.map(|(_, value)| value)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = match &self.0 {
            Node::Object(members) => &members[..],
            _ => &[],
        };
        members.iter().map(|(name, value)| (&**name, value))
    }

    /// The elements, if it is a list.
    pub fn items(&self) -> &[Self] {
        match &self.0 {
            Node::List(list) => list,
            _ => &[],
        }
    }

    /// A reference to a definition, beside which there may be more members.
    pub(super) fn reference(number: usize) -> Self {
        Self::object().with("$ref", Self(Node::Definition(number)))
    }

    /// The number of the definition that it refers to.
    pub(super) fn definition(&self) -> Option<usize> {
        match self.get("$ref")?.0 {
            Node::Definition(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.0, Node::Object(members) if members.is_empty())
    }

    fn insert(&mut self, name: Cow<'static, str>, value: Self) {
        if !matches!(self.0, Node::Object(_)) {
            self.0 = Node::Object(Vec::new());
        }
        let Node::Object(members) = &mut self.0 else {
            return;
        };
        match members.iter_mut().find(|(member, _)| *member == name) {
            Some((_, old)) => *old = value,
            None => members.push((name, value)),
        }
    }

    /// With references to definitions by `name`.
    pub(super) fn resolved(&self, name: &dyn Fn(usize) -> String) -> Self {
        Self(match &self.0 {
            Node::List(list) => Node::List(list.iter().map(|json| json.resolved(name)).collect()),
            Node::Object(members) => Node::Object(
                members
                    .iter()
                    .map(|(member, json)| (member.clone(), json.resolved(name)))
                    .collect(),
            ),
            Node::Definition(number) => Node::Text(name(*number).into()),
            other => other.clone(),
        })
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Number(number) => number.serialize(serializer),
            Node::Text(text) => serializer.serialize_str(text),
            Node::List(list) => serializer.collect_seq(list),
            Node::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            // Only while its name is not known.
            Node::Definition(number) => serializer.serialize_u64(*number as u64),
        }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| std::fmt::Error)?;
        f.write_str(&text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self(Node::Bool(value))
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self(Node::Number(value.into()))
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self(Node::Number(value.into()))
    }
}

impl From<&'static str> for Json {
    fn from(text: &'static str) -> Self {
        Self(Node::Text(text.into()))
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self(Node::Text(text.into()))
    }
}

impl From<Vec<Self>> for Json {
    fn from(list: Vec<Self>) -> Self {
        Self(Node::List(list))
    }
}

impl FromIterator<Self> for Json {
    fn from_iter<I: IntoIterator<Item = Self>>(list: I) -> Self {
        Self(Node::List(list.into_iter().collect()))
    }
}

impl FromIterator<(String, Self)> for Json {
    fn from_iter<I: IntoIterator<Item = (String, Self)>>(members: I) -> Self {
        let mut object = Self::object();
        for (name, value) in members {
            object.insert(name.into(), value);
        }
        object
    }
}

/// For schemas that other libraries make.
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(value) => value.into(),
            Value::Number(number) => Self(Node::Number(number)),
            Value::String(text) => text.into(),
            Value::Array(list) => list.into_iter().map(Self::from).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_names_are_there_once() {
        let json = Json::object()
            .with("z", 1i64)
            .with("a", true)
            .with("z", "x");
        assert_eq!(json.to_string(), r#"{"z":"x","a":true}"#);
        let value = serde_json::json!({"b": [null, 1.5, "x"]});
        assert_eq!(Json::from(value.clone()).to_string(), value.to_string());
    }
}
