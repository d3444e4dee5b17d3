//! From opening the page to the history, without a mouse.

use rpcx::gateway::Http;

use super::devtools::Browser;
use super::{builder, outcome, reply, serve};

#[tokio::test]
async fn a_call_an_error_and_the_history_by_the_keyboard_alone() {
    let Some(mut browser) = Browser::start("keyboard").await else {
        return;
    };
    let page = serve(builder(), Http::new()).await;
    browser.open(&page).await;
    browser
        .until("document.body.innerText.includes('Arithmetic with whole numbers')")
        .await;
    search_and_open(&mut browser).await;
    fill_in_and_send(&mut browser).await;
    see_an_error(&mut browser).await;
    use_the_history(&mut browser).await;
    assert_eq!(browser.complaints, [""; 0]);
}

/// Search, and open what is found.
async fn search_and_open(browser: &mut Browser) {
    browser.press(&["Tab"]).await;
    browser.write("/").await;
    assert_eq!(browser.focused().await, "Search methods and history");
    browser.write("product").await;
    let found = browser
        .text("document.querySelector('.methods').innerText")
        .await;
    assert!(found.contains("Mul") && !found.contains("Add"), "{found}");
    browser.press(&["ArrowDown", "Enter"]).await;
    browser
        .until("document.querySelector('h1').textContent.startsWith('Mul')")
        .await;
}

/// Fill in and send.
async fn fill_in_and_send(browser: &mut Browser) {
    browser.tab_to("A").await;
    assert_eq!(
        browser.text("document.activeElement.value").await,
        "10",
        "a sample"
    );
    browser.press(&["Control+a"]).await;
    browser.write("6").await;
    browser.tab_to("B").await;
    browser.press(&["Control+a"]).await;
    browser.write("7").await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "OK");
    assert_eq!(reply(browser).await, r#"{"C":42}"#);
    let told = browser
        .text("document.querySelector('.outcome').innerText")
        .await;
    assert!(
        told.contains("8 bytes") && told.contains("HTTP 200") && told.contains("ms"),
        "{told}"
    );
}

/// An error of the method, by Enter in a field.
async fn see_an_error(browser: &mut Browser) {
    browser.press(&["Control+a"]).await;
    browser.write("9223372036854775807").await;
    browser.press(&["Enter"]).await;
    browser.until("document.querySelector('.failure')").await;
    assert_eq!(outcome(browser).await, "Error");
    let failure = browser
        .text("document.querySelector('.failure').innerText")
        .await;
    for part in [
        "9223372036854775807 is too much",
        "The method ran",
        "422 Overflow",
        "does not fit 64 bits",
    ] {
        assert!(failure.contains(part), "{part} is not in {failure}");
    }

    // what does not fit is not sent
    browser.write("0").await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(
        browser
            .text("document.activeElement.getAttribute('aria-invalid')")
            .await,
        "true"
    );
    browser
        .until("document.querySelector('.wrong:not([hidden])').textContent.startsWith('At most')")
        .await;
}

