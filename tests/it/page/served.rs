//! The page as a response.

use rpcx::gateway::Http;

use super::{builder, serve};
use crate::http_door::ask;

async fn head_and_body(page: &str, request: &str, headers: &str) -> (String, Vec<u8>) {
    ask(page.trim_start_matches("http://"), request, headers, "").await
}

#[tokio::test]
async fn a_browser_gets_one_file_with_its_policy() {
    let page = serve(builder(), Http::new()).await;
    let (head, body) = head_and_body(&page, "GET /", "Accept: text/html,*/*;q=0.8\r\n").await;
    for line in [
        "http/1.1 200",
        "content-type: text/html; charset=utf-8",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-cache",
        "frame-ancestors 'none'",
        "default-src 'none'",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
    assert!(!head.contains("unsafe"), "{head}");
    assert!(body.starts_with(b"<!doctype html>"));

    let (head, packed) = head_and_body(&page, "GET /", "Accept-Encoding: gzip, br\r\n").await;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(packed.len() < 150 * 1024 && packed.len() < body.len() / 2);

    let tag = head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap()
        .to_owned();
    // `ask` gives the head in small letters, and a tag has others.
    assert!(tag.starts_with("w/\"sha256-"), "{tag}");
    let (head, body) = head_and_body(&page, "GET /", "If-None-Match: *\r\n").await;
    assert!(
        head.starts_with("http/1.1 304") && body.is_empty(),
        "{head}"
    );
    let (head, body) = head_and_body(&page, "HEAD /", "").await;
    assert!(
        head.starts_with("http/1.1 200") && body.is_empty(),
        "{head}"
    );
}

#[tokio::test]
async fn the_page_is_in_nothing_elses_way() {
    let page = serve(builder(), Http::new()).await;
    let (head, _) = head_and_body(&page, "POST /", "").await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
    let evil = "Origin: https://evil.example\r\n";
    let (head, _) = head_and_body(&page, "GET /", evil).await;
    assert!(head.starts_with("http/1.1 403"), "{head}");
    let invoke =
        "X-RPCX-ServicePath: Arith\r\nX-RPCX-ServiceMethod: Nope\r\nX-RPCX-SerializeType: 1\r\n";
    let (head, _) = head_and_body(&page, "GET /", invoke).await;
    assert!(head.contains("x-rpcx-errormessage"), "{head}");

    let without = serve(builder(), Http::new().page(false)).await;
    let (head, _) = head_and_body(&without, "GET /", "").await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
}
