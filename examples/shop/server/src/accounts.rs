use rpcx::{Context, Result};
use shop_api::accounts::{AccountError, Accounts, Address, Profile, Session};

use crate::Shop;
use crate::auth::{Caller, caller};
use crate::shop::SESSION;

const LEAST: u32 = 8;

impl Accounts for Shop {
    async fn register(&self, email: &str, password: &str) -> Result<u64, AccountError> {
        if password.chars().count() < LEAST as usize {
            return Err(AccountError::TooShort { least: LEAST });
        }
        let mut state = self.state();
        let mut accounts = state.accounts.values();
        if accounts.any(|account| account.profile.email == email) {
            let email = email.to_owned();
            return Err(AccountError::Taken { email });
        }
        Ok(state.add_account(email, password, false))
    }

    async fn sign_in(&self, email: &str, password: &str) -> Result<Session, AccountError> {
        let mut state = self.state();
        // a real shop keeps hashes, and compares in constant time
        let mut accounts = state.accounts.iter();
        let found = accounts
            .find(|(_, account)| account.profile.email == email && account.password == password);
        let (id, account) = found.ok_or(AccountError::WrongPassword)?;
        let caller = Caller {
            account: *id,
            staff: account.staff,
        };
        let token = format!("{:032x}", fastrand::u128(..));
        state.sessions.insert(token.clone(), caller);
        Ok(Session {
            token,
            valid_for: SESSION,
        })
    }

    async fn profile(&self, ctx: &Context) -> Result<Profile> {
        Ok(self.state().account(caller(ctx)?)?.profile.clone())
    }

    async fn move_to(&self, ctx: &Context, address: &Address) -> Result<()> {
        let address = Some(address.clone());
        self.state().account(caller(ctx)?)?.profile.address = address;
        Ok(())
    }
}
