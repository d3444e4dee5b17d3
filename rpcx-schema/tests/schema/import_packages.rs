//! Go programs of several packages.

use rpcx_schema::import::{Source, import};

/// Two packages with types of the same names: each reference means that of its own file.
#[test]
fn packages_have_names_of_their_own() {
    let service = "package service\nimport \"context\"\ntype Args struct { A int }\ntype Reply struct { C int }\ntype Arith struct{}\nfunc (*Arith) Mul(ctx context.Context, args *Args, reply *Reply) error { return nil }\n";
    let other = "package main\nimport (\n\"context\"\nsvc \"example.org/x/service\"\n)\ntype Args struct { Text string }\ntype Arith int\nfunc (*Arith) Say(ctx context.Context, args *Args, reply *svc.Reply) error { return nil }\nfunc (*Arith) Same(ctx context.Context, args *svc.Args, reply *svc.Reply) error { return nil }\nfunc main() { s.RegisterName(\"Second\", new(Arith), \"\"); s.RegisterName(\"First\", &svc.Arith{}, \"\") }\n";
    let sources = [
        Source {
            path: "x/service/a.go",
            text: service,
        },
        Source {
            path: "x/server/main.go",
            text: other,
        },
    ];
    let text = import(&sources)
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .text;
    for line in [
        "#[rpcx::service(name = \"First\")]\npub trait Arith {",
        "async fn mul(&self, args: &Args) -> rpcx::Result<Reply>;",
        "#[rpcx::service(name = \"Second\")]\npub trait Arith2 {",
        "async fn say(&self, args: &Args2) -> rpcx::Result<Reply>;",
        "async fn same(&self, args: &Args) -> rpcx::Result<Reply>;",
        "pub text: String",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    // without a registration the path is the name in Go
    let plain = other.replace("s.RegisterName(\"Second\", new(Arith), \"\");", "");
    let sources = [
        sources[0],
        Source {
            path: "x/server/main.go",
            text: &plain,
        },
    ];
    let text = import(&sources)
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .text;
    assert!(
        text.contains("#[rpcx::service(name = \"Arith\")]\npub trait Arith2 {"),
        "{text}"
    );
}
