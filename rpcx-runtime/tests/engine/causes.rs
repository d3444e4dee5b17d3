//! Errors that a handler's `?` meets: their cause stays here, and layers see it.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex};

use rpcx_runtime::layer::{Next, Request as Call, Response};
use rpcx_runtime::service::{
    CallSlot, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::{Channel, Error, ErrorKind, OrInternal as _, Result, Server};

use crate::echo::EchoClient;

static ECHO: MethodInfo = MethodInfo::new(0, "Echo");
static WAIT: MethodInfo = MethodInfo::new(1, "Wait");
static FAIL: MethodInfo = MethodInfo::new(3, "Fail");
/// By the names of [`EchoClient`].
static INFO: ServiceInfo = ServiceInfo::new("Echo", &[&ECHO, &WAIT, &FAIL]);

const SECRET: &str = "/etc/secret/password: no such file";

fn open() -> io::Result<u8> {
    Err(io::Error::new(io::ErrorKind::NotFound, SECRET))
}

async fn by_question_mark() -> Result<u8> {
    Ok(open()?)
}

async fn by_internal() -> Result<u8> {
    SECRET.parse::<u8>().map_err(Error::internal)
}

async fn by_text() -> Result<u8> {
    open().or_internal("the account cannot be loaded")
}

struct Fails;

impl Service for Fails {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        let mut methods = self.info().methods().collect::<Vec<_>>().into_iter();
        methods.find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, method: u32, _: Request, slot: &mut CallSlot<'_>) {
        let answer = |outcome: Result<u8>, reply: &mut rpcx_runtime::service::Reply<'_>| {
            reply.error(outcome.unwrap_err());
        };
        match method {
            0 => slot.run(by_question_mark(), answer),
            1 => slot.run(by_internal(), answer),
            _ => slot.run(by_text(), answer),
        }
    }
}

#[tokio::test]
async fn a_cause_is_for_layers_and_never_for_the_peer() {
    let causes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&causes);
    let layer = move |call: Call, next: Next| {
        let seen = Arc::clone(&seen);
        async move {
            let response: Response = next.run(call).await;
            let cause = response.error().and_then(|error| error.source());
            seen.lock().unwrap().push(cause.map(ToString::to_string));
            response
        }
    };
    let server = Server::builder().register(Fails).layer(layer);
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let client = EchoClient::new(Channel::connect(&*address).await.unwrap());
    let errors = [
        client.echo(b"x").await.unwrap_err(),
        client.wait(0).await.unwrap_err(),
        client.fail().await.unwrap_err(),
    ];
    let texts = errors.each_ref().map(|error| {
        assert_eq!(error.kind(), ErrorKind::Service);
        assert!(error.source().is_none() && error.data().is_none());
        error.to_string()
    });
    let wanted = [
        "internal error",
        "internal error",
        "the account cannot be loaded",
    ];
    assert_eq!(texts, wanted);
    let parse = "invalid digit found in string";
    let wanted = [SECRET, parse, SECRET].map(|cause| Some(cause.to_owned()));
    assert_eq!(*causes.lock().unwrap(), wanted);
}

#[test]
fn the_cause_is_the_error_itself() {
    let error = Error::from(io::Error::from(io::ErrorKind::PermissionDenied));
    let cause = error.source().unwrap().downcast_ref::<io::Error>();
    assert_eq!(cause.unwrap().kind(), io::ErrorKind::PermissionDenied);
}
