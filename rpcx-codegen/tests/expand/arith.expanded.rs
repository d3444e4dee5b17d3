/// Arithmetic.
#[allow(dead_code)]
pub trait Arith: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// The product of two numbers.
    fn mul(
        &self,
        args: Args,
    ) -> impl ::core::future::Future<
        Output = rpcx::Result<Reply>,
    > + ::core::marker::Send;
    /// The sum of two numbers.
    fn add(
        &self,
        a: i64,
        b: i64,
    ) -> impl ::core::future::Future<Output = rpcx::Result<i64>> + ::core::marker::Send;
    /// Says it.
    fn say(
        &self,
        ctx: &rpcx::Context,
        text: &str,
    ) -> impl ::core::future::Future<
        Output = Result<String, SayError>,
    > + ::core::marker::Send;
    /// Writes a line.
    fn log(
        &self,
        line: &str,
        level: Option<u8>,
    ) -> impl ::core::future::Future<Output = rpcx::Result<()>> + ::core::marker::Send;
    /// Is anyone there?
    fn ping(
        &self,
    ) -> impl ::core::future::Future<Output = rpcx::Result<()>> + ::core::marker::Send;
}
/// Calls `Arith` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub struct ArithClient(::rpcx::__private::Stub);
/// Serves `Arith`: register it with a server.
#[allow(dead_code)]
pub struct ArithServer<__T>(::rpcx::__private::Shared<__T>, ::rpcx::__private::Layers);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Arith",
            &[
                <__Mul as __rpcx::Method>::INFO,
                <__Add as __rpcx::Method>::INFO,
                <__Say as __rpcx::Method>::INFO,
                <__Log as __rpcx::Method>::INFO,
                <__Ping as __rpcx::Method>::INFO,
            ],
        )
        .docs("Arithmetic.")
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Mul,
        >(
            __methods,
            &|__schemas| __rpcx::Shaped::<Args>::NEW.schema(__schemas, &[]),
            &|__schemas| __rpcx::Shaped::<Reply>::NEW.schema(__schemas, &[]),
            __rpcx::Failing::<__rpcx::Failure<__Mul>>::ERRORS,
        );
        __rpcx::describe::<
            __Add,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "A",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<i64>::NEW.schema(__schemas, &[])
                                },
                            ),
                            __rpcx::Property(
                                "B",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<i64>::NEW.schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| __rpcx::Shaped::<i64>::NEW.schema(__schemas, &[]),
            __rpcx::Failing::<__rpcx::Failure<__Add>>::ERRORS,
        );
        __rpcx::describe::<
            __Say,
        >(
            __methods,
            &|__schemas| <__rpcx::str as __rpcx::JsonSchema>::schema(__schemas),
            &|__schemas| __rpcx::Shaped::<String>::NEW.schema(__schemas, &[]),
            __rpcx::Failing::<__rpcx::Failure<__Say>>::ERRORS,
        );
        __rpcx::describe::<
            __Log,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "Line",
                                "",
                                &|__schemas| <__rpcx::str as __rpcx::JsonSchema>::schema(
                                    __schemas,
                                ),
                            ),
                            __rpcx::Property(
                                "Level",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<Option<u8>>::NEW.schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| {
                __schemas
                    .plain(&|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]))
            },
            __rpcx::Failing::<__rpcx::Failure<__Log>>::ERRORS,
        );
        __rpcx::describe::<
            __Ping,
        >(
            __methods,
            &|__schemas| <() as __rpcx::JsonSchema>::schema(__schemas),
            &|__schemas| {
                __schemas
                    .plain(&|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]))
            },
            __rpcx::Failing::<__rpcx::Failure<__Ping>>::ERRORS,
        );
    }
    struct __Mul;
    impl __rpcx::Method for __Mul {
        type Family = __rpcx::ByTypes<{ __rpcx::Probe::<(Args, Reply)>::RAW }>;
        type Args<'__a> = __rpcx::One<
            __rpcx::As<Args, __rpcx::Chosen<{ __rpcx::Probe::<Args>::OWN }>>,
        >;
        type Form = __rpcx::Chosen<{ __rpcx::Probe::<Reply>::OWN }>;
        type Ret = rpcx::Result<Reply>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(0u32, "Mul")
            .docs("The product of two numbers.");
    }
    struct __Add;
    impl __rpcx::Method for __Add {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__Add>,
            (__rpcx::As<i64>, __rpcx::As<i64>),
        >;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<i64>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(1u32, "Add")
            .docs("The sum of two numbers.");
        const NAMES: &'static [&'static __rpcx::str] = &["A", "B"];
    }
    struct __Say;
    impl __rpcx::Method for __Say {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::One<
            __rpcx::As<
                __rpcx::Cow<'__a, __rpcx::str>,
                __rpcx::Formed<__rpcx::codec::LentText>,
            >,
        >;
        type Form = __rpcx::Plain;
        type Ret = Result<String, SayError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(2u32, "Say")
            .docs("Says it.");
    }
    struct __Log;
    impl __rpcx::Method for __Log {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__Log>,
            (
                __rpcx::As<
                    __rpcx::Cow<'__a, __rpcx::str>,
                    __rpcx::Formed<__rpcx::codec::LentText>,
                >,
                __rpcx::OrDefault<__rpcx::As<Option<u8>>>,
            ),
        >;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<()>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(3u32, "Log")
            .docs("Writes a line.")
            .oneway();
        const NAMES: &'static [&'static __rpcx::str] = &["Line", "Level"];
    }
    struct __Ping;
    impl __rpcx::Method for __Ping {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::NoArgs;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<()>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(4u32, "Ping")
            .docs("Is anyone there?");
    }
    __rpcx::keys!(Probe in Args);
    __rpcx::keys!(Probe in Reply);
    impl ArithClient {
        /// A client of `Arith` that calls through a channel.
        pub fn new(__channel: impl ::core::convert::Into<__rpcx::Channel>) -> Self {
            Self(__rpcx::Stub::new(__channel, &__INFO))
        }
        /// The same, calling another service path.
        #[must_use]
        pub fn with_path(self, __path: impl __rpcx::Into<__rpcx::Path>) -> Self {
            Self(self.0.with_path(__path))
        }
        /// Puts a layer around the calls of this client, inside of those it has.
        #[must_use]
        pub fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0.layer(__layer))
        }
        /// The channel that calls go through.
        pub fn channel(&self) -> &__rpcx::Channel {
            self.0.channel()
        }
        /// The product of two numbers.
        pub fn mul(&self, args: Args) -> __rpcx::Call<rpcx::Result<Reply>> {
            __rpcx::call::<__Mul>(&self.0, &args)
        }
        /// The sum of two numbers.
        pub fn add(&self, a: i64, b: i64) -> __rpcx::Call<rpcx::Result<i64>> {
            __rpcx::call::<__Add>(&self.0, (&a, &b))
        }
        /// Says it.
        pub fn say(&self, text: &str) -> __rpcx::Call<Result<String, SayError>> {
            __rpcx::call::<__Say>(&self.0, &__rpcx::Cow::Borrowed(text))
        }
        /// Writes a line.
        pub fn log(
            &self,
            line: &str,
            level: Option<u8>,
        ) -> __rpcx::Call<rpcx::Result<()>> {
            __rpcx::call_oneway::<__Log>(&self.0, (&__rpcx::Cow::Borrowed(line), &level))
        }
        /// Is anyone there?
        pub fn ping(&self) -> __rpcx::Call<rpcx::Result<()>> {
            __rpcx::call::<__Ping>(&self.0, ())
        }
    }
    impl Arith for ArithClient {
        fn mul(&self, args: Args) -> __rpcx::Call<rpcx::Result<Reply>> {
            Self::mul(self, args)
        }
        fn add(&self, a: i64, b: i64) -> __rpcx::Call<rpcx::Result<i64>> {
            Self::add(self, a, b)
        }
        fn say(
            &self,
            ctx: &rpcx::Context,
            text: &str,
        ) -> __rpcx::Call<Result<String, SayError>> {
            Self::say(self, text).parent(ctx)
        }
        fn log(&self, line: &str, level: Option<u8>) -> __rpcx::Call<rpcx::Result<()>> {
            Self::log(self, line, level)
        }
        fn ping(&self) -> __rpcx::Call<rpcx::Result<()>> {
            Self::ping(self)
        }
    }
    impl<__T: Arith> ArithServer<__T> {
        /// Serves this service.
        pub fn new(__service: __T) -> Self {
            Self::from_arc(__rpcx::Arc::new(__service))
        }
        /// Serves a service that others hold too.
        pub fn from_arc(__service: __rpcx::Arc<__T>) -> Self {
            Self(__rpcx::Shared::new(__service), __rpcx::Layers::new())
        }
        /// Puts a layer around the calls of this service, inside of those it has.
        #[must_use]
        pub fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0, self.1.with(__layer))
        }
    }
    impl<__T> ::core::clone::Clone for ArithServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for ArithServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("ArithServer").finish_non_exhaustive()
        }
    }
    impl<__T: Arith> __rpcx::Service for ArithServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"Mul" => <__Mul as __rpcx::Method>::INFO,
                    b"Add" => <__Add as __rpcx::Method>::INFO,
                    b"Say" => <__Say as __rpcx::Method>::INFO,
                    b"Log" => <__Log as __rpcx::Method>::INFO,
                    b"Ping" => <__Ping as __rpcx::Method>::INFO,
                    _ => return __rpcx::Option::None,
                },
            )
        }
        fn layers(&self) -> &__rpcx::Layers {
            &self.1
        }
        fn for_connection(&self) -> __rpcx::OwnService {
            __rpcx::own(Self(self.0.apart(), __rpcx::Layers::new()))
        }
        fn call(
            &self,
            __method: ::core::primitive::u32,
            __request: __rpcx::Request,
            __slot: &mut __rpcx::CallSlot<'_>,
        ) {
            let __service = __rpcx::clone(&self.0);
            match __method {
                0u32 => {
                    let __future = async move {
                        let args = __rpcx::decode::<__Mul>(&__request)?;
                        __rpcx::Result::Ok(<__T as Arith>::mul(&__service, args).await)
                    };
                    __slot.run(__future, __rpcx::reply::<__Mul>)
                }
                1u32 => {
                    let __future = async move {
                        let (a, b) = __rpcx::decode::<__Add>(&__request)?;
                        __rpcx::Result::Ok(<__T as Arith>::add(&__service, a, b).await)
                    };
                    __slot.run(__future, __rpcx::reply::<__Add>)
                }
                2u32 => {
                    let __context = __slot.context(&__request);
                    let __future = async move {
                        let text = __rpcx::decode::<__Say>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Arith>::say(&__service, &__context, &text).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Say>)
                }
                3u32 => {
                    let __future = async move {
                        let (line, level) = __rpcx::decode::<__Log>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Arith>::log(&__service, &line, level).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Log>)
                }
                4u32 => {
                    let __future = async move {
                        let () = __rpcx::decode::<__Ping>(&__request)?;
                        __rpcx::Result::Ok(<__T as Arith>::ping(&__service).await)
                    };
                    __slot.run(__future, __rpcx::reply::<__Ping>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Arith + ?::core::marker::Sized> Arith for __rpcx::Arc<__T> {
        async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
            <__T as Arith>::mul(&**self, args).await
        }
        async fn add(&self, a: i64, b: i64) -> rpcx::Result<i64> {
            <__T as Arith>::add(&**self, a, b).await
        }
        async fn say(
            &self,
            ctx: &rpcx::Context,
            text: &str,
        ) -> Result<String, SayError> {
            <__T as Arith>::say(&**self, ctx, text).await
        }
        async fn log(&self, line: &str, level: Option<u8>) -> rpcx::Result<()> {
            <__T as Arith>::log(&**self, line, level).await
        }
        async fn ping(&self) -> rpcx::Result<()> {
            <__T as Arith>::ping(&**self).await
        }
    }
};
