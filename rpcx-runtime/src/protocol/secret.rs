//! Comparing secrets.

use std::hint::black_box;

use super::Metadata;

impl Metadata {
    /// Whether [`auth`](Self::auth) is this token. The time it takes depends on the length of the tokens
    /// alone, so that it does not tell how much of a guess was right, as `==` may.
    ///
    /// ```
    /// use rpcx::{Metadata, Rejection, Server};
    ///
    /// let server = Server::builder().authorize(|request| {
    ///     let known = ["token of ann", "token of bob"];
    ///     let good = known.iter().fold(false, |good, token| good | request.metadata.auth_is(token));
    ///     good.then_some(()).ok_or(Rejection::Unauthenticated.into())
    /// });
    ///
    /// assert!(!Metadata::new().auth_is(""));
    /// ```
    pub fn auth_is(&self, token: impl AsRef<[u8]>) -> bool {
        self.auth()
            .is_some_and(|presented| are_equal(presented.as_bytes(), token.as_ref()))
    }
}

/// Looks at every byte, wherever they differ.
fn are_equal(one: &[u8], other: &[u8]) -> bool {
    let pairs = one.iter().zip(other);
    let differing = pairs.fold(0, |differing, (one, other)| {
        black_box(differing | (one ^ other))
    });
    one.len() == other.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_nothing_else() {
        let mut metadata = Metadata::new();
        assert!(!metadata.auth_is(""));
        metadata.set_auth("secret");
        assert!(metadata.auth_is("secret") && metadata.auth_is(b"secret"));
        for other in ["", "secre", "secret ", "Secret", "secreT"] {
            assert!(!metadata.auth_is(other), "{other}");
        }
        metadata.set_auth("");
        assert!(metadata.auth_is("") && !metadata.auth_is("\0"));
    }
}
