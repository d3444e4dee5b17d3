//! Every name that generated code introduces, and which of them a service cannot use itself.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::Visibility;
use syn::ext::IdentExt;

use crate::diagnostics::Diagnostics;
use crate::model::{Method, Service};
use crate::parse::names::Case;

/// The functions of every generated client, which no method of a service can have the name of.
pub const RESERVED: [&str; 4] = ["new", "channel", "with_path", "layer"];

/// Names of items, parameters and variables of generated code. They begin with two underscores, so that no
/// static, constant or variant that happens to be in scope is taken for them.
const GENERATED: [&str; 45] = [
    "__A",
    "__D",
    "__E",
    "__INFO",
    "__N",
    "__Numbers",
    "__S",
    "__T",
    "__a",
    "__at",
    "__channel",
    "__context",
    "__de",
    "__describe",
    "__deserializer",
    "__error",
    "__f",
    "__fields",
    "__first",
    "__future",
    "__key",
    "__layer",
    "__layout",
    "__map",
    "__method",
    "__methods",
    "__name",
    "__number",
    "__out",
    "__path",
    "__place",
    "__prefix",
    "__read",
    "__reader",
    "__request",
    "__rpcx",
    "__schemas",
    "__scratch",
    "__serializer",
    "__service",
    "__slot",
    "__text",
    "__texts",
    "__value",
    "__waiting",
];

/// Reports the names in a user's item that mean something else in the code generated for it.
pub fn generated_in(tokens: TokenStream, diagnostics: &mut Diagnostics) {
    for name in doubly_underscored(tokens) {
        let text = name.to_string();
        let slot = text.strip_prefix("__field");
        let slot = slot.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        if slot
            || text.starts_with("__Form_")
            || text.starts_with("__dyn_")
            || GENERATED.contains(&&*text)
        {
            let text =
                format!("generated code uses the name `{name}` itself\nhelp: choose another name");
            diagnostics.at(name, text);
        }
    }
}

fn doubly_underscored(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) if name.to_string().starts_with("__") => found.push(name),
            TokenTree::Group(group) => found.extend(doubly_underscored(group.stream())),
            _ => {}
        }
    }
    found
}

/// The names of one service.
#[derive(Debug)]
pub(crate) struct Names {
    /// `Arith`
    pub(crate) service: Ident,
    /// `ArithClient`
    pub(crate) client: Ident,
    /// `ArithServer`
    pub(crate) server: Ident,
    /// `ArithDyn`
    pub(crate) dynamic: Ident,
    /// `__Mul`, in the order of the methods.
    pub(crate) markers: Vec<Ident>,
    /// The visibility of the trait, which the other names take over.
    pub(crate) vis: Visibility,
    /// `::rpcx::__private`
    pub(crate) private: TokenStream,
    /// Lints that generated code cannot keep everywhere: they concern what the user named.
    pub(crate) allow: TokenStream,
}

impl Names {
    /// The names for `service`.
    pub(crate) fn of(service: &Service) -> Self {
        let ident = service.item.ident.unraw();
        let facade = &service.facade;
        let at = service.item.ident.span();
        Self {
            client: format_ident!("{ident}Client", span = at),
            server: format_ident!("{ident}Server", span = at),
            dynamic: format_ident!("{ident}Dyn", span = at),
            markers: markers(service),
            vis: service.item.vis.clone(),
            private: quote!(#facade::__private),
            allow: quote!(#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)] #[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]),
            service: service.item.ident.clone(),
        }
    }

    /// Methods with their markers and their numbers.
    pub(crate) fn each<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = (u32, &'a Method, &'a Ident)> {
        let numbered = (0u32..).zip(&service.methods);
        numbered
            .zip(&self.markers)
            .map(|((id, method), marker)| (id, method, marker))
    }
}

/// Two underscores keep a marker from shadowing a type of the user, such as `User` for `user`; `__User` too
/// may be one.
fn markers(service: &Service) -> Vec<Ident> {
    let of_the_user = doubly_underscored(service.item.to_token_stream());
    let mut made: Vec<(String, &Ident)> = Vec::new();
    for method in &service.methods {
        let mut name = format!("__{}", Case::Pascal.apply(&method.ident));
        while GENERATED.contains(&&*name)
            || of_the_user.iter().any(|other| *other == name)
            || made
                .iter()
                .any(|(other, ident)| *other == name && **ident != method.ident)
        {
            name.push('_');
        }
        made.push((name, &method.ident));
    }
    made.into_iter()
        .map(|(name, _)| Ident::new(&name, Span::call_site()))
        .collect()
}

/// What the name that a method wants for the struct of its arguments already stands for.
pub(crate) fn struct_taken(service: &Service, index: usize) -> Option<String> {
    let (earlier, method) = (&service.methods[..index], &service.methods[index]);
    let name = method.args_name.as_ref()?;
    let names = Names::of(service);
    let own = [&names.service, &names.client, &names.server, &names.dynamic];
    let other = earlier
        .iter()
        .find(|other| other.args_name.as_ref() == Some(name) && !exclusive(method, other));
    match other {
        Some(other) => Some(format!("the arguments of `{}`", other.ident)),
        None if own.contains(&name) => Some(format!("a part of the service `{}`", names.service)),
        None => None,
    }
}

/// Whether two methods are one method under two conditions that exclude each other.
pub(crate) fn exclusive(one: &Method, other: &Method) -> bool {
    one.ident == other.ident && !one.cfgs.is_empty() && !other.cfgs.is_empty()
}
