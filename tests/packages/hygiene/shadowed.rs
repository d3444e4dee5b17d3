//! No prelude, and the names of std's items and modules mean something else.
#![no_implicit_prelude]
#![deny(warnings)]
#![forbid(unsafe_code)]

mod core {}
mod std {}
mod alloc {}
mod serde {}
mod rpcx {}
mod tokio {}

macro_rules! units {
    ($($name:ident)*) => { $(#[allow(dead_code, non_camel_case_types, missing_docs)] pub struct $name;)* };
}
// types, traits, functions and derives that a macro might take for those of std or of rpcx
units! {
    Option Result Box Vec String Arc Cow Send Sync Sized Clone Copy Debug Default Drop Fn FnMut FnOnce Into From
    Iterator IntoIterator Extend ToOwned ToString AsRef PartialEq Eq Future IntoFuture Pin Unpin
    Method Service Context Call Channel Error Client Server Stub Request Payload Family Serde Prost Raw
    Deserialize Serialize Serializer Deserializer Visitor Formatter Display
    u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 bool char str usize isize
}
// A unit struct is a pattern and a value too: `Some`, `None`, `Ok` and `Err` are taken both ways.
units! { Some None Ok Err drop }

macro_rules! not_ours {
    ($($name:ident)*) => { $(#[allow(unused_macros)] macro_rules! $name { () => {}; })* };
}
// called with arguments, none of them expands
not_ours! { concat stringify matches write format_args panic unreachable assert vec format }

type Int = ::core::primitive::u64;
type Text = ::std::string::String;
type Bytes = ::std::vec::Vec<::core::primitive::u8>;
type Outcome<T> = ::std::result::Result<T, ::rpcx::Error>;

/// A message.
#[::rpcx::message]
pub struct User {
    /// A number.
    pub id: Int,
    /// Text.
    pub name: ::core::option::Option<Text>,
    /// Bytes.
    pub photo: ::std::vec::Vec<::core::primitive::u8>,
    /// Itself.
    #[rpcx(default)]
    pub next: ::core::option::Option<::std::boxed::Box<User>>,
}

/// Numbers.
#[::rpcx::message]
pub enum Color {
    /// One.
    Red,
    /// Another.
    Green = 5,
}

/// Words.
#[::rpcx::message(text)]
pub enum Mode {
    /// One.
    #[rpcx(default)]
    Ok,
    /// Another.
    Err,
}

/// Errors.
#[derive(::rpcx::ServiceError)]
pub enum Wrong {
    /// As in std.
    #[rpcx(code = 1, message = "none")]
    None,
    /// With fields.
    #[rpcx(code = 2, message = "{need}")]
    Some {
        /// How much.
        need: Int,
    },
    /// With a part.
    #[rpcx(code = 3, message = "{0}")]
    Ok(Text),
    /// The rest.
    #[rpcx(other)]
    Err(::rpcx::Error),
}

impl ::std::fmt::Debug for Wrong {
    fn fmt(&self, _: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        ::std::result::Result::Ok(())
    }
}

/// A service whose methods and arguments have the names of everything.
#[::rpcx::service(dyn)]
pub trait Everything {
    /// The name of a type.
    async fn option(&self, some: Int, none: Int, ok: Int, err: Int) -> Outcome<User>;
    /// The name of a trait.
    async fn send(&self, user: &User) -> ::std::result::Result<Mode, Wrong>;
    /// The name of a function.
    async fn drop(&self, user: User, color: Color) -> Outcome<Color>;
    /// The names of what is generated.
    async fn call(&self, request: Int, slot: Int, method: Int, service: Int, channel: Int) -> Outcome<()>;
    /// The names of lent arguments.
    async fn text(&self, ctx: &::rpcx::Context, f: &::core::primitive::str, data: Bytes) -> Outcome<Text>;
    /// No answer.
    #[rpcx(oneway)]
    async fn info(&self, find: Int) -> Outcome<()>;
    /// With a body.
    async fn clone(&self) -> Outcome<Int> {
        ::std::result::Result::Ok(1)
    }
    /// The name of a method of futures.
    async fn into_future(&self, poll: Int) -> Outcome<Int>;
    /// The name of a method of the formatting trait.
    async fn fmt(&self, f: Int) -> Outcome<Int>;
}

/// The generated client does all of it.
pub async fn calls(client: &EverythingClient, user: User) -> Outcome<User> {
    client.text("a", ::core::default::Default::default()).await?;
    client.drop(user, Color::Green).await?;
    client.option(1, 2, 3, 4).await
}
