//! The types of the page's modules, checked by the TypeScript compiler.

use std::path::Path;
use std::process::Command;

use super::npm;

const TYPESCRIPT: &str = "5.9.3";

#[test]
fn the_modules_have_the_types_that_they_say() {
    let Some(package) = npm::package("typescript", TYPESCRIPT) else {
        return;
    };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("rpcx-runtime/page");
    let compiler = package.join("bin/tsc");
    let output = Command::new("node")
        .arg(compiler)
        .arg("--project")
        .arg(page)
        .output();
    let output = match output {
        Ok(output) => output,
        // The package is there since npm was.
        Err(error) => return npm::skipped(&format!("node cannot be started: {error}")),
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
