//! From the files a build script names to the files in `OUT_DIR`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io, process};

use rpcx_codegen::file;

use crate::proto::Protos;
use crate::report;

/// Starts with no file and the output folder `OUT_DIR`.
pub fn configure() -> Builder {
    Builder {
        trait_files: Vec::new(),
        protos: Protos::default(),
        out_dir: None,
    }
}

/// What to generate, and from what.
#[derive(Clone, Debug)]
#[must_use = "nothing is generated before `compile`"]
pub struct Builder {
    trait_files: Vec<PathBuf>,
    pub(crate) protos: Protos,
    out_dir: Option<PathBuf>,
}

/// Why nothing was generated.
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    /// One text for each mistake, with `path:line:column` where there is one.
    pub messages: Vec<String>,
}

impl Builder {
    /// Adds a Rust file with services. A relative path starts at the folder of the `Cargo.toml`.
    ///
    /// `service/arith.rs` becomes `arith.rs` in the output folder, so no two files may have one name.
    pub fn trait_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.trait_files.push(path.into());
        self
    }

    /// Writes into this folder, which must exist, and not into `OUT_DIR`.
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
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
    /// A file that cannot be read or written, that is not Rust, or that has no service; two inputs
    /// that become one file; every mistake in a service. Nothing is written then.
    pub fn try_compile(self) -> Result<(), Error> {
        let out_dir = self
            .out_dir
            .or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
        let Some(out_dir) = out_dir else {
            return Err(Error::one(
                "OUT_DIR is not set: call this from a build script, or name an `out_dir`",
            ));
        };
        let mut outputs = Outputs::default();
        let mut messages = Vec::new();
        for path in &self.trait_files {
            println!("cargo::rerun-if-changed={}", path.display());
            let added = generate(path).and_then(|text| {
                outputs.add(&name(path), text).map_err(|_| {
                    Error::one(format!(
                        "{}: another trait file has this name already",
                        path.display()
                    ))
                })
            });
            if let Err(error) = added {
                messages.extend(error.messages);
            }
        }
        if let Err(error) = self.protos.generate(&mut outputs) {
            messages.extend(error.messages);
        }
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        for (name, text) in outputs.0 {
            let path = out_dir.join(name);
            write(&path, &text)
                .map_err(|error| Error::one(format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }
}

/// The files to be written: names and texts.
#[derive(Debug, Default)]
pub(crate) struct Outputs(BTreeMap<String, String>);

impl Outputs {
    /// Adds a file, if there is none of this name.
    pub(crate) fn add(&mut self, name: &str, text: String) -> Result<(), Error> {
        match self.0.entry(name.to_owned()) {
            Entry::Occupied(_) => Err(Error::one(format!("two inputs become the file {name}"))),
            Entry::Vacant(place) => {
                place.insert(text);
                Ok(())
            }
        }
    }
}

impl Error {
    pub(crate) fn one(message: impl Into<String>) -> Self {
        Self {
            messages: vec![message.into()],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages.join("\n\n"))
    }
}

impl std::error::Error for Error {}

/// `arith.rs` of `service/arith.rs`.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn generate(path: &Path) -> Result<String, Error> {
    let shown = path.display();
    let source =
        fs::read_to_string(path).map_err(|error| Error::one(format!("{shown}: {error}")))?;
    let failed = |errors: &[syn::Error]| Error {
        messages: report::located(path, &source, errors),
    };
    let parsed = syn::parse_file(&source).map_err(|error| failed(&[error]))?;
    let expanded = file::expand(&parsed);
    if !expanded.errors.is_empty() {
        return Err(failed(&expanded.errors));
    }
    let tokens = syn::parse2(expanded.tokens).map_err(|error| failed(&[error]))?;
    Ok(format!(
        "// @generated by rpcx-build from {}\n\n{}",
        portable(path),
        prettyplease::unparse(&tokens)
    ))
}

/// The path as written in the build script, but the same on every system.
pub(crate) fn portable(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Leaves a file alone that has the text already, so that its users are not built again.
fn write(path: &Path, text: &str) -> io::Result<()> {
    match fs::read(path) {
        Ok(present) if present == text.as_bytes() => Ok(()),
        _ => fs::write(path, text),
    }
}
