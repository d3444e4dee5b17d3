//! A service, its client and a shared pointer to it fit wherever the trait is asked for.
use std::sync::Arc;

use std::future::IntoFuture as _;
use rpcx::Context;

#[rpcx::service]
pub trait Arith {
    async fn mul(&self, ctx: &Context, a: i32, b: i32) -> rpcx::Result<i32>;
    #[cfg(any())]
    async fn absent(&self, x: Nothing) -> rpcx::Result<Nothing>;
    #[cfg(all())]
    async fn present(&self, mut_: &str) -> rpcx::Result<()> {
        if mut_.is_empty() {
            Err("empty")?;
        }
        Ok(())
    }
}

struct Local;

impl Arith for Local {
    async fn mul(&self, _: &Context, a: i32, b: i32) -> rpcx::Result<i32> {
        Ok(a * b)
    }
}

async fn square<A: Arith>(arith: &A, ctx: &Context, x: i32) -> rpcx::Result<i32> {
    arith.mul(ctx, x, x).await
}

fn sends<T: Send + 'static>(_: T) {}

fn all(client: ArithClient, ctx: Context) {
    let call = client.mul(1, 2).into_future();
    sends(call);
    let server = ArithServer::from_arc(Arc::new(Local));
    let again = server.clone();
    sends((server, again, client.clone()));
    let context = ctx.clone();
    sends(async move { square(&Local, &context, 1).await });
    let context = ctx.clone();
    sends(async move { square(&Arc::new(Local), &context, 1).await });
    let other = client.clone().with_path("Arith.v2");
    sends(async move { square(&other, &ctx, 1).await });
    let _ = client.channel();
}

fn main() {
    let _ = all;
}
