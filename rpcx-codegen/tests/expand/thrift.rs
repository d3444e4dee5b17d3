/// Structs of thrift.
#[rpcx::service(codec = "thrift", wrap)]
pub trait Painter {
    async fn mix(&self, group: ColorGroup) -> rpcx::Result<ColorGroup>;
    async fn lent(&self, ctx: &rpcx::Context, group: &ColorGroup) -> rpcx::Result<()>;
    async fn nothing(&self, nothing: ()) -> rpcx::Result<ColorGroup>;
    #[rpcx(oneway)]
    async fn log(&self, group: ColorGroup) -> Alias;
}