/// The history, and one call of it.
async fn use_the_history(browser: &mut Browser) {
    browser.press(&["Control+k"]).await;
    browser.press(&["Control+a"]).await;
    browser.write("mul").await;
    browser.press(&["Tab"]).await;
    assert_eq!(browser.focused().await, "Methods");
    browser.press(&["ArrowRight"]).await;
    assert_eq!(browser.focused().await, "History 2");
    browser.press(&["ArrowDown", "ArrowDown", "Enter"]).await;
    browser
        .until("document.querySelector('.reply h2').textContent.includes(' of ')")
        .await;
    assert_eq!(reply(browser).await, r#"{"C":42}"#);
    let values = "[...document.querySelectorAll('.form input')].map(input => input.value).join()";
    assert_eq!(browser.text(values).await, "6,7");
}

#[tokio::test]
async fn options_json_links_and_long_calls() {
    let Some(mut browser) = Browser::start("options").await else {
        return;
    };
    let page = serve(builder(), Http::new()).await;
    by_an_address(&mut browser, &page).await;
    as_json(&mut browser, &page).await;
    that_take_long(&mut browser, &page).await;
    of_other_kinds(&mut browser, &page).await;
    assert_eq!(browser.complaints, [""; 0]);
}

/// Arguments, metadata and timeout come with the address.
async fn by_an_address(browser: &mut Browser, page: &str) {
    browser
        .open(&format!(
            "{page}/#/Arith/Meta?args=%22tenant%22&meta=tenant%3Dblue+one&timeout=5000"
        ))
        .await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "OK");
    assert_eq!(reply(browser).await, r#""blueone""#);
    let all = browser
        .text("document.querySelector('.reply').innerText")
        .await;
    assert!(all.contains("served-by") && all.contains("node-7"), "{all}");
}

/// The address follows what is filled in.
async fn as_json(browser: &mut Browser, page: &str) {
    browser.open(&format!("{page}/#/Orders/Place")).await;
    browser.tab_to("Form").await;
    browser.press(&["ArrowRight"]).await;
    assert_eq!(browser.focused().await, "JSON");
    browser.tab_to("Arguments as JSON").await;
    browser.press(&["Control+a"]).await;
    browser
        .write(r#"{"Customer":"Ada","Items":[{"Price":1.5,"Count":2,"article":"x"}]}"#)
        .await;
    let found = browser
        .text("document.querySelector('.findings').innerText")
        .await;
    assert!(
        found.contains("Items[0].article") && found.contains("Article is meant"),
        "{found}"
    );
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "OK");
    // no digit is lost
    assert_eq!(
        reply(browser).await,
        r#"{"Number":9007199254740993,"Total":3.0}"#
    );
    browser.until("location.hash.includes('Ada')").await;

    // what is no JSON says where, and is not sent
    browser.press(&["Control+a"]).await;
    browser.write("{\"Customer\": }").await;
    let found = browser
        .text("document.querySelector('.findings').innerText")
        .await;
    assert!(found.contains("Line 1, column 14"), "{found}");
    let before = browser
        .text("document.querySelectorAll('.sidebar [role=tab]')[1].textContent")
        .await;
    browser.press(&["Control+Enter"]).await;
    let after = browser
        .text("document.querySelectorAll('.sidebar [role=tab]')[1].textContent")
        .await;
    assert_eq!(before, after);
}

/// A call that takes long is cancelled.
async fn that_take_long(browser: &mut Browser, page: &str) {
    browser
        .open(&format!("{page}/#/Arith/Wait?args=600000"))
        .await;
    browser.press(&["Control+Enter"]).await;
    browser
        .until("document.querySelector('.outcome.running')")
        .await;
    browser.press(&["Escape"]).await;
    assert_eq!(outcome(browser).await, "Unknown");

    // a deadline that has passed
    browser
        .open(&format!("{page}/#/Arith/Wait?args=600000&timeout=50"))
        .await;
    browser.press(&["Control+Enter"]).await;
    assert_ne!(outcome(browser).await, "OK");
    let failure = browser
        .text("document.querySelector('.failure').innerText")
        .await;
    assert!(failure.contains("deadline"), "{failure}");
}

/// One-way, and a method that is not there.
async fn of_other_kinds(browser: &mut Browser, page: &str) {
    browser.open(&format!("{page}/#/Orders/Note")).await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "OK");
    browser
        .open(&format!("{page}/#/Orders/Missing?args=%5B1%5D"))
        .await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(browser).await, "Did not run");
}

#[tokio::test]
async fn without_descriptions_a_method_is_called_by_its_name() {
    let Some(mut browser) = Browser::start("nameless").await else {
        return;
    };
    let page = serve(builder().without_reflection(), Http::new()).await;
    browser.open(&page).await;
    let said = browser
        .text("document.querySelector('main').innerText")
        .await;
    assert!(said.contains("does not describe its services"), "{said}");
    browser.tab_to("Service").await;
    browser.write("Arith").await;
    browser.tab_to("Method").await;
    browser.write("Mul").await;
    browser.press(&["Enter"]).await;
    browser
        .until("document.querySelector('h1').textContent === 'Mul'")
        .await;
    let said = browser
        .text("document.querySelector('.arguments').innerText")
        .await;
    assert!(
        said.contains("types of this method are not known"),
        "{said}"
    );
    browser.tab_to("Arguments as JSON").await;
    browser.press(&["Control+a"]).await;
    browser.write(r#"{"A":2,"B":3}"#).await;
    browser.press(&["Control+Enter"]).await;
    assert_eq!(outcome(&mut browser).await, "OK");
    assert_eq!(reply(&mut browser).await, r#"{"C":6}"#);
    assert_eq!(browser.complaints, [""; 0]);
}
