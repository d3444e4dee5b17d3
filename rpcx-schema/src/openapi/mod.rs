//! OpenAPI 3.1: the plain calls that a server with HTTP takes, for tools that make clients, pages and tests of it.
//!
//! It says what a server with the feature `reflection` says at `/openapi.json`, of whole trait files and without a
//! server.

mod descriptor;
mod json;
mod shapes;

use std::collections::HashMap;

use syn::File;

pub use self::descriptor::describe;
use self::json::Json;
use self::shapes::{Names, SCHEMAS, object, schema};
use crate::document::{self, Described, Document, Part, Reading, Signature, Ty, Variant};
use rpcx_codegen::model::{Family, Method};

/// The schema of an error. The module in its name is that of no type of a program.
const PROBLEM: &str = "rpcx.Problem";

/// The services of one trait file.
#[derive(Debug)]
pub struct Page {
    file: String,
    document: Document,
}

/// Reads a trait file that [`file::expand`](rpcx_codegen::file::expand) accepts. `file` is its name without `.rs`. Types
/// that are not in it, and not in the standard library, have the schema of every value.
///
/// # Errors
/// What cannot be told apart without modules, such as two types with one name.
pub fn read(file: &str, parsed: &File) -> Result<Page, Vec<syn::Error>> {
    let part = Part {
        name: file,
        source: file,
        parsed,
    };
    read_all(&[part]).swap_remove(0)
}

/// Reads several trait files, or files of types, which see each other's types.
///
/// # Errors
/// What cannot be told apart without modules, such as two types with one name.
pub fn read_all(parts: &[Part<'_>]) -> Vec<Result<Page, Vec<syn::Error>>> {
    let all = document::read(parts, Reading::Everything).into_iter();
    let pages = all.zip(parts).map(|((document, diagnostics), part)| {
        let errors = diagnostics.finish();
        match errors.is_empty() {
            true => Ok(Page {
                file: part.name.to_owned(),
                document,
            }),
            false => Err(errors),
        }
    });
    pages.collect()
}

/// The document of all `pages`. A type whose name is in several files is called `file.Type`.
pub fn render(pages: &[Page]) -> String {
    let mut count: HashMap<String, usize> = HashMap::new();
    for page in pages {
        let types = page.document.types.iter().map(|one| one.id.clone());
        for name in types.chain(argument_structs(page)) {
            *count.entry(name).or_default() += 1;
        }
    }
    let shared = |name: &str| count.get(name).is_some_and(|count| *count > 1);
    let (mut tags, mut paths, mut schemas) = (Vec::new(), Vec::new(), Vec::new());
    let mut services: Vec<_> = pages
        .iter()
        .flat_map(|page| with_page(page, &shared))
        .collect();
    services.sort_by(|one, other| one.path().cmp(other.path()));
    for Placed {
        described,
        page,
        names,
    } in &services
    {
        let service = &described.service;
        let tag = Json::object().with("name", &*service.path);
        tags.push(tag.with("description", &*service.docs));
        for (method, signature) in service.methods.iter().zip(&described.signatures) {
            let operation = Operation {
                service: &service.path,
                method,
                signature,
                names,
                document: &page.document,
            };
            paths.extend(operation.path());
            schemas.extend(operation.arguments());
        }
    }
    for page in pages {
        let names = names(page, &shared);
        let types = page.document.types.iter();
        schemas.extend(types.map(|one| {
            let name = names.of(&one.id);
            (name, shapes::definition(one, &names))
        }));
    }
    schemas.sort_by(|(one, _), (other, _)| one.cmp(other));
    whole(&services, tags, paths, schemas).render()
}

/// A service, and the file that it is in.
struct Placed<'a> {
    described: &'a Described,
    page: &'a Page,
    names: Names<'a>,
}

impl Placed<'_> {
    fn path(&self) -> &str {
        &self.described.service.path
    }
}

fn with_page<'a>(page: &'a Page, shared: &'a dyn Fn(&str) -> bool) -> Vec<Placed<'a>> {
    let services = page.document.services.iter();
    let placed = services.map(|described| Placed {
        described,
        page,
        names: names(page, shared),
    });
    placed.collect()
}

fn names<'a>(page: &'a Page, shared: &'a dyn Fn(&str) -> bool) -> Names<'a> {
    Names {
        schemas: SCHEMAS,
        file: &page.file,
        shared,
    }
}

/// The names of the structs that methods have for their arguments.
fn argument_structs(page: &Page) -> impl Iterator<Item = String> {
    let services = page.document.services.iter();
    let methods = services.flat_map(|described| &described.service.methods);
    methods.filter_map(|method| Some(method.args_name.as_ref()?.to_string()))
}

