//! A board for notes.

use rpcx::{Context, Timestamp};

/// A note on the board.
#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// They are counted from 1.
    pub(crate) number: u64,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) written: Timestamp,
}

/// Why a note is not taken.
#[derive(Debug, rpcx::ServiceError)]
pub(crate) enum BoardError {
    #[rpcx(code = 1, message = "a note needs a text")]
    Empty,
    #[rpcx(code = 2, message = "a note has at most {most} characters")]
    TooLong {
        /// How many are allowed.
        most: u32,
    },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[rpcx::service]
pub(crate) trait Board {
    /// All notes, the first one first.
    #[rpcx(idempotent)]
    async fn list(&self) -> rpcx::Result<Vec<Note>>;
    /// Writes a note.
    async fn write(&self, author: String, text: String) -> Result<Note, BoardError>;
    /// From now on the caller is told of new notes, over the connection of this call.
    async fn follow(&self, ctx: &Context) -> rpcx::Result<()>;
}

/// What the board tells its followers.
#[rpcx::service]
pub(crate) trait Follower {
    /// There is a new note.
    #[rpcx(oneway)]
    async fn written(&self, note: Note) -> rpcx::Result<()>;
}
