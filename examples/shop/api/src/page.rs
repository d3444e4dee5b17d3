/// Which part of a long list is wanted. Lists are in the order of their ids, so that a page stays what it was
/// while others add to the list.
#[rpcx::message]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The last id of the page before; 0 for the first page.
    pub after: u64,
    /// At most so many; 0 leaves it to the server.
    pub limit: u32,
}
