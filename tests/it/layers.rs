//! Layers on a server, as users write them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx::layer::{Layer, LayerFuture, Next, Request, Response, only};
use rpcx::{Channel, Context, ErrorKind, Rejection, Server, ServerBuilder, ServerHandle};

#[rpcx::service]
trait Desk {
    async fn ask(&self, ctx: &Context, text: String) -> rpcx::Result<String>;
    async fn wait(&self, milliseconds: u64) -> rpcx::Result<u64>;
    async fn fail(&self) -> rpcx::Result<()>;
    async fn panic(&self) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn tell(&self, text: String) -> rpcx::Result<()>;
    #[rpcx(spawn)]
    async fn elsewhere(&self) -> rpcx::Result<u8>;
    #[rpcx(blocking)]
    async fn blocking(&self) -> rpcx::Result<u8>;
}

type Log = Arc<Mutex<Vec<String>>>;

fn note(log: &Log, line: impl Into<String>) {
    log.lock().unwrap().push(line.into());
}

fn take(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

#[derive(Clone)]
struct Clerk(Log);

#[derive(Clone, Debug, PartialEq)]
struct Account(&'static str);

impl Desk for Clerk {
    async fn ask(&self, ctx: &Context, text: String) -> rpcx::Result<String> {
        note(&self.0, format!("handler {text}"));
        ctx.set_response_metadata("clerk", "7");
        let account = ctx.get::<Account>().map_or("nobody", |account| account.0);
        let tag = ctx.metadata().get("tag").unwrap_or("-").to_owned();
        Ok(format!("{text} {account} {tag}"))
    }
    async fn wait(&self, milliseconds: u64) -> rpcx::Result<u64> {
        note(&self.0, "handler waits");
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(milliseconds)
    }
    async fn fail(&self) -> rpcx::Result<()> {
        Err(rpcx::Error::service("no").with_code(9))
    }
    async fn panic(&self) -> rpcx::Result<()> {
        panic!("in the handler")
    }
    async fn tell(&self, text: String) -> rpcx::Result<()> {
        note(&self.0, format!("told {text}"));
        Ok(())
    }
    async fn elsewhere(&self) -> rpcx::Result<u8> {
        Ok(1)
    }
    async fn blocking(&self) -> rpcx::Result<u8> {
        Ok(2)
    }
}

/// Notes when a call passes it in and out.
struct Noting(&'static str, Log);

impl Layer for Noting {
    fn call(&self, request: Request, next: Next) -> LayerFuture {
        let (name, log) = (self.0, Arc::clone(&self.1));
        Box::pin(async move {
            note(&log, format!("{name} in {}", request.full_name()));
            let response = next.run(request).await;
            note(&log, format!("{name} out {:?}", response.outcome()));
            response
        })
    }
}

async fn serve(builder: ServerBuilder, desk: DeskServer<Clerk>) -> (DeskClient, ServerHandle) {
    let server = builder.register(desk).listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    let channel = Channel::connect(&address).await.unwrap();
    (DeskClient::new(channel), handle)
}

fn desk() -> (Log, DeskServer<Clerk>) {
    let log = Log::default();
    (Arc::clone(&log), DeskServer::new(Clerk(log)))
}

#[tokio::test]
async fn layers_of_the_server_are_around_those_of_the_service_in_the_order_they_were_added() {
    let (log, desk) = desk();
    let layer = |name| Noting(name, Arc::clone(&log));
    let desk = desk.layer(layer("service 1")).layer(layer("service 2"));
    let server = Server::builder()
        .layer(layer("server 1"))
        .layer(layer("server 2"));
    let (client, _) = serve(server, desk).await;
    client.ask("x".to_owned()).await.unwrap();
    let names = ["server 1", "server 2", "service 1", "service 2"];
    let mut expected: Vec<_> = names.map(|name| format!("{name} in Desk/Ask")).into();
    expected.push("handler x".to_owned());
    expected.extend(names.iter().rev().map(|name| format!("{name} out Ok(())")));
    assert_eq!(take(&log), expected);
}

#[tokio::test]
async fn a_layer_changes_metadata_and_hands_values_to_the_handler() {
    let (_, desk) = desk();
    let server = Server::builder().layer(|mut request: Request, next: Next| async move {
        assert_eq!(request.service(), "Desk");
        assert!(
            request
                .peer()
                .unwrap()
                .to_string()
                .starts_with("tcp@127.0.0.1:")
        );
        assert!(request.remaining().unwrap() > Duration::from_secs(1));
        assert_eq!(request.codec(), rpcx::Codec::MSGPACK);
        assert_eq!(request.payload(), b"\xa4text");
        request.metadata_mut().insert("tag", "changed");
        request.insert(Account("ann"));
        let mut response = next.run(request).await;
        assert_eq!(response.metadata().get("clerk"), Some("7"));
        assert_eq!(response.payload(), Some(&b"\xb0text ann changed"[..]));
        response.metadata_mut().insert("layer", "was here");
        response
    });
    let (client, _) = serve(server, desk).await;
    let call = client
        .ask("text".to_owned())
        .timeout(Duration::from_secs(20));
    let (reply, metadata) = call.metadata("tag", "sent").with_metadata().await.unwrap();
    assert_eq!(reply, "text ann changed");
    assert_eq!(metadata.get("clerk"), Some("7"));
    assert_eq!(metadata.get("layer"), Some("was here"));
}

#[tokio::test]
async fn a_call_that_a_layer_refuses_never_runs() {
    let (log, desk) = desk();
    let server = Server::builder().layer(|_: Request, _: Next| async {
        Response::refuse(Rejection::Denied, "not on a Sunday")
    });
    let (client, _) = serve(server, desk).await;
    let error = client.ask("x".to_owned()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Denied));
    assert_eq!(error.to_string(), "not on a Sunday");
    client.tell("x".to_owned()).await.unwrap();
    // The reply of a later call: the one-way call was looked at before it.
    client.ask("y".to_owned()).await.unwrap_err();
    assert_eq!(take(&log), Vec::<String>::new());
}

#[tokio::test]
async fn a_layer_cannot_refuse_what_has_run() {
    let (log, desk) = desk();
    let server = Server::builder().layer(|request: Request, next: Next| async {
        next.run(request).await;
        Response::refuse(Rejection::Overloaded, "too late")
    });
    let (client, _) = serve(server, desk).await;
    let error = client.ask("x".to_owned()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.to_string(), "too late");
    assert_eq!(take(&log), ["handler x"]);
}

/// The method has not run, and its caller learns so: as without layers.
#[tokio::test]
async fn arguments_that_cannot_be_decoded_behind_a_layer_refuse_the_call() {
    let (log, desk) = desk();
    let server = Server::builder()
        .layer(Noting("layer", Arc::clone(&log)))
        .register(desk)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let channel = Channel::connect(&server.addresses()[0].to_string()).await;
    let channel = channel.unwrap();
    tokio::spawn(server.serve());
    for method in ["Ask", "Elsewhere", "Blocking"] {
        let ask = channel.raw("Desk", method).codec(rpcx::Codec::MSGPACK);
        let error = ask.call(&b"\xc1"[..]).await.unwrap_err();
        let undecodable = ErrorKind::Rejected(Rejection::Undecodable);
        assert_eq!(error.kind(), undecodable, "{method}: {error}");
    }
    let out = format!(
        "layer out Err({:?})",
        ErrorKind::Rejected(Rejection::Undecodable)
    );
    assert_eq!(take(&log).iter().filter(|line| **line == out).count(), 3);
}

#[tokio::test]
async fn layers_see_how_a_call_ended() {
    let (log, desk) = desk();
    let server = Server::builder().layer(Noting("layer", Arc::clone(&log)));
    let (client, handle) = serve(server, desk).await;
    let error = client.fail().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some(9)));
    let error = client.panic().await.unwrap_err();
    assert_eq!(error.to_string(), "internal error");
    assert_eq!(client.wait(20).await.unwrap(), 20);
    assert_eq!(client.elsewhere().await.unwrap(), 1);
    assert_eq!(client.blocking().await.unwrap(), 2);
    client.tell("it".to_owned()).await.unwrap();
    client.wait(0).await.unwrap();
    let log = take(&log);
    let outcomes = log.iter().filter(|line| line.contains(" out "));
    let failed = format!("layer out Err({:?})", ErrorKind::Service);
    let ok = "layer out Ok(())";
    let expected = [&*failed, &*failed, ok, ok, ok, ok, ok];
    assert_eq!(outcomes.collect::<Vec<_>>(), expected);
    assert!(log.contains(&"told it".to_owned()));
    assert_eq!(handle.stats().panics, 1);
}

