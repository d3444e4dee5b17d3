//! What clients of the shop do. Code takes the traits and not the clients, so that tests give it mocks.
#![forbid(unsafe_code)]

mod buy;
mod news;
mod walk;

pub use buy::{Bought, buy};
pub use news::Screen;
pub use walk::all_products;

use rpcx::Channel;
use rpcx::client::Token;
use shop_api::accounts::AccountsClient;

/// A channel whose calls carry the token of an account, which is fetched anew before it expires.
///
/// # Errors
/// What is wrong with the address.
pub async fn signed_in(address: &str, email: &str, password: &str) -> rpcx::Result<Channel> {
    // signing in needs no token, and goes over a channel without one
    let accounts = AccountsClient::new(Channel::connect(address).await?);
    let (email, password) = (email.to_owned(), password.to_owned());
    let fetch = move || {
        let signing_in = accounts.sign_in(&email, &password);
        async move {
            let session = signing_in.await.map_err(rpcx::Error::internal)?;
            Ok(Token::new(session.token).expires_in(session.valid_for))
        }
    };
    let channel = Channel::builder().address(address).token_source(fetch);
    channel.build().await
}
