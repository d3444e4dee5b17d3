//! The reference pages that the generator writes: `go/NAME.rs` becomes `markdown/NAME.md`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-schema` writes them anew; the change is reviewed as a diff.

use std::path::Path;
use std::{env, fs};

use rpcx_schema::markdown;

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

/// Such types made the page panic: "diagnostics were dropped".
#[test]
fn types_with_derives_of_serde_have_a_place() {
    let text = r#"
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct Point { pub x_axis: i64, #[serde(skip)] pub hidden: u8 }
        #[derive(Serialize, Deserialize)]
        pub enum Shape {
            /// Round.
            Circle { radius: f64, r#type: u8 },
            Line(Point, Point),
            Nothing,
        }
        #[rpcx::service]
        pub trait Draw { async fn draw(&self, shape: Shape) -> rpcx::Result<()>; }
    "#;
    let page = markdown::emit(&syn::parse_file(text).unwrap(), "draw.rs").unwrap();
    for row in [
        "| `xAxis` | `i64` |",
        "| `\"Circle\"` | `{ radius: f64, type: u8 }` | Round. |",
        "| `\"Line\"` | `(Point, Point)` | |",
        "| `\"Nothing\"` | | |",
    ] {
        assert!(page.contains(row), "no {row} in\n{page}");
    }
    assert!(!page.contains("hidden"), "{page}");
}
