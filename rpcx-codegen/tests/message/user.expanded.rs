#[derive(Debug, Clone)]
pub struct User<'a, T> {
    pub id: u64,
    pub name: &'a str,
    pub photo: Option<Vec<u8>>,
    pub level: u8,
    pub extra: T,
    pub cache: Vec<String>,
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
    type __Form_id = __rpcx::codec::Direct;
    type __Form_name = __Form_id;
    type __Form_photo = __rpcx::codec::Chosen<
        {
            __rpcx::Probe::<Option<Vec<u8>>>::OWN
                | __rpcx::Probe::<Option<Vec<u8>>>::SERDE
        },
    >;
    type __Form_level = __Form_id;
    #[automatically_derived]
    impl<'a, T: __rpcx::JsonSchema> __rpcx::JsonSchema for User<'a, T> {
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
                                        "Id",
                                        "",
                                        &|__schemas| {
                                            __rpcx::Shaped::<u64>::NEW.schema(__schemas, &[])
                                        },
                                    ),
                                    __rpcx::Property(
                                        "DisplayName",
                                        "",
                                        &|__schemas| {
                                            __rpcx::Shaped::<&'a str>::NEW
                                                .schema(
                                                    __schemas,
                                                    &[
                                                        &|__schemas| {
                                                            __rpcx::Shaped::<str>::NEW.schema(__schemas, &[])
                                                        },
                                                    ],
                                                )
                                        },
                                    ),
                                    __rpcx::Property(
                                        "Photo",
                                        "",
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
                                    ),
                                    __rpcx::Property(
                                        "Level",
                                        "",
                                        &|__schemas| {
                                            __rpcx::Shaped::<u8>::NEW.schema(__schemas, &[])
                                        },
                                    ),
                                    __rpcx::Property(
                                        "Extra",
                                        "",
                                        &|__schemas| {
                                            __schemas
                                                .plain(
                                                    &|__schemas| __rpcx::Shaped::<T>::NEW.schema(__schemas, &[]),
                                                )
                                        },
                                    ),
                                ],
                            )
                    },
                )
        }
    }
    #[automatically_derived]
    impl<'a, T: __rpcx::serde::Serialize> __rpcx::serde::Serialize for User<'a, T> {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            let _: __rpcx::message::Travels<Option<Vec<u8>>, __Form_photo>;
            __rpcx::keys!(Probe in Option < Vec < u8 >>);
            let mut __map = __rpcx::serde::Serializer::serialize_struct(
                __serializer,
                "User",
                5usize,
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "Id",
                &__rpcx::message::field::<_, __Form_id>(&self.id),
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "DisplayName",
                &__rpcx::message::field::<_, __Form_name>(&self.name),
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "Photo",
                &__rpcx::message::field::<_, __Form_photo>(&self.photo),
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "Level",
                &__rpcx::message::field::<_, __Form_level>(&self.level),
            )?;
            __rpcx::serde::ser::SerializeStruct::serialize_field(
                &mut __map,
                "Extra",
                &self.extra,
            )?;
            __rpcx::serde::ser::SerializeStruct::end(__map)
        }
    }
    #[automatically_derived]
    impl<
        '__de: 'a,
        'a,
        T: __rpcx::serde::Deserialize<'__de>,
    > __rpcx::serde::Deserialize<'__de> for User<'a, T> {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __rpcx::message::deserialize(__deserializer)
        }
    }
    impl<
        '__de: 'a,
        'a,
        T: __rpcx::serde::Deserialize<'__de>,
    > __rpcx::message::Message<'__de> for User<'a, T> {
        const NAME: &'static ::core::primitive::str = "User";
        const NAMES: &'static [&'static ::core::primitive::str] = &[
            "Id",
            "DisplayName",
            "Photo",
            "Level",
            "Extra",
        ];
        fn from_map<__A: __rpcx::serde::de::MapAccess<'__de>>(
            mut __map: __A,
        ) -> ::core::result::Result<Self, __A::Error> {
            let mut __field0 = ::core::option::Option::<u64>::None;
            let mut __field1 = ::core::option::Option::<&'a str>::None;
            let mut __field2 = ::core::option::Option::<Option<Vec<u8>>>::None;
            let mut __field3 = ::core::option::Option::<u8>::None;
            let mut __field4 = ::core::option::Option::<T>::None;
            let mut __key = __rpcx::message::NONE;
            while __key != __rpcx::message::END {
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 0usize, "Id")?;
                }
                if __key == 0usize {
                    __field0 = ::core::option::Option::Some(
                        __rpcx::message::value::<u64, __Form_id, __A>(&mut __map, "Id")?,
                    );
                    __key = __rpcx::message::NONE;
                }
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 1usize, "DisplayName")?;
                }
                if __key == 1usize {
                    __field1 = ::core::option::Option::Some(
                        __rpcx::message::value::<
                            &'a str,
                            __Form_name,
                            __A,
                        >(&mut __map, "DisplayName")?,
                    );
                    __key = __rpcx::message::NONE;
                }
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 2usize, "Photo")?;
                }
                if __key == 2usize {
                    __field2 = ::core::option::Option::Some(
                        __rpcx::message::value::<
                            Option<Vec<u8>>,
                            __Form_photo,
                            __A,
                        >(&mut __map, "Photo")?,
                    );
                    __key = __rpcx::message::NONE;
                }
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 3usize, "Level")?;
                }
                if __key == 3usize {
                    __field3 = ::core::option::Option::Some(
                        __rpcx::message::value::<
                            u8,
                            __Form_level,
                            __A,
                        >(&mut __map, "Level")?,
                    );
                    __key = __rpcx::message::NONE;
                }
                if __key == __rpcx::message::NONE {
                    __key = __rpcx::message::next_key::<
                        Self,
                        __A,
                    >(&mut __map, 4usize, "Extra")?;
                }
                if __key == 4usize {
                    __field4 = ::core::option::Option::Some(
                        __rpcx::message::value::<
                            T,
                            __rpcx::codec::Plain,
                            __A,
                        >(&mut __map, "Extra")?,
                    );
                    __key = __rpcx::message::NONE;
                }
            }
            ::core::result::Result::Ok(Self {
                id: match __field0 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<u64, __Form_id, __A::Error>("Id")?
                    }
                },
                name: match __field1 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            &'a str,
                            __Form_name,
                            __A::Error,
                        >("DisplayName")?
                    }
                },
                photo: match __field2 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            Option<Vec<u8>>,
                            __Form_photo,
                            __A::Error,
                        >("Photo")?
                    }
                },
                level: match __field3 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => one(),
                },
                extra: match __field4 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            T,
                            __rpcx::codec::Plain,
                            __A::Error,
                        >("Extra")?
                    }
                },
                cache: ::core::default::Default::default(),
            })
        }
    }
    impl<'a, T> __rpcx::codec::OwnForm for User<'a, T> {
        type Form = __rpcx::codec::Direct;
        type Lent = __rpcx::codec::Direct;
    }
    impl<'a, T: __rpcx::serde::Serialize> __rpcx::direct::Write for User<'a, T> {
        fn write<const __N: ::core::primitive::usize>(
            &self,
            __out: &mut __rpcx::direct::Output,
            __at: ::core::primitive::usize,
            __prefix: &'static [::core::primitive::u8; __N],
        ) -> ::core::result::Result<
            ::core::primitive::usize,
            __rpcx::codec::EncodeError,
        > {
            __out.expect(__at, 78usize);
            let __at = __out.put(__at, __prefix);
            let __at = <__Form_id as __rpcx::codec::EncodeAs<
                u64,
            >>::write(&self.id, __out, __at, b"\x85\xA2Id")?;
            let __at = <__Form_name as __rpcx::codec::EncodeAs<
                &'a str,
            >>::write(&self.name, __out, __at, b"\xABDisplayName")?;
            let __at = <__Form_photo as __rpcx::codec::EncodeAs<
                Option<Vec<u8>>,
            >>::write(&self.photo, __out, __at, b"\xA5Photo")?;
            let __at = <__Form_level as __rpcx::codec::EncodeAs<
                u8,
            >>::write(&self.level, __out, __at, b"\xA5Level")?;
            let __at = <__rpcx::codec::Plain as __rpcx::codec::EncodeAs<
                T,
            >>::write(&self.extra, __out, __at, b"\xA5Extra")?;
            ::core::result::Result::Ok(__at)
        }
    }
    impl<'__de: 'a, 'a, T: __rpcx::serde::Deserialize<'__de>> __rpcx::direct::Read<'__de>
    for User<'a, T> {
        fn read(
            __reader: &mut __rpcx::direct::Reader<'__de>,
        ) -> ::core::result::Result<Self, __rpcx::codec::DecodeError> {
            let __layout = const {
                &__rpcx::direct::Layout {
                    name: "User",
                    size: ::core::mem::size_of::<Self>(),
                    names: &["Id", "DisplayName", "Photo", "Level", "Extra"],
                    sizes: &[
                        ::core::mem::size_of::<u64>(),
                        ::core::mem::size_of::<&'a str>(),
                        ::core::mem::size_of::<Option<Vec<u8>>>(),
                        ::core::mem::size_of::<u8>(),
                        ::core::mem::size_of::<T>(),
                    ],
                }
            };
            let mut __fields = __rpcx::direct::Fields::enter(__reader, __layout)?;
            let mut __cursor = __fields.first(__reader);
            let mut __field0: ::core::option::Option<u64> = <__Form_id as __rpcx::codec::DecodeAs<
                '__de,
                u64,
            >>::zero();
            let mut __field1: ::core::option::Option<&'a str> = <__Form_name as __rpcx::codec::DecodeAs<
                '__de,
                &'a str,
            >>::zero();
            let mut __field2: ::core::option::Option<Option<Vec<u8>>> = <__Form_photo as __rpcx::codec::DecodeAs<
                '__de,
                Option<Vec<u8>>,
            >>::zero();
            let mut __field3: ::core::option::Option<u8> = ::core::option::Option::None;
            let mut __field4: ::core::option::Option<T> = <__rpcx::codec::Plain as __rpcx::codec::DecodeAs<
                '__de,
                T,
            >>::zero();
            while __fields.more(__reader, &mut __cursor, __layout)? {
                if __cursor.at(b"\xA2Id")
                    || __fields.find(__reader, &mut __cursor, 0usize, __layout)?
                {
                    __field0 = ::core::option::Option::Some(
                        __cursor.read::<u64, __Form_id>(__reader)?,
                    );
                }
                if __cursor.at(b"\xABDisplayName")
                    || __fields.find(__reader, &mut __cursor, 1usize, __layout)?
                {
                    __field1 = ::core::option::Option::Some(
                        __cursor.read::<&'a str, __Form_name>(__reader)?,
                    );
                }
                if __cursor.at(b"\xA5Photo")
                    || __fields.find(__reader, &mut __cursor, 2usize, __layout)?
                {
                    __field2 = ::core::option::Option::Some(
                        __cursor.read::<Option<Vec<u8>>, __Form_photo>(__reader)?,
                    );
                }
                if __cursor.at(b"\xA5Level")
                    || __fields.find(__reader, &mut __cursor, 3usize, __layout)?
                {
                    __field3 = ::core::option::Option::Some(
                        __cursor.read::<u8, __Form_level>(__reader)?,
                    );
                }
                if __cursor.at(b"\xA5Extra")
                    || __fields.find(__reader, &mut __cursor, 4usize, __layout)?
                {
                    __field4 = ::core::option::Option::Some(
                        __cursor.read::<T, __rpcx::codec::Plain>(__reader)?,
                    );
                }
            }
            __rpcx::direct::Fields::leave(__reader);
            ::core::result::Result::Ok(Self {
                id: match __field0 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            u64,
                            __Form_id,
                            __rpcx::codec::DecodeError,
                        >("Id")?
                    }
                },
                name: match __field1 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            &'a str,
                            __Form_name,
                            __rpcx::codec::DecodeError,
                        >("DisplayName")?
                    }
                },
                photo: match __field2 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            Option<Vec<u8>>,
                            __Form_photo,
                            __rpcx::codec::DecodeError,
                        >("Photo")?
                    }
                },
                level: match __field3 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => one(),
                },
                extra: match __field4 {
                    ::core::option::Option::Some(__value) => __value,
                    ::core::option::Option::None => {
                        __rpcx::message::zero::<
                            T,
                            __rpcx::codec::Plain,
                            __rpcx::codec::DecodeError,
                        >("Extra")?
                    }
                },
                cache: ::core::default::Default::default(),
            })
        }
    }
    impl<'a, T, __P> __rpcx::codec::Misplaced<__rpcx::codec::At<0usize, __P>>
    for User<'a, T>
    where
        T: __rpcx::codec::NeedsForm<__P>,
    {}
    impl<'a, T, __P> __rpcx::codec::Misplaced<__rpcx::codec::At<1usize, __P>>
    for User<'a, T>
    where
        T: __rpcx::codec::Misplaced<__P>,
    {}
    impl<'a, T, __P> __rpcx::codec::NoKeys<__rpcx::codec::At<1usize, __P>>
    for User<'a, T>
    where
        T: __rpcx::codec::NoKeys<__P>,
    {}
    impl<'a, T> __rpcx::codec::NoKey<__rpcx::codec::Compound<()>> for User<'a, T> {}
};
