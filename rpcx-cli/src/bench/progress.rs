//! The bar that moves while it is measured.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use super::load::Plan;
use super::record::Recorder;

/// How often it moves.
const STEP: Duration = Duration::from_millis(200);

static BAR: OnceLock<ProgressBar> = OnceLock::new();

/// Shows how far it is, on standard error and only if that is a terminal.
pub(super) fn start(quiet: bool, plan: &Plan, recorder: Arc<Recorder>) -> JoinHandle<()> {
    let whole = plan.warm_up + plan.schedule.time();
    let bar = match quiet {
        true => ProgressBar::hidden(),
        false => ProgressBar::new(whole.as_millis() as u64),
    };
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let bar = BAR.get_or_init(|| bar);
    tokio::spawn(async move {
        let begin = Instant::now();
        let (mut before, mut last) = (0, begin);
        loop {
            tokio::time::sleep(STEP).await;
            let (now, calls) = (Instant::now(), recorder.calls());
            let rate = (calls - before) as f64 / (now - last).as_secs_f64();
            (before, last) = (calls, now);
            bar.set_position((now - begin).as_millis() as u64);
            bar.set_message(format!("{calls} calls, {rate:.0}/s"));
        }
    })
}

/// Takes the bar away.
pub(super) fn clear() {
    if let Some(bar) = BAR.get() {
        bar.finish_and_clear();
    }
}
