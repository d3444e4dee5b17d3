#[allow(dead_code)]
trait Caller: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn call(
        &self,
    ) -> impl ::core::future::Future<Output = rpcx::Result<()>> + ::core::marker::Send;
}
/// Calls `Caller` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
struct CallerClient(::rpcx::__private::Stub);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Caller",
            &[<__Call as __rpcx::Method>::INFO],
        )
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Call,
        >(
            __methods,
            &|__schemas| <() as __rpcx::JsonSchema>::schema(__schemas),
            &|__schemas| {
                __schemas
                    .plain(&|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]))
            },
            __rpcx::Failing::<__rpcx::Failure<__Call>>::ERRORS,
        );
    }
    struct __Call;
    impl __rpcx::Method for __Call {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::NoArgs;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<()>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(0u32, "Call");
    }
    impl CallerClient {
        /// A client of `Caller` that calls through a channel.
        fn new(__channel: impl ::core::convert::Into<__rpcx::Channel>) -> Self {
            Self(__rpcx::Stub::new(__channel, &__INFO))
        }
        /// The same, calling another service path.
        #[must_use]
        fn with_path(self, __path: impl __rpcx::Into<__rpcx::Path>) -> Self {
            Self(self.0.with_path(__path))
        }
        /// Puts a layer around the calls of this client, inside of those it has.
        #[must_use]
        fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0.layer(__layer))
        }
        /// The channel that calls go through.
        fn channel(&self) -> &__rpcx::Channel {
            self.0.channel()
        }
        /// Calls `Call`.
        fn call(&self) -> __rpcx::Call<rpcx::Result<()>> {
            __rpcx::call::<__Call>(&self.0, ())
        }
    }
    impl Caller for CallerClient {
        fn call(&self) -> __rpcx::Call<rpcx::Result<()>> {
            Self::call(self)
        }
    }
    impl<__T: Caller + ?::core::marker::Sized> Caller for __rpcx::Arc<__T> {
        async fn call(&self) -> rpcx::Result<()> {
            <__T as Caller>::call(&**self).await
        }
    }
};
mod inner {
    #[allow(dead_code)]
    pub trait Answerer: ::core::marker::Send + ::core::marker::Sync + 'static {
        fn new(
            &self,
        ) -> impl ::core::future::Future<
            Output = rpcx::Result<()>,
        > + ::core::marker::Send;
    }
    /// Serves `Answerer`: register it with a server.
    #[allow(dead_code)]
    pub struct AnswererServer<__T>(
        ::rpcx::__private::Shared<__T>,
        ::rpcx::__private::Layers,
    );
    #[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
    #[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
    const _: () = {
        use ::rpcx::__private::{self as __rpcx, NoForm as _};
        static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
                "Answerer",
                &[<__New as __rpcx::Method>::INFO],
            )
            .types(__rpcx::types!(__describe));
        fn __describe(__methods: &mut __rpcx::Methods<'_>) {
            use __rpcx::{ByParts as _, Silent as _, Unknown as _};
            __rpcx::describe::<
                __New,
            >(
                __methods,
                &|__schemas| <() as __rpcx::JsonSchema>::schema(__schemas),
                &|__schemas| {
                    __schemas
                        .plain(
                            &|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]),
                        )
                },
                __rpcx::Failing::<__rpcx::Failure<__New>>::ERRORS,
            );
        }
        struct __New;
        impl __rpcx::Method for __New {
            type Family = __rpcx::Serde;
            type Args<'__a> = __rpcx::NoArgs;
            type Form = __rpcx::Plain;
            type Ret = rpcx::Result<()>;
            const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
                0u32,
                "New",
            );
        }
        impl<__T: Answerer> AnswererServer<__T> {
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
        impl<__T> ::core::clone::Clone for AnswererServer<__T> {
            fn clone(&self) -> Self {
                Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
            }
        }
        impl<__T> __rpcx::fmt::Debug for AnswererServer<__T> {
            fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
                __f.debug_struct("AnswererServer").finish_non_exhaustive()
            }
        }
        impl<__T: Answerer> __rpcx::Service for AnswererServer<__T> {
            fn info(&self) -> __rpcx::ServiceRef {
                ::core::convert::From::from(&__INFO)
            }
            fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
                __rpcx::found(
                    match __name {
                        b"New" => <__New as __rpcx::Method>::INFO,
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
                            let () = __rpcx::decode::<__New>(&__request)?;
                            __rpcx::Result::Ok(<__T as Answerer>::new(&__service).await)
                        };
                        __slot.run(__future, __rpcx::reply::<__New>)
                    }
                    _ => __rpcx::no_such_method(__slot),
                }
            }
        }
        impl<__T: Answerer + ?::core::marker::Sized> Answerer for __rpcx::Arc<__T> {
            async fn new(&self) -> rpcx::Result<()> {
                <__T as Answerer>::new(&**self).await
            }
        }
    };
}
