//! The ways in which a Go server is told what it serves: each is imported or named.

use rpcx_codegen::file;
use rpcx_schema::import::{Imported, Source, import};

const START: &str = "package main
import (\"context\"; \"github.com/smallnest/rpcx/server\")
type Args struct { A int }
type Reply struct { C int }
type arith struct{}
func (*arith) Mul(ctx context.Context, args *Args, reply *Reply) error { return nil }
func (*arith) Add(ctx context.Context, args *Args, reply *Reply) error { return nil }
func mul(ctx context.Context, args *Args, reply *Reply) error { return nil }
";

fn one(rest: &str) -> Imported {
    let text = format!("{START}{rest}");
    let imported =
        import(&[Source::new("a.go", &text)]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let parsed = syn::parse_file(&imported.text).unwrap();
    let errors = file::expand(&parsed).errors;
    assert!(errors.is_empty(), "{errors:?} in\n{}", imported.text);
    imported
}

/// `path: methods` of the traits, and what is said.
fn served(rest: &str) -> (Vec<String>, Vec<String>) {
    let imported = one(rest);
    let mut traits: Vec<String> = Vec::new();
    let (mut path, mut name) = (None, None);
    for line in imported.text.lines().map(str::trim) {
        let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
        if line.starts_with("#[rpcx::service") {
            path = quoted(line);
        } else if let Some(rest) = line.strip_prefix("pub trait ") {
            let own = rest.trim_end_matches(" {").to_owned();
            traits.push(format!("{}:", path.take().unwrap_or(own)));
        } else if line.starts_with("#[rpcx(name") {
            name = quoted(line);
        } else if let Some(rest) = line.strip_prefix("async fn ") {
            let own = rest.split('(').next().unwrap().to_owned();
            let last = traits.last_mut().unwrap();
            *last = format!("{last} {}", name.take().unwrap_or(own));
        }
    }
    let said = [imported.left_out, imported.notes].concat();
    let said = said
        .into_iter()
        .map(|one| one.message.lines().next().unwrap().to_owned());
    (traits, said.collect())
}

#[test]
fn a_value_is_found_wherever_it_comes_from() {
    for rest in [
        "func main() { s := server.NewServer(); s.RegisterName(\"P\", new(arith), \"\") }",
        "func main() { server.NewServer().RegisterName(\"P\", &arith{}, \"\") }",
        "func main() { s.RegisterName(\"P\", (*arith)(nil), \"\") }",
        "func main() { a := &arith{}; s.RegisterName(\"P\", a, \"\") }",
        "func main() { var a arith; s.RegisterName(\"P\", &a, \"\") }",
        "func main() { var a = new(arith); s.RegisterName(\"P\", a, \"\") }",
        // of a function
        "func newArith() *arith { return &arith{} }\nfunc main() { s.RegisterName(\"P\", newArith(), \"\") }",
        "func newArith() any { return &arith{} }\nfunc main() { a := newArith(); s.RegisterName(\"P\", a, \"\") }",
        // of the package, a parameter, a field, a method
        "var a = new(arith)\nfunc main() { s.RegisterName(\"P\", a, \"\") }",
        "var ( s = server.NewServer(); a *arith )\nfunc main() { s.RegisterName(\"P\", a, \"\") }",
        "func start(s *server.Server, a *arith) { s.RegisterName(\"P\", a, \"\") }",
        "type app struct { rpc *server.Server; arith *arith }\nfunc (a *app) start() { a.rpc.RegisterName(\"P\", a.arith, \"\") }",
        "type app struct { inner inner }\ntype inner struct { arith *arith }\nfunc (a *app) start() { s.RegisterName(\"P\", a.inner.arith, \"\") }",
        "type app struct{}\nfunc (a *app) arith() *arith { return nil }\nfunc (a *app) start() { s.RegisterName(\"P\", a.arith(), \"\") }",
        // the path
        "const name = \"P\"\nfunc main() { s.RegisterName(name, new(arith), \"\") }",
        "var name = \"P\"\nfunc main() { s.RegisterName(name, new(arith), \"\") }",
        "const pre = \"P\"\nfunc main() { rest := \"\"; s.RegisterName(pre + rest, new(arith), \"\") }",
        "func (*arith) name() string { return \"P\" }\nfunc main() { a := new(arith); s.RegisterName(a.name(), a, \"\") }",
        // a function that passes on
        "func reg(s *server.Server, name string, rcvr any) { s.RegisterName(name, rcvr, \"\") }\nfunc main() { reg(s, \"P\", new(arith)) }",
        "type app struct{ s *server.Server }\nfunc (a *app) Register(name string, rcvr any) error { return a.s.RegisterName(name, rcvr, \"\") }\nfunc main() { a := &app{}; a.Register(\"P\", new(arith)) }",
        "func reg(rcvr any) { s.RegisterName(\"P\", rcvr, \"\") }\nfunc more(r any) { reg(r) }\nfunc main() { more(new(arith)) }",
        "func reg(name string, all ...any) { for _, one := range all { s.RegisterName(name, one, \"\") } }\nfunc main() { reg(\"P\", new(arith)) }",
        // a loop over a literal
        "func main() { for name, one := range map[string]any{\"P\": new(arith)} { s.RegisterName(name, one, \"\") } }",
        "func main() { all := map[string]any{\n\t\t\"P\": new(arith),\n\t}\n\tfor name, one := range all { s.RegisterName(name, one, \"\") } }",
        "var all = map[string]any{\"P\": new(arith)}\nfunc main() { for name, one := range all { s.RegisterName(name, one, \"\") } }",
        // over rows of a table
        "func main() { for _, one := range []struct{ name string; rcvr any }{{\"P\", new(arith)}} { s.RegisterName(one.name, one.rcvr, \"\") } }",
        "func main() { all := []struct {\n\t\tname string\n\t\trcvr interface{}\n\t}{\n\t\t{\"P\", new(arith)},\n\t}\n\tfor _, one := range all { s.RegisterName(one.name, one.rcvr, \"\") } }",
        "type row struct { rcvr any; name, meta string }\nvar all = []row{{rcvr: &arith{}, name: \"P\"}}\nfunc main() { for _, one := range all { s.RegisterName(one.name, one.rcvr, one.meta) } }",
        "type row struct { name string; rcvr any }\nfunc main() { for _, one := range []*row{&row{\"P\", &arith{}}} { s.RegisterName(one.name, one.rcvr, \"\") } }",
        "type row struct { rcvr any }\nfunc main() { for name, one := range map[string]row{\"P\": {new(arith)}} { s.RegisterName(name, one.rcvr, \"\") } }",
        // older versions have no metadata, or any number of them
        "func main() { s.RegisterName(\"P\", new(arith)) }",
    ] {
        let (traits, said) = served(rest);
        assert_eq!(traits, ["P: mul add"], "{rest}\n{said:?}");
        assert!(said.is_empty(), "{rest}\n{said:?}");
    }
}

#[test]
fn a_list_limits_the_methods() {
    for rest in [
        "func main() { s.RegisterNameWithMethods(\"P\", new(arith), []string{\"Mul\"}, \"\") }",
        "func main() { all := []string{\"Mul\"}; s.RegisterNameWithMethods(\"P\", new(arith), all, \"\") }",
    ] {
        assert_eq!(served(rest).0, ["P: mul"], "{rest}");
    }
    let (traits, _) = served(
        "type Arith struct{ arith }\nfunc main() { s.RegisterWithMethods(new(Arith), []string{\"Add\"}, \"\") }",
    );
    assert!(traits.contains(&"Arith: add".to_owned()), "{traits:?}");
    let (traits, said) =
        served("func main() { s.RegisterNameWithMethods(\"P\", new(arith), load(), \"\") }");
    assert_eq!(traits, ["P: mul add"]);
    assert_eq!(
        said,
        ["which methods of `arith` are registered here cannot be told: all are taken"]
    );
}

#[test]
fn functions_are_methods_of_their_path() {
    let start = "func (*arith) unused() {}\n";
    for (rest, path) in [
        (
            "func main() { s.RegisterFunction(\"P\", mul, \"\") }",
            "P: mul",
        ),
        (
            "func main() { f := mul; s.RegisterFunction(\"P\", f, \"\") }",
            "P: mul",
        ),
        (
            "func main() { s.RegisterFunctionName(\"P\", \"Other\", mul, \"\") }",
            "P: other",
        ),
        (
            "const n = \"Other\"\nfunc main() { s.RegisterFunctionName(\"P\", n, mul, \"\") }",
            "P: other",
        ),
        (
            "func main() { s.RegisterFunctionName(\"P\", \"Lit\", func(ctx context.Context, args *Args, reply *Reply) error { return nil }, \"\") }",
            "P: lit",
        ),
        (
            "func main() { f := func(ctx context.Context, args *Args, reply *Reply) error { return nil }\n\ts.RegisterFunctionName(\"P\", \"Lit\", f, \"\") }",
            "P: lit",
        ),
        (
            "func main() { a := &arith{}; s.RegisterFunctionName(\"P\", \"Times\", a.Mul, \"\") }",
            "P: times",
        ),
        // Go makes a function of its own of it, and that is its name
        (
            "func main() { a := &arith{}; s.RegisterFunction(\"P\", a.Mul, \"\") }",
            "P: Mul-fm",
        ),
        (
            "func main() { for name, f := range map[string]any{\"One\": mul} { s.RegisterFunctionName(\"P\", name, f, \"\") } }",
            "P: one",
        ),
        (
            "func main() { for _, row := range []struct{ path, name string; f any }{{\"P\", \"One\", mul}} { s.RegisterFunctionName(row.path, row.name, row.f, \"\") } }",
            "P: one",
        ),
    ] {
        let (traits, said) = served(&format!("{start}{rest}"));
        let found = traits.iter().find(|one| one.starts_with("P:"));
        assert_eq!(
            found.map(String::as_str),
            Some(path),
            "{rest}\n{traits:?}\n{said:?}"
        );
    }
}

#[test]
fn functions_without_a_name_or_a_place_are_said() {
    let (_, said) = served(
        "func main() { s.RegisterFunction(\"P\", func(ctx context.Context, args *Args, reply *Reply) error { return nil }, \"\") }",
    );
    assert_eq!(
        said,
        [
            "the function `func` is registered in `P` by a name that is not known here, so it is left out"
        ]
    );
    let (_, said) = served("func main() { s.RegisterFunction(\"P\", other.Mul, \"\") }");
    assert_eq!(
        said,
        [
            "the function `other.Mul` that is registered here is not in these files, or not one that rpcx serves"
        ]
    );
}

#[test]
fn handlers_say_their_messages_in_what_they_bind_and_write() {
    for rest in [
        "func h(ctx *server.Context) error { var args Args; ctx.Bind(&args); reply := Reply{}; return ctx.Write(reply) }\nfunc main() { s.AddHandler(\"P\", \"Mul\", h) }",
        "func h(c *server.Context) error { args := &Args{}\n\tif err := c.Bind(args); err != nil { return err }\n\treturn c.Write(&Reply{C: args.A}) }\nfunc main() { s.AddHandler(\"P\", \"Mul\", h) }",
        "func main() { s.AddHandler(\"P\", \"Mul\", func(ctx *server.Context) error { args := new(Args); ctx.Bind(args); return ctx.Write(Reply{}) }) }",
    ] {
        let imported = one(rest);
        let part = "pub trait P {\n    async fn mul(&self, args: &Args) -> rpcx::Result<Reply>;";
        assert!(imported.text.contains(part), "{rest}\n{}", imported.text);
    }
    let (_, said) = served(
        "func h(ctx *server.Context) error { return work(ctx) }\nfunc main() { s.AddHandler(\"P\", \"Mul\", h) }",
    );
    assert_eq!(
        said,
        [
            "the handler of `P.Mul` reads and writes its messages itself, and which these are cannot be told, so it is left out"
        ]
    );
}

#[test]
fn what_is_registered_and_not_here_is_said() {
    for (rest, expected) in [
        (
            "func main() { s.RegisterName(\"P\", new(other.Arith), \"\") }",
            "the service `P` is left out, because its type `Arith` is not in these files",
        ),
        (
            "func main() { s.Register(new(other.Arith), \"\") }",
            "the service `Arith` is left out, because its type `Arith` is not in these files",
        ),
        (
            "func main() { s.RegisterName(\"P\", new(Args), \"\") }",
            "the service `P` is left out, because `Args` has no method that rpcx serves",
        ),
        (
            "type empty interface { Close() }\nfunc main() { var e empty; s.RegisterName(\"P\", e, \"\") }",
            "the service `P` is left out, because `empty` is an interface without a method that rpcx serves",
        ),
        (
            "func main() { s.RegisterName(\"P\", load(), \"\") }",
            "what is registered as `P` here cannot be told: see that the path of its service is right",
        ),
        (
            "func main() { a := b; b := a; for _, one := range a { s.RegisterName(\"P\", one, \"\") } }",
            "what is registered as `P` here cannot be told: see that the path of its service is right",
        ),
        (
            "type row struct { name string; rcvr any }\nfunc main() { for _, one := range []row{{name: \"P\"}} { s.RegisterName(one.name, one.rcvr, \"\") } }",
            "what is registered as `P` here cannot be told: see that the path of its service is right",
        ),
        (
            "func main() { for _, one := range load() { s.RegisterName(one.Name, one.Value, \"\") } }",
            "what is registered here, and by which path, cannot be told: see that the path of its service is right",
        ),
        (
            "func main() { s.Register(load(), \"\") }",
            "what is registered here, and by which path, cannot be told: see that the path of its service is right",
        ),
    ] {
        let (_, said) = served(rest);
        assert_eq!(said, [expected], "{rest}");
    }
    // the program has functions of these names itself
    for rest in [
        "type client struct{}\nfunc (*client) Register(args *Args) int { return 0 }\nvar c = &client{}\nfunc main() { c.Register(&Args{}) }",
        "func Register(all ...any) {}\nfunc main() { Register(new(Args), new(Reply)) }",
        "func main() { models.Register(&Args{}, &Reply{}) }",
    ] {
        let (traits, said) = served(rest);
        assert_eq!(
            (&*traits, &*said),
            (&["arith: mul add".to_owned()][..], &[][..]),
            "{rest}"
        );
    }
}

/// The library of Go has the same names, and may be used beside a package of one's own whose path has the name in it.
#[test]
fn other_libraries_have_functions_of_these_names() {
    let text = START.replace(
        "\"context\"",
        "\"context\"; \"net/rpc\"; \"x/rpcx-demo/models\"",
    );
    for rest in [
        "func main() { rpc.RegisterName(\"Old\", new(Args)) }",
        "func main() { s := rpc.NewServer(); s.RegisterName(\"Old\", new(Args)) }",
        "func main() { s := rpc.NewServer(); s.Register(load()) }",
        "func main() { s := &rpc.Server{}; s.Register(new(Args)) }",
        "func serve(s *rpc.Server) { s.Register(new(Args)) }",
        "var s = rpc.NewServer()\nfunc main() { s.Register(new(Args)) }",
        "var s *rpc.Server\nfunc main() { s.Register(new(Args)) }",
    ] {
        let imported = import(&[Source::new("a.go", &format!("{text}{rest}"))]).unwrap();
        assert!(
            imported.left_out.is_empty() && imported.notes.is_empty(),
            "{rest}: {:?} {:?}",
            imported.left_out,
            imported.notes
        );
    }
    let text = START.replace("github.com/smallnest/rpcx/server", "x/other");
    let text = format!("{text}func main() {{ metrics.Register(load(), \"a\") }}");
    let imported = import(&[Source::new("a.go", &text)]).unwrap();
    assert!(imported.notes.is_empty(), "{:?}", imported.notes);
}

/// Where nothing remains, what is registered and missing is what is wrong.
#[test]
fn a_program_that_serves_types_of_elsewhere_says_so() {
    let text = "package main\nimport (\"x/example\"; \"github.com/smallnest/rpcx/server\")\nfunc main() { s := server.NewServer(); s.RegisterName(\"Arith\", new(example.Arith), \"\") }\n";
    let errors = import(&[Source::new("a.go", text)]).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].message.starts_with("the service `Arith` is left out, because its type `Arith` is not in these files\nhelp: "),
        "{errors:?}"
    );
}

