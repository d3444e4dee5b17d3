//! What the options of a service, a method and an argument mean.

use proc_macro2::TokenStream;
use syn::{Attribute, LitStr, Path};

use super::attributes::{self, Given, Kind, Known};
use super::names::Case;
use crate::diagnostics::Diagnostics;
use crate::model::{Codecs, Execution, Family};

const SERVICE: Known = Known {
    place: "a service",
    options: &[
        ("name", Kind::Text),
        ("rename_methods", Kind::Text),
        ("rename_args", Kind::Text),
        ("codec", Kind::Text),
        ("version", Kind::Text),
        ("wrap", Kind::Flag),
        ("dyn", Kind::Flag),
        ("client", Kind::Bool),
        ("server", Kind::Bool),
        ("crate", Kind::Text),
    ],
    repeatable: None,
};

const METHOD: Known = Known {
    place: "a method",
    options: &[
        ("name", Kind::Text),
        ("alias", Kind::Text),
        ("oneway", Kind::Flag),
        ("idempotent", Kind::Flag),
        ("timeout", Kind::Time),
        ("codec", Kind::Text),
        ("wrap", Kind::Flag),
        ("args", Kind::Text),
        ("reply", Kind::Text),
        ("blocking", Kind::Flag),
        ("spawn", Kind::Flag),
        ("run_to_end", Kind::Flag),
    ],
    repeatable: Some("alias"),
};

const ARGUMENT: Known = Known {
    place: "an argument",
    options: &[
        ("name", Kind::Text),
        ("default", Kind::Flag),
        ("bytes", Kind::Flag),
        ("hash", Kind::Flag),
    ],
    repeatable: None,
};

/// `#[rpcx::service(..)]`
#[derive(Debug)]
pub(super) struct ServiceOptions {
    pub(super) name: Option<LitStr>,
    pub(super) rename_methods: Case,
    pub(super) rename_args: Case,
    pub(super) codecs: Codecs,
    pub(super) version: Option<String>,
    pub(super) wrap: bool,
    pub(super) client: bool,
    pub(super) server: bool,
    pub(super) dynamic: bool,
    pub(super) facade: Path,
}

/// `#[rpcx(..)]` on a method.
#[derive(Debug)]
pub(super) struct MethodOptions {
    pub(super) name: Option<LitStr>,
    pub(super) aliases: Vec<LitStr>,
    pub(super) oneway: bool,
    pub(super) idempotent: bool,
    pub(super) run_to_end: bool,
    pub(super) timeout_ms: Option<u64>,
    pub(super) codecs: Option<Codecs>,
    pub(super) wrap: bool,
    pub(super) args: Option<LitStr>,
    pub(super) reply: Option<LitStr>,
    pub(super) execution: Execution,
}

/// `#[rpcx(..)]` on an argument.
#[derive(Debug)]
pub(super) struct ArgOptions {
    pub(super) name: Option<LitStr>,
    pub(super) default: Option<proc_macro2::Ident>,
    pub(super) bytes: Option<proc_macro2::Ident>,
    pub(super) hash: Option<proc_macro2::Ident>,
}

pub(super) fn service(tokens: TokenStream, diagnostics: &mut Diagnostics) -> ServiceOptions {
    let mut given = Vec::new();
    attributes::read(tokens, &SERVICE, &mut given, diagnostics);
    ServiceOptions {
        name: text(&given, "name").inspect(|name| path_name(name, diagnostics)),
        rename_methods: case(&given, "rename_methods", diagnostics),
        rename_args: case(&given, "rename_args", diagnostics),
        codecs: codecs(&given, diagnostics).unwrap_or_default(),
        version: text(&given, "version").map(|version| version.value()),
        wrap: find(&given, "wrap").is_some(),
        client: flag(&given, "client"),
        server: flag(&given, "server"),
        dynamic: find(&given, "dyn").is_some(),
        facade: facade(&given, diagnostics),
    }
}

pub(super) fn method(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> MethodOptions {
    let given = attributes::take(attrs, &METHOD, diagnostics);
    let aliases = given.iter().filter(|option| option.name == "alias");
    let aliases: Vec<LitStr> = aliases
        .filter_map(|option| option.text().cloned())
        .collect();
    let name = text(&given, "name");
    for name in name.iter().chain(&aliases) {
        method_name(name, diagnostics);
    }
    MethodOptions {
        name,
        aliases,
        oneway: find(&given, "oneway").is_some(),
        idempotent: find(&given, "idempotent").is_some(),
        run_to_end: find(&given, "run_to_end").is_some(),
        timeout_ms: timeout(&given, diagnostics),
        codecs: codecs(&given, diagnostics),
        wrap: find(&given, "wrap").is_some(),
        args: text(&given, "args"),
        reply: text(&given, "reply").inspect(|name| not_empty(name, diagnostics)),
        execution: execution(&given, diagnostics),
    }
}

pub(super) fn argument(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> ArgOptions {
    let given = attributes::take(attrs, &ARGUMENT, diagnostics);
    ArgOptions {
        name: text(&given, "name").inspect(|name| not_empty(name, diagnostics)),
        default: find(&given, "default").map(|option| option.name.clone()),
        bytes: find(&given, "bytes").map(|option| option.name.clone()),
        hash: find(&given, "hash").map(|option| option.name.clone()),
    }
}

fn find<'a>(given: &'a [Given], name: &str) -> Option<&'a Given> {
    given.iter().find(|option| option.name == name)
}

