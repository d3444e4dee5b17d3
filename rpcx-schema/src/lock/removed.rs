//! What was removed: it is remembered, and may not come back as something else.

use std::collections::BTreeMap;

use super::diff::{Diff, answering};
use super::finding::Level::Wire;
use super::{ErrorEnum, Field, Lock, Message, Method, Service, Struct, Type, Variants};

impl Lock {
    /// The lock file after a change: what `now` promises, what was removed by then, and the warnings that are accepted.
    #[must_use]
    pub fn succeeded_by(&self, now: Self) -> Self {
        let mut next = now;
        next.accepted.clone_from(&self.accepted);
        for (path, service) in &mut next.services {
            if let Some(old) = self.services.get(path).or_else(|| self.removed.get(path)) {
                remember_methods(old, service);
            }
        }
        let gone = self.services.iter().chain(&self.removed);
        for (path, service) in gone {
            if !next.services.contains_key(path) {
                next.removed.insert(path.clone(), service.clone());
            }
        }
        for (name, found) in &mut next.types {
            if let Some(old) = self.types.get(name) {
                remember(old, found);
            }
        }
        for (name, error) in &mut next.errors {
            if let Some(old) = self.errors.get(name) {
                let ErrorEnum { codes, removed, .. } = error;
                remember_keys((&old.codes, &old.removed), (codes, removed), |_| false);
            }
        }
        next.with_types_of(self)
    }

    /// With the types and errors of what was removed, which nothing else may have any more.
    fn with_types_of(mut self, old: &Self) -> Self {
        let mut all = self.clone();
        for (name, found) in &old.types {
            all.types
                .entry(name.clone())
                .or_insert_with(|| found.clone());
        }
        let methods = all.services.values().chain(all.removed.values());
        let methods = methods.flat_map(|one| one.methods.values().chain(one.removed.values()));
        let errors: Vec<&String> = methods
            .clone()
            .filter_map(|one| one.error.as_ref())
            .collect();
        for name in errors {
            if let (false, Some(found)) = (self.errors.contains_key(name), old.errors.get(name)) {
                self.errors.insert(name.clone(), found.clone());
            }
        }
        let of_types = all
            .types
            .iter()
            .filter(|(name, _)| self.types.contains_key(*name));
        let of_types = of_types.flat_map(|(_, found)| found.types());
        let of_errors = self.errors.values().flat_map(ErrorEnum::types);
        let from = methods
            .flat_map(Method::types)
            .chain(of_types)
            .chain(of_errors);
        for name in all.reached(from) {
            if let (false, Some(found)) = (self.types.contains_key(&name), old.types.get(&name)) {
                self.types.insert(name, found.clone());
            }
        }
        self
    }
}

fn remember_methods(old: &Service, now: &mut Service) {
    for (name, method) in old.methods.iter().chain(&old.removed) {
        if answering(now, name).is_none() {
            now.removed
                .entry(name.clone())
                .or_insert_with(|| method.clone());
        }
    }
    for (name, method) in &mut now.methods {
        if let Some(old) = old.methods.get(name) {
            let gone = missing((old.fields(), &old.removed), method.fields());
            method.removed.extend(gone);
        }
    }
}

/// Fields that are not among those that are there now.
fn missing((fields, removed): (&[Field], &[Field]), now: &[Field]) -> Vec<Field> {
    let all = fields.iter().chain(removed);
    let gone = all.filter(|field| !now.iter().any(|one| one.wire == field.wire));
    gone.cloned().collect()
}

fn remember(old: &Type, now: &mut Type) {
    match (old, now) {
        (
            Type::Struct(old),
            Type::Struct(Struct {
                fields, removed, ..
            }),
        )
        | (
            Type::Choice(old),
            Type::Choice(Struct {
                fields, removed, ..
            }),
        ) => {
            removed.extend(missing((&old.fields, &old.removed), fields));
        }
        (
            Type::Message(old),
            Type::Message(Message {
                fields,
                removed,
                reserved,
            }),
        ) => {
            // nothing can take a number that the file reserves
            let reserved = |number: &i64| reserved.has(*number);
            remember_keys((&old.fields, &old.removed), (fields, removed), reserved);
        }
        (
            Type::Numbers(old),
            Type::Numbers(Variants {
                known,
                removed,
                reserved,
                ..
            }),
        ) => {
            let reserved = |number: &i64| {
                reserved
                    .as_ref()
                    .is_some_and(|reserved| reserved.has(*number))
            };
            remember_keys((&old.known, &old.removed), (known, removed), reserved);
        }
        (Type::Texts(old), Type::Texts(Variants { known, removed, .. })) => {
            remember_keys((&old.known, &old.removed), (known, removed), |_| false);
        }
        _ => {}
    }
}

fn remember_keys<K: Ord + Clone, T: Clone>(
    (old, before): (&BTreeMap<K, T>, &BTreeMap<K, T>),
    (now, removed): (&BTreeMap<K, T>, &mut BTreeMap<K, T>),
    safe: impl Fn(&K) -> bool,
) {
    for (key, value) in old.iter().chain(before) {
        if !now.contains_key(key) && !safe(key) {
            removed.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

impl<'a> Diff<'a> {
    /// Compares something with what had its name before it was removed. Whatever breaks peers of then is one finding.
    pub(super) fn reused(
        &mut self,
        rule: &'static str,
        subject: &str,
        help: &str,
        compare: impl FnOnce(&mut Self),
    ) {
        let findings = std::mem::take(&mut self.findings);
        let (compared, structs) = (self.compared.clone(), std::mem::take(&mut self.structs));
        let buried = std::mem::replace(&mut self.buried, true);
        compare(self);
        self.pending_structs();
        let found = std::mem::replace(&mut self.findings, findings);
        (self.compared, self.structs, self.buried) = (compared, structs, buried);
        if let Some(first) = found.iter().find(|one| one.level == Wire) {
            let about = match first.subject == subject {
                true => String::new(),
                false => format!("{} ", first.subject),
            };
            let change = format!(
                "was removed, and comes back as something else: {about}{}",
                first.change
            );
            self.find((Wire, rule), subject, change, help);
        }
    }

    /// Services and methods that were removed once, and are there again.
    pub(super) fn back_again(&mut self) {
        let (before, now) = (self.old, self.new);
        for (path, service) in &now.services {
            let Some(old) = before.services.get(path) else {
                if let Some(removed) = before.removed.get(path) {
                    let subject = format!("the service `{path}`");
                    let help = "give the new service a path that was never used";
                    self.reused("SERVICE_NO_REUSE", &subject, help, |diff| {
                        diff.service(path, removed);
                    });
                }
                continue;
            };
            for (name, removed) in &old.removed {
                let is_new = answering(old, name).is_none();
                if let Some(found) = answering(service, name).filter(|_| is_new) {
                    let subject = format!("the method `{path}.{name}`");
                    let help = "give the new method a name that was never used on the wire";
                    self.reused("METHOD_NO_REUSE", &subject, help, |diff| {
                        diff.method(&subject, removed, found);
                    });
                }
            }
        }
    }
}
