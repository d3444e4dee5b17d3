//! What generated code names, and nothing else does: it changes together with the generator.

pub use core::primitive::{str, u8};
pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::convert::Into;
pub use std::fmt;
pub use std::future::Future;
pub use std::option::Option;
pub use std::pin::Pin;
pub use std::result::Result;
pub use std::string::ToString;
pub use std::sync::Arc;

pub use serde;

pub use crate::{__keys as keys, __reflect as reflect, __types as types};

pub use crate::Context;
pub use crate::client::{Call, Channel, Stub};
pub use crate::codec;
#[cfg(feature = "protobuf")]
pub use crate::codec::generated_go;
pub use crate::codec::{
    Answer, Both, Family, NoForm, Plain, Probe, Prost, Raw, Serde, Three, Thrift,
};
pub use crate::codec::{direct, message};
use crate::error::Rejection;
pub use crate::error::{Error, ErrorKind, ServiceError};
pub use crate::layer::{Layer, Layers};
#[cfg(feature = "reflection")]
pub use crate::schema::{
    ByParts, ErrorInfo, ErrorInfos, Failing, Json, JsonSchema, Methods, Part, Property, Schemas,
    Shaped, Silent, Unknown,
};
pub use crate::service::arguments::{
    ArgNames, Argument, ArgumentList, Arguments, As, Checked, EmptyStruct, Fields, Formed, InField,
    MapArgument, Names, NoArgs, One, OrDefault, PartPayload, ReplyName, SerdeValue, TheContext,
    WholePayload,
};
pub use crate::service::method::{Method, ResultLike, Success, decode, no_such_method, reply};
pub use crate::service::{
    CallSlot, Execution, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef, Shared,
};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::client::Response;
use crate::codec::{Coding, DecodeError, EncodeError};
use crate::protocol::Codec;

/// Clones a value, whatever its other methods are called.
#[inline]
pub fn clone<T: Clone>(value: &T) -> T {
    value.clone()
}

/// The service of one connection.
pub type OwnService = Option<Arc<dyn Service>>;

/// A service that one connection has for itself.
#[allow(clippy::unnecessary_wraps)]
pub fn own(service: impl Service) -> OwnService {
    Some(Arc::new(service))
}

/// The form of an argument or a reply, by whether [`codec::Probe`] finds that the type has one of its own.
pub type Chosen<const OWN: u8> = <codec::Found<OWN> as PickForm>::Form;

/// The same for a type with the lifetime of the payload.
pub type LentChosen<const OWN: u8> = <codec::Found<OWN> as PickForm>::Lent;

/// The form that goes with an answer of [`codec::Probe`].
pub trait PickForm {
    /// The form.
    type Form;
    /// The form of a type with the lifetime of the payload.
    type Lent;
}

impl PickForm for codec::Found<1> {
    type Form = Formed<codec::ByType>;
    type Lent = Formed<codec::LentByType>;
}

impl PickForm for codec::Found<0> {
    type Form = Plain;
    type Lent = Plain;
}

/// The form of an argument whose type is called as that of the context: [`Chosen`] where it can travel.
pub type ContextChosen<const FORMS: u8> = <codec::Found<FORMS> as PickContext>::Form;

/// The form that goes with the answers about such a type.
pub trait PickContext {
    /// The form.
    type Form;
}

impl PickContext for codec::Found<0> {
    type Form = TheContext;
}

impl PickContext for codec::Found<1> {
    type Form = Formed<codec::ByType>;
}

impl PickContext for codec::Found<2> {
    type Form = Plain;
}

impl PickContext for codec::Found<3> {
    type Form = Formed<codec::ByType>;
}

/// The family of a method for which no `codec` is said, by whether its argument and its reply are byte strings
/// or nothing.
pub type ByTypes<const RAW: bool> = <codec::Choice<RAW> as codec::PickFamily>::Family;

/// A service path.
pub type Path = Cow<'static, str>;

/// What a client passes for the arguments of `M`.
pub type Refs<'a, 'r, M> = <<M as Method>::Args<'a> as ArgumentList>::Refs<'r>;

/// Appends the arguments of a call in a codec.
pub type Pack<'a> = dyn Fn(Coding<'_>, &mut Vec<u8>) -> Result<(), EncodeError> + 'a;

/// Makes a method's `Result` of what came.
pub type Finish<R> = fn(&MethodRef, Result<Response, Error>) -> R;

/// A call of a method that is no type: `pack` encodes the arguments at once, in the codec that
/// `choose` gives for the one that the channel prefers.
pub fn call_with<R>(
    stub: &Stub,
    method: &'static MethodInfo,
    choose: fn(Option<Coding<'_>>) -> Codec,
    pack: &Pack<'_>,
    finish: Finish<R>,
) -> Call<R> {
    Call::to(stub, method, choose, pack, finish)
}

/// A call of `M`: encodes the arguments at once, so that the future borrows none of them.
pub fn call<'a, M: Method>(stub: &Stub, arguments: Refs<'a, '_, M>) -> Call<M::Ret> {
    Call::to(
        stub,
        M::INFO,
        M::Family::choose,
        &|coding, out| M::Args::<'a>::encode(arguments, coding, out),
        finish::<M::Ret, M::Family, M::Form>,
    )
}