fn text(given: &[Given], name: &str) -> Option<LitStr> {
    find(given, name)?.text().cloned()
}

/// A switch that is on unless it says `false`.
fn flag(given: &[Given], name: &str) -> bool {
    !matches!(find(given, name), Some(Given { value: Some(syn::Lit::Bool(value)), .. }) if !value.value)
}

fn not_empty(name: &LitStr, diagnostics: &mut Diagnostics) {
    if name.value().is_empty() {
        diagnostics.at(name, "a name on the wire cannot be empty");
    }
}

/// JSON-RPC and gateways split `Service.Method` at the last dot.
fn method_name(name: &LitStr, diagnostics: &mut Diagnostics) {
    not_empty(name, diagnostics);
    if name.value().contains('.') {
        diagnostics.at(
            name,
            "the name of a method cannot contain a `.`: it ends the service path on the wire\n\
             help: dots belong into the path of the service, `#[rpcx::service(name = \"..\")]`",
        );
    }
}

fn path_name(name: &LitStr, diagnostics: &mut Diagnostics) {
    not_empty(name, diagnostics);
    if name
        .value()
        .chars()
        .any(|c| c.is_whitespace() || c.is_control())
    {
        diagnostics.at(name, "a service path cannot contain white space");
    }
}

fn case(given: &[Given], option: &str, diagnostics: &mut Diagnostics) -> Case {
    let Some(name) = text(given, option) else {
        return Case::Pascal;
    };
    Case::named(&name.value()).unwrap_or_else(|| {
        let known = Case::NAMES.join("`, `");
        diagnostics.at(
            &name,
            format!(
                "unknown case rule `{}`, expected one of: `{known}`",
                name.value()
            ),
        );
        Case::Pascal
    })
}

/// `codec = "serde"`, or several in the order in which a client prefers them: `codec = "protobuf, serde"`.
fn codecs(given: &[Given], diagnostics: &mut Diagnostics) -> Option<Codecs> {
    let text = text(given, "codec")?;
    let value = text.value();
    let mut all = Vec::new();
    for name in value.split(',').map(str::trim) {
        match family(name) {
            Ok(family) if all.contains(&family) => {
                diagnostics.at(&text, format!("the codec `{name}` is named twice"));
            }
            Ok(family) => all.push(family),
            Err(message) => diagnostics.at(&text, message),
        }
    }
    if all.len() > 1 && all.contains(&Family::Thrift) {
        let message = "`thrift` excludes other codecs: what the thrift compiler generates has no form for them\n\
                       help: give the method to two services, one for each codec";
        diagnostics.at(&text, message);
    }
    let mut all = all.into_iter();
    Some(Codecs {
        first: all.next()?,
        more: all.collect(),
        open: false,
    })
}

fn family(name: &str) -> Result<Family, String> {
    let chosen = match name {
        "serde" => return Ok(Family::Serde),
        "protobuf" => return Ok(Family::Protobuf),
        "raw" => return Ok(Family::Raw),
        "thrift" => return Ok(Family::Thrift),
        "json" => "JSON",
        "msgpack" => "MSGPACK",
        other => {
            return Err(format!(
                "unknown codec `{other}`, expected one of: `serde`, `protobuf`, `thrift`, `raw`"
            ));
        }
    };
    Err(format!(
        "msgpack and JSON are one choice here, `serde`: a method with one answers callers of both\n\
         help: the caller chooses, with `Channel::builder().codec(Codec::{chosen})`"
    ))
}

fn facade(given: &[Given], diagnostics: &mut Diagnostics) -> Path {
    if let Some(path) = text(given, "crate") {
        match path.parse_with(Path::parse_mod_style) {
            Ok(path) => return path,
            Err(_) => diagnostics.at(
                &path,
                format!(
                    "`{}` is not a path\nhelp: write `crate = \"my_facade::rpcx\"`",
                    path.value()
                ),
            ),
        }
    }
    syn::parse_quote!(::rpcx)
}

fn execution(given: &[Given], diagnostics: &mut Diagnostics) -> Execution {
    match (find(given, "blocking"), find(given, "spawn")) {
        (Some(_), Some(spawn)) => {
            diagnostics.at(
                &spawn.name,
                "`blocking` and `spawn` exclude each other: both say where the handler runs",
            );
            Execution::Blocking
        }
        (Some(_), None) => Execution::Blocking,
        (None, Some(_)) => Execution::Spawn,
        (None, None) => Execution::Inline,
    }
}

fn timeout(given: &[Given], diagnostics: &mut Diagnostics) -> Option<u64> {
    let text = text(given, "timeout")?;
    let milliseconds = milliseconds(&text.value());
    if milliseconds.is_none() {
        let wrong = text.value();
        diagnostics.at(&text, format!("`{wrong}` is no timeout\nhelp: write a whole number above 0 and a unit: `500ms`, `2s` or `1m`"));
    }
    milliseconds
}

fn milliseconds(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(factor)
        .filter(|milliseconds| *milliseconds > 0)
}
