//! Layers that decide about a call before anything is made for them, on both sides.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rpcx::layer::{Before, Head, Layer, LayerFuture, Next, Request, Response, before, only};
use rpcx::{Channel, Context, Error, ErrorKind, InProcess, Rejection, Server};

#[rpcx::service]
trait Gate {
    async fn ask(&self, ctx: &Context, text: String) -> rpcx::Result<String>;
    async fn wait(&self, ctx: &Context) -> rpcx::Result<String>;
    #[rpcx(spawn)]
    async fn elsewhere(&self, ctx: &Context) -> rpcx::Result<String>;
    #[rpcx(blocking)]
    async fn blocking(&self, ctx: &Context) -> rpcx::Result<String>;
    #[rpcx(oneway)]
    async fn tell(&self) -> rpcx::Result<()>;
}

#[derive(Clone, Default)]
struct Keeper {
    runs: Arc<AtomicUsize>,
}

#[derive(Clone, Debug, PartialEq)]
struct Account(&'static str);

impl Keeper {
    fn answer(&self, ctx: &Context) -> rpcx::Result<String> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let account = ctx.get::<Account>().map_or("-", |account| account.0);
        Ok(format!(
            "{account} {}",
            ctx.metadata().get("tag").unwrap_or("-")
        ))
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

impl Gate for Keeper {
    async fn ask(&self, ctx: &Context, _: String) -> rpcx::Result<String> {
        self.answer(ctx)
    }
    async fn wait(&self, ctx: &Context) -> rpcx::Result<String> {
        tokio::task::yield_now().await;
        self.answer(ctx)
    }
    async fn elsewhere(&self, ctx: &Context) -> rpcx::Result<String> {
        self.answer(ctx)
    }
    async fn blocking(&self, ctx: &Context) -> rpcx::Result<String> {
        self.answer(ctx)
    }
    async fn tell(&self) -> rpcx::Result<()> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

type Log = Arc<Mutex<Vec<String>>>;

fn note(log: &Log, line: impl Into<String>) {
    log.lock().unwrap().push(line.into());
}

fn take(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

/// Notes that it was asked, and is around calls or not.
struct Noting(&'static str, Log, bool);

impl Layer for Noting {
    fn before(&self, head: &mut Head<'_>) -> Before {
        note(
            &self.1,
            format!("{} before {}", self.0, head.method().name()),
        );
        match self.2 {
            true => Before::Around,
            false => Before::Pass,
        }
    }

    fn call(&self, request: Request, next: Next) -> LayerFuture {
        assert!(self.2, "it let the call pass");
        let (name, log) = (self.0, Arc::clone(&self.1));
        Box::pin(async move {
            note(&log, format!("{name} in"));
            let response = next.run(request).await;
            note(&log, format!("{name} out {:?}", response.outcome()));
            response
        })
    }
}

/// Both ways to a server: in process, and over a socket.
async fn clients(
    keeper: &Keeper,
    with: impl Fn(GateServer<Keeper>) -> GateServer<Keeper>,
) -> [GateClient; 2] {
    let inside = GateClient::new(InProcess::new(with(GateServer::new(keeper.clone()))));
    let server = Server::builder()
        .register(with(GateServer::new(keeper.clone())))
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    [
        inside,
        GateClient::new(Channel::connect(&address).await.unwrap()),
    ]
}

/// Those outside of the first that is around the call are asked before it, and those inside as the call comes to them.
#[tokio::test]
async fn layers_are_asked_once_and_in_their_order() {
    let (log, keeper) = (Log::default(), Keeper::default());
    for around in [
        [false; 3],
        [true, false, true],
        [false, true, false],
        [false, false, true],
    ] {
        let layer = |at: usize| Noting(["a", "b", "c"][at], Arc::clone(&log), around[at]);
        let server =
            |server: GateServer<Keeper>| server.layer(layer(0)).layer(layer(1)).layer(layer(2));
        for client in clients(&keeper, server).await {
            let client = client.layer(layer(0)).layer(layer(1)).layer(layer(2));
            client.ask(String::new()).await.unwrap();
            let mut way = Vec::new();
            for at in 0..3 {
                way.push(format!("{} before Ask", ["a", "b", "c"][at]));
                if around[at] {
                    way.push(format!("{} in", ["a", "b", "c"][at]));
                }
            }
            let back = (0..3).rev().filter(|at| around[*at]);
            let back: Vec<_> = back
                .map(|at| format!("{} out Ok(())", ["a", "b", "c"][at]))
                .collect();
            let expected = [&way[..], &way, &back, &back].concat();
            assert_eq!(take(&log), expected, "{around:?}");
        }
    }
}

#[tokio::test]
async fn what_is_changed_before_reaches_handlers_of_every_kind() {
    let keeper = Keeper::default();
    let server = |server: GateServer<Keeper>| {
        server.layer(before(|head: &mut Head<'_>| {
            assert!(head.peer().is_some() && head.service() == "Gate");
            let tag = head.metadata().get("tag").map(str::to_owned);
            head.metadata_mut()
                .insert("tag", format!("{}!", tag.unwrap()));
            head.insert(Account("ann"));
            Ok(())
        }))
    };
    for client in clients(&keeper, server).await {
        let client = client.layer(before(|head: &mut Head<'_>| {
            assert!(head.peer().is_none() && head.deadline().is_some());
            head.metadata_mut().insert("tag", "t");
            Ok(())
        }));
        for call in [
            client.ask("x".to_owned()),
            client.wait(),
            client.elsewhere(),
            client.blocking(),
        ] {
            assert_eq!(call.await.unwrap(), "ann t!");
        }
    }
}

/// A value that was attached before is there for the layer inside that is around the call.
#[tokio::test]
async fn a_layer_around_the_call_finds_what_was_attached_before() {
    let keeper = Keeper::default();
    let attach = || {
        before(|head: &mut Head<'_>| {
            head.insert(Account("bob"));
            Ok(())
        })
    };
    let find = |request: Request, next: Next| {
        assert_eq!(request.get::<Account>(), Some(&Account("bob")));
        next.run(request)
    };
    for client in clients(&keeper, |server| server.layer(attach()).layer(find)).await {
        let client = client.layer(attach()).layer(find);
        assert_eq!(client.ask(String::new()).await.unwrap(), "bob -");
    }
}

#[tokio::test]
async fn a_call_that_is_refused_before_never_runs() {
    let keeper = Keeper::default();
    let refuse = || {
        before(|head: &mut Head<'_>| match head.metadata().get("pass") {
            Some(_) => Ok(()),
            None => Err(Error::refuse(Rejection::Denied, "not today")),
        })
    };
    let around = |request: Request, next: Next| async move { next.run(request).await };
    for inner in [false, true] {
        let server = |server: GateServer<Keeper>| match inner {
            true => server.layer(around).layer(refuse()),
            false => server.layer(refuse()),
        };
        for at_client in [false, true] {
            let before = keeper.runs();
            for client in clients(&keeper, server).await {
                let client = match (at_client, inner) {
                    (false, _) => client,
                    (true, true) => client.layer(around).layer(refuse()),
                    (true, false) => client.layer(refuse()),
                };
                let error = client.ask(String::new()).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Denied));
                assert_eq!(error.message(), "not today");
                assert_eq!(client.tell().await.is_err(), at_client);
                let passed = client.ask(String::new()).metadata("pass", "1");
                passed.await.unwrap();
            }
            assert_eq!(keeper.runs(), before + 2);
        }
    }
}

