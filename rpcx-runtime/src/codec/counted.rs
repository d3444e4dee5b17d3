//! What a payload becomes, counted while it is decoded and not when its handler waits first: one that blocks its thread
//! never does.

use std::cell::RefCell;
use std::sync::Arc;

/// Holds what was decoded of a request, until the request is over.
pub(crate) trait Holder: Send + Sync {
    /// So many bytes more are held. False, and nothing is, if there is no memory for them.
    fn hold(&self, bytes: usize) -> bool;

    /// It is known how many bytes there are, in place of those that are held.
    fn settle(&self, held: usize, bytes: usize);

    /// Blocks the thread until few enough others decode what is large.
    fn begin_turn(&self);

    /// Lets another one begin.
    fn end_turn(&self);
}

/// What is decoded, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoding {
    /// Where the bytes of the payload are. Where that is not known yet, [`expect`] says it.
    pub(crate) payload: Option<usize>,
    /// The thread may block: it takes a turn when the payload becomes large. There are hundreds of such threads, and
    /// all of them would have a part of what none can have as a whole.
    pub(crate) takes_turns: bool,
}

/// The request of which a payload is decoded on this thread.
struct Counting {
    holder: Arc<dyn Holder>,
    /// Its payload is not known, or was decoded, where there is none.
    decoding: Decoding,
    held: usize,
    in_turn: bool,
}

impl Counting {
    fn end_turn(&mut self) {
        if std::mem::take(&mut self.in_turn) {
            self.holder.end_turn();
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.end_turn();
    }
}

thread_local! {
    static COUNTING: RefCell<Option<Counting>> = const { RefCell::new(None) };
}

/// Decodes, and perhaps more, and returns how much is held for it.
pub(crate) fn counting<T>(
    holder: Arc<dyn Holder>,
    decoding: Decoding,
    decode: impl FnOnce() -> T,
) -> (T, usize) {
    let counted = Counted::begin(holder, decoding);
    let done = decode();
    (done, counted.end())
}

/// What is decoded on this thread between its beginning and its end is counted.
pub(crate) struct Counted {
    /// What was counted before.
    outer: Option<Counting>,
}

impl Counted {
    pub(crate) fn begin(holder: Arc<dyn Holder>, decoding: Decoding) -> Self {
        let counting = Counting {
            holder,
            decoding,
            held: 0,
            in_turn: false,
        };
        let outer = COUNTING.replace(Some(counting));
        Self { outer }
    }

    /// How much is held.
    pub(crate) fn end(self) -> usize {
        let counting = COUNTING.replace(self.outer);
        counting.map_or(0, |counting| counting.held)
    }
}

/// The payload at this address is the one that is counted, if one is.
pub(crate) fn expect(payload: usize) {
    COUNTING.with_borrow_mut(|counting| {
        if let Some(counting) = counting {
            counting.decoding.payload = Some(payload);
        }
    });
}

/// Holds so many bytes more of what this payload becomes. False if there is no memory for them.
pub(super) fn hold(payload: usize, bytes: usize) -> bool {
    let Some((holder, begins)) = with(payload, |counting| {
        let begins = counting.decoding.takes_turns && !counting.in_turn;
        (Arc::clone(&counting.holder), begins)
    }) else {
        return true;
    };
    // Nothing is borrowed here: what is told of a limit goes to functions of the program.
    if begins {
        holder.begin_turn();
        with(payload, |counting| counting.in_turn = true);
    }
    let is_held = holder.hold(bytes);
    if is_held {
        with(payload, |counting| counting.held += bytes);
    }
    is_held
}

/// So much has become of this payload. False if it is not counted here.
pub(super) fn settle(payload: usize, bytes: usize) -> bool {
    with(payload, |counting| {
        counting.holder.settle(counting.held, bytes);
        counting.held = bytes;
        counting.end_turn();
        // Whatever is decoded at its address later is something else.
        counting.decoding.payload = None;
    })
    .is_some()
}

fn with<T>(payload: usize, does: impl FnOnce(&mut Counting) -> T) -> Option<T> {
    COUNTING.with_borrow_mut(|counting| {
        let counting = counting.as_mut()?;
        (counting.decoding.payload == Some(payload)).then(|| does(counting))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// So many bytes are there and no more, and so many turns have begun and ended.
    struct Few(AtomicUsize, AtomicUsize, AtomicUsize);

    impl Holder for Few {
        fn hold(&self, bytes: usize) -> bool {
            let take = |left: usize| left.checked_sub(bytes);
            let (set, get) = (Ordering::SeqCst, Ordering::SeqCst);
            self.0.fetch_update(set, get, take).is_ok()
        }

        fn settle(&self, held: usize, bytes: usize) {
            self.0.fetch_add(held, Ordering::SeqCst);
            self.0.fetch_sub(bytes, Ordering::SeqCst);
        }

        fn begin_turn(&self) {
            self.1.fetch_add(1, Ordering::SeqCst);
        }

        fn end_turn(&self) {
            self.2.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn few() -> (Arc<Few>, impl Fn() -> usize, impl Fn() -> (usize, usize)) {
        let few = Arc::new(Few(
            AtomicUsize::new(100),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        ));
        let [left, turns] = [(); 2].map(|()| Arc::clone(&few));
        (
            few,
            move || left.0.load(Ordering::SeqCst),
            move || {
                let [begun, ended] = [&turns.1, &turns.2].map(|count| count.load(Ordering::SeqCst));
                (begun, ended)
            },
        )
    }

    fn of(payload: Option<usize>, takes_turns: bool) -> Decoding {
        Decoding {
            payload,
            takes_turns,
        }
    }

    #[test]
    fn only_the_payload_of_the_request_is_counted() {
        let (few, left, turns) = few();
        assert!(hold(1, 1_000) && !settle(1, 1_000), "none is counted");
        let ((), held) = counting(few.clone(), of(Some(1), false), || {
            assert!(hold(2, 1_000) && !settle(2, 1_000), "it is another one");
            assert!(hold(1, 60) && !hold(1, 60));
            assert_eq!(left(), 40);
            assert!(settle(1, 50) && !settle(1, 70), "once");
        });
        assert_eq!((held, left()), (50, 50));
        let ((), held) = counting(few.clone(), of(None, false), || {
            assert!(!settle(3, 10));
            expect(3);
            let ((), inner) = counting(few.clone(), of(Some(3), false), || assert!(hold(3, 5)));
            assert_eq!(inner, 5);
            assert!(settle(3, 10));
        });
        assert_eq!((held, left()), (10, 35));
        assert_eq!(turns(), (0, 0));
    }

    #[test]
    fn a_turn_is_from_where_it_becomes_large_to_where_it_is_decoded() {
        let (few, _, turns) = few();
        counting(few.clone(), of(Some(1), true), || {
            assert!(hold(2, 10), "it is another one");
            assert_eq!(turns(), (0, 0));
            assert!(hold(1, 10) && hold(1, 10));
            assert_eq!(turns(), (1, 0));
            assert!(settle(1, 15));
            assert_eq!(turns(), (1, 1));
        });
        assert_eq!(turns(), (1, 1));
        // One that fails.
        counting(few.clone(), of(Some(1), true), || assert!(!hold(1, 200)));
        assert_eq!(turns(), (2, 2));
        counting(few, of(Some(1), true), || assert!(settle(1, 5)));
        assert_eq!(turns(), (2, 2));
    }
}
