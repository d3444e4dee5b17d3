//! From an address on the command line to a channel.

mod duration;
mod misplaced;
mod pair;
mod tls;

use std::time::Duration;

use clap::Args;
use rpcx::client::Select;
use rpcx::{Channel, ChannelBuilder, Retry};

pub(crate) use duration::duration;
pub(crate) use misplaced::check as check_registry;
pub(crate) use pair::Pair;
use tls::TlsOptions;

use crate::outcome::Outcome;

/// How servers are reached.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectOptions {
    #[command(flatten)]
    tls: TlsOptions,

    /// How long opening a connection may take
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    connect_timeout: Duration,

    /// Only the servers of this group of a registry
    #[arg(long, value_name = "NAME")]
    group: Option<String>,

    /// How each call chooses one of several servers [default: any]
    #[arg(long, value_name = "HOW")]
    select: Option<SelectBy>,

    /// The token that is presented
    #[arg(long, env = "RPCX_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum SelectBy {
    /// the first that answers
    First,
    /// any
    Random,
    /// one after the other
    RoundRobin,
    /// as often as their weights say
    Weighted,
    /// the same for the same arguments
    Hash,
    /// the one of two that is likely to answer sooner
    LeastLoaded,
}

impl From<SelectBy> for Select {
    fn from(by: SelectBy) -> Self {
        match by {
            SelectBy::First => Self::First,
            SelectBy::Random => Self::Random,
            SelectBy::RoundRobin => Self::RoundRobin,
            SelectBy::Weighted => Self::Weighted,
            SelectBy::Hash => Self::ConsistentHash,
            SelectBy::LeastLoaded => Self::LeastLoaded,
        }
    }
}

impl ConnectOptions {
    /// A channel to the servers at these addresses: of a registry by its URL, or on a network.
    ///
    /// Where nothing is said, `select` is how a call chooses one.
    pub(crate) fn channel(
        &self,
        addresses: &[String],
        select: Select,
    ) -> Result<ChannelBuilder, Outcome> {
        let mut builder = Channel::builder().connect_timeout(self.connect_timeout);
        builder = match addresses {
            [url] if url.contains("://") => {
                check_registry(url)?;
                self.registry(builder, url)
            }
            addresses => self.fixed(builder, addresses)?,
        };
        if let Some(tls) = self.tls.client()? {
            builder = builder.tls(tls);
        }
        builder = builder.select(self.select.map_or(select, Into::into));
        if let Some(token) = &self.token {
            builder = builder.token(token);
        }
        Ok(builder)
    }

    fn registry(&self, builder: ChannelBuilder, url: &str) -> ChannelBuilder {
        let builder = builder.registry(url);
        match &self.group {
            Some(group) => builder.group(group),
            None => builder,
        }
    }

    fn fixed(
        &self,
        builder: ChannelBuilder,
        addresses: &[String],
    ) -> Result<ChannelBuilder, Outcome> {
        if let Some(url) = addresses.iter().find(|address| address.contains("://")) {
            let text =
                format!("`{url}` is a registry, and there is one of them and nothing beside it");
            return Err(Outcome::usage(text).hint("give either addresses or one URL"));
        }
        if self.group.is_some() {
            let text = "`--group` is for servers of a registry";
            return Err(Outcome::usage(text).hint("give a URL such as etcd://127.0.0.1:2379/rpcx"));
        }
        Ok(builder.addresses(addresses))
    }

    /// The token that calls present.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same for a single call: what fails is said at once.
    pub(crate) fn once(&self, address: &str) -> Result<Channel, Outcome> {
        let builder = self.channel(&[address.to_owned()], Select::Random)?;
        let builder = builder.retry(Retry::never()).no_heartbeat();
        Ok(builder.build_lazy()?)
    }
}
