//! Sources of other projects, which are not in this repository: how many are taken.
//!
//! ```text
//! RPCX_PROTO_SETS=FOLDER cargo test -p rpcx-build --all-features --test build strangers -- --nocapture
//! RPCX_GO_SETS=FOLDER    the same for Go
//! ```
//! Every folder in `FOLDER` is a set. Protobuf: all its `.proto` files that have a service (or all, if none has) are named, and
//! imports are looked for in it and in the folders that its file `includes` lists, one a line, relative to the set.
//! What is generated is given to `cargo check`, a package for each set. Go: each folder with `.go` files, at any
//! depth, is a program together with the folders of the set that it imports. With `RPCX_STRANGERS=required` a set that fails makes the test fail.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use rpcx_build::Streams;

fn folders(variable: &str) -> Vec<PathBuf> {
    let Some(root) = env::var_os(variable) else {
        println!("skipped: {variable} names no folder");
        return Vec::new();
    };
    let entries = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no folder in {variable}");
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// All files below a folder with this ending.
fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn summary(what: &str, failed: &[(String, String)], count: usize) {
    for (name, why) in failed {
        println!("FAILED {name}: {why}");
    }
    println!("{what}: {} of {count}", count - failed.len());
    let required = env::var("RPCX_STRANGERS").is_ok_and(|value| value == "required");
    assert!(
        !required || failed.is_empty(),
        "{} sets failed",
        failed.len()
    );
}

/// Generates one set, with the modules that include it.
fn generate(set: &Path, out: &Path) -> Result<(), String> {
    let listed = fs::read_to_string(set.join("includes")).unwrap_or_default();
    let mut includes: Vec<PathBuf> = listed.lines().map(|line| set.join(line)).collect();
    includes.push(set.to_owned());
    let with_service = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .any(|line| line.trim_start().starts_with("service "))
    };
    let _ = fs::remove_dir_all(out);
    fs::create_dir_all(out).unwrap();
    let mut builder = rpcx_build::configure().out_dir(out).streams(Streams::Skip);
    let included = &includes[..includes.len() - 1];
    let vendored = |path: &PathBuf| {
        included
            .iter()
            .any(|folder| folder != set && path.starts_with(folder))
    };
    let own: Vec<PathBuf> = below(set, ".proto")
        .into_iter()
        .filter(|path| !vendored(path))
        .collect();
    // a set of messages alone has no file that leads to the others
    let all = !own.iter().any(with_service);
    for file in own.iter().filter(|path| all || with_service(path)) {
        builder = builder.proto(file, &includes);
    }
    builder
        .try_compile()
        .map_err(|error| error.messages[0].replace('\n', " | "))
}

#[test]
fn protobuf_sets_generate_and_compile() {
    let sets = folders("RPCX_PROTO_SETS");
    if sets.is_empty() {
        return;
    }
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proto-strangers");
    let _ = fs::remove_dir_all(&workspace);
    let (mut failed, mut members) = (Vec::new(), Vec::new());
    for set in &sets {
        let name = name(set);
        let package = workspace.join(&name);
        match generate(set, &package.join("src/generated")) {
            Err(why) => {
                println!("{name} does not generate: {why}");
                failed.push((name, why));
            }
            Ok(()) => {
                write_package(&package);
                members.push(name);
            }
        }
    }
    println!("generate: {} of {}", members.len(), sets.len());
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    fs::write(workspace.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--message-format",
            "short",
            "--keep-going",
        ])
        .current_dir(&workspace)
        .env("CARGO_TARGET_DIR", workspace.join("../strangers-target"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    for set in &sets {
        let name = name(set);
        let own =
            |line: &&str| line.starts_with(&format!("{name}/src/")) && line.contains(" error");
        if let Some(line) = said.lines().find(own) {
            failed.push((name, line.to_owned()));
        }
    }
    assert!(output.status.success() || !failed.is_empty(), "{said}");
    summary("generate and compile", &failed, sets.len());
}

/// The root of this repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A package around what was generated for a set.
fn write_package(folder: &Path) {
    let name = name(folder);
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let manifest = format!(
        "[package]\nname = \"set-{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         rpcx = {{ path = {:?}, default-features = false, features = [\"protobuf\"] }}\n\
         prost = {{ version = \"0.14\", features = [\"derive\"] }}\nprost-types = \"0.14\"\n",
        root()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let text = "#![allow(warnings)]\n#[path = \"generated/rpcx_protos.rs\"]\npub mod generated;\n";
    fs::write(folder.join("src/lib.rs"), text).unwrap();
}

/// The files of a Go package without its tests.
fn go_files(package: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(package).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "go"))
        .filter(|path| !path.to_string_lossy().ends_with("_test.go"))
        .collect();
    files.sort();
    files
}

/// The path that a package is imported by: the name of its module, and the folders below that.
fn import_path(package: &Path) -> Option<String> {
    package.ancestors().find_map(|root| {
        let text = fs::read_to_string(root.join("go.mod")).ok()?;
        let mut lines = text.lines();
        let module = lines.find_map(|line| line.trim().strip_prefix("module "))?;
        let inner = package.strip_prefix(root).ok()?.display();
        let path = format!("{}/{inner}", module.trim().trim_matches('"'));
        Some(path.trim_end_matches('/').to_owned())
    })
}

/// Whether one of these lines imports the package.
fn is_imported(text: &str, set: &Path, package: &Path) -> bool {
    if let Some(path) = import_path(package) {
        return text.contains(&format!("\"{path}\""));
    }
    // without a module: by a path on a host, or by that in the set
    let roots = [set.parent().unwrap(), set];
    roots.iter().any(|root| {
        let path = package.strip_prefix(root).unwrap_or(package).display();
        ["/", "\""]
            .iter()
            .any(|before| text.contains(&format!("{before}{path}\"")))
    })
}

/// The files of a package and of the packages of the same set that it imports, and so on.
fn program(set: &Path, package: &Path, packages: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = vec![package.to_owned()];
    let mut next = 0;
    while next < found.len() {
        for file in go_files(&found[next]) {
            let text = fs::read_to_string(file).unwrap_or_default();
            for other in packages {
                if !found.contains(other) && is_imported(&text, set, other) {
                    found.push(other.clone());
                }
            }
        }
        next += 1;
    }
    found.iter().flat_map(|package| go_files(package)).collect()
}

#[test]
fn go_programs_are_imported_or_say_why_not() {
    let (mut failed, mut count) = (Vec::new(), 0);
    for set in folders("RPCX_GO_SETS") {
        let mut packages: Vec<PathBuf> = below(&set, ".go")
            .iter()
            .map(|file| file.parent().unwrap().to_owned())
            .collect();
        packages.dedup();
        for package in &packages {
            let shown = package
                .strip_prefix(set.parent().unwrap())
                .unwrap_or(package);
            match rpcx_build::import_go(program(&set, package, &packages)) {
                Ok(_) => count += 1,
                // a program that serves nothing, such as a client, is no failure
                Err(error) if error.messages[0].contains("no service") => {}
                Err(error) => {
                    count += 1;
                    let why = error.messages.join(" || ").replace('\n', " | ");
                    failed.push((shown.display().to_string(), why));
                }
            }
        }
    }
    summary("Go programs with services that import", &failed, count);
}
