//! OpenAPI 3.1 of the plain calls by HTTP.

use super::document::{Described, DescribedMethod, DescribedService};
use crate::schema::{Json, Resolved};
use crate::service::ServiceRef;

/// Where the schemas of types are.
const SCHEMAS: &str = "#/components/schemas/";

/// The schema of an error. The module in its name is that of no type of a program.
const PROBLEM: &str = "rpcx.Problem";

/// Describes services as an OpenAPI 3.1 document: what a server with HTTP takes at `POST /Service/Method`, and at `GET`
/// for methods that are marked idempotent. Methods with the codecs raw and thrift cannot be called so, and are left
/// out.
///
/// ```
/// use rpcx::reflection::openapi;
/// use rpcx::services::{Service, ServiceRef};
///
/// # fn f(arith: &impl Service) {
/// println!("{}", openapi([arith.info()]));
/// # }
/// ```
pub fn openapi(services: impl IntoIterator<Item = ServiceRef>) -> Json {
    let named = services
        .into_iter()
        .map(|service| (service.name().to_owned(), service));
    document(&Described::new(named))
}

pub(super) fn document(described: &Described) -> Json {
    let resolved = described.schemas.finish(SCHEMAS);
    let services = &described.services;
    let tags = services.iter().map(|service| {
        Json::object()
            .with("name", service.path.clone())
            .with("description", service.info.docs())
    });
    let paths = services.iter().flat_map(|service| {
        let methods = service.methods.iter();
        methods.filter_map(|method| path(service, method, &resolved))
    });
    let schemas = resolved.definitions.clone().with(PROBLEM, problem());
    let failed = Json::object()
        .with("description", "The call failed, or was refused.")
        .with(
            "content",
            content("application/problem+json", reference(SCHEMAS, PROBLEM)),
        );
    let bearer = Json::object().with("type", "http").with("scheme", "bearer");
    let components = Json::object()
        .with("schemas", schemas)
        .with("responses", Json::object().with("Failed", failed))
        .with("securitySchemes", Json::object().with("bearer", bearer));
    // Whether a token is asked for is for the server's authorizer to say.
    let with_token = Json::object().with("bearer", Vec::new());
    Json::object()
        .with("openapi", "3.1.0")
        .with("info", info(services))
        .with("tags", tags.collect::<Json>())
        .with("paths", paths.collect::<Json>())
        .with("components", components)
        .with("security", vec![Json::object(), with_token])
}

fn info(services: &[DescribedService]) -> Json {
    let names: Vec<_> = services.iter().map(|one| one.path.as_str()).collect();
    let version = match services {
        [one] => one.info.version(),
        _ => None,
    };
    Json::object()
        .with("title", names.join(", "))
        .with("version", version.unwrap_or("1"))
}

fn path(
    service: &DescribedService,
    method: &DescribedMethod,
    resolved: &Resolved,
) -> Option<(String, Json)> {
    let name = method.info.name();
    let media = media(method);
    if media.is_empty() {
        return None;
    }
    let args = resolved.resolve(&method.args);
    let operation = |verb: &str| {
        let docs = method.info.docs();
        let summary = docs.lines().next().unwrap_or_default();
        Json::object()
            .with("operationId", format!("{verb}{}.{name}", service.path))
            .with("tags", vec![service.path.clone().into()])
            .with("summary", summary)
            .with("description", docs)
    };
    let mut post = operation("");
    if !is_null(&args) {
        let body = Json::object().with("content", contents(&media, &args));
        post = post.with("requestBody", body);
    }
    let responses = responses(method, &media, resolved);
    let mut item = Json::object().with("post", post.with("responses", responses.clone()));
    if method.info.options().idempotent && media.contains(&"application/json") {
        let unchanged =
            Json::object().with("description", "The answer with this `ETag` is still right.");
        let get = operation("get ")
            .with("parameters", parameters(&args, resolved))
            .with("responses", responses.with("304", unchanged));
        item = item.with("get", get);
    }
    Some((
        format!("/{}/{}", escaped(&service.path), escaped(name)),
        item,
    ))
}

/// The media types that a method can be called with.
fn media(method: &DescribedMethod) -> Vec<&'static str> {
    if method.codecs.is_empty() && method.info.options().raw {
        // A raw handler says itself what it makes of a body.
        return vec!["*/*"];
    }
    let each = method.codecs.iter().filter_map(|codec| match *codec {
        "json" => Some("application/json"),
        "msgpack" => Some("application/msgpack"),
        "protobuf" => Some("application/protobuf"),
        _ => None,
    });
    let mut media: Vec<_> = each.collect();
    // JSON first: tools take the first that they know
    media.sort_unstable();
    media
}

