//! The text of Go's reflection service: names of services and methods, and no types.

use super::document::{Document, Method, Service};
use crate::outcome::Outcome;

/// Reads `type (s *Arith) Mul(ctx context.Context, ..` and the like.
pub(super) fn document(json: &[u8]) -> Result<Document, Outcome> {
    let text: String = serde_json::from_slice(json)
        .map_err(|error| Outcome::usage(format!("the server's description: {error}")))?;
    let mut document = Document::default();
    for (service, method) in text.lines().filter_map(method) {
        let method = Method {
            name: method.to_owned(),
            ..Method::default()
        };
        let mut services = document.services.iter_mut();
        match services.find(|known| known.name == service) {
            Some(known) => known.methods.push(method),
            None => document.services.push(Service {
                name: service.to_owned(),
                methods: vec![method],
                ..Service::default()
            }),
        }
    }
    Ok(document)
}

/// The service and the method that a line is about.
fn method(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().strip_prefix("type (")?;
    let (receiver, rest) = line.split_once(')')?;
    let (_, service) = receiver.split_once('*')?;
    let (method, _) = rest.split_once('(')?;
    Some((service.trim(), method.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let text = "package main\n\ntype Arith struct{}\n\ntype Args struct {\n\tA int64\n}\n\n\
                    type (s *Arith) Mul(ctx context.Context, arg *Args, reply *Reply) error {\n\treturn nil\n}\n\n\
                    type (s *Arith) Add(ctx context.Context, arg *Args, reply *Reply) error {\n\treturn nil\n}\n\
                    type (s *Echo) Say(ctx context.Context, arg *string, reply *string) error {";
        let json = serde_json::to_vec(text).unwrap();
        let names = document(&json).unwrap().names();
        assert_eq!(names, ["Arith.Mul", "Arith.Add", "Echo.Say"]);
        assert!(document(b"1").is_err());
        assert_eq!(document(b"\"type (\"").unwrap().names(), [""; 0]);
    }
}
