//! The one task of a QUIC client: a part that was woken is polled, and no part by two threads.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use crate::check;
use crate::sync::{Mutex, lock};
use crate::transport::parts::{Added, Part, Parts};

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
}

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
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
