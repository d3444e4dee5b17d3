//! The tables in `docs/types.md`: what a type is on the wire and in other languages.
//!
//! `UPDATE_EXPANDED=1` writes them anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use rpcx::Timestamp;
use rpcx::codec::encode_serde;
use rpcx::protocol::Codec;

const BEGIN: &str = "<!-- written by tests/it/types_guide.rs -->\n";
const END: &str = "<!-- end -->\n";

/// What the types of the table are made of, as a trait file has it.
macro_rules! file {
    ($($item:item)*) => {
        $($item)*
        const ITEMS: &str = stringify!($($item)*);
    };
}

file! {
    #[rpcx::message]
    pub(crate) struct Point {
        x: i32,
        #[rpcx(name = "why")]
        y: i32,
    }
    #[rpcx::message]
    pub(crate) struct Cents(i64);
    #[rpcx::message]
    pub(crate) enum Color {
        Red,
        Green = 5,
    }
    #[rpcx::message(text)]
    pub(crate) enum Mode {
        Read,
        Write,
    }
    #[rpcx::message]
    pub(crate) enum Shape {
        Empty,
        Dot(Point),
        Circle { radius: f64 },
    }
}

/// One line of the table: the type, its value as one writes it in Rust, and both codecs.
struct Row {
    ty: String,
    value: &'static str,
    msgpack: Vec<u8>,
    json: String,
}

macro_rules! rows {
    ($($ty:ty = $value:expr;)*) => {
        vec![$({
            #[rpcx::message]
            struct Holder {
                v: $ty,
            }
            let value: $ty = $value;
            row(stringify!($ty), stringify!($value), &Holder { v: value })
        }),*]
    };
}

/// What a field of this type travels as: the map around it is left out.
fn row<T: serde::Serialize>(ty: &str, value: &'static str, holder: &T) -> Row {
    let (mut msgpack, mut json) = (Vec::new(), Vec::new());
    encode_serde(holder, Codec::MSGPACK, &mut msgpack).unwrap();
    encode_serde(holder, Codec::JSON, &mut json).unwrap();
    let json = String::from_utf8(json).unwrap();
    let json = json
        .strip_prefix("{\"V\":")
        .and_then(|text| text.strip_suffix('}'));
    Row {
        ty: ty.replace(" ", "").replace(",", ", ").replace(";", "; "),
        value,
        msgpack: msgpack
            .strip_prefix(b"\x81\xa1V")
            .expect("a map of one")
            .to_vec(),
        json: json.expect("an object of one").to_owned(),
    }
}

fn rows() -> Vec<Row> {
    rows! {
        bool = true;
        i32 = -7;
        i64 = 1 << 53;
        u64 = u64::MAX;
        f64 = 1.5;
        String = "hi".to_owned();
        Vec<u8> = vec![0, 255];
        [u8; 2] = [0, 255];
        Option<i32> = None;
        Vec<String> = vec!["a".to_owned()];
        [i32; 2] = [1, 2];
        BTreeMap<String, i32> = [("a".to_owned(), 1)].into();
        BTreeMap<u64, String> = [(1, "a".to_owned())].into();
        BTreeMap<String, Vec<u8>> = [("a".to_owned(), vec![1])].into();
        SystemTime = SystemTime::UNIX_EPOCH;
        Timestamp = Timestamp::ZERO;
        Duration = Duration::from_millis(1);
        () = ();
        Point = Point { x: 1, y: 2 };
        Box<Point> = Box::new(Point { x: 1, y: 2 });
        Cents = Cents(250);
        Color = Color::Green;
        Mode = Mode::Write;
        Shape = Shape::Empty;
        Shape = Shape::Dot(Point { x: 1, y: 2 });
        Shape = Shape::Circle { radius: 0.5 };
    }
}

/// A trait file with a field of each type.
fn source(rows: &[Row]) -> syn::File {
    let fields = rows.iter().enumerate();
    let fields: String = fields
        .map(|(index, row)| format!("v{index}: {},", row.ty))
        .collect();
    let text = format!(
        "{ITEMS} #[rpcx::message] pub struct All {{ {fields} }}
         #[rpcx::service] pub trait S {{ async fn f(&self, all: All) -> rpcx::Result<()>; }}"
    );
    syn::parse_file(&text).unwrap()
}

/// What stands behind the name of each field in the struct that is generated.
fn types(generated: &str, begins: &str, count: usize) -> Vec<String> {
    let (_, body) = generated.split_once(begins).expect("the struct");
    let (body, _) = body.split_once("\n}").expect("its end");
    let lines: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(lines.len(), count, "{body}");
    let behind = lines.iter().map(|line| {
        let (_, ty) = line.split_once(' ').expect("a name and a type");
        ty.trim().trim_end_matches(';').to_owned()
    });
    behind.collect()
}

/// Bytes as one reads them: the header in hex, texts as texts.
fn shown(bytes: &[u8]) -> String {
    let each: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    each.join(" ")
}

fn cell(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn table() -> String {
    let rows = rows();
    let file = source(&rows);
    let go = rpcx_schema::go::emit(&file, "types.rs", "types").unwrap();
    let go = types(&go, "type All struct {", rows.len());
    let module = rpcx_schema::typescript::read(&file, "types.rs").unwrap();
    let typescript = rpcx_schema::typescript::render(&[module]).unwrap();
    let typescript = types(&typescript, "export interface All {", rows.len());
    let mut out = String::from(
        "| Rust | a value | msgpack | JSON | Go | TypeScript |\n|---|---|---|---|---|---|\n",
    );
    for (row, (go, typescript)) in rows.iter().zip(go.iter().zip(&typescript)) {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            cell(&row.ty),
            cell(row.value),
            cell(&shown(&row.msgpack)),
            cell(&row.json),
            cell(go),
            cell(typescript)
        );
    }
    out
}

#[test]
fn the_table_of_types_is_what_is_sent() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/types.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the beginning of the table");
    let (present, after) = rest.split_once(END).expect("the end of the table");
    let now = table();
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(path, format!("{before}{BEGIN}{now}{END}{after}")).unwrap();
    } else {
        assert!(
            present == now,
            "run with UPDATE_EXPANDED=1 and review the diff"
        );
    }
}
