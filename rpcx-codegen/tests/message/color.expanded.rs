#[derive(Debug, Clone, Copy)]
pub enum Color {
    Red,
    Green = 5,
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
    #[automatically_derived]
    impl __rpcx::JsonSchema for Color {
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
                            .variants(
                                &[
                                    (
                                        __rpcx::Json::from(Self::Red as ::core::primitive::i64),
                                        "Red",
                                        "",
                                    ),
                                    (
                                        __rpcx::Json::from(Self::Green as ::core::primitive::i64),
                                        "Green",
                                        "",
                                    ),
                                ],
                            )
                    },
                )
        }
    }
    #[automatically_derived]
    impl __rpcx::serde::Serialize for Color {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            let __number = match self {
                Self::Red => Self::Red as ::core::primitive::i64,
                Self::Green => Self::Green as ::core::primitive::i64,
            };
            __rpcx::serde::Serializer::serialize_i64(__serializer, __number)
        }
    }
    #[automatically_derived]
    impl<'__de> __rpcx::serde::Deserialize<'__de> for Color {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            let __number = <::core::primitive::i64 as __rpcx::serde::Deserialize>::deserialize(
                __deserializer,
            )?;
            if __number == Self::Red as ::core::primitive::i64 {
                return ::core::result::Result::Ok(Self::Red);
            }
            if __number == Self::Green as ::core::primitive::i64 {
                return ::core::result::Result::Ok(Self::Green);
            }
            ::core::result::Result::Err(__rpcx::message::no_variant("Color", __number))
        }
    }
};
