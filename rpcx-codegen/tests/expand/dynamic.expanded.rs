/// Keeps texts.
#[allow(dead_code)]
pub trait Store: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// The text under a key.
    fn get(
        &self,
        ctx: &rpcx::Context,
        key: &str,
    ) -> impl ::core::future::Future<
        Output = rpcx::Result<Option<String>>,
    > + ::core::marker::Send;
    #[cfg(feature = "write")]
    fn put(
        &self,
        key: &str,
        text: String,
    ) -> impl ::core::future::Future<Output = rpcx::Result<()>> + ::core::marker::Send;
}
/// `Store` with boxed futures, for `dyn StoreDyn`. Every `Store` is one; `dyn StoreDyn` and `Arc<dyn StoreDyn>` are a `Store`, whose methods are the ones to call.
#[allow(dead_code, deprecated, unused_qualifications)]
pub trait StoreDyn: ::core::marker::Send + ::core::marker::Sync + 'static {
    #[doc(hidden)]
    fn __dyn_get<'__a>(
        &'__a self,
        ctx: &'__a rpcx::Context,
        key: &'__a str,
    ) -> ::rpcx::__private::Pin<
        ::rpcx::__private::Box<
            dyn ::rpcx::__private::Future<
                Output = rpcx::Result<Option<String>>,
            > + ::core::marker::Send + '__a,
        >,
    >;
    #[doc(hidden)]
    #[cfg(feature = "write")]
    fn __dyn_put<'__a>(
        &'__a self,
        key: &'__a str,
        text: String,
    ) -> ::rpcx::__private::Pin<
        ::rpcx::__private::Box<
            dyn ::rpcx::__private::Future<
                Output = rpcx::Result<()>,
            > + ::core::marker::Send + '__a,
        >,
    >;
}
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Store",
            &[
                <__Get as __rpcx::Method>::INFO,
                #[cfg(feature = "write")]
                <__Put as __rpcx::Method>::INFO,
            ],
        )
        .docs("Keeps texts.")
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Get,
        >(
            __methods,
            &|__schemas| <__rpcx::str as __rpcx::JsonSchema>::schema(__schemas),
            &|__schemas| __rpcx::Shaped::<Option<String>>::NEW.schema(__schemas, &[]),
            __rpcx::Failing::<__rpcx::Failure<__Get>>::ERRORS,
        );
        #[cfg(feature = "write")]
        __rpcx::describe::<
            __Put,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "Key",
                                "",
                                &|__schemas| <__rpcx::str as __rpcx::JsonSchema>::schema(
                                    __schemas,
                                ),
                            ),
                            __rpcx::Property(
                                "Text",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<String>::NEW.schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| {
                __schemas
                    .plain(&|__schemas| __rpcx::Shaped::<()>::NEW.schema(__schemas, &[]))
            },
            __rpcx::Failing::<__rpcx::Failure<__Put>>::ERRORS,
        );
    }
    struct __Get;
    impl __rpcx::Method for __Get {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::One<
            __rpcx::As<
                __rpcx::Cow<'__a, __rpcx::str>,
                __rpcx::Formed<__rpcx::codec::LentText>,
            >,
        >;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<Option<String>>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(0u32, "Get")
            .docs("The text under a key.");
    }
    #[cfg(feature = "write")]
    struct __Put;
    #[cfg(feature = "write")]
    impl __rpcx::Method for __Put {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__Put>,
            (
                __rpcx::As<
                    __rpcx::Cow<'__a, __rpcx::str>,
                    __rpcx::Formed<__rpcx::codec::LentText>,
                >,
                __rpcx::As<String>,
            ),
        >;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<()>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(1u32, "Put");
        const NAMES: &'static [&'static __rpcx::str] = &["Key", "Text"];
    }
    impl<__T: Store + ?::core::marker::Sized> Store for __rpcx::Arc<__T> {
        async fn get(
            &self,
            ctx: &rpcx::Context,
            key: &str,
        ) -> rpcx::Result<Option<String>> {
            <__T as Store>::get(&**self, ctx, key).await
        }
        #[cfg(feature = "write")]
        async fn put(&self, key: &str, text: String) -> rpcx::Result<()> {
            <__T as Store>::put(&**self, key, text).await
        }
    }
    impl<__T: Store> StoreDyn for __T {
        fn __dyn_get<'__a>(
            &'__a self,
            ctx: &'__a rpcx::Context,
            key: &'__a str,
        ) -> __rpcx::Pin<
            __rpcx::Box<
                dyn __rpcx::Future<
                    Output = rpcx::Result<Option<String>>,
                > + ::core::marker::Send + '__a,
            >,
        > {
            __rpcx::Box::pin(<__T as Store>::get(self, ctx, key))
        }
        #[cfg(feature = "write")]
        fn __dyn_put<'__a>(
            &'__a self,
            key: &'__a str,
            text: String,
        ) -> __rpcx::Pin<
            __rpcx::Box<
                dyn __rpcx::Future<
                    Output = rpcx::Result<()>,
                > + ::core::marker::Send + '__a,
            >,
        > {
            __rpcx::Box::pin(<__T as Store>::put(self, key, text))
        }
    }
    impl Store for dyn StoreDyn {
        async fn get(
            &self,
            ctx: &rpcx::Context,
            key: &str,
        ) -> rpcx::Result<Option<String>> {
            StoreDyn::__dyn_get(self, ctx, key).await
        }
        #[cfg(feature = "write")]
        async fn put(&self, key: &str, text: String) -> rpcx::Result<()> {
            StoreDyn::__dyn_put(self, key, text).await
        }
    }
};
