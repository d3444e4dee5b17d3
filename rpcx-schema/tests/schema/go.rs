//! What the generator writes for Go, as files to read: `go/NAME.rs` becomes `go/NAME.go`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-schema` writes them anew; the change is reviewed as a diff.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use rpcx_codegen::file;
use rpcx_schema::go;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go")
}

fn inputs() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    inputs.sort();
    inputs
}

fn emitted(path: &Path) -> String {
    let parsed = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
    let errors = file::expand(&parsed).errors;
    assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    let name = path.file_stem().unwrap().to_str().unwrap();
    go::emit(&parsed, &format!("{name}.rs"), name).unwrap_or_else(|errors| {
        let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
        panic!("{}: {texts:#?}", path.display())
    })
}

fn errors(text: &str) -> Vec<String> {
    let parsed = syn::parse_file(text).unwrap();
    let errors = match go::emit(&parsed, "a.rs", "a") {
        Ok(text) => panic!("no error but\n{text}"),
        Err(errors) => errors,
    };
    let texts = errors.iter().map(ToString::to_string);
    texts
        .map(|text| text.lines().next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn files_are_as_recorded() {
    let update = env::var_os("UPDATE_EXPANDED").is_some();
    let mut stale = Vec::new();
    for input in inputs() {
        let recorded = input.with_extension("go");
        let now = emitted(&input);
        if update {
            fs::write(&recorded, now).unwrap();
        } else if fs::read_to_string(&recorded).ok().as_ref() != Some(&now) {
            stale.push(recorded);
        }
    }
    assert!(
        stale.is_empty(),
        "run with UPDATE_EXPANDED=1 and review the diff of {stale:?}"
    );
}

#[test]
fn files_are_formatted() {
    let Ok(output) = Command::new("gofmt").arg("-d").arg(folder()).output() else {
        println!("skipped: no gofmt");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "gofmt would change:\n{said}{errors}"
    );
}

#[test]
fn all_that_has_no_form_in_go_is_reported() {
    let text = "
        #[rpcx::message] struct Deep { a: HashMap<f32, u8>, e: HashMap<Deep, u8>, b: HashMap<u8, Vec<u8>>, c: [u8; LEN], d: usual::Thing }
        #[rpcx::message] struct Many<T> { t: T }
        #[derive(serde::Serialize)] enum Shape { Dot, Circle(f64) }
        #[derive(serde::Serialize)] struct Flat { #[serde(flatten)] a: u8 }
        struct Stays;
        type Blob = Vec<u8>;
        #[rpcx::service]
        trait A {
            async fn a(&self, n: i128, m: Option<u128>) -> rpcx::Result<char>;
            async fn b(&self, pair: (u8, u8)) -> rpcx::Result<Missing>;
            async fn c(&self, many: Many<u8>, deep: Deep) -> rpcx::Result<Shape>;
            async fn d(&self, stays: Stays, flat: &Flat) -> rpcx::Result<Blob>;
            async fn e(&self) -> Outcome<u8>;
            #[rpcx(name = \"lower\")]
            async fn f(&self) -> rpcx::Result<()>;
        }";
    assert_eq!(
        errors(text),
        [
            "`i128` has no form in other languages, whose integers have at most 64 bits",
            "`u128` has no form in other languages, whose integers have at most 64 bits",
            "`char` has no form in other languages",
            "a tuple has no form in other languages: its parts have no names",
            "the type `Missing` is not defined in this file",
            "the generic type `Many` has no form in other languages",
            "the type `Outcome<u8>` is not defined in this file",
            "`f32` cannot be the key of a map",
            "`Deep` cannot be the key of a map",
            "the length of an array must be a number here, or a constant of these files that is one",
            "the type `Thing` is not defined in this file",
            "the variant `Circle` carries data, which has no form in other languages",
            "`#[serde(flatten)]` has no form in other languages",
            "the type `Stays` does not travel",
            "the name `lower` on the wire cannot be that of a Go method",
        ]
    );
}

#[test]
fn messages_of_other_files_are_not_described() {
    let text = "
        #[rpcx::service]
        trait A {
            #[rpcx(codec = \"protobuf\")]
            async fn a(&self, m: Message) -> rpcx::Result<()>;
            #[rpcx(codec = \"thrift\")]
            async fn b(&self, s: Struct) -> rpcx::Result<()>;
        }";
    assert_eq!(
        errors(text),
        [
            "`a` takes and returns protobuf messages, which are not described here",
            "`b` takes and returns structs of thrift, which are not described here",
        ]
    );
}

#[test]
fn clashing_names_are_reported() {
    let text = "
        mod inner { #[rpcx::message] struct ArithClient; #[rpcx::message] struct Twice; }
        #[rpcx::message] struct Twice;
        #[rpcx::service]
        trait Arith {
            async fn mul(&self, a: inner::ArithClient) -> rpcx::Result<()>;
        }";
    assert_eq!(
        errors(text),
        [
            "two types of this file have the name `Twice`, and other languages have no modules to tell them apart",
            "`ArithClient` is already the Go name of the type `ArithClient`",
        ]
    );
}

/// Such fields were refused, because serde's form went out: now the type decides at any depth. Where serde's
/// own derives write a struct, it is still serde's form.
#[test]
fn bytes_and_times_have_a_form_at_any_depth() {
    let text = "
        type Blob = Vec<u8>;
        #[rpcx::message]
        pub struct Deep { pub blobs: HashMap<String, Vec<u8>>, pub alias: Blob, pub spans: [Duration; 2], pub boxed: Box<VecDeque<SystemTime>> }
        #[derive(Serialize, Deserialize)]
        pub struct Serdes { pub data: Vec<u8> }
        #[rpcx::service]
        pub trait Keep {
            async fn keep(&self, deep: Deep) -> rpcx::Result<BTreeMap<u8, Blob>>;
        }";
    let file = syn::parse_file(text).unwrap();
    let go = go::emit(&file, "deep.rs", "deep").unwrap();
    for part in [
        "map[string][]byte",
        "[2]time.Duration",
        "[]time.Time",
        "type Blob = []byte",
        "map[uint8]Blob",
    ] {
        assert!(go.contains(part), "no {part} in\n{go}");
    }
    let serdes = text.replace("deep: Deep", "serdes: Serdes");
    let refused = ["`Vec<u8>` travels in serde's form here, which other languages do not read"];
    assert_eq!(errors(&serdes), refused);
    // an alias there hides nothing
    assert_eq!(
        errors(&serdes.replace("pub data: Vec<u8>", "pub data: Blob")),
        refused
    );
}

/// An alias with parameters is what it stands for, through other aliases, too.
#[test]
fn aliases_with_parameters_are_looked_through() {
    let text = "
        type Pairs<V> = HashMap<String, V>;
        type Maybe<T = String> = Option<T>;
        type Lists<'a, T, const N: usize> = [Vec<T>; N];
        #[rpcx::message]
        struct Item { photos: Pairs<Vec<u8>>, deep: Pairs<Maybe<Pairs<u8>>>, name: Maybe, all: Lists<'static, i32, 2> }
        #[rpcx::service]
        trait A {
            async fn a(&self, items: Pairs<Item>) -> rpcx::Result<Maybe<Item>>;
            async fn b(&self, one: Pairs<u8>, two: u8) -> rpcx::Result<()>;
        }";
    let go = go::emit(&syn::parse_file(text).unwrap(), "a.rs", "a").unwrap();
    let go = go.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Photos map[string][]byte",
        "Deep map[string]map[string]uint8",
        "Name *string",
        "All [2][]int32",
        "A(ctx context.Context, args map[string]Item, reply **Item)",
        "One map[string]uint8",
    ] {
        assert!(go.contains(part), "{part} is not in\n{go}");
    }
    let wrong = "
        type Pairs<V> = HashMap<String, V>;
        #[rpcx::service]
        trait A { async fn a(&self, items: Pairs<u128>) -> rpcx::Result<()>; }";
    assert_eq!(
        errors(wrong),
        ["`u128` has no form in other languages, whose integers have at most 64 bits"]
    );
}
