//! The one task of a QUIC client: a part that was woken is polled, and no part by two threads.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::future::block_on;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use crate::check;
use crate::sync::{Mutex, lock};
use crate::transport::parts::{Added, MOST, Part, Parts};

/// Something to wait for, as a part of quinn waits for the socket.
struct Signal {
    given: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Signal {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            given: AtomicBool::new(false),
            waker: Mutex::new(None),
        })
    }

    fn give(&self) {
        self.given.store(true, Ordering::Release);
        let waker = lock(&self.waker).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        *lock(&self.waker) = Some(cx.waker().clone());
        match self.given.load(Ordering::Acquire) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// Waits for the first signal and gives the second. It is never polled by two at once.
struct Waiting {
    first: Arc<Signal>,
    second: Option<Arc<Signal>>,
    polled: AtomicUsize,
    polls: usize,
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.polls += 1;
        assert!(self.polls <= 3, "adopted, woken, and woken by what is gone");
        assert_eq!(
            self.polled.fetch_add(1, Ordering::Relaxed),
            0,
            "polled twice at once"
        );
        let came = self.first.poll(cx);
        self.polled.fetch_sub(1, Ordering::Relaxed);
        if let (Poll::Ready(()), Some(second)) = (came, &self.second) {
            second.give();
        }
        came
    }
}

fn part(first: &Arc<Signal>, second: Option<&Arc<Signal>>) -> Part {
    Box::pin(Waiting {
        first: Arc::clone(first),
        second: second.cloned(),
        polled: AtomicUsize::new(0),
        polls: 0,
    })
}

/// Adds a part and runs the task, if this is the part that begins it.
fn run(parts: &Parts, part: Part) {
    match parts.add(part) {
        Added::Joined => {}
        Added::Task(task) => block_on(task),
        Added::Apart(_) => panic!("there are few"),
    }
}

/// A part is woken by another thread.
pub fn a_part_that_is_woken_from_outside() {
    check(3, || {
        let (parts, signal) = (Parts::default(), Signal::new());
        let giving = {
            let signal = Arc::clone(&signal);
            thread::spawn(move || signal.give())
        };
        run(&parts, part(&signal, None));
        giving.join().unwrap();
    });
}

/// Two parts, woken by two threads at once: neither takes the other's wake-up along.
pub fn two_parts_that_are_woken_at_once() {
    check(2, || {
        let parts = Parts::default();
        let (first, second) = (Signal::new(), Signal::new());
        let Added::Task(task) = parts.add(part(&first, None)) else {
            panic!("the first one begins the task");
        };
        assert!(matches!(parts.add(part(&second, None)), Added::Joined));
        let giving = [first, second].map(|signal| thread::spawn(move || signal.give()));
        block_on(task);
        for thread in giving {
            thread.join().unwrap();
        }
    });
}

/// A part that wakes another one of the same task.
pub fn a_part_that_wakes_the_other() {
    check(3, || {
        let parts = Parts::default();
        let (first, second) = (Signal::new(), Signal::new());
        let Added::Task(task) = parts.add(part(&second, None)) else {
            panic!("the first one begins the task");
        };
        assert!(matches!(
            parts.add(part(&first, Some(&second))),
            Added::Joined
        ));
        let giving = thread::spawn(move || first.give());
        block_on(task);
        giving.join().unwrap();
    });
}

/// A part is added while the task ends: it joins the task, or begins another one.
pub fn a_part_that_is_added_beside_the_end() {
    check(3, || {
        let parts = Arc::new(Parts::default());
        let (first, second) = (Signal::new(), Signal::new());
        first.give();
        let running = {
            let parts = Arc::clone(&parts);
            let part = part(&first, Some(&second));
            thread::spawn(move || run(&parts, part))
        };
        let third = Signal::new();
        run(&parts, part(&second, Some(&third)));
        running.join().unwrap();
        assert!(
            third.given.load(Ordering::Acquire),
            "the added part has run"
        );
    });
}

/// The runtime of the task ends, and drops it, while a part is added in another one.
pub fn a_part_that_is_added_beside_the_end_of_the_runtime() {
    check(3, || {
        let parts = Arc::new(Parts::default());
        let (never, signal) = (Signal::new(), Signal::new());
        let Added::Task(task) = parts.add(part(&never, None)) else {
            panic!("the first one begins the task");
        };
        let ending = thread::spawn(move || drop(task));
        ending.join().unwrap();
        signal.give();
        match parts.add(part(&signal, None)) {
            Added::Task(task) => {
                never.give();
                block_on(task);
            }
            _ => panic!("a task that was dropped runs nothing"),
        }
    });
}

/// Wakes itself so many times.
struct Restless(usize);

