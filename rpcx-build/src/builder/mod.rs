//! From the files a build script names to the files it asks for.

#[cfg(feature = "proto")]
mod proto;

use std::path::{Path, PathBuf};
use std::{env, process};

use crate::error::Error;
use crate::lock;
use crate::outputs::{Folder, Outputs};
use crate::proto::Protos;
use crate::source::{Source, Sources};

/// With the value 1, checked-in files are compared and not written.
const CHECK: &str = "RPCX_CHECK";

/// Starts with no file and the output folder `OUT_DIR`.
pub fn configure() -> Builder {
    Builder {
        trait_files: Vec::new(),
        protos: Protos::default(),
        out_dir: None,
        checked_in: None,
        rust: true,
        go: None,
        markdown: None,
        typescript: None,
        openapi: None,
        lock: None,
        quiet: false,
    }
}

/// What to generate, and from what.
#[derive(Clone, Debug)]
#[must_use = "nothing is generated before `compile`"]
pub struct Builder {
    trait_files: Vec<PathBuf>,
    pub(crate) protos: Protos,
    out_dir: Option<PathBuf>,
    checked_in: Option<PathBuf>,
    rust: bool,
    go: Option<Go>,
    markdown: Option<PathBuf>,
    typescript: Option<PathBuf>,
    openapi: Option<PathBuf>,
    lock: Option<PathBuf>,
    /// Prints no `cargo::` lines: the command line runs outside of a build script.
    pub(crate) quiet: bool,
}

/// Where Go files go, and the name of their package.
#[derive(Clone, Debug)]
struct Go {
    folder: PathBuf,
    package: String,
}

