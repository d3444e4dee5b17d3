//! The same package in another folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::workspace::Workspace;

const MANIFEST: &str = "[dependencies]\nrpcx = { path = \"ROOT\", default-features = false, features = [\"protobuf\", \"msgpack\"] }\n\
    prost = \"0.14\"\nprost-types = \"0.14\"\n\
    [build-dependencies]\nrpcx-build = { path = \"ROOT/rpcx-build\", features = [\"proto\"] }\n";

const BUILD: &str = "fn main() {
    rpcx_build::configure()
        .trait_file(\"service/arith.rs\")
        .proto(\"proto/hello.proto\", [\"proto\"])
        .out_dir(\"generated\")
        .go(\"go\", \"arith\")
        .markdown(\"docs/api.md\")
        .compile();
}
";

const LIBRARY: &str = "extern crate remote as rpcx;
pub mod arith { include!(\"../generated/arith.rs\"); }
include!(\"../generated/rpcx_protos.rs\");
";

const ARITH: &str = "/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64>;
}
";

const HELLO: &str = "syntax = \"proto3\";
package hello;
import \"people/person.proto\";
// Greets.
service Greeter {
  // Says hello.
  rpc SayHello(people.Person) returns (people.Person);
}
";

const PERSON: &str = "syntax = \"proto3\";
package people;
import \"google/protobuf/timestamp.proto\";
// Somebody.
message Person { string name = 1; google.protobuf.Timestamp born = 2; }
";

/// Builds the package below `folder`, and returns all that it has generated.
fn generated(folder: &str) -> BTreeMap<String, String> {
    let workspace = Workspace::fresh(folder, &["moved"]);
    // the facade has another name too, which `extern crate` undoes
    let manifest = MANIFEST.replace("rpcx = { ", "remote = { package = \"rpcx\", ");
    workspace
        .package("moved", 2021, &manifest)
        .file("moved/build.rs", BUILD)
        .file("moved/src/lib.rs", LIBRARY)
        .file("moved/service/arith.rs", ARITH)
        .file("moved/proto/hello.proto", HELLO)
        .file("moved/proto/people/person.proto", PERSON);
    fs::create_dir_all(workspace.path("moved/generated")).unwrap();
    workspace.passes(&["check"]);
    let mut all = BTreeMap::new();
    for part in ["generated", "go", "docs"] {
        for entry in fs::read_dir(workspace.path("moved").join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = Path::new(part).join(path.file_name().unwrap());
            all.insert(
                name.display().to_string().replace('\\', "/"),
                fs::read_to_string(path).unwrap(),
            );
        }
    }
    all
}

#[test]
fn another_checkout_gives_the_same_files() {
    let here = generated("checkout");
    let there = generated("other/place/of/the/checkout");
    assert_eq!(here, there);
    let source = |name: &str| match name {
        "generated/hello.rs" => "proto/hello.proto",
        "generated/people.rs" => "proto/people/person.proto",
        "generated/rpcx_protos.rs" => "the packages as modules",
        _ => "service/arith.rs",
    };
    let names: Vec<_> = here.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "docs/api.md",
            "generated/arith.rs",
            "generated/hello.rs",
            "generated/people.rs",
            "generated/rpcx_protos.rs",
            "go/arith.go",
        ]
    );
    for (name, text) in &here {
        let first = text.lines().next().unwrap();
        assert!(first.contains(source(name)), "{name} begins with {first}");
        assert!(
            first.contains("enerated by rpcx-build"),
            "{name} begins with {first}"
        );
    }
}
