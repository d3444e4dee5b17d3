//! How the page looks, in both themes and widths: axe finds nothing, nothing is wider than the window. The pictures are kept
//! in the target folder, `tmp/page`.

use rpcx::gateway::Http;

use super::devtools::Browser;
use super::{builder, npm, outcome, serve};
use crate::long;

const AXE: &str = "4.14.1";

const WIDTHS: [(&str, (u32, u32)); 2] = [("desk", (1360, 860)), ("phone", (390, 844))];

const THEMES: [&str; 2] = ["light", "dark"];

/// Views by their addresses, and whether there is a call.
const VIEWS: [(&str, &str, bool); 5] = [
    ("overview", "", false),
    ("reply", "#/Arith/Mul", true),
    (
        "error",
        "#/Arith/Mul?args=%7B%22A%22:9223372036854775807,%22B%22:2%7D&meta=tenant%3Dblue",
        true,
    ),
    ("form", "#/Orders/Place", false),
    (
        "json",
        "#/Orders/Place?args=%7B%22Customer%22:7,%22Late%22:true%7D",
        false,
    ),
];

#[tokio::test]
async fn every_view_in_both_themes_and_widths() {
    let Some(mut browser) = Browser::start("accessible").await else {
        return;
    };
    let axe = npm::package("axe-core", AXE)
        .map(|package| std::fs::read_to_string(package.join("axe.min.js")).unwrap());
    let page = serve(builder(), Http::new()).await;
    let (themes, widths) = match long::is_wanted("the page in the other theme, and on a phone") {
        true => (&THEMES[..], &WIDTHS[..]),
        false => (&THEMES[..1], &WIDTHS[..1]),
    };
    for theme in themes {
        for (width, size) in widths {
            browser.show(*size, theme).await;
            for (view, address, call) in VIEWS {
                browser.open(&format!("{page}/{address}")).await;
                if call {
                    browser.press(&["Control+Enter"]).await;
                    outcome(&mut browser).await;
                }
                let name = format!("{view}-{width}-{theme}");
                browser.picture(&name).await;
                look(&mut browser, &name, axe.as_deref()).await;
            }
        }
    }
    // the list on a phone, the keys, and the theme that one chooses by hand
    browser.show(WIDTHS[1].1, THEMES[1]).await;
    browser.open(&page).await;
    browser
        .value("document.querySelector('.menu').click()")
        .await;
    look(&mut browser, "list", axe.as_deref()).await;
    browser.press(&["Escape"]).await;
    browser.value("document.activeElement.blur()").await;
    browser.write("?").await;
    browser.until("document.querySelector('dialog').open").await;
    look(&mut browser, "keys", axe.as_deref()).await;
    browser.press(&["Escape"]).await;
    browser
        .value("document.querySelector('#theme').click()")
        .await;
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(ground).await;
    browser
        .value("document.querySelector('#theme').click()")
        .await;
    assert_ne!(
        light,
        browser.text(ground).await,
        "the system is dark, the page was light"
    );
    assert_eq!(browser.complaints, [""; 0]);
}

async fn look(browser: &mut Browser, name: &str, axe: Option<&str>) {
    let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(
        browser.value(wide).await,
        0,
        "{name} is wider than the window"
    );
    let Some(axe) = axe else {
        return;
    };
    browser.value(&format!("{axe}; 0")).await;
    let run = "axe.run().then(({violations}) => violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html)}`).join('\\n'))";
    assert_eq!(browser.text(run).await, "", "{name}");
}