impl Builder {
    /// Adds a Rust file with services, or one with types that the services of other files use. A relative path starts at
    /// the folder of the `Cargo.toml`.
    ///
    /// `service/arith.rs` becomes `arith.rs` in the output folder, so no two files may have one name. All files are one
    /// interface for Go, TypeScript, OpenAPI and the lock file: each sees the types of the others, by a `use`
    /// (`use super::types::User;`), by a path (`types::User`), or by a name that no other file has.
    ///
    /// ```no_run
    /// rpcx_build::configure()
    ///     .trait_file("service/types.rs")
    ///     .trait_file("service/shop.rs")
    ///     .trait_file("service/stock.rs")
    ///     .go("../go/shop", "shop")
    ///     .lock("rpcx.lock")
    ///     .compile();
    /// ```
    pub fn trait_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.trait_files.push(path.into());
        self
    }

    /// Writes Rust into this folder, which must exist, and not into `OUT_DIR`.
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// Writes Rust into this folder of the tree, as in `src/gen`, and not into `OUT_DIR`. The folder is made if it is
    /// not there; a relative path starts at the folder of the `Cargo.toml`.
    ///
    /// The files belong into version control, and are modules of the crate, which names them by
    /// `#[path = "gen/arith.rs"]`: `gen` is a keyword. With `RPCX_CHECK=1` in the environment
    /// nothing is written there, and a file that is not up to date is an error.
    pub fn checked_in(mut self, path: impl Into<PathBuf>) -> Self {
        self.checked_in = Some(path.into());
        self
    }

    /// Also writes a Go package: types, a server interface and a client of each service.
    ///
    /// `service/arith.rs` becomes `arith.go` in `folder`, which is made if it is not there; a relative path
    /// starts at the folder of the `Cargo.toml`. The file belongs into version control. With `RPCX_CHECK=1`
    /// in the environment nothing is written there, and a file that is not up to date is an error.
    ///
    /// All types must be in the trait files or in the standard library, and have a form in Go.
    pub fn go(mut self, folder: impl Into<PathBuf>, package: impl Into<String>) -> Self {
        self.go = Some(Go {
            folder: folder.into(),
            package: package.into(),
        });
        self
    }

    /// Also writes a reference in Markdown: the services of all trait files, with their types and errors.
    /// Like a Go file it belongs into version control.
    pub fn markdown(mut self, path: impl Into<PathBuf>) -> Self {
        self.markdown = Some(path.into());
        self
    }

    /// Also writes clients in TypeScript into this file, as in `web/client.ts`: those of the services of all trait
    /// files, with types and errors. Beside it goes `rpcx.ts`, which they import and which is always the same, so that
    /// several of them in one program share it. Both belong into version control, as a Go file does; a relative path
    /// starts at the folder of the `Cargo.toml`.
    ///
    /// All types must be in the trait files or in the standard library, and have a form in TypeScript.
    pub fn typescript(mut self, path: impl Into<PathBuf>) -> Self {
        self.typescript = Some(path.into());
        self
    }

    /// Also writes an OpenAPI 3.1 document: what a server with HTTP takes for the services of all trait files, for tools that
    /// make clients, pages and tests of it. A server with the feature `reflection` gives the same at
    /// `/openapi.json`. Like a Go file it belongs into version control.
    ///
    /// Types that are not in a trait file, and not in the standard library, have the schema of every value.
    pub fn openapi(mut self, path: impl Into<PathBuf>) -> Self {
        self.openapi = Some(path.into());
        self
    }

    /// Also keeps a lock file: what all services promise to their peers. `rpcx.lock` is the
    /// usual name, and a package has one. It belongs into version control.
    ///
    /// Where there is no such file it is written. Where there is one, a change that breaks it for peers
    /// is an error with the rule, the place and the way out; additions, and changes that only concern
    /// code, are written down, the latter with a warning. `cargo rpcx lock` accepts a break on purpose.
    /// With `RPCX_CHECK=1` in the environment nothing is written, and a file that is not up to date or not
    /// there is an error.
    pub fn lock(mut self, path: impl Into<PathBuf>) -> Self {
        self.lock = Some(path.into());
        self
    }

    /// Whether to write Rust, which is the default. Without it `OUT_DIR` is not needed.
    pub fn emit_rust(mut self, emit: bool) -> Self {
        self.rust = emit;
        self
    }

    /// Generates, and tells cargo when to do so again. Mistakes are printed as `path:line:column` with
    /// the line they are in, and end the build script with exit code 1.
    pub fn compile(self) {
        if let Err(error) = self.try_compile() {
            for message in &error.messages {
                eprintln!("error: {message}\n");
                // cargo shows this one even where it hides the output of build scripts
                println!(
                    "cargo::error={}",
                    message.lines().next().unwrap_or_default()
                );
            }
            process::exit(1);
        }
    }

    /// As [`compile`](Self::compile), but hands mistakes back.
    ///
    /// # Errors
    /// A file that cannot be read or written, that is not Rust, or that has no service; two files with one
    /// name; every mistake in a service; options that exclude each other; a change that breaks the lock file;
    /// with `RPCX_CHECK=1` a checked-in file that is not up to date. Nothing is written then.
    pub fn try_compile(self) -> Result<(), Error> {
        let mut outputs = Outputs::default();
        let mut messages = Vec::new();
        let rust = self.rust_folder()?;
        self.check()?;
        if let Err(error) = self.traits(rust.as_ref(), &mut outputs) {
            messages.extend(error.messages);
        }
        if (rust.is_some() || self.lock.is_some())
            && let Err(error) = self.protos.generate(rust.as_ref(), &mut outputs)
        {
            messages.extend(error.messages);
        }
        for path in &outputs.read {
            self.tell(&format!("rerun-if-changed={}", path.display()));
        }
        let checked_in = self.go.is_some()
            || self.markdown.is_some()
            || self.typescript.is_some()
            || self.openapi.is_some()
            || self.checked_in.is_some();
        if checked_in || self.lock.is_some() {
            self.tell(&format!("rerun-if-env-changed={CHECK}"));
        }
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        for warning in &outputs.warnings {
            self.tell(&format!("warning={warning}"));
        }
        outputs.finish_page(self.markdown.as_deref());
        outputs.finish_typescript(self.typescript.as_deref())?;
        outputs.finish_openapi(self.openapi.as_deref());
        self.check_lock(&mut outputs)?;
        for path in outputs.checked_in() {
            self.tell(&format!("rerun-if-changed={}", path.display()));
        }
        outputs.write(env::var_os(CHECK).is_some_and(|value| value == "1"))
    }

    /// Tells cargo something.
    fn tell(&self, line: &str) {
        if !self.quiet {
            println!("cargo::{line}");
        }
    }

    /// Compares the services with the lock file, and adds its new text.
    fn check_lock(&self, outputs: &mut Outputs) -> Result<(), Error> {
        let Some(path) = &self.lock else {
            return Ok(());
        };
        let now = outputs.finish_lock()?;
        let before = lock::read(path)?;
        for finding in lock::accepted(path, before.as_ref(), &now)? {
            self.tell(&format!("warning={}", finding.replace("\n  ", "; ")));
        }
        let next = before.unwrap_or_default().succeeded_by(now);
        outputs.add(path, path.clone(), next.render(), true)
    }

    /// The folder for Rust files; `None` if there are none.
    fn rust_folder(&self) -> Result<Option<Folder>, Error> {
        if !self.rust {
            return match self.checked_in {
                None => Ok(None),
                Some(_) => Err(Error::one(
                    "`checked_in` says where Rust is written, and `emit_rust(false)` that none is",
                )),
            };
        }
        let checked_in = self.checked_in.is_some();
        let path = match (&self.out_dir, &self.checked_in) {
            (Some(_), Some(_)) => {
                return Err(Error::one(
                    "`out_dir` and `checked_in` exclude each other: both say where Rust is written",
                ));
            }
            (Some(path), None) | (None, Some(path)) => Some(path.clone()),
            (None, None) => env::var_os("OUT_DIR").map(PathBuf::from),
        };
        path.map(|path| Some(Folder { path, checked_in }))
            .ok_or_else(|| {
                Error::one(
                    "OUT_DIR is not set: call this from a build script, or name an `out_dir`",
                )
            })
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(go) = &self.go
            && !rpcx_schema::go::is_package_name(&go.package)
        {
            return Err(Error::one(format!(
                "`{}` cannot be the name of a Go package: use lower case letters and digits",
                go.package
            )));
        }
        // these two say it in their own words
        let others = self.typescript.is_some() || self.openapi.is_some();
        if self.trait_files.is_empty() && self.protos.is_empty() && !others {
            return Err(Error::one(
                "there is nothing to generate from\n\
                 help: name a file with `.trait_file(\"src/shop.rs\")` or `.proto(\"proto/shop.proto\", [\"proto\"])`",
            ));
        }
        Ok(())
    }

    /// All outputs of all trait files.
    fn traits(&self, rust: Option<&Folder>, outputs: &mut Outputs) -> Result<(), Error> {
        let mut messages = Vec::new();
        let mut sources = Vec::new();
        for path in &self.trait_files {
            self.tell(&format!("rerun-if-changed={}", path.display()));
            match Source::read(path) {
                Ok(source) => sources.push(source),
                Err(error) => messages.extend(error.messages),
            }
        }
        let alone = self.trait_files.len() == 1;
        for source in &sources {
            if let Err(error) = self.one(source, alone, rust, outputs) {
                messages.extend(error.messages);
            }
        }
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        self.together(&Sources(&sources), outputs)
    }

    /// What is made of one file, whatever stands in the others.
    fn one(
        &self,
        source: &Source<'_>,
        alone: bool,
        rust: Option<&Folder>,
        outputs: &mut Outputs,
    ) -> Result<(), Error> {
        let path = source.path;
        let tokens = source.expanded(alone)?;
        if let Some(folder) = rust {
            let text = source.rust(tokens)?;
            outputs.add(path, folder.path.join(name(path)), text, folder.checked_in)?;
        }
        if self.markdown.is_some() {
            outputs.page.push_str(&source.markdown()?);
        }
        Ok(())
    }

    /// What is made of all files, which see each other's types.
    fn together(&self, sources: &Sources<'_>, outputs: &mut Outputs) -> Result<(), Error> {
        sources.distinct()?;
        if self.openapi.is_some() {
            outputs.pages = sources.openapi()?;
        }
        if self.lock.is_some() {
            outputs.lock = sources.lock()?;
        }
        if self.typescript.is_some() {
            outputs.modules = sources.typescript()?;
        }
        if let Some(go) = &self.go {
            for (source, text) in sources.0.iter().zip(sources.go(&go.package)?) {
                let file = go.folder.join(name(source.path)).with_extension("go");
                outputs.add(source.path, file, text, true)?;
            }
        }
        Ok(())
    }
}

/// `arith.rs` of `service/arith.rs`.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
