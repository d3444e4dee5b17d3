//! Pages of browsers: which may call, and how they learn it.

use rpcx_runtime::gateway::{Cors, Http};

use super::{door, door_with, post};

#[tokio::test]
async fn a_page_of_another_origin_calls_only_if_it_is_listed() {
    let cors = Cors::new().origin("https://app.org").credentials();
    let door = door_with(Http::new().cors(cors), |builder| builder).await;
    let rpc = r#"{"jsonrpc":"2.0","method":"Echo.Echo","id":1}"#;
    let invoke =
        "X-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: Echo\r\nX-RPCX-SerializeType: 1\r\n";
    for (path, headers, body) in [
        ("/Echo/Echo", "", "1"),
        ("/jsonrpc", "", rpc),
        ("/", invoke, "1"),
    ] {
        for origin in [
            "https://evil.org",
            "http://app.org",
            "null",
            "https://app.org\r\nOrigin: https://app.org",
        ] {
            let headers = format!("{headers}Origin: {origin}\r\n");
            let refused = door.post(path, &headers, body).await;
            assert_eq!(refused.status, 403, "{path} {origin}");
            assert_eq!(refused.header("access-control-allow-origin"), None);
        }
        assert_eq!(door.runs(), 0, "{path}");
    }
    for (path, headers, body) in [
        ("/Echo/Echo", "", "1"),
        ("/jsonrpc", "", rpc),
        ("/", invoke, "1"),
    ] {
        let headers = format!("{headers}Origin: https://app.org\r\n");
        let allowed = door.post(path, &headers, body).await;
        assert_eq!(allowed.status, 200, "{path}");
        assert_eq!(
            allowed.header("access-control-allow-origin"),
            Some("https://app.org")
        );
        assert_eq!(
            allowed.header("access-control-allow-credentials"),
            Some("true")
        );
        assert!(allowed.head.contains("vary: origin"), "{allowed:?}");
        assert!(
            allowed
                .header("access-control-expose-headers")
                .unwrap()
                .contains("x-rpcx-meta")
        );
    }
    // The same host, and no browser.
    let own = format!("Origin: http://localhost:{}\r\n", 80);
    assert_eq!(door.post("/Echo/Echo", &own, "1").await.status, 200);
    // An error tells the page, too.
    let error = door
        .post("/Echo/Nope", "Origin: https://app.org\r\n", "1")
        .await;
    assert_eq!(
        (error.status, error.header("access-control-allow-origin")),
        (404, Some("https://app.org"))
    );
}

#[tokio::test]
async fn a_browser_asks_before_it_lets_a_page_call() {
    let door = door_with(Http::new().cors(Cors::any()), |builder| builder).await;
    let preflight = |origin: &str| {
        format!(
            "OPTIONS /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-rpcx-meta\r\n\r\n"
        )
    };
    let answer = door.ask(&preflight("https://any.org")).await;
    assert_eq!(answer.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        (
            "access-control-allow-methods",
            "get, head, post, put, options",
        ),
        ("access-control-allow-headers", "x-rpcx-meta"),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(door.runs(), 0);
    let strict = super::door().await;
    assert_eq!(strict.ask(&preflight("https://any.org")).await.status, 403);
    let options = strict
        .ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert_eq!(
        (options.status, options.header("allow")),
        (204, Some("get, head, post, put, options"))
    );
}

#[tokio::test]
async fn at_loopback_a_name_that_was_pointed_there_is_refused() {
    let door = door().await;
    let ask = |host: &str| {
        post("/Echo/Echo", "", "1").replace("Host: localhost", &format!("Host: {host}"))
    };
    for (host, status) in [
        ("evil.org", 403),
        ("localhost.evil.org:8972", 403),
        ("127.0.0.1:1", 200),
        ("app.localhost", 200),
        ("evil.org\r\nHost: localhost", 400),
    ] {
        assert_eq!(door.ask(&ask(host)).await.status, status, "{host}");
    }
    let listed = door_with(Http::new().hosts(["app.org"]), |builder| builder).await;
    assert_eq!(listed.ask(&ask("app.org:8972")).await.status, 200);
    assert_eq!(listed.ask(&ask("evil.org")).await.status, 403);
}

#[tokio::test]
async fn other_methods_are_told_which_are_allowed() {
    let door = door().await;
    for (method, allow) in [
        ("DELETE", "get, head, options, post, put"),
        ("PATCH", "get, head, options, post, put"),
        ("TRACE", "get, head, options, post, put"),
        // `Echo` is not idempotent.
        ("GET", "options, post, put"),
        ("HEAD", "options, post, put"),
    ] {
        let mut wire = door.connect().await;
        let request =
            format!("{method} /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        wire.send(request.as_bytes()).await;
        let answer = wire.closed().await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 405 "), "{answer}");
        assert!(
            answer.contains(&format!("\r\nallow: {allow}\r\n")),
            "{answer}"
        );
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(body.is_empty(), method == "HEAD", "{answer}");
    }
    assert_eq!(door.runs(), 0);
}
