//! What a name that is not there may have been meant as.

use super::document::Document;

/// How many names are listed where none is near.
const LISTED: usize = 10;

/// What to try in place of the name of a method.
pub(crate) fn suggestion(document: &Document, name: &str) -> String {
    let names = document.names();
    let names = names.iter().map(String::as_str).collect();
    near(names, &name.replace('/', "."), "there are no services")
}

/// What to try in place of a name; `none` if there are no names.
pub(crate) fn near(mut names: Vec<&str>, name: &str, none: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    let likeness = |one: &&str| {
        let (one, name) = (one.to_lowercase(), name.to_lowercase());
        (strsim::jaro_winkler(&one, &name) * 1000.0) as u32
    };
    names.sort_by_cached_key(|one| std::cmp::Reverse(likeness(one)));
    let near = names.first().filter(|first| likeness(first) > 850);
    match near {
        Some(near) => format!("is `{near}` meant?"),
        None => {
            let more = names.len().saturating_sub(LISTED);
            names.truncate(LISTED);
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("there are {}{more}", names.join(", "))
        }
    }
}
