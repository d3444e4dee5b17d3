//! Plain calls of typed services.

use serde_json::{Value, json};

use super::{ask, served};

async fn call(at: &str, request: &str, headers: &str, body: &str) -> (u16, String, Value) {
    let (head, body) = ask(at, request, headers, body).await;
    let status = head[9..12].parse().unwrap();
    let body = match body.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&body).unwrap(),
    };
    (status, head, body)
}

#[tokio::test]
async fn arguments_are_json_in_every_form_that_a_method_takes() {
    let at = served().await;
    for (path, body, reply) in [
        ("Mul", r#"{"A":10,"B":20}"#, json!({"C": 200})),
        ("Mul", r#"{"a":10,"b":20}"#, json!({"C": 200})),
        ("Mul", "[10,20]", json!({"C": 200})),
        ("Mul", r#"{"A":10}"#, json!({"C": 0})),
        ("Mul", "", json!({"C": 0})),
        ("Mul", "A=10&B=20", json!({"C": 200})),
        ("Add", r#"{"A":1,"b":2}"#, json!(3)),
        ("Add", "[1,2]", json!(3)),
        ("Say", r#""bob""#, json!("hello bob")),
        ("Long", "3", json!("xxx")),
    ] {
        // As `curl -d` says of whatever it sends.
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        let (status, head, answer) = call(&at, &format!("POST /Arith/{path}"), form, body).await;
        assert_eq!((status, answer), (200, reply), "{path} {body}");
        assert!(
            head.contains("\r\ncontent-type: application/json\r\n"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn an_idempotent_method_can_be_got_and_kept() {
    let at = served().await;
    let (status, head, reply) = call(&at, "GET /Arith/Mul?A=10&B=20", "", "").await;
    assert_eq!((status, reply), (200, json!({"C": 200})));
    let tag = head.split_once("\r\netag: ").unwrap().1;
    let tag = tag.lines().next().unwrap().replace("w/", "W/");
    let known = format!("If-None-Match: \"x\", {tag}\r\n");
    let (status, head, _) = call(&at, "GET /Arith/Mul?A=10&B=20", &known, "").await;
    assert!(status == 304 && head.contains("\r\netag: "), "{head}");
    let (status, ..) = call(&at, "GET /Arith/Mul?A=10&B=21", &known, "").await;
    assert_eq!(status, 200);
    let (head, body) = ask(&at, "HEAD /Arith/Mul?a=10&b=20", "", "").await;
    assert!(
        head.starts_with("http/1.1 200") && head.contains("content-length: 9"),
        "{head}"
    );
    assert!(body.is_empty());
    let (status, head, _) = call(&at, "GET /Arith/Add?A=1&B=2", "", "").await;
    assert!(
        status == 405 && head.contains("allow: options, post, put"),
        "{head}"
    );
    let (status, _, reply) = call(&at, "GET /Arith/Long?_json=2", "", "").await;
    assert_eq!((status, reply), (200, json!("xx")));
}

#[tokio::test]
async fn an_error_says_what_is_known_of_the_call() {
    let at = served().await;
    let (status, head, problem) = call(
        &at,
        "POST /Arith/Fail",
        "X-Request-Id: r-1\r\n",
        r#"{"A":409}"#,
    )
    .await;
    assert!(
        status == 409 && head.contains("content-type: application/problem+json"),
        "{head}"
    );
    assert!(
        !head.contains("set-cookie") && head.contains("x-request-id: r-1"),
        "{head}"
    );
    let expected = json!({
        "title": "Conflict", "status": 409, "detail": "no such account\r\nSet-Cookie: a",
        "outcome": "ran", "code": 409, "data": {"account": 7}, "requestId": "r-1",
    });
    assert_eq!(problem, expected);
    let (status, _, problem) = call(&at, "POST /Arith/Fail", "", r#"{"A":7}"#).await;
    assert_eq!((status, &problem["code"]), (500, &json!(7)));
    for (request, body, status, reason) in [
        ("POST /Arith/Mul", r#"{"A":"x"}"#, 400, "undecodable"),
        ("POST /Arith/Mul", "{", 400, "undecodable"),
        ("POST /Arith/Nope", "{}", 404, "unknown-method"),
        ("POST /Nope/Mul", "{}", 404, "unknown-method"),
        ("POST /", "{}", 404, "unknown-method"),
    ] {
        let (found, _, problem) = call(&at, request, "", body).await;
        assert_eq!(
            (found, &problem["reason"]),
            (status, &json!(reason)),
            "{request} {body}"
        );
        assert_eq!(problem["outcome"], "not-run");
    }
    let xml = "Content-Type: application/xml\r\n";
    assert_eq!(call(&at, "POST /Arith/Mul", xml, "<a/>").await.0, 415);
    let html = "Accept: text/html\r\n";
    assert_eq!(call(&at, "POST /Arith/Mul", html, "{}").await.0, 406);
}

#[tokio::test]
async fn metadata_goes_both_ways() {
    let at = served().await;
    for (headers, key, value) in [
        ("X-RPCX-Meta: tenant=a%20b&tenant=c\r\n", "tenant", "a b"),
        ("traceparent: 00-1-2-01\r\n", "traceparent", "00-1-2-01"),
        ("X-Request-Id: 7\r\n", "x-request-id", "7"),
        ("Authorization: Bearer t\r\n", "__AUTH", "Bearer t"),
    ] {
        let (status, head, reply) =
            call(&at, "POST /Arith/Meta", headers, &json!(key).to_string()).await;
        assert_eq!((status, reply), (200, json!(value)));
        assert!(head.contains("x-rpcx-meta: seen-by=a+server"), "{head}");
    }
}

#[tokio::test]
async fn other_codecs_and_compressions_are_named_by_headers() {
    let at = served().await;
    let pack = "Accept: application/msgpack\r\n";
    let (head, body) = ask(&at, "POST /Arith/Mul", pack, r#"{"A":10,"B":20}"#).await;
    assert!(head.contains("content-type: application/msgpack"), "{head}");
    assert_eq!(body, b"\x81\xa1C\xcc\xc8");
    let pack = "Content-Type: application/msgpack\r\nAccept: */*\r\n";
    let (head, body) = ask(&at, "POST /Arith/Say", pack, "\u{0}").await;
    assert!(head.starts_with("http/1.1 400"), "{head} {body:?}");
    let (head, body) = ask(
        &at,
        "POST /Arith/Long",
        "Accept-Encoding: gzip\r\n",
        "100000",
    )
    .await;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let inflated = rpcx::protocol::inflate(rpcx::Compression::GZIP, &body, 1 << 20).unwrap();
    assert_eq!(inflated.len(), 100_002);
    let (head, body) = ask(&at, "POST /Arith/Long", "", "100000").await;
    assert!(
        !head.contains("content-encoding") && body.len() == 100_002,
        "{head}"
    );
}

/// Two servers share a port: the system chooses one for each connection, and either speaks both.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn servers_on_a_shared_port_speak_http_and_rpcx() {
    let start = async |address: String| {
        let server = super::builder()
            .listen(address)
            .http(rpcx::gateway::Http::new());
        let server = server.bind().await.unwrap();
        let at = server.addresses()[0].location().to_owned();
        let handle = server.handle();
        tokio::spawn(server.serve());
        (at, handle)
    };
    let (at, first) = start("reuseport@127.0.0.1:0".to_owned()).await;
    let (_, second) = start(format!("reuseport@{at}")).await;
    for _ in 0..64 {
        let (status, _, reply) = call(&at, "POST /Arith/Mul", "", r#"{"A":10,"B":20}"#).await;
        assert_eq!((status, reply), (200, json!({"C": 200})));
        let channel = rpcx::Channel::connect(format!("tcp@{at}")).await.unwrap();
        let client = super::ArithClient::new(channel);
        assert_eq!(client.add(1, 2).await.unwrap(), 3);
    }
    for handle in [first, second] {
        assert!(
            handle.stats().calls > 0,
            "one server has taken all connections"
        );
    }
}
