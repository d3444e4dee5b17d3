//! Texts that would be markup anywhere else: names, docs, replies, errors, metadata, addresses.

use rpcx::Server;
use rpcx::gateway::Http;

use super::devtools::Browser;
use super::{outcome, serve, shop};

/// What would be there if one of them were markup.
const MARKUP: &str = "document.querySelectorAll('img, body script:not([type=module]), svg:not(.icon), a[href^=javascript], b').length";

#[tokio::test]
async fn what_a_server_says_is_text() {
    let Some(mut browser) = Browser::start("hostile").await else {
        return;
    };
    let server = Server::builder().register(shop::HostileServer::new(shop::Attacker));
    let page = serve(server, Http::new()).await;
    let hacked = "window.hacked = () => { window.wasHacked = true; }";
    let script = serde_json::json!({"source": hacked});
    browser
        .ask("Page.addScriptToEvaluateOnNewDocument", script)
        .await;
    browser.open(&page).await;
    browser.until("document.querySelector('.cards')").await;
    let docs = browser
        .text("document.querySelector('main').innerText")
        .await;
    assert!(docs.contains("<img src=x onerror=\"hacked()\">"), "{docs}");
    assert_eq!(browser.value(MARKUP).await, 0);

    for text in [
        "<img src=x onerror=hacked()>",
        "fail <img src=x onerror=hacked()>",
    ] {
        browser
            .until("document.querySelector('.methods a[href*=echo], .methods li a')")
            .await;
        let args = format!(
            "encodeURIComponent(JSON.stringify({}))",
            serde_json::json!(text)
        );
        let open = format!(
            "location.hash = document.querySelector('.methods li a').getAttribute('href') + '?args=' + {args}"
        );
        browser.value(&open).await;
        browser
            .until("document.querySelector('.request-panel')")
            .await;
        browser.press(&["Control+Enter"]).await;
        let ended = outcome(&mut browser).await;
        assert_eq!(
            ended,
            if text.starts_with("fail") {
                "Error"
            } else {
                "OK"
            }
        );
        let shown = browser
            .text("document.querySelector('.reply').innerText")
            .await;
        assert!(shown.contains("onerror=hacked()"), "{shown}");
        assert_eq!(browser.value(MARKUP).await, 0);
    }
    history_and_copies(&mut browser).await;
    policy(&mut browser).await;
}

/// The history and the copies have them, too.
async fn history_and_copies(browser: &mut Browser) {
    browser
        .value("document.querySelectorAll('.sidebar [role=tab]')[1].click()")
        .await;
    for tab in 0..4 {
        browser
            .value(&format!(
                "document.querySelectorAll('.snippet [role=tab]')[{tab}].click()"
            ))
            .await;
        assert_eq!(browser.value(MARKUP).await, 0);
    }
    assert_eq!(browser.value("window.wasHacked === true").await, false);
}

/// The policy holds where the page does not look.
async fn policy(browser: &mut Browser) {
    let inject = "(() => { try { document.body.innerHTML = '<p>'; return false; } catch { return true; } })()";
    assert_eq!(
        browser.value(inject).await,
        true,
        "trusted types are enforced"
    );
    let fetched = "fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.message)";
    assert_eq!(browser.text(fetched).await, "Failed to fetch");
    assert!(
        browser
            .complaints
            .iter()
            .any(|said| said.contains("Content Security Policy")),
        "{:?}",
        browser.complaints
    );
}
