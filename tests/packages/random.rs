//! Services made at random, all right: what the generator makes of them compiles.

use super::workspace::Workspace;

/// Small numbers without end, the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Types that an argument or a reply can have.
const OWNED: [&str; 16] = [
    "u8",
    "i64",
    "f32",
    "bool",
    "String",
    "()",
    "User",
    "Color",
    "Mode",
    "Vec<u8>",
    "Option<User>",
    "Vec<Option<User>>",
    "HashMap<String, Vec<u8>>",
    "(u8, String)",
    "[u16; 3]",
    "Box<User>",
];

/// Types that only an argument can have.
const LENT: [&str; 6] = [
    "&str",
    "&[u8]",
    "&User",
    "&Color",
    "Cow<'_, str>",
    "&Option<User>",
];

const TYPES: &str = "
    #![deny(warnings)]
    #![allow(deprecated)]
    use std::borrow::Cow;
    use std::collections::HashMap;
    use rpcx::Context;

    #[rpcx::message]
    #[derive(Clone, Debug, Default)]
    pub struct User { pub id: u64, pub name: String, pub next: Option<Box<User>>, pub photo: Vec<u8> }
    #[rpcx::message]
    #[derive(Clone, Copy, Debug, Default)]
    pub enum Color { #[default] Red, Green = 5 }
    #[rpcx::message(text)]
    #[derive(Clone, Debug)]
    pub enum Mode { Read, Write }
    #[derive(Debug, rpcx::ServiceError)]
    pub enum Wrong {
        #[rpcx(code = 1, message = \"no {0}\")] No(String),
        #[rpcx(other)] Other(rpcx::Error),
    }
    pub type Outcome<T> = Result<T, Wrong>;
";

/// Names that generated code might use for itself.
const NAMES: [&str; 20] = [
    "a", "b", "f", "x", "ctx", "slot", "request", "service", "method", "name", "info", "call",
    "r#type", "r#match", "future", "reply", "context", "self_", "id", "find",
];

fn arguments(numbers: &mut Numbers) -> (usize, String) {
    let count = numbers.below(6);
    let first = numbers.below(NAMES.len());
    let mut out = String::new();
    for at in 0..count {
        let name = NAMES[(first + at) % NAMES.len()];
        let ty = match numbers.one_in(3) {
            true => numbers.of(&LENT),
            false => numbers.of(&OWNED),
        };
        let options = match ty {
            "u8" | "String" if numbers.one_in(3) && count > 1 => "#[rpcx(default)] ",
            _ if numbers.one_in(4) => &format!("#[rpcx(name = \"N{at}\")] "),
            _ => "",
        };
        out.push_str(&format!(", {options}{name}: {ty}"));
    }
    (count, out)
}

fn method(numbers: &mut Numbers, number: usize) -> String {
    let mut options = Vec::new();
    let oneway = numbers.one_in(6);
    let codec_is_raw = numbers.one_in(12);
    let (count, mut arguments) = arguments(numbers);
    let mut reply = if oneway { "()" } else { numbers.of(&OWNED) };
    if codec_is_raw {
        options.push("codec = \"raw\"".to_owned());
        arguments = ", data: &[u8]".to_owned();
        reply = if oneway { "()" } else { "Vec<u8>" };
    }
    if oneway {
        options.push("oneway".to_owned());
    }
    for (often, option) in [(4, "idempotent"), (5, "timeout = \"250ms\""), (6, "spawn")] {
        if numbers.one_in(often) {
            options.push(option.to_owned());
        }
    }
    if !codec_is_raw && count == 1 && numbers.one_in(3) {
        options.push("wrap".to_owned());
    }
    if !codec_is_raw && !oneway && numbers.one_in(5) {
        options.push("reply = \"C\"".to_owned());
    }
    if numbers.one_in(4) {
        options.push(format!("alias = \"Old{number}\""));
    }
    if numbers.one_in(5) {
        options.push(format!("name = \"other_{number}\""));
    }
    let before = numbers.of(&[
        "",
        "/// Text.\n",
        "#[deprecated]\n",
        "#[cfg(any())]\n",
        "#[cfg(all())]\n",
    ]);
    let options = match options.is_empty() {
        true => String::new(),
        false => format!("#[rpcx({})]\n", options.join(", ")),
    };
    let context = numbers.of(&["", "", ", the_context: &Context"]);
    let result = numbers.of(&["rpcx::Result", "Outcome"]);
    format!(
        "{before}#[allow(clippy::too_many_arguments)]\n{options}async fn m{number}(&self{context}{arguments}) -> {result}<{reply}>;\n"
    )
}

fn service(numbers: &mut Numbers, number: usize) -> String {
    let methods: String = (0..1 + numbers.below(5))
        .map(|at| method(numbers, at))
        .collect();
    let options = numbers.of(&[
        "",
        "(dyn)",
        "(rename_methods = \"snake_case\", rename_args = \"camelCase\")",
        "(name = \"a.b\", version = \"1\")",
        "(dyn, client = false)",
        "(server = false)",
    ]);
    let vis = numbers.of(&["pub ", "pub(crate) ", ""]);
    format!("#[rpcx::service{options}]\n{vis}trait S{number} {{\n{methods}}}\n")
}

#[test]
fn two_hundred_services_compile() {
    let mut numbers = Numbers(7);
    let services: String = (0..200)
        .map(|number| service(&mut numbers, number))
        .collect();
    let workspace = Workspace::new("random", &["random"]);
    workspace
        .package(
            "random",
            2021,
            "[dependencies]\nrpcx = { path = \"ROOT\" }\n",
        )
        .file("random/src/lib.rs", &format!("{TYPES}{services}"));
    workspace.passes(&["check"]);
}
