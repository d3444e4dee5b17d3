#[allow(dead_code)]
pub(crate) trait Store: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn get(
        &self,
        key: &[u8],
    ) -> impl ::core::future::Future<
        Output = Result<Option<Vec<u8>>, StoreError>,
    > + ::core::marker::Send;
    fn put_all(
        &self,
        owner: u64,
        entries: Vec<Entry>,
        time_to_live: u32,
    ) -> impl ::core::future::Future<
        Output = Result<u64, StoreError>,
    > + ::core::marker::Send;
}
/// Calls `Store` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub(crate) struct StoreClient(my_facade::rpcx::__private::Stub);
/// Serves `Store`: register it with a server.
#[allow(dead_code)]
pub(crate) struct StoreServer<__T>(
    my_facade::rpcx::__private::Shared<__T>,
    my_facade::rpcx::__private::Layers,
);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use my_facade::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Store.v2",
            &[<__Get as __rpcx::Method>::INFO, <__PutAll as __rpcx::Method>::INFO],
        )
        .version("2.1")
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Get,
        >(
            __methods,
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
            &|__schemas| {
                __rpcx::Shaped::<Option<Vec<u8>>>::NEW
                    .schema(
                        __schemas,
                        &[
                            &|__schemas| {
                                __rpcx::Shaped::<Vec<u8>>::NEW
                                    .schema(
                                        __schemas,
                                        &[
                                            &|__schemas| {
                                                __rpcx::Shaped::<u8>::NEW.schema(__schemas, &[])
                                            },
                                        ],
                                    )
                            },
                        ],
                    )
            },
            __rpcx::Failing::<__rpcx::Failure<__Get>>::ERRORS,
        );
        __rpcx::describe::<
            __PutAll,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "owner",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<u64>::NEW.schema(__schemas, &[])
                                },
                            ),
                            __rpcx::Property(
                                "entries",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<Vec<Entry>>::NEW
                                        .schema(
                                            __schemas,
                                            &[
                                                &|__schemas| {
                                                    __rpcx::Shaped::<Entry>::NEW.schema(__schemas, &[])
                                                },
                                            ],
                                        )
                                },
                            ),
                            __rpcx::Property(
                                "TTL",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<u32>::NEW.schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "count",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<u64>::NEW.schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            __rpcx::Failing::<__rpcx::Failure<__PutAll>>::ERRORS,
        );
    }
    struct __Get;
    impl __rpcx::Method for __Get {
        type Family = __rpcx::ByTypes<
            { __rpcx::Probe::<(&[__rpcx::u8], Option<Vec<u8>>)>::RAW },
        >;
        type Args<'__a> = __rpcx::One<
            __rpcx::As<
                __rpcx::Cow<'__a, [__rpcx::u8]>,
                __rpcx::Formed<__rpcx::codec::LentBytes>,
            >,
        >;
        type Form = __rpcx::Chosen<{ __rpcx::Probe::<Option<Vec<u8>>>::OWN }>;
        type Ret = Result<Option<Vec<u8>>, StoreError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(0u32, "get")
            .aliases(&["fetch", "read"])
            .idempotent()
            .timeout_ms(2000u64);
    }
    struct __PutAll;
    impl __rpcx::Method for __PutAll {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__PutAll>,
            (
                __rpcx::As<u64>,
                __rpcx::As<
                    Vec<Entry>,
                    __rpcx::Chosen<{ __rpcx::Probe::<Vec<Entry>>::OWN }>,
                >,
                __rpcx::OrDefault<__rpcx::As<u32>>,
            ),
        >;
        type Form = __rpcx::Formed<__rpcx::InField<__PutAll, __rpcx::Plain>>;
        type Ret = Result<u64, StoreError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
                1u32,
                "put_all",
            )
            .run_to_end()
            .execution(__rpcx::Execution::Spawn);
        const NAMES: &'static [&'static __rpcx::str] = &["owner", "entries", "TTL"];
        const REPLY: &'static [&'static __rpcx::str] = &["count"];
    }
    __rpcx::keys!(Probe in Option < Vec < u8 >>);
    __rpcx::keys!(Probe in Vec < Entry >);
    impl StoreClient {
        /// A client of `Store` that calls through a channel.
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
        /// Calls `get`.
        pub(crate) fn get(
            &self,
            key: &[u8],
        ) -> __rpcx::Call<Result<Option<Vec<u8>>, StoreError>> {
            __rpcx::call::<__Get>(&self.0, &__rpcx::Cow::Borrowed(key)).hash_value(key)
        }
        /// Calls `put_all`.
        pub(crate) fn put_all(
            &self,
            owner: u64,
            entries: Vec<Entry>,
            time_to_live: u32,
        ) -> __rpcx::Call<Result<u64, StoreError>> {
            __rpcx::call::<__PutAll>(&self.0, (&owner, &entries, &time_to_live))
                .hash_value(&owner)
        }
    }
    impl Store for StoreClient {
        fn get(&self, key: &[u8]) -> __rpcx::Call<Result<Option<Vec<u8>>, StoreError>> {
            Self::get(self, key)
        }
        fn put_all(
            &self,
            owner: u64,
            entries: Vec<Entry>,
            time_to_live: u32,
        ) -> __rpcx::Call<Result<u64, StoreError>> {
            Self::put_all(self, owner, entries, time_to_live)
        }
    }
    impl<__T: Store> StoreServer<__T> {
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
    impl<__T> ::core::clone::Clone for StoreServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for StoreServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("StoreServer").finish_non_exhaustive()
        }
    }
    impl<__T: Store> __rpcx::Service for StoreServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"get" | b"fetch" | b"read" => <__Get as __rpcx::Method>::INFO,
                    b"put_all" => <__PutAll as __rpcx::Method>::INFO,
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
                        let key = __rpcx::decode::<__Get>(&__request)?;
                        __rpcx::Result::Ok(<__T as Store>::get(&__service, &key).await)
                    };
                    __slot.run(__future, __rpcx::reply::<__Get>)
                }
                1u32 => {
                    let __future = async move {
                        let (owner, entries, time_to_live) = __rpcx::decode::<
                            __PutAll,
                        >(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Store>::put_all(
                                    &__service,
                                    owner,
                                    entries,
                                    time_to_live,
                                )
                                .await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__PutAll>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Store + ?::core::marker::Sized> Store for __rpcx::Arc<__T> {
        async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            <__T as Store>::get(&**self, key).await
        }
        async fn put_all(
            &self,
            owner: u64,
            entries: Vec<Entry>,
            time_to_live: u32,
        ) -> Result<u64, StoreError> {
            <__T as Store>::put_all(&**self, owner, entries, time_to_live).await
        }
    }
};
