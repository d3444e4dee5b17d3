//! Go programs of several packages.

use rpcx_schema::import::{Source, import};

/// Two packages with types of the same names: each reference means that of its own file.
#[test]
fn packages_have_names_of_their_own() {
    let service = "package service\nimport \"context\"\ntype Args struct { A int }\ntype Reply struct { C int }\ntype Arith struct{}\nfunc (*Arith) Mul(ctx context.Context, args *Args, reply *Reply) error { return nil }\n";
    let other = "package main\nimport (\n\"context\"\nsvc \"example.org/x/service\"\n)\ntype Args struct { Text string }\ntype Arith int\nfunc (*Arith) Say(ctx context.Context, args *Args, reply *svc.Reply) error { return nil }\nfunc (*Arith) Same(ctx context.Context, args *svc.Args, reply *svc.Reply) error { return nil }\nfunc main() { s.RegisterName(\"Second\", new(Arith), \"\"); s.RegisterName(\"First\", &svc.Arith{}, \"\") }\n";
    let sources = [
        Source::new("x/service/a.go", service),
        Source::new("x/server/main.go", other),
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
    let sources = [sources[0], Source::new("x/server/main.go", &plain)];
    let text = import(&sources)
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .text;
    assert!(
        text.contains("#[rpcx::service(name = \"Arith\")]\npub trait Arith2 {"),
        "{text}"
    );
}

#[test]
fn what_stands_on_each_file_is_there_once() {
    let head = "// Copyright of all.\n\n// By hand.\npackage arith\n";
    let service = "import \"context\"\ntype Arith int\nfunc (*Arith) Mul(ctx context.Context, args *Args, reply *int) error { return nil }\n";
    let texts = [service, "type Args struct { A int }\n"].map(|text| format!("{head}{text}"));
    let sources = [
        Source::new("a/a.go", &texts[0]),
        Source::new("a/b.go", &texts[1]),
    ];
    let text = import(&sources)
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .text;
    assert_eq!(text.matches("//! By hand.").count(), 1, "{text}");
}

/// What a file that imports `path` makes of `model.Args`, with these packages beside it.
fn args(path: &str, packages: &[(&str, Option<&str>, &str)]) -> Result<String, String> {
    let main = format!(
        "package main\nimport (\n\"context\"\n\"{path}\"\n)\ntype Arith int\nfunc (*Arith) Mul(ctx context.Context, args *model.Args, reply *int) error {{ return nil }}\nfunc (*Arith) Add(ctx context.Context, args *int, reply *int) error {{ return nil }}\n"
    );
    let texts: Vec<String> = packages
        .iter()
        .map(|(_, _, field)| format!("package model\ntype Args struct {{ {field} int }}\n"))
        .collect();
    let mut sources: Vec<Source<'_>> = packages
        .iter()
        .zip(&texts)
        .map(|((path, package, _), text)| Source {
            path,
            text,
            package: *package,
        })
        .collect();
    sources.push(Source {
        package: Some("example.org/shop/server"),
        ..Source::new("server/main.go", &main)
    });
    let imported = import(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let left_out = imported.left_out.iter().map(|remark| &*remark.message);
    match imported.text.contains("async fn mul(") {
        true => Ok(imported.text),
        false => Err(left_out.collect::<Vec<_>>().join("; ")),
    }
}

#[test]
fn the_path_of_an_import_decides_which_package_it_is() {
    let packages = [
        ("one/model/a.go", Some("example.org/one/model"), "One"),
        ("two/model/a.go", Some("example.org/two/model"), "Two"),
    ];
    let one = args("example.org/one/model", &packages).unwrap();
    assert!(
        one.contains("pub one: i64") && !one.contains("pub two"),
        "{one}"
    );
    let two = args("example.org/two/model", &packages).unwrap();
    assert!(
        two.contains("pub two: i64") && !two.contains("pub one"),
        "{two}"
    );
    // another package with the same end
    let why = args("example.org/three/model", &packages).unwrap_err();
    assert!(why.contains("`model.Args`"), "{why}");
}

#[test]
fn without_a_module_the_longest_end_decides_and_no_guess_is_made() {
    let one = ("one/model/a.go", None, "One");
    let two = ("two/model/a.go", None, "Two");
    let found = args("example.org/two/model", &[one, two]).unwrap();
    assert!(found.contains("pub two: i64"), "{found}");
    let found = args("example.org/three/model", &[one]).unwrap();
    assert!(found.contains("pub one: i64"), "{found}");
    let why = args("example.org/three/model", &[one, two]).unwrap_err();
    assert!(why.contains("`model.Args`"), "{why}");
}

#[test]
fn a_package_of_go_is_none_of_these() {
    let own = "package context\ntype Context struct { A int }\n";
    let main = "package main\nimport \"context\"\ntype Arith int\nfunc (*Arith) Mul(ctx context.Context, args *int, reply *int) error { return nil }\n";
    let sources = [
        Source::new("shop/context/a.go", own),
        Source::new("shop/server/main.go", main),
    ];
    let text = import(&sources)
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .text;
    assert!(text.contains("async fn mul(&self"), "{text}");
}

#[test]
fn the_name_of_a_package_need_not_be_the_end_of_its_path() {
    let model = "package model\ntype Args struct { A int }\n";
    let main = "package main\nimport (\n\"context\"\n\"example.org/model/v2\"\n)\ntype Arith int\nfunc (*Arith) Mul(ctx context.Context, args *model.Args, reply *int) error { return nil }\n";
    let sources = [
        Source {
            package: Some("example.org/model/v2"),
            ..Source::new("model/a.go", model)
        },
        Source::new("server/main.go", main),
    ];
    let text = import(&sources)
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .text;
    assert!(text.contains("async fn mul(&self, args: &Args)"), "{text}");
}
