//! Which type a name means, where several files are one interface.

use std::collections::BTreeMap;

use proc_macro2::Ident;
use syn::{File, Item, Path, UseTree};

/// Names that mean a type of Rust unless a file or one of its `use` items says otherwise.
const STANDARD: [&str; 28] = [
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "Box",
    "Bytes",
    "Cow",
    "Duration",
    "HashMap",
    "HashSet",
    "LinkedList",
    "Option",
    "Rc",
    "Result",
    "String",
    "SystemTime",
    "Timestamp",
    "Vec",
    "VecDeque",
    "bool",
    "char",
    "f32",
    "f64",
    "i64",
    "i32",
    "str",
    "u32",
    "u64",
    "u8",
];

/// What the `use` items of a file say.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// By the name that the file uses: the modules in front of it, and its own name.
    uses: BTreeMap<String, (Vec<String>, String)>,
    /// The modules of which everything is used.
    all_of: Vec<Vec<String>>,
}

impl Scope {
    pub(super) fn of(file: &File) -> Self {
        let mut scope = Self::default();
        scope.items(&file.items);
        scope
    }

    /// Whether a name is used from one of these modules.
    pub(super) fn comes_from(&self, name: &str, modules: &[&str]) -> bool {
        let module = |path: &[String]| path.last().is_some_and(|last| modules.contains(&&**last));
        self.uses
            .get(name)
            .is_some_and(|(path, own)| own == name && module(path))
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) => self.tree(&item.tree, &mut Vec::new()),
                Item::Mod(module) => {
                    if let Some((_, inner)) = &module.content {
                        self.items(inner);
                    }
                }
                _ => {}
            }
        }
    }

    fn tree(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.uses.insert(name.clone(), (before.clone(), name));
            }
            UseTree::Rename(pair) => {
                let name = pair.ident.to_string();
                self.uses
                    .insert(pair.rename.to_string(), (before.clone(), name));
            }
            UseTree::Glob(_) => self.all_of.push(before.clone()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, before);
                }
            }
        }
    }
}

/// Something that files define.
pub(super) struct Named<'a> {
    pub(super) ident: &'a Ident,
    /// The file that it stands in.
    pub(super) home: usize,
}

/// What a name means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The position among what the files define.
    One(usize),
    /// Several files define it, and nothing says which is meant.
    Unclear(Vec<usize>),
    Unknown,
}

/// Finds what a path in the file `home` means.
pub(super) fn meaning(
    path: &Path,
    home: usize,
    (names, scopes): (&[String], &[Scope]),
    all: &[Named<'_>],
) -> Meaning {
    let mut segments: Vec<String> = path
        .segments
        .iter()
        .map(|one| one.ident.to_string())
        .collect();
    let Some(last) = segments.pop() else {
        return Meaning::Unknown;
    };
    let place = |file: usize, name: &str| {
        let mut found = all.iter();
        found.position(|one| one.home == file && one.ident == name)
    };
    let file_of = |modules: &[String]| {
        let mut modules = modules.iter().rev();
        modules.find_map(|module| names.iter().position(|name| name == module))
    };
    // `types::User`, where `types` is one of the files
    if let Some(found) = file_of(&segments).and_then(|file| place(file, &last)) {
        return Meaning::One(found);
    }
    if let Some(own) = place(home, &last) {
        return Meaning::One(own);
    }
    let inside = |modules: &[String]| {
        let first = modules.first().map(String::as_str);
        matches!(first, None | Some("crate" | "super" | "self")) || file_of(modules).is_some()
    };
    let scope = scopes.get(home);
    let used = scope
        .and_then(|scope| scope.uses.get(&last))
        .filter(|_| segments.is_empty());
    let (modules, name) = match used {
        Some((modules, name)) => (modules, name),
        None => (&segments, &last),
    };
    if !inside(modules) || (used.is_none() && segments.is_empty() && STANDARD.contains(&&**name)) {
        return Meaning::Unknown;
    }
    if let Some(found) = file_of(modules).and_then(|file| place(file, name)) {
        return Meaning::One(found);
    }
    let same = |(index, one): (usize, &Named<'_>)| (one.ident == name).then_some(index);
    let everywhere: Vec<usize> = all.iter().enumerate().filter_map(same).collect();
    if let [only] = everywhere[..] {
        return Meaning::One(only);
    }
    let globs = scope.into_iter().flat_map(|scope| &scope.all_of);
    let globs: Vec<usize> = globs.filter_map(|modules| file_of(modules)).collect();
    let mut of_globs = everywhere
        .iter()
        .filter(|index| globs.contains(&all[**index].home));
    match (of_globs.next(), of_globs.next()) {
        (Some(only), None) => Meaning::One(*only),
        _ if everywhere.is_empty() => Meaning::Unknown,
        _ => Meaning::Unclear(everywhere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `path` means in a file of these contents, beside the files `types` and `other`.
    fn means(own: &str, path: &str) -> String {
        let file = syn::parse_file(own).unwrap();
        let names = ["own", "types", "other"].map(str::to_owned);
        let scopes = [Scope::of(&file), Scope::default(), Scope::default()];
        let idents: Vec<(usize, Ident)> = [
            (0, "Own"),
            (1, "User"),
            (1, "Both"),
            (1, "Duration"),
            (2, "Both"),
            (2, "Own"),
        ]
        .map(|(home, name)| (home, Ident::new(name, proc_macro2::Span::call_site())))
        .to_vec();
        let all: Vec<Named<'_>> = idents
            .iter()
            .map(|(home, ident)| Named { ident, home: *home })
            .collect();
        let path = syn::parse_str(path).unwrap();
        match meaning(&path, 0, (&names, &scopes), &all) {
            Meaning::One(index) => format!("{}::{}", names[all[index].home], all[index].ident),
            Meaning::Unclear(_) => "unclear".to_owned(),
            Meaning::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn names_mean_what_files_and_their_uses_say() {
        for (own, path, meant) in [
            ("", "Own", "own::Own"),
            ("", "other::Own", "other::Own"),
            ("", "User", "types::User"),
            ("", "super::User", "types::User"),
            ("", "crate::api::types::User", "types::User"),
            ("", "elsewhere::User", "unknown"),
            ("use elsewhere::User;", "User", "unknown"),
            ("use super::types::User as Person;", "Person", "types::User"),
            ("", "Both", "unclear"),
            ("use super::other::*;", "Both", "other::Both"),
            ("use crate::{types::{Both, User}};", "Both", "types::Both"),
            ("", "types::Both", "types::Both"),
            ("", "Duration", "unknown"),
            ("use std::time::Duration;", "Duration", "unknown"),
            ("use super::types::Duration;", "Duration", "types::Duration"),
            ("", "Missing", "unknown"),
        ] {
            assert_eq!(means(own, path), meant, "`{path}` with `{own}`");
        }
    }
}
