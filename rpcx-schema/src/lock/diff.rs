//! Services, and the walk over everything below them.

use std::collections::BTreeSet;

use super::finding::{Finding, Level};
use super::{Lock, Method, Service};

/// What `new` breaks of what `old` has promised. Additions that no peer notices are no findings, and
/// neither is another order of the source.
///
/// Numbers may grow: a peer that was built before the change refuses what does not fit, or, if it is a Go
/// program, cuts it off, so the reading side has to be the first to change.
pub fn diff(old: &Lock, new: &Lock) -> Vec<Finding> {
    let mut diff = Diff {
        old,
        new,
        compared: BTreeSet::new(),
        open: Vec::new(),
        structs: Vec::new(),
        findings: Vec::new(),
        buried: false,
    };
    for (path, service) in &old.services {
        diff.service(path, service);
    }
    diff.back_again();
    diff.findings
}

/// A comparison under way.
pub(super) struct Diff<'a> {
    pub(super) old: &'a Lock,
    pub(super) new: &'a Lock,
    /// Pairs of types that were looked into.
    pub(super) compared: BTreeSet<(String, String)>,
    /// Pairs of types that are looked into right now.
    pub(super) open: Vec<(String, String)>,
    /// Pairs of structs that are still to be looked into.
    pub(super) structs: Vec<(String, String)>,
    pub(super) findings: Vec<Finding>,
    /// What is compared was removed, and types that it had may be gone with it.
    pub(super) buried: bool,
}

impl<'a> Diff<'a> {
    /// Adds a finding. `change` continues a sentence that begins with the subject.
    pub(super) fn find(
        &mut self,
        (level, rule): (Level, &'static str),
        subject: impl Into<String>,
        change: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding {
            rule,
            level,
            subject: subject.into(),
            change: change.into(),
            help: help.into(),
        });
    }

    pub(super) fn service(&mut self, path: &str, old: &'a Service) {
        let all = self.new;
        if let Some(new) = all.services.get(path) {
            self.same_trait(path, old, new);
            self.methods(path, old, new);
            return;
        }
        let subject = format!("the service `{path}`");
        let Some((moved, new)) = self.moved(old) else {
            let help = "keep it as long as a peer may call it, and mark it `#[deprecated]`";
            self.find((Level::Wire, "SERVICE_NO_DELETE"), subject, "is gone", help);
            return;
        };
        let change = format!("has the path `{moved}` now, where no old peer looks for it");
        let help = format!("keep the path with `#[rpcx::service(name = \"{path}\")]`");
        self.find((Level::Wire, "SERVICE_SAME_PATH"), subject, change, help);
        self.methods(path, old, new);
    }

    fn same_trait(&mut self, path: &str, old: &Service, new: &Service) {
        let (before, now) = (&old.name, &new.name);
        if before != now {
            self.find(
                (Level::Source, "SERVICE_SAME_TRAIT"),
                format!("the service `{path}`"),
                format!("was the trait `{before}` and is `{now}`: `{before}Client` and `{before}Server` are gone"),
                format!("keep the trait's name; the path alone is `#[rpcx::service(name = \"{path}\")]`"),
            );
        }
    }

    /// A service that is new and has the name or all the methods of one that is gone.
    fn moved(&self, old: &Service) -> Option<(&'a String, &'a Service)> {
        let added = || {
            let all = self.new.services.iter();
            all.filter(|(path, _)| !self.old.services.contains_key(*path))
        };
        let named = added().find(|(_, new)| new.name == old.name);
        named.or_else(|| {
            let same = |new: &Service| {
                old.methods
                    .keys()
                    .all(|name| new.methods.contains_key(name))
            };
            let mut alike = added().filter(|(_, new)| same(new) && !old.methods.is_empty());
            alike.next().filter(|_| alike.next().is_none())
        })
    }

    fn methods(&mut self, path: &str, old: &'a Service, new: &'a Service) {
        for (wire, method) in &old.methods {
            let subject = format!("the method `{path}.{wire}`");
            let own = answering(new, wire);
            match own {
                Some(found) => {
                    self.new_name((path, wire), (old, new), found);
                    self.method(&subject, method, found);
                }
                None => self.gone(&subject, wire, method, (old, new)),
            }
            for alias in &method.aliases {
                match answering(new, alias) {
                    Some(found) if own.is_some_and(|own| std::ptr::eq(own, found)) => {}
                    Some(found) => {
                        self.method(&format!("the method `{path}.{alias}`"), method, found);
                    }
                    None => {
                        let change = format!("no longer answers to `{alias}`");
                        let help = format!("keep the name with `#[rpcx(alias = \"{alias}\")]`");
                        self.find((Level::Wire, "METHOD_NO_DELETE"), &*subject, change, help);
                    }
                }
            }
            self.pending_structs();
        }
    }

    /// A method that new clients call by a name that is new.
    fn new_name(
        &mut self,
        (path, wire): (&str, &str),
        (old, new): (&Service, &Service),
        found: &Method,
    ) {
        if self.buried || new.methods.contains_key(wire) {
            return;
        }
        let name = new
            .methods
            .iter()
            .find(|(_, method)| std::ptr::eq(*method, found));
        let Some((name, _)) = name.filter(|(name, _)| answering(old, name).is_none()) else {
            return;
        };
        let change = format!(
            "is called `{name}` by new clients, which servers that were built before do not know; old clients are answered by the alias"
        );
        let help = format!(
            "bring out all servers before any client, or keep the name for now: `#[rpcx(name = \"{wire}\", alias = \"{name}\")]`"
        );
        let subject = format!("the method `{path}.{wire}`");
        self.find((Level::Warning, "METHOD_NEW_NAME"), subject, change, help);
    }

    fn gone(
        &mut self,
        subject: &str,
        wire: &str,
        old: &Method,
        (before, now): (&Service, &Service),
    ) {
        let added: Vec<_> = now
            .methods
            .iter()
            .filter(|(name, _)| !before.methods.contains_key(*name))
            .collect();
        let by_function = added.iter().find(|(_, new)| new.function == old.function);
        let mut alike = added.iter().filter(|(_, new)| {
            (&new.args, &new.reply, &new.reply_field) == (&old.args, &old.reply, &old.reply_field)
        });
        let by_types = alike.next().filter(|_| alike.next().is_none());
        let (change, help) = match by_function.or(by_types) {
            Some((name, _)) => (
                format!("is gone, and `{name}` looks like it"),
                format!(
                    "keep the name on the wire with `#[rpcx(name = \"{wire}\")]`, or let `{name}` answer to both with `#[rpcx(alias = \"{wire}\")]`"
                ),
            ),
            None => (
                "is gone".to_owned(),
                "keep it as long as a peer may call it, and mark it `#[deprecated]`".to_owned(),
            ),
        };
        self.find((Level::Wire, "METHOD_NO_DELETE"), subject, change, help);
    }
}

/// The method that a server calls for this name.
pub(super) fn answering<'a>(service: &'a Service, name: &str) -> Option<&'a Method> {
    let own = service.methods.get(name);
    own.or_else(|| {
        let mut all = service.methods.values();
        all.find(|method| method.aliases.contains(name))
    })
}
