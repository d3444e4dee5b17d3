//! Go sources as trait files: `import/NAME.go` becomes `import/NAME.rs`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-schema` writes them anew; the change is reviewed as a diff.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use proptest::prelude::*;
use rpcx_codegen::file;
use rpcx_schema::go;
use rpcx_schema::import::{Imported, Remark, Source, import};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn read(path: &str) -> String {
    fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn one(text: &str) -> Result<Imported, Vec<Remark>> {
    import(&[Source::new("a.go", text)])
}

fn imported(path: &str) -> Imported {
    let text = read(path);
    let name = path.rsplit('/').next().unwrap();
    let source = Source::new(name, &text);
    import(&[source]).unwrap_or_else(|errors| panic!("{path}: {errors:#?}"))
}

/// The Go package that a trait file gives.
fn to_go(text: &str) -> String {
    let parsed = syn::parse_file(text).unwrap();
    let errors = file::expand(&parsed).errors;
    assert!(errors.is_empty(), "{errors:?} in\n{text}");
    go::emit(&parsed, "a.rs", "a").unwrap_or_else(|errors| panic!("{errors:?} in\n{text}"))
}

/// `method: arguments, reply` and `struct: fields` of a Go file, without names that are not on the wire.
fn shapes(go: &str) -> BTreeSet<String> {
    let mut shapes = BTreeSet::new();
    let mut inside = None;
    for line in go.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match &words[..] {
            ["type", name, "struct", "{"] | ["type", name, "interface", "{"] => {
                inside = Some((*name).to_owned());
            }
            ["}"] => inside = None,
            [first, ..] if !first.starts_with("//") => {
                if let Some(name) = &inside {
                    shapes.insert(format!("{name}: {}", words.join(" ")));
                }
            }
            _ => {}
        }
    }
    shapes
}

#[test]
fn files_are_as_recorded() {
    let now = imported("import/shop.go").text;
    let recorded = folder().join("import/shop.rs");
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(&recorded, &now).unwrap();
    }
    assert!(
        fs::read_to_string(&recorded).ok().as_ref() == Some(&now),
        "run with UPDATE_EXPANDED=1 and review the diff of {recorded:?}"
    );
    to_go(&now);
}

/// What matters on the wire: no comments, and no constants, which Go output leaves out.
fn essential(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| {
            !line.is_empty() && !line.starts_with("//") && !line.starts_with("pub const")
        })
        .collect()
}

/// Trait file, Go, trait file, Go: the second Go package has the messages and methods of the first.
fn round_trip(first: &str, also: &str) {
    let source = Source::new("a.go", first);
    let back = import(&[source]).unwrap_or_else(|errors| panic!("{also}: {errors:#?}"));
    let second = to_go(&back.text);
    let (one, two) = (shapes(first), shapes(&second));
    // what an error enum says is in functions, of which there is a note; an enum with data comes back as the struct that Go has
    const OTHERS: [&str; 4] = ["BankError: ", "StoreError: ", "Payment: ", "Change: "];
    let same = |shape: &&String| !OTHERS.iter().any(|name| shape.starts_with(name));
    let lost: Vec<&String> = one.difference(&two).filter(same).collect();
    let new: Vec<&String> = two.difference(&one).filter(same).collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "{also}\nlost: {lost:#?}\nnew: {new:#?}\n{}\n{second}",
        back.text
    );
    let again = import(&[Source::new("a.go", &second)]);
    let again = again.unwrap_or_else(|errors| panic!("{also}: {errors:#?}"));
    // all but the fields of the enum with data, of which pointers to slices become slices
    let once = |text: &str| match text.split_once("pub struct Payment {") {
        None => text.to_owned(),
        Some((before, rest)) => {
            let (_, after) = rest.split_once("\n}").expect("its end");
            format!("{before}{after}")
        }
    };
    let (one, two) = (once(&back.text), once(&again.text));
    assert_eq!(essential(&two), essential(&one), "{also}");
}

#[test]
fn what_our_own_go_output_says_comes_back() {
    round_trip(&to_go(&imported("import/shop.go").text), "shop");
    round_trip(&read("../../tests/interop/generated/forms.go"), "forms");
    round_trip(&read("go/store.go"), "store");
}

/// What the tests with Go peers call is imported as well; `tests/it/go_peers/imported.rs` calls through it.
#[test]
fn the_services_of_the_go_peers_are_imported() {
    let folder = folder().join("../../tests/interop/peer");
    let names = ["services.go", "shapes.go", "push.go"];
    let texts = names.map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let sources = [0, 1, 2].map(|index| Source::new(names[index], &texts[index]));
    let now = import(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let recorded = folder.join("../imported/peer.rs");
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::create_dir_all(recorded.parent().unwrap()).unwrap();
        fs::write(&recorded, &now.text).unwrap();
    }
    assert!(
        fs::read_to_string(&recorded).ok() == Some(now.text),
        "run with UPDATE_EXPANDED=1 and review the diff of {recorded:?}"
    );
}

