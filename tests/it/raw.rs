//! Handlers that take payloads as they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx::services::RawPayload;
use rpcx::{Channel, Codec, Compression, Error, ErrorKind, Rejection, Server, ServerHandle};

#[rpcx::service(name = "Notes")]
trait Notes {
    async fn upper(&self, text: String) -> rpcx::Result<String>;
    async fn other(&self, text: String) -> rpcx::Result<String>;
    async fn third(&self, text: String) -> rpcx::Result<String>;
}

struct Never;

impl Notes for Never {
    async fn upper(&self, _: String) -> rpcx::Result<String> {
        Err("typed".into())
    }
    async fn other(&self, _: String) -> rpcx::Result<String> {
        Err("typed".into())
    }
    async fn third(&self, _: String) -> rpcx::Result<String> {
        Err("typed".into())
    }
}

fn json(text: &str) -> RawPayload {
    RawPayload::new(Codec::JSON, format!("{text:?}").into_bytes())
}

async fn start(server: rpcx::ServerBuilder) -> (NotesClient, ServerHandle) {
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    let channel = Channel::connect(&address).await.unwrap();
    (NotesClient::new(channel), handle)
}

#[tokio::test]
async fn a_raw_handler_answers_in_the_codec_it_likes_and_is_replaced_while_the_server_runs() {
    let server = Server::builder().handle("Notes", "Upper", |ctx, request| async move {
        assert_eq!((&*request.service, &*request.method), ("Notes", "Upper"));
        assert_eq!(request.payload.codec, Codec::MSGPACK);
        assert_eq!(&request.payload.bytes[..], b"\xa4text");
        ctx.set_response_metadata("by", "raw");
        Ok(json("TEXT"))
    });
    let (client, handle) = start(server).await;
    let call = client.upper("text".to_owned()).with_metadata();
    let (reply, metadata) = call.await.unwrap();
    assert_eq!((&*reply, metadata.get("by")), ("TEXT", Some("raw")));

    handle.set_handler("Notes", "Upper", |_, _| async { Ok(json("second")) });
    assert_eq!(client.upper(String::new()).await.unwrap(), "second");
    handle.set_handler("Notes", "Upper", |_, _| async {
        tokio::task::yield_now().await;
        Err(Error::service("third").with_code(3))
    });
    let error = client.upper(String::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some(3)));

    assert!(handle.remove_handler("Notes", "Upper"));
    assert!(!handle.remove_handler("Notes", "Upper"));
    let error = client.upper(String::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::UnknownMethod));
    assert_eq!(error.to_string(), "rpcx: can't find method Upper");
    handle.set_handler("Notes", "Upper", |_, _| async { Ok(json("back")) });
    assert_eq!(client.upper(String::new()).await.unwrap(), "back");
}

#[tokio::test]
async fn a_fallback_takes_what_nothing_else_takes() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::builder()
        .handle("Notes", "Upper", |_, _| async { Ok(json("handler")) })
        .fallback(move |_, request| {
            count.fetch_add(1, Ordering::SeqCst);
            async move { Ok(json(&format!("{} {}", request.service, request.method))) }
        });
    let (client, _) = start(server).await;
    assert_eq!(client.upper(String::new()).await.unwrap(), "handler");
    assert_eq!(client.other(String::new()).await.unwrap(), "Notes Other");
    let elsewhere = client.clone().with_path("Elsewhere");
    assert_eq!(
        elsewhere.third(String::new()).await.unwrap(),
        "Elsewhere Third"
    );
    assert_eq!(client.upper(String::new()).await.unwrap(), "handler");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_registered_service_comes_first() {
    let server = Server::builder()
        .register_as("Other", NotesServer::new(Never))
        .handle("Other", "More", |_, _| async { Ok(json("raw")) })
        .fallback(|_, _| async { Ok(json("fallback")) });
    let (client, handle) = start(server).await;
    let client = client.with_path("Other");
    for _ in 0..2 {
        let error = client.upper(String::new()).await.unwrap_err();
        assert_eq!(error.to_string(), "typed");
    }
    handle.set_handler("Other", "Upper", |_, _| async { Ok(json("raw")) });
    let error = client.upper(String::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "typed");
}

#[tokio::test]
async fn a_compressed_payload_is_passed_on_as_it_is() {
    let server = Server::builder().handle("Notes", "Upper", |_, request| async move {
        assert_eq!(request.payload.compression, Compression::GZIP);
        assert_eq!(request.payload.bytes[..2], [0x1f, 0x8b]);
        Ok(request.payload)
    });
    let (client, _) = start(server).await;
    let text = "to and fro ".repeat(500);
    let reply = client
        .upper(text.clone())
        .compression(Compression::GZIP)
        .await;
    assert_eq!(reply.unwrap(), text);
}

#[tokio::test]
async fn mistakes_are_reported_when_the_server_is_bound() {
    let server = Server::builder()
        .register(NotesServer::new(Never))
        .handle("Notes", "Upper", |_, _| async { Ok(json("")) })
        .handle("", "Upper", |_, _| async { Ok(json("")) })
        .listen("tcp@127.0.0.1:0");
    let error = server.bind().await.unwrap_err().to_string();
    assert!(
        error.contains("the handler of `Notes.Upper` is never called: the service has that method"),
        "{error}"
    );
    assert!(
        error.contains("the handler of `.Upper` needs a service and a method"),
        "{error}"
    );
}

#[tokio::test]
async fn a_handler_that_panics_when_it_is_called_ends_its_call() {
    let server = Server::builder()
        .handle("Notes", "Upper", |_, request| {
            assert!(request.oneway, "in the handler");
            async { Ok(json("")) }
        })
        .handle("Notes", "Other", |_, _| async { Ok(json("still here")) });
    let (client, handle) = start(server).await;
    let error = client.upper(String::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "internal error");
    assert_eq!(client.other(String::new()).await.unwrap(), "still here");
    assert_eq!(handle.stats().panics, 1);
}
