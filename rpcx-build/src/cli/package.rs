//! The files of a package, as its `Cargo.toml` and the command line name them.

use std::path::{self, Path, PathBuf};
use std::process::Command;
use std::{env, io};

use serde_json::{Map, Value};

use super::arguments::Arguments;
use crate::error::Error;
use crate::proto::Protos;

const TABLE: &str = "[package.metadata.rpcx]";

/// What there is to read and to write.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) trait_files: Vec<PathBuf>,
    pub(super) protos: Protos,
    pub(super) lock: PathBuf,
    pub(super) rust: Option<PathBuf>,
    /// The folder and the name of the package.
    pub(super) go: Option<(PathBuf, String)>,
    pub(super) markdown: Option<PathBuf>,
    pub(super) typescript: Option<PathBuf>,
    pub(super) openapi: Option<PathBuf>,
}

impl Files {
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Error> {
        let mut files = Self::default();
        // an option starts at the folder that is the current one before it changes
        let stays = !arguments.trait_files.is_empty();
        let own = |path: &PathBuf| match stays {
            true => Ok(path.clone()),
            false => path::absolute(path).map_err(|error| named(path, &error)),
        };
        let own_or_none = |path: &Option<PathBuf>| path.as_ref().map(own).transpose();
        let lock = own_or_none(&arguments.lock)?;
        let rust = own_or_none(&arguments.rust)?;
        let go = own_or_none(&arguments.go)?;
        let markdown = own_or_none(&arguments.markdown)?;
        let typescript = own_or_none(&arguments.typescript)?;
        let openapi = own_or_none(&arguments.openapi)?;
        if arguments.trait_files.is_empty() {
            let (folder, table) = table(arguments.manifest.as_deref())?;
            files.configure(&table)?;
            env::set_current_dir(&folder).map_err(|error| named(&folder, &error))?;
        } else {
            files.trait_files.clone_from(&arguments.trait_files);
        }
        if files.lock.as_os_str().is_empty() {
            files.lock = "rpcx.lock".into();
        }
        files.lock = lock.unwrap_or(files.lock);
        files.rust = rust.or(files.rust);
        files.markdown = markdown.or(files.markdown);
        files.typescript = typescript.or(files.typescript);
        files.openapi = openapi.or(files.openapi);
        let (folder, name) = files.go.unzip();
        files.go = match (go.or(folder), arguments.go_package.clone().or(name)) {
            (Some(folder), Some(name)) => Some((folder, name)),
            (None, None) => None,
            _ => {
                return Err(Error::one(
                    "`--go FOLDER` and `--go-package NAME` belong together",
                ));
            }
        };
        Ok(files)
    }

    fn configure(&mut self, table: &Map<String, Value>) -> Result<(), Error> {
        let (mut protos, mut includes) = (Vec::new(), Vec::new());
        let (mut full_names, mut skip_streams) = (false, false);
        for (key, value) in table {
            match key.as_str() {
                "trait-files" => self.trait_files = paths(key, value)?,
                "protos" => protos = paths(key, value)?,
                "proto-includes" => includes = paths(key, value)?,
                "full-names" => {
                    let full = value.as_bool();
                    full_names = full.ok_or_else(|| wrong(key, "true or false"))?;
                }
                "skip-streams" => {
                    let skip = value.as_bool();
                    skip_streams = skip.ok_or_else(|| wrong(key, "true or false"))?;
                }
                "lock" => self.lock = text(key, value)?.into(),
                "rust" => self.rust = Some(text(key, value)?.into()),
                "markdown" => self.markdown = Some(text(key, value)?.into()),
                "typescript" => self.typescript = Some(text(key, value)?.into()),
                "openapi" => self.openapi = Some(text(key, value)?.into()),
                "go" => {
                    let (folder, package) = (value.get("folder"), value.get("package"));
                    let (Some(folder), Some(package)) = (folder, package) else {
                        return Err(wrong(key, "`{ folder = \"..\", package = \"..\" }`"));
                    };
                    let folder = text("go.folder", folder)?.into();
                    self.go = Some((folder, text("go.package", package)?.to_owned()));
                }
                key => {
                    return Err(Error::one(format!(
                        "unknown key `{key}` in {TABLE}, expected one of: trait-files, protos, proto-includes, full-names, skip-streams, lock, rust, go, typescript, markdown, openapi"
                    )));
                }
            }
        }
        if self.trait_files.is_empty() && protos.is_empty() {
            return Err(Error::one(format!(
                "{TABLE} names no `trait-files` and no `protos`"
            )));
        }
        self.protos = Protos::named(protos, &includes, full_names)?.skip_streams(skip_streams);
        Ok(())
    }
}

fn paths(key: &str, value: &Value) -> Result<Vec<PathBuf>, Error> {
    let Some(list) = value.as_array() else {
        return Err(wrong(key, "a list of paths"));
    };
    let paths = list.iter().map(|path| text(key, path).map(PathBuf::from));
    paths.collect()
}

fn named(path: &Path, error: &io::Error) -> Error {
    Error::one(format!("{}: {error}", path.display()))
}

fn wrong(key: &str, wanted: &str) -> Error {
    Error::one(format!("`{key}` in {TABLE} must be {wanted}"))
}

fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str, Error> {
    value.as_str().ok_or_else(|| wrong(key, "a string"))
}

/// The folder of the package and its table.
fn table(manifest: Option<&Path>) -> Result<(PathBuf, Map<String, Value>), Error> {
    let path = cargo(&["locate-project", "--message-format", "plain"], manifest)?;
    let path = path.trim_end();
    let metadata = cargo(
        &["metadata", "--no-deps", "--format-version", "1"],
        manifest,
    )?;
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| Error::one(format!("`cargo metadata` printed no JSON: {error}")))?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.map(Vec::as_slice).unwrap_or_default();
    let of = |package: &Value| package.get("manifest_path")?.as_str().map(str::to_owned);
    let found = packages
        .iter()
        .find(|package| of(package).as_deref() == Some(path));
    let rpcx = |package: &Value| package.get("metadata")?.get("rpcx")?.as_object().cloned();
    if let Some(table) = found.and_then(rpcx) {
        let folder = Path::new(path).parent().unwrap_or_else(|| Path::new("."));
        return Ok((folder.to_owned(), table));
    }
    let mut text = format!(
        "{path}: there is no {TABLE}\n\
         help: add it with `trait-files = [\"..\"]`, or name the files with `--trait-file`"
    );
    for other in packages.iter().filter(|package| rpcx(package).is_some()) {
        let other = of(other).unwrap_or_default();
        text.push_str(&format!(
            "\nhelp: there is one with `--manifest-path {other}`"
        ));
    }
    Err(Error::one(text))
}

/// What cargo prints.
fn cargo(args: &[&str], manifest: Option<&Path>) -> Result<String, Error> {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args);
    if let Some(manifest) = manifest {
        command.arg("--manifest-path").arg(manifest);
    }
    output(command, &format!("cargo {}", args[0]))
}

/// What a program prints, or what it complains about.
pub(super) fn output(mut command: Command, name: &str) -> Result<String, Error> {
    let output = command
        .output()
        .map_err(|error| Error::one(format!("`{name}` cannot be started: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::one(format!("`{name}` failed: {}", said.trim())));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Error::one(format!("`{name}` printed something that is no text")))
}
