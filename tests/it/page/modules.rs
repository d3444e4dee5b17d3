//! The modules of the page that need no browser: JSON, schemas, MessagePack, links.

use std::path::Path;
use std::process::Command;

#[test]
fn the_modules_do_what_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("node")
        .arg(root.join("tests/it/page/modules.mjs"))
        .arg(root.join("rpcx-runtime/page/code"))
        .output();
    let Ok(ran) = ran else {
        println!("skipped: no node");
        return;
    };
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}
