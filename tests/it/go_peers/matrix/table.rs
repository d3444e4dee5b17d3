//! The table of what ran, and its place in `tests/interop/README.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::calls::{CASES, SMALL_CASES};
use super::plan::{DIRECTIONS, Group, LINKS, Link, WAYS, Way};

const BEGIN: &str = "<!-- matrix: written by tests/it/go_peers/matrix -->\n";
const END: &str = "<!-- /matrix -->\n";

/// What ran, and how it ended.
#[derive(Default)]
pub(super) struct Table {
    passed: BTreeMap<Group, Vec<&'static str>>,
    failures: Vec<String>,
}

impl Table {
    pub(super) fn passed(&mut self, group: Group, way: Way) {
        self.passed.entry(group).or_default().push(way.name);
    }

    pub(super) fn failed(&mut self, group: Group, what: &str, why: &str) {
        self.failures.push(format!("{group:?}: {what}: {why}"));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.passed.extend(other.passed);
        self.failures.extend(other.failures);
    }

    pub(super) fn assert_passed(&self) {
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
    }

    /// Compares it with the file, but for the rows of networks that this machine does not have.
    /// `UPDATE_EXPANDED=1` writes it anew.
    pub(super) fn compare(&self) {
        let whole = fs::read_to_string(readme()).expect("a file of ours");
        let (before, rest) = whole.split_once(BEGIN).expect("the table has its place");
        let (recorded, after) = rest.split_once(END).expect("the table has an end");
        let now = self.render();
        if env::var_os("UPDATE_EXPANDED").is_some() && LINKS.iter().all(|link| link.is_here()) {
            let whole = format!("{before}{BEGIN}{now}{END}{after}");
            fs::write(readme(), whole).expect("a file of ours");
            return;
        }
        let difference = difference(recorded, &now);
        assert!(
            difference.is_empty(),
            "tests/interop/README.md is not what ran; UPDATE_EXPANDED=1 writes it:\n{difference}"
        );
    }

    fn render(&self) -> String {
        let mut text = String::from(
            "| network | | Go client, Rust server | Rust client, Go server | Rust client, Rust server |\n\
             |---|---|---|---|---|\n",
        );
        let mut notes = Vec::new();
        for link in LINKS {
            let cells =
                DIRECTIONS.map(|direction| self.cell(Group { link, direction }, &mut notes));
            writeln!(text, "{} {} |", start(link), cells.join(" | ")).expect("a string grows");
        }
        text.push('\n');
        for (number, note) in notes.iter().enumerate() {
            writeln!(text, "{}. {note}", number + 1).expect("a string grows");
        }
        let cases = |names: &str| names.replace(',', "`, `");
        let (all, small) = (cases(CASES), cases(SMALL_CASES));
        let end = format!(
            "\nThe Go client runs the cases `{all}`; on kcp `{small}`, because the windows of Go \
             hold 32 packets.\nA Rust client makes such calls too, of up to 1 MiB, on kcp of up to \
             20,000 bytes.\n"
        );
        text + &end
    }

    /// The ways that passed, or the number of the note that says why there are none.
    fn cell(&self, group: Group, notes: &mut Vec<&'static str>) -> String {
        let Some(note) = group.link.unasked(group.direction) else {
            let passed = self.passed.get(&group).map(Vec::as_slice);
            return match passed.unwrap_or_default() {
                all if all.len() == WAYS.len() => "all four".to_owned(),
                some => some.join(", "),
            };
        };
        let known = notes.iter().position(|known| *known == note);
        let number = known.unwrap_or_else(|| {
            notes.push(note);
            notes.len() - 1
        });
        format!("none ({})", number + 1)
    }
}

fn start(link: Link) -> String {
    let security = if link.tls { "TLS" } else { "plain" };
    format!("| {} | {security} |", link.network)
}

/// The lines that only one of them has.
fn difference(recorded: &str, now: &str) -> String {
    let absent: Vec<_> = LINKS.iter().filter(|link| !link.is_here()).collect();
    let counts = |line: &&str| !absent.iter().any(|link| line.starts_with(&start(**link)));
    let lines =
        |text: &'_ str| -> Vec<String> { text.lines().filter(counts).map(str::to_owned).collect() };
    let (recorded, now) = (lines(recorded), lines(now));
    let mut text = String::new();
    for (sign, these, those) in [('-', &recorded, &now), ('+', &now, &recorded)] {
        for line in these.iter().filter(|line| !those.contains(line)) {
            writeln!(text, "{sign}{line}").expect("a string grows");
        }
    }
    text
}

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/README.md")
}