fn contents(media: &[&'static str], schema: &Json) -> Json {
    let each = media.iter().map(|one| {
        let typed = Json::object().with("schema", schema.clone());
        ((*one).to_owned(), typed)
    });
    each.collect()
}

fn content(media: &'static str, schema: Json) -> Json {
    Json::object().with(media, Json::object().with("schema", schema))
}

fn reference(prefix: &str, name: &str) -> Json {
    Json::object().with("$ref", format!("{prefix}{name}"))
}

fn responses(method: &DescribedMethod, media: &[&'static str], resolved: &Resolved) -> Json {
    let null = Json::object().with("type", "null");
    let reply = method.reply.as_ref();
    let reply = reply.map_or(null, |reply| resolved.resolve(reply));
    let done = Json::object()
        .with("description", "The reply.")
        .with("content", contents(media, &reply));
    let failed = || reference("#/components/responses/", "Failed");
    let mut responses = Json::object().with("200", done);
    for status in ["4XX", "5XX"] {
        responses = responses.with(status, failed());
    }
    // Errors that the method itself answers with, by the status that they have.
    let mut own: Vec<_> = method
        .errors
        .iter()
        .map(|error| (status(error.code), error))
        .collect();
    own.sort_by_key(|(status, _)| *status);
    for same in own.chunk_by(|(one, _), (other, _)| one == other) {
        let lines = same.iter().map(|(_, error)| match error.docs {
            "" => format!("`{}` (code {})", error.name, error.code),
            docs => format!("`{}` (code {}): {docs}", error.name, error.code),
        });
        let lines: Vec<_> = lines.collect();
        let schema = reference(SCHEMAS, PROBLEM);
        let failed = Json::object()
            .with("description", lines.join("\n\n"))
            .with("content", content("application/problem+json", schema));
        responses = responses.with(same[0].0.to_string(), failed);
    }
    responses
}

/// The status that an error of a method's own has.
fn status(code: i64) -> i64 {
    match (400..=599).contains(&code) {
        true => code,
        false => 500,
    }
}

/// Arguments as a query: each field is a parameter, whose text is JSON. Other arguments are one parameter.
fn parameters(args: &Json, resolved: &Resolved) -> Json {
    if is_null(args) {
        return Json::from(Vec::new());
    }
    let name = args.get("$ref").and_then(Json::as_str);
    let name = name.and_then(|reference| reference.strip_prefix(SCHEMAS));
    let body = name.and_then(|name| resolved.definitions.get(name));
    let properties = body.unwrap_or(args).get("properties");
    let parameter = |name: &str, schema: &Json| {
        Json::object()
            .with("name", name.to_owned())
            .with("in", "query")
            .with("content", content("application/json", schema.clone()))
    };
    match properties {
        Some(properties) => properties
            .members()
            .map(|(name, schema)| parameter(name, schema))
            .collect(),
        None => Json::from(vec![parameter("_json", args)]),
    }
}

fn is_null(schema: &Json) -> bool {
    schema.get("type").and_then(Json::as_str) == Some("null")
}

/// A service or a method in the path of a URL.
fn escaped(name: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            // Writing to a text cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// RFC 9457, with what is known of the call.
fn problem() -> Json {
    let kind = |kind: &'static str, docs: &'static str| {
        Json::object().with("type", kind).with("description", docs)
    };
    let outcomes = ["ran", "not-run", "unknown"];
    let outcome = kind("string", "Whether the method has run.")
        .with("enum", outcomes.map(Json::from).to_vec());
    let members = Json::object()
        .with("title", kind("string", "The status in words."))
        .with("status", kind("integer", "The status."))
        .with("detail", kind("string", "What went wrong."))
        .with("outcome", outcome)
        .with("reason", kind("string", "Why the method has not run."))
        .with(
            "code",
            kind("integer", "The code that the method has given."),
        )
        .with(
            "data",
            Json::object().with("description", "What the method has given beside it."),
        )
        .with("requestId", kind("string", "The header `X-Request-Id`."));
    let required = ["title", "status", "detail", "outcome", "requestId"];
    kind("object", "Why a call failed.")
        .with("properties", members)
        .with("required", required.map(Json::from).to_vec())
}