/// What is wrong with a file, or left out of it.
fn places(text: &str) -> Vec<String> {
    let errors = match one(text) {
        Ok(imported) => {
            to_go(&imported.text);
            imported.left_out
        }
        Err(errors) => errors,
    };
    let firsts = errors.iter().map(|error| {
        let line = error.message.lines().next().unwrap_or_default();
        format!("{}:{}: {line}", error.line, error.column)
    });
    firsts.collect()
}

/// A file with this type as the argument of a method.
fn with_type(ty: &str) -> String {
    format!(
        "package p\nimport (\"context\"; \"time\"; pb \"x/proto\")\nvar _ time.Time\ntype T struct{{}}\n\
         func (T) F(ctx context.Context, args *A, reply *int) error {{ return nil }}\ntype A {ty}\n"
    )
}

#[test]
fn what_has_no_form_here_has_a_place() {
    let text = with_type(
        "struct {
	Any interface{}
	Other any
	Err error
	Func func(int) (string, error)
	C complex64
	PB *pb.User
	Missing Thing
	Inline struct{ X int }
	Twice **int
	Floats map[float64]int
	Long [33]int
	Some [n]int
	List G[int]
	B
	D
}
type B struct { X int }
type D struct { X, Y int; Z int `msgpack:\"Y\"` }
type G[T any] struct { X T }",
    );
    assert_eq!(
        places(&text),
        [
            "9:6: an `error` does not travel as a value",
            "10:7: a function does not travel",
            "11:4: `complex64` does not travel",
            "12:6: the type `pb.User` is of another package",
            "13:10: the type `Thing` is not in these files",
            "14:9: a struct without a name cannot be imported",
            "15:9: a pointer to a pointer has no form here",
            "16:13: the key of a map must be a string or an integer",
            "18:7: the length of this array cannot be told here",
            "24:17: two fields have the name `X` on the wire, one of them from an embedded struct; the first one is kept",
            "24:27: two fields have the name `Y` on the wire, one of them from an embedded struct; the first one is kept",
        ]
    );
}

#[test]
fn forms_that_go_does_not_show_are_refused() {
    let named = with_type("time.Time");
    assert_eq!(
        places(&named),
        [
            "5:10: the method `F` is left out with them",
            "6:6: `A` is a time without the methods of one, and Go sends nothing of it",
        ]
    );
    let list = with_type(
        "struct { _msgpack struct{} `msgpack:\",as_array\"`; X int `msgpack:\",alias:Z\"` }",
    );
    assert_eq!(
        places(&list),
        [
            "5:10: the method `F` is left out with them",
            "6:17: a struct with `as_array` travels as a list without names, which has no form here",
        ]
    );
}

#[test]
fn what_is_not_go_has_a_place() {
    for (text, said) in [
        ("", "1:1: expected `package`, found `the end of the file`"),
        ("package p\nfunc f( {}", "2:9: expected a name, found `{`"),
        ("package p\nconst a = \"b", "2:11: this string has no end"),
        (
            "package p\ntype T struct { a int b }",
            "2:23: expected `}` or a new line, found `b`",
        ),
        (
            "package p\nx := 1",
            "2:1: expected a declaration, found `x`",
        ),
        (
            "package p\ntype T struct{}",
            "0:0: there is no service in a.go",
        ),
    ] {
        assert_eq!(places(text), [said], "{text}");
    }
    let deep = format!("package p\ntype T {}int", "[]".repeat(100_000));
    assert!(places(&deep)[0].ends_with("this is nested too deeply"));
    let sum = format!("package p\nconst c = {}1", "1+".repeat(100_000));
    assert!(places(&sum)[0].ends_with("this value has too many parts"));
}

#[test]
fn constants_that_lead_to_each_other_end() {
    let mut text = with_type("[c0]byte");
    for index in 0..40 {
        let next = index + 1;
        text.push_str(&format!("const c{index} = c{next} + c{next}\n"));
    }
    assert_eq!(
        places(&text),
        [
            "5:10: the method `F` is left out with them",
            "6:8: the length of this array cannot be told here",
        ]
    );
    assert!(!places(&(with_type("[a]byte") + "const a = b\nconst b = a\n")).is_empty());
    // Go refuses this, and so will rustc
    let _ = one(&(with_type("B") + "type B A\n"));
}

