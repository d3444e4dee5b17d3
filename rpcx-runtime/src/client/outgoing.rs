//! A call on its way: begun over the connection that is open, and carried on from there.

use std::sync::{Arc, Mutex};
use std::task::Context;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::Channel;
use super::attempt::{Attempt, Sending};
use super::bulk::Lane;
use super::channel::Target;
use super::deadline::{Deadline, TimeLimit};
use super::endpoint::Endpoint;
use super::fleet::Fleet;
use super::layered::PollLayered;
use super::message::Message;
use super::retry::may_retry;
use super::run::Outcome;
use super::select::Hash;
use super::token::Presented;
use crate::context::Extensions;
use crate::error::{Error, ErrorKind, Rejection};
use crate::layer::{Head, Link, Passing, Reached};
use crate::protocol::Compression;
use crate::sync::lock;

/// A message and how hard it may be tried.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) message: Message,
    pub(super) idempotent: bool,
    /// It is large, whatever is known of it.
    pub(super) bulk: bool,
    /// The layers around its method have yet to be asked.
    pub(super) unasked: bool,
    /// How often it is tried at most.
    pub(super) attempts: u32,
    pub(super) limit: TimeLimit,
    /// What is hashed in place of the arguments, if anything.
    pub(super) key: Option<u64>,
    pub(super) credential: Credential,
    /// Known from the moment at which the call is begun.
    pub(super) deadline: Option<Deadline>,
    /// Where it stands where its attempts go, once it has left the fast path.
    pub(super) told: Option<Arc<Told>>,
}

/// Where the last attempt of a call went.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<Option<Arc<Reached>>>);

impl Told {
    pub(super) fn get(&self) -> Option<Arc<Reached>> {
        lock(&self.0).clone()
    }
}

/// What a call presents as its token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Credential {
    /// What stands in its metadata, or nothing.
    #[default]
    Own,
    /// The token of the channel that has this number.
    OfChannel(u64),
    /// The one that was fetched because another one was refused.
    Renewed,
}

/// What came of beginning a call.
pub(super) enum Begun {
    /// It is on its way.
    Sent(Attempt),
    /// There is no open connection, or no room on it. In a channel that selects, this endpoint is to be
    /// waited for.
    Waits(Option<Arc<Endpoint>>),
    Done(Outcome),
}

impl Outgoing {
    /// Sends the message if that can be done at once.
    #[inline]
    pub(super) fn begin(&mut self, cx: &Context<'_>) -> Begun {
        if let Err(error) = self.prepare() {
            return Begun::Done(Err(error.into()));
        }
        if let Target::Peer(peer) = self.message.route.channel.target() {
            return Begun::Done(self.message.push(peer).map_err(Into::into));
        }
        self.message.route.channel.budget().earn();
        if !self.present_token() {
            return Begun::Waits(None);
        }
        if self.hedged_among(&self.message.route.channel).is_some() {
            return Begun::Waits(None);
        }
        let route = &self.message.route;
        let mut picked = match route
            .channel
            .open_connection(route, self.lane(), || self.key())
        {
            Ok(picked) => picked,
            Err(endpoint) => return Begun::Waits(endpoint),
        };
        let deadline = self.ends_at();
        match Attempt::start(&mut picked, &mut self.message, deadline, cx) {
            Sending::Sent(attempt) => Begun::Sent(attempt),
            Sending::Full | Sending::Closed => Begun::Waits(picked.endpoint()),
        }
    }

    /// Whether a first attempt that ended like this need not be the last.
    pub(super) fn may_repeat(&self, error: &Error) -> bool {
        (self.attempts > 1 && may_retry(error, self.idempotent)) || self.may_renew(error)
    }

    /// Whether another token might change this.
    pub(super) fn may_renew(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::Rejected(Rejection::Unauthenticated)
            && matches!(self.credential, Credential::OfChannel(_))
    }

    /// Presents the token of the channel, if it has any and the call has none of its own. Says whether
    /// that could be done at once.
    #[inline]
    fn present_token(&mut self) -> bool {
        let Some(tokens) = &self.message.route.channel.options().tokens else {
            return true;
        };
        if !self.needs_token() {
            return true;
        }
        let token = tokens.ready();
        token.as_ref().is_some_and(|token| {
            self.present(token);
            true
        })
    }

    /// The same, and waits for a token that has to be fetched.
    pub(super) async fn fetch_token(&mut self) -> Result<(), Error> {
        let route = Arc::clone(&self.message.route);
        if let Some(tokens) = &route.channel.options().tokens
            && self.needs_token()
        {
            let token = tokens.get().await?;
            self.present(&token);
        }
        Ok(())
    }

