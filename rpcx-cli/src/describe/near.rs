//! What a name that is not there may have been meant as.

use super::document::Document;

/// How many names are listed where none is near.
const LISTED: usize = 10;

/// What to try in place of a name.
pub(crate) fn suggestion(document: &Document, name: &str) -> String {
    let mut names = document.names();
    if names.is_empty() {
        return "the server has no services".to_owned();
    }
    let name = name.replace('/', ".");
    let likeness = |one: &String| {
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
