//! Each Go package has names of its own. Where two packages share one, the second type gets another name
//! here, as do all places that speak of it, so that the rest of the import knows one set of names and no packages.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use super::lexer::{Kind, Token};
use super::syntax::{File, Function, Parameter, Type, TypeKind};

/// The names here of a package's types, by those in Go.
type Renamed = BTreeMap<String, String>;

/// What the names are in Go, where they are others here.
#[derive(Debug, Default)]
pub(super) struct Originals(BTreeMap<String, String>);

impl Originals {
    /// The name in Go.
    pub(super) fn of<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// Remembers what a name is in Go.
    pub(super) fn add(&mut self, name: &str, go: &str) {
        self.0.insert(name.to_owned(), go.to_owned());
    }
}

/// A package: files of one folder with one name.
struct Place<'a> {
    folder: &'a str,
    /// What it is imported by.
    path: Option<&'a str>,
    name: String,
    files: Vec<usize>,
    renamed: Renamed,
}

/// Gives types that share a name with one of another package a name of their own.
pub(super) fn separate(sources: &[Source<'_>], files: &mut [File]) -> Originals {
    let mut places = places(sources, files);
    let originals = rename(&mut places, files);
    for place in &places {
        for number in &place.files {
            let imported = imports(&files[*number], place, &places);
            let imports = imported
                .iter()
                .map(|(name, other)| (name.clone(), &other.renamed))
                .collect();
            let scope = Scope {
                own: &place.renamed,
                imports: &imports,
            };
            scope.file(&mut files[*number]);
            let reach = imported.iter();
            files[*number].reach = reach
                .map(|(name, other)| (name.clone(), other.files.clone()))
                .collect();
            files[*number].own.clone_from(&place.files);
        }
    }
    originals
}

fn places<'a>(sources: &[Source<'a>], files: &[File]) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    for (number, (source, file)) in sources.iter().zip(files).enumerate() {
        let folder = source
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        // tests of a package may have another name and are one with it
        let name = file.package.trim_end_matches("_test");
        let known = places
            .iter_mut()
            .find(|place| place.folder == folder && place.name == name);
        match known {
            Some(place) => place.files.push(number),
            None => places.push(Place {
                folder,
                path: source.package,
                name: name.to_owned(),
                files: vec![number],
                renamed: Renamed::new(),
            }),
        }
    }
    places
}

/// Chooses the names, in the order of the packages.
fn rename(places: &mut [Place<'_>], files: &[File]) -> Originals {
    let mut originals = Originals::default();
    let mut taken = BTreeSet::new();
    for place in places {
        let mut own = BTreeSet::new();
        let types = place.files.iter().flat_map(|number| &files[*number].types);
        for name in types.map(|found| found.name.clone()).collect::<Vec<_>>() {
            // twice in one package is a mistake, which is reported later
            if !own.insert(name.clone()) {
                continue;
            }
            if taken.insert(name.clone()) {
                place.renamed.insert(name.clone(), name);
                continue;
            }
            let mut number = 2;
            while !taken.insert(format!("{name}{number}")) {
                number += 1;
            }
            let new = format!("{name}{number}");
            originals.0.insert(new.clone(), name.clone());
            place.renamed.insert(name, new);
        }
    }
    originals
}

/// The packages that a file imports, by what it calls the packages.
fn imports<'a>(
    file: &File,
    own: &Place<'_>,
    places: &'a [Place<'a>],
) -> BTreeMap<String, &'a Place<'a>> {
    let is_test = file.package != own.name;
    let mut found = BTreeMap::new();
    for (name, path) in &file.imports {
        let others = places
            .iter()
            .filter(|place| is_test || !std::ptr::eq(*place, own));
        let Some(place) = imported(name, path, others) else {
            continue;
        };
        // the name of a package need not be the last part of its path
        if path.rsplit('/').next() == Some(name) {
            found.insert(place.name.clone(), place);
        }
        found.insert(name.clone(), place);
    }
    found
}

