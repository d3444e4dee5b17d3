//! What a generated method is, and the server's half of a typed call.

use super::arguments::{ArgumentList, Arguments, WholePayload};
use super::{CallSlot, MethodInfo, Reply, Request};
use crate::codec::{DecodeError, Family};
use crate::error::{Error, Rejection, ServiceError};

/// One method of a service, as types: what `#[rpcx::service]` generates for each.
///
/// All checks of the user's types hang on this trait: every other use is a generic function over
/// `M: Method`, so a type that does not fit is reported once, where the user wrote it.
pub trait Method: Sized + 'static {
    /// How payloads are encoded.
    type Family: Family;
    /// The arguments, as a group.
    type Args<'a>: Arguments<'a, Self::Family>;
    /// The form of the reply.
    type Form;
    /// The user's `Result`.
    type Ret: ResultLike<
            Ok: for<'de> WholePayload<'de, Self::Family, Self::Form> + Send + 'static,
            Err: ServiceError,
        > + Send
        + 'static;
    /// What is known of it at run time.
    const INFO: &'static MethodInfo;
    /// The names of the arguments, where they travel in a map.
    const NAMES: &'static [&'static str] = &[];
    /// The name of the reply, where it travels in a map.
    const REPLY: &'static [&'static str] = &[];
}

/// A `Result`, under whatever alias.
#[diagnostic::on_unimplemented(
    message = "an rpcx method must return a `Result`, found `{Self}`",
    label = "not a `Result`",
    note = "a remote call can always fail: write `-> rpcx::Result<T>` or `-> Result<T, E>`"
)]
pub trait ResultLike {
    /// The value.
    type Ok;
    /// The error.
    type Err;
    /// As a plain `Result`.
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
    /// From a plain `Result`.
    fn from_result(result: Result<Self::Ok, Self::Err>) -> Self;
}

impl<T, E> ResultLike for Result<T, E> {
    type Ok = T;
    type Err = E;

    #[inline]
    fn into_result(self) -> Self {
        self
    }

    #[inline]
    fn from_result(result: Self) -> Self {
        result
    }
}

/// The value that a method answers with.
pub type Success<M> = <<M as Method>::Ret as ResultLike>::Ok;

/// Reads the arguments of `M`, which may borrow from the request.
///
/// # Errors
/// [`Rejection::Undecodable`], with what is wrong and where; [`Rejection::Overloaded`] where there is no memory for them.
pub fn decode<'a, M: Method>(
    request: &'a Request,
) -> Result<<M::Args<'a> as ArgumentList>::Values, Error> {
    M::Args::<'a>::decode(request.coding(), request.payload())
        .map_err(|error| undecodable(M::INFO, error))
}

/// Takes the error, so that no method has code to drop it.
#[cold]
#[allow(clippy::needless_pass_by_value)]
fn undecodable(method: &MethodInfo, error: DecodeError) -> Error {
    use crate::codec::DecodeErrorKind::{Codec, MemorySpent};
    let text = match error.kind() {
        MemorySpent => {
            return Error::rejected(Rejection::Overloaded, format!("server overloaded: {error}"));
        }
        // the text that Go peers know
        Codec(_) => error.to_string(),
        _ => format!(
            "the arguments of `{}` cannot be decoded: {error}",
            method.name
        ),
    };
    Error::rejected(Rejection::Undecodable, text)
}

/// Answers a call of `M` with what its handler returned, or with why it was not called.
pub fn reply<M: Method>(output: Result<M::Ret, Error>, reply: &mut Reply<'_>) {
    answer::<M::Ret, M::Family, M::Form>(output, reply);
}

/// Not inlined: once for each type, and not once more for each method.
#[inline(never)]
fn answer<R, F, Form>(output: Result<R, Error>, reply: &mut Reply<'_>)
where
    R: ResultLike<Ok: for<'de> WholePayload<'de, F, Form>, Err: ServiceError>,
{
    match output.map(|returned| returned.into_result().map_err(ServiceError::into_error)) {
        Ok(Ok(value)) => reply.payload(|coding, out| value.write(coding, out)),
        Ok(Err(error)) => reply.error(error),
        Err(refusal) => reply.refuse(refusal),
    }
}

/// Answers a call whose number is not one that `find` gave.
pub fn no_such_method(slot: &mut CallSlot<'_>) {
    let refuse = async {
        Err::<(), _>(Error::rejected(
            Rejection::UnknownMethod,
            "rpcx: can't find method",
        ))
    };
    slot.run(refuse, |output, reply| {
        if let Err(error) = output {
            reply.refuse(error);
        }
    });
}
