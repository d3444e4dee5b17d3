//! Expansions as text. What stands in `reflect!`, and is there where the runtime has the feature `reflection`, is
//! printed as the code that it is.

use syn::{Expr, Item, Stmt};

/// What is done with the code for reflection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reflection {
    /// As the feature does it.
    On,
    /// As it is without.
    Off,
}

/// The file, formatted.
pub(crate) fn unparse(file: &syn::File, reflection: Reflection) -> String {
    let mut file = file.clone();
    for item in &mut file.items {
        self::item(item, reflection);
    }
    prettyplease::unparse(&file)
}

fn item(item: &mut Item, reflection: Reflection) {
    match item {
        Item::Mod(module) => {
            for item in module.content.iter_mut().flat_map(|(_, items)| items) {
                self::item(item, reflection);
            }
        }
        Item::Const(item) => {
            if let Expr::Block(block) = &mut *item.expr {
                let statements = std::mem::take(&mut block.block.stmts);
                let each = statements.into_iter();
                block.block.stmts = each.flat_map(|one| statement(one, reflection)).collect();
            }
        }
        _ => {}
    }
}

fn statement(statement: Stmt, reflection: Reflection) -> Vec<Stmt> {
    let mac = match &statement {
        Stmt::Macro(statement) => &statement.mac,
        Stmt::Item(Item::Macro(item)) => &item.mac,
        _ => return vec![statement],
    };
    if mac.path.segments.last().unwrap().ident != "reflect" {
        return vec![statement];
    }
    match reflection {
        Reflection::Off => Vec::new(),
        Reflection::On => {
            let items = syn::parse2::<syn::File>(mac.tokens.clone()).unwrap().items;
            items.into_iter().map(Stmt::Item).collect()
        }
    }
}
