//! A fleet of the nodes that a channel was given, for all services.

use std::sync::Arc;
use std::time::Duration;

use super::bulk::Lane;
use super::endpoint::Endpoint;
use super::fleet::{Candidates, Fleet, NodeStatus};
use super::nodes::Nodes;
use crate::error::Result;
use crate::transport::BoxFuture;

/// There is at least one.
#[derive(Debug)]
pub(super) struct Fixed(pub(super) Arc<Nodes>);

impl Fleet for Fixed {
    fn of_service(&self, _service: &Arc<str>) -> Result<Arc<dyn Candidates>> {
        Ok(Arc::clone(&self.0) as _)
    }

    fn connect_any(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let mut tried = Vec::new();
            loop {
                let Some(endpoint) = self.0.choose(&|| fastrand::u64(..), &tried) else {
                    return Ok(());
                };
                tried.push(Arc::clone(&endpoint));
                let others = self.0.has_other_than(&tried);
                match endpoint
                    .connect(!others && tried.len() == 1, Lane::Usual)
                    .await
                {
                    Err(error) if !others => return Err(error),
                    Err(_) => {}
                    Ok(_) => return Ok(()),
                }
            }
        })
    }

    fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        self.0.endpoints()
    }

    fn endpoints_of(
        &self,
        _services: Vec<Arc<str>>,
        _within: Duration,
    ) -> BoxFuture<'_, Result<Vec<Arc<Endpoint>>>> {
        Box::pin(async { Ok(self.endpoints()) })
    }

    fn stop(&self) {}

    fn left(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn status(&self) -> Vec<NodeStatus> {
        let mut all = Vec::new();
        self.0.add_status(&mut all, None);
        all
    }
}
