//! The end of a stream, which KCP does not have: peers of this kind tell each other.
//!
//! It is a segment with a command of its own, alone in its packet, and it has the number that the
//! next data would have had. kcp-go 5.4.20 takes no notice of a command that it does not know.

use std::time::Duration;

use tokio::time::Instant;

/// How often the peer is told, as packets get lost, and how soon again.
const TIMES: u32 = 3;
const APART: Duration = Duration::from_millis(50);

/// What both sides have said of their ends.
#[derive(Debug, Default)]
pub(super) struct EndOfStream {
    said: u32,
    last: Option<Instant>,
    heard: Option<u32>,
}

impl EndOfStream {
    /// When it is to be said the next time; `None` once that was often enough.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let next = self.last.map_or(now, |last| last + APART);
        (self.said < TIMES).then_some(next)
    }

    pub(super) fn say(&mut self, now: Instant) {
        self.said += 1;
        self.last = Some(now);
    }

    /// The peer says no more after this many segments.
    pub(super) fn hear(&mut self, segments: u32) {
        self.heard.get_or_insert(segments);
    }

    /// Whether the peer has said that it has ended.
    pub(super) fn was_heard(&self) -> bool {
        self.heard.is_some()
    }

    /// Whether these segments are all that the peer had to say.
    pub(super) fn is_after(&self, segments: u32) -> bool {
        self.heard.is_some_and(|all| segments >= all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_three_times() {
        let mut end_of_stream = EndOfStream::default();
        let start = Instant::now();
        let mut said = Vec::new();
        while let Some(due) = end_of_stream.due(start) {
            said.push((due - start).as_millis());
            end_of_stream.say(due);
        }
        assert_eq!(said, [0, 50, 100]);
    }

    #[test]
    fn it_comes_after_the_last_segment() {
        let mut end_of_stream = EndOfStream::default();
        assert!(!end_of_stream.is_after(5));
        end_of_stream.hear(5);
        end_of_stream.hear(0);
        assert!(!end_of_stream.is_after(4) && end_of_stream.is_after(5));
    }
}
