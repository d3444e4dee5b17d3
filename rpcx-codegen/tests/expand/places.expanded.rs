#[allow(dead_code)]
pub(crate) trait Places: ::core::marker::Send + ::core::marker::Sync + 'static {
    #[allow(clippy::manual_async_fn)]
    fn compact(
        &self,
        up_to: Key,
    ) -> impl ::core::future::Future<
        Output = Result<(), StoreError>,
    > + ::core::marker::Send {
        async move {
            self.raw(b"compact").await?;
            Ok(())
        }
    }
    #[deprecated]
    fn raw(
        &self,
        data: &[u8],
    ) -> impl ::core::future::Future<
        Output = Result<Vec<u8>, StoreError>,
    > + ::core::marker::Send;
    #[cfg(unix)]
    fn r#type(
        &self,
        entry: &Entry,
        data: Cow<'_, str>,
    ) -> impl ::core::future::Future<
        Output = Result<(), StoreError>,
    > + ::core::marker::Send;
}
/// Calls `Places` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub(crate) struct PlacesClient(my_facade::rpcx::__private::Stub);
/// Serves `Places`: register it with a server.
#[allow(dead_code)]
pub(crate) struct PlacesServer<__T>(
    my_facade::rpcx::__private::Shared<__T>,
    my_facade::rpcx::__private::Layers,
);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use my_facade::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Places",
            &[
                <__Compact as __rpcx::Method>::INFO,
                <__Raw as __rpcx::Method>::INFO,
                #[cfg(unix)]
                <__Type as __rpcx::Method>::INFO,
            ],
        )
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Compact,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "UpTo",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<[::core::primitive::u8]>::NEW
                                        .schema(
                                            __schemas,
                                            &[
                                                &|__schemas| {
                                                    __rpcx::Shaped::<::core::primitive::u8>::NEW
                                                        .schema(__schemas, &[])
                                                },
                                            ],
                                        )
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| {
                __schemas
                    .plain(&|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]))
            },
            __rpcx::Failing::<__rpcx::Failure<__Compact>>::ERRORS,
        );
        __rpcx::describe::<
            __Raw,
        >(
            __methods,
            &|__schemas| __rpcx::Json::object(),
            &|__schemas| __rpcx::Json::object(),
            __rpcx::Failing::<__rpcx::Failure<__Raw>>::ERRORS,
        );
        #[cfg(unix)]
        __rpcx::describe::<
            __Type,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "Entry",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<Entry>::NEW.schema(__schemas, &[])
                                },
                            ),
                            __rpcx::Property(
                                "Data",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<Cow<'static, str>>::NEW
                                        .schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| {
                __schemas
                    .plain(&|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]))
            },
            __rpcx::Failing::<__rpcx::Failure<__Type>>::ERRORS,
        );
    }
    struct __Compact;
    impl __rpcx::Method for __Compact {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__Compact>,
            (__rpcx::As<Key, __rpcx::Formed<__rpcx::codec::Bytes>>,),
        >;
        type Form = __rpcx::Plain;
        type Ret = Result<(), StoreError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
                0u32,
                "compact",
            )
            .execution(__rpcx::Execution::Blocking);
        const NAMES: &'static [&'static __rpcx::str] = &["UpTo"];
    }
    struct __Raw;
    impl __rpcx::Method for __Raw {
        type Family = __rpcx::Raw;
        type Args<'__a> = __rpcx::One<__rpcx::As<&'__a [u8]>>;
        type Form = __rpcx::Plain;
        type Ret = Result<Vec<u8>, StoreError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(1u32, "raw");
    }
    #[cfg(unix)]
    struct __Type;
    #[cfg(unix)]
    impl __rpcx::Method for __Type {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__Type>,
            (
                __rpcx::As<Entry, __rpcx::Chosen<{ __rpcx::Probe::<Entry>::OWN }>>,
                __rpcx::As<Cow<'__a, str>>,
            ),
        >;
        type Form = __rpcx::Plain;
        type Ret = Result<(), StoreError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(2u32, "type");
        const NAMES: &'static [&'static __rpcx::str] = &["Entry", "Data"];
    }
    __rpcx::keys!(Probe in Key);
    #[cfg(unix)]
    __rpcx::keys!(Probe in Entry);
    impl PlacesClient {
        /// A client of `Places` that calls through a channel.
        pub(crate) fn new(
            __channel: impl ::core::convert::Into<__rpcx::Channel>,
        ) -> Self {
            Self(__rpcx::Stub::new(__channel, &__INFO))
        }
        /// The same, calling another service path.
        #[must_use]
        pub(crate) fn with_path(self, __path: impl __rpcx::Into<__rpcx::Path>) -> Self {
            Self(self.0.with_path(__path))
        }
        /// Puts a layer around the calls of this client, inside of those it has.
        #[must_use]
        pub(crate) fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0.layer(__layer))
        }
        /// The channel that calls go through.
        pub(crate) fn channel(&self) -> &__rpcx::Channel {
            self.0.channel()
        }
        /// Calls `compact`.
        pub(crate) fn compact(
            &self,
            up_to: Key,
        ) -> __rpcx::Call<Result<(), StoreError>> {
            __rpcx::call::<__Compact>(&self.0, (&up_to,))
        }
        #[deprecated]
        /// Calls `raw`.
        pub(crate) fn raw(
            &self,
            data: &[u8],
        ) -> __rpcx::Call<Result<Vec<u8>, StoreError>> {
            __rpcx::call::<__Raw>(&self.0, &data)
        }
        #[cfg(unix)]
        /// Calls `type`.
        pub(crate) fn r#type(
            &self,
            entry: &Entry,
            data: Cow<'_, str>,
        ) -> __rpcx::Call<Result<(), StoreError>> {
            __rpcx::call::<__Type>(&self.0, (entry, &data))
        }
    }
    impl Places for PlacesClient {
        fn compact(&self, up_to: Key) -> __rpcx::Call<Result<(), StoreError>> {
            Self::compact(self, up_to)
        }
        fn raw(&self, data: &[u8]) -> __rpcx::Call<Result<Vec<u8>, StoreError>> {
            Self::raw(self, data)
        }
        #[cfg(unix)]
        fn r#type(
            &self,
            entry: &Entry,
            data: Cow<'_, str>,
        ) -> __rpcx::Call<Result<(), StoreError>> {
            Self::r#type(self, entry, data)
        }
    }
    impl<__T: Places> PlacesServer<__T> {
        /// Serves this service.
        pub(crate) fn new(__service: __T) -> Self {
            Self::from_arc(__rpcx::Arc::new(__service))
        }
        /// Serves a service that others hold too.
        pub(crate) fn from_arc(__service: __rpcx::Arc<__T>) -> Self {
            Self(__rpcx::Shared::new(__service), __rpcx::Layers::new())
        }
        /// Puts a layer around the calls of this service, inside of those it has.
        #[must_use]
        pub(crate) fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0, self.1.with(__layer))
        }
    }
    impl<__T> ::core::clone::Clone for PlacesServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for PlacesServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("PlacesServer").finish_non_exhaustive()
        }
    }
    impl<__T: Places> __rpcx::Service for PlacesServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"compact" => <__Compact as __rpcx::Method>::INFO,
                    b"raw" => <__Raw as __rpcx::Method>::INFO,
                    #[cfg(unix)]
                    b"type" => <__Type as __rpcx::Method>::INFO,
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
                        let (up_to,) = __rpcx::decode::<__Compact>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Places>::compact(&__service, up_to).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Compact>)
                }
                1u32 => {
                    let __future = async move {
                        let data = __rpcx::decode::<__Raw>(&__request)?;
                        __rpcx::Result::Ok(<__T as Places>::raw(&__service, data).await)
                    };
                    __slot.run(__future, __rpcx::reply::<__Raw>)
                }
                #[cfg(unix)]
                2u32 => {
                    let __future = async move {
                        let (entry, data) = __rpcx::decode::<__Type>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Places>::r#type(&__service, &entry, data).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Type>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Places + ?::core::marker::Sized> Places for __rpcx::Arc<__T> {
        async fn compact(&self, up_to: Key) -> Result<(), StoreError> {
            <__T as Places>::compact(&**self, up_to).await
        }
        async fn raw(&self, data: &[u8]) -> Result<Vec<u8>, StoreError> {
            <__T as Places>::raw(&**self, data).await
        }
        #[cfg(unix)]
        async fn r#type(
            &self,
            entry: &Entry,
            data: Cow<'_, str>,
        ) -> Result<(), StoreError> {
            <__T as Places>::r#type(&**self, entry, data).await
        }
    }
};
