//! The services that are measured, in the words of each framework: the same methods in the same order.

/// A type that travels.
const USER: &str = "pub struct User { pub id: u64, pub name: String, pub tags: Vec<String> }\n";

/// The four kinds of methods, in turn.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Numbers,
    Find,
    Text,
    Save,
}

pub(crate) fn kind(number: usize) -> Kind {
    [Kind::Numbers, Kind::Find, Kind::Text, Kind::Save][number % 4]
}

/// The manifest of a package that uses rpcx.
pub(crate) const RPCX: &str = "[dependencies]\nrpcx = { path = \"ROOT\" }\n";

/// The manifest of a package that serves and calls in one process.
pub(crate) const RPCX_PROGRAM: &str = "[dependencies]\nrpcx = { path = \"ROOT\" }\n\
    tokio = { version = \"1\", features = [\"rt\"] }\n";

/// The same with what the programs of the others have: one network and one codec.
pub(crate) const RPCX_LEAN_PROGRAM: &str = "[dependencies]\n\
    rpcx = { path = \"ROOT\", default-features = false, features = [\"macros\", \"msgpack\", \"tcp\"] }\n\
    tokio = { version = \"1\", features = [\"rt\"] }\n";

/// The manifest of a package that uses tarpc.
pub(crate) const TARPC: &str = "[dependencies]\ntarpc = { version = \"0.38\", features = [\"serde1\"] }\n\
    serde = { version = \"1\", features = [\"derive\"] }\n";

/// A service of rpcx.
pub(crate) fn rpcx(methods: usize) -> String {
    let each: String = (0..methods)
        .map(|number| {
            let signature = match kind(number) {
                Kind::Numbers => "a: i32, b: i32) -> rpcx::Result<i32>",
                Kind::Find => "id: u64) -> rpcx::Result<Option<User>>",
                Kind::Text => "text: String) -> rpcx::Result<String>",
                Kind::Save => "user: User) -> rpcx::Result<()>",
            };
            format!("    async fn m{number}(&self, {signature};\n")
        })
        .collect();
    format!("#[rpcx::message]\n{USER}#[rpcx::service]\npub trait Subject {{\n{each}}}\n")
}

/// The same service of tarpc.
pub(crate) fn tarpc(methods: usize) -> String {
    let each: String = (0..methods)
        .map(|number| {
            let signature = match kind(number) {
                Kind::Numbers => "a: i32, b: i32) -> i32",
                Kind::Find => "id: u64) -> Option<User>",
                Kind::Text => "text: String) -> String",
                Kind::Save => "user: User)",
            };
            format!("    async fn m{number}({signature};\n")
        })
        .collect();
    format!(
        "#[derive(Debug, serde::Serialize, serde::Deserialize)]\n{USER}#[tarpc::service]\npub trait Subject {{\n{each}}}\n"
    )
}

/// A program with the service of rpcx: a server, a client, and a place for each method that calls it.
pub(crate) fn rpcx_program(methods: usize) -> String {
    let mut handlers = String::new();
    let mut calls = String::new();
    let mut table = String::new();
    for number in 0..methods {
        let (handler, call) = match kind(number) {
            Kind::Numbers => (
                format!("a: i32, b: i32) -> rpcx::Result<i32> {{ Ok(a + b + {number}) }}"),
                format!("client.m{number}(n, {number}).await?"),
            ),
            Kind::Find => (
                format!(
                    "id: u64) -> rpcx::Result<Option<User>> {{ Ok((id != {number}).then(|| user(id))) }}"
                ),
                format!("client.m{number}({number}).await?"),
            ),
            Kind::Text => (
                format!("text: String) -> rpcx::Result<String> {{ Ok(text + \"{number}\") }}"),
                format!("client.m{number}(\"{number}\".to_owned()).await?"),
            ),
            Kind::Save => (
                format!("user: User) -> rpcx::Result<()> {{ self.keep(user.id + {number}) }}"),
                format!("client.m{number}(user({number})).await?"),
            ),
        };
        handlers.push_str(&format!("    async fn m{number}(&self, {handler}\n"));
        calls.push_str(&format!(
            "async fn c{number}(client: &SubjectClient, n: i32) -> rpcx::Result<()> {{ let _ = n; black_box({call}); Ok(()) }}\n"
        ));
        table.push_str(&format!(
            "        |client, n| Box::pin(c{number}(client, n)),\n"
        ));
    }
    let service = rpcx(methods);
    format!(
        "use std::hint::black_box;
use std::pin::Pin;

{service}
fn user(id: u64) -> User {{ User {{ id, name: String::new(), tags: Vec::new() }} }}
struct Server;
impl Server {{
    #[inline(never)]
    fn keep(&self, id: u64) -> rpcx::Result<()> {{ black_box(id); Ok(()) }}
}}
impl Subject for Server {{
{handlers}}}
{calls}
type Caller = for<'a> fn(&'a SubjectClient, i32) -> Pin<Box<dyn Future<Output = rpcx::Result<()>> + 'a>>;
fn main() {{
    let table: [Caller; {methods}] = [
{table}    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {{
        let server = rpcx::Server::builder().register(SubjectServer::new(Server));
        let server = server.listen(\"tcp@127.0.0.1:0\").bind().await.unwrap();
        let address = server.addresses()[0].clone();
        tokio::spawn(server.serve());
        let client = SubjectClient::new(rpcx::Channel::connect(&address).await.unwrap());
        for (number, call) in black_box(table).iter().enumerate() {{
            call(&client, number as i32).await.unwrap();
        }}
    }});
}}
"
    )
}
