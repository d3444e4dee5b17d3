//! Written by `rpcx-codegen/tests/codegen/names.rs`: every name of generated code, in every place of a user's.
#![allow(warnings)]

mod inside {
    #[rpcx::service(dyn, rename_methods = "none", rename_args = "none")]
    pub trait Svc {
        async fn Alias(&self) -> rpcx::Result<u8>;
        async fn Answerer(&self) -> rpcx::Result<u8>;
        async fn AnswererServer(&self) -> rpcx::Result<u8>;
        async fn Arc(&self) -> rpcx::Result<u8>;
        async fn ArgNames(&self) -> rpcx::Result<u8>;
        async fn Args(&self) -> rpcx::Result<u8>;
        async fn Arith(&self) -> rpcx::Result<u8>;
        async fn ArithClient(&self) -> rpcx::Result<u8>;
        async fn ArithServer(&self) -> rpcx::Result<u8>;
        async fn As(&self) -> rpcx::Result<u8>;
        async fn Bank(&self) -> rpcx::Result<u8>;
        async fn BankClient(&self) -> rpcx::Result<u8>;
        async fn BankError(&self) -> rpcx::Result<u8>;
        async fn BankServer(&self) -> rpcx::Result<u8>;
        async fn Blocking(&self) -> rpcx::Result<u8>;
        async fn Borrowed(&self) -> rpcx::Result<u8>;
        async fn Box(&self) -> rpcx::Result<u8>;
        async fn Bytes(&self) -> rpcx::Result<u8>;
        async fn Call(&self) -> rpcx::Result<u8>;
        async fn CallFuture(&self) -> rpcx::Result<u8>;
        async fn CallSlot(&self) -> rpcx::Result<u8>;
        async fn Caller(&self) -> rpcx::Result<u8>;
        async fn CallerClient(&self) -> rpcx::Result<u8>;
        async fn Channel(&self) -> rpcx::Result<u8>;
        async fn Chosen(&self) -> rpcx::Result<u8>;
        async fn Clone(&self) -> rpcx::Result<u8>;
        async fn Color(&self) -> rpcx::Result<u8>;
        async fn ColorGroup(&self) -> rpcx::Result<u8>;
        async fn Context(&self) -> rpcx::Result<u8>;
        async fn Copy(&self) -> rpcx::Result<u8>;
        async fn Cow(&self) -> rpcx::Result<u8>;
        async fn Debug(&self) -> rpcx::Result<u8>;
        async fn Default(&self) -> rpcx::Result<u8>;
        async fn Deserialize(&self) -> rpcx::Result<u8>;
        async fn Deserializer(&self) -> rpcx::Result<u8>;
        async fn Display(&self) -> rpcx::Result<u8>;
        async fn DivideByZero(&self) -> rpcx::Result<u8>;
        async fn END(&self) -> rpcx::Result<u8>;
        async fn EmptyStruct(&self) -> rpcx::Result<u8>;
        async fn Entry(&self) -> rpcx::Result<u8>;
        async fn Err(&self) -> rpcx::Result<u8>;
        async fn Error(&self) -> rpcx::Result<u8>;
        async fn ErrorFields(&self) -> rpcx::Result<u8>;
        async fn Execution(&self) -> rpcx::Result<u8>;
        async fn Family(&self) -> rpcx::Result<u8>;
        async fn Fields(&self) -> rpcx::Result<u8>;
        async fn Form(&self) -> rpcx::Result<u8>;
        async fn Formatter(&self) -> rpcx::Result<u8>;
        async fn Formed(&self) -> rpcx::Result<u8>;
        async fn From(&self) -> rpcx::Result<u8>;
        async fn Future(&self) -> rpcx::Result<u8>;
        async fn Green(&self) -> rpcx::Result<u8>;
        async fn Greeter(&self) -> rpcx::Result<u8>;
        async fn GreeterClient(&self) -> rpcx::Result<u8>;
        async fn GreeterServer(&self) -> rpcx::Result<u8>;
        async fn HelloReply(&self) -> rpcx::Result<u8>;
        async fn HelloRequest(&self) -> rpcx::Result<u8>;
        async fn INFO(&self) -> rpcx::Result<u8>;
        async fn InField(&self) -> rpcx::Result<u8>;
        async fn Insufficient(&self) -> rpcx::Result<u8>;
        async fn Into(&self) -> rpcx::Result<u8>;
        async fn IntoFuture(&self) -> rpcx::Result<u8>;
        async fn Key(&self) -> rpcx::Result<u8>;
        async fn Layer(&self) -> rpcx::Result<u8>;
        async fn Layers(&self) -> rpcx::Result<u8>;
        async fn MapAccess(&self) -> rpcx::Result<u8>;
        async fn Message(&self) -> rpcx::Result<u8>;
        async fn Method(&self) -> rpcx::Result<u8>;
        async fn MethodInfo(&self) -> rpcx::Result<u8>;
        async fn MethodRef(&self) -> rpcx::Result<u8>;
        async fn Mode(&self) -> rpcx::Result<u8>;
        async fn NAME(&self) -> rpcx::Result<u8>;
        async fn NAMES(&self) -> rpcx::Result<u8>;
        async fn NONE(&self) -> rpcx::Result<u8>;
        async fn Names(&self) -> rpcx::Result<u8>;
        async fn NoArgs(&self) -> rpcx::Result<u8>;
        async fn NoForm(&self) -> rpcx::Result<u8>;
        async fn None(&self) -> rpcx::Result<u8>;
        async fn OWN(&self) -> rpcx::Result<u8>;
        async fn Ok(&self) -> rpcx::Result<u8>;
        async fn One(&self) -> rpcx::Result<u8>;
        async fn Option(&self) -> rpcx::Result<u8>;
        async fn OrDefault(&self) -> rpcx::Result<u8>;
        async fn Output(&self) -> rpcx::Result<u8>;
        async fn Painter(&self) -> rpcx::Result<u8>;
        async fn PainterClient(&self) -> rpcx::Result<u8>;
        async fn PainterServer(&self) -> rpcx::Result<u8>;
        async fn Path(&self) -> rpcx::Result<u8>;
        async fn Pin(&self) -> rpcx::Result<u8>;
        async fn Plain(&self) -> rpcx::Result<u8>;
        async fn Probe(&self) -> rpcx::Result<u8>;
        async fn Prost(&self) -> rpcx::Result<u8>;
        async fn PutArgs(&self) -> rpcx::Result<u8>;
        async fn REPLY(&self) -> rpcx::Result<u8>;
        async fn Raw(&self) -> rpcx::Result<u8>;
        async fn ReadOnly(&self) -> rpcx::Result<u8>;
        async fn ReadWrite(&self) -> rpcx::Result<u8>;
        async fn Red(&self) -> rpcx::Result<u8>;
        async fn Refused(&self) -> rpcx::Result<u8>;
        async fn Reply(&self) -> rpcx::Result<u8>;
        async fn Request(&self) -> rpcx::Result<u8>;
        async fn Result(&self) -> rpcx::Result<u8>;
        async fn Ret(&self) -> rpcx::Result<u8>;
        async fn Rpc(&self) -> rpcx::Result<u8>;
        async fn SayError(&self) -> rpcx::Result<u8>;
        async fn Send(&self) -> rpcx::Result<u8>;
        async fn Serde(&self) -> rpcx::Result<u8>;
        async fn Serialize(&self) -> rpcx::Result<u8>;
        async fn SerializeStruct(&self) -> rpcx::Result<u8>;
        async fn Serializer(&self) -> rpcx::Result<u8>;
        async fn Service(&self) -> rpcx::Result<u8>;
        async fn ServiceError(&self) -> rpcx::Result<u8>;
        async fn ServiceInfo(&self) -> rpcx::Result<u8>;
        async fn ServiceRef(&self) -> rpcx::Result<u8>;
        async fn Some(&self) -> rpcx::Result<u8>;
        async fn Spawn(&self) -> rpcx::Result<u8>;
        async fn Store(&self) -> rpcx::Result<u8>;
        async fn StoreClient(&self) -> rpcx::Result<u8>;
        async fn StoreDyn(&self) -> rpcx::Result<u8>;
        async fn StoreError(&self) -> rpcx::Result<u8>;
        async fn StoreServer(&self) -> rpcx::Result<u8>;
        async fn String(&self) -> rpcx::Result<u8>;
        async fn Stub(&self) -> rpcx::Result<u8>;
        async fn Sync(&self) -> rpcx::Result<u8>;
        async fn T(&self) -> rpcx::Result<u8>;
        async fn Text(&self) -> rpcx::Result<u8>;
        async fn Thrift(&self) -> rpcx::Result<u8>;
        async fn ToString(&self) -> rpcx::Result<u8>;
        async fn User(&self) -> rpcx::Result<u8>;
        async fn Vec(&self) -> rpcx::Result<u8>;
        async fn __Add(&self) -> rpcx::Result<u8>;
        async fn __Call(&self) -> rpcx::Result<u8>;
        async fn __Compact(&self) -> rpcx::Result<u8>;
        async fn __Div(&self) -> rpcx::Result<u8>;
        async fn __Get(&self) -> rpcx::Result<u8>;
        async fn __InsufficientFields(&self) -> rpcx::Result<u8>;
        async fn __Lent(&self) -> rpcx::Result<u8>;
        async fn __Log(&self) -> rpcx::Result<u8>;
        async fn __Mix(&self) -> rpcx::Result<u8>;
        async fn __Mul(&self) -> rpcx::Result<u8>;
        async fn __Named(&self) -> rpcx::Result<u8>;
        async fn __New(&self) -> rpcx::Result<u8>;
        async fn __Nothing(&self) -> rpcx::Result<u8>;
        async fn __Ping(&self) -> rpcx::Result<u8>;
        async fn __Put(&self) -> rpcx::Result<u8>;
        async fn __PutAll(&self) -> rpcx::Result<u8>;
        async fn __Raw(&self) -> rpcx::Result<u8>;
        async fn __RefusedFields(&self) -> rpcx::Result<u8>;
        async fn __Say(&self) -> rpcx::Result<u8>;
        async fn __SayHello(&self) -> rpcx::Result<u8>;
        async fn __Type(&self) -> rpcx::Result<u8>;
        async fn __field_0(&self) -> rpcx::Result<u8>;
        async fn __field_currency(&self) -> rpcx::Result<u8>;
        async fn __field_need(&self) -> rpcx::Result<u8>;
        async fn __private(&self) -> rpcx::Result<u8>;
        async fn a(&self) -> rpcx::Result<u8>;
        async fn add(&self) -> rpcx::Result<u8>;
        async fn aliases(&self) -> rpcx::Result<u8>;
        async fn all(&self) -> rpcx::Result<u8>;
        async fn allow(&self) -> rpcx::Result<u8>;
        async fn args(&self) -> rpcx::Result<u8>;
        async fn automatically_derived(&self) -> rpcx::Result<u8>;
        async fn b(&self) -> rpcx::Result<u8>;
        async fn cache(&self) -> rpcx::Result<u8>;
        async fn call(&self) -> rpcx::Result<u8>;
        async fn call_oneway(&self) -> rpcx::Result<u8>;
        async fn cfg(&self) -> rpcx::Result<u8>;
        async fn clippy(&self) -> rpcx::Result<u8>;
        async fn clone(&self) -> rpcx::Result<u8>;
        async fn codec(&self) -> rpcx::Result<u8>;
        async fn compact(&self) -> rpcx::Result<u8>;
        async fn context(&self) -> rpcx::Result<u8>;
        async fn convert(&self) -> rpcx::Result<u8>;
        async fn core(&self) -> rpcx::Result<u8>;
        async fn ctx(&self) -> rpcx::Result<u8>;
        async fn currency(&self) -> rpcx::Result<u8>;
        async fn data(&self) -> rpcx::Result<u8>;
        async fn de(&self) -> rpcx::Result<u8>;
        async fn dead_code(&self) -> rpcx::Result<u8>;
        async fn debug_struct(&self) -> rpcx::Result<u8>;
        async fn decode(&self) -> rpcx::Result<u8>;
        async fn default(&self) -> rpcx::Result<u8>;
        async fn deprecated(&self) -> rpcx::Result<u8>;
        async fn derive(&self) -> rpcx::Result<u8>;
        async fn deserialize(&self) -> rpcx::Result<u8>;
        async fn div(&self) -> rpcx::Result<u8>;
        async fn doc(&self) -> rpcx::Result<u8>;
        async fn docs(&self) -> rpcx::Result<u8>;
        async fn end(&self) -> rpcx::Result<u8>;
        async fn entries(&self) -> rpcx::Result<u8>;
        async fn entry(&self) -> rpcx::Result<u8>;
        async fn error(&self) -> rpcx::Result<u8>;
        async fn error_code(&self) -> rpcx::Result<u8>;
        async fn execution(&self) -> rpcx::Result<u8>;
        async fn extra(&self) -> rpcx::Result<u8>;
        async fn feature(&self) -> rpcx::Result<u8>;
        async fn field(&self) -> rpcx::Result<u8>;
        async fn find(&self) -> rpcx::Result<u8>;
        async fn finish_non_exhaustive(&self) -> rpcx::Result<u8>;
        async fn fleet(&self) -> rpcx::Result<u8>;
        async fn fmt(&self) -> rpcx::Result<u8>;
        async fn found(&self) -> rpcx::Result<u8>;
        async fn from(&self) -> rpcx::Result<u8>;
        async fn from_arc(&self) -> rpcx::Result<u8>;
        async fn from_error(&self) -> rpcx::Result<u8>;
        async fn from_map(&self) -> rpcx::Result<u8>;
        async fn future(&self) -> rpcx::Result<u8>;
        async fn get(&self) -> rpcx::Result<u8>;
        async fn group(&self) -> rpcx::Result<u8>;
        async fn hidden(&self) -> rpcx::Result<u8>;
        async fn i64(&self) -> rpcx::Result<u8>;
        async fn id(&self) -> rpcx::Result<u8>;
        async fn idempotent(&self) -> rpcx::Result<u8>;
        async fn info(&self) -> rpcx::Result<u8>;
        async fn inner(&self) -> rpcx::Result<u8>;
        async fn into_error(&self) -> rpcx::Result<u8>;
        async fn into_future(&self) -> rpcx::Result<u8>;
        async fn key(&self) -> rpcx::Result<u8>;
        async fn layers(&self) -> rpcx::Result<u8>;
        async fn lent(&self) -> rpcx::Result<u8>;
        async fn level(&self) -> rpcx::Result<u8>;
        async fn line(&self) -> rpcx::Result<u8>;
        async fn log(&self) -> rpcx::Result<u8>;
        async fn manual_async_fn(&self) -> rpcx::Result<u8>;
        async fn marker(&self) -> rpcx::Result<u8>;
        async fn message(&self) -> rpcx::Result<u8>;
        async fn method(&self) -> rpcx::Result<u8>;
        async fn missing_debug_implementations(&self) -> rpcx::Result<u8>;
        async fn mix(&self) -> rpcx::Result<u8>;
        async fn mul(&self) -> rpcx::Result<u8>;
        async fn must_use(&self) -> rpcx::Result<u8>;
        async fn my_facade(&self) -> rpcx::Result<u8>;
        async fn name(&self) -> rpcx::Result<u8>;
        async fn named(&self) -> rpcx::Result<u8>;
        async fn need(&self) -> rpcx::Result<u8>;
        async fn next_key(&self) -> rpcx::Result<u8>;
        async fn no_such_method(&self) -> rpcx::Result<u8>;
        async fn no_variant(&self) -> rpcx::Result<u8>;
        async fn non_camel_case_types(&self) -> rpcx::Result<u8>;
        async fn non_snake_case(&self) -> rpcx::Result<u8>;
        async fn nothing(&self) -> rpcx::Result<u8>;
        async fn nursery(&self) -> rpcx::Result<u8>;
        async fn one(&self) -> rpcx::Result<u8>;
        async fn oneway(&self) -> rpcx::Result<u8>;
        async fn option(&self) -> rpcx::Result<u8>;
        async fn parent(&self) -> rpcx::Result<u8>;
        async fn path(&self) -> rpcx::Result<u8>;
        async fn pedantic(&self) -> rpcx::Result<u8>;
        async fn photo(&self) -> rpcx::Result<u8>;
        async fn pin(&self) -> rpcx::Result<u8>;
        async fn ping(&self) -> rpcx::Result<u8>;
        async fn primitive(&self) -> rpcx::Result<u8>;
        async fn put(&self) -> rpcx::Result<u8>;
        async fn put_all(&self) -> rpcx::Result<u8>;
        async fn r#as(&self) -> rpcx::Result<u8>;
        async fn r#async(&self) -> rpcx::Result<u8>;
        async fn r#await(&self) -> rpcx::Result<u8>;
        async fn r#const(&self) -> rpcx::Result<u8>;
        async fn r#dyn(&self) -> rpcx::Result<u8>;
        async fn r#enum(&self) -> rpcx::Result<u8>;
        async fn r#fn(&self) -> rpcx::Result<u8>;
        async fn r#for(&self) -> rpcx::Result<u8>;
        async fn r#if(&self) -> rpcx::Result<u8>;
        async fn r#impl(&self) -> rpcx::Result<u8>;
        async fn r#let(&self) -> rpcx::Result<u8>;
        async fn r#match(&self) -> rpcx::Result<u8>;
        async fn r#mod(&self) -> rpcx::Result<u8>;
        async fn r#move(&self) -> rpcx::Result<u8>;
        async fn r#mut(&self) -> rpcx::Result<u8>;
        async fn r#pub(&self) -> rpcx::Result<u8>;
        async fn r#return(&self) -> rpcx::Result<u8>;
        async fn r#static(&self) -> rpcx::Result<u8>;
        async fn r#struct(&self) -> rpcx::Result<u8>;
        async fn r#trait(&self) -> rpcx::Result<u8>;
        async fn r#type(&self) -> rpcx::Result<u8>;
        async fn r#use(&self) -> rpcx::Result<u8>;
        async fn r#while(&self) -> rpcx::Result<u8>;
        async fn raw(&self) -> rpcx::Result<u8>;
        async fn read_data(&self) -> rpcx::Result<u8>;
        async fn refining_impl_trait(&self) -> rpcx::Result<u8>;
        async fn reply(&self) -> rpcx::Result<u8>;
        async fn req(&self) -> rpcx::Result<u8>;
        async fn restriction(&self) -> rpcx::Result<u8>;
        async fn result(&self) -> rpcx::Result<u8>;
        async fn rpc(&self) -> rpcx::Result<u8>;
        async fn rpcx(&self) -> rpcx::Result<u8>;
        async fn run(&self) -> rpcx::Result<u8>;
        async fn say(&self) -> rpcx::Result<u8>;
        async fn say_hello(&self) -> rpcx::Result<u8>;
        async fn ser(&self) -> rpcx::Result<u8>;
        async fn serde(&self) -> rpcx::Result<u8>;
        async fn serialize(&self) -> rpcx::Result<u8>;
        async fn serialize_field(&self) -> rpcx::Result<u8>;
        async fn serialize_i64(&self) -> rpcx::Result<u8>;
        async fn serialize_str(&self) -> rpcx::Result<u8>;
        async fn serialize_struct(&self) -> rpcx::Result<u8>;
        async fn service(&self) -> rpcx::Result<u8>;
        async fn source(&self) -> rpcx::Result<u8>;
        async fn str(&self) -> rpcx::Result<u8>;
        async fn text(&self) -> rpcx::Result<u8>;
        async fn time_to_live(&self) -> rpcx::Result<u8>;
        async fn timeout_ms(&self) -> rpcx::Result<u8>;
        async fn to_string(&self) -> rpcx::Result<u8>;
        async fn u32(&self) -> rpcx::Result<u8>;
        async fn u64(&self) -> rpcx::Result<u8>;
        async fn u8(&self) -> rpcx::Result<u8>;
        async fn unix(&self) -> rpcx::Result<u8>;
        async fn unreachable_patterns(&self) -> rpcx::Result<u8>;
        async fn unreachable_pub(&self) -> rpcx::Result<u8>;
        async fn unused(&self) -> rpcx::Result<u8>;
        async fn unused_imports(&self) -> rpcx::Result<u8>;
        async fn unused_qualifications(&self) -> rpcx::Result<u8>;
        async fn unused_variables(&self) -> rpcx::Result<u8>;
        async fn up_to(&self) -> rpcx::Result<u8>;
        async fn value(&self) -> rpcx::Result<u8>;
        async fn variant(&self) -> rpcx::Result<u8>;
        async fn version(&self) -> rpcx::Result<u8>;
        async fn with(&self) -> rpcx::Result<u8>;
        async fn with_code(&self) -> rpcx::Result<u8>;
        async fn with_data(&self) -> rpcx::Result<u8>;
        async fn write(&self) -> rpcx::Result<u8>;
        async fn zero(&self) -> rpcx::Result<u8>;
        async fn with_arguments_0(&self, Alias: u8, Answerer: u8, AnswererServer: u8, Arc: u8, ArgNames: u8, Args: u8, Arith: u8, ArithClient: u8, ArithServer: u8, As: u8, Bank: u8, BankClient: u8) -> rpcx::Result<u8>;
        async fn with_arguments_1(&self, BankError: u8, BankServer: u8, Blocking: u8, Borrowed: u8, Box: u8, Bytes: u8, Call: u8, CallFuture: u8, CallSlot: u8, Caller: u8, CallerClient: u8, Channel: u8) -> rpcx::Result<u8>;
        async fn with_arguments_2(&self, Chosen: u8, Clone: u8, Color: u8, ColorGroup: u8, Context: u8, Copy: u8, Cow: u8, Debug: u8, Default: u8, Deserialize: u8, Deserializer: u8, Display: u8) -> rpcx::Result<u8>;
        async fn with_arguments_3(&self, DivideByZero: u8, END: u8, EmptyStruct: u8, Entry: u8, Error: u8, ErrorFields: u8, Execution: u8, Family: u8, Fields: u8, Form: u8, Formatter: u8, Formed: u8) -> rpcx::Result<u8>;
        async fn with_arguments_4(&self, From: u8, Future: u8, Green: u8, Greeter: u8, GreeterClient: u8, GreeterServer: u8, HelloReply: u8, HelloRequest: u8, INFO: u8, InField: u8, Insufficient: u8, Into: u8) -> rpcx::Result<u8>;
        async fn with_arguments_5(&self, IntoFuture: u8, Key: u8, Layer: u8, Layers: u8, MapAccess: u8, Message: u8, Method: u8, MethodInfo: u8, MethodRef: u8, Mode: u8, NAME: u8, NAMES: u8) -> rpcx::Result<u8>;
        async fn with_arguments_6(&self, NONE: u8, Names: u8, NoArgs: u8, NoForm: u8, OWN: u8, One: u8, Option: u8, OrDefault: u8, Output: u8, Painter: u8, PainterClient: u8, PainterServer: u8) -> rpcx::Result<u8>;
        async fn with_arguments_7(&self, Path: u8, Pin: u8, Plain: u8, Probe: u8, Prost: u8, PutArgs: u8, REPLY: u8, Raw: u8, ReadOnly: u8, ReadWrite: u8, Red: u8, Refused: u8) -> rpcx::Result<u8>;
        async fn with_arguments_8(&self, Reply: u8, Request: u8, Result: u8, Ret: u8, Rpc: u8, SayError: u8, Send: u8, Serde: u8, Serialize: u8, SerializeStruct: u8, Serializer: u8, Service: u8) -> rpcx::Result<u8>;
        async fn with_arguments_9(&self, ServiceError: u8, ServiceInfo: u8, ServiceRef: u8, Spawn: u8, Store: u8, StoreClient: u8, StoreDyn: u8, StoreError: u8, StoreServer: u8, String: u8, Stub: u8, Sync: u8) -> rpcx::Result<u8>;
        async fn with_arguments_10(&self, T: u8, Text: u8, Thrift: u8, ToString: u8, User: u8, Vec: u8, __Add: u8, __Call: u8, __Compact: u8, __Div: u8, __Get: u8, __InsufficientFields: u8) -> rpcx::Result<u8>;
        async fn with_arguments_11(&self, __Lent: u8, __Log: u8, __Mix: u8, __Mul: u8, __Named: u8, __New: u8, __Nothing: u8, __Ping: u8, __Put: u8, __PutAll: u8, __Raw: u8, __RefusedFields: u8) -> rpcx::Result<u8>;
        async fn with_arguments_12(&self, __Say: u8, __SayHello: u8, __Type: u8, __field_0: u8, __field_currency: u8, __field_need: u8, __private: u8, a: u8, add: u8, aliases: u8, all: u8, allow: u8) -> rpcx::Result<u8>;
        async fn with_arguments_13(&self, args: u8, automatically_derived: u8, b: u8, cache: u8, call: u8, call_oneway: u8, cfg: u8, channel: u8, clippy: u8, clone: u8, codec: u8, compact: u8) -> rpcx::Result<u8>;
        async fn with_arguments_14(&self, context: u8, convert: u8, core: u8, ctx: u8, currency: u8, data: u8, de: u8, dead_code: u8, debug_struct: u8, decode: u8, default: u8, deprecated: u8) -> rpcx::Result<u8>;
        async fn with_arguments_15(&self, derive: u8, deserialize: u8, div: u8, doc: u8, docs: u8, end: u8, entries: u8, entry: u8, error: u8, error_code: u8, execution: u8, extra: u8) -> rpcx::Result<u8>;
        async fn with_arguments_16(&self, feature: u8, field: u8, find: u8, finish_non_exhaustive: u8, fleet: u8, fmt: u8, found: u8, from: u8, from_arc: u8, from_error: u8, from_map: u8, future: u8) -> rpcx::Result<u8>;
        async fn with_arguments_17(&self, get: u8, group: u8, hidden: u8, i64: u8, id: u8, idempotent: u8, info: u8, inner: u8, into_error: u8, into_future: u8, key: u8, layer: u8) -> rpcx::Result<u8>;
        async fn with_arguments_18(&self, layers: u8, lent: u8, level: u8, line: u8, log: u8, manual_async_fn: u8, marker: u8, message: u8, method: u8, missing_debug_implementations: u8, mix: u8, mul: u8) -> rpcx::Result<u8>;
        async fn with_arguments_19(&self, must_use: u8, my_facade: u8, name: u8, named: u8, need: u8, new: u8, next_key: u8, no_such_method: u8, no_variant: u8, non_camel_case_types: u8, non_snake_case: u8, nothing: u8) -> rpcx::Result<u8>;
        async fn with_arguments_20(&self, nursery: u8, one: u8, oneway: u8, option: u8, parent: u8, path: u8, pedantic: u8, photo: u8, pin: u8, ping: u8, primitive: u8, put: u8) -> rpcx::Result<u8>;
        async fn with_arguments_21(&self, put_all: u8, r#as: u8, r#async: u8, r#await: u8, r#const: u8, r#dyn: u8, r#enum: u8, r#fn: u8, r#for: u8, r#if: u8, r#impl: u8, r#let: u8) -> rpcx::Result<u8>;
        async fn with_arguments_22(&self, r#match: u8, r#mod: u8, r#move: u8, r#mut: u8, r#pub: u8, r#return: u8, r#static: u8, r#struct: u8, r#trait: u8, r#type: u8, r#use: u8, r#while: u8) -> rpcx::Result<u8>;
        async fn with_arguments_23(&self, raw: u8, read_data: u8, refining_impl_trait: u8, reply: u8, req: u8, restriction: u8, result: u8, rpc: u8, rpcx: u8, run: u8, say: u8, say_hello: u8) -> rpcx::Result<u8>;
        async fn with_arguments_24(&self, ser: u8, serde: u8, serialize: u8, serialize_field: u8, serialize_i64: u8, serialize_str: u8, serialize_struct: u8, service: u8, source: u8, str: u8, text: u8, time_to_live: u8) -> rpcx::Result<u8>;
        async fn with_arguments_25(&self, timeout_ms: u8, to_string: u8, u32: u8, u64: u8, u8: u8, unix: u8, unreachable_patterns: u8, unreachable_pub: u8, unused: u8, unused_imports: u8, unused_qualifications: u8, unused_variables: u8) -> rpcx::Result<u8>;
        async fn with_arguments_26(&self, up_to: u8, value: u8, variant: u8, version: u8, with: u8, with_code: u8, with_data: u8, with_path: u8, write: u8, zero: u8) -> rpcx::Result<u8>;
    }
    #[rpcx::message(rename_all = "none")]
    pub struct Fields {
        pub Alias: u8,
        pub Answerer: u8,
        pub AnswererServer: u8,
        pub Arc: u8,
        pub ArgNames: u8,
        pub Args: u8,
        pub Arith: u8,
        pub ArithClient: u8,
        pub ArithServer: u8,
        pub As: u8,
        pub Bank: u8,
        pub BankClient: u8,
        pub BankError: u8,
        pub BankServer: u8,
        pub Blocking: u8,
        pub Borrowed: u8,
        pub Box: u8,
        pub Bytes: u8,
        pub Call: u8,
        pub CallFuture: u8,
        pub CallSlot: u8,
        pub Caller: u8,
        pub CallerClient: u8,
        pub Channel: u8,
        pub Chosen: u8,
        pub Clone: u8,
        pub Color: u8,
        pub ColorGroup: u8,
        pub Context: u8,
        pub Copy: u8,
        pub Cow: u8,
        pub Debug: u8,
        pub Default: u8,
        pub Deserialize: u8,
        pub Deserializer: u8,
        pub Display: u8,
        pub DivideByZero: u8,
        pub END: u8,
        pub EmptyStruct: u8,
        pub Entry: u8,
        pub Err: u8,
        pub Error: u8,
        pub ErrorFields: u8,
        pub Execution: u8,
        pub Family: u8,
        pub Fields: u8,
        pub Form: u8,
        pub Formatter: u8,
        pub Formed: u8,
        pub From: u8,
        pub Future: u8,
        pub Green: u8,
        pub Greeter: u8,
        pub GreeterClient: u8,
        pub GreeterServer: u8,
        pub HelloReply: u8,
        pub HelloRequest: u8,
        pub INFO: u8,
        pub InField: u8,
        pub Insufficient: u8,
        pub Into: u8,
        pub IntoFuture: u8,
        pub Key: u8,
        pub Layer: u8,
        pub Layers: u8,
        pub MapAccess: u8,
        pub Message: u8,
        pub Method: u8,
        pub MethodInfo: u8,
        pub MethodRef: u8,
        pub Mode: u8,
        pub NAME: u8,
        pub NAMES: u8,
        pub NONE: u8,
        pub Names: u8,
        pub NoArgs: u8,
        pub NoForm: u8,
        pub None: u8,
        pub OWN: u8,
        pub Ok: u8,
        pub One: u8,
        pub Option: u8,
        pub OrDefault: u8,
        pub Output: u8,
        pub Painter: u8,
        pub PainterClient: u8,
        pub PainterServer: u8,
        pub Path: u8,
        pub Pin: u8,
        pub Plain: u8,
        pub Probe: u8,
        pub Prost: u8,
        pub PutArgs: u8,
        pub REPLY: u8,
        pub Raw: u8,
        pub ReadOnly: u8,
        pub ReadWrite: u8,
        pub Red: u8,
        pub Refused: u8,
        pub Reply: u8,
        pub Request: u8,
        pub Result: u8,
        pub Ret: u8,
        pub Rpc: u8,
        pub SayError: u8,
        pub Send: u8,
        pub Serde: u8,
        pub Serialize: u8,
        pub SerializeStruct: u8,
        pub Serializer: u8,
        pub Service: u8,
        pub ServiceError: u8,
        pub ServiceInfo: u8,
        pub ServiceRef: u8,
        pub Some: u8,
        pub Spawn: u8,
        pub Store: u8,
        pub StoreClient: u8,
        pub StoreDyn: u8,
        pub StoreError: u8,
        pub StoreServer: u8,
        pub String: u8,
        pub Stub: u8,
        pub Sync: u8,
        pub T: u8,
        pub Text: u8,
        pub Thrift: u8,
        pub ToString: u8,
        pub User: u8,
        pub Vec: u8,
        pub __Add: u8,
        pub __Call: u8,
        pub __Compact: u8,
        pub __Div: u8,
        pub __Get: u8,
        pub __InsufficientFields: u8,
        pub __Lent: u8,
        pub __Log: u8,
        pub __Mix: u8,
        pub __Mul: u8,
        pub __Named: u8,
        pub __New: u8,
        pub __Nothing: u8,
        pub __Ping: u8,
        pub __Put: u8,
        pub __PutAll: u8,
        pub __Raw: u8,
        pub __RefusedFields: u8,
        pub __Say: u8,
        pub __SayHello: u8,
        pub __Type: u8,
        pub __field_0: u8,
        pub __field_currency: u8,
        pub __field_need: u8,
        pub __private: u8,
        pub a: u8,
        pub add: u8,
        pub aliases: u8,
        pub all: u8,
        pub allow: u8,
        pub args: u8,
        pub automatically_derived: u8,
        pub b: u8,
        pub cache: u8,
        pub call: u8,
        pub call_oneway: u8,
        pub cfg: u8,
        pub channel: u8,
        pub clippy: u8,
        pub clone: u8,
        pub codec: u8,
        pub compact: u8,
        pub context: u8,
        pub convert: u8,
        pub core: u8,
        pub ctx: u8,
        pub currency: u8,
        pub data: u8,
        pub de: u8,
        pub dead_code: u8,
        pub debug_struct: u8,
        pub decode: u8,
        pub default: u8,
        pub deprecated: u8,
        pub derive: u8,
        pub deserialize: u8,
        pub div: u8,
        pub doc: u8,
        pub docs: u8,
        pub end: u8,
        pub entries: u8,
        pub entry: u8,
        pub error: u8,
        pub error_code: u8,
        pub execution: u8,
        pub extra: u8,
        pub feature: u8,
        pub field: u8,
        pub find: u8,
        pub finish_non_exhaustive: u8,
        pub fleet: u8,
        pub fmt: u8,
        pub found: u8,
        pub from: u8,
        pub from_arc: u8,
        pub from_error: u8,
        pub from_map: u8,
        pub future: u8,
        pub get: u8,
        pub group: u8,
        pub hidden: u8,
        pub i64: u8,
        pub id: u8,
        pub idempotent: u8,
        pub info: u8,
        pub inner: u8,
        pub into_error: u8,
        pub into_future: u8,
        pub key: u8,
        pub layer: u8,
        pub layers: u8,
        pub lent: u8,
        pub level: u8,
        pub line: u8,
        pub log: u8,
        pub manual_async_fn: u8,
        pub marker: u8,
        pub message: u8,
        pub method: u8,
        pub missing_debug_implementations: u8,
        pub mix: u8,
        pub mul: u8,
        pub must_use: u8,
        pub my_facade: u8,
        pub name: u8,
        pub named: u8,
        pub need: u8,
        pub new: u8,
        pub next_key: u8,
        pub no_such_method: u8,
        pub no_variant: u8,
        pub non_camel_case_types: u8,
        pub non_snake_case: u8,
        pub nothing: u8,
        pub nursery: u8,
        pub one: u8,
        pub oneway: u8,
        pub option: u8,
        pub parent: u8,
        pub path: u8,
        pub pedantic: u8,
        pub photo: u8,
        pub pin: u8,
        pub ping: u8,
        pub primitive: u8,
        pub put: u8,
        pub put_all: u8,
        pub r#as: u8,
        pub r#async: u8,
        pub r#await: u8,
        pub r#const: u8,
        pub r#dyn: u8,
        pub r#enum: u8,
        pub r#fn: u8,
        pub r#for: u8,
        pub r#if: u8,
        pub r#impl: u8,
        pub r#let: u8,
        pub r#match: u8,
        pub r#mod: u8,
        pub r#move: u8,
        pub r#mut: u8,
        pub r#pub: u8,
        pub r#return: u8,
        pub r#static: u8,
        pub r#struct: u8,
        pub r#trait: u8,
        pub r#type: u8,
        pub r#use: u8,
        pub r#while: u8,
        pub raw: u8,
        pub read_data: u8,
        pub refining_impl_trait: u8,
        pub reply: u8,
        pub req: u8,
        pub restriction: u8,
        pub result: u8,
        pub rpc: u8,
        pub rpcx: u8,
        pub run: u8,
        pub say: u8,
        pub say_hello: u8,
        pub ser: u8,
        pub serde: u8,
        pub serialize: u8,
        pub serialize_field: u8,
        pub serialize_i64: u8,
        pub serialize_str: u8,
        pub serialize_struct: u8,
        pub service: u8,
        pub source: u8,
        pub str: u8,
        pub text: u8,
        pub time_to_live: u8,
        pub timeout_ms: u8,
        pub to_string: u8,
        pub u32: u8,
        pub u64: u8,
        pub u8: u8,
        pub unix: u8,
        pub unreachable_patterns: u8,
        pub unreachable_pub: u8,
        pub unused: u8,
        pub unused_imports: u8,
        pub unused_qualifications: u8,
        pub unused_variables: u8,
        pub up_to: u8,
        pub value: u8,
        pub variant: u8,
        pub version: u8,
        pub with: u8,
        pub with_code: u8,
        pub with_data: u8,
        pub with_path: u8,
        pub write: u8,
        pub zero: u8,
    }
    #[rpcx::message(text)]
    pub enum Texts {
        Alias,
        Answerer,
        AnswererServer,
        Arc,
        ArgNames,
        Args,
        Arith,
        ArithClient,
        ArithServer,
        As,
        Bank,
        BankClient,
        BankError,
        BankServer,
        Blocking,
        Borrowed,
        Box,
        Bytes,
        Call,
        CallFuture,
        CallSlot,
        Caller,
        CallerClient,
        Channel,
        Chosen,
        Clone,
        Color,
        ColorGroup,
        Context,
        Copy,
        Cow,
        Debug,
        Default,
        Deserialize,
        Deserializer,
        Display,
        DivideByZero,
        END,
        EmptyStruct,
        Entry,
        Err,
        Error,
        ErrorFields,
        Execution,
        Family,
        Fields,
        Form,
        Formatter,
        Formed,
        From,
        Future,
        Green,
        Greeter,
        GreeterClient,
        GreeterServer,
        HelloReply,
        HelloRequest,
        INFO,
        InField,
        Insufficient,
        Into,
        IntoFuture,
        Key,
        Layer,
        Layers,
        MapAccess,
        Message,
        Method,
        MethodInfo,
        MethodRef,
        Mode,
        NAME,
        NAMES,
        NONE,
        Names,
        NoArgs,
        NoForm,
        None,
        OWN,
        Ok,
        One,
        Option,
        OrDefault,
        Output,
        Painter,
        PainterClient,
        PainterServer,
        Path,
        Pin,
        Plain,
        Probe,
        Prost,
        PutArgs,
        REPLY,
        Raw,
        ReadOnly,
        ReadWrite,
        Red,
        Refused,
        Reply,
        Request,
        Result,
        Ret,
        Rpc,
        SayError,
        Send,
        Serde,
        Serialize,
        SerializeStruct,
        Serializer,
        Service,
        ServiceError,
        ServiceInfo,
        ServiceRef,
        Some,
        Spawn,
        Store,
        StoreClient,
        StoreDyn,
        StoreError,
        StoreServer,
        String,
        Stub,
        Sync,
        T,
        Text,
        Thrift,
        ToString,
        User,
        Vec,
        __Add,
        __Call,
        __Compact,
        __Div,
        __Get,
        __InsufficientFields,
        __Lent,
        __Log,
        __Mix,
        __Mul,
        __Named,
        __New,
        __Nothing,
        __Ping,
        __Put,
        __PutAll,
        __Raw,
        __RefusedFields,
        __Say,
        __SayHello,
        __Type,
        __field_0,
        __field_currency,
        __field_need,
        __private,
        a,
        add,
        aliases,
        all,
        allow,
        args,
        automatically_derived,
        b,
        cache,
        call,
        call_oneway,
        cfg,
        channel,
        clippy,
        clone,
        codec,
        compact,
        context,
        convert,
        core,
        ctx,
        currency,
        data,
        de,
        dead_code,
        debug_struct,
        decode,
        default,
        deprecated,
        derive,
        deserialize,
        div,
        doc,
        docs,
        end,
        entries,
        entry,
        error,
        error_code,
        execution,
        extra,
        feature,
        field,
        find,
        finish_non_exhaustive,
        fleet,
        fmt,
        found,
        from,
        from_arc,
        from_error,
        from_map,
        future,
        get,
        group,
        hidden,
        i64,
        id,
        idempotent,
        info,
        inner,
        into_error,
        into_future,
        key,
        layer,
        layers,
        lent,
        level,
        line,
        log,
        manual_async_fn,
        marker,
        message,
        method,
        missing_debug_implementations,
        mix,
        mul,
        must_use,
        my_facade,
        name,
        named,
        need,
        new,
        next_key,
        no_such_method,
        no_variant,
        non_camel_case_types,
        non_snake_case,
        nothing,
        nursery,
        one,
        oneway,
        option,
        parent,
        path,
        pedantic,
        photo,
        pin,
        ping,
        primitive,
        put,
        put_all,
        r#as,
        r#async,
        r#await,
        r#const,
        r#dyn,
        r#enum,
        r#fn,
        r#for,
        r#if,
        r#impl,
        r#let,
        r#match,
        r#mod,
        r#move,
        r#mut,
        r#pub,
        r#return,
        r#static,
        r#struct,
        r#trait,
        r#type,
        r#use,
        r#while,
        raw,
        read_data,
        refining_impl_trait,
        reply,
        req,
        restriction,
        result,
        rpc,
        rpcx,
        run,
        say,
        say_hello,
        ser,
        serde,
        serialize,
        serialize_field,
        serialize_i64,
        serialize_str,
        serialize_struct,
        service,
        source,
        str,
        text,
        time_to_live,
        timeout_ms,
        to_string,
        u32,
        u64,
        u8,
        unix,
        unreachable_patterns,
        unreachable_pub,
        unused,
        unused_imports,
        unused_qualifications,
        unused_variables,
        up_to,
        value,
        variant,
        version,
        with,
        with_code,
        with_data,
        with_path,
        write,
        zero,
    }
    #[derive(Debug, rpcx::ServiceError)]
    pub enum Errors {
        #[rpcx(code = 0, message = "{Alias}")]
        Alias { Alias: u8, Answerer: u8, AnswererServer: u8, Arc: u8, ArgNames: u8, Args: u8, Arith: u8, ArithClient: u8, ArithServer: u8, As: u8, Bank: u8, BankClient: u8 },
        #[rpcx(code = 1, message = "{BankError}")]
        BankError { BankError: u8, BankServer: u8, Blocking: u8, Borrowed: u8, Box: u8, Bytes: u8, Call: u8, CallFuture: u8, CallSlot: u8, Caller: u8, CallerClient: u8, Channel: u8 },
        #[rpcx(code = 2, message = "{Chosen}")]
        Chosen { Chosen: u8, Clone: u8, Color: u8, ColorGroup: u8, Context: u8, Copy: u8, Cow: u8, Debug: u8, Default: u8, Deserialize: u8, Deserializer: u8, Display: u8 },
        #[rpcx(code = 3, message = "{DivideByZero}")]
        DivideByZero { DivideByZero: u8, END: u8, EmptyStruct: u8, Entry: u8, Err: u8, Error: u8, ErrorFields: u8, Execution: u8, Family: u8, Fields: u8, Form: u8, Formatter: u8 },
        #[rpcx(code = 4, message = "{Formed}")]
        Formed { Formed: u8, From: u8, Future: u8, Green: u8, Greeter: u8, GreeterClient: u8, GreeterServer: u8, HelloReply: u8, HelloRequest: u8, INFO: u8, InField: u8, Insufficient: u8 },
        #[rpcx(code = 5, message = "{Into}")]
        Into { Into: u8, IntoFuture: u8, Key: u8, Layer: u8, Layers: u8, MapAccess: u8, Message: u8, Method: u8, MethodInfo: u8, MethodRef: u8, Mode: u8, NAME: u8 },
        #[rpcx(code = 6, message = "{NAMES}")]
        NAMES { NAMES: u8, NONE: u8, Names: u8, NoArgs: u8, NoForm: u8, None: u8, OWN: u8, Ok: u8, One: u8, Option: u8, OrDefault: u8, Output: u8 },
        #[rpcx(code = 7, message = "{Painter}")]
        Painter { Painter: u8, PainterClient: u8, PainterServer: u8, Path: u8, Pin: u8, Plain: u8, Probe: u8, Prost: u8, PutArgs: u8, REPLY: u8, Raw: u8, ReadOnly: u8 },
        #[rpcx(code = 8, message = "{ReadWrite}")]
        ReadWrite { ReadWrite: u8, Red: u8, Refused: u8, Reply: u8, Request: u8, Result: u8, Ret: u8, Rpc: u8, SayError: u8, Send: u8, Serde: u8, Serialize: u8 },
        #[rpcx(code = 9, message = "{SerializeStruct}")]
        SerializeStruct { SerializeStruct: u8, Serializer: u8, Service: u8, ServiceError: u8, ServiceInfo: u8, ServiceRef: u8, Some: u8, Spawn: u8, Store: u8, StoreClient: u8, StoreDyn: u8, StoreError: u8 },
        #[rpcx(code = 10, message = "{StoreServer}")]
        StoreServer { StoreServer: u8, String: u8, Stub: u8, Sync: u8, T: u8, Text: u8, Thrift: u8, ToString: u8, User: u8, Vec: u8, __Add: u8, __Call: u8 },
        #[rpcx(code = 11, message = "{__Compact}")]
        __Compact { __Compact: u8, __Div: u8, __Get: u8, __InsufficientFields: u8, __Lent: u8, __Log: u8, __Mix: u8, __Mul: u8, __Named: u8, __New: u8, __Nothing: u8, __Ping: u8 },
        #[rpcx(code = 12, message = "{__Put}")]
        __Put { __Put: u8, __PutAll: u8, __Raw: u8, __RefusedFields: u8, __Say: u8, __SayHello: u8, __Type: u8, __field_0: u8, __field_currency: u8, __field_need: u8, __private: u8, a: u8 },
        #[rpcx(code = 13, message = "{add}")]
        add { add: u8, aliases: u8, all: u8, allow: u8, args: u8, automatically_derived: u8, b: u8, cache: u8, call: u8, call_oneway: u8, cfg: u8, channel: u8 },
        #[rpcx(code = 14, message = "{clippy}")]
        clippy { clippy: u8, clone: u8, codec: u8, compact: u8, context: u8, convert: u8, core: u8, ctx: u8, currency: u8, data: u8, de: u8, dead_code: u8 },
        #[rpcx(code = 15, message = "{debug_struct}")]
        debug_struct { debug_struct: u8, decode: u8, default: u8, deprecated: u8, derive: u8, deserialize: u8, div: u8, doc: u8, docs: u8, end: u8, entries: u8, entry: u8 },
        #[rpcx(code = 16, message = "{error}")]
        error { error: u8, error_code: u8, execution: u8, extra: u8, feature: u8, field: u8, find: u8, finish_non_exhaustive: u8, fleet: u8, fmt: u8, found: u8, from: u8 },
        #[rpcx(code = 17, message = "{from_arc}")]
        from_arc { from_arc: u8, from_error: u8, from_map: u8, future: u8, get: u8, group: u8, hidden: u8, i64: u8, id: u8, idempotent: u8, info: u8, inner: u8 },
        #[rpcx(code = 18, message = "{into_error}")]
        into_error { into_error: u8, into_future: u8, key: u8, layer: u8, layers: u8, lent: u8, level: u8, line: u8, log: u8, manual_async_fn: u8, marker: u8, message: u8 },
        #[rpcx(code = 19, message = "{method}")]
        method { method: u8, missing_debug_implementations: u8, mix: u8, mul: u8, must_use: u8, my_facade: u8, name: u8, named: u8, need: u8, new: u8, next_key: u8, no_such_method: u8 },
        #[rpcx(code = 20, message = "{no_variant}")]
        no_variant { no_variant: u8, non_camel_case_types: u8, non_snake_case: u8, nothing: u8, nursery: u8, one: u8, oneway: u8, option: u8, parent: u8, path: u8, pedantic: u8, photo: u8 },
        #[rpcx(code = 21, message = "{pin}")]
        pin { pin: u8, ping: u8, primitive: u8, put: u8, put_all: u8, r#as: u8, r#async: u8, r#await: u8, r#const: u8, r#dyn: u8, r#enum: u8, r#fn: u8 },
        #[rpcx(code = 22, message = "{for}")]
        r#for { r#for: u8, r#if: u8, r#impl: u8, r#let: u8, r#match: u8, r#mod: u8, r#move: u8, r#mut: u8, r#pub: u8, r#return: u8, r#static: u8, r#struct: u8 },
        #[rpcx(code = 23, message = "{trait}")]
        r#trait { r#trait: u8, r#type: u8, r#use: u8, r#while: u8, raw: u8, read_data: u8, refining_impl_trait: u8, reply: u8, req: u8, restriction: u8, result: u8, rpc: u8 },
        #[rpcx(code = 24, message = "{rpcx}")]
        rpcx { rpcx: u8, run: u8, say: u8, say_hello: u8, ser: u8, serde: u8, serialize: u8, serialize_field: u8, serialize_i64: u8, serialize_str: u8, serialize_struct: u8, service: u8 },
        #[rpcx(code = 25, message = "{source}")]
        source { source: u8, str: u8, text: u8, time_to_live: u8, timeout_ms: u8, to_string: u8, u32: u8, u64: u8, u8: u8, unix: u8, unreachable_patterns: u8, unreachable_pub: u8 },
        #[rpcx(code = 26, message = "{unused}")]
        unused { unused: u8, unused_imports: u8, unused_qualifications: u8, unused_variables: u8, up_to: u8, value: u8, variant: u8, version: u8, with: u8, with_code: u8, with_data: u8, with_path: u8 },
        #[rpcx(code = 27, message = "{write}")]
        write { write: u8, zero: u8 },
        #[rpcx(other)]
        TheRest(rpcx::Error),
    }
}

mod statics {
    pub static Alias: u8 = 0;
    pub static Answerer: u8 = 0;
    pub static AnswererServer: u8 = 0;
    pub static Arc: u8 = 0;
    pub static ArgNames: u8 = 0;
    pub static Args: u8 = 0;
    pub static Arith: u8 = 0;
    pub static ArithClient: u8 = 0;
    pub static ArithServer: u8 = 0;
    pub static As: u8 = 0;
    pub static Bank: u8 = 0;
    pub static BankClient: u8 = 0;
    pub static BankError: u8 = 0;
    pub static BankServer: u8 = 0;
    pub static Blocking: u8 = 0;
    pub static Borrowed: u8 = 0;
    pub static Box: u8 = 0;
    pub static Bytes: u8 = 0;
    pub static Call: u8 = 0;
    pub static CallFuture: u8 = 0;
    pub static CallSlot: u8 = 0;
    pub static Caller: u8 = 0;
    pub static CallerClient: u8 = 0;
    pub static Channel: u8 = 0;
    pub static Chosen: u8 = 0;
    pub static Clone: u8 = 0;
    pub static Color: u8 = 0;
    pub static ColorGroup: u8 = 0;
    pub static Copy: u8 = 0;
    pub static Cow: u8 = 0;
    pub static Default: u8 = 0;
    pub static Deserialize: u8 = 0;
    pub static Deserializer: u8 = 0;
    pub static Display: u8 = 0;
    pub static DivideByZero: u8 = 0;
    pub static END: u8 = 0;
    pub static EmptyStruct: u8 = 0;
    pub static Entry: u8 = 0;
    pub static Err: u8 = 0;
    pub static ErrorFields: u8 = 0;
    pub static Execution: u8 = 0;
    pub static Family: u8 = 0;
    pub static Fields: u8 = 0;
    pub static Form: u8 = 0;
    pub static Formed: u8 = 0;
    pub static From: u8 = 0;
    pub static Future: u8 = 0;
    pub static Green: u8 = 0;
    pub static Greeter: u8 = 0;
    pub static GreeterClient: u8 = 0;
    pub static GreeterServer: u8 = 0;
    pub static HelloReply: u8 = 0;
    pub static HelloRequest: u8 = 0;
    pub static INFO: u8 = 0;
    pub static InField: u8 = 0;
    pub static Insufficient: u8 = 0;
    pub static Into: u8 = 0;
    pub static IntoFuture: u8 = 0;
    pub static Key: u8 = 0;
    pub static Layer: u8 = 0;
    pub static Layers: u8 = 0;
    pub static MapAccess: u8 = 0;
    pub static Message: u8 = 0;
    pub static Method: u8 = 0;
    pub static MethodInfo: u8 = 0;
    pub static MethodRef: u8 = 0;
    pub static Mode: u8 = 0;
    pub static NAME: u8 = 0;
    pub static NAMES: u8 = 0;
    pub static NONE: u8 = 0;
    pub static Names: u8 = 0;
    pub static NoArgs: u8 = 0;
    pub static NoForm: u8 = 0;
    pub static None: u8 = 0;
    pub static OWN: u8 = 0;
    pub static Ok: u8 = 0;
    pub static One: u8 = 0;
    pub static Option: u8 = 0;
    pub static OrDefault: u8 = 0;
    pub static Output: u8 = 0;
    pub static Painter: u8 = 0;
    pub static PainterClient: u8 = 0;
    pub static PainterServer: u8 = 0;
    pub static Path: u8 = 0;
    pub static Pin: u8 = 0;
    pub static Plain: u8 = 0;
    pub static Probe: u8 = 0;
    pub static Prost: u8 = 0;
    pub static PutArgs: u8 = 0;
    pub static REPLY: u8 = 0;
    pub static Raw: u8 = 0;
    pub static ReadOnly: u8 = 0;
    pub static ReadWrite: u8 = 0;
    pub static Red: u8 = 0;
    pub static Refused: u8 = 0;
    pub static Reply: u8 = 0;
    pub static Request: u8 = 0;
    pub static Ret: u8 = 0;
    pub static Rpc: u8 = 0;
    pub static SayError: u8 = 0;
    pub static Send: u8 = 0;
    pub static Serde: u8 = 0;
    pub static Serialize: u8 = 0;
    pub static SerializeStruct: u8 = 0;
    pub static Serializer: u8 = 0;
    pub static Service: u8 = 0;
    pub static ServiceInfo: u8 = 0;
    pub static ServiceRef: u8 = 0;
    pub static Some: u8 = 0;
    pub static Spawn: u8 = 0;
    pub static Store: u8 = 0;
    pub static StoreClient: u8 = 0;
    pub static StoreDyn: u8 = 0;
    pub static StoreError: u8 = 0;
    pub static StoreServer: u8 = 0;
    pub static Stub: u8 = 0;
    pub static Sync: u8 = 0;
    pub static T: u8 = 0;
    pub static Text: u8 = 0;
    pub static Thrift: u8 = 0;
    pub static ToString: u8 = 0;
    pub static User: u8 = 0;
    pub static Vec: u8 = 0;
    pub static a: u8 = 0;
    pub static add: u8 = 0;
    pub static aliases: u8 = 0;
    pub static all: u8 = 0;
    pub static allow: u8 = 0;
    pub static automatically_derived: u8 = 0;
    pub static b: u8 = 0;
    pub static cache: u8 = 0;
    pub static call: u8 = 0;
    pub static call_oneway: u8 = 0;
    pub static cfg: u8 = 0;
    pub static channel: u8 = 0;
    pub static clippy: u8 = 0;
    pub static clone: u8 = 0;
    pub static codec: u8 = 0;
    pub static compact: u8 = 0;
    pub static context: u8 = 0;
    pub static convert: u8 = 0;
    pub static ctx: u8 = 0;
    pub static currency: u8 = 0;
    pub static data: u8 = 0;
    pub static de: u8 = 0;
    pub static dead_code: u8 = 0;
    pub static debug_struct: u8 = 0;
    pub static decode: u8 = 0;
    pub static deprecated: u8 = 0;
    pub static deserialize: u8 = 0;
    pub static div: u8 = 0;
    pub static doc: u8 = 0;
    pub static docs: u8 = 0;
    pub static end: u8 = 0;
    pub static entries: u8 = 0;
    pub static entry: u8 = 0;
    pub static error: u8 = 0;
    pub static error_code: u8 = 0;
    pub static execution: u8 = 0;
    pub static extra: u8 = 0;
    pub static feature: u8 = 0;
    pub static field: u8 = 0;
    pub static find: u8 = 0;
    pub static finish_non_exhaustive: u8 = 0;
    pub static fleet: u8 = 0;
    pub static found: u8 = 0;
    pub static from: u8 = 0;
    pub static from_arc: u8 = 0;
    pub static from_error: u8 = 0;
    pub static from_map: u8 = 0;
    pub static future: u8 = 0;
    pub static get: u8 = 0;
    pub static group: u8 = 0;
    pub static hidden: u8 = 0;
    pub static id: u8 = 0;
    pub static idempotent: u8 = 0;
    pub static info: u8 = 0;
    pub static inner: u8 = 0;
    pub static into_error: u8 = 0;
    pub static into_future: u8 = 0;
    pub static key: u8 = 0;
    pub static layer: u8 = 0;
    pub static layers: u8 = 0;
    pub static lent: u8 = 0;
    pub static level: u8 = 0;
    pub static line: u8 = 0;
    pub static log: u8 = 0;
    pub static manual_async_fn: u8 = 0;
    pub static marker: u8 = 0;
    pub static method: u8 = 0;
    pub static missing_debug_implementations: u8 = 0;
    pub static mix: u8 = 0;
    pub static mul: u8 = 0;
    pub static must_use: u8 = 0;
    pub static my_facade: u8 = 0;
    pub static name: u8 = 0;
    pub static named: u8 = 0;
    pub static need: u8 = 0;
    pub static new: u8 = 0;
    pub static next_key: u8 = 0;
    pub static no_such_method: u8 = 0;
    pub static no_variant: u8 = 0;
    pub static non_camel_case_types: u8 = 0;
    pub static non_snake_case: u8 = 0;
    pub static nothing: u8 = 0;
    pub static nursery: u8 = 0;
    pub static one: u8 = 0;
    pub static option: u8 = 0;
    pub static parent: u8 = 0;
    pub static path: u8 = 0;
    pub static pedantic: u8 = 0;
    pub static photo: u8 = 0;
    pub static pin: u8 = 0;
    pub static ping: u8 = 0;
    pub static primitive: u8 = 0;
    pub static put: u8 = 0;
    pub static put_all: u8 = 0;
    pub static r#as: u8 = 0;
    pub static r#async: u8 = 0;
    pub static r#await: u8 = 0;
    pub static r#const: u8 = 0;
    pub static r#dyn: u8 = 0;
    pub static r#enum: u8 = 0;
    pub static r#fn: u8 = 0;
    pub static r#for: u8 = 0;
    pub static r#if: u8 = 0;
    pub static r#impl: u8 = 0;
    pub static r#let: u8 = 0;
    pub static r#match: u8 = 0;
    pub static r#mod: u8 = 0;
    pub static r#move: u8 = 0;
    pub static r#mut: u8 = 0;
    pub static r#pub: u8 = 0;
    pub static r#return: u8 = 0;
    pub static r#static: u8 = 0;
    pub static r#struct: u8 = 0;
    pub static r#trait: u8 = 0;
    pub static r#type: u8 = 0;
    pub static r#use: u8 = 0;
    pub static r#while: u8 = 0;
    pub static raw: u8 = 0;
    pub static read_data: u8 = 0;
    pub static refining_impl_trait: u8 = 0;
    pub static req: u8 = 0;
    pub static restriction: u8 = 0;
    pub static rpc: u8 = 0;
    pub static run: u8 = 0;
    pub static say: u8 = 0;
    pub static say_hello: u8 = 0;
    pub static ser: u8 = 0;
    pub static serde: u8 = 0;
    pub static serialize: u8 = 0;
    pub static serialize_field: u8 = 0;
    pub static serialize_i64: u8 = 0;
    pub static serialize_str: u8 = 0;
    pub static serialize_struct: u8 = 0;
    pub static source: u8 = 0;
    pub static time_to_live: u8 = 0;
    pub static timeout_ms: u8 = 0;
    pub static to_string: u8 = 0;
    pub static u32: u8 = 0;
    pub static unix: u8 = 0;
    pub static unreachable_patterns: u8 = 0;
    pub static unreachable_pub: u8 = 0;
    pub static unused: u8 = 0;
    pub static unused_imports: u8 = 0;
    pub static unused_qualifications: u8 = 0;
    pub static unused_variables: u8 = 0;
    pub static up_to: u8 = 0;
    pub static value: u8 = 0;
    pub static variant: u8 = 0;
    pub static version: u8 = 0;
    pub static with: u8 = 0;
    pub static with_code: u8 = 0;
    pub static with_data: u8 = 0;
    pub static with_path: u8 = 0;
    pub static write: u8 = 0;
    pub static zero: u8 = 0;

    #[rpcx::service(dyn)]
    pub trait Svc {
        async fn none_at_all(&self) -> rpcx::Result<()>;
        async fn one_of_them(&self, ctx0: &rpcx::Context, arg1: &str) -> ::core::result::Result<u8, Failure>;
        #[rpcx(args = "SeveralArgs", reply = "C")]
        async fn several_of_them(&self, arg1: u8, #[rpcx(default)] arg2: i64) -> rpcx::Result<u8>;
        #[rpcx(oneway)]
        async fn nothing_back(&self, arg1: &[u8]) -> rpcx::Result<()>;
    }
    #[rpcx::message]
    pub struct Msg { pub field1: u8, pub field2: ::std::string::String, #[rpcx(skip)] pub field3: u8 }
    #[rpcx::message]
    pub struct Inner0(pub u64);
    #[rpcx::message]
    pub enum Num { One1 = 1, #[rpcx(default)] Two2 = 2 }
    #[rpcx::message(text)]
    pub enum Txt { One1, Two2 }
    #[derive(rpcx::ServiceError)]
    #[rpcx(wire = "json")]
    pub enum Failure {
        #[rpcx(code = 1, message = "one")]
        One1,
        #[rpcx(code = 2, message = "{0} and {1}")]
        Two2(u8, u16),
        #[rpcx(code = 3, message = "{field1}")]
        Three3 { field1: u8 },
        #[rpcx(other)]
        TheRest(rpcx::Error),
    }
    impl ::core::fmt::Debug for Failure {
        fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { loop {} }
    }
}

mod constants {
    pub const Alias: u8 = 0;
    pub const Answerer: u8 = 0;
    pub const AnswererServer: u8 = 0;
    pub const Arc: u8 = 0;
    pub const ArgNames: u8 = 0;
    pub const Args: u8 = 0;
    pub const Arith: u8 = 0;
    pub const ArithClient: u8 = 0;
    pub const ArithServer: u8 = 0;
    pub const As: u8 = 0;
    pub const Bank: u8 = 0;
    pub const BankClient: u8 = 0;
    pub const BankError: u8 = 0;
    pub const BankServer: u8 = 0;
    pub const Blocking: u8 = 0;
    pub const Borrowed: u8 = 0;
    pub const Box: u8 = 0;
    pub const Bytes: u8 = 0;
    pub const Call: u8 = 0;
    pub const CallFuture: u8 = 0;
    pub const CallSlot: u8 = 0;
    pub const Caller: u8 = 0;
    pub const CallerClient: u8 = 0;
    pub const Channel: u8 = 0;
    pub const Chosen: u8 = 0;
    pub const Clone: u8 = 0;
    pub const Color: u8 = 0;
    pub const ColorGroup: u8 = 0;
    pub const Copy: u8 = 0;
    pub const Cow: u8 = 0;
    pub const Default: u8 = 0;
    pub const Deserialize: u8 = 0;
    pub const Deserializer: u8 = 0;
    pub const Display: u8 = 0;
    pub const DivideByZero: u8 = 0;
    pub const END: u8 = 0;
    pub const EmptyStruct: u8 = 0;
    pub const Entry: u8 = 0;
    pub const Err: u8 = 0;
    pub const ErrorFields: u8 = 0;
    pub const Execution: u8 = 0;
    pub const Family: u8 = 0;
    pub const Fields: u8 = 0;
    pub const Form: u8 = 0;
    pub const Formed: u8 = 0;
    pub const From: u8 = 0;
    pub const Future: u8 = 0;
    pub const Green: u8 = 0;
    pub const Greeter: u8 = 0;
    pub const GreeterClient: u8 = 0;
    pub const GreeterServer: u8 = 0;
    pub const HelloReply: u8 = 0;
    pub const HelloRequest: u8 = 0;
    pub const INFO: u8 = 0;
    pub const InField: u8 = 0;
    pub const Insufficient: u8 = 0;
    pub const Into: u8 = 0;
    pub const IntoFuture: u8 = 0;
    pub const Key: u8 = 0;
    pub const Layer: u8 = 0;
    pub const Layers: u8 = 0;
    pub const MapAccess: u8 = 0;
    pub const Message: u8 = 0;
    pub const Method: u8 = 0;
    pub const MethodInfo: u8 = 0;
    pub const MethodRef: u8 = 0;
    pub const Mode: u8 = 0;
    pub const NAME: u8 = 0;
    pub const NAMES: u8 = 0;
    pub const NONE: u8 = 0;
    pub const Names: u8 = 0;
    pub const NoArgs: u8 = 0;
    pub const NoForm: u8 = 0;
    pub const None: u8 = 0;
    pub const OWN: u8 = 0;
    pub const Ok: u8 = 0;
    pub const One: u8 = 0;
    pub const Option: u8 = 0;
    pub const OrDefault: u8 = 0;
    pub const Output: u8 = 0;
    pub const Painter: u8 = 0;
    pub const PainterClient: u8 = 0;
    pub const PainterServer: u8 = 0;
    pub const Path: u8 = 0;
    pub const Pin: u8 = 0;
    pub const Plain: u8 = 0;
    pub const Probe: u8 = 0;
    pub const Prost: u8 = 0;
    pub const PutArgs: u8 = 0;
    pub const REPLY: u8 = 0;
    pub const Raw: u8 = 0;
    pub const ReadOnly: u8 = 0;
    pub const ReadWrite: u8 = 0;
    pub const Red: u8 = 0;
    pub const Refused: u8 = 0;
    pub const Reply: u8 = 0;
    pub const Request: u8 = 0;
    pub const Ret: u8 = 0;
    pub const Rpc: u8 = 0;
    pub const SayError: u8 = 0;
    pub const Send: u8 = 0;
    pub const Serde: u8 = 0;
    pub const Serialize: u8 = 0;
    pub const SerializeStruct: u8 = 0;
    pub const Serializer: u8 = 0;
    pub const Service: u8 = 0;
    pub const ServiceInfo: u8 = 0;
    pub const ServiceRef: u8 = 0;
    pub const Some: u8 = 0;
    pub const Spawn: u8 = 0;
    pub const Store: u8 = 0;
    pub const StoreClient: u8 = 0;
    pub const StoreDyn: u8 = 0;
    pub const StoreError: u8 = 0;
    pub const StoreServer: u8 = 0;
    pub const Stub: u8 = 0;
    pub const Sync: u8 = 0;
    pub const T: u8 = 0;
    pub const Text: u8 = 0;
    pub const Thrift: u8 = 0;
    pub const ToString: u8 = 0;
    pub const User: u8 = 0;
    pub const Vec: u8 = 0;
    pub const a: u8 = 0;
    pub const add: u8 = 0;
    pub const aliases: u8 = 0;
    pub const all: u8 = 0;
    pub const allow: u8 = 0;
    pub const automatically_derived: u8 = 0;
    pub const b: u8 = 0;
    pub const cache: u8 = 0;
    pub const call: u8 = 0;
    pub const call_oneway: u8 = 0;
    pub const cfg: u8 = 0;
    pub const channel: u8 = 0;
    pub const clippy: u8 = 0;
    pub const clone: u8 = 0;
    pub const codec: u8 = 0;
    pub const compact: u8 = 0;
    pub const context: u8 = 0;
    pub const convert: u8 = 0;
    pub const ctx: u8 = 0;
    pub const currency: u8 = 0;
    pub const data: u8 = 0;
    pub const de: u8 = 0;
    pub const dead_code: u8 = 0;
    pub const debug_struct: u8 = 0;
    pub const decode: u8 = 0;
    pub const deprecated: u8 = 0;
    pub const deserialize: u8 = 0;
    pub const div: u8 = 0;
    pub const doc: u8 = 0;
    pub const docs: u8 = 0;
    pub const end: u8 = 0;
    pub const entries: u8 = 0;
    pub const entry: u8 = 0;
    pub const error: u8 = 0;
    pub const error_code: u8 = 0;
    pub const execution: u8 = 0;
    pub const extra: u8 = 0;
    pub const feature: u8 = 0;
    pub const field: u8 = 0;
    pub const find: u8 = 0;
    pub const finish_non_exhaustive: u8 = 0;
    pub const fleet: u8 = 0;
    pub const found: u8 = 0;
    pub const from: u8 = 0;
    pub const from_arc: u8 = 0;
    pub const from_error: u8 = 0;
    pub const from_map: u8 = 0;
    pub const future: u8 = 0;
    pub const get: u8 = 0;
    pub const group: u8 = 0;
    pub const hidden: u8 = 0;
    pub const id: u8 = 0;
    pub const idempotent: u8 = 0;
    pub const info: u8 = 0;
    pub const inner: u8 = 0;
    pub const into_error: u8 = 0;
    pub const into_future: u8 = 0;
    pub const key: u8 = 0;
    pub const layer: u8 = 0;
    pub const layers: u8 = 0;
    pub const lent: u8 = 0;
    pub const level: u8 = 0;
    pub const line: u8 = 0;
    pub const log: u8 = 0;
    pub const manual_async_fn: u8 = 0;
    pub const marker: u8 = 0;
    pub const method: u8 = 0;
    pub const missing_debug_implementations: u8 = 0;
    pub const mix: u8 = 0;
    pub const mul: u8 = 0;
    pub const must_use: u8 = 0;
    pub const my_facade: u8 = 0;
    pub const name: u8 = 0;
    pub const named: u8 = 0;
    pub const need: u8 = 0;
    pub const new: u8 = 0;
    pub const next_key: u8 = 0;
    pub const no_such_method: u8 = 0;
    pub const no_variant: u8 = 0;
    pub const non_camel_case_types: u8 = 0;
    pub const non_snake_case: u8 = 0;
    pub const nothing: u8 = 0;
    pub const nursery: u8 = 0;
    pub const one: u8 = 0;
    pub const option: u8 = 0;
    pub const parent: u8 = 0;
    pub const path: u8 = 0;
    pub const pedantic: u8 = 0;
    pub const photo: u8 = 0;
    pub const pin: u8 = 0;
    pub const ping: u8 = 0;
    pub const primitive: u8 = 0;
    pub const put: u8 = 0;
    pub const put_all: u8 = 0;
    pub const r#as: u8 = 0;
    pub const r#async: u8 = 0;
    pub const r#await: u8 = 0;
    pub const r#const: u8 = 0;
    pub const r#dyn: u8 = 0;
    pub const r#enum: u8 = 0;
    pub const r#fn: u8 = 0;
    pub const r#for: u8 = 0;
    pub const r#if: u8 = 0;
    pub const r#impl: u8 = 0;
    pub const r#let: u8 = 0;
    pub const r#match: u8 = 0;
    pub const r#mod: u8 = 0;
    pub const r#move: u8 = 0;
    pub const r#mut: u8 = 0;
    pub const r#pub: u8 = 0;
    pub const r#return: u8 = 0;
    pub const r#static: u8 = 0;
    pub const r#struct: u8 = 0;
    pub const r#trait: u8 = 0;
    pub const r#type: u8 = 0;
    pub const r#use: u8 = 0;
    pub const r#while: u8 = 0;
    pub const raw: u8 = 0;
    pub const read_data: u8 = 0;
    pub const refining_impl_trait: u8 = 0;
    pub const req: u8 = 0;
    pub const restriction: u8 = 0;
    pub const rpc: u8 = 0;
    pub const run: u8 = 0;
    pub const say: u8 = 0;
    pub const say_hello: u8 = 0;
    pub const ser: u8 = 0;
    pub const serde: u8 = 0;
    pub const serialize: u8 = 0;
    pub const serialize_field: u8 = 0;
    pub const serialize_i64: u8 = 0;
    pub const serialize_str: u8 = 0;
    pub const serialize_struct: u8 = 0;
    pub const source: u8 = 0;
    pub const time_to_live: u8 = 0;
    pub const timeout_ms: u8 = 0;
    pub const to_string: u8 = 0;
    pub const u32: u8 = 0;
    pub const unix: u8 = 0;
    pub const unreachable_patterns: u8 = 0;
    pub const unreachable_pub: u8 = 0;
    pub const unused: u8 = 0;
    pub const unused_imports: u8 = 0;
    pub const unused_qualifications: u8 = 0;
    pub const unused_variables: u8 = 0;
    pub const up_to: u8 = 0;
    pub const value: u8 = 0;
    pub const variant: u8 = 0;
    pub const version: u8 = 0;
    pub const with: u8 = 0;
    pub const with_code: u8 = 0;
    pub const with_data: u8 = 0;
    pub const with_path: u8 = 0;
    pub const write: u8 = 0;
    pub const zero: u8 = 0;

    #[rpcx::service(dyn)]
    pub trait Svc {
        async fn none_at_all(&self) -> rpcx::Result<()>;
        async fn one_of_them(&self, ctx0: &rpcx::Context, arg1: &str) -> ::core::result::Result<u8, Failure>;
        #[rpcx(args = "SeveralArgs", reply = "C")]
        async fn several_of_them(&self, arg1: u8, #[rpcx(default)] arg2: i64) -> rpcx::Result<u8>;
        #[rpcx(oneway)]
        async fn nothing_back(&self, arg1: &[u8]) -> rpcx::Result<()>;
    }
    #[rpcx::message]
    pub struct Msg { pub field1: u8, pub field2: ::std::string::String, #[rpcx(skip)] pub field3: u8 }
    #[rpcx::message]
    pub struct Inner0(pub u64);
    #[rpcx::message]
    pub enum Num { One1 = 1, #[rpcx(default)] Two2 = 2 }
    #[rpcx::message(text)]
    pub enum Txt { One1, Two2 }
    #[derive(rpcx::ServiceError)]
    #[rpcx(wire = "json")]
    pub enum Failure {
        #[rpcx(code = 1, message = "one")]
        One1,
        #[rpcx(code = 2, message = "{0} and {1}")]
        Two2(u8, u16),
        #[rpcx(code = 3, message = "{field1}")]
        Three3 { field1: u8 },
        #[rpcx(other)]
        TheRest(rpcx::Error),
    }
    impl ::core::fmt::Debug for Failure {
        fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { loop {} }
    }
}

mod all {
    pub enum Names {
        Alias,
        Answerer,
        AnswererServer,
        Arc,
        ArgNames,
        Args,
        Arith,
        ArithClient,
        ArithServer,
        As,
        Bank,
        BankClient,
        BankError,
        BankServer,
        Blocking,
        Borrowed,
        Box,
        Bytes,
        Call,
        CallFuture,
        CallSlot,
        Caller,
        CallerClient,
        Channel,
        Chosen,
        Clone,
        Color,
        ColorGroup,
        Context,
        Copy,
        Cow,
        Debug,
        Default,
        Deserialize,
        Deserializer,
        Display,
        DivideByZero,
        END,
        EmptyStruct,
        Entry,
        Err,
        Error,
        ErrorFields,
        Execution,
        Family,
        Fields,
        Form,
        Formatter,
        Formed,
        From,
        Future,
        Green,
        Greeter,
        GreeterClient,
        GreeterServer,
        HelloReply,
        HelloRequest,
        INFO,
        InField,
        Insufficient,
        Into,
        IntoFuture,
        Key,
        Layer,
        Layers,
        MapAccess,
        Message,
        Method,
        MethodInfo,
        MethodRef,
        Mode,
        NAME,
        NAMES,
        NONE,
        Names,
        NoArgs,
        NoForm,
        None,
        OWN,
        Ok,
        One,
        Option,
        OrDefault,
        Output,
        Painter,
        PainterClient,
        PainterServer,
        Path,
        Pin,
        Plain,
        Probe,
        Prost,
        PutArgs,
        REPLY,
        Raw,
        ReadOnly,
        ReadWrite,
        Red,
        Refused,
        Reply,
        Request,
        Result,
        Ret,
        Rpc,
        SayError,
        Send,
        Serde,
        Serialize,
        SerializeStruct,
        Serializer,
        Service,
        ServiceError,
        ServiceInfo,
        ServiceRef,
        Some,
        Spawn,
        Store,
        StoreClient,
        StoreDyn,
        StoreError,
        StoreServer,
        String,
        Stub,
        Sync,
        T,
        Text,
        Thrift,
        ToString,
        User,
        Vec,
        __A,
        __Add,
        __Call,
        __Compact,
        __D,
        __Div,
        __Form_entries,
        __Form_photo,
        __Get,
        __INFO,
        __InsufficientFields,
        __Lent,
        __Log,
        __Mix,
        __Mul,
        __Named,
        __New,
        __Nothing,
        __Ping,
        __Put,
        __PutAll,
        __Raw,
        __RefusedFields,
        __S,
        __Say,
        __SayHello,
        __T,
        __Type,
        __a,
        __channel,
        __context,
        __de,
        __deserializer,
        __error,
        __f,
        __field0,
        __field1,
        __field2,
        __field3,
        __field4,
        __field_0,
        __field_currency,
        __field_need,
        __future,
        __key,
        __layer,
        __map,
        __method,
        __name,
        __number,
        __path,
        __private,
        __request,
        __rpcx,
        __serializer,
        __service,
        __slot,
        __text,
        __value,
        a,
        add,
        aliases,
        all,
        allow,
        args,
        automatically_derived,
        b,
        cache,
        call,
        call_oneway,
        cfg,
        channel,
        clippy,
        clone,
        codec,
        compact,
        context,
        convert,
        core,
        ctx,
        currency,
        data,
        de,
        dead_code,
        debug_struct,
        decode,
        default,
        deprecated,
        derive,
        deserialize,
        div,
        doc,
        docs,
        end,
        entries,
        entry,
        error,
        error_code,
        execution,
        extra,
        feature,
        field,
        find,
        finish_non_exhaustive,
        fleet,
        fmt,
        found,
        from,
        from_arc,
        from_error,
        from_map,
        future,
        get,
        group,
        hidden,
        i64,
        id,
        idempotent,
        info,
        inner,
        into_error,
        into_future,
        key,
        layer,
        layers,
        lent,
        level,
        line,
        log,
        manual_async_fn,
        marker,
        message,
        method,
        missing_debug_implementations,
        mix,
        mul,
        must_use,
        my_facade,
        name,
        named,
        need,
        new,
        next_key,
        no_such_method,
        no_variant,
        non_camel_case_types,
        non_snake_case,
        nothing,
        nursery,
        one,
        oneway,
        option,
        parent,
        path,
        pedantic,
        photo,
        pin,
        ping,
        primitive,
        put,
        put_all,
        r#as,
        r#async,
        r#await,
        r#const,
        r#dyn,
        r#enum,
        r#fn,
        r#for,
        r#if,
        r#impl,
        r#let,
        r#match,
        r#mod,
        r#move,
        r#mut,
        r#pub,
        r#return,
        r#static,
        r#struct,
        r#trait,
        r#type,
        r#use,
        r#while,
        raw,
        read_data,
        refining_impl_trait,
        reply,
        req,
        restriction,
        result,
        rpc,
        rpcx,
        run,
        say,
        say_hello,
        ser,
        serde,
        serialize,
        serialize_field,
        serialize_i64,
        serialize_str,
        serialize_struct,
        service,
        source,
        str,
        text,
        time_to_live,
        timeout_ms,
        to_string,
        u32,
        u64,
        u8,
        unix,
        unreachable_patterns,
        unreachable_pub,
        unused,
        unused_imports,
        unused_qualifications,
        unused_variables,
        up_to,
        value,
        variant,
        version,
        with,
        with_code,
        with_data,
        with_path,
        write,
        zero,
    }
}

mod variants {
    pub use super::all::Names::Alias;
    pub use super::all::Names::Answerer;
    pub use super::all::Names::AnswererServer;
    pub use super::all::Names::Arc;
    pub use super::all::Names::ArgNames;
    pub use super::all::Names::Args;
    pub use super::all::Names::Arith;
    pub use super::all::Names::ArithClient;
    pub use super::all::Names::ArithServer;
    pub use super::all::Names::As;
    pub use super::all::Names::Bank;
    pub use super::all::Names::BankClient;
    pub use super::all::Names::BankError;
    pub use super::all::Names::BankServer;
    pub use super::all::Names::Blocking;
    pub use super::all::Names::Borrowed;
    pub use super::all::Names::Box;
    pub use super::all::Names::Bytes;
    pub use super::all::Names::Call;
    pub use super::all::Names::CallFuture;
    pub use super::all::Names::CallSlot;
    pub use super::all::Names::Caller;
    pub use super::all::Names::CallerClient;
    pub use super::all::Names::Channel;
    pub use super::all::Names::Chosen;
    pub use super::all::Names::Clone;
    pub use super::all::Names::Color;
    pub use super::all::Names::ColorGroup;
    pub use super::all::Names::Copy;
    pub use super::all::Names::Cow;
    pub use super::all::Names::Default;
    pub use super::all::Names::Deserialize;
    pub use super::all::Names::Deserializer;
    pub use super::all::Names::Display;
    pub use super::all::Names::DivideByZero;
    pub use super::all::Names::END;
    pub use super::all::Names::EmptyStruct;
    pub use super::all::Names::Entry;
    pub use super::all::Names::Err;
    pub use super::all::Names::ErrorFields;
    pub use super::all::Names::Execution;
    pub use super::all::Names::Family;
    pub use super::all::Names::Fields;
    pub use super::all::Names::Form;
    pub use super::all::Names::Formed;
    pub use super::all::Names::From;
    pub use super::all::Names::Future;
    pub use super::all::Names::Green;
    pub use super::all::Names::Greeter;
    pub use super::all::Names::GreeterClient;
    pub use super::all::Names::GreeterServer;
    pub use super::all::Names::HelloReply;
    pub use super::all::Names::HelloRequest;
    pub use super::all::Names::INFO;
    pub use super::all::Names::InField;
    pub use super::all::Names::Insufficient;
    pub use super::all::Names::Into;
    pub use super::all::Names::IntoFuture;
    pub use super::all::Names::Key;
    pub use super::all::Names::Layer;
    pub use super::all::Names::Layers;
    pub use super::all::Names::MapAccess;
    pub use super::all::Names::Message;
    pub use super::all::Names::Method;
    pub use super::all::Names::MethodInfo;
    pub use super::all::Names::MethodRef;
    pub use super::all::Names::Mode;
    pub use super::all::Names::NAME;
    pub use super::all::Names::NAMES;
    pub use super::all::Names::NONE;
    pub use super::all::Names::Names;
    pub use super::all::Names::NoArgs;
    pub use super::all::Names::NoForm;
    pub use super::all::Names::None;
    pub use super::all::Names::OWN;
    pub use super::all::Names::Ok;
    pub use super::all::Names::One;
    pub use super::all::Names::Option;
    pub use super::all::Names::OrDefault;
    pub use super::all::Names::Output;
    pub use super::all::Names::Painter;
    pub use super::all::Names::PainterClient;
    pub use super::all::Names::PainterServer;
    pub use super::all::Names::Path;
    pub use super::all::Names::Pin;
    pub use super::all::Names::Plain;
    pub use super::all::Names::Probe;
    pub use super::all::Names::Prost;
    pub use super::all::Names::PutArgs;
    pub use super::all::Names::REPLY;
    pub use super::all::Names::Raw;
    pub use super::all::Names::ReadOnly;
    pub use super::all::Names::ReadWrite;
    pub use super::all::Names::Red;
    pub use super::all::Names::Refused;
    pub use super::all::Names::Reply;
    pub use super::all::Names::Request;
    pub use super::all::Names::Ret;
    pub use super::all::Names::Rpc;
    pub use super::all::Names::SayError;
    pub use super::all::Names::Send;
    pub use super::all::Names::Serde;
    pub use super::all::Names::Serialize;
    pub use super::all::Names::SerializeStruct;
    pub use super::all::Names::Serializer;
    pub use super::all::Names::Service;
    pub use super::all::Names::ServiceInfo;
    pub use super::all::Names::ServiceRef;
    pub use super::all::Names::Some;
    pub use super::all::Names::Spawn;
    pub use super::all::Names::Store;
    pub use super::all::Names::StoreClient;
    pub use super::all::Names::StoreDyn;
    pub use super::all::Names::StoreError;
    pub use super::all::Names::StoreServer;
    pub use super::all::Names::Stub;
    pub use super::all::Names::Sync;
    pub use super::all::Names::T;
    pub use super::all::Names::Text;
    pub use super::all::Names::Thrift;
    pub use super::all::Names::ToString;
    pub use super::all::Names::User;
    pub use super::all::Names::Vec;
    pub use super::all::Names::a;
    pub use super::all::Names::add;
    pub use super::all::Names::aliases;
    pub use super::all::Names::all;
    pub use super::all::Names::allow;
    pub use super::all::Names::automatically_derived;
    pub use super::all::Names::b;
    pub use super::all::Names::cache;
    pub use super::all::Names::call;
    pub use super::all::Names::call_oneway;
    pub use super::all::Names::cfg;
    pub use super::all::Names::channel;
    pub use super::all::Names::clippy;
    pub use super::all::Names::clone;
    pub use super::all::Names::codec;
    pub use super::all::Names::compact;
    pub use super::all::Names::context;
    pub use super::all::Names::convert;
    pub use super::all::Names::ctx;
    pub use super::all::Names::currency;
    pub use super::all::Names::data;
    pub use super::all::Names::de;
    pub use super::all::Names::dead_code;
    pub use super::all::Names::debug_struct;
    pub use super::all::Names::decode;
    pub use super::all::Names::deprecated;
    pub use super::all::Names::deserialize;
    pub use super::all::Names::div;
    pub use super::all::Names::doc;
    pub use super::all::Names::docs;
    pub use super::all::Names::end;
    pub use super::all::Names::entries;
    pub use super::all::Names::entry;
    pub use super::all::Names::error;
    pub use super::all::Names::error_code;
    pub use super::all::Names::execution;
    pub use super::all::Names::extra;
    pub use super::all::Names::feature;
    pub use super::all::Names::field;
    pub use super::all::Names::find;
    pub use super::all::Names::finish_non_exhaustive;
    pub use super::all::Names::fleet;
    pub use super::all::Names::found;
    pub use super::all::Names::from;
    pub use super::all::Names::from_arc;
    pub use super::all::Names::from_error;
    pub use super::all::Names::from_map;
    pub use super::all::Names::future;
    pub use super::all::Names::get;
    pub use super::all::Names::group;
    pub use super::all::Names::hidden;
    pub use super::all::Names::id;
    pub use super::all::Names::idempotent;
    pub use super::all::Names::info;
    pub use super::all::Names::inner;
    pub use super::all::Names::into_error;
    pub use super::all::Names::into_future;
    pub use super::all::Names::key;
    pub use super::all::Names::layer;
    pub use super::all::Names::layers;
    pub use super::all::Names::lent;
    pub use super::all::Names::level;
    pub use super::all::Names::line;
    pub use super::all::Names::log;
    pub use super::all::Names::manual_async_fn;
    pub use super::all::Names::marker;
    pub use super::all::Names::method;
    pub use super::all::Names::missing_debug_implementations;
    pub use super::all::Names::mix;
    pub use super::all::Names::mul;
    pub use super::all::Names::must_use;
    pub use super::all::Names::my_facade;
    pub use super::all::Names::name;
    pub use super::all::Names::named;
    pub use super::all::Names::need;
    pub use super::all::Names::new;
    pub use super::all::Names::next_key;
    pub use super::all::Names::no_such_method;
    pub use super::all::Names::no_variant;
    pub use super::all::Names::non_camel_case_types;
    pub use super::all::Names::non_snake_case;
    pub use super::all::Names::nothing;
    pub use super::all::Names::nursery;
    pub use super::all::Names::one;
    pub use super::all::Names::option;
    pub use super::all::Names::parent;
    pub use super::all::Names::path;
    pub use super::all::Names::pedantic;
    pub use super::all::Names::photo;
    pub use super::all::Names::pin;
    pub use super::all::Names::ping;
    pub use super::all::Names::primitive;
    pub use super::all::Names::put;
    pub use super::all::Names::put_all;
    pub use super::all::Names::r#as;
    pub use super::all::Names::r#async;
    pub use super::all::Names::r#await;
    pub use super::all::Names::r#const;
    pub use super::all::Names::r#dyn;
    pub use super::all::Names::r#enum;
    pub use super::all::Names::r#fn;
    pub use super::all::Names::r#for;
    pub use super::all::Names::r#if;
    pub use super::all::Names::r#impl;
    pub use super::all::Names::r#let;
    pub use super::all::Names::r#match;
    pub use super::all::Names::r#mod;
    pub use super::all::Names::r#move;
    pub use super::all::Names::r#mut;
    pub use super::all::Names::r#pub;
    pub use super::all::Names::r#return;
    pub use super::all::Names::r#static;
    pub use super::all::Names::r#struct;
    pub use super::all::Names::r#trait;
    pub use super::all::Names::r#type;
    pub use super::all::Names::r#use;
    pub use super::all::Names::r#while;
    pub use super::all::Names::raw;
    pub use super::all::Names::read_data;
    pub use super::all::Names::refining_impl_trait;
    pub use super::all::Names::req;
    pub use super::all::Names::restriction;
    pub use super::all::Names::rpc;
    pub use super::all::Names::run;
    pub use super::all::Names::say;
    pub use super::all::Names::say_hello;
    pub use super::all::Names::ser;
    pub use super::all::Names::serde;
    pub use super::all::Names::serialize;
    pub use super::all::Names::serialize_field;
    pub use super::all::Names::serialize_i64;
    pub use super::all::Names::serialize_str;
    pub use super::all::Names::serialize_struct;
    pub use super::all::Names::source;
    pub use super::all::Names::time_to_live;
    pub use super::all::Names::timeout_ms;
    pub use super::all::Names::to_string;
    pub use super::all::Names::u32;
    pub use super::all::Names::unix;
    pub use super::all::Names::unreachable_patterns;
    pub use super::all::Names::unreachable_pub;
    pub use super::all::Names::unused;
    pub use super::all::Names::unused_imports;
    pub use super::all::Names::unused_qualifications;
    pub use super::all::Names::unused_variables;
    pub use super::all::Names::up_to;
    pub use super::all::Names::value;
    pub use super::all::Names::variant;
    pub use super::all::Names::version;
    pub use super::all::Names::with;
    pub use super::all::Names::with_code;
    pub use super::all::Names::with_data;
    pub use super::all::Names::with_path;
    pub use super::all::Names::write;
    pub use super::all::Names::zero;

    #[rpcx::service(dyn)]
    pub trait Svc {
        async fn none_at_all(&self) -> rpcx::Result<()>;
        async fn one_of_them(&self, ctx0: &rpcx::Context, arg1: &str) -> ::core::result::Result<u8, Failure>;
        #[rpcx(args = "SeveralArgs", reply = "C")]
        async fn several_of_them(&self, arg1: u8, #[rpcx(default)] arg2: i64) -> rpcx::Result<u8>;
        #[rpcx(oneway)]
        async fn nothing_back(&self, arg1: &[u8]) -> rpcx::Result<()>;
    }
    #[rpcx::message]
    pub struct Msg { pub field1: u8, pub field2: ::std::string::String, #[rpcx(skip)] pub field3: u8 }
    #[rpcx::message]
    pub struct Inner0(pub u64);
    #[rpcx::message]
    pub enum Num { One1 = 1, #[rpcx(default)] Two2 = 2 }
    #[rpcx::message(text)]
    pub enum Txt { One1, Two2 }
    #[derive(rpcx::ServiceError)]
    #[rpcx(wire = "json")]
    pub enum Failure {
        #[rpcx(code = 1, message = "one")]
        One1,
        #[rpcx(code = 2, message = "{0} and {1}")]
        Two2(u8, u16),
        #[rpcx(code = 3, message = "{field1}")]
        Three3 { field1: u8 },
        #[rpcx(other)]
        TheRest(rpcx::Error),
    }
    impl ::core::fmt::Debug for Failure {
        fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { loop {} }
    }
}

fn main() {}
