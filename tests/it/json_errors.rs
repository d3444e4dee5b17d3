//! `#[rpcx(wire = "json")]`: error texts as Go programs with a `ClientErrorFunc` write and read them.

use rpcx::{Error, InProcess, ServiceError as _};

#[derive(Debug, rpcx::ServiceError)]
#[rpcx(wire = "json")]
enum BankError {
    #[rpcx(code = 1001, message = "no such account")]
    NoAccount,
    #[rpcx(code = 1002, message = "{need} more needed")]
    Insufficient { need: u64 },
    #[rpcx(other)]
    Rpc(Error),
}

#[rpcx::service]
trait Bank {
    async fn pay(&self, amount: u64) -> Result<(), BankError>;
}

struct Poor;

impl Bank for Poor {
    async fn pay(&self, amount: u64) -> Result<(), BankError> {
        match amount {
            0 => Err(BankError::NoAccount),
            need => Err(BankError::Insufficient { need }),
        }
    }
}

/// What a caller sees that knows nothing of the enum: a Go program.
#[rpcx::service(name = "Bank")]
trait PlainBank {
    async fn pay(&self, amount: u64) -> rpcx::Result<()>;
}

#[tokio::test]
async fn the_text_is_json_and_the_variant_comes_back() {
    let service = InProcess::new(BankServer::new(Poor));
    let plain = PlainBankClient::new(service.clone());
    let error = plain.pay(0).await.unwrap_err();
    assert_eq!(error.message(), r#"{"code":1001,"msg":"no such account"}"#);
    assert_eq!(error.code(), Some(1001));

    let bank = BankClient::new(service);
    assert!(matches!(bank.pay(0).await, Err(BankError::NoAccount)));
    assert!(matches!(
        bank.pay(5).await,
        Err(BankError::Insufficient { need: 5 })
    ));
}

#[test]
fn texts_of_go_programs_are_read() {
    let read = |text: &str| BankError::from_error(Error::service(text.to_owned()));
    assert!(matches!(
        read(r#"{"code":1001,"msg":"whatever"}"#),
        BankError::NoAccount
    ));
    let BankError::Rpc(unknown) = read(r#"{"code":7,"msg":"closed"}"#) else {
        panic!()
    };
    assert_eq!((unknown.code(), unknown.message()), (Some(7), "closed"));
    let BankError::Rpc(fields) = read(r#"{"code":1002,"msg":"3 more needed"}"#) else {
        panic!()
    };
    assert_eq!(
        fields.message(),
        "3 more needed",
        "its fields did not travel"
    );
    let BankError::Rpc(text) = read("no JSON") else {
        panic!()
    };
    assert_eq!((text.code(), text.message()), (None, "no JSON"));
}
