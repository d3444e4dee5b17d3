/// What can go wrong.
#[derive(Debug)]
pub enum BankError {
    /// By zero.
    DivideByZero,
    /// Not enough.
    Insufficient { need: u64, currency: String },
    /// Of another server.
    NotLeader { leader: String },
    /// Refused.
    Refused(String),
    /// The rest.
    Rpc(rpcx::Error),
}
#[allow(
    unused_imports,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
const _: () = {
    use ::rpcx::__private as __rpcx;
    use __rpcx::NoForm as _;
    struct __InsufficientFields;
    impl __rpcx::ErrorFields for __InsufficientFields {
        type Fields = __rpcx::Fields<
            __InsufficientFields,
            (__rpcx::As<u64>, __rpcx::As<String>),
        >;
    }
    impl __rpcx::Names for __InsufficientFields {
        const NAME: &'static ::core::primitive::str = "Insufficient";
        const NAMES: &'static [&'static ::core::primitive::str] = &["need", "currency"];
    }
    struct __NotLeaderFields;
    impl __rpcx::ErrorFields for __NotLeaderFields {
        type Fields = __rpcx::Fields<__NotLeaderFields, (__rpcx::As<String>,)>;
    }
    impl __rpcx::Names for __NotLeaderFields {
        const NAME: &'static ::core::primitive::str = "NotLeader";
        const NAMES: &'static [&'static ::core::primitive::str] = &["leader"];
    }
    struct __RefusedFields;
    impl __rpcx::ErrorFields for __RefusedFields {
        type Fields = __rpcx::One<__rpcx::As<String>>;
    }
    impl __rpcx::ServiceError for BankError {
        fn into_error(self) -> __rpcx::Error {
            let __text = __rpcx::ToString::to_string(&self);
            match self {
                Self::DivideByZero { .. } => {
                    __rpcx::Error::service(__text).with_code(1001i64)
                }
                Self::Insufficient { need: __field_need, currency: __field_currency } => {
                    __rpcx::with_data::<
                        __InsufficientFields,
                    >(
                        __rpcx::Error::service(__text).with_code(1002i64),
                        (&__field_need, &__field_currency),
                    )
                }
                Self::NotLeader { leader: __field_leader } => {
                    __rpcx::with_data::<
                        __NotLeaderFields,
                    >(__rpcx::elsewhere(__text).with_code(1004i64), (&__field_leader,))
                }
                Self::Refused { 0: __field_0 } => {
                    __rpcx::with_data::<
                        __RefusedFields,
                    >(__rpcx::Error::service(__text).with_code(1003i64), &__field_0)
                }
                Self::Rpc(__error) => __error,
            }
        }
        fn from_error(__error: __rpcx::Error) -> Self {
            match __rpcx::error_code(&__error) {
                __rpcx::Option::Some(1001i64) => return Self::DivideByZero {},
                __rpcx::Option::Some(1002i64) => {
                    if let __rpcx::Option::Some((__field_need, __field_currency)) = __rpcx::read_data::<
                        __InsufficientFields,
                    >(&__error) {
                        return Self::Insufficient {
                            need: __field_need,
                            currency: __field_currency,
                        };
                    }
                }
                __rpcx::Option::Some(1004i64) => {
                    if let __rpcx::Option::Some((__field_leader,)) = __rpcx::read_data::<
                        __NotLeaderFields,
                    >(&__error) {
                        return Self::NotLeader {
                            leader: __field_leader,
                        };
                    }
                }
                __rpcx::Option::Some(1003i64) => {
                    if let __rpcx::Option::Some(__field_0) = __rpcx::read_data::<
                        __RefusedFields,
                    >(&__error) {
                        return Self::Refused { 0: __field_0 };
                    }
                }
                _ => {}
            }
            Self::Rpc(__error)
        }
    }
    impl __rpcx::ErrorInfos for BankError {
        const ERRORS: &'static [__rpcx::ErrorInfo] = &[
            __rpcx::ErrorInfo::new(1001i64, "DivideByZero", "By zero."),
            __rpcx::ErrorInfo::new(1002i64, "Insufficient", "Not enough."),
            __rpcx::ErrorInfo::new(1004i64, "NotLeader", "Of another server."),
            __rpcx::ErrorInfo::new(1003i64, "Refused", "Refused."),
        ];
    }
    impl ::core::convert::From<__rpcx::Error> for BankError {
        fn from(__error: __rpcx::Error) -> Self {
            Self::Rpc(__error)
        }
    }
    #[allow(unused_variables)]
    impl __rpcx::fmt::Display for BankError {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            match self {
                Self::DivideByZero { .. } => ::core::write!(__f, "division by zero"),
                Self::Insufficient { need: __field_need, currency: __field_currency } => {
                    ::core::write!(__f, "need {__field_need} more of {__field_currency}")
                }
                Self::NotLeader { leader: __field_leader } => {
                    ::core::write!(__f, "ask {__field_leader}")
                }
                Self::Refused { 0: __field_0 } => {
                    ::core::write!(__f, "refused: {__field_0}")
                }
                Self::Rpc(__error) => __rpcx::fmt::Display::fmt(__error, __f),
            }
        }
    }
    impl ::core::error::Error for BankError {
        fn source(&self) -> __rpcx::Option<&(dyn ::core::error::Error + 'static)> {
            match self {
                Self::Rpc(__error) => ::core::error::Error::source(__error),
                #[allow(unreachable_patterns)]
                _ => __rpcx::Option::None,
            }
        }
    }
};
#[allow(dead_code)]
pub trait Bank: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn div(
        &self,
        a: i64,
        b: i64,
    ) -> impl ::core::future::Future<
        Output = Result<i64, BankError>,
    > + ::core::marker::Send;
}
/// Calls `Bank` through a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
#[allow(dead_code)]
pub struct BankClient(::rpcx::__private::Stub);
/// Serves `Bank`: register it with a server.
#[allow(dead_code)]
pub struct BankServer<__T>(::rpcx::__private::Shared<__T>, ::rpcx::__private::Layers);
#[allow(deprecated, non_snake_case, refining_impl_trait, unused_qualifications)]
#[allow(unreachable_pub, unused, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::rpcx::__private::{self as __rpcx, NoForm as _};
    static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(
            "Bank",
            &[<__Div as __rpcx::Method>::INFO],
        )
        .types(__rpcx::types!(__describe));
    fn __describe(__methods: &mut __rpcx::Methods<'_>) {
        use __rpcx::{ByParts as _, Silent as _, Unknown as _};
        __rpcx::describe::<
            __Div,
        >(
            __methods,
            &|__schemas| {
                __schemas
                    .object(
                        &[
                            __rpcx::Property(
                                "A",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<i64>::NEW.schema(__schemas, &[])
                                },
                            ),
                            __rpcx::Property(
                                "B",
                                "",
                                &|__schemas| {
                                    __rpcx::Shaped::<i64>::NEW.schema(__schemas, &[])
                                },
                            ),
                        ],
                    )
            },
            &|__schemas| __rpcx::Shaped::<i64>::NEW.schema(__schemas, &[]),
            __rpcx::Failing::<__rpcx::Failure<__Div>>::ERRORS,
        );
    }
    struct __Div;
    impl __rpcx::Method for __Div {
        type Family = __rpcx::Serde;
        type Args<'__a> = __rpcx::Fields<
            __rpcx::ArgNames<__Div>,
            (__rpcx::As<i64>, __rpcx::As<i64>),
        >;
        type Form = __rpcx::Plain;
        type Ret = Result<i64, BankError>;
        const INFO: &'static __rpcx::MethodInfo = &__rpcx::MethodInfo::new(0u32, "Div");
        const NAMES: &'static [&'static __rpcx::str] = &["A", "B"];
    }
    impl BankClient {
        /// A client of `Bank` that calls through a channel.
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
        /// Calls `Div`.
        pub fn div(&self, a: i64, b: i64) -> __rpcx::Call<Result<i64, BankError>> {
            __rpcx::call::<__Div>(&self.0, (&a, &b))
        }
    }
    impl Bank for BankClient {
        fn div(&self, a: i64, b: i64) -> __rpcx::Call<Result<i64, BankError>> {
            Self::div(self, a, b)
        }
    }
    impl<__T: Bank> BankServer<__T> {
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
    impl<__T> ::core::clone::Clone for BankServer<__T> {
        fn clone(&self) -> Self {
            Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
        }
    }
    impl<__T> __rpcx::fmt::Debug for BankServer<__T> {
        fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
            __f.debug_struct("BankServer").finish_non_exhaustive()
        }
    }
    impl<__T: Bank> __rpcx::Service for BankServer<__T> {
        fn info(&self) -> __rpcx::ServiceRef {
            ::core::convert::From::from(&__INFO)
        }
        fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
            __rpcx::found(
                match __name {
                    b"Div" => <__Div as __rpcx::Method>::INFO,
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
                        let (a, b) = __rpcx::decode::<__Div>(&__request)?;
                        __rpcx::Result::Ok(<__T as Bank>::div(&__service, a, b).await)
                    };
                    __slot.run(__future, __rpcx::reply::<__Div>)
                }
                _ => __rpcx::no_such_method(__slot),
            }
        }
    }
    impl<__T: Bank + ?::core::marker::Sized> Bank for __rpcx::Arc<__T> {
        async fn div(&self, a: i64, b: i64) -> Result<i64, BankError> {
            <__T as Bank>::div(&**self, a, b).await
        }
    }
};
