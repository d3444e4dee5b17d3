//! Makes the calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rpcx::Channel;
use rpcx::client::RawMethod;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::cpu::{self, cpu};
use super::record::{Made, Recorder};
use super::schedule::Schedule;

/// What is to be done.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Of a closed loop. None: calls begin when the schedule says.
    pub(super) callers: Option<u32>,
    pub(super) poisson: bool,
    pub(super) in_flight: u32,
    pub(super) warm_up: Duration,
    pub(super) schedule: Schedule,
}

/// Makes one call after the other, over all connections in turn.
#[derive(Clone)]
pub(super) struct Caller(Arc<Connections>);

struct Connections {
    channels: Vec<Channel>,
    methods: Vec<RawMethod>,
    payload: Bytes,
    next: AtomicUsize,
}

impl Caller {
    pub(super) fn new(channels: Vec<Channel>, methods: Vec<RawMethod>, payload: Bytes) -> Self {
        Self(Arc::new(Connections {
            channels,
            methods,
            payload,
            next: AtomicUsize::new(0),
        }))
    }

    pub(super) async fn close(&self) {
        for channel in &self.0.channels {
            channel.close().await;
        }
    }

    fn turn(&self) -> usize {
        self.0.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes a call that begins now, and says when it has ended.
    async fn call(
        &self,
        turn: usize,
        (intended, started): (Instant, Instant),
        recorder: &Recorder,
    ) -> Instant {
        let method = &self.0.methods[turn % self.0.methods.len()];
        let result = method.call(self.0.payload.clone()).await;
        let ended = Instant::now();
        let made = Made {
            intended,
            started,
            ended,
        };
        recorder.record(&made, result);
        ended
    }
}

/// What is known beside the calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) time: Duration,
    /// CPU time of this program, without that of the warm-up.
    pub(super) cpu: Option<Duration>,
}

/// Runs the plan to its end or until ctrl-c, and waits for the calls that are under way.
pub(super) async fn run(plan: &Plan, caller: &Caller, recorder: &Arc<Recorder>) -> Measured {
    let stop = Arc::new(AtomicBool::new(false));
    let begin = Instant::now();
    recorder.begin(begin);
    let before = cpu::after(plan.warm_up);
    let all = async {
        match plan.callers {
            Some(callers) => closed(plan, callers, caller, recorder, &stop).await,
            None => open(plan, begin, (caller, recorder), &stop).await,
        }
    };
    tokio::pin!(all);
    tokio::select! {
        () = &mut all => {}
        Ok(()) = tokio::signal::ctrl_c() => {
            stop.store(true, Ordering::Relaxed);
            all.await;
        }
    }
    // The last call of a schedule begins before its end.
    let planned = match stop.load(Ordering::Relaxed) {
        true => Duration::ZERO,
        false => plan.schedule.time(),
    };
    Measured {
        time: begin.elapsed().saturating_sub(plan.warm_up).max(planned),
        cpu: before.read().zip(cpu()).map(|(before, now)| now - before),
    }
}

async fn closed(
    plan: &Plan,
    callers: u32,
    caller: &Caller,
    recorder: &Arc<Recorder>,
    stop: &Arc<AtomicBool>,
) {
    let end = Instant::now() + plan.warm_up + plan.schedule.time();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (caller, recorder, stop) = (caller.clone(), Arc::clone(recorder), Arc::clone(stop));
        let turn = caller.turn();
        tasks.spawn(async move {
            // A call begins when the one before it has ended: the clock is read once for both.
            let mut now = Instant::now();
            while now < end && !stop.load(Ordering::Relaxed) {
                now = caller.call(turn, (now, now), &recorder).await;
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}

/// The schedule begins where the recorder's time does, so that the warm-up has its calls and no other.
async fn open(
    plan: &Plan,
    begin: Instant,
    (caller, recorder): (&Caller, &Arc<Recorder>),
    stop: &Arc<AtomicBool>,
) {
    let starts = plan.schedule.with_warm_up(plan.warm_up).starts();
    let room = Arc::new(Semaphore::new(plan.in_flight as usize));
    let clock = Clock {
        begin,
        runtime: Handle::current(),
        room: Arc::clone(&room),
        caller: caller.clone(),
        recorder: Arc::clone(recorder),
        stop: Arc::clone(stop),
        poisson: plan.poisson,
    };
    // A thread of its own: the timers of a runtime have steps of a millisecond.
    let started = tokio::task::spawn_blocking(move || clock.run(starts));
    if started.await.is_ok() {
        // All that is under way has ended when all of the room is there again.
        let _all = room.acquire_many(plan.in_flight).await;
    }
}

/// Begins calls at their times.
struct Clock {
    begin: Instant,
    runtime: Handle,
    room: Arc<Semaphore>,
    caller: Caller,
    recorder: Arc<Recorder>,
    stop: Arc<AtomicBool>,
    poisson: bool,
}

impl Clock {
    fn run(self, starts: impl Iterator<Item = Duration>) {
        let mut random = Random::new();
        let (mut last, mut at) = (Duration::ZERO, Duration::ZERO);
        let mut due = Vec::new();
        for start in starts {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            // Gaps of the same mean whose length is random make the calls of a Poisson process.
            at += match self.poisson {
                true => (start - last).mul_f64(random.exponential()),
                false => start - last,
            };
            last = start;
            let intended = self.begin + at;
            let wait = intended.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                self.start(&mut due);
                std::thread::sleep(wait);
            }
            let Some(room) = self.enter(&mut due) else {
                return;
            };
            due.push(Due { intended, room });
        }
        self.start(&mut due);
    }

    /// Room for one call more. Those that are due are started before it is waited for.
    fn enter(&self, due: &mut Vec<Due>) -> Option<OwnedSemaphorePermit> {
        if let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
            return Some(room);
        }
        self.start(due);
        let waiting = Arc::clone(&self.room).acquire_owned();
        self.runtime.block_on(waiting).ok()
    }

    /// Starts all calls that are due: where they are several the threads of the runtime are woken once.
    fn start(&self, due: &mut Vec<Due>) {
        let Some(first) = due.pop() else { return };
        let others = std::mem::take(due);
        let (caller, recorder) = (self.caller.clone(), Arc::clone(&self.recorder));
        self.runtime.spawn(async move {
            for one in others {
                let (caller, recorder) = (caller.clone(), Arc::clone(&recorder));
                tokio::spawn(async move { one.call(&caller, &recorder).await });
            }
            first.call(&caller, &recorder).await;
        });
    }
}

/// A call that is to begin.
struct Due {
    intended: Instant,
    room: OwnedSemaphorePermit,
}

impl Due {
    async fn call(self, caller: &Caller, recorder: &Recorder) {
        let turn = caller.turn();
        let times = (self.intended, Instant::now());
        caller.call(turn, times, recorder).await;
        drop(self.room);
    }
}

/// Numbers for the gaps between calls: xorshift, seeded by the clock.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self(now.map_or(1, |time| time.as_nanos() as u64) | 1)
    }

    /// Exponentially distributed with mean 1.
    fn exponential(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // 53 bits, and never 0.
        let uniform = ((self.0 >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        -uniform.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_gaps_have_the_mean_1() {
        let mut random = Random::new();
        let sum: f64 = (0..100_000).map(|_| random.exponential()).sum();
        assert!((sum / 100_000.0 - 1.0).abs() < 0.05);
    }
}
