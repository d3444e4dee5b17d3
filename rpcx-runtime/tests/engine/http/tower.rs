//! The same as a service of tower.

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use rpcx_runtime::gateway::{Http, HttpService, RemoteAddr};
use rpcx_runtime::{Rejection, Server};
use tower::ServiceExt;

use crate::echo::Echo;

async fn ask(service: &HttpService, request: Request<Full<&'static [u8]>>) -> (StatusCode, String) {
    let response = service.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn requests_of_another_server_are_answered_by_the_same_rules() {
    let echo = Echo::default();
    let service = Server::builder()
        .register(echo.clone())
        .authorize(
            |request| match request.peer.to_string() == "http@10.0.0.1:80" {
                true => Ok(()),
                false => Err(Rejection::Denied.into()),
            },
        )
        .http_service(Http::new())
        .unwrap();
    let request = || {
        Request::post("http://anything/Echo/Wait")
            .body(Full::new(&b"5"[..]))
            .unwrap()
    };
    let (status, _) = ask(&service, request()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(service.handle().stats().denied, 1);
    let mut known = request();
    known
        .extensions_mut()
        .insert(RemoteAddr(([10, 0, 0, 1], 80).into()));
    assert_eq!(ask(&service, known).await, (StatusCode::OK, "5".to_owned()));
    let upgrade = Request::connect("http://anything/_rpcx_")
        .body(Full::default())
        .unwrap();
    assert_eq!(ask(&service, upgrade).await.0, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn a_service_has_no_addresses() {
    let builder = Server::builder().listen("tcp@127.0.0.1:0");
    let error = builder
        .http_service(Http::new().path("x"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no addresses") && error.contains("`path`"),
        "{error}"
    );
}