impl Future for Restless {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A part that is woken more often than the task goes on without letting others run: the task wakes itself.
pub fn a_part_that_wakes_itself_for_long() {
    check(2, || {
        let (parts, signal) = (Parts::default(), Signal::new());
        let Added::Task(task) = parts.add(Box::pin(Restless(20))) else {
            panic!("the first one begins the task");
        };
        assert!(matches!(parts.add(part(&signal, None)), Added::Joined));
        let giving = thread::spawn(move || signal.give());
        block_on(task);
        giving.join().unwrap();
    });
}

/// Is woken once, and has nothing but that to order what was written before.
struct Told {
    written: Arc<AtomicBool>,
    giving: Option<thread::JoinHandle<()>>,
}

impl Future for Told {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.giving.is_none() {
            let (written, waker) = (Arc::clone(&self.written), cx.waker().clone());
            self.giving = Some(thread::spawn(move || {
                written.store(true, Ordering::Relaxed);
                waker.wake();
            }));
            return Poll::Pending;
        }
        match self.written.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// A part that is polled because it was woken sees what was written before that.
pub fn what_is_written_before_a_part_is_woken() {
    check(3, || {
        let parts = Parts::default();
        let told = || Told {
            written: Arc::new(AtomicBool::new(false)),
            giving: None,
        };
        let Added::Task(task) = parts.add(Box::pin(told())) else {
            panic!("the first one begins the task");
        };
        assert!(matches!(parts.add(Box::pin(told())), Added::Joined));
        block_on(task);
    });
}

/// A task that has ended is dropped while another one runs: that one stays the only one.
pub fn a_part_that_is_added_to_the_task_after_one_that_ends() {
    check(3, || {
        let parts = Arc::new(Parts::default());
        let (first, second) = (Signal::new(), Signal::new());
        first.give();
        let Added::Task(task) = parts.add(part(&first, None)) else {
            panic!("the first one begins the task");
        };
        let ending = thread::spawn(move || block_on(task));
        if let Added::Task(next) = parts.add(part(&second, None)) {
            assert!(matches!(parts.add(part(&second, None)), Added::Joined));
            second.give();
            block_on(next);
        }
        second.give();
        ending.join().unwrap();
    });
}

/// Each part has a bit, until the task ends.
pub fn as_many_parts_as_a_task_can_have() {
    check(0, || {
        let parts = Parts::default();
        for _ in 0..2 {
            let mut task = None;
            for _ in 0..MOST {
                match parts.add(Box::pin(Restless(1))) {
                    Added::Task(begun) => assert!(task.replace(begun).is_none()),
                    Added::Joined => assert!(task.is_some()),
                    Added::Apart(_) => panic!("there is room"),
                }
            }
            assert!(matches!(parts.add(Box::pin(Restless(1))), Added::Apart(_)));
            block_on(task.unwrap());
        }
        // What a dropped task has not adopted still counts.
        let Added::Task(task) = parts.add(Box::pin(Restless(1))) else {
            panic!("the first one begins the task");
        };
        drop(task);
        let mut begun = None;
        for _ in 1..MOST {
            match parts.add(Box::pin(Restless(1))) {
                Added::Task(task) => begun = Some(task),
                Added::Joined => {}
                Added::Apart(_) => panic!("there is room"),
            }
        }
        assert!(matches!(parts.add(Box::pin(Restless(1))), Added::Apart(_)));
        block_on(begun.unwrap());
    });
}

/// A task that is polled by another one than before is woken by that.
pub fn a_task_that_is_moved() {
    check(3, || {
        let (parts, signal) = (Parts::default(), Signal::new());
        let Added::Task(mut task) = parts.add(part(&signal, None)) else {
            panic!("the first one begins the task");
        };
        let mut before = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut task).poll(&mut before).is_pending());
        let giving = thread::spawn(move || signal.give());
        block_on(task);
        giving.join().unwrap();
    });
}

/// What a dropped task has adopted is gone with it.
pub fn as_many_parts_after_a_task_that_is_dropped() {
    check(0, || {
        let (parts, never) = (Parts::default(), Signal::new());
        let Added::Task(mut task) = parts.add(part(&never, None)) else {
            panic!("the first one begins the task");
        };
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut task).poll(&mut cx).is_pending());
        drop(task);
        let mut begun = None;
        for _ in 0..MOST {
            match parts.add(Box::pin(Restless(1))) {
                Added::Task(task) => begun = Some(task),
                Added::Joined => {}
                Added::Apart(_) => panic!("there is room"),
            }
        }
        block_on(begun.unwrap());
    });
}

struct Idle;

impl Wake for Idle {
    fn wake(self: std::sync::Arc<Self>) {}
}

/// Neither a task that has ended nor one that is given up keeps its runtime from being dropped.
pub fn the_waker_of_a_task_that_is_gone() {
    check(0, || {
        let (parts, never) = (Parts::default(), Signal::new());
        let ends: Part = Box::pin(Restless(1));
        for (part, ended) in [(ends, true), (part(&never, None), false)] {
            let Added::Task(mut task) = parts.add(part) else {
                panic!("the first one begins the task");
            };
            let runtime = std::sync::Arc::new(Idle);
            let waker = Waker::from(std::sync::Arc::clone(&runtime));
            let polled = Pin::new(&mut task).poll(&mut Context::from_waker(&waker));
            assert_eq!(polled.is_ready(), ended);
            drop((task, waker));
            assert_eq!(std::sync::Arc::strong_count(&runtime), 1);
        }
    });
}
