//! Go sources in, a trait file out: for a service that moves from Go to Rust, or is called from there.
//!
//! `lexer` and `parse` read declarations, `generics` writes out instances of generic types, `services` finds what Go rpcx would serve, `translate` says it in Rust,
//! `write` puts it down. Names on the wire stay what they are in Go.

mod constants;
mod fields;
mod generics;
mod handlers;
mod lexer;
mod loops;
mod names;
mod namespaces;
mod package;
mod parse;
mod parse_type;
mod protobuf;
mod refused;
mod registered;
mod served;
mod services;
mod syntax;
mod translate;
mod values;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use package::Package;
use rpcx_codegen::file;

/// A Go file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// How the result names the file.
    pub path: &'a str,
    /// What stands in it.
    pub text: &'a str,
    /// The path that other files import its package by, where it is known. Without it the end of the path
    /// decides, and the name of the package.
    pub package: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// A file of a package whose path is not known.
    pub fn new(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            text,
            package: None,
        }
    }
}

/// A trait file made of Go files.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// Rust that [`file::expand`] accepts, not formatted by rustfmt but close to it.
    pub text: String,
    /// What is not the same as in Go, in source order; of many notes of one kind the first, with their number. The text
    /// has them as comments, too.
    pub notes: Vec<Remark>,
    /// What has no form in a trait file and is left out: fields, methods and services. In the text, too.
    pub left_out: Vec<Remark>,
}

/// Something to say about a place in a Go file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// The position of the file among the sources.
    pub file: usize,
    /// From 1; 0 for the files as a whole.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// How many characters it is about.
    pub length: usize,
    /// What is wrong, and in a second line what to do about it.
    pub message: String,
}

/// The services in Go files, with the types they use, as a trait file. Files of one folder are a package; of types that
/// two packages have by one name, the second gets a number.
///
/// A service is a type with methods such as `Mul(ctx context.Context, args *Args, reply *Reply) error`, an
/// interface of such methods, or functions that are registered as one. Its path is the name of the type,
/// unless a function of the files registers it by another one: in every form that Go's server has (`Register`, `RegisterName`,
/// `RegisterFunction`, `RegisterFunctionName`, those with a list of methods, `AddHandler`), also in a loop over a literal and
/// through a function that passes its parameters on. What cannot be followed is said.
///
/// A generic type is written out for each of its uses: `Page[Item]` is `PageItem`, with a number if there is another type of
/// that name.
///
/// What has no form in a trait file is left out, and said.
///
/// # Errors
/// Sources that are not Go, or have no service; all that has no form in a trait file where nothing remains.
pub fn import(sources: &[Source<'_>]) -> Result<Imported, Vec<Remark>> {
    let mut remarks = Remarks::default();
    let mut files = read(sources)?;
    let mut originals = namespaces::separate(sources, &mut files);
    generics::instantiate(&mut files, &mut originals, &mut remarks);
    let package = Package::new(&files, originals, &mut remarks);
    protobuf::remarks(&package, &mut remarks);
    let text = write::file(sources, &package, &mut remarks);
    if !remarks.errors.is_empty() {
        return Err(sorted(remarks.errors));
    }
    check(&text)?;
    Ok(Imported {
        text,
        notes: counted(sorted(remarks.notes)),
        left_out: counted(sorted(remarks.left_out)),
    })
}

fn read(sources: &[Source<'_>]) -> Result<Vec<syntax::File>, Vec<Remark>> {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        match lexer::lex(source.text, number).and_then(parse::parse) {
            Ok(file) => files.push(file),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(files)
    } else {
        Err(errors)
    }
}

/// What comes out is what the generator takes in; this is where it would show if it were not.
fn check(text: &str) -> Result<(), Vec<Remark>> {
    let errors = match syn::parse_file(text) {
        Ok(parsed) => file::expand(&parsed).errors,
        Err(error) => vec![error],
    };
    let remark = |error: &syn::Error| Remark {
        file: 0,
        line: 0,
        column: 0,
        length: 0,
        message: format!("the trait file would be wrong: {error}"),
    };
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.iter().map(remark).collect())
    }
}

fn sorted(mut remarks: Vec<Remark>) -> Vec<Remark> {
    remarks.sort_by_key(|remark| (remark.file, remark.line, remark.column));
    remarks.dedup();
    remarks
}

/// How many remarks of one kind are said one by one.
const FEW: usize = 3;

/// Of many remarks that differ in names alone the first, with how many there are of its kind.
fn counted(remarks: Vec<Remark>) -> Vec<Remark> {
    let kind = |remark: &Remark| -> String {
        let parts = remark.message.split('`').step_by(2);
        parts.collect::<Vec<_>>().join("`")
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for remark in &remarks {
        *counts.entry(kind(remark)).or_default() += 1;
    }
    let mut said = BTreeSet::new();
    let kept = remarks.into_iter().filter_map(|mut remark| {
        let kind = kind(&remark);
        let count = counts.get(&kind).copied().unwrap_or_default();
        if count <= FEW {
            return Some(remark);
        }
        let more = format!(" (and {} more of this kind)", count - 1);
        let end = remark.message.find('\n').unwrap_or(remark.message.len());
        remark.message.insert_str(end, &more);
        said.insert(kind).then_some(remark)
    });
    kept.collect()
}

/// A place in the sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    file: usize,
    line: usize,
    column: usize,
    length: usize,
}

impl At {
    fn remark(self, message: impl Into<String>) -> Remark {
        let Self {
            file,
            line,
            column,
            length,
        } = self;
        Remark {
            file,
            line,
            column,
            length,
            message: message.into(),
        }
    }
}

/// What is found on the way.
#[derive(Debug, Default)]
struct Remarks {
    errors: Vec<Remark>,
    notes: Vec<Remark>,
    left_out: Vec<Remark>,
}

impl Remarks {
    /// Something that cannot be imported.
    fn error(&mut self, at: At, message: impl Into<String>) {
        self.errors.push(at.remark(message));
    }

    /// Something that has no form here, and without which the rest can be imported.
    fn leave_out(&mut self, at: At, message: impl Into<String>) {
        self.left_out.push(at.remark(message));
    }

    /// Something that is not quite the same.
    fn note(&mut self, at: At, message: impl Into<String>) {
        self.notes.push(at.remark(message));
    }
}
