//! Warnings that are as they are meant to be.

use super::finding::{Finding, Level};
use super::lint::RULES;
use super::{Accepted, Lock};

impl Lock {
    /// Without the warnings that this lock file accepts. What it accepts and is not there any more is a warning itself.
    pub fn unaccepted(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let is = |accepted: &Accepted, finding: &Finding| {
            finding.level == Level::Warning
                && accepted.rule == finding.rule
                && plain(&accepted.subject) == plain(&finding.subject)
        };
        let unused = self.accepted.iter().filter(|accepted| {
            // a change has its warnings only until it is written down
            RULES.contains(&&*accepted.rule)
                && !findings.iter().any(|finding| is(accepted, finding))
        });
        let unused: Vec<Finding> = unused.map(unused_finding).collect();
        let mut open: Vec<Finding> = findings
            .iter()
            .filter(|finding| !self.accepted.iter().any(|accepted| is(accepted, finding)))
            .cloned()
            .collect();
        open.extend(unused);
        open
    }
}

/// Backquotes are easily forgotten.
fn plain(subject: &str) -> String {
    subject.replace('`', "")
}

fn unused_finding(accepted: &Accepted) -> Finding {
    Finding {
        rule: "ACCEPTED_IS_USED",
        level: Level::Warning,
        subject: format!(
            "the accepted warning {} for {}",
            accepted.rule, accepted.subject
        ),
        change: "is not there any more".to_owned(),
        help: "take it out of `accepted` in the lock file".to_owned(),
    }
}
