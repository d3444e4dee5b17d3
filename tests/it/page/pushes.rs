//! What a server pushes, and calls over the connection that it comes on.

use rpcx::gateway::Http;

use super::devtools::Browser;
use super::{builder, outcome, reply, serve, shop};

async fn listen(browser: &mut Browser) {
    browser.tab_to("Listen").await;
    browser.press(&["Enter"]).await;
    browser
        .until("/Listening|takes no/.test(document.querySelector('.push-panel').innerText)")
        .await;
}

#[tokio::test]
async fn pushes_are_shown_as_they_come() {
    let Some(mut browser) = Browser::start("pushes").await else {
        return;
    };
    let market = shop::MarketServer::new(shop::Ticker);
    let page = serve(builder().register(market), Http::new()).await;
    browser
        .open(&format!("{page}/#/Market/Subscribe?args=3"))
        .await;
    listen(&mut browser).await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(&mut browser).await, "OK");
    browser
        .until("document.querySelectorAll('.pushes li').length === 6")
        .await;
    let rows = browser.text("[...document.querySelectorAll('.pushes .short')].map(row => row.textContent).join('\\n')").await;
    let price = |n| {
        format!(
            "{{ \"Name\": \"RST\", \"Cents\": {} }}",
            9_007_199_254_740_993_i64 + n
        )
    };
    let expected = [
        "\"tick 2\"".to_owned(),
        price(2),
        "\"tick 1\"".to_owned(),
        price(1),
        "\"tick 0\"".to_owned(),
        price(0),
    ];
    assert_eq!(rows, expected.join("\n"));
    let first = browser
        .text("document.querySelector('.pushes li:last-child details').textContent")
        .await;
    assert!(
        first.contains("Prices.Changed") && first.contains("place"),
        "{first}"
    );
    calls_beside_pushes(&mut browser).await;
    assert_eq!(browser.complaints, [""; 0]);
}

/// Calls over the same connection, with all that travels beside the arguments.
async fn calls_beside_pushes(browser: &mut Browser) {
    browser
        .value("location.hash = '#/Arith/Meta?args=\"tenant\"&meta=tenant%3Dblue&timeout=5000'")
        .await;
    browser
        .until("document.querySelector('h1').textContent === 'Meta'")
        .await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "OK");
    assert_eq!(reply(browser).await, "\"blue\"");
    let told = browser
        .text("document.querySelector('.reply').innerText")
        .await;
    assert!(
        told.contains("served-by") && !told.contains("HTTP"),
        "{told}"
    );

    browser
        .value("location.hash = '#/Arith/Mul?args={\"A\":9223372036854775807,\"B\":2}'")
        .await;
    browser
        .until("document.querySelector('h1').textContent.startsWith('Mul')")
        .await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "Error");
    let failure = browser
        .text("document.querySelector('.failure').innerText")
        .await;
    assert!(
        failure.contains("422 Overflow") && failure.contains("\"factor\": 2"),
        "{failure}"
    );

    browser
        .value("location.hash = '#/Arith/Missing?args=1'")
        .await;
    browser
        .until("document.querySelector('h1').textContent === 'Missing'")
        .await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "Did not run");

    browser
        .value("location.hash = '#/Arith/Wait?args=600000'")
        .await;
    browser
        .until("document.querySelector('h1').textContent === 'Wait'")
        .await;
    browser.press(&["Control+Enter"]).await;
    browser
        .until("document.querySelector('.outcome.running')")
        .await;
    browser.value("[...document.querySelectorAll('button')].find(button => button.textContent === 'Stop').click()").await;
    assert_eq!(outcome(browser).await, "Unknown");
    let failure = browser
        .text("document.querySelector('.failure').innerText")
        .await;
    assert!(failure.contains("connection was lost"), "{failure}");
}

#[tokio::test]
async fn a_server_without_websockets_is_told_apart() {
    let Some(mut browser) = Browser::start("no-pushes").await else {
        return;
    };
    let page = serve(builder(), Http::new().path("/elsewhere")).await;
    browser
        .open(&format!(
            "{page}/#/Arith/Add?args=%7B%22A%22:1,%22B%22:2%7D"
        ))
        .await;
    listen(&mut browser).await;
    let said = browser
        .text("document.querySelector('.push-panel').innerText")
        .await;
    assert!(said.contains("takes no WebSocket"), "{said}");
    browser.press(&["Control+Enter"]).await;
    assert_eq!(reply(&mut browser).await, "3");
}
