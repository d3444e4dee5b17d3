//! Whatever a trait file has that the Rust output accepts: no other output panics, each is text of its language, and what is
//! Go or a lock file can be read again.

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rpcx_schema::import::{Source, import};
use rpcx_schema::lock::{Lock, diff, lint};
use rpcx_schema::{go, markdown, openapi, typescript};

use crate::long;

/// Types as they stand in signatures and fields, some of them without a form in other languages.
fn ty() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "u8",
        "i64",
        "u128",
        "f32",
        "bool",
        "char",
        "String",
        "()",
        "Vec<u8>",
        "[u8; 4]",
        "[i32; N]",
        "Duration",
        "SystemTime",
        "rpcx::Timestamp",
        "A",
        "B",
        "C",
        "D",
        "E",
        "F",
        "other::G",
        "Generic<A>",
        "Generic<E>",
        "Pairs<u16>",
        "Pairs<E>",
        "Two<A, E>",
        "inside::I",
        "[E; N]",
        "&'static str",
        "rpcx::Value",
        "Cow<'static, str>",
    ]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(3, 6, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|ty| format!("Vec<{ty}>")),
                inner.clone().prop_map(|ty| format!("Option<{ty}>")),
                inner.clone().prop_map(|ty| format!("Box<{ty}>")),
                inner
                    .clone()
                    .prop_map(|ty| format!("HashMap<String, {ty}>")),
                inner.clone().prop_map(|ty| format!("BTreeMap<{ty}, u8>")),
                inner.clone().prop_map(|ty| format!("[{ty}; 3]")),
                inner.prop_map(|ty| format!("({ty}, u8)")),
            ]
        })
}

fn attribute() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "",
        "#[rpcx::message]",
        "#[rpcx::message(rename_all = \"camelCase\")]",
        "#[rpcx::message(text)]",
        "#[derive(Serialize, Deserialize)]",
        "#[derive(Serialize, Deserialize)] #[serde(rename_all = \"kebab-case\")]",
        "#[derive(Serialize, Deserialize)] #[serde(tag = \"t\", deny_unknown_fields)]",
        "/// Docs | with * marks `and` <tags>\n#[deprecated(note = \"a | b\")]",
    ])
}

/// A struct or an enum of every shape.
fn definition(name: &'static str) -> impl Strategy<Value = String> {
    let field = proptest::sample::select(vec![
        "",
        "#[serde(default)]",
        "#[serde(rename = \"x\")]",
        "#[serde(flatten)]",
        "#[serde(skip)]",
        "/// A field.\n",
        "#[rpcx(name = \"x\")]",
        "#[rpcx(default)]",
        "#[rpcx(skip)]",
        "#[rpcx(plain)]",
        "#[rpcx(bytes)]",
    ]);
    let fields = proptest::collection::vec((field, ty()), 0..4);
    (attribute(), fields, 0..10_u8).prop_map(move |(attribute, fields, shape)| {
        let all = |named: bool| {
            let fields = fields.iter().enumerate();
            let fields = fields.map(|(index, (attribute, ty))| match named {
                true => format!("{attribute} f{index}: {ty}, "),
                false => format!("{attribute} {ty}, "),
            });
            fields.collect::<String>()
        };
        let body = match shape {
            0 => format!("struct {name} {{ {} }}", all(true)),
            1 => format!("struct {name}({});", all(false)),
            2 => format!("struct {name};"),
            3 => format!("enum {name} {{ One, Two = 7, #[serde(rename = \"3\")] Three }}"),
            4 => format!(
                "enum {name} {{ One({}), Two {{ {} }}, Three }}",
                all(false),
                all(true)
            ),
            5 => format!(
                "enum {name} {{ #[rpcx(default)] One, Two({}), Three {{ {} }} }}",
                all(false),
                all(true)
            ),
            6 => format!(
                "enum {name} {{ One = 1, #[rpcx(default)] Two, #[rpcx(other)] Other(i64) }}"
            ),
            7 => format!(
                "enum {name} {{ #[rpcx(name = \"1\")] One, Two, #[rpcx(other)] Other(String) }}"
            ),
            8 => format!(
                "struct {name} {{ /** What | it is. */ r#type: u8, {} }}",
                all(true)
            ),
            _ => format!("struct {name}<T> {{ t: T, {} }}", all(true)),
        };
        format!("{attribute} pub {body}\n")
    })
}

fn service() -> impl Strategy<Value = String> {
    let option = proptest::sample::select(vec![
        "",
        "#[rpcx(wrap)]",
        "#[rpcx(reply = \"C\")]",
        "#[rpcx(alias = \"Other\")]",
        "#[rpcx(idempotent, timeout = \"1s\")]",
        "#[rpcx(codec = \"raw\")]",
        "#[rpcx(oneway)]",
        "#[rpcx(args = \"Args\", spawn)]",
        "#[rpcx(name = \"Z\", blocking)] #[deprecated]",
        "/// Does it.\n",
    ]);
    let head = proptest::sample::select(vec![
        "",
        "(name = \"a.v1.Svc\", version = \"2\")",
        "(dyn, idempotent)",
    ]);
    let outcome = proptest::sample::select(vec!["rpcx::Result<", "Result<"]);
    let method = (option, proptest::collection::vec(ty(), 0..3), ty(), outcome);
    let methods = proptest::collection::vec(method, 0..3);
    (head, methods).prop_map(|(head, methods)| {
        let methods = methods
            .iter()
            .enumerate()
            .map(|(index, (option, args, reply, outcome))| {
                let failure = match *outcome {
                    "Result<" => ", Fail",
                    _ => "",
                };
                let args = args.iter().enumerate();
                let args: String = args.map(|(i, ty)| format!(", a{i}: {ty}")).collect();
                format!("{option} async fn m{index}(&self{args}) -> {outcome}{reply}{failure}>;\n")
            });
        format!(
            "#[rpcx::service{head}]\npub trait Svc {{ {} }}\n",
            methods.collect::<String>()
        )
    })
}

