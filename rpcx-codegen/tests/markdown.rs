//! The reference pages that the generator writes: `go/NAME.rs` becomes `markdown/NAME.md`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-codegen` writes them anew; the change is reviewed as a diff.

use std::path::Path;
use std::{env, fs};

use rpcx_codegen::markdown;

#[test]
fn pages_are_as_recorded() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = fs::read_to_string(tests.join("go/store.rs")).unwrap();
    let now = markdown::emit(&syn::parse_file(&text).unwrap(), "store.rs").unwrap();
    let recorded = tests.join("markdown/store.md");
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(recorded, now).unwrap();
    } else {
        assert!(
            fs::read_to_string(recorded).unwrap_or_default() == now,
            "run with UPDATE_EXPANDED=1 and review the diff"
        );
    }
}
