//! Errors that have no variants to travel.

#[rpcx::service]
trait A {
    async fn boxed(&self) -> Result<u8, Box<dyn std::error::Error + Send + Sync>>;
    async fn local(&self) -> Result<u8, Box<dyn std::error::Error>>;
    async fn counted(&self) -> Result<Vec<String>, std::rc::Rc<std::io::Error>>;
    async fn lent(&self) -> Result<u8, &'static str>;
    async fn nothing(&self) -> Result<u8, ()>;
    async fn text(&self) -> Result<u8, String>;
}

fn main() {}
