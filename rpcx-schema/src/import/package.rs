//! All given files together, and what names stand for in them.

use std::collections::BTreeMap;

use super::Remarks;
use super::namespaces::Originals;
use super::syntax::{Constant, File, Type, TypeDecl, TypeKind};

/// Names that lead to each other further than this are not followed.
const DEPTH: usize = 30;

/// What the files declare.
pub(super) struct Package<'a> {
    pub(super) files: &'a [File],
    /// In the order of the files.
    pub(super) types: Vec<&'a TypeDecl>,
    pub(super) constants: Vec<&'a Constant>,
    by_name: BTreeMap<&'a str, &'a TypeDecl>,
    /// What types are called in Go.
    pub(super) originals: Originals,
}

impl<'a> Package<'a> {
    pub(super) fn new(files: &'a [File], originals: Originals, remarks: &mut Remarks) -> Self {
        let mut package = Self {
            files,
            types: files.iter().flat_map(|file| &file.types).collect(),
            constants: files.iter().flat_map(|file| &file.constants).collect(),
            by_name: BTreeMap::new(),
            originals,
        };
        for found in &package.types {
            if package.by_name.insert(&found.name, found).is_some() {
                let text = format!("there are two types with the name `{}`", found.name);
                remarks.error(found.at, text);
            }
        }
        package
    }

    /// The type of the files that `name` stands for. With a package it is a type of one that is not given: those
    /// of the others have lost theirs.
    pub(super) fn find(&self, package: Option<&str>, name: &str) -> Option<&'a TypeDecl> {
        match package {
            None => self.by_name.get(name).copied(),
            Some(_) => None,
        }
    }

    /// The path of the package that a file calls `name`.
    pub(super) fn import(&self, file: usize, name: &str) -> Option<&'a str> {
        let imports = &self.files.get(file)?.imports;
        let found = imports.iter().find(|(own, _)| own == name);
        found.map(|(_, path)| path.as_str())
    }

    /// `ty` without the names that stand for it.
    pub(super) fn underlying<'b>(&self, ty: &'b Type) -> &'b Type
    where
        'a: 'b,
    {
        let mut ty = ty;
        for _ in 0..DEPTH {
            let TypeKind::Named { package, name, .. } = &ty.kind else {
                break;
            };
            match self.find(package.as_deref(), name) {
                Some(found) => ty = &found.ty,
                None => break,
            }
        }
        ty
    }

    /// Whether a type that is no struct is recursive, as in `type Tree map[string]Tree`.
    pub(super) fn is_recursive(&self, decl: &TypeDecl) -> bool {
        let (mut reached, mut next) = (Vec::new(), 0);
        self.named_in(&decl.ty, &mut reached);
        while let Some(found) = reached.get(next).copied() {
            if std::ptr::eq(found, decl) {
                return true;
            }
            next += 1;
            self.named_in(&found.ty, &mut reached);
        }
        false
    }

    /// Adds the types that one which is no struct is made of, as far as they are not there.
    fn named_in(&self, ty: &Type, reached: &mut Vec<&'a TypeDecl>) {
        match &ty.kind {
            TypeKind::Pointer(inner) | TypeKind::Slice(inner) | TypeKind::Array(_, inner) => {
                self.named_in(inner, reached);
            }
            TypeKind::Map(key, value) => {
                self.named_in(key, reached);
                self.named_in(value, reached);
            }
            TypeKind::Named { package, name, .. } => {
                let found = self.find(package.as_deref(), name);
                let is_new =
                    |found: &&TypeDecl| !reached.iter().any(|one| std::ptr::eq(*one, *found));
                reached.extend(found.filter(is_new));
            }
            _ => {}
        }
    }

    /// Whether `ty` is `path.name` of another package.
    pub(super) fn is_foreign(&self, ty: &Type, path: &str, wanted: &str) -> bool {
        match &ty.kind {
            TypeKind::Named {
                package: Some(package),
                name,
                ..
            } => name == wanted && self.import(ty.at.file, package) == Some(path),
            _ => false,
        }
    }
}
