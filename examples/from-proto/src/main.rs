//! A service that is defined in `proto/hello.proto`: a server and a client in one process, over TCP on
//! loopback. `build.rs` generates the code.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

// Each package is a module: `hello`, `people`, and `google::protobuf` with the time.
include!(concat!(env!("OUT_DIR"), "/rpcx_protos.rs"));

use google::protobuf::Timestamp;
use hello::{Greeter, GreeterClient, GreeterServer, HelloReply, HelloRequest};
use people::Person;
use people::person::Contact;

struct MyGreeter;

impl Greeter for MyGreeter {
    async fn say_hello(&self, req: HelloRequest) -> rpcx::Result<HelloReply> {
        let person = req
            .person
            .ok_or_else(|| rpcx::Error::service("nobody to greet"))?;
        let title = person.titles.get("en").map_or("", String::as_str);
        let answer = match person.contact {
            Some(Contact::Mail(mail)) => format!("write to {mail}"),
            Some(Contact::Phone(number)) => format!("call {number}"),
            None => "be quiet".to_owned(),
        };
        Ok(HelloReply {
            message: format!("hello {title} {}, I shall {answer}", person.name),
            at: Some(now()),
        })
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.unwrap_or_default();
    Timestamp {
        seconds: since.as_secs().try_into().unwrap_or(i64::MAX),
        nanos: since.subsec_nanos().try_into().unwrap_or_default(),
    }
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let server = rpcx::Server::builder()
        .register(GreeterServer::new(MyGreeter))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    let greeter = GreeterClient::new(rpcx::Channel::connect(&address).await?);
    let person = Person {
        name: "Lovelace".to_owned(),
        titles: HashMap::from([("en".to_owned(), "Lady".to_owned())]),
        contact: Some(Contact::Phone(42)),
    };
    let reply = greeter
        .say_hello(HelloRequest {
            person: Some(person),
        })
        .await?;
    println!("{}", reply.message);

    handle.shutdown();
    serving.await.expect("the server does not panic")
}
