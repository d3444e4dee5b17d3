//! From bytes to calls. Parameters and ids stay the bytes that they are.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::value::RawValue;

/// What a body is.
#[derive(Debug)]
pub(super) enum Parsed<'a> {
    /// No JSON, and why.
    Broken(String),
    /// A batch over the limit.
    TooMany,
    Single(Result<Call<'a>, Invalid<'a>>),
    Batch(Vec<Result<Call<'a>, Invalid<'a>>>),
}

/// One call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// `None` for a notification.
    pub(super) id: Option<&'a str>,
    pub(super) method: Cow<'a, str>,
    pub(super) params: Option<&'a RawValue>,
}

/// JSON that is no call.
#[derive(Debug)]
pub(super) struct Invalid<'a> {
    /// `null` unless it has one that can be repeated.
    pub(super) id: &'a str,
    pub(super) text: &'static str,
}

/// Reads a body. `lenient`: the member `jsonrpc` may be missing, and parameters may be any value.
pub(super) fn parse(body: &[u8], limit: usize, lenient: bool) -> Parsed<'_> {
    let is_batch = body.trim_ascii_start().first() == Some(&b'[');
    if !is_batch {
        return match serde_json::from_slice::<&RawValue>(body) {
            Ok(value) => Parsed::Single(call(value, lenient)),
            Err(error) => Parsed::Broken(error.to_string()),
        };
    }
    let mut elements = Elements {
        limit,
        found: Vec::new(),
        over: false,
    };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = (&mut elements)
        .deserialize(&mut reader)
        .and_then(|()| reader.end());
    match read {
        _ if elements.over => Parsed::TooMany,
        Ok(()) => Parsed::Batch(
            elements
                .found
                .into_iter()
                .map(|one| call(one, lenient))
                .collect(),
        ),
        Err(error) => Parsed::Broken(error.to_string()),
    }
}

/// The element of a list of one.
pub(super) fn only(params: &RawValue) -> Option<&RawValue> {
    if !params.get().starts_with('[') {
        return None;
    }
    let mut elements = Elements {
        limit: 1,
        found: Vec::new(),
        over: false,
    };
    let mut reader = serde_json::Deserializer::from_str(params.get());
    (&mut elements).deserialize(&mut reader).ok()?;
    elements.found.pop()
}

/// The elements of a list up to a limit, behind which it is not read on.
struct Elements<'a> {
    limit: usize,
    found: Vec<&'a RawValue>,
    over: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Elements<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Elements<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a batch")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&RawValue>()? {
            if self.found.len() == self.limit {
                self.over = true;
                return Err(A::Error::custom("too many"));
            }
            self.found.push(element);
        }
        Ok(())
    }
}

/// The members of a call, each as it came.
#[derive(Default)]
struct Members<'a> {
    version: Option<&'a RawValue>,
    method: Option<&'a RawValue>,
    params: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    twice: bool,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        while let Some(Name(name)) = map.next_key()? {
            let place = match &*name {
                "jsonrpc" => &mut members.version,
                "method" => &mut members.method,
                "params" => &mut members.params,
                "id" => &mut members.id,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            members.twice |= place.replace(map.next_value()?).is_some();
        }
        Ok(members)
    }
}

/// The name of a member, or a text.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

fn call(value: &RawValue, lenient: bool) -> Result<Call<'_>, Invalid<'_>> {
    let invalid = |id, text| Invalid { id, text };
    let Ok(members) = serde_json::from_str::<Members<'_>>(value.get()) else {
        return Err(invalid("null", "a call is an object"));
    };
    let id = members.id.map(RawValue::get);
    if id.is_some_and(|id| !is_id(id)) {
        return Err(invalid("null", "`id` must be a string or a number"));
    }
    let known = id.unwrap_or("null");
    if members.twice {
        return Err(invalid(known, "a member is there twice"));
    }
    match members.version.map(RawValue::get) {
        Some("\"2.0\"") => {}
        None if lenient => {}
        _ => return Err(invalid(known, "`jsonrpc` must be \"2.0\"")),
    }
    let method = members
        .method
        .and_then(|method| serde_json::from_str(method.get()).ok());
    let Some(Name(method)) = method else {
        return Err(invalid(known, "`method` must be a string"));
    };
    let params = members.params.filter(|params| params.get() != "null");
    let structured = params.is_none_or(|params| params.get().starts_with(['{', '[']));
    if !structured && !lenient {
        return Err(invalid(known, "`params` must be an object or a list"));
    }
    Ok(Call { id, method, params })
}