    /// Gives back a token that was refused. The next attempt presents another one, and is the last that
    /// does.
    pub(super) fn renew_token(&mut self) {
        if let Credential::OfChannel(number) = self.credential
            && let Some(tokens) = &self.message.route.channel.options().tokens
        {
            tokens.refused(number);
            self.message.metadata.remove_auth();
            self.credential = Credential::Renewed;
        }
    }

    fn needs_token(&self) -> bool {
        self.message.metadata.auth().is_none()
    }

    fn present(&mut self, token: &Presented) {
        self.message.metadata.set_auth(&token.text);
        if self.credential == Credential::Own {
            self.credential = Credential::OfChannel(token.number);
        }
    }

    /// Asks the layers around the method, if it has any, as far as they let the call pass; what they attach is in
    /// `extensions`. And what polls the call if it is stopped.
    pub(super) fn ask(
        &mut self,
        extensions: &mut Extensions,
    ) -> Option<(std::thread::Result<Passing<'_>>, PollLayered)> {
        self.unasked = false;
        self.start_clock();
        let deadline = self.ends_at();
        let message = &mut self.message;
        let (method, options) = (&message.method, message.method.options());
        let outermost = message.route.around(method)?;
        let mut head = Head {
            service: &message.route.service,
            method,
            metadata: &mut message.metadata,
            deadline,
            codec: message.codec,
            compression: match options.raw {
                true => message.compress,
                false => Compression::NONE,
            },
            payload: message.payload.as_bytes(),
            oneway: options.oneway,
            origin: None,
            extensions,
        };
        Some((Link::pass(&outermost.link, &mut head), outermost.poll))
    }

    /// Decides what can be decided before anything is sent.
    pub(super) fn prepare(&mut self) -> Result<(), Error> {
        self.limit.check_parent()?;
        self.message.compress()?;
        self.message.check_length()?;
        self.start_clock();
        self.tell_deadline()
    }

    /// From now on the deadline is known, if it was not before.
    #[inline]
    pub(super) fn start_clock(&mut self) -> Deadline {
        let options = self.message.route.channel.options();
        *self
            .deadline
            .get_or_insert_with(|| self.limit.deadline(options))
    }

    /// Over which connections it goes.
    #[inline]
    pub(super) fn lane(&self) -> Lane {
        let message = &self.message;
        match &message.route.channel.options().bulk {
            None => Lane::Usual,
            Some(_) if self.bulk => Lane::Bulk,
            Some(rules) => {
                let length = message.payload.as_bytes().len();
                rules.lane(&message.route.service, message.method.name(), length)
            }
        }
    }

    /// Learns from an outcome how long the replies of the method are.
    #[inline]
    pub(super) fn learn(&self, outcome: &Outcome) {
        let message = &self.message;
        if let Some(rules) = &message.route.channel.options().bulk
            && let Ok(response) = outcome
        {
            let (service, method) = (&message.route.service, message.method.name());
            rules.learn(service, method, response.length());
        }
    }

    /// The servers of the channel, if the call may be sent to two of them.
    pub(super) fn hedged_among<'c>(&self, channel: &'c Channel) -> Option<&'c dyn Fleet> {
        match channel.target() {
            Target::Fleet { fleet, .. }
                if self.idempotent && channel.options().fail_mode.hedges() =>
            {
                Some(&**fleet)
            }
            _ => None,
        }
    }

    /// What it has in common with calls that are to go to the same server.
    pub(super) fn key(&self) -> u64 {
        self.key.unwrap_or_else(|| {
            let message = &self.message;
            Hash::new()
                .bytes(message.route.service.as_bytes())
                .bytes(b"/")
                .bytes(message.method.name().as_bytes())
                .bytes(b"/")
                .bytes(message.payload.as_bytes())
                .finish()
        })
    }

    /// The same call without what layers may change.
    pub(super) fn bare(&self) -> Self {
        Self {
            message: self.message.bare(),
            told: None,
            ..*self
        }
    }

    /// The same call once more.
    pub(super) fn again(&mut self) -> Self {
        Self {
            message: self.message.again(),
            told: self.told.clone(),
            ..*self
        }
    }

    /// Notes where its attempt goes, or went.
    pub(super) fn note(&self, reached: &Arc<Reached>) {
        if let Some(told) = &self.told {
            *lock(&told.0) = Some(Arc::clone(reached));
        }
    }

    pub(super) fn ends_at(&self) -> Option<Instant> {
        self.deadline.and_then(Deadline::at)
    }

    /// Whether it has a deadline that the runtime of its caller can keep.
    #[cold]
    pub(super) fn is_timed(&self) -> bool {
        self.ends_at().is_some() && Handle::try_current().is_ok()
    }

    /// Tells the server how long the caller still waits.
    pub(super) fn tell_deadline(&mut self) -> Result<(), Error> {
        let Some(deadline) = self.deadline else {
            return Ok(());
        };
        if let Some(left) = deadline.told()? {
            self.message.metadata.set_server_timeout(left);
        }
        Ok(())
    }
}
