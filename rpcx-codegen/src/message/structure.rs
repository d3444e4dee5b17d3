//! From a struct to its model.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Fields, GenericParam, ItemStruct, Member, Path, Type};

use super::container::{self, Options};
use super::direct::{form_of_field, plain_form};
use super::form::names_any;
use super::keys::asked;
use super::model::{Field, Message, Missing, Said, Shape};
use super::this::named;
use crate::diagnostics::Diagnostics;
use crate::parse::attributes::{self, Given, Kind, Known};
use crate::parse::names::Case;
use crate::parse::travel::{Place, check, check_options, is_exactly};

const FIELD: Known = Known {
    place: "a field",
    options: &[
        ("name", Kind::Text),
        ("default", Kind::OptionalText),
        ("skip", Kind::Flag),
        ("bytes", Kind::Flag),
        ("plain", Kind::Flag),
    ],
    repeatable: None,
};

/// The model of `item`, whose `#[rpcx(..)]` attributes are taken out.
pub(super) fn message(
    attr: TokenStream,
    item: &mut ItemStruct,
    diagnostics: &mut Diagnostics,
) -> Message {
    let mut options = container::of_struct(attr, &mut item.attrs, diagnostics);
    options.this = item.generics.params.is_empty().then(|| item.ident.clone());
    let tuple = matches!(item.fields, Fields::Unnamed(_));
    if tuple && item.fields.len() != 1 {
        let help = "name the fields: their names are the names on the wire";
        let text = format!(
            "a message of unnamed fields can have one field, not {}",
            item.fields.len()
        );
        diagnostics.at(&item.fields, format!("{text}\nhelp: {help}"));
    }
    let parameters: Vec<&Ident> = item
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let members: Vec<Member> = item.fields.members().collect();
    let mut fields: Vec<Field> = item
        .fields
        .iter_mut()
        .zip(members)
        .map(|(field, member)| self::field(field, member, &options, &parameters, diagnostics))
        .collect();
    let shape = match fields.len() {
        1 if tuple => Shape::Newtype(Box::new(fields.remove(0))),
        _ => Shape::Map(fields),
    };
    if let Shape::Map(fields) = &shape {
        unique(fields, diagnostics);
    }
    Message {
        ident: item.ident.clone(),
        docs: attributes::docs(&item.attrs),
        generics: item.generics.clone(),
        facade: options.facade,
        shape,
    }
}

pub(super) fn field(
    field: &mut syn::Field,
    member: Member,
    options: &Options,
    parameters: &[&Ident],
    diagnostics: &mut Diagnostics,
) -> Field {
    let given = attributes::take(&mut field.attrs, &FIELD, diagnostics);
    container::foreign(&mut field.attrs, diagnostics);
    conditional(&field.attrs, diagnostics);
    let has = |name: &str| given.iter().find(|option| option.name == name);
    let skipped = has("skip").is_some();
    if let (true, Some(name)) = (skipped, has("name")) {
        diagnostics.at(
            &name.name,
            "a skipped field has no name on the wire\nhelp: remove `name` or `skip`",
        );
    }
    let before = diagnostics.count();
    if !skipped {
        check(&field.ty, Place::Field, diagnostics);
        not_for_ever(&field.ty, diagnostics);
        check_options(&field.ty, diagnostics);
    }
    let refused = diagnostics.count() > before;
    // what rustc would say about it in addition
    let skipped = skipped || refused;
    let wire = (!skipped).then(|| wire_name(&member, has("name"), options, diagnostics));
    let missing = match has("default") {
        _ if refused => Missing::Refused,
        None if skipped => Missing::Default,
        None => Missing::Zero,
        Some(option) => default(option, diagnostics),
    };
    let said = match (has("bytes"), has("plain")) {
        (Some(_), None) => Said::Bytes,
        (None, None) => Said::Nothing,
        (None, Some(_)) => Said::Plain,
        (Some(bytes), Some(_)) => {
            diagnostics.at(
                &bytes.name,
                "`bytes` and `plain` exclude each other\nhelp: remove one",
            );
            Said::Plain
        }
    };
    let form = match said {
        _ if skipped => None,
        Said::Nothing => form_of_field(&field.ty, parameters, options.this.as_ref()),
        Said::Bytes => Some(quote!(__rpcx::codec::Bytes)),
        Said::Plain => plain_form(&field.ty, parameters),
    };
    let asks = !skipped && said == Said::Nothing;
    let open = !skipped && form.is_none() && is_open(&field.ty, parameters);
    Field {
        member,
        docs: attributes::docs(&field.attrs),
        wire,
        ty: field.ty.clone(),
        form,
        open,
        keys: asks.then(|| keys(&field.ty, parameters, options)).flatten(),
        said,
        missing,
    }
}

