//! The form that the values of a type travel in, where it is not serde's own.
//!
//! A trait of the runtime knows the types with a form, and generated code asks it: no name and no alias is
//! guessed here. What cannot be asked are types with parameters of the message itself; the containers of
//! the standard library are looked through for them, and for tuples, whose parts are asked one by one.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::parse::travel::{bare, generics, is_exactly, is_unit, last};

/// How the form of a type is found.
#[derive(Debug)]
pub enum Form {
    /// By the tokens of the type. The path is below `__rpcx::codec`.
    Known(TokenStream),
    /// By asking for this type.
    Asked {
        /// Without its lifetimes.
        ty: TokenStream,
        /// Whether there is one among them that may be the payload's.
        lent: bool,
    },
}

impl Form {
    /// For the codec of a message: `__rpcx::codec::Bytes` and the like.
    pub fn of_a_field(&self) -> TokenStream {
        match self {
            Self::Known(form) => quote!(__rpcx::codec::#form),
            Self::Asked { ty, lent } => {
                let chosen = chosen(*lent);
                quote!(__rpcx::codec::#chosen<{ __rpcx::Probe::<#ty>::OWN | __rpcx::Probe::<#ty>::SERDE }>)
            }
        }
    }

    /// For a field that is told to be serde's.
    pub(super) fn of_serde(&self) -> TokenStream {
        match self {
            Self::Known(_) => quote!(__rpcx::codec::Plain),
            Self::Asked { ty, .. } => {
                quote!(__rpcx::codec::Chosen<{ __rpcx::Probe::<#ty>::SERDE }>)
            }
        }
    }

    /// For an argument whose type is called as that of the context, which is passed by reference.
    pub(crate) fn of_a_context(&self) -> TokenStream {
        match self {
            Self::Known(_) => self.of_a_value(),
            Self::Asked { ty, .. } => {
                quote!(__rpcx::ContextChosen<{ __rpcx::Probe::<#ty>::OWN | __rpcx::Probe::<#ty>::SERDE }>)
            }
        }
    }

    /// For one of several arguments, of which another place asks whether it travels.
    pub(crate) fn of_one_of_several(&self) -> TokenStream {
        let form = self.of_a_field();
        quote!(__rpcx::Checked<#form>)
    }

    /// For an argument or a reply.
    pub fn of_a_value(&self) -> TokenStream {
        match self {
            Self::Known(form) => quote!(__rpcx::Formed<__rpcx::codec::#form>),
            Self::Asked { ty, lent } => {
                let chosen = chosen(*lent);
                quote!(__rpcx::#chosen<{ __rpcx::Probe::<#ty>::OWN }>)
            }
        }
    }
}

fn chosen(lent: bool) -> Ident {
    let name = if lent { "LentChosen" } else { "Chosen" };
    Ident::new(name, proc_macro2::Span::call_site())
}

/// What generated code has to import to ask.
pub fn import() -> TokenStream {
    quote!(
        use __rpcx::NoForm as _;
    )
}

/// The form of a type; `None` where serde's own is the right one whatever the type is. `parameters` are those of the
/// message that the type stands in.
pub fn form_of(ty: &Type, parameters: &[&Ident]) -> Option<Form> {
    match bare(ty) {
        Type::Reference(reference) => match bare(&reference.elem) {
            Type::Slice(slice) if is_u8(&slice.elem) => Some(Form::Known(quote!(Bytes))),
            inner => form_of(inner, parameters),
        },
        Type::Array(array) if is_u8(&array.elem) => Some(Form::Known(quote!(ByteArray))),
        // serde has arrays of up to 32 elements
        Type::Array(array) => Some(around("Fixed", &array.elem, parameters)),
        Type::Slice(slice) => Some(around("Many", &slice.elem, parameters)),
        unit if is_unit(unit) => None,
        Type::Tuple(tuple) => {
            let parts = tuple.elems.iter().map(|part| form_of(part, parameters));
            let parts: Vec<Option<Form>> = parts.collect();
            let any = parts.iter().any(Option::is_some);
            let parts = parts.iter().map(|part| match part {
                Some(form) => form.of_a_field(),
                None => quote!(__rpcx::codec::Plain),
            });
            any.then(|| Form::Known(quote!(Parts<(#(#parts,)*)>)))
        }
        ty if is_plain(ty) => None,
        ty if depends_on(ty.to_token_stream(), parameters) => container(ty, parameters),
        ty => Some(asked(ty)),
    }
}

/// The form of a container of this element.
fn around(name: &str, inner: &Type, parameters: &[&Ident]) -> Form {
    let name = Ident::new(name, proc_macro2::Span::call_site());
    let inner = form_of(inner, parameters).map(|form| form.of_a_field());
    let inner = inner.unwrap_or_else(|| quote!(__rpcx::codec::Plain));
    Form::Known(quote!(#name<#inner>))
}

/// The form that is found by asking, for any type but a reference.
pub(super) fn asked(ty: &Type) -> Form {
    let tokens = ty.to_token_stream();
    Form::Asked {
        lent: has_lifetime(tokens.clone()),
        ty: without_lifetimes(tokens),
    }
}

/// Whether a lifetime other than `'static` is among the tokens.
fn has_lifetime(tokens: TokenStream) -> bool {
    let mut in_lifetime = false;
    tokens.into_iter().any(|token| {
        let mark = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '\'');
        let name = std::mem::replace(&mut in_lifetime, mark);
        match token {
            TokenTree::Ident(ident) => name && ident != "static",
            TokenTree::Group(group) => has_lifetime(group.stream()),
            _ => false,
        }
    })
}

fn container(ty: &Type, parameters: &[&Ident]) -> Option<Form> {
    let around = |name: &str, inner: &Type| {
        form_of(inner, parameters).map(|_| around(name, inner, parameters))
    };
    let segment = last(ty)?;
    let given: Vec<&Type> = generics(segment).collect();
    match (&*segment.ident.to_string(), &given[..]) {
        ("Option", [inner]) => around("Maybe", inner),
        ("Vec" | "VecDeque" | "LinkedList" | "BTreeSet", [inner]) | ("HashSet", [inner, ..]) => {
            around("Many", inner)
        }
        ("BTreeMap", [_, value]) | ("HashMap", [_, value, ..]) => around("Entries", value),
        ("Box" | "Arc" | "Rc", [inner]) => match bare(inner) {
            Type::Slice(slice) => around("Many", &slice.elem),
            inner => around("Inside", inner),
        },
        _ => None,
    }
}

/// Whether a container that is looked through.
pub(super) fn is_container(ty: &Type) -> bool {
    const CONTAINERS: [&str; 11] = [
        "Option",
        "Vec",
        "VecDeque",
        "LinkedList",
        "BTreeSet",
        "HashSet",
        "BTreeMap",
        "HashMap",
        "Box",
        "Arc",
        "Rc",
    ];
    last(ty).is_some_and(|segment| CONTAINERS.iter().any(|name| segment.ident == name))
}

/// Types that are serde's under any meaning of their names: numbers, texts, and what holds nothing else.
pub(crate) fn is_plain(ty: &Type) -> bool {
    const PLAIN: [&str; 17] = [
        "bool",
        "char",
        "str",
        "String",
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "f32",
        "f64",
        "Timestamp",
    ];
    let Some(segment) = last(ty) else {
        return false;
    };
    let inner = |segment: &PathSegment| match &segment.arguments {
        PathArguments::AngleBracketed(list) => list.args.iter().all(|argument| match argument {
            GenericArgument::Type(ty) => is_plain(ty) && !(segment.ident == "Vec" && is_u8(ty)),
            GenericArgument::Lifetime(_) => true,
            _ => false,
        }),
        _ => false,
    };
    match &segment.arguments {
        PathArguments::None => PLAIN.iter().any(|name| segment.ident == name),
        _ => {
            ["Option", "Vec", "Cow"]
                .iter()
                .any(|name| segment.ident == name)
                && inner(segment)
        }
    }
}

/// Whether a form is found by asking for a type, which may have none.
pub(crate) fn asks(form: &TokenStream) -> bool {
    form.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "Probe",
        TokenTree::Group(group) => asks(&group.stream()),
        _ => false,
    })
}

/// Whether the tokens name a parameter of the message or `Self`, which a constant cannot depend on; or have
/// a tuple or an array among them.
pub(super) fn depends_on(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "Self" || parameters.contains(&&name),
        TokenTree::Group(group) => {
            group.delimiter() == proc_macro2::Delimiter::Parenthesis
                || is_array(&group)
                || depends_on(group.stream(), parameters)
        }
        _ => false,
    })
}

fn is_array(group: &proc_macro2::Group) -> bool {
    let mut inner = group.stream().into_iter();
    group.delimiter() == proc_macro2::Delimiter::Bracket
        && inner.any(|token| matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ';'))
}

/// Whether one of the tokens is a parameter of the message or `Self`.
pub(super) fn names_any(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "Self" || parameters.contains(&&name),
        TokenTree::Group(group) => names_any(group.stream(), parameters),
        _ => false,
    })
}

/// With `'_` for every lifetime but `'static`: a constant cannot name those of the item around it.
pub(crate) fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut in_lifetime = false;
    let each = tokens.into_iter().map(|token| {
        let name = std::mem::replace(
            &mut in_lifetime,
            matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '\''),
        );
        match token {
            TokenTree::Ident(ident) if name && ident != "static" => {
                TokenTree::Ident(Ident::new("_", ident.span()))
            }
            TokenTree::Group(group) => {
                let inner = without_lifetimes(group.stream());
                let mut new = proc_macro2::Group::new(group.delimiter(), inner);
                new.set_span(group.span());
                TokenTree::Group(new)
            }
            token => token,
        }
    });
    each.collect()
}

fn is_u8(ty: &Type) -> bool {
    is_exactly(ty, "u8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(ty: &str) -> String {
        let parameter: Ident = syn::parse_quote!(T);
        let form = form_of(&syn::parse_str(ty).unwrap(), &[&parameter]);
        let text = match form {
            None => return "none".to_owned(),
            Some(Form::Known(form)) => form.to_string(),
            Some(Form::Asked { ty, lent }) => {
                let lent = if lent { "lent " } else { "" };
                format!("ask {lent}{ty}")
            }
        };
        text.replace(' ', "")
            .replace("__rpcx::codec::", "")
            .replace("__rpcx::Probe::", "")
    }

    #[test]
    fn what_cannot_be_anything_else_is_not_asked() {
        for ty in [
            "u8",
            "String",
            "Option<u64>",
            "Vec<String>",
            "()",
            "&str",
            "Cow<'a, str>",
            "(u8, bool)",
            "T",
            "Vec<T>",
            "Other<T>",
        ] {
            assert_eq!(form(ty), "none", "{ty}");
        }
        assert_eq!(form("&'a [u8]"), "Bytes");
        assert_eq!(form("[u8; 4]"), "ByteArray");
    }

    #[test]
    fn all_others_are_asked() {
        for ty in [
            "Vec<u8>",
            "Duration",
            "HashMap<String,Vec<u8>>",
            "User",
            "a::Blob",
            "Box<Self_>",
        ] {
            assert_eq!(form(ty), format!("ask{ty}"), "{ty}");
        }
        assert_eq!(form("[i64; 99]"), "Fixed<Plain>");
        assert_eq!(form("Vec<[i64; 99]>"), "Many<Fixed<Plain>>");
        assert_eq!(form("&'a [String]"), "Many<Plain>");
        assert_eq!(form("Cow<'a, [u8]>"), "asklentCow<'_,[u8]>");
        assert_eq!(form("&'a Cow<'static, [u8]>"), "askCow<'static,[u8]>");
    }

    #[test]
    fn tuples_and_parameters_are_looked_through() {
        let asked = |ty: &str| format!("Chosen<{{<{ty}>::OWN|<{ty}>::SERDE}}>");
        let time = asked("Duration");
        assert_eq!(form("(u8, Duration)"), format!("Parts<(Plain,{time},)>"));
        assert_eq!(
            form("Vec<(u8, Duration)>"),
            format!("Many<Parts<(Plain,{time},)>>")
        );
        assert_eq!(form("HashMap<T, Duration>"), format!("Entries<{time}>"));
        assert_eq!(
            form("Option<Box<HashMap<T, [u8; 2]>>>"),
            "Maybe<Inside<Entries<ByteArray>>>"
        );
        assert_eq!(form("Option<Box<Self>>"), "none");
    }
}
