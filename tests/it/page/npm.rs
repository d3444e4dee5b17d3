//! Packages of npm that are used in tests alone.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of a package, which is fetched once into the target folder.
///
/// Where npm is missing or cannot fetch it the test says so and passes; with `RPCX_NPM=required` it fails.
pub(crate) fn package(name: &str, version: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("npm-{name}-{version}"));
    let package = root.join("node_modules").join(name);
    if package.join("package.json").exists() {
        return Some(package);
    }
    std::fs::create_dir_all(&root).unwrap();
    let ran = Command::new("npm")
        .args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefer-offline",
        ])
        .arg("--prefix")
        .arg(&root)
        .arg(format!("{name}@{version}"))
        .output();
    let why = match ran {
        Ok(output) if output.status.success() => return Some(package),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    skipped(&format!("npm gives no {name}: {why}"));
    None
}

/// Says what is missing; with `RPCX_NPM=required` that is a failure.
pub(crate) fn skipped(why: &str) {
    let required = std::env::var("RPCX_NPM").is_ok_and(|value| value == "required");
    assert!(!required, "RPCX_NPM=required, but {why}");
    println!("skipped: {why}");
}
