//! Tokens as lines that can be read, without a formatter: for looking at what a macro expands to.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// Lines are broken at commas from here on.
const WIDTH: usize = 100;

/// What is written without space inside.
const OPERATORS: [&str; 11] = [
    "::", "->", "=>", "==", "!=", "<=", "&&", "||", "..", "..=", "+=",
];

/// The tokens as text with line breaks and indentation, which reads back as the same tokens. Where that
/// fails, because a macro made tokens that have no text of their own, `None`.
pub fn text(tokens: &TokenStream) -> Option<String> {
    let mut printer = Printer::default();
    printer.stream(tokens, Within::Braces);
    let out = printer.finish();
    let again: TokenStream = out.parse().ok()?;
    (flat(&again) == flat(tokens)).then_some(out)
}

/// All tokens without space, and without the invisible groups that macros put around what they are given.
fn flat(tokens: &TokenStream) -> String {
    let each = tokens.clone().into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let (open, close) = delimiters(group.delimiter());
            format!("{open}{}{close}", flat(&group.stream()))
        }
        other => other.to_string(),
    });
    each.collect()
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// What commas mean here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// They end a line.
    Braces,
    /// They end a line if all does not fit into one.
    Broken,
    Flat,
}

/// What was written last, as far as it decides on a space.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Start,
    Word,
    /// A word that cannot be called, so a parenthesis after it stands by itself.
    Keyword,
    /// Takes no space behind it.
    Tight,
    /// Takes one.
    Operator,
    /// The end of a group.
    Close,
}

#[derive(Default)]
struct Printer {
    out: String,
    /// The line that is being written.
    line: String,
    depth: usize,
    /// How many `<` are open in this statement.
    angles: usize,
    last: Last,
}

impl Printer {
    fn finish(mut self) -> String {
        self.newline();
        self.out
    }

    fn newline(&mut self) {
        let line = self.line.trim_end();
        if !line.is_empty() {
            self.out.push_str(&"    ".repeat(self.depth));
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.line.clear();
        self.angles = 0;
        self.last = Last::Start;
    }

    fn write(&mut self, text: &str, spaced: bool, last: Last) {
        if spaced && !matches!(self.last, Last::Start | Last::Tight) {
            self.line.push(' ');
        }
        self.line.push_str(text);
        self.last = last;
    }

    fn stream(&mut self, tokens: &TokenStream, within: Within) {
        let mut tokens = tokens.clone().into_iter().peekable();
        let mut attribute = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let ends = group.delimiter() == Delimiter::Brace
                        && tokens.peek().is_none_or(|next| !continues(next));
                    self.group(&group);
                    let item = attribute && group.delimiter() == Delimiter::Bracket;
                    if within == Within::Braces && (ends || item) {
                        self.newline();
                    }
                    attribute = false;
                }
                TokenTree::Punct(punct) => {
                    let mut operator = punct.as_char().to_string();
                    let mut spacing = punct.spacing();
                    while let (Spacing::Joint, Some(TokenTree::Punct(next))) =
                        (spacing, tokens.peek())
                        && OPERATORS.contains(&&*format!("{operator}{}", next.as_char()))
                    {
                        operator.push(next.as_char());
                        spacing = next.spacing();
                        tokens.next();
                    }
                    attribute = operator == "#" || (attribute && operator == "!");
                    self.operator(&operator, within);
                }
                word => {
                    attribute = false;
                    let text = word.to_string();
                    let last = match &*text {
                        "in" | "as" | "match" | "return" | "move" | "mut" | "if" | "for"
                        | "const" | "let" | "else" | "use" | "impl" | "dyn" | "type" => {
                            Last::Keyword
                        }
                        _ => Last::Word,
                    };
                    self.write(&text, true, last);
                }
            }
        }
    }

    fn operator(&mut self, operator: &str, within: Within) {
        match operator {
            "," | ";" => {
                self.write(operator, false, Last::Operator);
                let ends = match within {
                    Within::Braces => operator == ";" || self.angles == 0,
                    Within::Broken => operator == "," && self.angles == 0,
                    Within::Flat => false,
                };
                if ends {
                    self.newline();
                }
            }
            "::" | "." | "<" => {
                // a path or a type that begins with it is a word of its own
                let generic = operator == "<" && self.line.ends_with("impl");
                let begins = matches!(self.last, Last::Operator | Last::Keyword) && !generic;
                self.angles += usize::from(operator == "<");
                self.write(operator, begins, Last::Tight);
            }
            ">" | "?" => {
                self.angles = self.angles.saturating_sub(usize::from(operator == ">"));
                self.write(operator, false, Last::Close);
            }
            ":" => self.write(operator, false, Last::Operator),
            "!" if self.last == Last::Word => self.write(operator, false, Last::Word),
            "&" | "&&" | "!" | "'" | "#" | "*" | "$" => self.write(operator, true, Last::Tight),
            _ => self.write(operator, true, Last::Operator),
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = delimiters(group.delimiter());
        match group.delimiter() {
            Delimiter::None => self.stream(&group.stream(), Within::Flat),
            Delimiter::Brace if group.stream().is_empty() => self.write("{}", true, Last::Close),
            Delimiter::Brace => self.block(group, Within::Braces),
            _ => {
                let inside = one_line(&group.stream());
                let spaced = matches!(self.last, Last::Operator | Last::Keyword);
                match inside {
                    Some(inside) if self.line.len() + inside.len() < WIDTH => {
                        self.write(&format!("{open}{inside}{close}"), spaced, Last::Close);
                    }
                    _ => self.block(group, Within::Broken),
                }
            }
        }
    }

    /// A group with its content on lines of their own.
    fn block(&mut self, group: &Group, within: Within) {
        let (open, close) = delimiters(group.delimiter());
        let spaced =
            within == Within::Braces || matches!(self.last, Last::Operator | Last::Keyword);
        self.write(open, spaced, Last::Tight);
        self.newline();
        self.depth += 1;
        self.stream(&group.stream(), within);
        self.newline();
        self.depth -= 1;
        self.write(close, false, Last::Close);
    }
}

