//! A build script with `rpcx-build`, from one build to the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::workspace::Workspace;

/// Without macros; all else is as in the other packages, so that the runtime is checked once.
const MANIFEST: &str = "[dependencies]\nrpcx = { path = \"ROOT\", default-features = false, features = [\"tcp\", \"msgpack\", \"json\", \"gzip\"] }\n\
    [build-dependencies]\nrpcx-build = { path = \"ROOT/rpcx-build\" }\n";

const ARITH: &str = "/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product.
    async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64>;
}
";

/// Writes its name into the file `runs` each time it runs.
const BUILD: &str = "use std::io::Write;

fn main() {
    let runs = std::fs::File::options().append(true).create(true).open(\"runs\");
    writeln!(runs.unwrap(), \"run\").unwrap();
    rpcx_build::configure()
        .trait_file(\"service/arith.rs\")
        .trait_file(\"service/other.rs\")
        .go(\"go\", \"arith\")
        .markdown(\"docs/api.md\")
        .compile();
}
";

const OTHER: &str =
    "#[rpcx::service]\ntrait Other {\n    async fn f(&self) -> rpcx::Result<()>;\n}\n";

const LIBRARY: &str = "pub mod arith {\n    rpcx::include_service!(\"arith\");\n}\n\
    mod other {\n    rpcx::include_service!(\"other\");\n}\n";

/// One package, as new.
struct Package {
    workspace: Workspace,
    name: &'static str,
}

impl Package {
    fn new(name: &'static str) -> Self {
        let workspace = Workspace::fresh(name, &[name]);
        workspace.package(name, 2024, MANIFEST);
        let this = Self { workspace, name };
        this.file("build.rs", BUILD)
            .file("src/lib.rs", LIBRARY)
            .file("service/arith.rs", ARITH)
            .file("service/other.rs", OTHER);
        // cargo runs the script of a package again that it knows from an earlier run of this test
        this.workspace.passes(&["clean", "-p", name]);
        this
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        self.workspace.file(&format!("{}/{path}", self.name), text);
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.workspace.path(self.name).join(path)
    }

    fn check(&self) -> String {
        self.workspace.passes(&["check"])
    }

    fn fails(&self, variables: &[(&str, &str)]) -> String {
        let said = self.workspace.cargo(&["check"], variables);
        assert!(!said.success, "it should fail, but said:\n{}", said.text);
        said.text
    }

    /// How often the build script has run.
    fn runs(&self) -> usize {
        fs::read_to_string(self.path("runs")).map_or(0, |text| text.lines().count())
    }

    /// The folder that the build script writes to.
    fn out_dir(&self) -> PathBuf {
        let said = self
            .workspace
            .passes(&["check", "--message-format=json", "--quiet"]);
        let (_, after) = said.split_once("\"out_dir\":\"").expect(&said);
        let found = said.match_indices("\"out_dir\":\"").find_map(|(at, key)| {
            let folder = &said[at + key.len()..];
            let folder = &folder[..folder.find('"')?];
            folder
                .contains(&format!("/{}-", self.name))
                .then_some(folder)
        });
        PathBuf::from(found.expect(after))
    }

    /// All that is written by the build script.
    fn outputs(&self) -> Vec<PathBuf> {
        let out_dir = self.out_dir();
        let written = ["arith.rs", "other.rs"].map(|name| out_dir.join(name));
        let checked_in = ["go/arith.go", "go/other.go", "docs/api.md"].map(|name| self.path(name));
        written.into_iter().chain(checked_in).collect()
    }
}

fn age(path: &Path) {
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(long_ago).unwrap();
}

fn modified(path: &Path) -> SystemTime {
    path.metadata().unwrap().modified().unwrap()
}

/// Later than everything that a build has written, whatever the resolution of the file system's clock.
fn touch(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    file.set_modified(later).unwrap();
}

#[test]
fn a_second_build_does_nothing() {
    let package = Package::new("second");
    package.check();
    assert_eq!(package.runs(), 1);
    let outputs = package.outputs();
    let before: Vec<_> = outputs.iter().map(|path| modified(path)).collect();
    let said = package.workspace.passes(&["check", "--verbose"]);
    assert!(said.contains("Fresh second v"), "{said}");
    assert_eq!(package.runs(), 1, "{said}");
    let after: Vec<_> = outputs.iter().map(|path| modified(path)).collect();
    assert_eq!(before, after);
}

/// The script runs again, finds that every output is right, and leaves all of them alone.
#[test]
fn a_trait_file_that_says_the_same_writes_nothing() {
    let package = Package::new("same");
    package.check();
    let outputs = package.outputs();
    outputs.iter().for_each(|path| age(path));
    let before: Vec<_> = outputs.iter().map(|path| modified(path)).collect();
    touch(&package.path("service/arith.rs"));
    package.check();
    assert_eq!(package.runs(), 2);
    let after: Vec<_> = outputs.iter().map(|path| modified(path)).collect();
    assert_eq!(before, after);
}

#[test]
fn what_is_read_runs_the_script_again_and_nothing_else_does() {
    let package = Package::new("rerun");
    package
        .file("service/notes.txt", "not read")
        .file("notes.txt", "not read");
    package.check();
    for path in ["service/notes.txt", "notes.txt", "src/lib.rs"] {
        touch(&package.path(path));
        package.check();
        assert_eq!(package.runs(), 1, "{path}");
    }
    for (runs, path) in [(2, "service/arith.rs"), (3, "service/other.rs")] {
        touch(&package.path(path));
        package.check();
        assert_eq!(package.runs(), runs, "{path}");
    }
    package.file("service/arith.rs", &ARITH.replace("mul(", "times("));
    touch(&package.path("service/arith.rs"));
    package.check();
    let written = fs::read_to_string(package.path("go/arith.go")).unwrap();
    assert!(written.contains("Times("), "{written}");
}

#[test]
fn an_output_that_is_gone_comes_back() {
    let package = Package::new("gone");
    package.check();
    for output in ["go/arith.go", "go/other.go", "docs/api.md"] {
        let output = package.path(output);
        let text = fs::read_to_string(&output).unwrap();
        fs::remove_file(&output).unwrap();
        package.check();
        let again = fs::read_to_string(&output).unwrap_or_default();
        assert_eq!(again, text, "{}", output.display());
    }
    let edited = package.path("go/arith.go");
    let text = fs::read_to_string(&edited).unwrap();
    fs::write(&edited, "package arith\n").unwrap();
    touch(&edited);
    package.check();
    assert_eq!(fs::read_to_string(&edited).unwrap(), text);
}

#[test]
fn checked_in_files_are_compared_on_request() {
    let package = Package::new("compared");
    package.check();
    let said = package.workspace.cargo(&["check"], &[("RPCX_CHECK", "1")]);
    assert!(said.success, "{}", said.text);
    fs::write(package.path("go/arith.go"), "package arith\n").unwrap();
    touch(&package.path("go/arith.go"));
    fs::remove_file(package.path("docs/api.md")).unwrap();
    let said = package.fails(&[("RPCX_CHECK", "1")]);
    for name in ["go/arith.go", "docs/api.md"] {
        let text = format!("{name}: this file is not what its trait file gives");
        assert!(said.contains(&text), "{said}");
    }
    let kept = fs::read_to_string(package.path("go/arith.go")).unwrap();
    assert_eq!(kept, "package arith\n");
    assert!(!package.path("docs/api.md").exists());
    package.check();
    assert!(package.path("docs/api.md").exists());
}

#[test]
fn mistakes_are_shown_with_their_line() {
    let package = Package::new("mistakes");
    let wrong = ARITH.replace("b: i64", "b: usize");
    package.file("service/arith.rs", &wrong);
    package.file("service/other.rs", "trait {\n");
    let said = package.fails(&[]);
    for part in [
        "service/arith.rs:5:36: `usize` has another size on other machines",
        "5 |     async fn mul(&self, a: i64, b: usize) -> rpcx::Result<i64>;",
        "  |                                    ^^^^^",
        "  = help: use `u64` or `u32`",
        "service/other.rs:1:7: ",
        "1 | trait {",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    // and once it is right again, so is the build
    package.file("service/arith.rs", ARITH);
    package.file("service/other.rs", OTHER);
    touch(&package.path("service/arith.rs"));
    package.check();
}

/// The way of the guide: the macros make the code, and the script all else.
#[test]
fn with_the_macros_every_mistake_is_in_the_trait_file() {
    let name = "macros_and_script";
    let package = Package::new(name);
    let manifest = MANIFEST.replace("\"tcp\"", "\"macros\", \"tcp\"");
    package.workspace.package(name, 2024, &manifest);
    let script = "fn main() {
    rpcx_build::configure().trait_file(\"src/arith.rs\").emit_rust(false).markdown(\"api.md\").compile();
}
";
    package
        .file("build.rs", script)
        .file("src/lib.rs", "pub mod arith;\n")
        .file("src/arith.rs", ARITH);
    package.check();
    let page = fs::read_to_string(package.path("api.md")).unwrap();
    assert!(page.contains("The product."), "{page}");

    // the compiler's own words
    let bad = ARITH.replace("a: i64", "a: NoSerde");
    package.file("src/arith.rs", &format!("pub struct NoSerde;\n{bad}"));
    let said = package.fails(&[]);
    assert!(said.contains("`NoSerde` cannot travel"), "{said}");
    assert!(said.contains("src/arith.rs:6:28"), "{said}");
    assert!(!said.contains("/out/"), "{said}");

    // those of the generator
    let bad = ARITH.replace("&self", "&mut self");
    package.file("src/arith.rs", &bad);
    let said = package.fails(&[]);
    assert!(said.contains("src/arith.rs:5:18"), "{said}");
    assert!(!said.contains("/out/"), "{said}");
}
