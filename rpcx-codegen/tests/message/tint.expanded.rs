pub enum Tint {
    DarkRed,
    Other(String),
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
    impl __rpcx::JsonSchema for Tint {
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
                                &[(__rpcx::Json::from("dark_red"), "DarkRed", "")],
                                __rpcx::Property(
                                    "Other",
                                    "",
                                    &|__schemas| {
                                        __rpcx::Shaped::<::core::primitive::str>::NEW
                                            .schema(__schemas, &[])
                                    },
                                ),
                            )
                    },
                )
        }
    }
    #[automatically_derived]
    impl __rpcx::serde::Serialize for Tint {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            let __name = match self {
                Self::DarkRed => "dark_red",
                Self::Other(__value) => &**__value,
            };
            __rpcx::serde::Serializer::serialize_str(__serializer, __name)
        }
    }
    #[automatically_derived]
    impl<'__de> __rpcx::serde::Deserialize<'__de> for Tint {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __rpcx::message::variant(
                __deserializer,
                "Tint",
                |__text| match __text {
                    "dark_red" => ::core::option::Option::Some(Self::DarkRed),
                    _ => {
                        ::core::option::Option::Some(
                            Self::Other(::core::convert::From::from(__text)),
                        )
                    }
                },
            )
        }
    }
};
