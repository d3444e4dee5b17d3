#[rpcx::message]
#[derive(Debug, Clone)]
pub struct User<'a, T> {
    pub id: u64,
    #[rpcx(name = "DisplayName")]
    pub name: &'a str,
    pub photo: Option<Vec<u8>>,
    #[rpcx(default = "one")]
    pub level: u8,
    pub extra: T,
    #[rpcx(skip)]
    pub cache: Vec<String>,
}
