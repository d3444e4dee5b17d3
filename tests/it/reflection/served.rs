//! The same from a running server: by frames, by HTTP, and under its rules.

use rpcx::gateway::{Cors, Http};
use rpcx::protocol::Codec;
use rpcx::{Channel, ErrorKind, Rejection, Server, ServerBuilder};
use serde_json::{Value, json};

use super::shapes::{MyShop, ShopServer};
use crate::http_door::ask;

const DOCUMENT: &str = "GET /.well-known/rpcx.json";

async fn serve(builder: ServerBuilder) -> String {
    let server = builder
        .register(ShopServer::new(MyShop))
        .listen("tcp@127.0.0.1:0")
        .http(Http::new().cors(Cors::new().origin("https://app.example.org")));
    let server = server.bind().await.unwrap();
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    at
}

#[tokio::test]
async fn the_document_is_at_a_well_known_path_and_can_be_kept() {
    let at = serve(Server::builder()).await;
    let page = "Origin: https://app.example.org\r\n";
    let (head, body) = ask(&at, DOCUMENT, page, "").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains("\r\ncontent-type: application/json\r\n"),
        "{head}"
    );
    assert!(
        head.contains("\r\naccess-control-allow-origin: https://app.example.org"),
        "{head}"
    );
    let document: Value = serde_json::from_slice(&body).unwrap();
    let names = document["services"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|service| &service["name"]).collect();
    assert_eq!(names, ["Shop"]);
    let tag = head.split_once("\r\netag: ").unwrap().1;
    let tag = tag.lines().next().unwrap().replace("w/", "W/");
    let (head, _) = ask(&at, DOCUMENT, &format!("If-None-Match: {tag}\r\n"), "").await;
    assert!(head.starts_with("http/1.1 304"), "{head}");
    let (head, _) = ask(&at, DOCUMENT, "Origin: https://evil.example.org\r\n", "").await;
    assert!(head.starts_with("http/1.1 403"), "{head}");
}

