//! The same package in another folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::long;
use super::workspace::Workspace;

const MANIFEST: &str = "[dependencies]\nremote = { package = \"rpcx\", path = \"ROOT\", \
    default-features = false, features = [\"tcp\", \"msgpack\", \"json\", \"gzip\"] }\n\
    [build-dependencies]\nrpcx-build = { path = \"ROOT/rpcx-build\" }\n";

const PROTO_MANIFEST: &str = "[dependencies]\nremote = { package = \"rpcx\", path = \"ROOT\", \
    default-features = false, features = [\"tcp\", \"msgpack\", \"json\", \"gzip\", \"protobuf\"] }\n\
    prost = \"0.14\"\nprost-types = \"0.14\"\n\
    [build-dependencies]\nrpcx-build = { path = \"ROOT/rpcx-build\", features = [\"proto\"] }\n";

const BUILD: &str = "fn main() {
    rpcx_build::configure()
        .trait_file(\"service/arith.rs\")
        //PROTO
        .out_dir(\"generated\")
        .go(\"go\", \"arith\")
        .markdown(\"docs/api.md\")
        .compile();
}
";

const LIBRARY: &str = "extern crate remote as rpcx;
pub mod arith { include!(\"../generated/arith.rs\"); }
";

const PROTO_LIBRARY: &str = "include!(\"../generated/rpcx_protos.rs\");\n";

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

/// Builds the package below `folder`, and returns all that it has generated. The facade has another
/// name too, which `extern crate` undoes.
fn generated(folder: &str, protos: bool) -> BTreeMap<String, String> {
    let workspace = Workspace::fresh(folder, &["moved"]);
    if protos {
        let build = BUILD.replace("//PROTO", ".proto(\"proto/hello.proto\", [\"proto\"])");
        workspace
            .package("moved", 2021, PROTO_MANIFEST)
            .file("moved/build.rs", &build)
            .file("moved/src/lib.rs", &format!("{LIBRARY}{PROTO_LIBRARY}"))
            .file("moved/proto/hello.proto", HELLO)
            .file("moved/proto/people/person.proto", PERSON);
    } else {
        workspace
            .package("moved", 2021, MANIFEST)
            .file("moved/build.rs", BUILD)
            .file("moved/src/lib.rs", LIBRARY);
    }
    workspace.file("moved/service/arith.rs", ARITH);
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

/// Each file begins with a line that names its source as seen from the package.
fn name_their_sources(files: &BTreeMap<String, String>) {
    for (name, text) in files {
        let first = text.lines().next().unwrap();
        let source = match name.as_str() {
            "generated/hello.rs" => "proto/hello.proto",
            "generated/people.rs" => "proto/people/person.proto",
            "generated/rpcx_protos.rs" => "the packages as modules",
            _ => "service/arith.rs",
        };
        for part in [source, "enerated by rpcx-build"] {
            assert!(first.contains(part), "{name} begins with {first}");
        }
    }
}

#[test]
fn another_checkout_gives_the_same_files() {
    let here = generated("checkout", false);
    assert_eq!(here, generated("other/place/of/the/checkout", false));
    let names: Vec<_> = here.keys().map(String::as_str).collect();
    let all = ["docs/api.md", "generated/arith.rs", "go/arith.go"];
    assert_eq!(names, all);
    name_their_sources(&here);
}

#[test]
fn another_checkout_gives_the_same_files_of_protos() {
    if !long::is_wanted("a build script with .proto files, whose compiler has to be compiled") {
        return;
    }
    let here = generated("protos", true);
    assert_eq!(here, generated("other/place/of/the/protos", true));
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
    name_their_sources(&here);
}
