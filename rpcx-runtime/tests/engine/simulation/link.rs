//! The way to a node, on which things go wrong: a listener before the one of the server.

use std::sync::Arc;
use std::time::Duration;

use rpcx_runtime::transport::{ConnectOptions, Listen, ListenOptions, Stream, connector, listen};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::chance::Chance;

/// What a way does now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weather {
    /// Nothing passes, and nothing is lost.
    pub(super) cut_off: bool,
    /// What each piece takes at most, in milliseconds.
    pub(super) delay: u64,
}

/// The way to one node. Dropped, all that is on it is lost, and nothing listens any more.
pub(super) struct Way {
    weather: watch::Sender<Weather>,
    task: JoinHandle<()>,
}

impl Way {
    /// From `mem@front` to `mem@back`.
    pub(super) async fn open(front: &str, back: &str, chance: Chance) -> Self {
        let calm = Weather {
            cut_off: false,
            delay: 1,
        };
        let weather = watch::channel(calm).0;
        let listener = listen(front, &ListenOptions::new()).await.unwrap();
        let task = tokio::spawn(carry(
            listener,
            back.to_owned(),
            weather.subscribe(),
            chance,
        ));
        Self { weather, task }
    }

    pub(super) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(
    mut listener: Box<dyn Listen>,
    back: String,
    weather: watch::Receiver<Weather>,
    mut chance: Chance,
) {
    // Those that are open end with this task.
    let mut open = JoinSet::new();
    loop {
        let stream = listener.accept().await.unwrap().stream().await.unwrap();
        let connector = connector(&*back, &ConnectOptions::new()).unwrap();
        let Ok(behind) = connector.connect().await else {
            continue;
        };
        let (there, here) = (chance.branch(), chance.branch());
        let weather = weather.clone();
        open.spawn(async move {
            let Stream { reader, writer, .. } = stream;
            let Stream {
                reader: answers,
                writer: requests,
                ..
            } = behind;
            // A connection that has lost one direction is lost.
            tokio::select! {
                () = pump(reader, requests, weather.clone(), there) => {}
                () = pump(answers, writer, weather, here) => {}
            }
        });
    }
}

async fn pump(
    mut from: Box<dyn AsyncRead + Send + Unpin>,
    mut to: Box<dyn AsyncWrite + Send + Unpin>,
    mut weather: watch::Receiver<Weather>,
    mut chance: Chance,
) {
    let mut piece = vec![0; 600];
    loop {
        // Frames are cut anywhere.
        let most = 1 + chance.below(piece.len() as u64 - 1) as usize;
        let Ok(length @ 1..) = from.read(&mut piece[..most]).await else {
            return;
        };
        let Ok(passing) = weather
            .wait_for(|weather| !weather.cut_off)
            .await
            .map(|now| *now)
        else {
            return;
        };
        sleep(Duration::from_micros(
            chance.below(passing.delay * 1000 + 1),
        ))
        .await;
        if chance.one_in(400) || to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}

/// The name of a listener that nothing else has.
pub(super) fn name(seed: u64, node: usize, part: &str) -> Arc<str> {
    format!("mem@simulated-{seed}-{node}-{part}").into()
}
