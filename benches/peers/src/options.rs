//! The command line: words, and `--name value` pairs.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// What was given on the command line.
#[derive(Debug, Default)]
pub struct Options {
    words: Vec<String>,
    named: BTreeMap<String, String>,
}

impl Options {
    /// Takes the arguments apart; `known` are the names that may stand behind `--`.
    ///
    /// # Errors
    /// A name that is not known, or one without a value.
    pub fn parse(mut arguments: impl Iterator<Item = String>, known: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            let Some(name) = argument.strip_prefix("--") else {
                options.words.push(argument);
                continue;
            };
            if !known.contains(&name) {
                bail!(
                    "there is no option `--{name}`: known are --{}",
                    known.join(", --")
                );
            }
            let value = arguments
                .next()
                .with_context(|| format!("`--{name}` needs a value"))?;
            options.named.insert(name.to_owned(), value);
        }
        Ok(options)
    }

    /// The word at `position`; `meaning` is named when it is missing.
    ///
    /// # Errors
    /// There are fewer words.
    pub fn word(&self, position: usize, meaning: &str) -> Result<&str> {
        let word = self.words.get(position);
        word.map(String::as_str)
            .with_context(|| format!("{meaning} is missing"))
    }

    /// The value of `--name`, if it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.named.get(name).map(String::as_str)
    }

    /// The value of `--name` as a number, or `default`.
    ///
    /// # Errors
    /// What was given is not a number of that kind.
    pub fn number<N: FromStr>(&self, name: &str, default: N) -> Result<N> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .with_context(|| format!("`--{name} {text}`: not a fitting number"))
    }
}
