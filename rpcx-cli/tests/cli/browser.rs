//! A browser, where there is one.

use tokio::process::Command;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// `None` where there is no browser and none is required.
pub(crate) async fn find_browser() -> Option<&'static str> {
    for browser in BROWSERS {
        let version = Command::new(browser).arg("--version").output().await;
        if version.is_ok_and(|output| output.status.success()) {
            return Some(browser);
        }
    }
    let required = std::env::var("RPCX_BROWSER").is_ok_and(|value| value == "required");
    assert!(
        !required,
        "RPCX_BROWSER=required, but there is none of {BROWSERS:?}"
    );
    println!("skipped: no browser");
    None
}
