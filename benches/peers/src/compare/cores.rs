//! Cores for the server and for the client.

use anyhow::{Result, ensure};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The cores of this process, in two parts. A process that is started in one part stays there, with all its threads.
pub(super) struct Cores {
    all: CpuSet,
    first: CpuSet,
    others: CpuSet,
}

impl Cores {
    pub(super) fn part() -> Result<Self> {
        let all = sched_getaffinity(Pid::from_raw(0))?;
        let (mut first, mut others) = (CpuSet::new(), CpuSet::new());
        let mut count = 0;
        for core in 0..CpuSet::count() {
            if all.is_set(core)? {
                let part = if count == 0 { &mut first } else { &mut others };
                part.set(core)?;
                count += 1;
            }
        }
        ensure!(count > 1, "a core for the server alone: there is only one");
        Ok(Self { all, first, others })
    }

    pub(super) fn on_the_first<T>(&self, start: impl FnOnce() -> T) -> Result<T> {
        self.on(&self.first, start)
    }

    pub(super) fn on_the_others<T>(&self, start: impl FnOnce() -> T) -> Result<T> {
        self.on(&self.others, start)
    }

    fn on<T>(&self, part: &CpuSet, start: impl FnOnce() -> T) -> Result<T> {
        let this_thread = Pid::from_raw(0);
        sched_setaffinity(this_thread, part)?;
        let started = start();
        sched_setaffinity(this_thread, &self.all)?;
        Ok(started)
    }
}