#[tokio::test]
async fn a_layer_that_panics_ends_its_call_and_no_other() {
    let (log, desk) = desk();
    // Before its future is made, in it, and after the handler.
    let desk = desk.layer(|request: Request, next: Next| {
        let place = request.metadata().get("place").map(str::to_owned);
        assert_ne!(place.as_deref(), Some("call"), "in the layer");
        async move {
            assert_ne!(place.as_deref(), Some("before"), "in the layer");
            let response = next.run(request).await;
            assert_ne!(place.as_deref(), Some("after"), "in the layer");
            response
        }
    });
    let (client, handle) = serve(Server::builder(), desk).await;
    for place in ["call", "before", "after"] {
        let error = client.ask(place.to_owned()).metadata("place", place).await;
        let error = error.unwrap_err();
        assert_eq!(
            (error.kind(), &*error.to_string()),
            (ErrorKind::Service, "internal error")
        );
    }
    assert_eq!(take(&log), ["handler after"]);
    assert_eq!(client.ask("x".to_owned()).await.unwrap(), "x nobody -");
    assert_eq!(handle.stats().panics, 3);
}

#[tokio::test]
async fn a_layer_may_wait_and_keeps_to_the_deadline_of_the_call() {
    let (log, desk) = desk();
    let server = Server::builder().layer(|request: Request, next: Next| async {
        if request.metadata().get("slow").is_some() {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        tokio::task::yield_now().await;
        next.run(request).await
    });
    let (client, handle) = serve(server, desk).await;
    let call = client.ask("x".to_owned()).metadata("slow", "");
    let error = call.timeout(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert_eq!(client.ask("y".to_owned()).await.unwrap(), "y nobody -");
    assert_eq!(take(&log), ["handler y"]);
    // The layer that waits is dropped with its call.
    while handle.stats().calls_in_flight > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(handle.stats().abandoned, 1);
}

#[tokio::test]
async fn a_layer_can_be_for_some_methods() {
    let (log, desk) = desk();
    let noting = Noting("audit", Arc::clone(&log));
    let server = Server::builder().layer(only(
        |service, method| service == "Desk" && method.name() == "Ask",
        noting,
    ));
    let (client, _) = serve(server, desk).await;
    client.wait(0).await.unwrap();
    assert_eq!(take(&log), ["handler waits"]);
    client.ask("x".to_owned()).await.unwrap();
    assert_eq!(
        take(&log),
        ["audit in Desk/Ask", "handler x", "audit out Ok(())"]
    );
}

#[tokio::test]
async fn authorization_comes_before_layers_and_hands_on_what_it_found() {
    let (log, desk) = desk();
    let server = Server::builder()
        .layer(Noting("layer", Arc::clone(&log)))
        .authorize(|request| {
            let token = request.metadata.auth().ok_or(Rejection::Unauthenticated)?;
            if token != "ann's" {
                return Err(rpcx::Error::refuse(Rejection::Denied, "revoked"));
            }
            request.insert(Account("ann"));
            Ok(())
        });
    let (client, _) = serve(server, desk).await;
    let error = client.ask("x".to_owned()).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Rejected(Rejection::Unauthenticated)
    );
    let error = client.ask("x".to_owned()).metadata("__AUTH", "bob's").await;
    assert_eq!(error.unwrap_err().to_string(), "revoked");
    assert_eq!(take(&log), Vec::<String>::new());
    let reply = client.ask("x".to_owned()).metadata("__AUTH", "ann's").await;
    assert_eq!(reply.unwrap(), "x ann -");
}

#[tokio::test]
async fn an_authorization_may_wait_and_is_outside_of_all_layers() {
    let (log, desk) = desk();
    let server = Server::builder()
        .layer(Noting("layer", Arc::clone(&log)))
        .authorize_async(|mut request: Request| async move {
            tokio::task::yield_now().await;
            match request.metadata().auth() {
                None => return Err(Rejection::Unauthenticated.into()),
                Some("ann's") => request.insert(Account("ann")),
                Some("broken") => return Err(rpcx::Error::not_sent("the directory at 10.0.0.7")),
                Some(_) => return Err("revoked".into()),
            }
            Ok(request)
        });
    let (client, handle) = serve(server, desk).await;
    for (token, reason, text) in [
        ("", Rejection::Denied, "revoked"),
        (
            "broken",
            Rejection::Other,
            "the call could not be authorized",
        ),
    ] {
        let error = client.ask("x".to_owned()).auth(token).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected(reason));
        assert_eq!(error.to_string(), text);
    }
    let error = client.ask("x".to_owned()).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Rejected(Rejection::Unauthenticated)
    );
    assert_eq!(take(&log), Vec::<String>::new());
    assert_eq!(handle.stats().denied, 3);
    let reply = client.ask("x".to_owned()).auth("ann's").await;
    assert_eq!(reply.unwrap(), "x ann -");
}

/// Tells when a handler has gone.
struct Gone(Arc<AtomicUsize>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_handler_that_a_layer_gives_up_is_dropped_at_once() {
    let gone = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&gone);
    let server = Server::builder()
        .handle("Desk", "Wait", move |_, _| {
            let gone = Gone(Arc::clone(&count));
            async move {
                std::future::pending::<()>().await;
                drop(gone);
                Err("never".into())
            }
        })
        .layer(|request: Request, next: Next| async {
            let limit = Duration::from_millis(20);
            match tokio::time::timeout(limit, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Response::refuse(Rejection::Overloaded, "too slow"),
            }
        })
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let channel = Channel::connect(&server.addresses()[0]).await;
    tokio::spawn(server.serve());
    let client = DeskClient::new(channel.unwrap());
    for calls in 1..4 {
        let error = client.wait(0).await.unwrap_err();
        // It has run, so it is no refusal.
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(gone.load(Ordering::SeqCst), calls);
    }
}
