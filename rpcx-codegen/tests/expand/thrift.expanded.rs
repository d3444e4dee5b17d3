/// Structs of thrift.
#[allow(dead_code)]
pub trait Painter: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn mix(
        &self,
        group: ColorGroup,
    ) -> impl ::core::future::Future<
        Output = rpcx::Result<ColorGroup>,
    > + ::core::marker::Send;
    fn lent(
        &self,
        ctx: &rpcx::Context,
        group: &ColorGroup,
    ) -> impl ::core::future::Future<Output = rpcx::Result<()>> + ::core::marker::Send;
    fn nothing(
        &self,
        nothing: (),
    ) -> impl ::core::future::Future<
        Output = rpcx::Result<ColorGroup>,
    > + ::core::marker::Send;
    fn log(
        &self,
        group: ColorGroup,
    ) -> impl ::core::future::Future<Output = Alias> + ::core::marker::Send;
}
/// Calls `Painter` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub struct PainterClient(::rpcx::__private::Stub);
/// Serves `Painter`: register it with a server.
#[allow(dead_code)]
pub struct PainterServer<__T>(::rpcx::__private::Shared<__T>, ::rpcx::__private::Layers);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Painter",
            &[
                <__Mix as __rpcx::Method>::INFO,
                <__Lent as __rpcx::Method>::INFO,
                <__Nothing as __rpcx::Method>::INFO,
                <__Log as __rpcx::Method>::INFO,
            ],
        )
        .docs("Structs of thrift.")
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Mix,
        >(
            __methods,
            &|__schemas| __schemas.foreign("ColorGroup"),
            &|__schemas| __schemas.foreign("ColorGroup"),
            __rpcx::Failing::<__rpcx::Failure<__Mix>>::ERRORS,
        );
        __rpcx::describe::<
            __Lent,
        >(
            __methods,
            &|__schemas| __schemas.foreign("ColorGroup"),
            &|__schemas| __rpcx::Json::object(),
            __rpcx::Failing::<__rpcx::Failure<__Lent>>::ERRORS,
        );
        __rpcx::describe::<
            __Nothing,
        >(
            __methods,
            &|__schemas| __rpcx::Json::object(),
            &|__schemas| __schemas.foreign("ColorGroup"),
            __rpcx::Failing::<__rpcx::Failure<__Nothing>>::ERRORS,
        );
        __rpcx::describe::<
            __Log,
        >(
            __methods,
            &|__schemas| __schemas.foreign("ColorGroup"),
            &|__schemas| __schemas.foreign("Success"),
            __rpcx::Failing::<__rpcx::Failure<__Log>>::ERRORS,
        );
    }
    struct __Mix;
    impl __rpcx::Method for __Mix {
        type Family = __rpcx::Thrift;
        type Args<'__a> = __rpcx::One<__rpcx::As<ColorGroup>>;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<ColorGroup>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(0u32, "Mix");
    }
    struct __Lent;
    impl __rpcx::Method for __Lent {
        type Family = __rpcx::Thrift;
        type Args<'__a> = __rpcx::One<__rpcx::As<ColorGroup>>;
        type Form = __rpcx::Formed<__rpcx::EmptyStruct>;
        type Ret = rpcx::Result<()>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(1u32, "Lent");
    }
    struct __Nothing;
    impl __rpcx::Method for __Nothing {
        type Family = __rpcx::Thrift;
        type Args<'__a> = __rpcx::One<
            __rpcx::As<(), __rpcx::Formed<__rpcx::EmptyStruct>>,
        >;
        type Form = __rpcx::Plain;
        type Ret = rpcx::Result<ColorGroup>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(
            2u32,
            "Nothing",
        );
    }
    struct __Log;
    impl __rpcx::Method for __Log {
        type Family = __rpcx::Thrift;
        type Args<'__a> = __rpcx::One<__rpcx::As<ColorGroup>>;
        type Form = __rpcx::Formed<__rpcx::EmptyStruct>;
        type Ret = Alias;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(3u32, "Log")
            .oneway();
    }
    impl PainterClient {
        /// A client of `Painter` that calls through a channel.
        pub fn new(__channel: impl ::core::convert::Into<__rpcx::Channel>) -> Self {
            Self(__rpcx::Stub::new(__channel, &__INFO))
        }
        /// The same, calling another service path.
        #[must_use]
        pub fn with_path(self, __path: impl __rpcx::Into<__rpcx::Path>) -> Self {
            Self(self.0.with_path(__path))
        }
        /// Puts a layer around the calls of this client, inside of those it has.
        #[must_use]
        pub fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0.layer(__layer))
        }
        /// The channel that calls go through.
        pub fn channel(&self) -> &__rpcx::Channel {
            self.0.channel()
        }
        /// Calls `Mix`.
        pub fn mix(&self, group: ColorGroup) -> __rpcx::Call<rpcx::Result<ColorGroup>> {
            __rpcx::call::<__Mix>(&self.0, &group)
        }
        /// Calls `Lent`.
        pub fn lent(&self, group: &ColorGroup) -> __rpcx::Call<rpcx::Result<()>> {
            __rpcx::call::<__Lent>(&self.0, group)
        }
        /// Calls `Nothing`.
        pub fn nothing(&self, nothing: ()) -> __rpcx::Call<rpcx::Result<ColorGroup>> {
            __rpcx::call::<__Nothing>(&self.0, &nothing)
        }
        /// Calls `Log`.
        pub fn log(&self, group: ColorGroup) -> __rpcx::Call<Alias> {
            __rpcx::call_oneway::<__Log>(&self.0, &group)
        }
    }
    impl Painter for PainterClient {
        fn mix(&self, group: ColorGroup) -> __rpcx::Call<rpcx::Result<ColorGroup>> {
            Self::mix(self, group)
        }
        fn lent(
            &self,
            ctx: &rpcx::Context,
            group: &ColorGroup,
        ) -> __rpcx::Call<rpcx::Result<()>> {
            Self::lent(self, group).parent(ctx)
        }
        fn nothing(&self, nothing: ()) -> __rpcx::Call<rpcx::Result<ColorGroup>> {
            Self::nothing(self, nothing)
        }
        fn log(&self, group: ColorGroup) -> __rpcx::Call<Alias> {
            Self::log(self, group)
        }
    }
    impl<__T: Painter> PainterServer<__T> {
        /// Serves this service.
        pub fn new(__service: __T) -> Self {
            Self::from_arc(__rpcx::Arc::new(__service))
        }
        /// Serves a service that others hold too.
        pub fn from_arc(__service: __rpcx::Arc<__T>) -> Self {
            Self(__rpcx::Shared::new(__service), __rpcx::Layers::new())
        }
        /// Puts a layer around the calls of this service, inside of those it has.
        #[must_use]
        pub fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0, self.1.with(__layer))
        }
    }
    impl<__T> ::core::clone::Clone for PainterServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for PainterServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("PainterServer").finish_non_exhaustive()
        }
    }
    impl<__T: Painter> __rpcx::Service for PainterServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"Mix" => <__Mix as __rpcx::Method>::INFO,
                    b"Lent" => <__Lent as __rpcx::Method>::INFO,
                    b"Nothing" => <__Nothing as __rpcx::Method>::INFO,
                    b"Log" => <__Log as __rpcx::Method>::INFO,
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
                        let group = __rpcx::decode::<__Mix>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Painter>::mix(&__service, group).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Mix>)
                }
                1u32 => {
                    let __context = __slot.context(&__request);
                    let __future = async move {
                        let group = __rpcx::decode::<__Lent>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Painter>::lent(&__service, &__context, &group).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Lent>)
                }
                2u32 => {
                    let __future = async move {
                        let nothing = __rpcx::decode::<__Nothing>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Painter>::nothing(&__service, nothing).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Nothing>)
                }
                3u32 => {
                    let __future = async move {
                        let group = __rpcx::decode::<__Log>(&__request)?;
                        __rpcx::Result::Ok(
                            <__T as Painter>::log(&__service, group).await,
                        )
                    };
                    __slot.run(__future, __rpcx::reply::<__Log>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Painter + ?::core::marker::Sized> Painter for __rpcx::Arc<__T> {
        async fn mix(&self, group: ColorGroup) -> rpcx::Result<ColorGroup> {
            <__T as Painter>::mix(&**self, group).await
        }
        async fn lent(
            &self,
            ctx: &rpcx::Context,
            group: &ColorGroup,
        ) -> rpcx::Result<()> {
            <__T as Painter>::lent(&**self, ctx, group).await
        }
        async fn nothing(&self, nothing: ()) -> rpcx::Result<ColorGroup> {
            <__T as Painter>::nothing(&**self, nothing).await
        }
        async fn log(&self, group: ColorGroup) -> Alias {
            <__T as Painter>::log(&**self, group).await
        }
    }
};
