//! Constants that are lengths of arrays.

use std::collections::BTreeMap;

use syn::{Expr, ExprLit, File, Item, Lit};

/// The constants of each file that are numbers, by name; none for a name that stands for two numbers.
#[derive(Debug)]
pub(super) struct Lengths(Vec<BTreeMap<String, Option<u64>>>);

impl Lengths {
    pub(super) fn of<'a>(files: impl Iterator<Item = &'a File>) -> Self {
        let files = files.map(|file| {
            let mut found = BTreeMap::new();
            collect(&file.items, &mut found);
            found
        });
        Self(files.collect())
    }

    /// The length that an expression in the file `home` stands for: a number, or the name of a constant of that file or
    /// of the only other one that has it.
    pub(super) fn get(&self, length: &Expr, home: usize) -> Option<u64> {
        match length {
            Expr::Lit(literal) => number(literal),
            Expr::Path(path) if path.qself.is_none() => {
                let name = path.path.segments.last()?.ident.to_string();
                if let Some(own) = self.0.get(home).and_then(|own| own.get(&name)) {
                    return *own;
                }
                let mut others = self.0.iter().filter_map(|file| file.get(&name));
                match (others.next(), others.next()) {
                    (Some(found), None) => *found,
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn collect(items: &[Item], found: &mut BTreeMap<String, Option<u64>>) {
    for item in items {
        match item {
            Item::Const(item) => {
                let value = match &*item.expr {
                    Expr::Lit(literal) => number(literal),
                    _ => None,
                };
                let name = item.ident.to_string();
                let known = found.entry(name).or_insert(value);
                if *known != value {
                    *known = None;
                }
            }
            Item::Mod(module) => {
                let inner = module.content.iter();
                inner.for_each(|(_, items)| collect(items, found));
            }
            _ => {}
        }
    }
}

fn number(literal: &ExprLit) -> Option<u64> {
    match &literal.lit {
        Lit::Int(number) => number.base10_parse().ok(),
        _ => None,
    }
}
