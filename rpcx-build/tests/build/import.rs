//! Go files in, a trait file or located errors out.

use std::fs;
use std::path::PathBuf;

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rpcx-import-{test}-{}", std::process::id()));
        fs::create_dir_all(path.join("out")).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The texts without the path of the folder.
    fn short(&self, messages: &[String]) -> Vec<String> {
        let shown = format!("{}/", self.0.display());
        messages
            .iter()
            .map(|message| message.replace(&shown, ""))
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SERVICE: &str = "package arith

import \"context\"

type Arith struct{}

func (Arith) Mul(ctx context.Context, args *Args, reply *int) error { return nil }
";

#[test]
fn a_go_package_becomes_a_trait_file() {
    let folder = Folder::new("package");
    let types = "package arith\n\ntype Args struct {\n\tA, B int\n\tcache string\n}\n";
    let paths = [
        folder.file("service.go", SERVICE),
        folder.file("types.go", types),
    ];
    let imported = rpcx_build::import_go(&paths).unwrap();
    assert_eq!(
        folder.short(&imported.notes),
        [
            "types.go:5:2: the field `cache` is not exported, so it does not travel\n  |\n5 | \tcache string\n  |  ^^^^^"
        ]
    );
    let file = folder.file("arith.rs", &imported.text);
    rpcx_build::configure()
        .trait_file(file)
        .out_dir(folder.0.join("out"))
        .try_compile()
        .unwrap();
    let out = fs::read_to_string(folder.0.join("out/arith.rs")).unwrap();
    assert!(out.contains("pub struct ArithClient"), "{out}");
}

#[test]
fn what_cannot_be_imported_has_a_place() {
    let folder = Folder::new("mistakes");
    let path = folder.file("service.go", SERVICE);
    let error = rpcx_build::import_go([&path]).unwrap_err();
    assert_eq!(
        folder.short(&error.messages),
        [
            "service.go:7:14: the method `Mul` is left out with them\n  |\n7 | func (Arith) Mul(ctx context.Context, args *Args, reply *int) error { return nil }\n  |              ^^^",
            "service.go:7:45: the type `Args` is not in these files\n  |\n7 | func (Arith) Mul(ctx context.Context, args *Args, reply *int) error { return nil }\n  |                                             ^^^^\n  = help: import the files of the package together"
        ]
    );
    let missing = rpcx_build::import_go([folder.0.join("missing.go")]).unwrap_err();
    assert!(
        folder.short(&missing.messages)[0].starts_with("missing.go: "),
        "{missing}"
    );
    let empty = rpcx_build::import_go([folder.file("empty.go", "package p\n")]).unwrap_err();
    assert!(
        empty.messages[0].starts_with("there is no service in "),
        "{empty}"
    );
}

#[test]
fn a_go_mod_says_which_package_an_import_means() {
    let folder = Folder::new("modules");
    let model = |field: &str| format!("package model\ntype Args struct {{ {field} int }}\n");
    for (path, text) in [
        ("one/go.mod", "// shop\nmodule example.org/shop/one // v1\n"),
        ("two/go.mod", "module \"example.org/shop/two\"\n\ngo 1.24\n"),
    ] {
        folder.file(path, text);
    }
    let service = "package main\nimport (\n\"context\"\n\"example.org/shop/WHICH/model\"\n)\ntype Arith int\nfunc (*Arith) Mul(ctx context.Context, args *model.Args, reply *int) error { return nil }\n";
    let models = [
        folder.file("one/model/a.go", &model("One")),
        folder.file("two/model/a.go", &model("Two")),
        folder.file(
            "two/vendor/example.org/shop/three/model/a.go",
            &model("Three"),
        ),
    ];
    for which in ["one", "two", "three"] {
        let main = folder.file("two/server/main.go", &service.replace("WHICH", which));
        let imported = rpcx_build::import_go(models.iter().chain([&main])).unwrap();
        let field = format!("pub {which}: i64");
        assert!(imported.text.contains(&field), "{}", imported.text);
    }
}

#[test]
fn a_folder_is_the_files_of_its_package() {
    let folder = Folder::new("folder");
    folder.file("go.mod", "module example.org/shop\n");
    let service = SERVICE
        .replace("package arith", "package main")
        .replace(
            "\"context\"",
            "(\n\"context\"\n\"example.org/shop/model\"\n)",
        )
        .replace("*Args", "*model.Args");
    folder.file("server/main.go", &service);
    folder.file("server/main_test.go", "package main_test, which is no Go\n");
    folder.file("server/_old.go", "package old, nor is this\n");
    let packages = [folder.0.join("server"), folder.0.join("model")];
    let error = rpcx_build::import_go(&packages[..1]).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("import the files of `example.org/shop/model` together"),
        "{text}"
    );
    let error = rpcx_build::import_go(&packages).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("model: No such file"), "{text}");
    fs::create_dir(&packages[1]).unwrap();
    let error = rpcx_build::import_go(&packages).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("model: there is no Go file in this folder"),
        "{text}"
    );
    folder.file(
        "model/args.go",
        "package model\n\ntype Args struct { A, B int }\n",
    );
    let imported = rpcx_build::import_go(&packages).unwrap();
    assert!(
        imported.text.contains("pub struct Args"),
        "{}",
        imported.text
    );
}
