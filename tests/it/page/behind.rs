//! The page of a gateway: the services are those of the server behind it.

use rpcx::gateway::{Forward, Http};
use rpcx::{Channel, Server, ServerBuilder};

use super::devtools::Browser;
use super::{builder, outcome, reply, serve};

/// The page of a gateway to this server.
async fn gateway(server: ServerBuilder) -> String {
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let channel = Channel::connect(&server.addresses()[0]).await;
    tokio::spawn(server.serve());
    let forward = Forward::to(channel.unwrap());
    let gateway = Server::builder().without_reflection().forward(forward);
    serve(gateway, Http::new()).await
}

#[tokio::test]
async fn a_gateway_shows_the_services_behind_it() {
    let Some(mut browser) = Browser::start("behind").await else {
        return;
    };
    let page = gateway(builder()).await;
    browser
        .open(&format!(
            "{page}/#/Arith/Mul?args=%7B%22A%22:6,%22B%22:7%7D"
        ))
        .await;
    let form = browser
        .text("document.querySelector('.form').innerText")
        .await;
    assert!(form.contains("The first factor."), "{form}");
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(&mut browser).await, "OK");
    assert_eq!(reply(&mut browser).await, r#"{"C":42}"#);
    assert_eq!(browser.complaints, [""; 0]);
}

/// As Go's package `reflection` writes it, to a gateway in front of a server in Go.
const GO: &str = "package main\n\ntype Arith struct{}\n\ntype Args struct {\n\tA int\n}\n\n\
    type (s *Arith) Mul(ctx context.Context, arg *Args, reply *Reply) error {\n\treturn nil\n}\n\n\
    type (s *Arith) Add(ctx context.Context, arg *Args, reply *Reply) error {\n\treturn nil\n}\n";

#[rpcx::service]
trait Reflection {
    async fn get_services(&self, all: String) -> rpcx::Result<String>;
}

struct Named;

impl Reflection for Named {
    async fn get_services(&self, _: String) -> rpcx::Result<String> {
        Ok(GO.to_owned())
    }
}

#[tokio::test]
async fn a_server_that_tells_names_alone_is_called_with_json() {
    let Some(mut browser) = Browser::start("names").await else {
        return;
    };
    let server = builder()
        .without_reflection()
        .register(ReflectionServer::new(Named));
    let page = gateway(server).await;
    browser.open(&page).await;
    let said = browser
        .text("document.querySelector('main').innerText")
        .await;
    assert!(
        said.contains("names of its methods and no types") && said.contains("1 service, 2 methods"),
        "{said}"
    );
    browser
        .open(&format!(
            "{page}/#/Arith/Add?args=%7B%22A%22:1,%22B%22:2%7D"
        ))
        .await;
    let said = browser
        .text("document.querySelector('.arguments').innerText")
        .await;
    assert!(
        said.contains("types of this method are not known"),
        "{said}"
    );
    browser.press(&["Control+Enter"]).await;
    assert_eq!(reply(&mut browser).await, "3");
    assert_eq!(browser.complaints, [""; 0]);
}
