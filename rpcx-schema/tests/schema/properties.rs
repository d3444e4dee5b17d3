//! Whatever a trait file has that the Rust output accepts: no other output panics, and what is Go or a lock
//! file can be read again.

use proptest::prelude::*;
use rpcx_schema::lock::{Lock, diff, lint};
use rpcx_schema::{go, markdown, openapi, typescript};

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
    ]);
    let fields = proptest::collection::vec((field, ty()), 0..4);
    (attribute(), fields, 0..7_u8).prop_map(move |(attribute, fields, shape)| {
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
        "/// Does it.\n",
    ]);
    let method = (option, proptest::collection::vec(ty(), 0..3), ty());
    proptest::collection::vec(method, 0..3).prop_map(|methods| {
        let methods = methods
            .iter()
            .enumerate()
            .map(|(index, (option, args, reply))| {
                let args = args.iter().enumerate();
                let args: String = args.map(|(i, ty)| format!(", a{i}: {ty}")).collect();
                format!("{option} async fn m{index}(&self{args}) -> rpcx::Result<{reply}>;\n")
            });
        format!(
            "#[rpcx::service]\npub trait Svc {{ {} }}\n",
            methods.collect::<String>()
        )
    })
}

pub(crate) fn file() -> impl Strategy<Value = String> {
    let alias = (ty(), ty()).prop_map(|(e, f)| format!("type E = {e};\ntype F = {f};\n"));
    let definitions = (
        definition("A"),
        definition("B"),
        definition("C"),
        definition("D"),
    );
    (alias, definitions, service())
        .prop_map(|(alias, (a, b, c, d), service)| [alias, a, b, c, d, service].concat())
}

proptest! {
    // beside the sources there is no file to keep failures in
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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