/// Embedded fields as msgpack and JSON have them, and structs that hold themselves.
#[test]
fn structs_are_flattened_and_loops_are_boxed() {
    let text = with_type(
        "struct { *Base; Kids []A; One *A; Two *B; N Name }
type Base struct { ID int; Inner `msgpack:\"inner,noinline\"`; sync.Mutex }
type Inner struct { X *Inner }
type B struct { Back [2]*A; By map[string]*A }
type Name = string
type (Loop struct { L *Loop2 }; Loop2 struct { L *Loop })",
    );
    let out = one(&text).unwrap().text;
    for part in [
        "    #[rpcx(name = \"ID\")]\n    pub id: i64,\n    #[rpcx(name = \"inner\")]\n    pub inner: Inner,\n    pub kids: Vec<Self>,\n",
        "    pub one: Option<Box<Self>>,\n    pub two: Option<Box<B>>,\n    pub n: Name,\n",
        "    pub x: Option<Box<Self>>,\n",
        "    pub back: [Option<Box<A>>; 2],\n    pub by: std::collections::BTreeMap<String, Option<A>>,\n",
        "pub type Name = String;\n",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    assert!(!out.contains("Loop"), "{out}");
    to_go(&out);
}

const WORDS: [&str; 60] = [
    "package",
    "p",
    "import",
    "\"context\"",
    "type",
    "T",
    "struct",
    "{",
    "}",
    "interface",
    "func",
    "(",
    ")",
    "*",
    "[",
    "]",
    "map",
    "string",
    "int",
    "chan",
    "<-",
    ",",
    ";",
    "\n",
    "=",
    "const",
    "iota",
    "1",
    "<<",
    "var",
    "`msgpack:\"a,inline\"`",
    "\"x",
    "'",
    "'a'",
    "//",
    "/*",
    "*/",
    "...",
    ".",
    "context",
    "Context",
    "error",
    "Error",
    "return",
    "r",
    "RegisterName",
    "new",
    "&",
    "time",
    "Duration",
    "[]byte",
    "F",
    "_",
    "\\",
    "0x",
    "any",
    "+",
    "-",
    "A",
    "ü",
];

const SMALL: &str = "package p
import (\"context\"; t \"time\")
type (
	Kind uint8
	Key [n]byte
	Base struct { ID, N int64 }
)
const (
	A Kind = 1 << iota // one
	B
	n = 4
)
/* Args are. */
type Args struct {
	Base
	Kind Kind `msgpack:\"kind,omitempty\" json:\"kind\"`
	Keys map[string][]Key
	At *t.Time
	Next *Args
}
// S serves.
type S struct{ f func(a, b int) error }
func (s *S) Get(ctx context.Context, args *Args, reply *[]Args) error {
	if s.f == nil { return s.Get(ctx, nil, nil) }
	return register.RegisterName(\"S.v1\", new(S), \"\")
}
func (*S) New(_ context.Context, n string, _ *struct{}) (err error) { return }
";

proptest! {
    #[test]
    fn any_bytes(text in "\\PC{0,200}") {
        let _ = one(&text);
        let _ = one(&format!("package p\n{text}"));
    }

    #[test]
    fn any_words(words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..80)) {
        let _ = one(&format!("package p\n{}", words.join(" ")));
    }

    /// Go with a piece cut out, doubled or replaced: an error, or a trait file that the generator takes.
    #[test]
    fn mutated_go(
        start in 0_usize..SMALL.len(),
        length in 0_usize..60,
        put in proptest::sample::select(&WORDS[..]),
        double in any::<bool>(),
    ) {
        let text = SMALL;
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (from, to) = (floor(start), floor(start + length));
        let cut = if double { &text[from..to] } else { put };
        let mutated = format!("{}{cut}{}", &text[..from], &text[if double { from } else { to }..]);
        // what the generator would not take is an error, too, and means a defect of the importer
        if let Err(errors) = one(&mutated) {
            let defect = errors.iter().find(|error| error.message.contains("would be wrong"));
            prop_assert!(defect.is_none(), "{defect:?} of\n{mutated}");
        }
    }
}

/// Go serves the methods of embedded types, too.
#[test]
fn embedded_methods_are_served() {
    let text = "package p
import \"context\"
type Base struct{ *Deep }
type Deep struct{}
func (*Deep) Hi(context.Context, string, *string) error { return nil }
func (Base) Ping(ctx context.Context, _ *struct{}, _ *struct{}) error { return nil }
type Top struct{ Base }
type Own struct{ Base }
func (*Own) Ping(ctx context.Context, n int, _ *struct{}) error { return nil }
type Other interface{ Extra(ctx context.Context, n int, r *int) error; Unknown }
func f() { s.RegisterName(\"t\", new(Top), \"\") }
";
    let imported = one(text).unwrap();
    let lines: Vec<&str> = essential(&imported.text)
        .into_iter()
        .filter(|line| *line != "}" && *line != "#[rpcx::service]")
        .collect();
    assert_eq!(
        lines,
        [
            "pub trait Base {",
            "async fn ping(&self) -> rpcx::Result<()>;",
            "async fn hi(&self, args: &str) -> rpcx::Result<String>;",
            "pub trait Deep {",
            "async fn hi(&self, args: &str) -> rpcx::Result<String>;",
            "#[rpcx::service(name = \"t\")]",
            "pub trait Top {",
            "async fn ping(&self) -> rpcx::Result<()>;",
            "async fn hi(&self, args: &str) -> rpcx::Result<String>;",
            "pub trait Own {",
            "async fn ping(&self, n: i64) -> rpcx::Result<()>;",
            "async fn hi(&self, args: &str) -> rpcx::Result<String>;",
            "pub trait Other {",
            "async fn extra(&self, n: i64) -> rpcx::Result<i64>;",
        ]
    );
    assert_eq!(
        imported.notes[0].message,
        "what `Other` embeds is left out: add its methods"
    );
}
