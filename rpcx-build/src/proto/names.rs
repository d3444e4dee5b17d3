//! The names that Go programs call a service of a `.proto` file by.

use rpcx_codegen::names::RESERVED;

/// A name as protoc-gen-go writes it: `say_hello` is `SayHello`, `_x` is `XX`, `a_1` is `A_1`.
pub(super) fn go(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    let mut inside_word = false;
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        match c {
            '_' if out.is_empty() => out.push('X'),
            '_' if next_is_lower => {}
            c if inside_word && c.is_ascii_lowercase() => {
                out.push(c);
                continue;
            }
            c => out.push(c.to_ascii_uppercase()),
        }
        // what follows a digit or an underscore begins a word
        inside_word = c.is_ascii_alphabetic();
    }
    out
}

/// The name of a method in Rust, which must not be one of the functions that every client has.
pub(super) fn method(snake: &str) -> String {
    let suffix = if RESERVED.contains(&snake) { "_" } else { "" };
    format!("{snake}{suffix}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_protoc_gen_go_has_them() {
        for (proto, go) in [
            ("SayHello", "SayHello"),
            ("say_hello", "SayHello"),
            ("sayHello", "SayHello"),
            ("say_Hello", "Say_Hello"),
            ("_say", "XSay"),
            ("_Say", "XSay"),
            ("get2nd", "Get2Nd"),
            ("get_2nd", "Get_2Nd"),
            ("HTTPGet", "HTTPGet"),
            ("a__b", "A_B"),
            ("say_", "Say_"),
        ] {
            assert_eq!(super::go(proto), go, "{proto}");
        }
    }
}