pub(crate) fn file() -> impl Strategy<Value = String> {
    let alias = (ty(), ty(), ty()).prop_map(|(e, f, data)| {
        format!(
            "const N: usize = 3;\ntype E = {e};\ntype F = {f};\ntype Pairs<V> = HashMap<String, V>;\n\
             type Two<X, Y> = BTreeMap<String, (X, Vec<Y>)>;\nmod inside {{ pub type I = super::F; }}\n\
             #[rpcx::message] pub struct Generic<T> {{ of: T, more: Vec<T> }}\n\
             #[derive(Debug, rpcx::ServiceError)] pub enum Fail {{ #[rpcx(code = 1, message = \"a\")] A, \
             #[rpcx(code = 2, message = \"b\")] B {{ data: {data} }}, #[rpcx(other)] Rpc(rpcx::Error) }}\n"
        )
    });
    let definitions = (
        definition("A"),
        definition("B"),
        definition("C"),
        definition("D"),
    );
    (alias, definitions, service())
        .prop_map(|(alias, (a, b, c, d), service)| [alias, a, b, c, d, service].concat())
}

fn cases() -> u32 {
    let all = long::is_wanted("256 pairs of trait files made at random, in place of 64");
    if all { 256 } else { 64 }
}

proptest! {
    // beside the sources there is no file to keep failures in
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn no_output_panics(text in file(), later in file()) {
        let files = [text, later].map(|text| syn::parse_file(&text).unwrap());
        let mut locks = Vec::new();
        for file in &files {
            // also with mistakes: a caller may ask for any output by itself
            let expanded = rpcx_codegen::file::expand(file);
            let right = expanded.errors.is_empty();
            let _ = rpcx_codegen::lines::text(&expanded.tokens);
            let _ = go::emit(file, "a.rs", "a");
            let _ = markdown::emit(file, "a.rs");
            let _ = openapi::read("a", file).map(|page| openapi::render(&[page]));
            let _ = typescript::read(file, "a.rs").map(|module| typescript::render(&[module]));
            let Ok(lock) = Lock::read(file) else { continue };
            // what the Rust output refuses, such as one name twice, need not be readable
            if !right {
                continue;
            }
            let again = Lock::parse(&lock.render()).unwrap_or_else(|error| panic!("{}", error.message));
            let _ = diff(&lock, &again);
            prop_assert_eq!(again.render(), lock.render());
            let _ = lint(&lock);
            locks.push(lock);
        }
        if let [before, after] = &locks[..] {
            let _ = diff(before, after);
        }
    }
}

/// Each output of files made at random is text of its language. gofmt is started once.
#[test]
fn outputs_are_of_their_languages() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random-go");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut runner = TestRunner::deterministic();
    let (mut right, mut in_go, mut in_json) = (0, 0, 0);
    let all = long::is_wanted("100 trait files made at random for each language, in place of 40");
    while right < if all { 100 } else { 40 } {
        let text = file().new_tree(&mut runner).unwrap().current();
        let parsed = syn::parse_file(&text).unwrap();
        let expanded = rpcx_codegen::file::expand(&parsed);
        if !expanded.errors.is_empty() {
            continue;
        }
        right += 1;
        let rust: Result<syn::File, _> = syn::parse2(expanded.tokens);
        assert!(rust.is_ok(), "{text}");
        if let Ok(package) = go::emit(&parsed, "a.rs", "a") {
            fs::write(folder.join(format!("a{in_go}.go")), &package).unwrap();
            in_go += 1;
            let imported = import(&[Source::new("a.go", &package)]);
            let imported = imported.map(|imported| imported.text).unwrap_or_default();
            syn::parse_file(&imported).unwrap_or_else(|error| panic!("{error}: {imported}"));
        }
        if let Ok(page) = openapi::read("a", &parsed) {
            in_json += 1;
            let page = openapi::render(&[page]);
            let read: Result<serde_json::Value, _> = serde_json::from_str(&page);
            assert!(read.is_ok(), "{page}");
        }
        let lock = match Lock::read(&parsed) {
            Ok(lock) => lock,
            // What Rust itself will not take.
            Err(errors) => {
                let text = errors[0].to_string();
                assert!(text.contains("is recursive"), "{text}");
                continue;
            }
        };
        assert_eq!(Lock::parse(&lock.render()).unwrap(), lock, "{text}");
    }
    println!("{right} files, {in_go} in Go, {in_json} in JSON");
    assert!(
        in_go > right / 10 && in_json > right / 10,
        "{in_go} in Go, {in_json} in JSON"
    );
    let gofmt = Command::new("gofmt").arg("-l").arg(&folder).output();
    let Ok(output) = gofmt else {
        println!("skipped: no gofmt");
        return;
    };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(said, "", "gofmt would change these, or does not read them");
}
