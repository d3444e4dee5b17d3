/// Messages of prost.
#[allow(dead_code)]
pub trait Greeter: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn say_hello(
        &self,
        req: HelloRequest,
    ) -> impl ::core::future::Future<
        Output = rpcx::Result<HelloReply>,
    > + ::core::marker::Send;
    fn lent(
        &self,
        ctx: &rpcx::Context,
        req: &HelloRequest,
    ) -> impl ::core::future::Future<Output = rpcx::Result<()>> + ::core::marker::Send;
    fn named(
        &self,
        req: self::Context,
    ) -> impl ::core::future::Future<
        Output = rpcx::Result<self::Context>,
    > + ::core::marker::Send;
}
/// Calls `Greeter` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub struct GreeterClient(::rpcx::__private::Stub);
/// Serves `Greeter`: register it with a server.
#[allow(dead_code)]
pub struct GreeterServer<__T>(::rpcx::__private::Shared<__T>, ::rpcx::__private::Layers);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Greeter",
            &[
                <__SayHello as __rpcx::Method>::INFO,
                <__Lent as __rpcx::Method>::INFO,
                <__Named as __rpcx::Method>::INFO,
            ],
        )
        .docs("Messages of prost.")
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __SayHello,
        >(
            __methods,
            &|__schemas| __schemas.foreign("HelloRequest"),
            &|__schemas| __schemas.foreign("HelloReply"),
            __rpcx::Failing::<__rpcx::Failure<__SayHello>>::ERRORS,
        );
        __rpcx::describe::<
            __Lent,
        >(
            __methods,
            &|__schemas| __schemas.foreign("HelloRequest"),
            &|__schemas| __rpcx::Json::object(),
            __rpcx::Failing::<__rpcx::Failure<__Lent>>::ERRORS,
        );
        __rpcx::describe::<
            __Named,
        >(
            __methods,
            &|__schemas| __schemas.foreign("Context"),
            &|__schemas| __schemas.foreign("Context"),
            __rpcx::Failing::<__rpcx::Failure<__Named>>::ERRORS,
        );
    }
    struct __SayHello;
    impl __rpcx::Method for __SayHello {
        type Family = __rpcx::Prost;
        type Args<'__a> = __rpcx::One<__rpcx::As<HelloRequest>>;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<HelloReply>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
            0u32,
            "SayHello",
        );
    }
    struct __Lent;
    impl __rpcx::Method for __Lent {
        type Family = __rpcx::Prost;
        type Args<'__a> = __rpcx::One<__rpcx::As<HelloRequest>>;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<()>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(1u32, "Lent");
    }
    struct __Named;
    impl __rpcx::Method for __Named {
        type Family = __rpcx::Prost;
        type Args<'__a> = __rpcx::One<__rpcx::As<self::Context>>;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<self::Context>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
            2u32,
            "Named",
        );
    }
    impl GreeterClient {
        /// A client of `Greeter` that calls through a channel.
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
        /// Calls `SayHello`.
        pub fn say_hello(
            &self,
            req: HelloRequest,
        ) -> __rpcx::Call<rpcx::Result<HelloReply>> {
            __rpcx::call::<__SayHello>(&self.0, &req)
        }
        /// Calls `Lent`.
        pub fn lent(&self, req: &HelloRequest) -> __rpcx::Call<rpcx::Result<()>> {
            __rpcx::call::<__Lent>(&self.0, req)
        }
        /// Calls `Named`.
        pub fn named(
            &self,
            req: self::Context,
        ) -> __rpcx::Call<rpcx::Result<self::Context>> {
            __rpcx::call::<__Named>(&self.0, &req)
        }
    }
    impl Greeter for GreeterClient {
        fn say_hello(
            &self,
            req: HelloRequest,
        ) -> __rpcx::Call<rpcx::Result<HelloReply>> {
            Self::say_hello(self, req)
        }
        fn lent(
            &self,
            ctx: &rpcx::Context,
            req: &HelloRequest,
        ) -> __rpcx::Call<rpcx::Result<()>> {
            Self::lent(self, req).parent(ctx)
        }
        fn named(
            &self,
            req: self::Context,
        ) -> __rpcx::Call<rpcx::Result<self::Context>> {
            Self::named(self, req)
        }
    }
    impl<__T: Greeter> GreeterServer<__T> {
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
    impl<__T> ::core::clone::Clone for GreeterServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for GreeterServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("GreeterServer").finish_non_exhaustive()
        }
    }
    impl<__T: Greeter> __rpcx::Service for GreeterServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"SayHello" => <__SayHello as __rpcx::Method>::INFO,
                    b"Lent" => <__Lent as __rpcx::Method>::INFO,
                    b"Named" => <__Named as __rpcx::Method>::INFO,
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
                        let req = __rpcx::decode::<__SayHello>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Greeter>::say_hello(&__service, req).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__SayHello>)
                }
                1u32 => {
                    let __context = __slot.context(&__request);
                    let __future = async move {
                        let req = __rpcx::decode::<__Lent>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Greeter>::lent(&__service, &__context, &req).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Lent>)
                }
                2u32 => {
                    let __future = async move {
                        let req = __rpcx::decode::<__Named>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Greeter>::named(&__service, req).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Named>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Greeter + ?::core::marker::Sized> Greeter for __rpcx::Arc<__T> {
        async fn say_hello(&self, req: HelloRequest) -> rpcx::Result<HelloReply> {
            <__T as Greeter>::say_hello(&**self, req).await
        }
        async fn lent(
            &self,
            ctx: &rpcx::Context,
            req: &HelloRequest,
        ) -> rpcx::Result<()> {
            <__T as Greeter>::lent(&**self, ctx, req).await
        }
        async fn named(&self, req: self::Context) -> rpcx::Result<self::Context> {
            <__T as Greeter>::named(&**self, req).await
        }
    }
};