#[tokio::test]
async fn a_panic_before_ends_its_call_and_no_other() {
    let keeper = Keeper::default();
    let panicking = || {
        before(|head: &mut Head<'_>| {
            assert!(head.metadata().get("panic").is_none(), "in the layer");
            Ok(())
        })
    };
    for client in clients(&keeper, |server| server.layer(panicking())).await {
        let error = client.ask(String::new()).metadata("panic", "1").await;
        let error = error.unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Service, "internal error")
        );
        client.ask(String::new()).await.unwrap();
        let client = client.layer(panicking());
        let error = client.ask(String::new()).metadata("panic", "1").await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::NotSent);
        client.ask(String::new()).await.unwrap();
    }
    assert_eq!(keeper.runs(), 4);
}

#[tokio::test]
async fn a_layer_for_some_methods_is_asked_for_these() {
    let (log, keeper) = (Log::default(), Keeper::default());
    let some = || {
        let log = Arc::clone(&log);
        only(
            |_, method| method.name() == "Ask",
            Noting("some", log, false),
        )
    };
    for client in clients(&keeper, |server| server.layer(some())).await {
        let client = client.layer(some());
        client.wait().await.unwrap();
        client.ask(String::new()).await.unwrap();
        assert_eq!(take(&log), ["some before Ask"; 2]);
    }
}

/// A layer around others that calls them itself.
#[tokio::test]
async fn a_layer_that_is_called_by_another_decides_as_well() {
    struct Outer<L>(L);
    impl<L: Layer> Layer for Outer<L> {
        fn call(&self, request: Request, next: Next) -> LayerFuture {
            self.0.call(request, next)
        }
    }
    let keeper = Keeper::default();
    let refuse = || {
        Outer(before(|head: &mut Head<'_>| {
            match head.metadata().get("pass") {
                Some(_) => Ok(()),
                None => Err(Error::refuse(Rejection::Denied, "not today")),
            }
        }))
    };
    let [client, _] = clients(&keeper, |server| server.layer(refuse())).await;
    assert!(client.ask(String::new()).await.is_err());
    let passed = client.ask(String::new()).metadata("pass", "1");
    passed.await.unwrap();
    assert_eq!(keeper.runs(), 1);
    let made: Response = Error::refuse(Rejection::Denied, "not today").into();
    assert!(made.outcome().is_err());
}

/// One channel to several nodes: each attempt of a call to all passes the layers.
#[tokio::test]
async fn a_call_to_all_nodes_passes_layers_once_for_each() {
    let (log, keeper) = (Log::default(), Keeper::default());
    let mut addresses = Vec::new();
    for _ in 0..2 {
        let server = Server::builder().register(GateServer::new(keeper.clone()));
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        addresses.push(server.addresses()[0].to_string());
        tokio::spawn(server.serve());
    }
    let nodes = rpcx::discovery::StaticNodes::new(addresses);
    let channel = Channel::builder()
        .discover(nodes.unwrap())
        .build()
        .await
        .unwrap();
    let client = GateClient::new(channel).layer(Noting("all", Arc::clone(&log), false));
    client.ask(String::new()).broadcast().await.unwrap();
    assert_eq!(take(&log), ["all before Ask"; 2]);
    assert_eq!(keeper.runs(), 2);
}