/// A call that no answer is awaited for.
pub fn call_oneway<'a, M>(stub: &Stub, arguments: Refs<'a, '_, M>) -> Call<M::Ret>
where
    M: Method<Ret: ResultLike<Ok = ()>>,
{
    Call::to(
        stub,
        M::INFO,
        M::Family::choose,
        &|coding, out| M::Args::<'a>::encode(arguments, coding, out),
        |_, outcome| M::Ret::from_result(outcome.map(drop).map_err(ServiceError::from_error)),
    )
}

/// Makes a method's `Result` of what came: once for each type, and not for each method.
fn finish<R, F, Form>(method: &MethodRef, outcome: Result<Response, Error>) -> R
where
    R: ResultLike<Ok: for<'de> WholePayload<'de, F, Form>, Err: ServiceError>,
{
    let read = |response: Response| {
        R::Ok::read(response.coding(), response.payload())
            .map_err(|error| unreadable(method, error))
    };
    R::from_result(outcome.and_then(read).map_err(ServiceError::from_error))
}

/// The description of the method that a name stands for.
#[inline]
pub fn found(method: &'static MethodInfo) -> Option<MethodRef> {
    Some(method.into())
}

/// The code of an error that a method answered with; errors of the network have none.
pub fn error_code(error: &Error) -> Option<i64> {
    let answered = matches!(
        error.kind(),
        ErrorKind::Service | ErrorKind::Rejected(Rejection::Elsewhere)
    );
    error.code().filter(|_| answered)
}

/// An error of a method that has done nothing, and says that another server has to take the call.
pub fn elsewhere(text: String) -> Error {
    Error::refuse(Rejection::Elsewhere, text)
}

/// A variant of an error enum with fields, as types.
pub trait ErrorFields {
    /// The fields, as a group.
    type Fields: for<'a> Arguments<'a, Serde>;
}

/// Adds the fields of a variant to an error: JSON, or without that codec msgpack in base64. Fields
/// that cannot be encoded are left out; the text and the code still travel.
pub fn with_data<V: ErrorFields>(
    error: Error,
    fields: <V::Fields as ArgumentList>::Refs<'_>,
) -> Error {
    let codec = Serde::choose(Some(Codec::JSON.into()));
    let mut out = Vec::new();
    if V::Fields::encode(fields, codec.into(), &mut out).is_err() {
        return error;
    }
    match String::from_utf8(out) {
        Ok(json) if codec == Codec::JSON => error.with_data(json),
        Ok(text) => error.with_data(BASE64.encode(text)),
        Err(bytes) => error.with_data(BASE64.encode(bytes.as_bytes())),
    }
}

/// The fields that [`with_data`] added on the other side, if they can be read.
pub fn read_data<V: ErrorFields>(error: &Error) -> Option<<V::Fields as ArgumentList>::Values> {
    let data = error.data()?;
    let json = V::Fields::decode(Codec::JSON.into(), data.as_bytes());
    json.ok()
        .or_else(|| V::Fields::decode(Codec::MSGPACK.into(), &BASE64.decode(data).ok()?).ok())
}

/// An error text as `{"code": .., "msg": ".."}`, the form that Go programs with a
/// `ClientErrorFunc` read.
#[cfg(feature = "json")]
pub fn json_text(code: i64, msg: String) -> String {
    serde_json::json!({ "code": code, "msg": msg }).to_string()
}

/// An error whose text has this form, with the text and the code that are inside.
#[cfg(feature = "json")]
pub fn read_json_text(error: Error) -> Error {
    if error_code(&error).is_none() && error.kind() != ErrorKind::Service {
        return error;
    }
    let read = serde_json::from_str::<serde_json::Value>(error.message()).ok();
    let part = |name| read.as_ref().and_then(|read| read.get(name));
    let (Some(code), Some(msg)) = (
        part("code").and_then(serde_json::Value::as_i64),
        part("msg").and_then(serde_json::Value::as_str),
    ) else {
        return error;
    };
    let inner = Error::service(msg.to_owned()).with_kind(error.kind());
    let inner = inner.with_code(error.code().unwrap_or(code));
    match error.data() {
        Some(data) => inner.with_data(data),
        None => inner,
    }
}

/// The error type of a method.
#[cfg(feature = "reflection")]
pub type Failure<M> = <<M as Method>::Ret as ResultLike>::Err;

/// Describes the types of a method.
#[cfg(feature = "reflection")]
pub fn describe<M: Method>(
    methods: &mut Methods<'_>,
    args: Part<'_>,
    reply: Part<'_>,
    errors: &'static [ErrorInfo],
) {
    let codecs = named(M::Family::supports);
    methods.add(M::INFO.id, (args, Some(reply)), codecs, errors);
}

/// The names of the codecs of a family. For all methods in one place: an iterator has code of its own for each of them.
#[cfg(feature = "reflection")]
fn named(supports: fn(Codec) -> bool) -> Vec<&'static str> {
    const CODECS: [(Codec, &str); 5] = [
        (Codec::MSGPACK, "msgpack"),
        (Codec::JSON, "json"),
        (Codec::PROTOBUF, "protobuf"),
        (Codec::THRIFT, "thrift"),
        (Codec::RAW, "raw"),
    ];
    let supported = CODECS.iter().filter(|(codec, _)| supports(*codec));
    supported.map(|(_, name)| *name).collect()
}

/// Takes the error, so that no type has code to drop it.
#[cold]
#[allow(clippy::needless_pass_by_value)]
fn unreadable(method: &MethodRef, error: DecodeError) -> Error {
    Error::unknown(format!(
        "the reply of `{}` cannot be decoded: {error}",
        method.name()
    ))
}
