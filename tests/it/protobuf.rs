//! `codec = "protobuf"`: messages of prost, through codec, frames and dispatch.

use rpcx::protocol::Codec;
use rpcx::{Channel, Context, ErrorKind, InProcess, Rejection};

#[derive(Clone, PartialEq, prost::Message)]
struct HelloRequest {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint32, repeated, tag = "2")]
    numbers: Vec<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HelloReply {
    #[prost(string, tag = "1")]
    message: String,
    #[prost(message, optional, tag = "2")]
    request: Option<HelloRequest>,
}

#[rpcx::service(codec = "protobuf", wrap)]
trait Greeter {
    async fn say_hello(&self, request: HelloRequest) -> rpcx::Result<HelloReply>;
    async fn lent(&self, ctx: &Context, request: &HelloRequest) -> rpcx::Result<String>;
    async fn nothing(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn log(&self, line: String) -> rpcx::Result<()>;
    async fn fail(&self, request: HelloRequest) -> rpcx::Result<HelloReply>;
    #[rpcx(codec = "serde")]
    async fn other(&self, a: u8) -> rpcx::Result<u8>;
}

struct Server;

impl Greeter for Server {
    async fn say_hello(&self, request: HelloRequest) -> rpcx::Result<HelloReply> {
        Ok(HelloReply {
            message: format!("hello {}", request.name),
            request: Some(request),
        })
    }

    async fn lent(&self, _: &Context, request: &HelloRequest) -> rpcx::Result<String> {
        Ok(request.name.clone())
    }

    async fn nothing(&self, (): ()) -> rpcx::Result<()> {
        Ok(())
    }

    async fn log(&self, _: String) -> rpcx::Result<()> {
        Ok(())
    }

    async fn fail(&self, request: HelloRequest) -> rpcx::Result<HelloReply> {
        Err(rpcx::Error::service(request.name))
    }

    async fn other(&self, a: u8) -> rpcx::Result<u8> {
        Ok(a + 1)
    }
}

fn request() -> HelloRequest {
    HelloRequest {
        name: "Ada".to_owned(),
        numbers: vec![1, 300],
    }
}

#[tokio::test]
async fn messages_travel() {
    let client = GreeterClient::new(InProcess::new(GreeterServer::new(Server)));
    let reply = client.say_hello(request()).await.unwrap();
    assert_eq!(reply.message, "hello Ada");
    assert_eq!(reply.request, Some(request()));
    assert_eq!(client.lent(&request()).await.unwrap(), "Ada");
    client.nothing(()).await.unwrap();
    client.log("a line".to_owned()).await.unwrap();
    let empty = client.say_hello(HelloRequest::default()).await.unwrap();
    assert_eq!(empty.request, Some(HelloRequest::default()));
    // one method of another family in the same service
    assert_eq!(client.other(1).await.unwrap(), 2);
}

#[tokio::test]
async fn errors_travel_as_always() {
    let client = GreeterClient::new(InProcess::new(GreeterServer::new(Server)));
    let error = client.fail(request()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Service, "Ada".to_owned())
    );
}

/// The same path with the messages as bytes, to see and to spoil them.
#[rpcx::service(name = "Greeter", codec = "raw", server = false)]
trait Bytes {
    async fn say_hello(&self, request: &[u8]) -> rpcx::Result<Vec<u8>>;
}

#[tokio::test]
async fn a_payload_in_another_codec_is_refused() {
    let channel: Channel = InProcess::new(GreeterServer::new(Server)).into();
    let client = BytesClient::new(channel);
    let error = client.say_hello(b"\x0a\x03Ada").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
    let raw = Codec::RAW.number();
    assert_eq!(error.to_string(), format!("can not find codec for {raw}"));
}
