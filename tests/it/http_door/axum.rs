//! Services in an axum server that is there already.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use rpcx::Channel;
use rpcx::gateway::Http;
use tokio::net::TcpListener;

use super::{Args, ArithClient, ask, builder};

async fn tagged(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let tag = "axum".parse().unwrap();
    response.headers_mut().insert("x-served-by", tag);
    response
}

#[tokio::test]
async fn an_axum_router_serves_them_beside_its_own_pages() {
    let service = builder().http_service(Http::new()).unwrap();
    let stats = service.handle();
    let app = Router::new()
        .route("/health", get(|| async { "well" }))
        .nest_service("/api", service.clone())
        .fallback_service(service)
        .layer(from_fn(tagged));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let (_, body) = ask(&at, "GET /health", "", "").await;
    assert_eq!(body, b"well");
    for path in ["/Arith/Mul", "/api/Arith/Mul"] {
        let (head, body) = ask(&at, &format!("POST {path}"), "", r#"{"A":10,"B":20}"#).await;
        assert_eq!(body, br#"{"C":200}"#, "{head}");
        assert!(head.contains("x-served-by: axum"), "{head}");
    }
    let rpc = r#"{"jsonrpc":"2.0","method":"Arith.Add","params":[1,2],"id":1}"#;
    let (_, body) = ask(&at, "POST /api/jsonrpc", "", rpc).await;
    assert_eq!(body, br#"{"jsonrpc":"2.0","result":3,"id":1}"#);
    assert_eq!(stats.stats().calls, 3);
    // The networks http and ws go through it too: axum hands upgrades on.
    for network in ["http", "ws"] {
        let channel = Channel::connect(format!("{network}@{at}")).await.unwrap();
        let arith = ArithClient::new(channel);
        let reply = arith.mul(Args { a: 6, b: 7 }).await.unwrap();
        assert_eq!(reply.c, 42, "{network}");
    }
}
