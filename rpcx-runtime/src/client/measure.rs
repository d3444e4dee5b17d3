//! Measures how soon nodes answer, for [`Select::Pinged`](super::Select::Pinged).

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::endpoint::Endpoint;
use super::select::Selector;
use crate::task;

/// The pause between two measurements.
const AGAIN: Duration = Duration::from_secs(10);

/// Nodes that are asked at once.
const AT_ONCE: usize = 16;

/// Begins to measure, unless that was begun: for as long as the selector is in use.
pub(super) fn start(selector: &Arc<Selector>, endpoints: impl Iterator<Item = Weak<Endpoint>>) {
    let Selector::Pinged(pinged) = &**selector else {
        return;
    };
    if let Ok(runtime) = Handle::try_current()
        && pinged.starts()
    {
        let measuring = measure(Arc::downgrade(selector), endpoints.collect());
        runtime.spawn(task::boxed(measuring));
    }
}

async fn measure(selector: Weak<Selector>, endpoints: Vec<Weak<Endpoint>>) {
    while selector.strong_count() > 0 {
        let mut answers = vec![None; endpoints.len()];
        let mut asking = JoinSet::new();
        for (at, endpoint) in endpoints.iter().enumerate() {
            if asking.len() == AT_ONCE {
                note(&mut answers, asking.join_next().await);
            }
            if let Some(endpoint) = endpoint.upgrade() {
                task::join(&mut asking, async move { (at, endpoint.ping().await) });
            }
        }
        while let Some(answer) = asking.join_next().await {
            note(&mut answers, Some(answer));
        }
        if let Some(Selector::Pinged(pinged)) = selector.upgrade().as_deref() {
            pinged.set(&answers);
        }
        sleep(AGAIN).await;
    }
}

type Answer = Result<(usize, Option<Duration>), tokio::task::JoinError>;

fn note(answers: &mut [Option<Duration>], answer: Option<Answer>) {
    if let Some(Ok((at, answer))) = answer {
        answers[at] = answer;
    }
}
