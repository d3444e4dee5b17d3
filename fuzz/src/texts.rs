//! Text that people write: addresses and services.

use std::str::FromStr;

use proc_macro2::TokenStream;
use rpcx::transport::Address;

/// The input is an address.
pub fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match text.parse::<Address>() {
        Ok(address) => {
            let shown = address.to_string();
            assert_eq!(shown.parse(), Ok(address), "{text} became {shown}");
        }
        Err(error) => assert!(
            error.to_string().contains(&text.escape_debug().to_string()),
            "{error} does not say {text:?}"
        ),
    }
}

/// Longer or deeper inputs are left to rustc, which has its own limits before a macro sees them.
const LONGEST: usize = 2048;
const DEEPEST: usize = 32;

/// The input is an attribute's arguments, a line end, and the item below the attribute.
pub fn macro_input(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (attribute, item) = text.split_once('\n').unwrap_or(("", &text));
    let tokens = |text: &str| {
        let short = text.len() <= LONGEST && nesting(text) <= DEEPEST;
        short.then(|| TokenStream::from_str(text).ok()).flatten()
    };
    let (Some(attribute), Some(item)) = (tokens(attribute), tokens(item)) else {
        return;
    };
    // it adds to an item that stays, and what it adds is Rust whatever the item is
    let errors = rpcx_codegen::service_error::expand(item.clone());
    if let Err(error) = syn::parse2::<syn::File>(errors.clone()) {
        panic!("{error}: {errors}");
    }
    let is_item = syn::parse2::<syn::Item>(item.clone()).is_ok();
    for expand in [rpcx_codegen::service::expand, rpcx_codegen::message::expand] {
        let out = expand(attribute.clone(), item.clone());
        let parsed = syn::parse2::<syn::File>(out.clone());
        if let Err(error) = parsed {
            assert!(!is_item, "{error}: {out}");
        }
    }
}

/// How deep brackets nest, and how many signs follow each other that a type may begin with.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '<' | '&' | '*' | '!' | '-' => depth += 1,
            ')' | ']' | '}' | '>' | ',' | ';' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
