//! What is wrong with a service is said when it is registered.

use rpcx_runtime::service::{
    CallSlot, MethodOptions, MethodRef, Reply, Request, Service, ServiceRef,
};
use rpcx_runtime::{ErrorKind, InProcess, Server};

use crate::echo::{Echo, EchoClient};

/// Methods with these numbers, and whatever number it was asked for.
struct Numbered(Vec<u32>);

impl Service for Numbered {
    fn info(&self) -> ServiceRef {
        let methods = self.0.iter();
        let methods =
            methods.map(|id| MethodRef::owned(*id, format!("M{id}"), MethodOptions::new()));
        ServiceRef::owned("Echo", methods.collect())
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        // Not among those it has named.
        (name == b"Echo").then(|| MethodRef::owned(4_000_000_000, "Echo", MethodOptions::new()))
    }

    fn call(&self, _: u32, _: Request, slot: &mut CallSlot<'_>) {
        slot.run(async {}, |(), reply: &mut Reply<'_>| {
            reply.payload(|_, _| Ok(()));
        });
    }
}

async fn bound(numbers: &[u32]) -> Result<(), String> {
    let server = Server::builder()
        .register(Numbered(numbers.to_vec()))
        .listen("tcp@127.0.0.1:0");
    server
        .bind()
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn numbers_of_methods_are_checked() {
    assert_eq!(bound(&[0, 1, 7]).await, Ok(()));
    let error = bound(&[0, 4_000_000_000]).await.unwrap_err();
    assert_eq!(
        error,
        "the method `Echo.M4000000000` has the number 4000000000: count them from 0, to 65536 at most"
    );
    let error = bound(&[0, 1, 1]).await.unwrap_err();
    assert_eq!(
        error,
        "two methods of `Echo` have the number 1, one of them is `M1`"
    );
}

#[tokio::test]
async fn a_number_that_no_method_was_registered_with_ends_the_call() {
    let client = EchoClient::new(InProcess::new(Numbered(vec![0])));
    let error = client.echo(b"x").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Rejected(_)), "{error:?}");
    assert_eq!(error.to_string(), "internal error");
}

#[test]
#[should_panic(expected = "the service path `Echo` is registered twice")]
fn two_services_of_one_name_are_not_taken_in_silence() {
    let _ = InProcess::new(Echo::default()).with(Echo::default());
}
