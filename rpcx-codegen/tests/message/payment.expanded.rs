#[rpcx::message]
pub enum Payment {
    Free,
    /// In cents.
    Cash(u64),
    Card { number: String, pin: u16, chip: Vec<u8>, seen: bool },
    Split(Vec<Payment>),
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
    type __Form_0_of_Cash = __rpcx::codec::Direct;
    type __Form_number_of_Card = __rpcx::codec::Chosen<
        { __rpcx::Probe::<String>::OWN | __rpcx::Probe::<String>::SERDE },
    >;
    type __Form_pin_of_Card = __rpcx::codec::Direct;
    type __Form_chip_of_Card = __rpcx::codec::Chosen<
        { __rpcx::Probe::<Vec<u8>>::OWN | __rpcx::Probe::<Vec<u8>>::SERDE },
    >;
    type __Form_0_of_Split = __rpcx::codec::Chosen<
        { __rpcx::Probe::<Vec<Payment>>::OWN | __rpcx::Probe::<Vec<Payment>>::SERDE },
    >;
    struct __Data_Card {
        number: String,
        pin: u16,
        chip: Vec<u8>,
        seen: bool,
    }
    const _: () = {
        type __Form_number = __Form_number_of_Card;
        type __Form_pin = __Form_pin_of_Card;
        type __Form_chip = __Form_chip_of_Card;
        #[automatically_derived]
        impl<'__de> __rpcx::serde::Deserialize<'__de> for __Data_Card {
            fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                __rpcx::message::deserialize(__deserializer)
            }
        }
        impl<'__de> __rpcx::message::Message<'__de> for __Data_Card {
            const NAME: &'static ::core::primitive::str = "Card";
            const NAMES: &'static [&'static ::core::primitive::str] = &[
                "Number",
                "PIN",
                "Chip",
            ];
            fn from_map<__A: __rpcx::serde::de::MapAccess<'__de>>(
                mut __map: __A,
            ) -> ::core::result::Result<Self, __A::Error> {
                let mut __field0 = ::core::option::Option::<String>::None;
                let mut __field1 = ::core::option::Option::<u16>::None;
                let mut __field2 = ::core::option::Option::<Vec<u8>>::None;
                let mut __key = __rpcx::message::NONE;
                while __key != __rpcx::message::END {
                    if __key == __rpcx::message::NONE {
                        __key = __rpcx::message::next_key::<
                            Self,
                            __A,
                        >(&mut __map, 0usize, "Number")?;
                    }
                    if __key == 0usize {
                        __field0 = ::core::option::Option::Some(
                            __rpcx::message::value::<
                                String,
                                __Form_number,
                                __A,
                            >(&mut __map, "Number")?,
                        );
                        __key = __rpcx::message::NONE;
                    }
                    if __key == __rpcx::message::NONE {
                        __key = __rpcx::message::next_key::<
                            Self,
                            __A,
                        >(&mut __map, 1usize, "PIN")?;
                    }
                    if __key == 1usize {
                        __field1 = ::core::option::Option::Some(
                            __rpcx::message::value::<
                                u16,
                                __Form_pin,
                                __A,
                            >(&mut __map, "PIN")?,
                        );
                        __key = __rpcx::message::NONE;
                    }
                    if __key == __rpcx::message::NONE {
                        __key = __rpcx::message::next_key::<
                            Self,
                            __A,
                        >(&mut __map, 2usize, "Chip")?;
                    }
                    if __key == 2usize {
                        __field2 = ::core::option::Option::Some(
                            __rpcx::message::value::<
                                Vec<u8>,
                                __Form_chip,
                                __A,
                            >(&mut __map, "Chip")?,
                        );
                        __key = __rpcx::message::NONE;
                    }
                }
                ::core::result::Result::Ok(Self {
                    number: match __field0 {
                        ::core::option::Option::Some(__value) => __value,
                        ::core::option::Option::None => {
                            __rpcx::message::zero::<
                                String,
                                __Form_number,
                                __A::Error,
                            >("Number")?
                        }
                    },
                    pin: match __field1 {
                        ::core::option::Option::Some(__value) => __value,
                        ::core::option::Option::None => {
                            ::core::default::Default::default()
                        }
                    },
                    chip: match __field2 {
                        ::core::option::Option::Some(__value) => __value,
                        ::core::option::Option::None => {
                            __rpcx::message::zero::<
                                Vec<u8>,
                                __Form_chip,
                                __A::Error,
                            >("Chip")?
                        }
                    },
                    seen: ::core::default::Default::default(),
                })
            }
        }
    };
    #[automatically_derived]
    impl __rpcx::JsonSchema for Payment {
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
                            .choices(
                                &[
                                    __rpcx::Property(
                                        "Free",
                                        "",
                                        &|__schemas| __schemas.object(&[]),
                                    ),
                                    __rpcx::Property(
                                        "Cash",
                                        "In cents.",
                                        &|__schemas| {
                                            __rpcx::Shaped::<u64>::NEW.schema(__schemas, &[])
                                        },
                                    ),
                                    __rpcx::Property(
                                        "Card",
                                        "",
                                        &|__schemas| {
                                            __schemas
                                                .object(
                                                    &[
                                                        __rpcx::Property(
                                                            "Number",
                                                            "",
                                                            &|__schemas| {
                                                                __rpcx::Shaped::<String>::NEW.schema(__schemas, &[])
                                                            },
                                                        ),
                                                        __rpcx::Property(
                                                            "PIN",
                                                            "",
                                                            &|__schemas| {
                                                                __rpcx::Shaped::<u16>::NEW.schema(__schemas, &[])
                                                            },
                                                        ),
                                                        __rpcx::Property(
                                                            "Chip",
                                                            "",
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
                                                        ),
                                                    ],
                                                )
                                        },
                                    ),
                                    __rpcx::Property(
                                        "Parts",
                                        "",
                                        &|__schemas| {
                                            __rpcx::Shaped::<Vec<Payment>>::NEW
                                                .schema(
                                                    __schemas,
                                                    &[
                                                        &|__schemas| {
                                                            __rpcx::Shaped::<Payment>::NEW.schema(__schemas, &[])
                                                        },
                                                    ],
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
    impl __rpcx::serde::Serialize for Payment {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            match self {
                Self::Free => __rpcx::message::choice::empty(__serializer, "Free"),
                Self::Cash(__value) => {
                    __rpcx::message::choice::entry(
                        __serializer,
                        "Cash",
                        &__rpcx::message::field::<_, __Form_0_of_Cash>(__value),
                    )
                }
                Self::Card { number: __field0, pin: __field1, chip: __field2, .. } => {
                    struct __Fields<'__a> {
                        __field0: &'__a String,
                        __field1: &'__a u16,
                        __field2: &'__a Vec<u8>,
                    }
                    impl __rpcx::serde::Serialize for __Fields<'_> {
                        fn serialize<__S: __rpcx::serde::Serializer>(
                            &self,
                            __serializer: __S,
                        ) -> ::core::result::Result<__S::Ok, __S::Error> {
                            let _: __rpcx::message::Travels<
                                String,
                                __Form_number_of_Card,
                            >;
                            let _: __rpcx::message::Travels<
                                Vec<u8>,
                                __Form_chip_of_Card,
                            >;
                            __rpcx::keys!(Probe in Vec < u8 >);
                            let mut __map = __rpcx::serde::Serializer::serialize_struct(
                                __serializer,
                                "Card",
                                3usize,
                            )?;
                            __rpcx::serde::ser::SerializeStruct::serialize_field(
                                &mut __map,
                                "Number",
                                &__rpcx::message::field::<
                                    _,
                                    __Form_number_of_Card,
                                >(self.__field0),
                            )?;
                            __rpcx::serde::ser::SerializeStruct::serialize_field(
                                &mut __map,
                                "PIN",
                                &__rpcx::message::field::<
                                    _,
                                    __Form_pin_of_Card,
                                >(self.__field1),
                            )?;
                            __rpcx::serde::ser::SerializeStruct::serialize_field(
                                &mut __map,
                                "Chip",
                                &__rpcx::message::field::<
                                    _,
                                    __Form_chip_of_Card,
                                >(self.__field2),
                            )?;
                            __rpcx::serde::ser::SerializeStruct::end(__map)
                        }
                    }
                    __rpcx::message::choice::entry(
                        __serializer,
                        "Card",
                        &__Fields {
                            __field0,
                            __field1,
                            __field2,
                        },
                    )
                }
                Self::Split(__value) => {
                    let _: __rpcx::message::Travels<Vec<Payment>, __Form_0_of_Split>;
                    __rpcx::keys!(Probe in Vec < Payment >);
                    __rpcx::message::choice::entry(
                        __serializer,
                        "Parts",
                        &__rpcx::message::field::<_, __Form_0_of_Split>(__value),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<'__de> __rpcx::serde::Deserialize<'__de> for Payment {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __rpcx::message::choice::deserialize(__deserializer)
        }
    }
    impl<'__de> __rpcx::message::choice::Choice<'__de> for Payment {
        const NAME: &'static ::core::primitive::str = "Payment";
        const NAMES: &'static [&'static ::core::primitive::str] = &[
            "Free",
            "Cash",
            "Card",
            "Parts",
        ];
        fn nothing() -> ::core::option::Option<Self> {
            ::core::option::Option::Some(Self::Free)
        }
        fn value<__A: __rpcx::serde::de::MapAccess<'__de>>(
            __index: ::core::primitive::usize,
            __map: &mut __A,
        ) -> ::core::result::Result<::core::option::Option<Self>, __A::Error> {
            ::core::result::Result::Ok(
                match __index {
                    0usize => {
                        __rpcx::message::value::<
                            ::core::option::Option<__rpcx::serde::de::IgnoredAny>,
                            __rpcx::codec::Maybe<__rpcx::codec::Plain>,
                            __A,
                        >(__map, "Free")?
                            .map(|_| Self::Free)
                    }
                    1usize => {
                        __rpcx::message::value::<
                            ::core::option::Option<u64>,
                            __rpcx::codec::Maybe<__Form_0_of_Cash>,
                            __A,
                        >(__map, "Cash")?
                            .map(Self::Cash)
                    }
                    2usize => {
                        __rpcx::message::value::<
                            ::core::option::Option<__Data_Card>,
                            __rpcx::codec::Maybe<__rpcx::codec::Plain>,
                            __A,
                        >(__map, "Card")?
                            .map(|__data| Self::Card {
                                number: __data.number,
                                pin: __data.pin,
                                chip: __data.chip,
                                seen: __data.seen,
                            })
                    }
                    3usize => {
                        __rpcx::message::value::<
                            ::core::option::Option<Vec<Payment>>,
                            __rpcx::codec::Maybe<__Form_0_of_Split>,
                            __A,
                        >(__map, "Parts")?
                            .map(Self::Split)
                    }
                    _ => ::core::option::Option::None,
                },
            )
        }
        fn zero<__E: __rpcx::serde::de::Error>(
            __index: ::core::primitive::usize,
        ) -> ::core::result::Result<Self, __E> {
            match __index {
                0usize => {
                    __rpcx::message::zero::<
                        __rpcx::serde::de::IgnoredAny,
                        __rpcx::codec::Plain,
                        __E,
                    >("Free")
                        .map(|_| Self::Free)
                }
                1usize => {
                    __rpcx::message::zero::<u64, __Form_0_of_Cash, __E>("Cash")
                        .map(Self::Cash)
                }
                2usize => {
                    __rpcx::message::zero::<
                        __Data_Card,
                        __rpcx::codec::Plain,
                        __E,
                    >("Card")
                        .map(|__data| Self::Card {
                            number: __data.number,
                            pin: __data.pin,
                            chip: __data.chip,
                            seen: __data.seen,
                        })
                }
                3usize => {
                    __rpcx::message::zero::<
                        Vec<Payment>,
                        __Form_0_of_Split,
                        __E,
                    >("Parts")
                        .map(Self::Split)
                }
                _ => {
                    ::core::result::Result::Err(
                        __rpcx::message::choice::no_case::<Self, __E>(),
                    )
                }
            }
        }
    }
    impl __rpcx::codec::NoKey<__rpcx::codec::Compound<()>> for Payment {}
};
