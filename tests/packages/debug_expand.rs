//! `RPCX_DEBUG_EXPAND=1`, with a package of its own and a real build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::workspace::{PROFILE, root, shown_root, target};

const MANIFEST: &str = r#"[package]
name = "tiny-service"
version = "0.0.0"
edition = "2024"

[dependencies]
rpcx = { path = "ROOT" }

[workspace]
"#;

const RIGHT: &str = "#![deny(warnings, missing_docs)]
//! A service, and two messages of one name.

/// Numbers.
#[rpcx::message]
pub struct Args {
    /// One.
    pub a: i64,
}

/// Numbers again.
pub mod other {
    /// Numbers.
    #[rpcx::message]
    pub struct Args {
        /// One.
        pub b: i64,
    }
}

/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product.
    async fn mul(&self, args: Args, other: other::Args) -> rpcx::Result<i64>;
}
";

struct Package(PathBuf);

impl Package {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debug-expand");
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = MANIFEST.replace("ROOT", &shown_root()) + PROFILE;
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // the versions that are here already: the build must not need the network
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let package = Self(folder);
        let _ = fs::remove_dir_all(package.expansions());
        package
    }

    fn expansions(&self) -> PathBuf {
        let folder = "debug/rpcx-expand/tiny-service/tiny_service";
        target().join(folder)
    }

    /// Whether `code` passes, and what cargo says.
    fn check(&self, code: &str) -> (bool, String) {
        fs::write(self.0.join("src/lib.rs"), code).unwrap();
        self.check_again(true)
    }

    /// The same code, with the switch on or off.
    fn check_again(&self, on: bool) -> (bool, String) {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--target-dir"])
            .arg(target())
            .current_dir(&self.0)
            .envs(on.then_some(("RPCX_DEBUG_EXPAND", "1")))
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    }
}

#[test]
fn expansions_are_files_that_errors_point_at() {
    let package = Package::new();
    let (passed, said) = package.check(RIGHT);
    assert!(passed, "{said}");
    let read = |name: &str| fs::read_to_string(package.expansions().join(name)).unwrap();
    let service = read("src_lib.Arith.rs");
    assert!(
        service.starts_with("// `Arith` at src/lib.rs:22, as rpcx expands it\n"),
        "{service}"
    );
    assert!(
        service.contains("\npub struct ArithClient(::rpcx::__private::Stub);\n"),
        "{service}"
    );
    assert!(read("src_lib.Args.rs").contains("pub a: i64,"));
    assert!(read("src_lib.Args-2.rs").contains("pub b: i64,"));

    let (passed, said) = package.check_again(false);
    let built = said.contains("Checking tiny-service");
    assert!(passed && built, "the switch is off again: {said}");

    let wrong = RIGHT.replace("other: other::Args", "other: Missing");
    let (passed, said) = package.check(&wrong);
    assert!(!passed);
    assert!(
        said.contains("rpcx-expand/tiny-service/tiny_service/src_lib.Arith.rs:"),
        "{said}"
    );

    let mistake = RIGHT.replace("rpcx::Result<i64>", "i64");
    let (passed, said) = package.check(&mistake);
    assert!(!passed);
    let place = "--> src/lib.rs:25:";
    assert!(
        said.contains("must return a `Result`") && said.contains(place),
        "{said}"
    );
}
