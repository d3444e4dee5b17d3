//! What generated code names, and nothing else does: it changes together with the generator.

pub use std::borrow::Cow;
pub use std::fmt;
pub use std::future::{Future, IntoFuture};
pub use std::sync::Arc;

pub use crate::Context;
pub use crate::client::{Call, Channel, Stub};
pub use crate::codec;
pub use crate::codec::{Family, Plain, Raw, Serde};
pub use crate::error::{Error, ServiceError};
pub use crate::service::arguments::{Arguments, As, ArgNames, Fields, Formed, Group, InField, NoArgs, One, OrDefault};
pub use crate::service::method::{Method, ResultLike, decode, done, no_such_method, reply};
pub use crate::service::{CallSlot, Execution, MethodInfo, Request, Service, ServiceInfo};

use crate::client::Response;
use crate::codec::DecodeError;
use crate::protocol::SerializeType;
use crate::service::arguments::Carried;
use crate::service::method::Success;

/// What a client passes for the arguments of `M`.
pub type Refs<'a, 'r, M> = <<M as Method>::Args<'a> as Group>::Refs<'r>;

/// A call of `M`: encodes the arguments at once, so that the future borrows none of them.
pub fn call<'c, 'a, M: Method>(stub: &'c Stub, arguments: Refs<'a, '_, M>) -> Call<'c, M::Ret> {
    Call::new(stub, M::INFO, encode::<M>(stub, arguments), finish::<M>)
}

/// A call that no answer is awaited for.
pub fn call_oneway<'c, 'a, M>(stub: &'c Stub, arguments: Refs<'a, '_, M>) -> Call<'c, M::Ret>
where
    M: Method<Ret: ResultLike<Ok = ()>>,
{
    Call::new(stub, M::INFO, encode::<M>(stub, arguments), |outcome| {
        M::Ret::from_result(outcome.map(drop).map_err(ServiceError::from_error))
    })
}

fn encode<'a, M: Method>(
    stub: &Stub,
    arguments: Refs<'a, '_, M>,
) -> Result<(SerializeType, Vec<u8>), Error> {
    let codec = M::Family::choose(stub.codec());
    let mut out = stub.buffer();
    match M::Args::<'a>::pack(arguments, codec, &mut out) {
        Ok(()) => Ok((codec, out)),
        Err(error) => {
            let name = M::INFO.name;
            Err(Error::not_sent(format!("the arguments of `{name}` cannot be encoded: {error}")))
        }
    }
}

fn finish<M: Method>(outcome: Result<Response, Error>) -> M::Ret {
    let read = |response: Response| {
        Success::<M>::read(response.codec(), response.payload())
            .map_err(|error| unreadable(M::INFO, &error))
    };
    M::Ret::from_result(outcome.and_then(read).map_err(ServiceError::from_error))
}

#[cold]
fn unreadable(method: &MethodInfo, error: &DecodeError) -> Error {
    Error::unknown(format!("the reply of `{}` cannot be decoded: {error}", method.name))
}
