//! What a process has used so far.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

/// Processor time, context switches and memory of a process since its start.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Microseconds in user mode.
    pub user_us: i64,
    /// Microseconds in the kernel.
    pub system_us: i64,
    /// Context switches of all kinds.
    pub switches: i64,
    /// The most memory that was resident at once, in KiB.
    #[serde(default)]
    pub peak_kib: i64,
    /// The memory that is resident now, in KiB; 0 where the system does not say.
    #[serde(default)]
    pub resident_kib: i64,
}

impl Usage {
    /// Of this process, all its threads.
    ///
    /// # Errors
    /// The system refused to say.
    pub fn own() -> std::io::Result<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF)?;
        Ok(Self {
            user_us: microseconds(usage.user_time()),
            system_us: microseconds(usage.system_time()),
            switches: usage.voluntary_context_switches() + usage.involuntary_context_switches(),
            peak_kib: usage.max_rss()
                / if cfg!(target_vendor = "apple") {
                    1024
                } else {
                    1
                },
            resident_kib: resident_kib(),
        })
    }

    /// What was used between `earlier` and now; the memory is that of all the time.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            user_us: self.user_us - earlier.user_us,
            system_us: self.system_us - earlier.system_us,
            switches: self.switches - earlier.switches,
            peak_kib: self.peak_kib,
            resident_kib: self.resident_kib,
        }
    }

    /// Microseconds of processor time in all.
    pub fn cpu_us(self) -> i64 {
        self.user_us + self.system_us
    }
}

/// Linux says it in a file.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn microseconds(time: TimeVal) -> i64 {
    time.tv_sec() * 1_000_000 + time.tv_usec()
}
