//! The state of the shop. A real one has a database here; the services above it would be the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rpcx::Peer;
use shop_api::accounts::Profile;
use shop_api::catalog::Product;
use shop_api::news::NewsClient;
use shop_api::orders::Order;
use shop_api::{Cents, Page};

use crate::auth::Caller;

/// How long a session lasts.
pub(crate) const SESSION: Duration = Duration::from_secs(3600);

/// Pages are not longer, whatever is asked for.
const LONGEST_PAGE: u32 = 100;

/// What all services share.
#[derive(Debug, Default)]
pub struct Shop {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<u64, Account>,
    pub(crate) sessions: BTreeMap<String, Caller>,
    pub(crate) products: BTreeMap<u64, Article>,
    pub(crate) orders: BTreeMap<u64, Placed>,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) profile: Profile,
    pub(crate) password: String,
    pub(crate) staff: bool,
    pub(crate) cart: BTreeMap<u64, u32>,
    /// The connections that the news go to.
    pub(crate) watchers: Vec<Peer>,
}

#[derive(Debug)]
pub(crate) struct Article {
    pub(crate) product: Product,
    pub(crate) left: u32,
    pub(crate) picture: Vec<u8>,
    pub(crate) views: u64,
}

#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) account: u64,
    pub(crate) order: Order,
}

impl Shop {
    /// A shop with one account of the staff.
    pub fn with_staff(email: &str, password: &str) -> Self {
        let shop = Self::default();
        shop.state().add_account(email, password, true);
        shop
    }

    /// Locked for a moment, and never while anything is awaited.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn session(&self, token: &str) -> Option<Caller> {
        self.state().sessions.get(token).copied()
    }
}

impl State {
    pub(crate) fn add_account(&mut self, email: &str, password: &str, staff: bool) -> u64 {
        let id = next(&self.accounts);
        let account = Account {
            profile: Profile {
                email: email.to_owned(),
                address: None,
            },
            password: password.to_owned(),
            staff,
            cart: BTreeMap::new(),
            watchers: Vec::new(),
        };
        self.accounts.insert(id, account);
        id
    }

    /// The account of a caller.
    pub(crate) fn account(&mut self, caller: Caller) -> rpcx::Result<&mut Account> {
        let account = self.accounts.get_mut(&caller.account);
        account.ok_or_else(|| rpcx::Error::service("the account is gone"))
    }

    pub(crate) fn total(&self, items: &BTreeMap<u64, u32>) -> Cents {
        let prices = items.iter().filter_map(|(id, count)| {
            let price = self.products.get(id)?.product.price;
            Some(price.0 * i64::from(*count))
        });
        Cents(prices.sum())
    }

    /// The clients that watch one of these accounts.
    pub(crate) fn watchers(&self, wanted: impl Fn(u64, &Account) -> bool) -> Vec<NewsClient> {
        let accounts = self.accounts.iter();
        let accounts = accounts.filter(|(id, account)| wanted(**id, account));
        let peers = accounts.flat_map(|(_, account)| &account.watchers);
        peers.map(NewsClient::new).collect()
    }
}

/// The id after the last.
pub(crate) fn next<T>(all: &BTreeMap<u64, T>) -> u64 {
    all.last_key_value().map_or(1, |(id, _)| id + 1)
}

/// The part of a list that a page is.
pub(crate) fn page<'a, T>(
    all: impl Iterator<Item = (&'a u64, T)>,
    page: Page,
) -> impl Iterator<Item = T> {
    let limit = match page.limit {
        0 => LONGEST_PAGE,
        limit => limit.min(LONGEST_PAGE),
    };
    let later = all.filter(move |(id, _)| **id > page.after);
    later.map(|(_, one)| one).take(limit as usize)
}
