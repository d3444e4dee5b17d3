//! Go files in, a trait file out.

use std::fs;
use std::path::{self, Path, PathBuf};

use rpcx_schema::import::{Remark, Source, import};

use crate::error::Error;
use crate::report::{Mark, marked};
use crate::source::portable;

/// A trait file made of Go files.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ImportedGo {
    /// The trait file, as Rust that [`trait_file`](crate::Builder::trait_file) takes.
    pub text: String,
    /// What is not the same as in Go, each with `path:line:column` and the line it is about; of many notes of one kind the
    /// first, with their number. The text has the same as comments.
    pub notes: Vec<String>,
    /// What has no form in a trait file and is left out, in the same form: fields, methods and services.
    pub left_out: Vec<String>,
}

/// Makes a trait file of Go files, those of a package or of several that import each other, by themselves or by their folders, for a service that moves from Go to Rust or is called from
/// there. Names on the wire stay what they are in Go: where the name in Rust gives another one, an
/// attribute says it.
///
/// A service is a type with methods such as `Mul(ctx context.Context, args *Args, reply *Reply) error`, an interface of
/// such methods, or functions that are registered as one. Its path is the name of the type, or the one
/// that the files register it by. Types that no service uses are left out. Files of
/// one folder are a package; where two packages have a type of one name, that of the second gets a number. A `go.mod`
/// above them says which package an import means; without one the end of its path has to do.
///
/// | Go | Rust |
/// |---|---|
/// | structs, with the names of their `msgpack` tags, or of their fields; embedded ones | `#[rpcx::message]` structs |
/// | `int`, `uint` | `i64`, `u64` |
/// | named numbers and strings with constants | a type alias, and constants |
/// | a recursive map, slice or array, `type Tree map[string]Tree` | a message with one unnamed field, which travels as what it holds |
/// | `[]byte` and named types of it | `Vec<u8>` and messages with one field |
/// | `*T` | `Option<T>`, boxed where a struct holds itself |
/// | `map[K]V` | `BTreeMap<K, V>` |
/// | `interface{}`, `any` | `rpcx::Value` |
/// | `time.Time`, `time.Duration` | `rpcx::Timestamp`, `Duration` |
/// | a returned `error` | `rpcx::Result`, with the text as its error |
///
/// What has no form in a trait file, such as a channel, a type of a package that is not given or a generic type, is left out with
/// the field or the method that has it, and said. So is a path that is computed, messages that protoc has made, and the codec
/// that clients in the files choose.
///
/// # Errors
/// A file that cannot be read or is not Go; files without a service, or of which nothing remains.
pub fn import_go<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<ImportedGo, Error> {
    let files = read(paths)?;
    let packages: Vec<Option<String>> = files.iter().map(|(path, ..)| package(path)).collect();
    let sources: Vec<Source<'_>> = files
        .iter()
        .zip(&packages)
        .map(|((_, path, text), package)| Source {
            path,
            text,
            package: package.as_deref(),
        })
        .collect();
    let shown = |remark: &Remark| shown(remark, &files);
    match import(&sources) {
        Ok(imported) => Ok(ImportedGo {
            text: imported.text,
            notes: imported.notes.iter().map(shown).collect(),
            left_out: imported.left_out.iter().map(shown).collect(),
        }),
        Err(errors) => Err(Error {
            messages: errors.iter().map(shown).collect(),
        }),
    }
}

/// The files, and those of folders, each with its path as it is shown and its text.
fn read<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
) -> Result<Vec<(PathBuf, String, String)>, Error> {
    let (mut files, mut messages) = (Vec::new(), Vec::new());
    for path in paths {
        let path = path.as_ref();
        let each = match path.is_dir() {
            true => package_files(path),
            false => Ok(vec![path.to_owned()]),
        };
        let each = each.unwrap_or_else(|message| {
            messages.push(message);
            Vec::new()
        });
        for file in each {
            match fs::read_to_string(&file) {
                Ok(text) => files.push((file.clone(), portable(&file), text)),
                Err(error) => messages.push(format!("{}: {error}", file.display())),
            }
        }
    }
    match messages.is_empty() {
        true => Ok(files),
        false => Err(Error { messages }),
    }
}

/// The files of the package in a folder, in order, as Go finds them: without tests, and without those that begin with `_` or `.`.
fn package_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| format!("{}: {error}", folder.display()))?;
    let is_source = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.ends_with(".go") && !name.ends_with("_test.go") && !name.starts_with(['_', '.'])
    };
    let mut files: Vec<_> = entries
        .iter()
        .filter(|entry| is_source(entry))
        .map(fs::DirEntry::path)
        .collect();
    files.sort();
    match files.is_empty() {
        true => Err(format!(
            "{}: there is no Go file in this folder",
            folder.display()
        )),
        false => Ok(files),
    }
}

/// The path that the package of a file is imported by, where a `go.mod` above it says which module it is of.
fn package(file: &Path) -> Option<String> {
    let folder = path::absolute(file).ok()?.parent()?.to_owned();
    let (root, module) = folder
        .ancestors()
        .find_map(|root| Some((root, module(root)?)))?;
    let inner = portable(folder.strip_prefix(root).ok()?);
    Some(match inner.rsplit_once("vendor/") {
        Some((_, vendored)) => vendored.to_owned(),
        None if inner.is_empty() => module,
        None => format!("{module}/{inner}"),
    })
}

/// The name of the module whose root is this folder.
fn module(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join("go.mod")).ok()?;
    let line = |line: &str| {
        let name = line.trim().strip_prefix("module")?;
        let name = name.split("//").next()?;
        let quoted = |c: char| c.is_whitespace() || c == '"' || c == '`';
        let name = name.strip_prefix(quoted)?.trim_matches(quoted);
        (!name.is_empty()).then(|| name.to_owned())
    };
    text.lines().find_map(line)
}

fn shown(remark: &Remark, files: &[(PathBuf, String, String)]) -> String {
    let file = files.get(remark.file).filter(|_| remark.line > 0);
    let Some((path, _, text)) = file else {
        return remark.message.clone();
    };
    let mark = Mark {
        line: remark.line,
        column: remark.column.saturating_sub(1),
        length: remark.length,
    };
    marked(path, text, mark, &remark.message)
}