#[tokio::test]
async fn the_service_answers_frames_in_json_and_msgpack() {
    let at = serve(Server::builder()).await;
    let channel = Channel::connect(format!("tcp@{at}")).await.unwrap();
    let (_, by_http) = ask(&at, DOCUMENT, "", "").await;
    let by_http: Value = serde_json::from_slice(&by_http).unwrap();
    for (codec, nothing) in [(Codec::JSON, &b"null"[..]), (Codec::MSGPACK, b"\xc0")] {
        let describe = channel.raw("Reflection", "Describe").codec(codec);
        let reply = describe.call(nothing.to_vec()).await.unwrap();
        assert_eq!(reply.codec, codec);
        let document: Value = rpcx::codec::decode_serde(codec, &reply.payload).unwrap();
        assert_eq!(document, by_http);
    }
    let service = channel.raw("Reflection", "GetService").codec(Codec::JSON);
    let reply = service.call(r#""Shop""#).await.unwrap();
    let text: String = serde_json::from_slice(&reply.payload).unwrap();
    assert!(
        text.starts_with("package main\n\ntype Shop struct{}\n\n"),
        "{text}"
    );
    for line in [
        "type BuyArgs struct {\n\tItem string\n\tCount uint32\n\tPhoto []byte\n}",
        "type shapes_User struct {\n\tId uint64\n\tDisplayName string\n\tPhoto []byte\n\tParent *shapes_User\n",
        "\tByNumber map[string][]any\n",
        "type (s *Shop) Buy(ctx context.Context, arg *BuyArgs, reply *any) error {\n\treturn nil\n}",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(text.matches("type shapes_User struct").count(), 1);
    let error = service.call(r#""Nope""#).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Service, "not found service Nope")
    );
    let error = service.call("7").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
}

#[tokio::test]
async fn an_authorizer_sees_a_call_of_the_service_reflection() {
    let guarded = Server::builder().authorize(|request| {
        let admin = request.metadata.auth() == Some("Bearer admin");
        match request.service == "Reflection" && !admin {
            true => Err(Rejection::Denied.into()),
            false => Ok(()),
        }
    });
    let at = serve(guarded).await;
    for path in [
        DOCUMENT,
        "GET /openapi.json",
        "POST /Reflection/GetServices",
    ] {
        let (head, _) = ask(&at, path, "", "").await;
        assert!(head.starts_with("http/1.1 403"), "{path}: {head}");
        let (head, _) = ask(&at, path, "Authorization: Bearer admin\r\n", "").await;
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
    }
    let (head, _) = ask(&at, "POST /Shop/Ping", "", "").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
}

#[tokio::test]
async fn a_server_can_say_nothing_and_a_service_of_the_name_takes_its_place() {
    let at = serve(Server::builder().without_reflection()).await;
    for path in [DOCUMENT, "GET /openapi.json", "POST /Reflection/Describe"] {
        let (head, _) = ask(&at, path, "", "").await;
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
    }
    let own = Server::builder().register_as("Reflection", ShopServer::new(MyShop));
    let at = serve(own).await;
    let (head, _) = ask(&at, DOCUMENT, "", "").await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
    let (head, _) = ask(&at, "POST /Reflection/Ping", "", "").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
}

#[tokio::test]
async fn openapi_has_the_plain_calls() {
    let at = serve(Server::builder()).await;
    let (head, body) = ask(&at, "GET /openapi.json", "", "").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let document: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"], json!({"title": "Shop", "version": "1.2"}));
    let user = &document["paths"]["/Shop/User"];
    assert_eq!(user["get"]["parameters"][0]["name"], "_json");
    let reply = &user["post"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(*reply, json!({"$ref": "#/components/schemas/shapes.User"}));
    let gone = user["post"]["responses"]["404"]["description"]
        .as_str()
        .unwrap();
    assert_eq!(gone, "`Gone` (code 404): There is none left.");
    let poor = user["post"]["responses"]["500"]["description"]
        .as_str()
        .unwrap();
    assert_eq!(poor, "`Poor` (code 7)");
    let buy = &document["paths"]["/Shop/Buy"];
    assert!(buy.get("get").is_none(), "{buy}");
    assert!(
        document["paths"]["/Shop/Ping"]["post"]
            .get("requestBody")
            .is_none()
    );
    assert!(document["paths"].get("/Shop/Bytes").is_none());
    assert!(document["components"]["schemas"]["BuyArgs"]["properties"]["Item"].is_object());
}

async fn described(at: &str) -> Value {
    serde_json::from_slice(&ask(at, DOCUMENT, "", "").await.1).unwrap()
}

/// The methods of a service, by name.
fn methods<'d>(document: &'d Value, service: &str) -> Vec<&'d Value> {
    let mut services = document["services"].as_array().unwrap().iter();
    let found = services.find(|one| one["name"] == service);
    let methods = found.map(|one| one["methods"].as_array().unwrap());
    methods.into_iter().flatten().collect()
}

#[tokio::test]
async fn raw_handlers_are_described_by_what_is_known_of_them() {
    let builder = Server::builder()
        .register(ShopServer::new(MyShop))
        .handle(
            "Echo",
            "Say",
            |_, request| async move { Ok(request.payload) },
        )
        .handle(
            "Shop",
            "Raw",
            |_, request| async move { Ok(request.payload) },
        )
        .listen("tcp@127.0.0.1:0")
        .http(Http::new());
    let server = builder.bind().await.unwrap();
    let (at, handle) = (server.addresses()[0].location().to_owned(), server.handle());
    tokio::spawn(server.serve());
    let document = described(&at).await;
    let say = &methods(&document, "Echo")[0];
    assert_eq!(
        (&say["name"], &say["args"], &say["reply"], &say["codecs"]),
        (&json!("Say"), &json!({}), &json!({}), &json!([]))
    );
    let last = methods(&document, "Shop").len() - 1;
    assert_eq!(methods(&document, "Shop")[last]["name"], "Raw");
    let (_, openapi) = ask(&at, "GET /openapi.json", "", "").await;
    let openapi: Value = serde_json::from_slice(&openapi).unwrap();
    let post = &openapi["paths"]["/Echo/Say"]["post"];
    assert_eq!(
        post["requestBody"]["content"],
        json!({"*/*": {"schema": {}}})
    );
    // Those that are there when it is asked.
    handle.set_handler(
        "Echo",
        "Sing",
        |_, request| async move { Ok(request.payload) },
    );
    let document = described(&at).await;
    let names = |document| {
        methods(document, "Echo")
            .iter()
            .map(|one| one["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&document), ["Say", "Sing"]);
    handle.remove_handler("Echo", "Say");
    handle.remove_handler("Echo", "Sing");
    assert!(methods(&described(&at).await, "Echo").is_empty());
}
