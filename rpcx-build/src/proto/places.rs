//! Where things stand in `.proto` files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::files;
use crate::report::{self, Mark};

/// The numbers that lead to the services of a file, and to the methods of a service.
const SERVICE: i32 = 6;
const METHOD: i32 = 2;

/// The files on disk, and the places of services and methods.
#[derive(Clone, Debug)]
pub(super) struct Places {
    files: HashMap<String, PathBuf>,
    /// By `package.Service` and `package.Service.Method`.
    names: HashMap<String, (String, Mark)>,
}

impl Places {
    pub(super) fn of(set: &FileDescriptorSet, includes: &[PathBuf]) -> Self {
        let mut all = Self {
            files: HashMap::new(),
            names: HashMap::new(),
        };
        for file in &set.file {
            if let Some(path) = find(file.name(), includes) {
                all.files.insert(file.name().to_owned(), path);
            }
            for (number, service) in (0..).zip(&file.service) {
                let name = full_name(file.package(), service.name());
                all.add(file, &name, &[SERVICE, number]);
                for (method_number, method) in (0..).zip(&service.method) {
                    let name = full_name(&name, method.name());
                    all.add(file, &name, &[SERVICE, number, METHOD, method_number]);
                }
            }
        }
        all
    }

    fn add(&mut self, file: &FileDescriptorProto, name: &str, path: &[i32]) {
        let place = (file.name().to_owned(), mark(file, path));
        self.names.insert(name.to_owned(), place);
    }

    /// The files that were read, in the order of their names.
    pub(super) fn read(&self) -> Vec<&PathBuf> {
        let mut all: Vec<_> = self.files.values().collect();
        all.sort();
        all
    }

    /// The file on disk.
    pub(super) fn path(&self, name: &str) -> Option<&Path> {
        self.files.get(name).map(PathBuf::as_path)
    }

    /// A message about the part of a file that these numbers lead to.
    pub(super) fn at(&self, file: &FileDescriptorProto, path: &[i32], text: &str) -> String {
        self.shown(file.name(), mark(file, path), text)
    }

    /// A message about `package.Service` or `package.Service.Method`, with its place.
    pub(super) fn message(&self, name: &str, text: &str) -> String {
        let Some((file, mark)) = self.names.get(name) else {
            return text.to_owned();
        };
        self.shown(file, *mark, text)
    }

    fn shown(&self, file: &str, mark: Mark, text: &str) -> String {
        let path = self.path(file).unwrap_or_else(|| Path::new(file));
        let source = fs::read_to_string(path).unwrap_or_default();
        report::marked(path, &source, mark, text)
    }
}

/// A name within a package or a service.
pub(super) fn full_name(outer: &str, name: &str) -> String {
    match outer {
        "" => name.to_owned(),
        outer => format!("{outer}.{name}"),
    }
}

/// The first line of what `path` leads to.
fn mark(file: &FileDescriptorProto, path: &[i32]) -> Mark {
    let info = file.source_code_info.as_ref();
    let mut locations = info.into_iter().flat_map(|info| &info.location);
    let span = locations
        .find(|location| location.path == path)
        .map_or(&[][..], |location| &location.span);
    let number = |index: usize| span.get(index).and_then(|n| usize::try_from(*n).ok());
    let column = number(1).unwrap_or(0);
    // with three numbers the third is the end in the same line
    let end = number(2).filter(|_| span.len() == 3).unwrap_or(column + 1);
    Mark {
        line: number(0).map_or(0, |line| line + 1),
        column,
        length: end.saturating_sub(column),
    }
}

/// What protox says, with the path on disk and the line.
pub(super) fn located(error: &protox::Error, includes: &[PathBuf]) -> String {
    // `file:line:column: text`, where it knows a place
    let text = format!("{error:?}");
    let place = error.file().and_then(|file| {
        let rest = text.strip_prefix(file)?.strip_prefix(':')?;
        let (line, rest) = rest.split_once(':')?;
        let (column, message) = rest.split_once(": ")?;
        let mark = Mark {
            line: line.parse().ok()?,
            column: column.parse::<usize>().ok()?.saturating_sub(1),
            length: 1,
        };
        let path = find(file, includes)?;
        let source = fs::read_to_string(&path).unwrap_or_default();
        if let Some(edition) = files::edition(&source) {
            let text = format!(
                "the file is written in edition {edition}, and the compiler knows `proto2` and `proto3`\n\
                 help: write `syntax = \"proto3\";` in place of `edition = \"{edition}\";`, or generate messages with protoc and prost and write the trait by hand"
            );
            return Some(report::marked(&path, &source, mark, &text));
        }
        let same_in_json = "two fields of this message have one name in JSON\nhelp: rename one of them, or give one a `json_name`";
        let message = match message.starts_with("a field with JSON name ") {
            true => same_in_json,
            false => message,
        };
        Some(report::marked(&path, &source, mark, message))
    });
    place.unwrap_or(text)
}

/// The file on disk with this name, under the first folder that has it.
fn find(name: &str, includes: &[PathBuf]) -> Option<PathBuf> {
    let mut paths = includes
        .iter()
        .map(|folder| match folder == Path::new(".") {
            true => PathBuf::from(name),
            false => folder.join(name),
        });
    paths.find(|path| path.is_file())
}
