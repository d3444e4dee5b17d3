//! A server that says what it has, and answers.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::Mdns;
use super::entry::{self, Entry};
use super::group::Group;
use super::records::{Instance, Names};
use super::watch::names;
use crate::discovery::Registration;
use crate::discovery::registrar::Session;
use crate::error::{Error, Result};

/// An announcement is made once more after this: one message may be lost.
const AGAIN: Duration = Duration::from_secs(1);

/// The longest pause before an answer, in milliseconds, so that not all servers answer at once. Questions that come meanwhile have the same answer.
const LONGEST: u64 = 120;
const SHORTEST: u64 = 20;

/// A server, and what it has to say.
struct Server<'a> {
    names: Names,
    /// What its names begin with; no other one has the same.
    label: String,
    registrations: &'a [Registration],
    /// Of each registration, as it is now.
    metadata: Vec<String>,
}

pub(super) async fn keep(
    mdns: &Mdns,
    registrations: &[Registration],
    session: &mut Session,
) -> Result<()> {
    let mut group = Group::join(&mdns.interfaces)?;
    let at = group.addresses();
    let mut server = Server {
        names: names(mdns)?,
        label: format!("rpcx-{:016x}", fastrand::u64(..)),
        registrations,
        metadata: registrations
            .iter()
            .map(|one| one.metadata.clone())
            .collect(),
    };
    let mut instances = server.instances()?;
    send(&group, &server.names, &instances, &at, Word::New).await?;
    session.registered();
    let mut answer = Some(Instant::now() + AGAIN);
    let mut ticks = interval_at(Instant::now() + mdns.interval, mdns.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let word = tokio::select! {
            () = session.leaving() => break,
            _tick = ticks.tick() => match server.refresh() {
                true => {
                    instances = server.instances()?;
                    Word::New
                }
                false => continue,
            },
            message = group.receive() => {
                if server.names.is_asked(&message?, &instances) {
                    let soon = Instant::now() + Duration::from_millis(fastrand::u64(SHORTEST..=LONGEST));
                    answer = Some(answer.map_or(soon, |already| already.min(soon)));
                }
                continue;
            }
            () = sleep_until(answer.unwrap_or_else(Instant::now)), if answer.is_some() => {
                answer = None;
                Word::Known
            }
        };
        send(&group, &server.names, &instances, &at, word).await?;
    }
    send(&group, &server.names, &instances, &at, Word::Last).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// What was said before is not true any more.
    New,
    Known,
    Last,
}

/// One message for each instance, so that all of them are small.
async fn send(
    group: &Group,
    names: &Names,
    instances: &[Instance],
    at: &[Ipv4Addr],
    word: Word,
) -> Result<()> {
    for instance in instances {
        let message = names.announcement(instance, at, word != Word::Known, word == Word::Last);
        group.send(&message).await?;
    }
    Ok(())
}

impl Server<'_> {
    /// Whether something has changed.
    fn refresh(&mut self) -> bool {
        let mut changed = false;
        for (registration, metadata) in self.registrations.iter().zip(&mut self.metadata) {
            let now = registration.refreshed(Some(metadata.as_bytes()));
            changed |= *metadata != now;
            *metadata = now;
        }
        changed
    }

    /// Those of each port, because an instance has one.
    fn instances(&self) -> Result<Vec<Instance>> {
        let mut of_port: Vec<(u16, Vec<Entry>)> = Vec::new();
        for (registration, metadata) in self.registrations.iter().zip(&self.metadata) {
            let port = port(registration)?;
            let entry = Entry {
                service: registration.service.clone(),
                meta: metadata.clone(),
                service_address: registration.key(),
            };
            match of_port.iter_mut().find(|(known, _)| *known == port) {
                Some((_, entries)) => entries.push(entry),
                None => of_port.push((port, vec![entry])),
            }
        }
        let records = of_port.iter().flat_map(|(port, entries)| {
            entry::write(entries)
                .into_iter()
                .map(|strings| (*port, strings))
        });
        let instance = |(number, (port, strings)): (usize, _)| {
            let label = format!("{}-{number}", self.label);
            let none = || Error::setup("the domain of multicast DNS is too long");
            self.names.instance(&label, port, strings).ok_or_else(none)
        };
        records.enumerate().map(instance).collect()
    }
}

fn port(registration: &Registration) -> Result<u16> {
    let location = registration.address.location();
    let host = location.split('/').next().unwrap_or_default();
    let port = host
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    port.ok_or_else(|| {
        let text = format!(
            "multicast DNS has no name for {}: it has no port",
            registration.address
        );
        Error::setup(text)
    })
}
