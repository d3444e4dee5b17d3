struct S;

#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

fn serve() {
    AServer::new(S);
}

fn main() {}