/// Whether a type with parameters of the message in it. A parameter by itself has serde's traits as its bounds.
fn is_open(ty: &Type, parameters: &[&Ident]) -> bool {
    let alone = parameters
        .iter()
        .any(|parameter| is_exactly(ty, &parameter.to_string()));
    !alone && names_any(ty.to_token_stream(), parameters)
}

/// What is asked whether its maps have keys that cannot travel.
fn keys(ty: &Type, parameters: &[&Ident], options: &Options) -> Option<TokenStream> {
    match &options.this {
        Some(this) => asked(&named(ty, this), parameters),
        None => asked(ty, parameters),
    }
}

fn wire_name(
    member: &Member,
    given: Option<&Given>,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> String {
    if let Some(text) = given.and_then(Given::text) {
        if text.value().is_empty() {
            diagnostics.at(
                text,
                "a name on the wire cannot be empty\nhelp: write the name Go uses",
            );
        }
        return text.value();
    }
    let Member::Named(ident) = member else {
        return String::new();
    };
    let wire = options.case.unwrap_or(Case::Pascal).apply(ident);
    if wire.is_empty() {
        let message = format!(
            "`{ident}` has no letters to make a name of\nhelp: name it with `#[rpcx(name = \"..\")]`"
        );
        diagnostics.at(ident, message);
    }
    wire
}

fn default(option: &Given, diagnostics: &mut Diagnostics) -> Missing {
    let Some(text) = option.text() else {
        return Missing::Default;
    };
    match text.parse::<Path>() {
        Ok(path) => Missing::Call(path),
        Err(_) => {
            let help = "write the path of a function: `default = \"path::to::function\"`";
            diagnostics.at(text, format!("this is not a path\nhelp: {help}"));
            Missing::Default
        }
    }
}

/// The macro sees fields that the compiler leaves out later, and the code it writes would name them.
fn conditional(attrs: &[Attribute], diagnostics: &mut Diagnostics) {
    for attr in attrs {
        if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            diagnostics.at(
                attr,
                "a field of an rpcx message cannot be conditional: all peers see the same message\nhelp: put the condition on the struct and write it twice, or make the field an `Option`",
            );
        }
    }
}

/// What is read lives as long as the payload.
fn not_for_ever(ty: &Type, diagnostics: &mut Diagnostics) {
    if refers_for_ever(ty.to_token_stream()) {
        diagnostics.at(
            ty,
            "a reference that lives for ever cannot be read\n             help: use an owned type such as `String` or `Cow<'static, str>`, or `&'a str` with a lifetime of the message",
        );
    }
}

/// Whether `&'static` is among the tokens.
fn refers_for_ever(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mark = |token: &TokenTree, wanted| matches!(token, TokenTree::Punct(mark) if mark.as_char() == wanted);
    let here = tokens.windows(3).any(|next| {
        mark(&next[0], '&')
            && mark(&next[1], '\'')
            && matches!(&next[2], TokenTree::Ident(name) if name == "static")
    });
    here || tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => refers_for_ever(group.stream()),
        _ => false,
    })
}

pub(super) fn unique(fields: &[Field], diagnostics: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for field in fields {
        let Some(wire) = field.wire.as_deref().filter(|wire| !wire.is_empty()) else {
            continue;
        };
        let Member::Named(ident) = &field.member else {
            continue;
        };
        if let Some(first) = seen.insert(wire, ident) {
            let message = format!(
                "two fields have the name `{wire}` on the wire: `{first}` and `{ident}`\nhelp: give one of them another name with `#[rpcx(name = \"..\")]`"
            );
            diagnostics.at(ident, message);
        }
    }
}
