//! A service of a `.proto` file as a Rust trait, which then goes the way of every trait.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use prost_build::{Comments, Method, Service, ServiceGenerator};
use prost_types::method_options::IdempotencyLevel;
use rpcx_codegen::file;

use super::names::Taken;
use super::places::{Places, full_name};
use super::promises::Promises;
use super::settings::Streams;
use super::{names, promises};

/// Writes services below the messages of their package.
#[derive(Debug)]
pub(super) struct Generator {
    pub(super) full_names: bool,
    pub(super) all_codecs: bool,
    pub(super) streams: Streams,
    pub(super) places: Places,
    /// What other items of the packages are called.
    pub(super) names: Taken,
    /// What is wrong, for a caller that has handed the generator over.
    pub(super) mistakes: Rc<RefCell<Vec<String>>>,
    /// What was left out.
    pub(super) notes: Rc<RefCell<Vec<String>>>,
    /// What the services promise.
    pub(super) promises: Rc<RefCell<Promises>>,
}

impl ServiceGenerator for Generator {
    fn generate(&mut self, mut service: Service, out: &mut String) {
        let before = self.mistakes.borrow().len();
        self.streams(&mut service);
        self.rename(&mut service);
        self.check(&service);
        if self.mistakes.borrow().len() > before {
            return;
        }
        let parsed = syn::parse_file(&self.source(&service));
        match parsed.map(|file| file::expand(&file)) {
            Ok(expanded) if expanded.errors.is_empty() => {
                out.push_str(&expanded.tokens.to_string());
                out.push('\n');
                let path = self.path(&service);
                let mut promises = self.promises.borrow_mut();
                promises::service(&mut promises, &path, &service, self.all_codecs);
            }
            Ok(expanded) => {
                for error in expanded.errors {
                    self.mistake(&service, None, &error.to_string());
                }
            }
            Err(error) => self.mistake(&service, None, &error.to_string()),
        }
    }
}

impl Generator {
    /// Refuses rpcs with streams, or leaves them out.
    fn streams(&self, service: &mut Service) {
        let (streams, others): (Vec<Method>, Vec<Method>) = service
            .methods
            .drain(..)
            .partition(|rpc| rpc.client_streaming || rpc.server_streaming);
        service.methods = others;
        if streams.is_empty() {
            return;
        }
        if self.streams == Streams::Skip {
            let names: Vec<String> = streams
                .iter()
                .map(|rpc| format!("`{}`", rpc.proto_name))
                .collect();
            let service = full_name(&service.package, &service.proto_name);
            let note = format!(
                "service `{service}`: left out because of their streams: {}",
                names.join(", ")
            );
            self.notes.borrow_mut().push(note);
            return;
        }
        for rpc in &streams {
            let text = format!(
                "the rpc `{}` has a stream, which is not there yet\n\
                 help: leave all such rpcs out with `.streams(rpcx_build::Streams::Skip)`, or send a `repeated` field in place of the stream",
                rpc.proto_name
            );
            self.mistake(service, Some(rpc), &text);
        }
    }

    /// The trait, the client and the server need names that no message has.
    fn rename(&self, service: &mut Service) {
        let free = self.names.free(&service.package, &service.name);
        if free != service.name {
            let (name, full) = (
                &service.name,
                full_name(&service.package, &service.proto_name),
            );
            let note = format!(
                "service `{full}`: its trait is `{free}`, because the package has other items that are called as `{name}`, `{name}Client` or `{name}Server`"
            );
            self.notes.borrow_mut().push(note);
            service.name = free;
        }
    }

    /// What a trait cannot say, or not at this place.
    fn check(&self, service: &Service) {
        for (index, rpc) in service.methods.iter().enumerate() {
            let name = &rpc.proto_name;
            let wire = names::go(name);
            for earlier in &service.methods[..index] {
                let other = &earlier.proto_name;
                let same = if names::go(other) == wire {
                    format!("on the wire: `{wire}`")
                } else if rpc.name == earlier.name {
                    format!("in Rust: `{}`", rpc.name)
                } else {
                    continue;
                };
                let text = format!("the rpcs `{other}` and `{name}` have one name {same}");
                self.mistake(service, Some(rpc), &text);
            }
        }
    }

    fn mistake(&self, service: &Service, rpc: Option<&Method>, text: &str) {
        let mut name = full_name(&service.package, &service.proto_name);
        if let Some(rpc) = rpc {
            name = full_name(&name, &rpc.proto_name);
        }
        let message = self.places.message(&name, text);
        self.mistakes.borrow_mut().push(message);
    }

    /// The trait as a user would write it.
    fn source(&self, service: &Service) -> String {
        let mut out = docs(&service.comments);
        if service.options.deprecated() {
            out.push_str("#[deprecated]\n");
        }
        let path = self.path(service);
        let name = &service.name;
        let codecs = match self.all_codecs {
            true => "protobuf, serde",
            false => "protobuf",
        };
        out.push_str(&format!(
            "#[rpcx::service(name = {path:?}, codec = {codecs:?})]\npub trait {name} {{\n"
        ));
        for rpc in &service.methods {
            out.push_str(&method(rpc));
        }
        out.push_str("}\n");
        out
    }

    /// protoc-gen-rpcx leaves out the package.
    fn path(&self, service: &Service) -> String {
        match (self.full_names, &*service.package) {
            (false, _) => names::go(&service.proto_name),
            (true, package) => full_name(package, &service.proto_name),
        }
    }
}

fn method(rpc: &Method) -> String {
    let mut out = docs(&rpc.comments);
    if rpc.options.deprecated() {
        out.push_str("#[deprecated]\n");
    }
    let idempotent = match rpc.options.idempotency_level() {
        IdempotencyLevel::IdempotencyUnknown => "",
        IdempotencyLevel::NoSideEffects | IdempotencyLevel::Idempotent => ", idempotent",
    };
    let wire = names::go(&rpc.proto_name);
    let name = names::method(&rpc.name);
    let (input, output) = (own_context(&rpc.input_type), &rpc.output_type);
    out.push_str(&format!(
        "#[rpcx(name = {wire:?}{idempotent})]\n\
         async fn {name}(&self, req: {input}) -> ::rpcx::Result<{output}>;\n"
    ));
    out
}

/// A message called `Context` with a path that tells it from the context of a call.
fn own_context(input: &str) -> Cow<'_, str> {
    let is_context = input.rsplit("::").next() == Some("Context");
    match is_context && !input.starts_with("super::") && !input.starts_with("::") {
        true => format!("self::{input}").into(),
        false => input.into(),
    }
}

/// The comments that belong to an item, as its doc comment.
fn docs(comments: &Comments) -> String {
    let mut own = comments.clone();
    own.leading_detached.clear();
    let mut out = String::new();
    own.append_with_indent(0, &mut out);
    out
}
