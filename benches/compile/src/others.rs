//! The programs of other frameworks: the same methods, a server, a client, and a place for each method that calls it.

use crate::subject::{Kind, kind, tarpc};

/// The manifest of a program that uses tarpc over TCP.
pub(crate) const TARPC_PROGRAM: &str = "[dependencies]\n\
    futures-util = \"0.3\"\n\
    tarpc = { version = \"0.38\", features = [\"serde1\", \"tokio1\", \"serde-transport\", \"tcp\"] }\n\
    tokio-serde = { version = \"0.9\", features = [\"messagepack\"] }\n\
    serde = { version = \"1\", features = [\"derive\"] }\n\
    tokio = { version = \"1\", features = [\"rt\"] }\n";

/// The manifest of a program that uses tonic.
pub(crate) const TONIC_PROGRAM: &str = "[dependencies]\n\
    prost = \"0.14\"\n\
    tokio = { version = \"1\", features = [\"rt\", \"net\"] }\n\
    tonic = { version = \"0.14\", default-features = false, features = [\"transport\", \"codegen\", \"router\"] }\n\
    tonic-prost = \"0.14\"\n\
    [build-dependencies]\n\
    tonic-build = { version = \"0.14\", default-features = false }\n";

/// The same service in tarpc.
pub(crate) fn tarpc_program(methods: usize) -> String {
    let mut handlers = String::new();
    let mut calls = String::new();
    for number in 0..methods {
        let (handler, call) = match kind(number) {
            Kind::Numbers => (
                format!("a: i32, b: i32) -> i32 {{ a + b + {number} }}"),
                format!("client.m{number}(context::current(), n, {number})"),
            ),
            Kind::Find => (
                format!("id: u64) -> Option<User> {{ (id != {number}).then(|| user(id)) }}"),
                format!("client.m{number}(context::current(), {number})"),
            ),
            Kind::Text => (
                format!("text: String) -> String {{ text + \"{number}\" }}"),
                format!("client.m{number}(context::current(), \"{number}\".to_owned())"),
            ),
            Kind::Save => (
                format!("user: User) {{ keep(user.id + {number}) }}"),
                format!("client.m{number}(context::current(), user({number}))"),
            ),
        };
        handlers.push_str(&format!(
            "    async fn m{number}(self, _: context::Context, {handler}\n"
        ));
        calls.push_str(&caller(
            number,
            "SubjectClient",
            "tarpc::client::RpcError",
            &call,
        ));
    }
    let (service, table) = (tarpc(methods), table(methods));
    format!(
        "use std::hint::black_box;
use std::pin::Pin;
use futures_util::StreamExt;
use tarpc::server::{{BaseChannel, Channel}};
use tarpc::{{client, context, serde_transport}};
use tokio_serde::formats::MessagePack;

{service}
{HELPERS}
#[derive(Clone)]
struct Server;
impl Subject for Server {{
{handlers}}}
{calls}
type Caller = for<'a> fn(&'a SubjectClient, i32) -> Pin<Box<dyn Future<Output = Result<(), tarpc::client::RpcError>> + 'a>>;
fn main() {{
    let table: [Caller; {methods}] = [
{table}    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {{
        let mut listener = serde_transport::tcp::listen(\"127.0.0.1:0\", MessagePack::default).await.unwrap();
        let address = listener.local_addr();
        tokio::spawn(async move {{
            while let Some(Ok(transport)) = listener.next().await {{
                let requests = BaseChannel::with_defaults(transport).execute(Server.serve());
                tokio::spawn(requests.for_each(|response| async {{ tokio::spawn(response); }}));
            }}
        }});
        let transport = serde_transport::tcp::connect(address, MessagePack::default).await.unwrap();
        let client = SubjectClient::new(client::Config::default(), transport).spawn();
        for (number, call) in black_box(table).iter().enumerate() {{
            call(&client, number as i32).await.unwrap();
        }}
    }});
}}
"
    )
}

/// What all programs have.
const HELPERS: &str =
    "fn user(id: u64) -> User { User { id, name: String::new(), tags: Vec::new() } }
#[inline(never)]
fn keep(id: u64) { black_box(id); }";

fn caller(number: usize, client: &str, error: &str, call: &str) -> String {
    format!(
        "async fn c{number}(client: &{client}, n: i32) -> Result<(), {error}> {{ let _ = n; black_box({call}.await?); Ok(()) }}\n"
    )
}

fn table(methods: usize) -> String {
    let rows =
        (0..methods).map(|number| format!("        |client, n| Box::pin(c{number}(client, n)),\n"));
    rows.collect()
}