/// Types that do not travel, with what is said of them as an argument, a reply and a field.
const REFUSED: [(&str, &str, &str, &str); 9] = [
    (
        "chan int",
        "a channel does not travel as an argument\nhelp: send the values",
        "a channel does not travel as a reply\nhelp: reply with a list",
        "a channel does not travel\nhelp: leave the field out with the tag",
    ),
    (
        "func(int) error",
        "a function does not travel as an argument\nhelp: send what",
        "a function does not travel as a reply\nhelp: reply with",
        "a function does not travel\nhelp: leave the field out",
    ),
    (
        "complex128",
        "`complex128` does not travel as an argument\nhelp: send a struct",
        "`complex128` does not travel as a reply\nhelp: send a struct",
        "`complex128` does not travel\nhelp: send a struct",
    ),
    (
        "unsafe.Pointer",
        "`unsafe.Pointer` is an address, which means nothing elsewhere\nhelp: send what is behind it",
        "`unsafe.Pointer` is an address",
        "`unsafe.Pointer` is an address, which means nothing elsewhere\nhelp: send what is behind it, or leave the field out",
    ),
    (
        "uintptr",
        "`uintptr` is an address",
        "`uintptr` is an address",
        "`uintptr` is an address",
    ),
    (
        "context.Context",
        "`context.Context` does not travel as an argument\nhelp: its deadline",
        "`context.Context` does not travel as a reply",
        "`context.Context` does not travel\nhelp: its",
    ),
    (
        "net.Conn",
        "the type `net.Conn` comes with Go and has no form here\nhelp: send what",
        "the type `net.Conn` comes with Go",
        "the type `net.Conn` comes with Go and has no form here\nhelp: leave the field out",
    ),
    (
        "interface{ Close() error }",
        "an interface with methods does not travel",
        "an interface with methods does not travel",
        "an interface with methods does not travel",
    ),
    (
        "error",
        "an `error` does not travel as a value",
        "an `error` does not travel as a value",
        "an `error` does not travel as a value",
    ),
];

