//! Types and error enums.

use syn::ext::IdentExt;
use syn::{Fields, Item, ItemEnum, ItemStruct};

use super::{about, cell, code, paragraph, table};
use crate::document::ErrorDefinition;
use crate::document::collect::Candidate;
use crate::document::serde_rules;
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::message;
use rpcx_codegen::message::model::{Shape, Variants};
use rpcx_codegen::parse::attributes::docs;
use rpcx_codegen::parse::travel::text;

pub(super) fn items(out: &mut String, types: &[Candidate]) {
    let travels = types.iter().filter(|found| travels(found));
    for (index, found) in travels.enumerate() {
        if index == 0 {
            paragraph(out, "# Types");
        }
        paragraph(out, &format!("## {}", found.ident));
        match &found.item {
            Item::Struct(item) => structure(out, item, found),
            Item::Enum(item) => enumeration(out, item, found),
            Item::Type(item) => {
                about(out, &docs(&item.attrs));
                paragraph(out, &format!("Another name for {}.", code(&text(&item.ty))));
            }
            _ => {}
        }
    }
}

fn travels(found: &Candidate) -> bool {
    let attrs = match &found.item {
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Type(_) => return true,
        _ => return false,
    };
    found.message.is_some() || serde_rules::derived(attrs)
}

/// The model of a message. The Rust output found no mistakes in it.
fn shape(found: &Candidate) -> Option<Shape> {
    let options = found.message.clone()?;
    let mut ignored = Diagnostics::new();
    let mut item = found.item.clone();
    let message = message::read(options, &mut item, &mut ignored);
    ignored.finish();
    message.map(|message| message.shape)
}

fn structure(out: &mut String, item: &ItemStruct, found: &Candidate) {
    about(out, &docs(&item.attrs));
    if let (Fields::Unnamed(fields), 1) = (&item.fields, item.fields.len()) {
        let ty = code(&text(&fields.unnamed[0].ty));
        paragraph(out, &format!("Travels as {ty}."));
        return;
    }
    let row = |wire: &str, field: &syn::Field| {
        vec![
            code(wire),
            code(&text(&field.ty)),
            cell(&docs(&field.attrs)),
        ]
    };
    let rows: Vec<_> = match shape(found) {
        Some(Shape::Map(fields)) => fields
            .iter()
            .zip(&item.fields)
            .filter_map(|(field, written)| Some(row(field.wire.as_ref()?, written)))
            .collect(),
        _ => {
            let mut ignored = Diagnostics::new();
            let fields = serde_rules::fields(item, &mut ignored);
            ignored.finish();
            let fields = fields.iter();
            fields.map(|(wire, field)| row(wire, field)).collect()
        }
    };
    table(out, &["field", "type", ""], &rows);
}

fn enumeration(out: &mut String, item: &ItemEnum, found: &Candidate) {
    about(out, &docs(&item.attrs));
    let mut open = None;
    let named: Vec<(String, &syn::Variant)> = match shape(found) {
        Some(Shape::Text(Variants { known, other })) => {
            open = other.map(|other| other.docs);
            let wires = known.into_iter().map(|variant| variant.wire);
            wires.zip(&item.variants).collect()
        }
        Some(Shape::Choice(cases)) => {
            paragraph(out, "Travels as a map with one of these entries.");
            let wires = cases.into_iter().map(|case| case.wire);
            wires.zip(&item.variants).collect()
        }
        Some(Shape::Number(variants)) => return numbered(out, item, &variants),
        Some(_) => return,
        None => {
            let mut ignored = Diagnostics::new();
            let variants = serde_rules::variants(item, &mut ignored);
            ignored.finish();
            variants
        }
    };
    let with_data = named
        .iter()
        .any(|(_, variant)| !matches!(variant.fields, Fields::Unit));
    let mut rows: Vec<_> = named
        .iter()
        .map(|(wire, variant)| {
            let mut row = vec![code(&format!("\"{wire}\""))];
            if with_data {
                row.push(data(&variant.fields));
            }
            row.push(cell(&docs(&variant.attrs)));
            row
        })
        .collect();
    rows.extend(open.map(|docs| vec!["any other text".to_owned(), cell(&docs)]));
    match with_data {
        true => table(out, &["value", "with", ""], &rows),
        false => table(out, &["value", ""], &rows),
    }
}

/// The fields of a variant, as they are written in the file.
fn data(fields: &Fields) -> String {
    let each = fields.iter().map(|field| match &field.ident {
        Some(name) => format!("{}: {}", name.unraw(), text(&field.ty)),
        None => text(&field.ty),
    });
    let each: Vec<String> = each.collect();
    match fields {
        Fields::Unit => String::new(),
        Fields::Unnamed(_) => code(&format!("({})", each.join(", "))),
        Fields::Named(_) => code(&format!("{{ {} }}", each.join(", "))),
    }
}

fn numbered(out: &mut String, item: &ItemEnum, variants: &Variants) {
    let mut next = Some(0_i64);
    let mut rows = Vec::new();
    for variant in item.variants.iter().take(variants.known.len()) {
        let written = variant.discriminant.as_ref().map(|(_, value)| value);
        if let Some(value) = written {
            next = crate::document::number(value);
        }
        let value = match (next, written) {
            (Some(number), _) => number.to_string(),
            (None, Some(value)) => quote::quote!(#value).to_string(),
            (None, None) => "one more".to_owned(),
        };
        let name = variant.ident.unraw().to_string();
        rows.push(vec![code(&value), code(&name), cell(&docs(&variant.attrs))]);
        next = next.and_then(|number| number.checked_add(1));
    }
    if let Some(other) = &variants.other {
        let name = other.ident.unraw().to_string();
        rows.push(vec!["any other".to_owned(), code(&name), cell(&other.docs)]);
    }
    table(out, &["value", "name", ""], &rows);
}

pub(super) fn errors(out: &mut String, errors: &[ErrorDefinition]) {
    for (index, error) in errors.iter().enumerate() {
        if index == 0 {
            paragraph(out, "# Errors");
        }
        paragraph(out, &format!("## {}", error.ident));
        about(out, &error.docs);
        let rows: Vec<_> = error
            .variants
            .iter()
            .map(|variant| {
                let code_of = code(&variant.value.to_string());
                vec![code_of, code(&variant.name), cell(&variant.docs)]
            })
            .collect();
        table(out, &["code", "name", ""], &rows);
    }
}
