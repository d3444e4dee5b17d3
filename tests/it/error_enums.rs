//! Error enums beside other derives, and `?` in handlers.

use rpcx::ServiceError as _;

/// Texts by `message`.
#[derive(Debug, rpcx::ServiceError)]
enum Ours {
    #[rpcx(code = 1, message = "{what} is gone")]
    Gone { what: String },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// Texts and conversions by thiserror.
#[derive(Debug, thiserror::Error, rpcx::ServiceError)]
enum Theirs {
    #[rpcx(code = 1)]
    #[error("{0} is gone")]
    Gone(String),
    #[rpcx(code = 2, message = "not used: thiserror writes the text")]
    #[error("late")]
    Late,
    #[rpcx(other)]
    #[error(transparent)]
    Rpc(#[from] rpcx::Error),
}

/// Texts written by hand.
#[derive(Debug, rpcx::ServiceError)]
enum ByHand {
    #[rpcx(code = 1)]
    Gone,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

impl std::fmt::Display for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone => f.write_str("gone"),
            Self::Rpc(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ByHand {}

fn downstream() -> rpcx::Result<u8> {
    Err(rpcx::Error::service("below").with_code(1))
}

fn ours() -> Result<u8, Ours> {
    Ok(downstream()?)
}

fn theirs() -> Result<u8, Theirs> {
    Ok(downstream()?)
}

fn by_hand() -> Result<u8, ByHand> {
    Ok(downstream()?)
}

#[test]
fn errors_convert_and_keep_their_texts_beside_other_derives() {
    // an error of a service below is not taken for a variant with the same code
    assert!(matches!(ours(), Err(Ours::Rpc(error)) if error.code() == Some(1)));
    assert!(matches!(theirs(), Err(Theirs::Rpc(_))));
    assert!(matches!(by_hand(), Err(ByHand::Rpc(_))));
    let gone = Ours::Gone {
        what: "it".to_owned(),
    }
    .into_error();
    assert_eq!(
        (gone.to_string().as_str(), gone.code()),
        ("it is gone", Some(1))
    );
    assert!(matches!(Ours::from_error(gone), Ours::Gone { what } if what == "it"));
    assert_eq!(
        Theirs::Gone("it".to_owned()).into_error().to_string(),
        "it is gone"
    );
    assert_eq!(Theirs::Late.into_error().to_string(), "late");
    assert!(matches!(
        Theirs::from_error(Theirs::Late.into_error()),
        Theirs::Late
    ));
    assert_eq!(ByHand::Gone.into_error().to_string(), "gone");
}
