//! The TypeScript compiler, installed once by npm into the target folder.
//!
//! Where there is no node or npm, or npm cannot fetch it, a test says so and passes; with `RPCX_TYPESCRIPT=required`
//! it fails.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

/// What is installed. The generated code is for newer ones, too.
const VERSION: &str = "5.9.3";

/// Everything that the compiler can be strict about.
const OPTIONS: &str = r#""target": "ES2022", "module": "NodeNext", "moduleResolution": "NodeNext",
    "lib": ["ES2022", "DOM", "DOM.Iterable"], "types": [], "strict": true, "noUncheckedIndexedAccess": true,
    "exactOptionalPropertyTypes": true, "noImplicitOverride": true, "noImplicitReturns": true,
    "noPropertyAccessFromIndexSignature": true, "noFallthroughCasesInSwitch": true, "noUnusedLocals": true,
    "noUnusedParameters": true, "isolatedModules": true, "verbatimModuleSyntax": true, "erasableSyntaxOnly": true,
    "declaration": true"#;

/// The compiler, or `None` where there is none and none is required.
fn compiler() -> Option<&'static Path> {
    static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match INSTALLED.get_or_init(install) {
        Ok(path) => Some(path),
        Err(why) => {
            let required = env::var("RPCX_TYPESCRIPT").is_ok_and(|value| value == "required");
            assert!(!required, "RPCX_TYPESCRIPT=required, but {why}");
            println!("skipped: {why}");
            None
        }
    }
}

fn install() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("typescript-{VERSION}"));
    let path = folder.join("node_modules/typescript/bin/tsc");
    let node = Command::new("node").arg("--version").output();
    if !node.is_ok_and(|node| node.status.success()) {
        return Err("there is no node".to_owned());
    }
    if path.exists() {
        return Ok(path);
    }
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let output = Command::new("npm")
        .args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&folder)
        .arg(format!("typescript@{VERSION}"))
        .output()
        .map_err(|error| format!("npm cannot be started: {error}"))?;
    match path.exists() {
        true => Ok(path),
        false => Err(format!(
            "npm has not installed TypeScript: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}

/// Compiles all files of `folder` into its folder `out`; what the compiler complains about is a failure. `false` if
/// there is no compiler.
pub(crate) fn compiled(folder: &Path) -> bool {
    let Some(compiler) = compiler() else {
        return false;
    };
    let config =
        format!(r#"{{"compilerOptions": {{{OPTIONS}, "outDir": "out"}}, "include": ["*.ts"]}}"#);
    fs::write(folder.join("tsconfig.json"), config).unwrap();
    fs::write(
        folder.join("package.json"),
        r#"{"private": true, "type": "module"}"#,
    )
    .unwrap();
    let output = Command::new("node")
        .arg(compiler)
        .arg("--project")
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "tsc complains about {}:\n{said}",
        folder.display()
    );
    true
}

/// An empty folder of this name.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    match fs::remove_dir_all(&folder) {
        Err(error) if folder.exists() => panic!("{}: {error}", folder.display()),
        _ => fs::create_dir_all(&folder).unwrap(),
    }
    folder
}
