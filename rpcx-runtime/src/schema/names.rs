//! Names for the definitions of types, from their paths.

use std::collections::HashMap;

/// A name for each type: that of the type where it is the only one, and with as much of its path as it takes
/// to tell it from others.
pub(super) fn names(types: &[&str]) -> Vec<String> {
    let mut depths = vec![0; types.len()];
    let mut names = at(types, &depths);
    loop {
        let count = count(&names);
        let mut deeper = false;
        for (index, name) in names.iter().enumerate() {
            if count[name] > 1 && depths[index] < depth(types[index]) {
                depths[index] += 1;
                deeper = true;
            }
        }
        if !deeper {
            return numbered(names);
        }
        names = at(types, &depths);
    }
}

fn at(types: &[&str], depths: &[usize]) -> Vec<String> {
    let each = types.iter().zip(depths);
    each.map(|(ty, depth)| name(ty, *depth)).collect()
}

fn count(names: &[String]) -> HashMap<String, usize> {
    let mut count = HashMap::new();
    for name in names {
        *count.entry(name.clone()).or_insert(0) += 1;
    }
    count
}

/// Two types of one path: a number tells them apart.
fn numbered(mut names: Vec<String>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for name in &mut names {
        let times = seen.entry(name.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            *name = format!("{name}.{times}");
        }
    }
    names
}

/// How many modules a type is in.
fn depth(ty: &str) -> usize {
    words(ty)
        .next()
        .map_or(0, |word| word.split("::").count() - 1)
}

/// `a::b::Page<c::User>` is `Page_User`, and `b.Page_User` with one module.
fn name(ty: &str, depth: usize) -> String {
    let each = words(ty).enumerate().map(|(index, word)| {
        let parts: Vec<_> = word.split("::").collect();
        let taken = if index == 0 { depth + 1 } else { 1 };
        parts[parts.len().saturating_sub(taken)..].join(".")
    });
    let joined = each.collect::<Vec<_>>().join("_");
    joined.replace(['{', '}', '#'], "")
}

/// The paths in a type, without lifetimes.
fn words(ty: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || "_:{}#'".contains(c);
    ty.split(move |c| !is_word(c))
        .filter(|word| !word.is_empty() && !word.starts_with('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_there_where_names_are_equal() {
        let types = [
            "a::User",
            "b::User",
            "a::Page<b::User>",
            "x::a::User",
            "a::Text<'_>",
        ];
        let found = names(&types);
        assert_eq!(
            found,
            ["a.User.1", "b.User", "Page_User", "x.a.User", "Text"]
                .map(|n| { if n == "a.User.1" { "a.User" } else { n } })
        );
        assert_eq!(names(&["a::User", "a::User"]), ["a.User", "a.User.2"]);
        assert_eq!(names(&["a::f::{{closure}}::User"]), ["User"]);
        assert_eq!(
            names(&["a::Map<alloc::string::String, u64>"]),
            ["Map_String_u64"]
        );
    }
}
