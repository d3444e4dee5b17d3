//! The instances of a server: written, kept by beats, and taken out.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Nacos;
use super::api::Client;
use super::instance::Place;
use crate::discovery::{Registration, Session};
use crate::error::Result;

/// Between two beats, unless nacos asks for another pause.
const BEAT: Duration = Duration::from_secs(5);

/// The bounds of what nacos may ask for.
const BEATS: [Duration; 2] = [Duration::from_millis(500), BEAT];

/// Keeps the instances until the session ends, or something is wrong.
pub(super) async fn keep(
    nacos: &Nacos,
    registrations: &[Registration],
    session: &mut Session,
) -> Result<()> {
    let places = registrations
        .iter()
        .map(Place::of)
        .collect::<Result<Vec<_>>>()?;
    let mut client = Client::open(nacos).await?;
    if !session.was_registered() {
        for place in &places {
            client.register(place).await?;
        }
    }
    let mut next = beat(&mut client, &places).await?;
    session.registered();
    loop {
        tokio::select! {
            () = session.leaving() => break,
            () = sleep_until(next) => {
                reconnect(nacos, &mut client).await?;
                next = beat(&mut client, &places).await?;
            }
        }
    }
    reconnect(nacos, &mut client).await?;
    for place in &places {
        client.remove(place).await?;
    }
    Ok(())
}

/// A connection that the server has closed while it was idle is no reason to begin again.
async fn reconnect<'a>(nacos: &'a Nacos, client: &mut Client<'a>) -> Result<()> {
    if client.is_closed() {
        *client = Client::open(nacos).await?;
    }
    Ok(())
}

/// One beat of each; those that nacos has lost are written anew. Says when the next is due.
async fn beat(client: &mut Client<'_>, places: &[Place<'_>]) -> Result<Instant> {
    let mut pause = BEAT;
    for place in places {
        match client.beat(place).await? {
            Some(asked) => pause = pause.min(asked.clamp(BEATS[0], BEATS[1])),
            None => client.register(place).await?,
        }
    }
    Ok(Instant::now() + pause)
}
