//! What a handler returns is an answer of its method, whatever it has learned from calls of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx::{Channel, Error, ErrorKind, InProcess, Rejection, Server};

/// What the handler met, by name.
const MET: [(&str, ErrorKind); 7] = [
    ("overloaded", ErrorKind::Rejected(Rejection::Overloaded)),
    ("draining", ErrorKind::Rejected(Rejection::Draining)),
    ("denied", ErrorKind::Rejected(Rejection::Denied)),
    (
        "unauthenticated",
        ErrorKind::Rejected(Rejection::Unauthenticated),
    ),
    ("not sent", ErrorKind::NotSent),
    ("unknown", ErrorKind::Unknown),
    ("setup", ErrorKind::Setup),
];

fn met(name: &str) -> Error {
    let (_, kind) = MET.iter().find(|(known, _)| *known == name).unwrap();
    Error::new(*kind, format!("met {name}"))
        .with_code(42)
        .with_data("{\"more\":1}")
}

#[derive(Debug, rpcx::ServiceError)]
enum Wrong {
    #[rpcx(code = 1, message = "wrong by itself")]
    Itself,
    #[rpcx(other)]
    Other(Error),
}

#[rpcx::service]
trait Front {
    /// Forwards what it met with `?`.
    async fn forward(&self, name: String) -> rpcx::Result<()>;
    /// The same by an error type of its own.
    async fn wrapped(&self, name: String) -> Result<(), Wrong>;
    /// Refuses without having done anything.
    async fn refuse(&self) -> rpcx::Result<()>;
    /// Refuses so after it has waited.
    async fn refuse_late(&self) -> rpcx::Result<()>;
}

#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Front for Runs {
    async fn forward(&self, name: String) -> rpcx::Result<()> {
        self.count();
        Err(met(&name))?;
        Ok(())
    }
    async fn wrapped(&self, name: String) -> Result<(), Wrong> {
        self.count();
        match name.as_str() {
            "itself" => Err(Wrong::Itself),
            name => Err(Wrong::Other(met(name))),
        }
    }
    async fn refuse(&self) -> rpcx::Result<()> {
        self.count();
        Err(Error::refuse(Rejection::Overloaded, "not now"))
    }
    async fn refuse_late(&self) -> rpcx::Result<()> {
        self.count();
        tokio::task::yield_now().await;
        Err(Rejection::Draining.into())
    }
}

/// An open channel, one that has not connected yet, and one without a network.
async fn channels(runs: &Runs) -> Vec<(&'static str, Channel)> {
    let server = Server::builder()
        .register(FrontServer::new(runs.clone()))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let lazy = Channel::builder().address(&*address).build_lazy().unwrap();
    vec![
        ("open", Channel::connect(&address).await.unwrap()),
        ("lazy", lazy),
        (
            "in process",
            InProcess::new(FrontServer::new(runs.clone())).into(),
        ),
    ]
}

#[tokio::test]
async fn a_method_that_has_run_is_not_run_again_for_what_it_met() {
    let runs = Runs::default();
    for (name, kind) in MET {
        for (way, channel) in channels(&runs).await {
            let client = FrontClient::new(channel);
            let error = client.forward(name.to_owned()).await.unwrap_err();
            assert_eq!(runs.take(), 1, "{way}: {kind:?}");
            assert_eq!(error.kind(), ErrorKind::Service, "{way}: {kind:?}");
            assert!(!error.is_retryable());
            assert_eq!(error.to_string(), format!("met {name}"));
            assert_eq!(error.code(), Some(42));
            assert_eq!(error.data(), Some("{\"more\":1}"));
        }
    }
}

#[tokio::test]
async fn an_error_type_of_its_own_changes_nothing_about_that() {
    let runs = Runs::default();
    for (way, channel) in channels(&runs).await {
        let client = FrontClient::new(channel);
        for (name, kind) in MET {
            let Err(Wrong::Other(error)) = client.wrapped(name.to_owned()).await else {
                panic!("{way}: {kind:?}");
            };
            assert_eq!(runs.take(), 1, "{way}: {kind:?}");
            assert_eq!(error.kind(), ErrorKind::Service, "{way}: {kind:?}");
        }
        let own = client.wrapped("itself".to_owned()).await;
        assert!(matches!(own, Err(Wrong::Itself)));
        runs.take();
    }
}

#[tokio::test]
async fn a_handler_that_says_it_refuses_is_asked_again() {
    let runs = Runs::default();
    for (way, channel) in channels(&runs).await {
        let client = FrontClient::new(channel);
        let error = client.refuse().await.unwrap_err();
        let overloaded = ErrorKind::Rejected(Rejection::Overloaded);
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (overloaded, "not now"),
            "{way}"
        );
        assert!(error.is_retryable());
        let draining = ErrorKind::Rejected(Rejection::Draining);
        assert_eq!(
            client.refuse_late().await.unwrap_err().kind(),
            draining,
            "{way}"
        );
        runs.take();
    }
}
