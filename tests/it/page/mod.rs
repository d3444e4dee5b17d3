//! The page at `/`, in a browser: what one does with it, by the keyboard alone; what hostile texts cannot do; how it looks.
//!
//! Where no Chromium is installed the tests say so and pass; with `RPCX_BROWSER=required` they fail.

mod accessible;
mod behind;
mod copied;
mod copies;
mod devtools;
mod hostile;
mod keyboard;
mod modules;
mod npm;
mod pushes;
mod served;
mod shop;
mod type_check;
mod web;

use rpcx::gateway::Http;
use rpcx::{Server, ServerBuilder};

use self::devtools::Browser;

fn builder() -> ServerBuilder {
    Server::builder()
        .register(shop::ArithServer::new(shop::Calculator))
        .register(shop::OrdersServer::new(shop::Shop))
}

/// Where a server listens that ends with the test: its page, without the last slash.
async fn serve(builder: ServerBuilder, http: Http) -> String {
    let server = builder.listen("tcp@127.0.0.1:0").http(http);
    let server = server.bind().await.unwrap();
    let page = format!("http://{}", server.addresses()[0].location());
    tokio::spawn(server.serve());
    page
}

/// The first line of a reply, once it is there: its outcome.
async fn outcome(browser: &mut Browser) -> String {
    browser
        .until("document.querySelector('.outcome:not(.running)')")
        .await;
    browser
        .text("document.querySelector('.outcome strong').textContent")
        .await
}

/// A reply that is JSON, once it is there, without its spaces.
async fn reply(browser: &mut Browser) -> String {
    browser.until("document.querySelector('.reply pre')").await;
    let text = "document.querySelector('.reply pre').textContent.replaceAll(/\\s/g, '')";
    browser.text(text).await
}