/// The build script of tonic's program: a definition by hand, so that no protoc is needed.
pub(crate) fn tonic_build(methods: usize) -> String {
    let each: String = (0..methods)
        .map(|number| {
            let (args, reply) = messages(kind(number));
            format!("        .method(method(\"m{number}\", \"M{number}\", \"crate::{args}\", \"crate::{reply}\"))\n")
        })
        .collect();
    format!(
        "use tonic_build::manual::{{Builder, Method, Service}};
fn method(name: &str, route: &str, args: &str, reply: &str) -> Method {{
    Method::builder().name(name).route_name(route).input_type(args).output_type(reply).codec_path(\"tonic_prost::ProstCodec\").build()
}}
fn main() {{
    let service = Service::builder().name(\"Subject\").package(\"subject\")
{each}        .build();
    Builder::new().compile(&[service]);
    println!(\"cargo::rerun-if-changed=build.rs\");
}}
"
    )
}

fn messages(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Numbers => ("Numbers", "Number"),
        Kind::Find => ("Id", "Found"),
        Kind::Text => ("Text", "Text"),
        Kind::Save => ("User", "Empty"),
    }
}

/// The same service in tonic.
pub(crate) fn tonic_program(methods: usize) -> String {
    let mut handlers = String::new();
    let mut calls = String::new();
    for number in 0..methods {
        let (args, reply) = messages(kind(number));
        let (handler, call) = match kind(number) {
            Kind::Numbers => (
                format!("Number {{ c: args.a + args.b + {number} }}"),
                format!("Numbers {{ a: n, b: {number} }}"),
            ),
            Kind::Find => (
                format!("Found {{ user: (args.id != {number}).then(|| user(args.id)) }}"),
                format!("Id {{ id: {number} }}"),
            ),
            Kind::Text => (
                format!("Text {{ text: args.text + \"{number}\" }}"),
                format!("Text {{ text: \"{number}\".to_owned() }}"),
            ),
            Kind::Save => (
                format!("{{ keep(args.id + {number}); Empty {{}} }}"),
                format!("user({number})"),
            ),
        };
        handlers.push_str(&format!(
            "    async fn m{number}(&self, request: Request<{args}>) -> Result<Response<{reply}>, Status> {{ let args = request.into_inner(); Ok(Response::new({handler})) }}\n"
        ));
        let call = format!("client.clone().m{number}({call})");
        calls.push_str(&caller(number, "SubjectClient<Channel>", "Status", &call));
    }
    let table = table(methods);
    format!(
        "use std::hint::black_box;
use std::pin::Pin;
use tonic::transport::{{Channel, Endpoint, Server}};
use tonic::{{Request, Response, Status}};

mod generated {{
    #![allow(warnings, clippy::all)]
    include!(concat!(env!(\"OUT_DIR\"), \"/subject.Subject.rs\"));
}}
use generated::subject_client::SubjectClient;
use generated::subject_server::{{Subject, SubjectServer}};

#[derive(Clone, PartialEq, prost::Message)]
pub struct User {{
    #[prost(uint64, tag = \"1\")] pub id: u64,
    #[prost(string, tag = \"2\")] pub name: String,
    #[prost(string, repeated, tag = \"3\")] pub tags: Vec<String>,
}}
#[derive(Clone, PartialEq, prost::Message)]
pub struct Numbers {{ #[prost(int32, tag = \"1\")] pub a: i32, #[prost(int32, tag = \"2\")] pub b: i32 }}
#[derive(Clone, PartialEq, prost::Message)]
pub struct Number {{ #[prost(int32, tag = \"1\")] pub c: i32 }}
#[derive(Clone, PartialEq, prost::Message)]
pub struct Id {{ #[prost(uint64, tag = \"1\")] pub id: u64 }}
#[derive(Clone, PartialEq, prost::Message)]
pub struct Found {{ #[prost(message, optional, tag = \"1\")] pub user: Option<User> }}
#[derive(Clone, PartialEq, prost::Message)]
pub struct Text {{ #[prost(string, tag = \"1\")] pub text: String }}
#[derive(Clone, PartialEq, prost::Message)]
pub struct Empty {{}}

{HELPERS}
struct Mine;
#[tonic::async_trait]
impl Subject for Mine {{
{handlers}}}
{calls}
type Caller = for<'a> fn(&'a SubjectClient<Channel>, i32) -> Pin<Box<dyn Future<Output = Result<(), Status>> + 'a>>;
fn main() {{
    let table: [Caller; {methods}] = [
{table}    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {{
        let address = \"127.0.0.1:50999\".parse().unwrap();
        tokio::spawn(Server::builder().add_service(SubjectServer::new(Mine)).serve(address));
        let channel = Endpoint::from_static(\"http://127.0.0.1:50999\").connect_lazy();
        let client = SubjectClient::new(channel);
        for (number, call) in black_box(table).iter().enumerate() {{
            call(&client, number as i32).await.unwrap();
        }}
    }});
}}
"
    )
}