fn whole(
    services: &[Placed<'_>],
    tags: Vec<Json>,
    paths: Vec<(String, Json)>,
    mut schemas: Vec<(String, Json)>,
) -> Json {
    schemas.push((PROBLEM.to_owned(), problem()));
    let titles: Vec<_> = services.iter().map(Placed::path).collect();
    let version = match services {
        [one] => one.described.service.version.as_deref(),
        _ => None,
    };
    let info = Json::object()
        .with("title", titles.join(", "))
        .with("version", version.unwrap_or("1"));
    let failed = Json::object()
        .with("description", "The call failed, or was refused.")
        .with("content", problem_content());
    let bearer = Json::object().with("type", "http").with("scheme", "bearer");
    let components = Json::object()
        .with("schemas", Json::Object(schemas))
        .with("responses", Json::object().with("Failed", failed))
        .with("securitySchemes", Json::object().with("bearer", bearer));
    // Whether a token is asked for is for the server's authorizer to say.
    let with_token = Json::object().with("bearer", Vec::new());
    Json::object()
        .with("openapi", "3.1.0")
        .with("info", info)
        .with("tags", tags)
        .with("paths", Json::Object(paths))
        .with("components", components)
        .with("security", vec![Json::object(), with_token])
}

/// What there is to say of one method.
struct Operation<'a> {
    service: &'a str,
    method: &'a Method,
    signature: &'a Signature,
    names: &'a Names<'a>,
    document: &'a Document,
}

impl Operation<'_> {
    /// Whether its values have a form in JSON.
    fn has_json(&self) -> bool {
        self.method.codecs.has(Family::Serde)
    }

    /// The media types that the method can be called with.
    fn media(&self) -> Vec<&'static str> {
        let mut media = Vec::new();
        if self.has_json() {
            media.extend(["application/json", "application/msgpack"]);
        }
        if self.method.codecs.has(Family::Protobuf) {
            media.push("application/protobuf");
        }
        media
    }

    /// `None` for a method that cannot be called so.
    fn path(&self) -> Option<(String, Json)> {
        let media = self.media();
        let responses = self.responses();
        let mut post = self.operation("");
        let args = self.args();
        if !is_null(&args) {
            let body = Json::object().with("content", contents(&media, &args));
            post = post.with("requestBody", body);
        }
        let post = post.with("responses", Json::Object(responses.clone()));
        let mut item = Json::object().with("post", post);
        if self.method.idempotent && self.has_json() {
            let unchanged = "The answer with this `ETag` is still right.";
            let unchanged = Json::object().with("description", unchanged);
            let mut with_tag = responses;
            with_tag.push(("304".to_owned(), unchanged));
            let get = self
                .operation("get ")
                .with("parameters", self.parameters(&args));
            item = item.with("get", get.with("responses", Json::Object(with_tag)));
        }
        let path = format!("/{}/{}", escaped(self.service), escaped(&self.method.wire));
        (!media.is_empty()).then_some((path, item))
    }

    fn operation(&self, verb: &str) -> Json {
        let docs = &self.method.docs;
        let id = format!("{verb}{}.{}", self.service, self.method.wire);
        Json::object()
            .with("operationId", id)
            .with("tags", vec![self.service.into()])
            .with("summary", docs.lines().next().unwrap_or_default())
            .with("description", &**docs)
    }

    /// Arguments that are a map, as an object.
    fn map(&self) -> Json {
        let args = self.method.args.iter().zip(&self.signature.args);
        object(args.map(|(arg, ty)| (arg.wire.clone(), self.schema(ty))))
    }

    /// The struct that the arguments are offered as.
    fn arguments(&self) -> Option<(String, Json)> {
        let name = self.method.args_name.as_ref()?;
        Some((self.names.of(&name.to_string()), self.map()))
    }

    fn args(&self) -> Json {
        match (&self.method.args_name, &self.signature.args[..]) {
            (Some(name), _) => self.names.reference(&name.to_string()),
            (None, []) => schema(&Ty::Unit, self.names),
            (None, [ty]) if !self.method.is_map() => self.schema(ty),
            _ => self.map(),
        }
    }

    fn schema(&self, ty: &Ty) -> Json {
        match (self.has_json(), ty) {
            (true, ty) => schema(ty, self.names),
            // A message of another format has a name and no form in JSON.
            (_, Ty::Named(name) | Ty::Foreign(name)) => {
                let last = name.rsplit("::").next().unwrap_or(name);
                Json::object().with("title", last.trim())
            }
            _ => Json::object(),
        }
    }

    fn reply(&self) -> Json {
        match &self.method.reply {
            Some(name) => object([(name.clone(), self.schema(&self.signature.reply))]),
            None => self.schema(&self.signature.reply),
        }
    }

    fn responses(&self) -> Vec<(String, Json)> {
        let reply = match self.method.oneway {
            true => schema(&Ty::Unit, self.names),
            false => self.reply(),
        };
        let done = Json::object()
            .with("description", "The reply.")
            .with("content", contents(&self.media(), &reply));
        let failed = Json::object().with("$ref", "#/components/responses/Failed");
        let mut responses = vec![
            ("200".to_owned(), done),
            ("4XX".to_owned(), failed.clone()),
            ("5XX".to_owned(), failed),
        ];
        responses.extend(self.own_errors());
        responses
    }

    /// The variants of the error enum of the method.
    fn errors(&self) -> &[Variant<i64>] {
        let id = self.signature.error.as_ref();
        let found = id.and_then(|id| self.document.error(id));
        found.map_or(&[], |one| &one.variants[..])
    }

    /// Errors that the method itself answers with, by the status that they have.
    fn own_errors(&self) -> Vec<(String, Json)> {
        let mut own: Vec<_> = self
            .errors()
            .iter()
            .map(|one| (status(one.value), one))
            .collect();
        own.sort_by_key(|(status, _)| *status);
        let same = own.chunk_by(|(one, _), (other, _)| one == other);
        let each = same.map(|same| {
            let lines = same.iter().map(|(_, one)| match &*one.docs {
                "" => format!("`{}` (code {})", one.name, one.value),
                docs => format!("`{}` (code {}): {docs}", one.name, one.value),
            });
            let text = lines.collect::<Vec<_>>().join("\n\n");
            let failed = Json::object()
                .with("description", text)
                .with("content", problem_content());
            (same[0].0.to_string(), failed)
        });
        each.collect()
    }

    /// Arguments as a query: each field is a parameter, whose text is JSON. Other arguments are one parameter.
    fn parameters(&self, args: &Json) -> Json {
        if is_null(args) {
            return Json::List(Vec::new());
        }
        let parameter = |(name, schema): (String, Json)| {
            let typed = Json::object().with("schema", schema);
            Json::object()
                .with("name", name)
                .with("in", "query")
                .with("content", Json::object().with("application/json", typed))
        };
        let fields = self.fields(args);
        let fields = fields.unwrap_or_else(|| vec![("_json".to_owned(), args.clone())]);
        Json::List(fields.into_iter().map(parameter).collect())
    }

    /// The fields of arguments that are an object.
    fn fields(&self, args: &Json) -> Option<Vec<(String, Json)>> {
        let found = match &self.signature.args[..] {
            _ if self.method.args_name.is_some() => self.map(),
            [ty @ Ty::Named(_)] if !self.method.is_map() => {
                shapes::definition(self.document.find(ty)?, self.names)
            }
            _ => args.clone(),
        };
        match found.get("properties") {
            Some(Json::Object(fields)) => Some(fields.clone()),
            _ => None,
        }
    }
}

