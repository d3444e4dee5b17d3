//! Recursive types that are no structs: Rust has none, Go has, and a merge may leave them in a lock file.

use rpcx_schema::import::{Source, import};
use rpcx_schema::lock::{Lock, diff, lint};
use rpcx_schema::{go, markdown, openapi, typescript};

use crate::lock::of_files;

/// Each way in which a type can stand in another, in Rust and in a lock file.
const PLACES: [(&str, &str); 9] = [
    ("_", "_"),
    ("Option<_>", "_?"),
    ("Vec<_>", "[_]"),
    ("[_; 3]", "[_; 3]"),
    ("HashMap<_, u8>", "{_: u8}"),
    ("HashMap<String, _>", "{string: _}"),
    ("HashMap<_, _>", "{_: _}"),
    ("HashMap<Vec<_>, Option<_>>", "{[_]: _?}"),
    (
        "HashMap<HashMap<_, u8>, HashMap<_, _>>",
        "{{_: u8}: {_: _}}",
    ),
];

/// rustc refuses them, but only reads them later.
#[test]
fn recursive_aliases_are_refused() {
    for ((first, _), (second, _)) in pairs() {
        let text = format!(
            "type A = {};\ntype B = {};\n#[rpcx::message] struct M {{ a: A }}\n\
             #[rpcx::service] trait S {{ async fn f(&self, m: M, b: B) -> rpcx::Result<A>; }}",
            first.replace('_', "B"),
            second.replace('_', "A"),
        );
        let file = syn::parse_file(&text).unwrap();
        let outputs = [
            Lock::read(&file).map(drop),
            go::emit(&file, "a.rs", "a").map(drop),
            openapi::read("a", &file).map(drop),
            typescript::read(&file, "a.rs").map(drop),
        ];
        // It looks through no alias.
        assert!(markdown::emit(&file, "a.rs").is_ok());
        for output in outputs {
            let said: Vec<String> = output
                .unwrap_err()
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(
                said,
                [
                    "the type alias `A` is recursive, by way of `B`\nhelp: Rust has no recursive aliases: make `A` a struct",
                    "the type alias `B` is recursive, by way of `A`\nhelp: Rust has no recursive aliases: make `B` a struct",
                ],
                "{text}"
            );
        }
    }
}

#[test]
fn recursive_aliases_with_parameters_are_refused() {
    for (text, refused) in [
        ("type A = Vec<A>;", "`A` is recursive\nhelp"),
        (
            "type L<T> = Vec<T>; type A = L<A>;",
            "`A` is recursive\nhelp",
        ),
        ("type A<T> = Vec<A<T>>;", "`A` is recursive\nhelp"),
        (
            "mod m { type B = [A; 3]; type A = (u8, B); }",
            "`B` is recursive, by way of `A`\nhelp",
        ),
    ] {
        let errors = Lock::read(&syn::parse_file(text).unwrap()).unwrap_err();
        assert!(
            errors[0].to_string().contains(refused),
            "{text}: {errors:?}"
        );
    }
    for text in [
        "type Id = String; type Ids = (Vec<Id>, Vec<Id>); type L<T> = Vec<T>; type LL = L<L<Id>>;",
        // A parameter, and types of elsewhere, with the names of aliases.
        "type L<A> = Vec<A>; type A = L<u8>;",
        "type Result<T> = rpcx::Result<T>; type Vec<T> = std::vec::Vec<T>; type Id = other::Id;",
        "type Error = Box<dyn std::error::Error>; type Result<T, E = Error> = std::result::Result<T, E>;",
    ] {
        let read = Lock::read(&syn::parse_file(text).unwrap());
        assert!(read.is_ok(), "{text}: {read:?}");
    }
}

#[test]
fn recursive_aliases_of_several_files_are_refused() {
    let a = "#[rpcx::service] trait S { async fn f(&self, a: b::B) -> rpcx::Result<()>; } pub type A = Vec<super::b::B>;";
    let b = "pub type B = (u8, Option<super::a::A>);";
    let outputs = of_files(&[("a", a), ("b", b)], |parts| go::emit_all(parts, "p"));
    for (output, alias) in outputs.into_iter().zip(["A", "B"]) {
        let said = output.unwrap_err()[0].to_string();
        assert!(
            said.contains(&format!("the type alias `{alias}` is recursive, by way of")),
            "{said}"
        );
    }
}

/// A merge, or an editor, can make such a lock file.
#[test]
fn recursive_aliases_of_lock_files_have_an_end() {
    for ((_, first), (_, second)) in pairs() {
        let text = format!(
            "{{\"rpcx_lock\": 2, \"services\": {{\"S\": {{\"trait\": \"S\", \"methods\": {{\"F\": \
             {{\"fn\": \"f\", \"args\": \"M\", \"reply\": \"A\"}}}}}}}}, \"types\": {{\"A\": {{\"alias\": \"{}\"}}, \
             \"B\": {{\"alias\": \"{}\"}}, \"M\": {{\"struct\": [[\"X\", \"A\"]]}}}}}}",
            first.replace('_', "B"),
            second.replace('_', "A"),
        );
        let lock = Lock::parse(&text).unwrap_or_else(|error| panic!("{}: {text}", error.message));
        let again = Lock::parse(&lock.render()).unwrap();
        assert_eq!(again.render(), lock.render());
        let _ = diff(&lock, &again);
        let _ = lint(&lock);
    }
}

fn pairs() -> impl Iterator<Item = ((&'static str, &'static str), (&'static str, &'static str))> {
    let all = PLACES.into_iter();
    all.flat_map(|one| PLACES.map(|other| (one, other)))
}

/// Go has such types, Rust has no such aliases.
#[test]
fn recursive_types_of_go_are_messages() {
    let text = "package p
        import \"context\"
        type Tree map[string]Tree
        type List []List
        type Here []There
        type There map[string]*Here
        type Names []string
        type Node struct { Children []Node; Tree Tree }
        type S int
        func (s *S) Do(ctx context.Context, args *Node, reply *List) error { return nil }
        func (s *S) Go(ctx context.Context, args Here, reply *Names) error { return nil }";
    let imported = import(&[Source::new("a.go", text)]).unwrap();
    let types: Vec<&str> = imported
        .text
        .lines()
        .filter(|line| line.starts_with("pub struct") || line.starts_with("pub type"))
        .collect();
    assert_eq!(
        types,
        [
            "pub struct Tree(pub std::collections::BTreeMap<String, Self>);",
            "pub struct List(pub Vec<Self>);",
            "pub struct Here(pub Vec<There>);",
            "pub struct There(pub std::collections::BTreeMap<String, Option<Here>>);",
            "pub type Names = Vec<String>;",
            "pub struct Node {",
        ]
    );
    let file = syn::parse_file(&imported.text).unwrap();
    assert!(go::emit(&file, "a.rs", "a").is_ok());
}
