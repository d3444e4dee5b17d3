//! Generic types of Go, written out for each use.

use rpcx_codegen::file;
use rpcx_schema::import::{Imported, Source, import};

fn one(text: &str) -> Imported {
    let imported =
        import(&[Source::new("a.go", text)]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let parsed = syn::parse_file(&imported.text).unwrap();
    let errors = file::expand(&parsed).errors;
    assert!(errors.is_empty(), "{errors:?} in\n{}", imported.text);
    imported
}

fn has(imported: &Imported, parts: &[&str]) {
    for part in parts {
        assert!(
            imported.text.contains(part),
            "{part} is not in\n{}",
            imported.text
        );
    }
}

const START: &str = "package p
import \"context\"
type Item struct { ID int }
";

#[test]
fn an_instance_is_a_type_of_its_own() {
    let imported = one(&format!(
        "{START}
// Page is a part of a list.
type Page[T any] struct {{ Items []T; Next *Page[T]; By map[string]T }}
type S struct{{}}
func (*S) List(ctx context.Context, args *Page[int], reply *Page[Item]) error {{ return nil }}
"
    ));
    has(
        &imported,
        &[
            "/// Page is a part of a list.\n///\n/// `Page[Item]` in Go.\n#[rpcx::message]\n",
            "pub struct PageItem {\n    pub items: Vec<Item>,\n    pub next: Option<Box<Self>>,\n    pub by: std::collections::BTreeMap<String, Item>,\n}",
            "pub struct PageInt {\n    pub items: Vec<i64>,",
            "async fn list(&self, args: &PageInt) -> rpcx::Result<PageItem>;",
        ],
    );
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
}

#[test]
fn instances_have_each_other_as_arguments() {
    let imported = one(&format!(
        "{START}
type Page[T any] struct {{ Items []T }}
type Pair[K comparable, V any] struct {{ Key K; Value V }}
type Named[T any] map[string]T
type Items = Page[Item]
type Args struct {{ A Page[Pair[string, []Item]]; B Named[*Item]; C Items; D Page[map[string]int]; E Page[[]byte]; F Page[any]; Pair[int, Item] }}
type S struct{{}}
func (*S) F(ctx context.Context, args *Args, reply *Pair[Page[Item], struct{{}}]) error {{ return nil }}
"
    ));
    has(
        &imported,
        &[
            "pub a: PagePairStringItemList,",
            "pub struct PagePairStringItemList {\n    pub items: Vec<PairStringItemList>,",
            "pub struct PairStringItemList {\n    pub key: String,\n    pub value: Vec<Item>,",
            "pub type NamedItem = std::collections::BTreeMap<String, Option<Item>>;",
            "pub type Items = PageItem;",
            "pub items: Vec<std::collections::BTreeMap<String, i64>>,",
            "pub items: Vec<Vec<u8>>,",
            "pub items: Vec<rpcx::Value>,",
            // the fields of what is embedded
            "    pub key: i64,\n    pub value: Item,\n}",
            "pub struct PairPageItemEmpty {\n    pub key: PageItem,\n    pub value: (),",
        ],
    );
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let imported = one(&format!(
        "{START}
type PageItem struct {{ Own string }}
type Page[T any] struct {{ Items []T }}
type Args struct {{ A PageItem; B Page[Item]; C Page[*Item] }}
type S struct{{}}
func (*S) F(ctx context.Context, args *Args, reply *Args) error {{ return nil }}
"
    ));
    has(
        &imported,
        &[
            "pub a: PageItem,\n    pub b: PageItem2,\n    pub c: PageItem3,",
            "pub struct PageItem2 {\n    pub items: Vec<Item>,",
            "pub struct PageItem3 {\n    pub items: Vec<Option<Item>>,",
        ],
    );
}

/// A type parameter is no type of the file, whatever it is called, and packages have names of their own.
#[test]
fn parameters_and_packages_are_kept_apart() {
    let model =
        "package model\ntype T struct { Inner int }\ntype Page[T any] struct { Items []T }\n";
    let service = "package service\nimport (\"context\"; \"x/model\")\ntype Page struct { Own int }\ntype T struct { Outer int }\n\
        type S struct{}\nfunc (*S) F(ctx context.Context, args *Page, reply *model.Page[model.T]) error { return nil }\n\
        func (*S) G(ctx context.Context, args *T, reply *model.Page[T]) error { return nil }\n";
    let sources = [
        Source::new("service/a.go", service),
        Source::new("model/b.go", model),
    ];
    let imported = import(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    has(
        &imported,
        &[
            "async fn f(&self, args: &Page) -> rpcx::Result<Page2T2>;",
            "async fn g(&self, args: &T) -> rpcx::Result<Page2T>;",
            "pub struct Page2T2 {\n    pub items: Vec<T2>,",
            "pub struct Page2T {\n    pub items: Vec<T>,",
            "pub struct T2 {\n    pub inner: i64,",
        ],
    );
}

#[test]
fn services_of_generic_types_are_those_that_are_registered() {
    let imported = one(&format!(
        "{START}
type Page[T any] struct {{ Items []T }}
type Store[T any] struct {{ all []T }}
func (s *Store[T]) Put(ctx context.Context, args *T, reply *Page[T]) error {{ return nil }}
type Base[T any] struct{{}}
func (Base[E]) Get(ctx context.Context, id int, reply *E) error {{ return nil }}
type Items struct {{ Base[Item] }}
func main() {{
	s.RegisterName(\"Store\", &Store[Item]{{}}, \"\")
	s.RegisterName(\"Items\", new(Items), \"\")
}}
"
    ));
    has(
        &imported,
        &[
            "#[rpcx::service(name = \"Store\")]\npub trait StoreItem {\n    async fn put(&self, args: &Item) -> rpcx::Result<PageItem>;",
            "pub trait Items {\n    async fn get(&self, id: i64) -> rpcx::Result<Item>;",
        ],
    );
    assert!(!imported.text.contains("trait Base {"), "{}", imported.text);
    // the name that Go would take has a package in it
    let named = one(&format!(
        "{START}
type Store[T any] struct {{ all []T }}
func (s *Store[T]) Put(ctx context.Context, args *T, reply *T) error {{ return nil }}
func main() {{ s.Register(new(Store[Item]), \"\") }}
"
    ));
    let notes: Vec<&str> = named.notes.iter().map(|note| &*note.message).collect();
    assert!(
        notes[0].contains("registered by a path that is computed"),
        "{notes:?}"
    );
}

#[test]
fn what_cannot_be_written_out_is_said() {
    let said = |text: &str| -> Vec<String> {
        let all = match import(&[Source::new("a.go", text)]) {
            Ok(imported) => [imported.left_out, imported.notes].concat(),
            Err(errors) => errors,
        };
        all.into_iter().map(|one| one.message).collect()
    };
    // Go refuses a type that needs another instance for each of its own
    let endless = said(&format!(
        "{START}type T[A any] struct {{ X *T[[]A] }}\ntype S struct{{}}\nfunc (*S) F(ctx context.Context, args *T[int], reply *int) error {{ return nil }}\n"
    ));
    assert!(
        endless
            .iter()
            .any(|one| one.starts_with("the generic type `T` is used with other arguments")),
        "{endless:?}"
    );
    let wrong = said(&format!(
        "{START}type P[A, B any] struct {{ X A; Y B }}\ntype S struct{{}}\nfunc (*S) F(ctx context.Context, args *P[int], reply *P) error {{ return nil }}\nfunc (*S) G(ctx context.Context, args *int, reply *int) error {{ return nil }}\n"
    ));
    assert_eq!(
        wrong
            .iter()
            .filter(|one| one.starts_with("the generic type `P` is used with"))
            .count(),
        2,
        "{wrong:?}"
    );
    let unused = said(&format!(
        "{START}type Store[T any] struct{{}}\nfunc (s *Store[T]) Put(ctx context.Context, args *T, reply *T) error {{ return nil }}\ntype S struct{{}}\nfunc (*S) G(ctx context.Context, args *int, reply *int) error {{ return nil }}\n"
    ));
    assert!(
        unused.iter().any(
            |one| one.starts_with("`Store` is generic, and these files make no instance of it")
        ),
        "{unused:?}"
    );
}
