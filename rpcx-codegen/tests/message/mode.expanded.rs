pub enum Mode {
    ReadOnly,
    ReadWrite,
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
    use fleet::rpc::__private as __rpcx;
    #[automatically_derived]
    impl __rpcx::JsonSchema for Mode {
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
                                    (__rpcx::Json::from("ReadOnly"), "ReadOnly", ""),
                                    (__rpcx::Json::from("rw"), "ReadWrite", ""),
                                ],
                            )
                    },
                )
        }
    }
    #[automatically_derived]
    impl __rpcx::serde::Serialize for Mode {
        fn serialize<__S: __rpcx::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            let __name = match self {
                Self::ReadOnly => "ReadOnly",
                Self::ReadWrite => "rw",
            };
            __rpcx::serde::Serializer::serialize_str(__serializer, __name)
        }
    }
    #[automatically_derived]
    impl<'__de> __rpcx::serde::Deserialize<'__de> for Mode {
        fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __rpcx::message::variant(
                __deserializer,
                "Mode",
                |__text| match __text {
                    "ReadOnly" => ::core::option::Option::Some(Self::ReadOnly),
                    "rw" => ::core::option::Option::Some(Self::ReadWrite),
                    "" => ::core::option::Option::Some(Self::ReadOnly),
                    _ => ::core::option::Option::None,
                },
            )
        }
    }
};
