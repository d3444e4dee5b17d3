#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Stage {
    Open,
    /// Paid for.
    Paid,
    /// Of a newer peer.
    Other(i64),
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
    #[allow(dead_code)]
    #[repr(u8)]
    enum __Numbers {
        Open = 1,
        Paid,
    }
    #[automatically_derived]
    impl __rpcx::JsonSchema for Stage {
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
                            .variants_or(
                                &[
                                    (
                                        __rpcx::Json::from(
                                            __Numbers::Open as ::core::primitive::i64,
                                        ),
                                        "Open",
                                        "",
                                    ),
                                    (
                                        __rpcx::Json::from(
                                            __Numbers::Paid as ::core::primitive::i64,
                                        ),
                                        "Paid",
                                        "Paid for.",
                                    ),
                                ],
                                __rpcx::Property(
                                    "Other",
                                    "Of a newer peer.",
                                    &|__schemas| {
                                        __rpcx::Shaped::<::core::primitive::i64>::NEW
                                            .schema(__schemas, &[])
                                    },
                                ),
                            )
                    },
                )
        }
    }
    #[automatically_derived]
    impl __rpcx::serde::Serialize for Stage {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            let __number = match self {
                Self::Open => __Numbers::Open as ::core::primitive::i64,
                Self::Paid => __Numbers::Paid as ::core::primitive::i64,
                Self::Other(__value) => *__value,
            };
            __rpcx::serde::Serializer::serialize_i64(__serializer, __number)
        }
    }
    #[automatically_derived]
    impl<'__de> __rpcx::serde::Deserialize<'__de> for Stage {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            let __number = <::core::primitive::i64 as __rpcx::serde::Deserialize>::deserialize(
                __deserializer,
            )?;
            if __number == __Numbers::Open as ::core::primitive::i64 {
                return ::core::result::Result::Ok(Self::Open);
            }
            if __number == __Numbers::Paid as ::core::primitive::i64 {
                return ::core::result::Result::Ok(Self::Paid);
            }
            if __number == 0 {
                return ::core::result::Result::Ok(Self::Open);
            }
            ::core::result::Result::Ok(Self::Other(__number))
        }
    }
};
