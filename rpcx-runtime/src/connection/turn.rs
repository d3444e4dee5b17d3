//! The states of an outbox: which task writes, how long, and when.

/// Which task looks at `queued` next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing is queued. The next task with a frame decides.
    Idle,
    /// The task that is in the middle of a direct write.
    Direct,
    /// The writer task, which is awake or has been notified.
    Writer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Open,
    /// No frame is accepted. What is queued is written, then the stream is shut down.
    Closing,
    Closed,
}

/// When a frame is written that finds the stream idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// At once, by the task that pushes it.
    Now,
    /// By the writer task, together with the frames of all tasks that are ready to run.
    Batched,
}

impl Write {
    /// A task that is alone on its connection gains nothing by waiting for the frames of others.
    #[inline]
    pub(crate) fn now_if(alone: bool) -> Self {
        if alone { Self::Now } else { Self::Batched }
    }
}
