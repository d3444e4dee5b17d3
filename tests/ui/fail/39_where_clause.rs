#[rpcx::service]
trait A
where
    Self: Sized,
 {
    async fn f(&self) -> rpcx::Result<()>
    where
        Self: Clone;
}

fn main() {}