/// The package that is imported by a path, if it is one of these.
fn imported<'a, 'b: 'a>(
    name: &str,
    path: &str,
    places: impl Iterator<Item = &'a Place<'b>>,
) -> Option<&'a Place<'b>> {
    let mut best = None;
    let mut tie = false;
    for place in places.filter(|place| place.name != "main") {
        match place.path {
            Some(own) if own == path => return Some(place),
            // by another path it is another package
            Some(_) => continue,
            None => {}
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        let common = common(place.folder, path);
        if is_of_go(path) || (common == 0 && place.name != *name && place.name != last) {
            continue;
        }
        let score = (common, place.name == *name);
        let before = best.map(|(score, _)| score);
        tie = before == Some(score) || (tie && before > Some(score));
        if before < Some(score) {
            best = Some((score, place));
        }
    }
    // where two fit alike, neither is meant for certain
    best.filter(|_| !tie).map(|(_, place)| place)
}

/// How many parts at their ends are the same.
fn common(folder: &str, path: &str) -> usize {
    let pairs = folder.rsplit('/').zip(path.rsplit('/'));
    pairs.take_while(|(one, other)| one == other).count()
}

/// Packages that come with Go, which have short names that others have, too.
pub(super) fn is_of_go(path: &str) -> bool {
    const FIRST: [&str; 18] = [
        "bytes", "context", "crypto", "encoding", "errors", "fmt", "go", "io", "log", "math",
        "net", "os", "runtime", "sort", "strings", "sync", "testing", "time",
    ];
    FIRST.contains(&path.split('/').next().unwrap_or_default())
}

/// What names mean in one file.
struct Scope<'a> {
    own: &'a Renamed,
    imports: &'a BTreeMap<String, &'a Renamed>,
}

impl Scope<'_> {
    fn file(&self, file: &mut File) {
        for found in &mut file.types {
            self.name(&mut found.name);
            self.ty(&mut found.ty);
        }
        for constant in &mut file.constants {
            if let Some(ty) = &mut constant.ty {
                self.ty(ty);
            }
        }
        let handlers = file.handlers.iter_mut();
        let functions = file.functions.iter_mut().chain(&mut file.literals);
        for function in functions.chain(handlers) {
            self.function(function);
        }
        for variable in &mut file.variables {
            if let Some(ty) = &mut variable.ty {
                self.ty(ty);
            }
            self.tokens(&mut variable.value);
        }
    }

    fn name(&self, name: &mut String) {
        if let Some(new) = self.own.get(name) {
            name.clone_from(new);
        }
    }

    fn function(&self, function: &mut Function) {
        if let Some(receiver) = &mut function.receiver {
            self.name(receiver);
        }
        self.parameters(&mut function.parameters);
        self.parameters(&mut function.results);
        self.tokens(&mut function.body);
        for written in &mut function.instances {
            self.ty(&mut written.ty);
        }
    }

    fn parameters(&self, parameters: &mut [Parameter]) {
        for parameter in parameters {
            self.ty(&mut parameter.ty);
        }
    }

    fn ty(&self, ty: &mut Type) {
        match &mut ty.kind {
            TypeKind::Named {
                package: None,
                name,
                arguments,
            } => {
                self.name(name);
                arguments.iter_mut().for_each(|argument| self.ty(argument));
            }
            TypeKind::Named {
                package,
                name,
                arguments,
            } => {
                arguments.iter_mut().for_each(|argument| self.ty(argument));
                let renamed = package
                    .as_ref()
                    .and_then(|package| self.imports.get(package));
                if let Some(new) = renamed.and_then(|renamed| renamed.get(name)) {
                    name.clone_from(new);
                    *package = None;
                }
            }
            TypeKind::Pointer(inner) | TypeKind::Slice(inner) | TypeKind::Array(_, inner) => {
                self.ty(inner);
            }
            TypeKind::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            TypeKind::Struct(fields) => fields.iter_mut().for_each(|field| self.ty(&mut field.ty)),
            TypeKind::Interface { methods, .. } => {
                methods.iter_mut().for_each(|method| self.function(method));
            }
            TypeKind::Parameter(_) | TypeKind::Other(_) => {}
        }
    }

    /// Types in the body of a function, where registrations name them.
    fn tokens(&self, tokens: &mut [Token]) {
        for at in 0..tokens.len() {
            if tokens[at].kind != Kind::Word {
                continue;
            }
            let after_dot = at > 0 && tokens[at - 1].is(".");
            let renamed = match after_dot {
                false => Some(self.own),
                true => at
                    .checked_sub(2)
                    .and_then(|package| self.imports.get(&tokens[package].text).copied()),
            };
            if let Some(new) = renamed.and_then(|renamed| renamed.get(&tokens[at].text)) {
                tokens[at].text.clone_from(new);
            }
        }
    }
}
