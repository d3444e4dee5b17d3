//! The nodes of a service: a list, read again and again.

use super::Nacos;
use super::api::{Client, PAGE};
use super::instance::Instance;
use crate::discovery::Updates;
use crate::discovery::remote::every;
use crate::discovery::services::Services;
use crate::error::Result;

/// Follows a service until something is wrong.
pub(super) async fn watch(nacos: &Nacos, service: &str, updates: &Updates) -> Result<()> {
    let mut client = Client::open(nacos).await?;
    let mut ticks = every(nacos.remote.half());
    loop {
        let instances = client.list(service).await?;
        updates.entries(instances.into_iter().filter_map(Instance::entry));
        ticks.tick().await;
        if client.is_closed() {
            client = Client::open(nacos).await?;
        }
    }
}

/// The services of the group.
pub(super) async fn services(nacos: &Nacos) -> Result<Services> {
    let mut client = Client::open(nacos).await?;
    let mut services = Services::default();
    for page in 1.. {
        let names = client.services(page).await?;
        for name in &names {
            services.add(name)?;
        }
        if names.len() < PAGE {
            break;
        }
    }
    Ok(services)
}
