//! Every mistake of one input, collected before any is reported.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Errors found so far.
///
/// It must be turned into errors with [`finish`](Self::finish): dropping mistakes that were found is a
/// bug of the generator, because the user would never hear of them, and panics.
#[derive(Debug, Default)]
pub struct Diagnostics {
    errors: Vec<syn::Error>,
    finished: bool,
}

impl Diagnostics {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports `message` at the tokens of `at`.
    pub fn at(&mut self, at: impl ToTokens, message: impl Into<String>) {
        self.errors
            .push(syn::Error::new_spanned(at, message.into()));
    }

    /// Reports what syn did not understand.
    pub fn syntax(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// How many mistakes were found so far.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    /// Ends the collection and gives what was found, in the order of discovery.
    pub fn finish(mut self) -> Vec<syn::Error> {
        self.finished = true;
        std::mem::take(&mut self.errors)
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        if !self.finished && !self.errors.is_empty() && !std::thread::panicking() {
            panic!("diagnostics were dropped without being looked at");
        }
    }
}

/// The errors as `compile_error!` calls that rustc shows at the user's own tokens.
pub fn compile_errors(errors: &[syn::Error]) -> TokenStream {
    errors.iter().map(syn::Error::to_compile_error).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "without being looked at")]
    fn forgotten_diagnostics_are_a_bug() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.at(quote::quote!(x), "lost");
    }

    #[test]
    fn all_errors_are_kept_in_order() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.at(quote::quote!(x), "first");
        diagnostics.at(quote::quote!(y), "second");
        let texts: Vec<_> = diagnostics
            .finish()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(texts, ["first", "second"]);
    }
}
