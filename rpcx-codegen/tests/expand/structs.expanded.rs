#[allow(dead_code)]
pub(crate) trait Stock: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn put_all(
        &self,
        entries: Vec<Entry>,
        time_to_live: u32,
    ) -> impl ::core::future::Future<
        Output = Result<u64, StoreError>,
    > + ::core::marker::Send;
}
/// Calls `Stock` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub(crate) struct StockClient(::rpcx::__private::Stub);
/// Serves `Stock`: register it with a server.
#[allow(dead_code)]
pub(crate) struct StockServer<__T>(
    ::rpcx::__private::Shared<__T>,
    ::rpcx::__private::Layers,
);
/// The arguments of `PutAll`: the message that it takes.
#[allow(dead_code, missing_debug_implementations)]
pub(crate) struct PutArgs {
    /// Travels as `entries`.
    pub(crate) entries: Vec<Entry>,
    /// Travels as `TTL`.
    pub(crate) time_to_live: u32,
}
#[doc(hidden)]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    deprecated,
    non_camel_case_types,
    single_use_lifetimes,
    unreachable_code,
    unused_imports,
    unused_qualifications
)]
const _: () = {
    use ::rpcx::__private as __rpcx;
    use __rpcx::NoForm as _;
    type __Form_entries = __rpcx::codec::Chosen<
        { __rpcx::Probe::<Vec<Entry>>::OWN | __rpcx::Probe::<Vec<Entry>>::SERDE },
    >;
    #[automatically_derived]
    impl __rpcx::JsonSchema for PutArgs {
        fn schema(__schemas: &mut __rpcx::Schemas) -> __rpcx::Json {
            use __rpcx::{ByParts as _, Unknown as _};
            let __place = ::core::concat!(::core::file!(), ":", ::core::line!());
            __schemas
                .define::<
                    Self,
                >(
                    __place,
                    "",
                    &|__schemas| {
                        __schemas
                            .object(
                                &[
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
                )
        }
    }
    #[automatically_derived]
    impl __rpcx::serde::Serialize for PutArgs {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            let _: __rpcx::message::Travels<Vec<Entry>, __Form_entries>;
            let mut __map = __rpcx::serde::Serializer::serialize_struct(
                __serializer,
                "PutArgs",
                2usize,
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "entries",
                &__rpcx::message::field::<_, __Form_entries>(&self.entries),
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "TTL",
                &self.time_to_live,
            )?;
            __rpcx::serde::ser::SerializeStruct::end(__map)
        }
    }
    #[automatically_derived]
    impl<'__de> __rpcx::serde::Deserialize<'__de> for PutArgs {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __rpcx::message::deserialize(__deserializer)
        }
    }
    impl<'__de> __rpcx::message::Message<'__de> for PutArgs {
        const NAME: &'static ::core::primitive::str = "PutArgs";
        const NAMES: &'static [&'static ::core::primitive::str] = &["entries", "TTL"];
        fn from_map<__A: __rpcx::serde::de::MapAccess<'__de>>(
            mut __map: __A,
        ) -> ::core::result::Result<Self, __A::Error> {
            let mut __field0 = ::core::option::Option::<Vec<Entry>>::None;
            let mut __field1 = ::core::option::Option::<u32>::None;
            let mut __key = __rpcx::message::NONE;
            while __key != __rpcx::message::END {
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 0usize, "entries")?;
                }
                if __key == 0usize {
                    __field0 = ::core::option::Option::Some(
                        __rpcx::message::value::<
                            Vec<Entry>,
                            __Form_entries,
                            __A,
                        >(&mut __map, "entries")?,
                    );
                    __key = __rpcx::message::NONE;
                }
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 1usize, "TTL")?;
                }
                if __key == 1usize {
                    __field1 = ::core::option::Option::Some(
                        __rpcx::message::value::<
                            u32,
                            __rpcx::codec::Plain,
                            __A,
                        >(&mut __map, "TTL")?,
                    );
                    __key = __rpcx::message::NONE;
                }
            }
            ::core::result::Result::Ok(Self {
                entries: match __field0 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            Vec<Entry>,
                            __Form_entries,
                            __A::Error,
                        >("entries")?
                    }
                },
                time_to_live: match __field1 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => ::core::default::Default::default(),
                },
            })
        }
    }
    impl __rpcx::codec::OwnForm for PutArgs {
        type Form = __rpcx::codec::Direct;
        type Lent = __rpcx::codec::Direct;
    }
    impl __rpcx::direct::Write for PutArgs {
        fn write<const __N: ::core::primitive::usize>(
            &self,
            __out: &mut __rpcx::direct::Output,
            __at: ::core::primitive::usize,
            __prefix: &'static [::core::primitive::u8; __N],
        ) -> ::core::result::Result<
            ::core::primitive::usize,
            __rpcx::codec::EncodeError,
        > {
            __out.expect(__at, 30usize);
            let __at = __out.put(__at, __prefix);
            let __at = <__Form_entries as __rpcx::codec::EncodeAs<
                Vec<Entry>,
            >>::write(&self.entries, __out, __at, b"\x82\xA7entries")?;
            let __at = <__rpcx::codec::Plain as __rpcx::codec::EncodeAs<
                u32,
            >>::write(&self.time_to_live, __out, __at, b"\xA3TTL")?;
            ::core::result::Result::Ok(__at)
        }
    }
    impl<'__de> __rpcx::direct::Read<'__de> for PutArgs {
        fn read(
            __reader: &mut __rpcx::direct::Reader<'__de>,
        ) -> ::core::result::Result<Self, __rpcx::codec::DecodeError> {
            let __layout = const {
                &__rpcx::direct::Layout {
                    name: "PutArgs",
                    size: ::core::mem::size_of::<Self>(),
                    names: &["entries", "TTL"],
                    sizes: &[
                        ::core::mem::size_of::<Vec<Entry>>(),
                        ::core::mem::size_of::<u32>(),
                    ],
                }
            };
            let mut __fields = __rpcx::direct::Fields::enter(__reader, __layout)?;
            let mut __cursor = __fields.first(__reader);
            let mut __field0: ::core::option::Option<Vec<Entry>> = <__Form_entries as __rpcx::codec::DecodeAs<
                '__de,
                Vec<Entry>,
            >>::zero();
            let mut __field1: ::core::option::Option<u32> = ::core::option::Option::None;
            while __fields.more(__reader, &mut __cursor, __layout)? {
                if __cursor.at(b"\xA7entries")
                    || __fields.find(__reader, &mut __cursor, 0usize, __layout)?
                {
                    __field0 = ::core::option::Option::Some(
                        __cursor.read::<Vec<Entry>, __Form_entries>(__reader)?,
                    );
                }
                if __cursor.at(b"\xA3TTL")
                    || __fields.find(__reader, &mut __cursor, 1usize, __layout)?
                {
                    __field1 = ::core::option::Option::Some(
                        __cursor.read::<u32, __rpcx::codec::Plain>(__reader)?,
                    );
                }
            }
            __rpcx::direct::Fields::leave(__reader);
            ::core::result::Result::Ok(Self {
                entries: match __field0 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            Vec<Entry>,
                            __Form_entries,
                            __rpcx::codec::DecodeError,
                        >("entries")?
                    }
                },
                time_to_live: match __field1 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => ::core::default::Default::default(),
                },
            })
        }
    }
    impl __rpcx::codec::NoKey<__rpcx::codec::Compound<()>> for PutArgs {}
};
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Stock",
            &[<__PutAll as __rpcx::Method>::INFO],
        )
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __PutAll,
        >(
            __methods,
            &|__schemas| <PutArgs as __rpcx::JsonSchema>::schema(__schemas),
            &|__schemas| __rpcx::Shaped::<u64>::NEW.schema(__schemas, &[]),
            __rpcx::Failing::<__rpcx::Failure<__PutAll>>::ERRORS,
        );
    }
    struct __PutAll;
    impl __rpcx::Method for __PutAll {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__PutAll>,
            (
                __rpcx::As<
                    Vec<Entry>,
                    __rpcx::Chosen<{ __rpcx::Probe::<Vec<Entry>>::OWN }>,
                >,
                __rpcx::OrDefault<__rpcx::As<u32>>,
            ),
        >;
        type Form = __rpcx::Plain;
        type Ret = Result<u64, StoreError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
            0u32,
            "PutAll",
        );
        const NAMES: &'static [&'static __rpcx::str] = &["entries", "TTL"];
    }
    __rpcx::keys!(Probe in Vec < Entry >);
    impl StockClient {
        /// A client of `Stock` that calls through a channel.
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
        /// Calls `PutAll`.
        pub(crate) fn put_all(
            &self,
            entries: Vec<Entry>,
            time_to_live: u32,
        ) -> __rpcx::Call<Result<u64, StoreError>> {
            __rpcx::call::<__PutAll>(&self.0, (&entries, &time_to_live))
        }
    }
    impl Stock for StockClient {
        fn put_all(
            &self,
            entries: Vec<Entry>,
            time_to_live: u32,
        ) -> __rpcx::Call<Result<u64, StoreError>> {
            Self::put_all(self, entries, time_to_live)
        }
    }
    impl<__T: Stock> StockServer<__T> {
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
    impl<__T> ::core::clone::Clone for StockServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for StockServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("StockServer").finish_non_exhaustive()
        }
    }
    impl<__T: Stock> __rpcx::Service for StockServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"PutAll" => <__PutAll as __rpcx::Method>::INFO,
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
                        let (entries, time_to_live) = __rpcx::decode::<
                            __PutAll,
                        >(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Stock>::put_all(&__service, entries, time_to_live)
                                .await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__PutAll>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Stock + ?::core::marker::Sized> Stock for __rpcx::Arc<__T> {
        async fn put_all(
            &self,
            entries: Vec<Entry>,
            time_to_live: u32,
        ) -> Result<u64, StoreError> {
            <__T as Stock>::put_all(&**self, entries, time_to_live).await
        }
    }
};