fn contents(media: &[&str], schema: &Json) -> Json {
    let each = media.iter().map(|media| {
        let typed = Json::object().with("schema", schema.clone());
        ((*media).to_owned(), typed)
    });
    Json::Object(each.collect())
}

fn problem_content() -> Json {
    let schema = Json::object().with("$ref", format!("{SCHEMAS}{PROBLEM}"));
    contents(&["application/problem+json"], &schema)
}

/// The status that an error of a method's own has.
fn status(code: i64) -> i64 {
    match (400..=599).contains(&code) {
        true => code,
        false => 500,
    }
}

fn is_null(schema: &Json) -> bool {
    schema.get("type").and_then(Json::text) == Some("null")
}

/// A service or a method in the path of a URL.
fn escaped(name: &str) -> String {
    let each = name.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// RFC 9457, with what is known of the call.
fn problem() -> Json {
    let kind = |kind: &str, docs: &str| Json::object().with("type", kind).with("description", docs);
    let outcomes = ["ran", "not-run", "unknown"].map(Json::from).to_vec();
    let outcome = kind("string", "Whether the method has run.").with("enum", outcomes);
    let members = [
        ("title", kind("string", "The status in words.")),
        ("status", kind("integer", "The status.")),
        ("detail", kind("string", "What went wrong.")),
        ("outcome", outcome),
        ("reason", kind("string", "Why the method has not run.")),
        (
            "code",
            kind("integer", "The code that the method has given."),
        ),
        (
            "data",
            Json::object().with("description", "What the method has given beside it."),
        ),
        ("requestId", kind("string", "The header `X-Request-Id`.")),
    ];
    let members = members.map(|(name, schema)| (name.to_owned(), schema));
    let required = ["title", "status", "detail", "outcome", "requestId"];
    kind("object", "Why a call failed.")
        .with("properties", Json::Object(members.to_vec()))
        .with("required", required.map(Json::from).to_vec())
}
