//! Trait files and files of types that form one interface.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rpcx_build::Builder;

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rpcx-several-{test}-{}", std::process::id()));
        fs::create_dir_all(path.join("out")).unwrap();
        Self(path)
    }

    fn builder(&self, files: &[(&str, &str)]) -> Builder {
        let mut builder = rpcx_build::configure()
            .out_dir(self.0.join("out"))
            .lock(self.0.join("rpcx.lock"))
            .go(self.0.join("go"), "shop")
            .typescript(self.0.join("client.ts"))
            .openapi(self.0.join("openapi.json"))
            .markdown(self.0.join("shop.md"));
        for (name, text) in files {
            fs::write(self.0.join(name), text).unwrap();
            builder = builder.trait_file(self.0.join(name));
        }
        builder
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const TYPES: &str = "//! What both services speak of.

use rpcx::message;

#[rpcx::message]
pub struct Item {
    pub id: ItemId,
    pub color: Color,
}

pub type ItemId = u64;

#[rpcx::message]
pub enum Color {
    Red = 0,
    #[rpcx(other)]
    Other(i64),
}

#[derive(Debug, rpcx::ServiceError)]
pub enum ShopError {
    #[rpcx(code = 404, message = \"no item {id}\")]
    NoItem { id: ItemId },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

pub type ShopResult<T> = Result<T, ShopError>;

/// Nothing uses it.
#[rpcx::message]
pub struct Unused {
    pub x: u8,
}
";

const SHOP: &str = "use super::types::*;

#[rpcx::service]
pub trait Shop {
    async fn find(&self, id: ItemId) -> ShopResult<Item>;
}
";

const STOCK: &str = "use super::types::{Item, ShopResult};

#[rpcx::service]
pub trait Stock {
    async fn add(&self, item: &Item, count: u32) -> ShopResult<()>;
}
";

const ALL: [(&str, &str); 3] = [("types.rs", TYPES), ("shop.rs", SHOP), ("stock.rs", STOCK)];

#[test]
fn every_output_has_shared_types_once() {
    let folder = Folder::new("outputs");
    folder.builder(&ALL).try_compile().unwrap();
    let lock = folder.read("rpcx.lock");
    assert_eq!(lock.matches("\"Item\": {").count(), 1, "{lock}");
    assert!(!lock.contains('`') && !lock.contains("Unused"), "{lock}");
    // the types stand where they are defined
    let types = folder.read("go/types.go");
    for part in [
        "type Item struct {",
        "type Color int64",
        "type ShopError struct {",
    ] {
        assert_eq!(
            types.matches(part).count(),
            1,
            "{part} is not once in\n{types}"
        );
    }
    assert!(
        !types.contains("rpcx/server") && !types.contains("Unused"),
        "{types}"
    );
    let (shop, stock) = (folder.read("go/shop.go"), folder.read("go/stock.go"));
    assert!(
        shop.contains("Find(ctx context.Context, args ItemId, reply *Item) error"),
        "{shop}"
    );
    assert!(
        stock.contains("\tItem  *Item") || stock.contains("\tItem  Item"),
        "{stock}"
    );
    assert!(!shop.contains("type Item") && !stock.contains("type Item"));
    let client = folder.read("client.ts");
    assert_eq!(
        client.matches("export interface Item {").count(),
        1,
        "{client}"
    );
    assert!(client.contains("export class ShopErrorNoItem"), "{client}");
    let openapi: String = folder.read("openapi.json");
    // once among the schemas; as a field it stands deeper
    assert_eq!(
        openapi.matches("\n      \"Item\": {\n").count(),
        1,
        "{openapi}"
    );
    assert!(openapi.contains("#/components/schemas/Item"), "{openapi}");
    let page = folder.read("shop.md");
    assert!(
        page.contains("# Shop\n") && page.contains("# Stock\n") && page.contains("## Item\n"),
        "{page}"
    );
    let rust = folder.read("out/types.rs");
    assert!(
        rust.contains("pub struct Item") && rust.contains("pub struct Unused"),
        "{rust}"
    );
}

/// What is generated is one Go package.
#[test]
fn the_go_files_are_one_package() {
    let folder = Folder::new("go");
    folder.builder(&ALL).try_compile().unwrap();
    let output = Command::new("gofmt")
        .arg("-d")
        .arg(folder.0.join("go"))
        .output();
    let Ok(output) = output else {
        println!("skipped: there is no gofmt");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn a_shared_type_that_changes_breaks_once() {
    let folder = Folder::new("breaks");
    folder.builder(&ALL).try_compile().unwrap();
    let types = TYPES.replace("ItemId = u64", "ItemId = String");
    let files = [("types.rs", &*types), ALL[1], ALL[2]];
    let error = folder.builder(&files).try_compile().unwrap_err();
    let rules: Vec<&str> = error
        .messages
        .iter()
        .filter_map(|one| one.split_whitespace().nth(2))
        .collect();
    assert_eq!(
        rules[..3],
        ["ARG_SAME_TYPE:", "FIELD_SAME_TYPE:", "FIELD_SAME_TYPE:"],
        "{error}"
    );
}

#[test]
fn what_is_not_seen_is_said() {
    let folder = Folder::new("unseen");
    // Go has to know, and says where
    let error = folder.builder(&[ALL[1]]).try_compile().unwrap_err();
    let first = error.messages[0].replace(&format!("{}/", folder.0.display()), "");
    assert!(
        first.starts_with("shop.rs:5:30: the type `ItemId` is not defined in this file"),
        "{error}"
    );
    assert!(
        first.contains("of a file that the build script names beside it"),
        "{error}"
    );
    // two types of one name
    let twice = STOCK.to_owned() + "#[rpcx::message] pub struct Item { pub name: String }\n";
    let files = [ALL[0], ALL[1], ("stock.rs", &*twice)];
    let error = folder.builder(&files).try_compile().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`Item` is already the Go name of the type `Item`"),
        "{error}"
    );
    // no service at all
    let other = (
        "other.rs",
        "#[rpcx::message] pub struct Other { pub x: u8 }",
    );
    let error = folder.builder(&[ALL[0], other]).try_compile().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("neither this file nor those beside it have a service"),
        "{error}"
    );
}
