//! `#[rpcx::service]`: every form of argument and every option, through codec, frames and dispatch.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rpcx::protocol::Codec;
use rpcx::{Context, Error, ErrorKind, InProcess, Rejection};

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
struct User {
    id: u64,
    name: String,
}

#[derive(Debug, rpcx::ServiceError)]
enum BankError {
    #[rpcx(code = 1001, message = "division by zero")]
    DivideByZero,
    #[rpcx(code = 1002, message = "need {need} more of {currency}")]
    Insufficient { need: u64, currency: String },
    #[rpcx(code = 1003, message = "refused: {0}")]
    Refused(String),
    #[rpcx(code = -4, message = "{0}, {1:?}")]
    Pair(u8, Vec<u8>),
    #[rpcx(other)]
    Rpc(Error),
}

#[rpcx::service]
trait Forms {
    async fn none(&self) -> rpcx::Result<u8>;
    async fn one(&self, id: u64) -> rpcx::Result<u64>;
    async fn several(
        &self,
        a: i32,
        b: Option<String>,
        #[rpcx(name = "ID", default)] c: u8,
    ) -> rpcx::Result<String>;
    async fn text(&self, text: &str) -> rpcx::Result<String>;
    async fn bytes(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>>;
    async fn user(&self, user: &User) -> rpcx::Result<Option<User>>;
    #[allow(clippy::too_many_arguments)]
    async fn mixed(
        &self,
        ctx: &Context,
        name: &str,
        user: &User,
        data: &[u8],
        key: [u8; 4],
        more: Vec<u8>,
    ) -> rpcx::Result<String>;
    async fn deep(
        &self,
        text: Cow<'_, str>,
        list: Vec<&str>,
        maybe: Option<&[u8]>,
        at: Duration,
    ) -> rpcx::Result<String>;
    #[rpcx(wrap)]
    async fn wrapped(&self, #[rpcx(default)] limit: u32) -> rpcx::Result<u32>;
    #[rpcx(reply = "C")]
    async fn add(&self, a: i32, b: i32) -> rpcx::Result<i32>;
    #[rpcx(reply = "Data")]
    async fn blob(&self, data: Vec<u8>) -> rpcx::Result<Vec<u8>>;
    #[rpcx(oneway)]
    async fn count(&self, by: u32) -> rpcx::Result<()>;
    async fn counted(&self) -> rpcx::Result<u32>;
    #[rpcx(codec = "raw")]
    async fn raw(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>>;
    #[rpcx(codec = "raw")]
    async fn raw_none(&self) -> rpcx::Result<()>;
    #[rpcx(name = "renamed", alias = "Other")]
    async fn named(&self) -> rpcx::Result<String>;
    #[rpcx(spawn)]
    async fn spawned(&self, ms: u64) -> rpcx::Result<u64>;
    #[rpcx(blocking)]
    async fn blocked(&self, ms: u64) -> rpcx::Result<u64>;
    #[rpcx(timeout = "50ms", idempotent)]
    async fn slow(&self) -> rpcx::Result<()>;
    async fn default_body(&self, x: u8) -> rpcx::Result<u8> {
        Ok(self.none().await? + x)
    }
    async fn fail(&self, kind: u8) -> Result<(), BankError>;
}

#[derive(Default)]
struct Service {
    count: AtomicU32,
}

impl Forms for Service {
    async fn none(&self) -> rpcx::Result<u8> {
        Ok(7)
    }
    async fn one(&self, id: u64) -> rpcx::Result<u64> {
        Ok(id + 1)
    }
    async fn several(&self, a: i32, b: Option<String>, c: u8) -> rpcx::Result<String> {
        Ok(format!("{a} {b:?} {c}"))
    }
    async fn text(&self, text: &str) -> rpcx::Result<String> {
        Ok(text.to_uppercase())
    }
    async fn bytes(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(bytes.iter().rev().copied().collect())
    }
    async fn user(&self, user: &User) -> rpcx::Result<Option<User>> {
        tokio::task::yield_now().await;
        Ok((user.id != 0).then(|| user.clone()))
    }
    #[allow(clippy::too_many_arguments)]
    async fn mixed(
        &self,
        ctx: &Context,
        name: &str,
        user: &User,
        data: &[u8],
        key: [u8; 4],
        more: Vec<u8>,
    ) -> rpcx::Result<String> {
        // what is borrowed from the request must outlive a pause
        tokio::task::yield_now().await;
        ctx.set_response_metadata("seen", name);
        Ok(format!("{name} {} {data:?} {key:?} {more:?}", user.name))
    }
    async fn deep(
        &self,
        text: Cow<'_, str>,
        list: Vec<&str>,
        maybe: Option<&[u8]>,
        at: Duration,
    ) -> rpcx::Result<String> {
        Ok(format!("{text} {list:?} {maybe:?} {at:?}"))
    }
    async fn wrapped(&self, limit: u32) -> rpcx::Result<u32> {
        Ok(limit)
    }
    async fn add(&self, a: i32, b: i32) -> rpcx::Result<i32> {
        Ok(a + b)
    }
    async fn blob(&self, data: Vec<u8>) -> rpcx::Result<Vec<u8>> {
        Ok(data)
    }
    async fn count(&self, by: u32) -> rpcx::Result<()> {
        self.count.fetch_add(by, Ordering::Relaxed);
        Ok(())
    }
    async fn counted(&self) -> rpcx::Result<u32> {
        Ok(self.count.load(Ordering::Relaxed))
    }
    async fn raw(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok([bytes, b"!"].concat())
    }
    async fn raw_none(&self) -> rpcx::Result<()> {
        Ok(())
    }
    async fn named(&self) -> rpcx::Result<String> {
        Ok("named".to_owned())
    }
    async fn spawned(&self, ms: u64) -> rpcx::Result<u64> {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok(ms)
    }
    async fn blocked(&self, ms: u64) -> rpcx::Result<u64> {
        std::thread::sleep(Duration::from_millis(ms));
        Ok(ms)
    }
    async fn slow(&self) -> rpcx::Result<()> {
        tokio::time::sleep(Duration::from_secs(30)).await;
        Ok(())
    }
    async fn fail(&self, kind: u8) -> Result<(), BankError> {
        Err(match kind {
            0 => BankError::DivideByZero,
            1 => BankError::Insufficient {
                need: 3,
                currency: "EUR".to_owned(),
            },
            2 => BankError::Refused("no \"reason\"".to_owned()),
            3 => BankError::Pair(9, vec![1, 2]),
            _ => BankError::Rpc(Error::service("something else").with_code(77)),
        })
    }
}

fn client() -> FormsClient {
    FormsClient::new(InProcess::new(FormsServer::new(Service::default())))
}

#[tokio::test]
async fn arguments_arrive() {
    let forms = client();
    let user = User {
        id: 5,
        name: "Ada".to_owned(),
    };
    assert_eq!(forms.none().await.unwrap(), 7);
    assert_eq!(forms.one(u64::MAX - 1).await.unwrap(), u64::MAX);
    assert_eq!(
        forms.several(-1, Some("x".to_owned()), 3).await.unwrap(),
        "-1 Some(\"x\") 3"
    );
    assert_eq!(forms.several(-1, None, 0).await.unwrap(), "-1 None 0");
    assert_eq!(forms.text("straße").await.unwrap(), "STRASSE");
    assert_eq!(forms.bytes(&[1, 2, 255]).await.unwrap(), [255, 2, 1]);
    assert_eq!(forms.user(&user).await.unwrap(), Some(user.clone()));
    assert_eq!(forms.user(&User::default()).await.unwrap(), None);
    let mixed = forms
        .mixed("n", &user, &[1, 2], [3; 4], vec![4, 5])
        .with_metadata()
        .await;
    let (text, metadata) = mixed.unwrap();
    assert_eq!(text, "n Ada [1, 2] [3, 3, 3, 3] [4, 5]");
    assert_eq!(metadata.get("seen"), Some("n"));
    let deep = forms
        .deep(
            "t".into(),
            vec!["a", "b"],
            Some(&[1]),
            Duration::from_millis(5),
        )
        .await;
    assert_eq!(deep.unwrap(), "t [\"a\", \"b\"] Some([1]) 5ms");
    assert_eq!(forms.wrapped(3).await.unwrap(), 3);
    assert_eq!(forms.default_body(3).await.unwrap(), 10);
}

#[tokio::test]
async fn replies_and_names() {
    let forms = client();
    assert_eq!(forms.add(1, 2).await.unwrap(), 3);
    assert_eq!(forms.blob(vec![0, 1]).await.unwrap(), [0, 1]);
    assert_eq!(forms.raw(b"raw").await.unwrap(), b"raw!");
    forms.raw_none().await.unwrap();
    assert_eq!(forms.named().await.unwrap(), "named");
}

#[tokio::test]
async fn options_of_methods() {
    let forms = client();
    forms.count(2).await.unwrap();
    forms.count(3).await.unwrap();
    assert_eq!(forms.counted().await.unwrap(), 5);
    assert_eq!(forms.spawned(1).await.unwrap(), 1);
    assert_eq!(forms.blocked(1).await.unwrap(), 1);
    let error = forms.slow().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error:?}");
}

#[tokio::test]
async fn errors_come_back_as_themselves() {
    let forms = client();
    let error = forms.fail(0).await.unwrap_err();
    assert!(matches!(error, BankError::DivideByZero), "{error:?}");
    let error = forms.fail(1).await.unwrap_err();
    assert_eq!(error.to_string(), "need 3 more of EUR");
    assert!(
        matches!(&error, BankError::Insufficient { need: 3, currency } if currency == "EUR"),
        "{error:?}"
    );
    let error = forms.fail(2).await.unwrap_err();
    assert!(
        matches!(&error, BankError::Refused(why) if why == "no \"reason\""),
        "{error:?}"
    );
    let error = forms.fail(3).await.unwrap_err();
    assert!(
        matches!(&error, BankError::Pair(9, bytes) if *bytes == [1, 2]),
        "{error:?}"
    );
    let error = forms.fail(4).await.unwrap_err();
    let BankError::Rpc(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (error.message(), error.code()),
        ("something else", Some(77))
    );
}

#[test]
fn an_error_travels_as_text_code_and_data() {
    use rpcx::ServiceError;
    let error = BankError::Insufficient {
        need: 3,
        currency: "EUR".to_owned(),
    }
    .into_error();
    assert_eq!(error.message(), "need 3 more of EUR");
    assert_eq!(error.code(), Some(1002));
    assert_eq!(error.data(), Some(r#"{"need":3,"currency":"EUR"}"#));
    // data of another shape: nothing is lost
    let odd = Error::service("text").with_code(1002).with_data("[]");
    let BankError::Rpc(odd) = BankError::from_error(odd) else {
        panic!("a variant without its fields")
    };
    assert_eq!(odd.message(), "text");
    // a code of the network is not one of ours
    let network = Error::unknown("timeout").with_code(1001);
    assert!(matches!(BankError::from_error(network), BankError::Rpc(_)));
}

mod other {
    //! What an older or a Go peer may have: fewer, more and other arguments.

    #[rpcx::service(name = "Forms", server = false)]
    pub(super) trait Other {
        #[rpcx(name = "Several", wrap)]
        async fn only_a(&self, a: i32) -> rpcx::Result<String>;
        #[rpcx(name = "Add")]
        async fn list(&self, list: (i32, i32)) -> rpcx::Result<super::Sum>;
        #[rpcx(name = "Wrapped")]
        async fn wrapped_nothing(&self) -> rpcx::Result<u32>;
        #[rpcx(name = "Other")]
        async fn by_alias(&self, ignored: Vec<String>) -> rpcx::Result<String>;
        async fn missing(&self) -> rpcx::Result<()>;
    }

    #[rpcx::service(name = "Forms", server = false)]
    pub(super) trait Wrong {
        #[rpcx(name = "Add")]
        async fn only_a(&self, a: i32, c: i32) -> rpcx::Result<i32>;
        async fn one(&self, id: &str) -> rpcx::Result<u64>;
        #[rpcx(name = "Text")]
        async fn text_as_number(&self, text: &str) -> rpcx::Result<u64>;
        #[rpcx(codec = "raw", name = "User")]
        async fn raw(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>>;
    }
}

/// The reply of `Add` as Go declares it.
#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Sum {
    c: i32,
}

#[tokio::test]
async fn messages_of_another_shape() {
    let channel: rpcx::Channel = InProcess::new(FormsServer::new(Service::default())).into();
    let other = other::OtherClient::new(channel);
    assert_eq!(other.only_a(4).await.unwrap(), "4 None 0");
    assert_eq!(other.list((1, 2)).await.unwrap(), Sum { c: 3 });
    assert_eq!(other.wrapped_nothing().await.unwrap(), 0);
    assert_eq!(other.by_alias(vec!["x".to_owned()]).await.unwrap(), "named");
    let error = other.missing().await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Rejected(Rejection::UnknownMethod),
        "{error:?}"
    );
}

#[tokio::test]
async fn messages_that_do_not_fit_are_refused_by_name() {
    let wrong = other::WrongClient::new(InProcess::new(FormsServer::new(Service::default())));
    let error = wrong.only_a(1, 2).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
    assert!(
        error
            .message()
            .starts_with("the arguments of `Add` cannot be decoded: the argument `B` is missing"),
        "{error}"
    );
    let error = wrong.one("x").await.unwrap_err();
    assert!(
        error
            .message()
            .starts_with("the arguments of `One` cannot be decoded: "),
        "{error}"
    );
    let error = wrong.text_as_number("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(
        error
            .message()
            .starts_with("the reply of `Text` cannot be decoded: "),
        "{error}"
    );
    let error = wrong.raw(b"x").await.unwrap_err();
    assert_eq!(error.message(), "can not find codec for 0");
}

#[test]
fn several_arguments_have_the_bytes_of_a_go_struct() {
    use rpcx::__private::{Arguments, As, Fields, Names};
    struct AB;
    impl Names for AB {
        const NAME: &'static str = "Mul";
        const NAMES: &'static [&'static str] = &["A", "B"];
    }
    type Group = Fields<AB, (As<i32>, As<i32>)>;
    let mut out = Vec::new();
    <Group as Arguments<'_, rpcx::codec::Serde>>::encode((&6, &7), Codec::MSGPACK.into(), &mut out)
        .unwrap();
    assert_eq!(out, [0x82, 0xa1, 0x41, 0x06, 0xa1, 0x42, 0x07]);
    out.clear();
    <Group as Arguments<'_, rpcx::codec::Serde>>::encode((&6, &7), Codec::JSON.into(), &mut out)
        .unwrap();
    assert_eq!(out, br#"{"A":6,"B":7}"#);
    let read =
        |bytes| <Group as Arguments<'_, rpcx::codec::Serde>>::decode(Codec::JSON.into(), bytes);
    assert_eq!(read(br#"{"B":7,"X":[1],"A":6}"#).unwrap(), (6, 7));
    assert!(
        read(b"null")
            .unwrap_err()
            .to_string()
            .contains("the argument `A` is missing")
    );
}

#[tokio::test]
async fn a_service_a_client_and_a_pointer_are_the_same() {
    async fn twice<F: Forms>(forms: &F) -> rpcx::Result<u64> {
        let once = forms.one(1).await?;
        forms.one(once).await
    }
    let service = Arc::new(Service::default());
    assert_eq!(twice(&*service).await.unwrap(), 3);
    assert_eq!(twice(&service).await.unwrap(), 3);
    assert_eq!(
        twice(&FormsClient::new(InProcess::new(FormsServer::from_arc(
            service
        ))))
        .await
        .unwrap(),
        3
    );
}
