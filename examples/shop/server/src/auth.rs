//! Who may call what.

use rpcx::server::AuthRequest;
use rpcx::{Context, Rejection, Result};

use crate::Shop;

/// Who calls. Handlers have it from [`caller`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: u64,
    pub staff: bool,
}

/// Who a method is for.
enum For {
    All,
    Customers,
    Staff,
}

/// Decides on every request before its payload is read. A method that is not listed is for the staff, so that a new
/// one is not open by mistake.
pub(crate) fn decide(shop: &Shop, request: &AuthRequest<'_>) -> Result<()> {
    let caller = match request.metadata.auth() {
        Some(token) => Some(shop.session(token).ok_or(Rejection::Unauthenticated)?),
        None => None,
    };
    if let Some(caller) = caller {
        request.insert(caller);
    }
    match (who(request.service, request.method), caller) {
        (For::All, _) => Ok(()),
        (_, None) => Err(Rejection::Unauthenticated.into()),
        (For::Staff, Some(caller)) if !caller.staff => Err(Rejection::Denied.into()),
        _ => Ok(()),
    }
}

fn who(service: &str, method: &str) -> For {
    const ALL: [(&str, &[&str]); 2] = [
        ("Accounts", &["Register", "SignIn"]),
        (
            "Catalog",
            &[
                "Product", "Products", "Search", "Stock", "Picture", "Viewed",
            ],
        ),
    ];
    const CUSTOMERS: [(&str, &[&str]); 3] = [
        ("Accounts", &["Profile", "MoveTo"]),
        ("Cart", &["Show", "Put", "Clear"]),
        ("Orders", &["Place", "Order", "List", "Cancel", "Watch"]),
    ];
    let listed = |list: &[(&str, &[&str])]| {
        list.iter()
            .any(|(path, names)| *path == service && names.contains(&method))
    };
    match (listed(&ALL), listed(&CUSTOMERS)) {
        (true, _) => For::All,
        (_, true) => For::Customers,
        _ => For::Staff,
    }
}

/// The caller, in a handler. An error where a service is called without the authorization above, as a test may.
pub(crate) fn caller(ctx: &Context) -> Result<Caller> {
    ctx.get::<Caller>()
        .ok_or_else(|| Rejection::Unauthenticated.into())
}