/// At any depth.
#[test]
fn what_does_not_travel_has_help_of_its_own() {
    for (ty, argument, reply, field) in REFUSED {
        for wrap in [
            "X",
            "[]X",
            "map[string]X",
            "[2]X",
            "*X",
            "[]map[int]X",
            "named",
        ] {
            let (ty, more) = match wrap {
                "named" => ("inner".to_owned(), format!("type inner {ty}\n")),
                _ => (wrap.replace('X', ty), String::new()),
            };
            // a named interface or error type of its own is told as the type that it is
            for (what, expected) in [("args", argument), ("reply", reply), ("field", field)] {
                let (args, back, inner) = match what {
                    "args" => (&*ty, "*int", "int"),
                    "reply" => ("int", &*format!("*{ty}"), "int"),
                    _ => ("*Holder", "*int", &*ty),
                };
                let text = format!(
                    "package p\nimport (\"context\"; \"unsafe\"; \"net\")\ntype Holder struct {{ F {inner}; Good int }}\n{more}type S struct{{}}\nfunc (*S) M(ctx context.Context, args {args}, reply {back}) error {{ return nil }}\nfunc (*S) Other(ctx context.Context, args int, reply *int) error {{ return nil }}\n"
                );
                let imported = import(&[Source::new("a.go", &text)])
                    .unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"));
                let left = imported
                    .left_out
                    .iter()
                    .any(|one| one.message.starts_with(expected));
                assert!(left, "{expected}\nnot in {:#?}\n{text}", imported.left_out);
            }
        }
    }
}