/// An identifier goes back as it came, so it must be one that every reader takes: not a number that is infinite as a double, nor half a
/// surrogate pair, both of which the grammar of JSON allows.
fn is_id(id: &str) -> bool {
    match id.as_bytes() {
        b"null" => true,
        [b'"', text @ ..] => !text.contains(&b'\\') || serde_json::from_str::<Name<'_>>(id).is_ok(),
        [b'-' | b'0'..=b'9', ..] => id.parse().is_ok_and(f64::is_finite),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(body: &str, lenient: bool) -> Result<(Option<&str>, String), (String, &'static str)> {
        match parse(body.as_bytes(), 10, lenient) {
            Parsed::Single(Ok(call)) => Ok((call.id, call.method.into_owned())),
            Parsed::Single(Err(invalid)) => Err((invalid.id.to_owned(), invalid.text)),
            Parsed::Broken(_) => Err((String::new(), "broken")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn calls() {
        let ok = |id: Option<&'static str>| Ok((id, "A.b".to_owned()));
        for (body, expected) in [
            (r#"{"jsonrpc":"2.0","method":"A.b","id":1}"#, ok(Some("1"))),
            (
                r#" {"id":"x\n","params":[],"method":"A.\u0062","jsonrpc":"2.0","more":[{}]} "#,
                ok(Some(r#""x\n""#)),
            ),
            (r#"{"jsonrpc":"2.0","method":"A.b"}"#, ok(None)),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","params":null,"id":null}"#,
                ok(Some("null")),
            ),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","id":-1.5e3}"#,
                ok(Some("-1.5e3")),
            ),
        ] {
            assert_eq!(single(body, false), expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_call() {
        for (body, id, said) in [
            (
                r#"{"jsonrpc":"2.0","method":"A.b","id":{}}"#,
                "null",
                "`id`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","id":true}"#,
                "null",
                "`id`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","id":1e999}"#,
                "null",
                "`id`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","id":"\ud800"}"#,
                "null",
                "`id`",
            ),
            (r#"{"jsonrpc":"2.0","method":1,"id":3}"#, "3", "`method`"),
            (r#"{"jsonrpc":"2.0","id":3}"#, "3", "`method`"),
            (
                r#"{"jsonrpc":"1.0","method":"A.b","id":3}"#,
                "3",
                "`jsonrpc`",
            ),
            (r#"{"method":"A.b","id":3}"#, "3", "`jsonrpc`"),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","params":"x","id":3}"#,
                "3",
                "`params`",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"A.b","id":3,"id":4}"#,
                "4",
                "twice",
            ),
            ("1", "null", "an object"),
            ("\"x\"", "null", "an object"),
            ("{", "", "broken"),
            ("", "", "broken"),
            ("{} {}", "", "broken"),
        ] {
            let (found, text) = single(body, false).unwrap_err();
            assert!(found == id && text.contains(said), "{body}: {found} {text}");
        }
        single(r#"{"method":"A.b","params":"x","id":3}"#, true).unwrap();
        let Parsed::Broken(_) = parse(b"{\"id\":\"\xff\"}", 10, false) else {
            panic!("it is not UTF-8");
        };
    }

    #[test]
    fn a_batch_is_not_read_on_behind_its_limit() {
        let body = |calls: usize| format!("[{}]", vec!["1"; calls].join(","));
        assert!(
            matches!(parse(body(10).as_bytes(), 10, false), Parsed::Batch(all) if all.len() == 10)
        );
        assert!(matches!(
            parse(body(11).as_bytes(), 10, false),
            Parsed::TooMany
        ));
        assert!(matches!(
            parse(b"[1,2,3,4,5,6,7,8,9,10,11, broken", 10, false),
            Parsed::TooMany
        ));
        assert!(matches!(parse(b" []", 10, false), Parsed::Batch(all) if all.is_empty()));
        assert!(matches!(parse(b"[1,", 10, false), Parsed::Broken(_)));
        assert!(matches!(parse(b"[1] x", 10, false), Parsed::Broken(_)));
    }

    #[test]
    fn the_only_element_of_a_list() {
        for (params, expected) in [
            ("[{\"a\":1}]", Some("{\"a\":1}")),
            ("[ 1 ]", Some("1")),
            ("[]", None),
            ("[1,2]", None),
            ("{}", None),
        ] {
            let params: &RawValue = serde_json::from_str(params).unwrap();
            assert_eq!(only(params).map(RawValue::get), expected, "{params}");
        }
    }
}
