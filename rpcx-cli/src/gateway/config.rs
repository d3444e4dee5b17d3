//! Options from the environment and from a file: what stands there is the default of an option.

use std::ffi::OsString;
use std::path::Path;

use clap::Command;
use toml::{Table, Value};

use crate::outcome::Outcome;

/// Gives each option a variable of the environment, unless it has one.
pub(crate) fn with_environment(command: Command) -> Command {
    command.mut_args(|argument| {
        if argument.get_env().is_some() {
            return argument;
        }
        let name = argument.get_id().as_str().to_ascii_uppercase();
        let name = name.replace('-', "_");
        // Lists are on the command line as several arguments.
        match name.as_str() {
            "SERVERS" => argument.env("RPCX_GATEWAY_SERVERS").value_delimiter(','),
            _ => argument.env(format!("RPCX_GATEWAY_{name}")),
        }
    })
}

/// Gives options the values of a file. Names are those of the command line, with `-` or `_`.
pub(crate) fn with_file(mut command: Command, file: &Path) -> Result<Command, Outcome> {
    let wrong = |text: String| Outcome::usage(format!("{}: {text}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    for (key, value) in table {
        let id = key.replace('-', "_");
        if id == "config" || !is_known(&command, &id) {
            let near = nearest(&command, &id);
            let text = wrong(format!("there is no option `{key}`"));
            return Err(text.hint(format!("is `{near}` meant?")));
        }
        let values = values(&value).ok_or_else(|| {
            wrong(format!(
                "`{key}` has to be a text, a number, true, false, or a list of texts"
            ))
        })?;
        command = command.mut_arg(&id, |argument| {
            argument.default_values(values).required(false)
        });
    }
    Ok(command)
}

fn is_known(command: &Command, id: &str) -> bool {
    let mut arguments = command.get_arguments();
    arguments.any(|argument| argument.get_id().as_str() == id)
}

/// The option whose name is most like one that is not there.
fn nearest(command: &Command, id: &str) -> String {
    let names = command
        .get_arguments()
        .map(|argument| argument.get_id().as_str());
    let like = |name: &&str| (strsim::jaro_winkler(name, id) * 1000.0) as u32;
    let nearest = names.filter(|name| *name != "config").max_by_key(like);
    nearest.unwrap_or_default().replace('_', "-")
}

fn values(value: &Value) -> Option<Vec<OsString>> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(is) => is.to_string(),
        Value::Array(list) => {
            let texts = list.iter().map(|one| one.as_str().map(OsString::from));
            return texts.collect();
        }
        Value::Datetime(_) | Value::Table(_) => return None,
    };
    Some(vec![text.into()])
}
