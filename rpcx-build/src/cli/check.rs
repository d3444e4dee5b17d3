//! `check` and `lock`.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use rpcx_schema::lock::{Finding, Level, Lock, diff, lint};
use serde_json::json;

use super::arguments::Check;
use super::package::{Files, output};
use crate::error::Error;
use crate::lock;
use crate::outputs::Outputs;
use crate::source::{Source, Sources};

/// What all services promise now.
fn current(files: &Files) -> Result<Lock, Error> {
    let mut outputs = Outputs::default();
    let mut messages = Vec::new();
    let alone = files.trait_files.len() == 1;
    let mut sources = Vec::new();
    for path in &files.trait_files {
        let source = Source::read(path).and_then(|source| {
            source.expanded(alone)?;
            Ok(source)
        });
        match source {
            Ok(source) => sources.push(source),
            Err(error) => messages.extend(error.messages),
        }
    }
    if messages.is_empty() {
        let sources = Sources(&sources);
        match sources.distinct().and_then(|()| sources.lock()) {
            Ok(lock) => outputs.lock = lock,
            Err(error) => messages.extend(error.messages),
        }
    }
    if let Err(error) = files.protos.generate(None, &mut outputs) {
        messages.extend(error.messages);
    }
    if !messages.is_empty() {
        return Err(Error { messages });
    }
    outputs.finish_lock()
}

pub(super) fn check(files: &Files, options: &Check) -> Result<ExitCode, Error> {
    let now = current(files)?;
    let name = files.lock.display().to_string();
    let (place, before) = match &options.against {
        Some(commit) => (format!("{commit}:{name}"), committed(&files.lock, commit)?),
        None => {
            let Some(before) = lock::read(&files.lock)? else {
                return Err(Error::one(format!(
                    "{name}: there is no lock file\nhelp: write it with `cargo rpcx lock`"
                )));
            };
            (name, Some(before))
        }
    };
    let (changes, warnings) = found(before.as_ref(), &now, options.no_warnings);
    let is_current = before.as_ref()
        == before
            .as_ref()
            .map(|before| before.succeeded_by(now.clone()))
            .as_ref();
    let counts = |finding: &Finding| options.source || finding.level == Level::Wire;
    let broken = changes.iter().flatten().any(counts);
    if options.json {
        let findings: Vec<_> = changes
            .iter()
            .flatten()
            .chain(&warnings)
            .map(object)
            .collect();
        let report = json!({
            "against": place,
            "found": before.is_some(),
            "broken": broken,
            "up_to_date": is_current,
            "findings": findings,
        });
        println!("{report:#}");
    } else {
        for finding in changes.iter().flatten().chain(&warnings) {
            println!("{finding}\n");
        }
        let up_to_date = options.against.is_some() || is_current;
        println!(
            "{place}: {}",
            summary(changes.as_deref(), broken, up_to_date)
        );
    }
    Ok(ExitCode::from(u8::from(broken)))
}

/// The changes, if there is something to compare with, and other warnings; neither with what is accepted.
fn found(
    before: Option<&Lock>,
    now: &Lock,
    no_warnings: bool,
) -> (Option<Vec<Finding>>, Vec<Finding>) {
    let mut changes = before.map(|before| diff(before, now));
    if no_warnings {
        if let Some(changes) = &mut changes {
            changes.retain(|finding| finding.level != Level::Warning);
        }
        return (changes, Vec::new());
    }
    let mut all = changes.clone().unwrap_or_default();
    all.extend(lint(now));
    let all = match before {
        Some(before) => before.unaccepted(all),
        None => all,
    };
    let is_change = |finding: &Finding| changes.iter().flatten().any(|one| one == finding);
    let (kept, others) = all.into_iter().partition(is_change);
    (changes.map(|_| kept), others)
}

fn object(finding: &Finding) -> serde_json::Value {
    json!({
        "level": finding.level.to_string(),
        "rule": finding.rule,
        "subject": finding.subject,
        "change": finding.change,
        "help": finding.help,
    })
}

fn summary(changes: Option<&[Finding]>, broken: bool, up_to_date: bool) -> String {
    let Some(changes) = changes else {
        return "there is no lock file in this commit, so nothing was promised".to_owned();
    };
    let of = |level: Level| {
        changes
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    };
    let mut out = match (of(Level::Wire), of(Level::Source)) {
        (0, 0) => "nothing is broken".to_owned(),
        (wire, source) => format!("broken for peers: {wire}, for code alone: {source}"),
    };
    if broken {
        out.push_str(&format!("\n  help: {}", lock::ACCEPT));
    } else if !up_to_date {
        out.push_str("; the file is not up to date\n  help: a build with `.lock(..)` or `cargo rpcx lock` writes it");
    }
    out
}

/// The lock file of a commit, or nothing if the commit has none.
fn committed(path: &Path, commit: &str) -> Result<Option<Lock>, Error> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let file = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(args);
        output(command, &format!("git {}", args[0]))
    };
    // to its hash first, so that nothing in its name is taken for an option or a path
    let wanted = format!("{commit}^{{commit}}");
    let hash = git(&["rev-parse", "--verify", "--end-of-options", &wanted])?;
    let hash = hash.trim();
    let pattern = format!(":(literal){file}");
    if git(&["ls-tree", "--name-only", hash, "--", &pattern])?.is_empty() {
        return Ok(None);
    }
    let text = git(&["show", &format!("{hash}:./{file}")])?;
    lock::parse(&format!("{commit}:{}", path.display()), &text).map(Some)
}

pub(super) fn lock(files: &Files) -> Result<ExitCode, Error> {
    let now = current(files)?;
    let name = files.lock.display();
    match lock::read(&files.lock) {
        Ok(Some(before)) if before == before.succeeded_by(now.clone()) => {
            println!("{name}: is up to date");
        }
        Ok(before) => {
            for finding in before.iter().flat_map(|before| diff(before, &now)) {
                println!("{finding}\n");
            }
            write(files, &before.unwrap_or_default().succeeded_by(now))?;
        }
        Err(Error { messages }) => {
            // a merge that is not finished, for example
            println!(
                "replaced a file that could not be read: {}\n",
                messages.join("\n")
            );
            write(files, &now)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(files: &Files, now: &Lock) -> Result<(), Error> {
    let name = files.lock.display();
    fs::write(&files.lock, now.render()).map_err(|error| Error::one(format!("{name}: {error}")))?;
    println!("{name}: written");
    Ok(())
}
