//! `#[mockall::automock]` below the attribute: the mock is a service like any other.

use mockall::predicate::eq;
use rpcx::{Context, InProcess};

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
struct User {
    id: u64,
    name: String,
}

#[derive(Debug, rpcx::ServiceError)]
enum Wrong {
    #[rpcx(code = 1, message = "nobody has the id {id}")]
    Nobody { id: u64 },
    #[rpcx(other)]
    Other(rpcx::Error),
}

/// People by their number.
#[rpcx::service]
#[mockall::automock]
trait People {
    async fn count(&self) -> rpcx::Result<u64>;
    async fn find(&self, ctx: &Context, id: u64) -> Result<User, Wrong>;
    async fn save(&self, user: &User, photo: &[u8], by: &str) -> rpcx::Result<u64>;
    #[rpcx(oneway)]
    async fn log(&self, line: String) -> rpcx::Result<()>;
}

fn ada() -> User {
    User {
        id: 7,
        name: "Ada".to_owned(),
    }
}

fn mock() -> MockPeople {
    let mut mock = MockPeople::new();
    mock.expect_count()
        .times(2)
        .returning(|| Box::pin(async { Ok(3) }));
    mock.expect_find()
        .withf(|_, id| *id == 7)
        .returning(|_, _| Box::pin(async { Ok(ada()) }));
    mock.expect_find()
        .withf(|_, id| *id == 8)
        .returning(|_, id| Box::pin(async move { Err(Wrong::Nobody { id }) }));
    mock.expect_save()
        .withf(|user, photo, by| *user == ada() && photo == [1, 2] && by == "me")
        .times(1)
        .returning(|user, _, _| {
            let id = user.id;
            Box::pin(async move { Ok(id) })
        });
    mock.expect_log()
        .with(eq("a line".to_owned()))
        .returning(|_| Box::pin(async { Ok(()) }));
    mock
}

/// What a caller does, wherever the service is.
async fn use_it(people: &impl People) {
    let ctx = Context::default();
    assert_eq!(people.count().await.unwrap(), 3);
    assert_eq!(people.count().await.unwrap(), 3);
    assert_eq!(people.find(&ctx, 7).await.unwrap(), ada());
    let nobody = people.find(&ctx, 8).await.unwrap_err();
    assert!(matches!(nobody, Wrong::Nobody { id: 8 }), "{nobody:?}");
    assert_eq!(people.save(&ada(), &[1, 2], "me").await.unwrap(), 7);
    people.log("a line".to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_mock_is_called_in_place_of_a_client() {
    use_it(&mock()).await;
}

/// Through codec, frames and dispatch.
#[tokio::test]
async fn a_mock_is_served() {
    let client = PeopleClient::new(InProcess::new(PeopleServer::new(mock())));
    use_it(&client).await;
}
