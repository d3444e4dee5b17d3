//! What is copied works where it is pasted.

use std::process::Command;

use rpcx::gateway::Http;
use rpcx_schema::typescript;

use super::copied;
use super::devtools::Browser;
use super::{builder, serve};
use crate::compiler::{compiled, folder};

async fn copied_as(browser: &mut Browser, language: usize) -> String {
    let choose = format!("document.querySelectorAll('.snippet [role=tab]')[{language}].click()");
    browser.value(&choose).await;
    browser
        .text("document.querySelector('.snippet pre').textContent")
        .await
}

/// Spaces are the affair of whatever lays code out.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

#[tokio::test]
async fn a_call_is_the_same_in_other_languages() {
    let Some(mut browser) = Browser::start("copies").await else {
        return;
    };
    let page = serve(builder(), Http::new()).await;
    let link = format!(
        "{page}/#/Arith/Mul?args=%7B%22A%22:6,%22B%22:7%7D&timeout=9500&meta=tenant%3Dblue+%22one%22"
    );
    browser.open(&link).await;
    browser
        .until("document.querySelector('.options input[type=password]')")
        .await;
    browser.value("(input => { input.value = 'secret'; input.dispatchEvent(new Event('input', {bubbles: true})); })(document.querySelector('.options input[type=password]'))").await;

    let address = page.trim_start_matches("http://");
    curl(&mut browser).await;
    command_line(&mut browser, address).await;
    rust(&mut browser, address).await;
    let mut typed = vec![copied_as(&mut browser, 3).await];
    browser
        .open(&format!(
            "{page}/#/Arith/Add?args=%7B%22A%22:1,%22B%22:-2%7D"
        ))
        .await;
    browser.value("sessionStorage.clear()").await;
    browser
        .open(&format!(
            "{page}/#/Arith/Add?args=%7B%22A%22:1,%22B%22:-2%7D"
        ))
        .await;
    rust(&mut browser, address).await;
    typed.push(copied_as(&mut browser, 3).await);
    browser.open(&format!("{page}/#/Orders/Place")).await;
    rust(&mut browser, address).await;
    typed.push(copied_as(&mut browser, 3).await);
    let replies = [
        "{ c: 42n }",
        "-1n",
        "{ number: 9007199254740993n, total: 30 }",
    ];
    let run = tokio::task::spawn_blocking(move || type_script(&typed, replies));
    run.await.unwrap();
    browser
        .open(&format!(
            "{page}/#/Orders/Missing?args=%7B%22Customer%22:%22Ada%22,%22Express%22:true%7D"
        ))
        .await;
    rust(&mut browser, address).await;

    let script = copied_as(&mut browser, 3).await;
    let made = browser
        .value(&format!(
            "(async () => {{ {script} }})().then(() => 'ran', error => error.message)"
        ))
        .await;
    assert!(
        made.as_str().unwrap().contains("can't find method Missing"),
        "{made}"
    );
}

/// The `curl` that is shown makes the call.
async fn curl(browser: &mut Browser) {
    let curl = copied_as(browser, 0).await;
    assert!(
        curl.contains("Authorization: secret") && curl.contains("X-RPCX-Timeout-Ms: 9500"),
        "{curl}"
    );
    let run = move || {
        Command::new("sh")
            .arg("-c")
            .arg(format!("{curl} -s -m 20"))
            .output()
    };
    let ran = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    match ran.status.code() {
        Some(127) => println!("skipped: no curl"),
        _ => assert_eq!(
            String::from_utf8_lossy(&ran.stdout),
            r#"{"C":42}"#,
            "{ran:?}"
        ),
    }
}

async fn command_line(browser: &mut Browser, address: &str) {
    let command = copied_as(browser, 1).await.replace("\\\n", "");
    let command = command.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = format!(
        "rpcx call tcp@{address} Arith.Mul '{{\"A\":6,\"B\":7}}' --token secret --timeout 9500ms --metadata 'tenant=blue \"one\"'"
    );
    assert_eq!(command, expected);
}

/// The TypeScript that is shown compiles beside the client that is generated for the services, and makes the call.
fn type_script(texts: &[String], replies: [&str; 3]) {
    let folder = folder("page-copies");
    let parsed = syn::parse_file(include_str!("shop.rs")).unwrap();
    let module = typescript::read(&parsed, "shop.rs").unwrap();
    let client = typescript::render(&[module]).unwrap();
    std::fs::write(folder.join("client.ts"), client).unwrap();
    std::fs::write(folder.join("rpcx.ts"), typescript::RUNTIME).unwrap();
    // Node has a console; the compiler is told of no types but those of the language and of pages.
    for (index, text) in texts.iter().enumerate() {
        assert!(
            text.contains("new ArithClient(") || text.contains("new OrdersClient("),
            "{text}"
        );
        let program = format!("{text}\nconsole.log(reply);\n");
        std::fs::write(folder.join(format!("call{index}.ts")), program).unwrap();
    }
    if !compiled(&folder) {
        return;
    }
    for (index, reply) in replies.iter().enumerate() {
        let program = folder.join(format!("out/call{index}.js"));
        let ran = Command::new("node").arg(program).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(said.trim(), *reply, "{ran:?}");
    }
}

/// The Rust that is shown is in `copied.rs`, which compiles.
async fn rust(browser: &mut Browser, address: &str) {
    let text = copied_as(browser, 2)
        .await
        .replace(address, "127.0.0.1:8972");
    assert!(
        bare(copied::TEXT).contains(&bare(&text)),
        "copied.rs does not have:\n{text}"
    );
}
