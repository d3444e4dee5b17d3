//! From the tokens of a type to the type.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, Item, Path, Type};

use super::collect::Candidate;
use super::lengths::Lengths;
use super::scope::{Meaning, Named, Scope, meaning};
use super::{ErrorDefinition, Ty, parameters};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::parse::travel::{bare, generics, is_named, is_unit, last, text};

/// The numbers that travel.
pub(crate) const NUMBERS: [&str; 10] = [
    "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
];

/// Resolves types and remembers which types of the files were used.
pub(super) struct Resolver<'a> {
    pub(super) candidates: &'a [Candidate],
    /// The names of the files, and what their `use` items say.
    files: (&'a [String], &'a [Scope]),
    pub(super) lengths: &'a Lengths,
    /// The file whose types are resolved.
    pub(super) home: usize,
    /// By the position of the candidate.
    pub(super) used: Vec<bool>,
    /// The type whose fields are resolved, for `Self`.
    pub(super) this: Option<String>,
    /// Takes types without a form in other languages as they are written.
    pub(super) foreign: bool,
    /// How many aliases are looked through, because they may lead to each other.
    aliases: usize,
}

/// Whether bytes and times have the form that Go has for them: everywhere but in the fields of types with serde's
/// own derives and in `#[rpcx(plain)]` fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Yes,
    No,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        candidates: &'a [Candidate],
        files: (&'a [String], &'a [Scope]),
        lengths: &'a Lengths,
        foreign: bool,
    ) -> Self {
        Self {
            candidates,
            files,
            lengths,
            home: 0,
            used: vec![false; candidates.len()],
            this: None,
            foreign,
            aliases: 0,
        }
    }

    /// What a type of a file means there.
    fn meaning(&self, ty: &Type, home: usize) -> Meaning {
        match bare(ty) {
            Type::Path(path) if path.qself.is_none() => self.meaning_of(&path.path, home),
            _ => Meaning::Unknown,
        }
    }

    fn meaning_of(&self, path: &Path, home: usize) -> Meaning {
        let all = self.candidates.iter();
        let all: Vec<Named<'_>> = all
            .map(|one| Named {
                ident: &one.ident,
                home: one.home,
            })
            .collect();
        meaning(path, home, self.files, &all)
    }

    /// The type of the files that a type in one of them means.
    pub(super) fn found(&self, ty: &Type, home: usize) -> Option<&'a Candidate> {
        match self.meaning(ty, home) {
            Meaning::One(index) => self.candidates.get(index),
            _ => None,
        }
    }

    /// The alias of the files that a type in one of them names without a doubt: by its name alone, or with that of its
    /// file. Behind any other path, as in `type Result<T> = rpcx::Result<T>`, may be something else.
    pub(super) fn alias(&self, ty: &Type, home: usize) -> Option<usize> {
        let Type::Path(path) = bare(ty) else {
            return None;
        };
        let mut segments = path.path.segments.iter();
        let is_name =
            |segment: &syn::PathSegment| self.files.0.iter().any(|name| segment.ident == name);
        if segments.len() > 1 && !segments.any(is_name) {
            return None;
        }
        match self.meaning(ty, home) {
            Meaning::One(index) => {
                matches!(self.candidates[index].item, Item::Type(_)).then_some(index)
            }
            _ => None,
        }
    }

    /// The error enum that a type in a file means.
    pub(super) fn error<'b>(
        &self,
        ty: &Type,
        home: usize,
        errors: &'b [ErrorDefinition],
    ) -> Option<&'b ErrorDefinition> {
        let Type::Path(path) = bare(ty) else {
            return None;
        };
        let all = errors.iter();
        let all: Vec<Named<'_>> = all
            .map(|one| Named {
                ident: &one.ident,
                home: one.home,
            })
            .collect();
        match meaning(&path.path, home, self.files, &all) {
            Meaning::One(index) => errors.get(index),
            _ => None,
        }
    }

    /// The type, or `None` if it was reported.
    pub(super) fn resolve(&mut self, ty: &Type, seen: Seen, out: &mut Diagnostics) -> Option<Ty> {
        if !self.foreign {
            return self.portable(ty, seen, out);
        }
        let mut own = Diagnostics::new();
        let found = self.portable(ty, seen, &mut own);
        match own.finish().is_empty() {
            true => found,
            false => Some(self.as_written(ty)),
        }
    }

    /// A type that is not looked into, but those of the files that it names are used.
    pub(super) fn as_written(&mut self, ty: &Type) -> Ty {
        self.mark(ty.to_token_stream());
        Ty::Foreign(text(ty))
    }

    /// The types of the files that stand among these tokens are used.
    pub(super) fn mark(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.mark(group.stream()),
                TokenTree::Ident(ident) => {
                    if let Meaning::One(index) = self.meaning_of(&ident.into(), self.home) {
                        self.used[index] = true;
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// A type with a form in other languages.
    fn portable(&mut self, ty: &Type, seen: Seen, out: &mut Diagnostics) -> Option<Ty> {
        match bare(ty) {
            unit if is_unit(unit) => Some(Ty::Unit),
            Type::Reference(reference) => self.resolve(&reference.elem, seen, out),
            Type::Slice(slice) if is_named(&slice.elem, "u8") => formed(Ty::Bytes, ty, seen, out),
            Type::Slice(slice) => Some(Ty::List(self.resolve(&slice.elem, seen, out)?.into())),
            Type::Array(array) => self.array(ty, array, seen, out),
            Type::Path(_) => self.path(ty, seen, out),
            Type::Tuple(_) => refused(
                ty,
                "a tuple has no form in other languages: its parts have no names\nhelp: write a struct with `#[rpcx::message]`",
                out,
            ),
            _ => refused(
                ty,
                &format!("the type `{}` has no form in other languages", text(ty)),
                out,
            ),
        }
    }

    fn array(
        &mut self,
        ty: &Type,
        array: &syn::TypeArray,
        seen: Seen,
        out: &mut Diagnostics,
    ) -> Option<Ty> {
        let Some(length) = self.lengths.get(&array.len, self.home) else {
            let text = "the length of an array must be a number here, or a constant of these files that is one\nhelp: write the number, or use `Vec`";
            out.at(&array.len, text);
            return None;
        };
        if is_named(&array.elem, "u8") {
            return formed(Ty::ByteArray(length), ty, seen, out);
        }
        let element = self.resolve(&array.elem, seen, out)?;
        Some(Ty::Array(element.into(), length))
    }

    fn path(&mut self, ty: &Type, seen: Seen, out: &mut Diagnostics) -> Option<Ty> {
        let Some(segment) = last(ty) else {
            return refused(
                ty,
                &format!("the type `{}` has no form in other languages", text(ty)),
                out,
            );
        };
        if segment.ident == "Self"
            && let Some(this) = &self.this
        {
            return Some(Ty::Named(this.clone()));
        }
        match self.meaning(ty, self.home) {
            Meaning::One(index) => return self.own(index, ty, seen, out),
            Meaning::Unclear(all) => return refused(ty, &self.unclear(&all), out),
            Meaning::Unknown => {}
        }
        let name = segment.ident.to_string();
        let parameters: Vec<&Type> = generics(segment).collect();
        match (&*name, &parameters[..]) {
            ("bool", []) => Some(Ty::Bool),
            ("str" | "String" | "Text", []) => Some(Ty::Text),
            ("Timestamp", []) => Some(Ty::Time),
            ("SystemTime", []) => formed(Ty::Time, ty, seen, out),
            ("Duration", []) => formed(Ty::Duration, ty, seen, out),
            ("Bytes", []) => formed(Ty::Bytes, ty, seen, out),
            ("Vec" | "VecDeque", [inner]) if is_named(inner, "u8") => {
                formed(Ty::Bytes, ty, seen, out)
            }
            ("Vec" | "VecDeque" | "LinkedList" | "BTreeSet", [inner])
            | ("HashSet", [inner, ..]) => Some(Ty::List(self.resolve(inner, seen, out)?.into())),
            ("Option", [inner]) => Some(Ty::Option(self.resolve(inner, seen, out)?.into())),
            ("Box" | "Cow" | "Arc" | "Rc", [inner]) => self.resolve(inner, seen, out),
            ("HashMap" | "BTreeMap", [key, value, ..]) => self.map(key, value, seen, out),
            ("i128" | "u128", []) => refused(
                ty,
                &format!(
                    "`{name}` has no form in other languages, whose integers have at most 64 bits\nhelp: use `i64` or `u64`, or send it as text"
                ),
                out,
            ),
            ("char", []) => refused(
                ty,
                "`char` has no form in other languages\nhelp: use `String`",
                out,
            ),
            (name, []) if NUMBERS.contains(&name) => NUMBERS
                .into_iter()
                .find(|known| *known == name)
                .map(Ty::Number),
            ("Value", []) if self.is_value(ty) => Some(Ty::Any),
            _ => self.unknown(ty, &name, out),
        }
    }

    /// Whether a type that is called `Value` is that of rpcx.
    fn is_value(&self, ty: &Type) -> bool {
        let Type::Path(path) = bare(ty) else {
            return false;
        };
        let mut before = path.path.segments.iter().rev().skip(1);
        match before.next() {
            Some(module) => module.ident == "rpcx" || module.ident == "codec",
            None => {
                let scope = self.files.1.get(self.home);
                scope.is_some_and(|scope| scope.comes_from("Value", &["rpcx", "codec"]))
            }
        }
    }

    fn unknown(&self, ty: &Type, name: &str, out: &mut Diagnostics) -> Option<Ty> {
        let (place, among) = match self.is_alone() {
            true => (
                "this file",
                "this file, of a file that the build script names beside it, or of ",
            ),
            false => ("these files", "one of these files or of "),
        };
        let text = format!(
            "the type `{name}` is not defined in {place}\nhelp: for output in other languages a type must be of {among}the standard library"
        );
        refused(ty, &text, out)
    }

    /// Whether there is one file.
    pub(super) fn is_alone(&self) -> bool {
        self.files.0.len() == 1
    }

    fn unclear(&self, all: &[usize]) -> String {
        let ident = &self.candidates[all[0]].ident;
        let files = all.iter().map(|index| {
            let name = &self.files.0[self.candidates[*index].home];
            format!("`{name}`")
        });
        let files: Vec<String> = files.collect();
        let first = &self.files.0[self.candidates[all[0]].home];
        format!(
            "`{ident}` is a type of several files: {}\nhelp: say which one with `use super::{first}::{ident};`, or write `{first}::{ident}`",
            files.join(", ")
        )
    }

    /// A type of the files.
    fn own(&mut self, index: usize, ty: &Type, seen: Seen, out: &mut Diagnostics) -> Option<Ty> {
        let segment = last(ty)?;
        let candidates = self.candidates;
        if let Item::Type(alias) = &candidates[index].item
            && parameters::has(&alias.generics)
        {
            let filled = super::aliases::filled(alias, segment)?;
            return self.inlined(index, (ty, &filled), seen, out);
        }
        if parameters::given(&segment.arguments) {
            let text = format!(
                "the generic type `{}` has no form in other languages\nhelp: write a struct for each use",
                segment.ident
            );
            return refused(ty, &text, out);
        }
        // what an alias stands for has the form of the place that names it
        if let (Seen::No, Item::Type(alias)) = (seen, &candidates[index].item)
            && self.aliases < candidates.len()
        {
            self.aliases += 1;
            let home = std::mem::replace(&mut self.home, candidates[index].home);
            let mut own = Diagnostics::new();
            let found = self.resolve(&alias.ty, seen, &mut own);
            (self.home, self.aliases) = (home, self.aliases - 1);
            for error in own.finish() {
                // what stands in another file has no place in this one
                match candidates[index].home == home {
                    true => out.syntax(error),
                    false => out.at(ty, error.to_string()),
                }
            }
            found?;
        }
        self.used[index] = true;
        Some(Ty::Named(candidates[index].id.clone()))
    }

    /// What stands for an alias with parameters, with what is given for them.
    fn inlined(
        &mut self,
        index: usize,
        (ty, filled): (&Type, &Type),
        seen: Seen,
        out: &mut Diagnostics,
    ) -> Option<Ty> {
        if self.aliases >= self.candidates.len() {
            return None;
        }
        self.aliases += 1;
        let mut own = Diagnostics::new();
        let found = self.resolve(filled, seen, &mut own);
        self.aliases -= 1;
        for error in own.finish() {
            match self.candidates[index].home == self.home {
                true => out.syntax(error),
                false => out.at(ty, error.to_string()),
            }
        }
        found
    }

    /// Whether a type of the files travels as a map.
    fn is_map(&self, id: &str) -> bool {
        let found = self.candidates.iter().find(|found| found.id == *id);
        found.is_some_and(|found| match &found.item {
            Item::Struct(item) => matches!(item.fields, Fields::Named(_)),
            Item::Enum(item) => {
                let mut variants = item.variants.iter();
                variants.any(|variant| !matches!(variant.fields, Fields::Unit))
            }
            _ => false,
        })
    }

    fn map(&mut self, key: &Type, value: &Type, seen: Seen, out: &mut Diagnostics) -> Option<Ty> {
        let resolved = self.resolve(key, Seen::No, out);
        let value = self.resolve(value, seen, out);
        let key_fits = match &resolved {
            Some(Ty::Number(name)) => !name.starts_with('f'),
            Some(Ty::Named(name)) => !self.is_map(name),
            Some(Ty::Text) | None => true,
            Some(_) => false,
        };
        if !key_fits {
            let text = format!(
                "`{}` cannot be the key of a map\nhelp: use a string or an integer",
                text(key)
            );
            return refused(key, &text, out);
        }
        Some(Ty::Map(resolved?.into(), value?.into()))
    }
}

fn refused(at: &Type, message: &str, out: &mut Diagnostics) -> Option<Ty> {
    out.at(at, message);
    None
}

/// Bytes and times, if they travel in the form that Go has for them.
fn formed(ty: Ty, at: &Type, seen: Seen, out: &mut Diagnostics) -> Option<Ty> {
    if seen == Seen::Yes {
        return Some(ty);
    }
    let shown = text(at);
    out.at(
        at,
        format!(
            "`{shown}` travels in serde's form here, which other languages do not read\n\
             help: use it directly as an argument, a reply, or a field of a `#[rpcx::message]`"
        ),
    );
    None
}