/// Whether `next` belongs to the block before it.
fn continues(next: &TokenTree) -> bool {
    match next {
        TokenTree::Punct(punct) => matches!(punct.as_char(), ',' | ';' | '.' | '?'),
        TokenTree::Ident(word) => word == "else",
        _ => false,
    }
}

/// The tokens as one line, unless a block is among them.
fn one_line(tokens: &TokenStream) -> Option<String> {
    let mut printer = Printer::default();
    printer.stream(tokens, Within::Flat);
    let text = printer.line;
    (printer.out.is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_reads_like_code() {
        let code = "#[doc = \" x\"] pub trait A: Send { fn f(&self, a: Vec<u8>, b: &'a str) -> impl ::f::Future<Output = Result<()>> + Send; } \
                    const _: () = { use ::rpcx::__private as __rpcx; impl<T> A for B<T> where T: C { fn f() -> R<A, B> { match x { 1 => {} _ => __x::<M>(y)?, } } } };";
        let printed = text(&code.parse().unwrap()).unwrap();
        let wanted = "#[doc = \" x\"]
pub trait A: Send {
    fn f(&self, a: Vec<u8>, b: &'a str) -> impl ::f::Future<Output = Result<()>> + Send;
}
const _: () = {
    use ::rpcx::__private as __rpcx;
    impl<T> A for B<T> where T: C {
        fn f() -> R<A, B> {
            match x {
                1 => {}
                _ => __x::<M>(y)?,
            }
        }
    }
};
";
        assert_eq!(printed, wanted);
    }

    #[test]
    fn what_would_read_back_as_something_else_is_refused() {
        let mut tokens: TokenStream = "a".parse().unwrap();
        tokens.extend([TokenTree::Punct(proc_macro2::Punct::new(
            '\'',
            Spacing::Joint,
        ))]);
        assert_eq!(text(&tokens), None);
    }
}
