//! The page of `rpcx gateway` in front of a server in Go, in a browser: the names are those of Go's own plugin, and the arguments
//! are written by hand.
//!
//! Where there is no Chromium or no Go the tests say so; `RPCX_BROWSER=required` and `RPCX_INTEROP=required` make that a failure.

use crate::devtools::Browser;
use crate::gateway::Gateway;
use crate::peers::{GoServer, go_server_with};

/// A browser, a server in Go, and the page of a gateway between them.
async fn page(profile: &str, flags: &'static [&str]) -> Option<(Browser, GoServer, Gateway)> {
    let browser = Browser::start(profile).await?;
    let started = tokio::task::spawn_blocking(move || {
        let go = go_server_with(flags)?;
        let gateway = Gateway::start(&["-l", "tcp@127.0.0.1:0", &go.address]);
        Some((go, gateway))
    });
    let (go, gateway) = started.await.expect("both start")?;
    Some((browser, go, gateway))
}

/// What is written in place of the arguments, and sent.
async fn send(browser: &mut Browser, arguments: &str) {
    browser.tab_to("Arguments as JSON").await;
    browser.press(&["Control+a"]).await;
    browser.write(arguments).await;
    browser.press(&["Control+Enter"]).await;
    let ended = "document.querySelector('.outcome:not(.running)')";
    browser.until(ended).await;
}

async fn shown(browser: &mut Browser, what: &str) -> String {
    let text = format!("document.querySelector('{what}').innerText");
    browser.text(&text).await
}

/// The text of a reply without its spaces.
async fn reply(browser: &mut Browser) -> String {
    browser.until("document.querySelector('.reply pre')").await;
    let text = "document.querySelector('.reply pre').textContent.replaceAll(/\\s/g, '')";
    browser.text(text).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_of_go_is_found_and_called_with_json_written_by_hand() {
    let Some((mut browser, _go, gateway)) = page("go-names", &["-reflection"]).await else {
        return;
    };
    browser.open(&format!("http://{}/", gateway.at)).await;
    browser
        .until("document.querySelector('main').innerText.includes('names of its methods and no types')")
        .await;
    browser.write("/").await;
    browser.write("arith mul").await;
    let found = shown(&mut browser, ".methods").await;
    assert!(found.contains("Mul") && !found.contains("Say"), "{found}");
    browser.press(&["ArrowDown", "Enter"]).await;
    browser
        .until("document.querySelector('h1').textContent.startsWith('Mul')")
        .await;
    let said = shown(&mut browser, ".arguments").await;
    assert!(
        said.contains("types of this method are not known"),
        "{said}"
    );
    send(&mut browser, r#"{"A":6,"B":7}"#).await;
    assert_eq!(reply(&mut browser).await, r#"{"C":42}"#);
    let told = shown(&mut browser, ".outcome").await;
    assert!(told.contains("OK") && told.contains("HTTP 200"), "{told}");

    // What Go says of arguments that do not fit, and what its method refuses.
    send(&mut browser, r#"{"A":"six"}"#).await;
    browser.until("document.querySelector('.failure')").await;
    let failure = shown(&mut browser, ".failure").await;
    assert!(failure.contains("cannot unmarshal string"), "{failure}");
    let refusing = format!("http://{}/#/Arith/Error", gateway.at);
    browser.open(&refusing).await;
    send(&mut browser, "{}").await;
    browser.until("document.querySelector('.failure')").await;
    let failure = shown(&mut browser, ".failure").await;
    assert!(failure.contains("arith: refused"), "{failure}");
    assert_eq!(browser.complaints, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_in_go_without_the_plugin_is_called_by_name() {
    let Some((mut browser, _go, gateway)) = page("go-silent", &[]).await else {
        return;
    };
    browser.open(&format!("http://{}/", gateway.at)).await;
    browser
        .until(
            "document.querySelector('main').innerText.includes('does not describe its services')",
        )
        .await;
    browser.tab_to("Service").await;
    browser.write("Arith").await;
    browser.tab_to("Method").await;
    browser.write("Say").await;
    browser.press(&["Enter"]).await;
    browser
        .until("document.querySelector('h1').textContent === 'Say'")
        .await;
    send(&mut browser, r#""Gö""#).await;
    assert_eq!(reply(&mut browser).await, r#""helloGö""#);
    assert_eq!(browser.complaints, [""; 0]);
}
