//! Comments of `.proto` files as documentation of Rust items.
//!
//! rustdoc reads documentation as Markdown, and runs code in it as a test unless told otherwise. Comments
//! of `.proto` files have no such rules: what is indented there, or fenced, is text.

use prost_types::FileDescriptorProto;

/// A line that is indented by so many columns is code in Markdown.
const CODE: usize = 4;

/// Rewrites all comments of a file.
pub(super) fn for_rust(file: &mut FileDescriptorProto) {
    let locations = file.source_code_info.iter_mut();
    for location in locations.flat_map(|info| &mut info.location) {
        let own = location.leading_comments.iter_mut();
        for comment in own.chain(&mut location.trailing_comments) {
            *comment = documentation(comment);
        }
    }
}

/// The text with every code block marked as text, and nothing in it that Markdown takes for a tag.
fn documentation(comment: &str) -> String {
    let text = comment.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let margin = margin(&text);
    let mut page = Page::default();
    for line in text.lines() {
        let (indent, rest) = indentation(line);
        // prost makes no difference between one column and none
        let indent = match indent.saturating_sub(margin) {
            1 => 0,
            indent => indent,
        };
        page.line(indent, rest);
    }
    page.end()
}

/// Control characters, and those that turn the direction of text, which rustc refuses in comments.
fn is_invisible(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

/// The columns that all lines begin with, as behind `//` or between the stars of a block.
fn margin(text: &str) -> usize {
    let lines = text.lines().map(indentation);
    let with_text = lines.filter(|(_, rest)| !rest.is_empty());
    with_text.map(|(indent, _)| indent).min().unwrap_or(0)
}

/// The columns of white space before a line, and the line without them.
fn indentation(line: &str) -> (usize, &str) {
    let rest = line.trim_start();
    let mut columns = 0;
    for c in line[..line.len() - rest.len()].chars() {
        columns += if c == '\t' { CODE - columns % CODE } else { 1 };
    }
    (columns, rest.trim_end())
}

/// What is written so far, and what the next line is part of.
#[derive(Default)]
struct Page {
    out: String,
    open: Block,
    /// The column where the text of the innermost list item begins; 0 outside of lists.
    item: usize,
    /// Empty lines whose place is known once the next line is.
    empty: usize,
    /// The lines of a block of indented text.
    indented: Vec<String>,
}

/// What the last line belongs to.
#[derive(Clone, Copy, Default, PartialEq)]
enum Block {
    /// Nothing that goes on.
    #[default]
    None,
    /// A line of text, which the next line can go on with.
    Paragraph,
    /// Indented text, from this column.
    Indented(usize),
    /// Text behind a fence at `column`, until a line of as many of the same signs.
    Fenced {
        column: usize,
        sign: char,
        count: usize,
    },
}

impl Page {
    fn line(&mut self, indent: usize, rest: &str) {
        if let Block::Fenced {
            column,
            sign,
            count,
        } = self.open
        {
            return self.fenced(indent.max(column), rest, (sign, count));
        }
        if rest.is_empty() {
            self.empty += 1;
            if self.open == Block::Paragraph {
                self.open = Block::None;
            }
            return;
        }
        if let Block::Indented(column) = self.open {
            if indent >= column {
                return self.more(indent - column, rest);
            }
            self.close();
        }
        self.text(indent, rest);
    }

    /// A line that no block goes on with.
    fn text(&mut self, indent: usize, rest: &str) {
        // Whether a list ends here is not always clear. Taking it for ended is safe: then less is text of
        // a list, and more is marked as text.
        if indent < self.item {
            self.item = 0;
        }
        if indent >= self.item + CODE {
            match self.open {
                // more of the paragraph: how far it is indented means nothing there
                Block::Paragraph => return self.prose(self.item, rest),
                _ => return self.indented(rest, indent),
            }
        }
        if let Some((sign, count)) = fence(rest) {
            self.put(indent, &format!("{}text", sign.to_string().repeat(count)));
            self.open = Block::Fenced {
                column: indent,
                sign,
                count,
            };
            return;
        }
        self.prose(indent, rest);
    }

    /// The first line of indented text.
    fn indented(&mut self, rest: &str, indent: usize) {
        let column = self.item + CODE;
        for _ in 0..std::mem::take(&mut self.empty) {
            self.out.push('\n');
        }
        self.open = Block::Indented(column);
        self.more(indent - column, rest);
    }

    fn more(&mut self, indent: usize, rest: &str) {
        let empty = std::mem::take(&mut self.empty);
        self.indented
            .extend(std::iter::repeat_n(String::new(), empty));
        self.indented.push(" ".repeat(indent) + rest);
    }

    fn fenced(&mut self, indent: usize, rest: &str, (sign, count): (char, usize)) {
        let closes = rest.len() >= count && rest.chars().all(|c| c == sign);
        match closes {
            true => self.close(),
            false if rest.is_empty() => self.empty += 1,
            false => self.put(indent, rest),
        }
    }

    /// Text that is neither indented nor fenced. Behind the signs of lists and quotes it can be once more.
    fn prose(&mut self, indent: usize, rest: &str) {
        if is_rule(rest) {
            self.item = 0;
            self.open = Block::None;
            return self.put(indent, rest);
        }
        let (mut line, mut inner) = (String::new(), rest);
        let mut quoted = false;
        while let Some((marker, behind)) = marker(inner) {
            // in the middle of a paragraph such a number is a part of the text
            let number = marker.len() > 1 && marker != "1." && marker != "1)";
            if line.is_empty() && self.open == Block::Paragraph && number {
                break;
            }
            quoted |= marker == ">";
            line.push_str(marker);
            line.push(' ');
            inner = behind.trim_start();
        }
        if !line.is_empty() {
            let in_item = !quoted && !inner.is_empty();
            self.item = if in_item { indent + line.len() } else { 0 };
        }
        let is_text = !inner.is_empty();
        if fence(inner).is_some() {
            line.push('\\');
        }
        line.push_str(&escaped(inner));
        self.put(indent, line.trim_end());
        self.open = if is_text {
            Block::Paragraph
        } else {
            Block::None
        };
    }

    /// Ends a block of text with the fence that it began with.
    fn close(&mut self) {
        match self.open {
            Block::Indented(column) => self.write_indented(column - CODE),
            Block::Fenced {
                column,
                sign,
                count,
            } => self.put(column, &sign.to_string().repeat(count)),
            Block::None | Block::Paragraph => {}
        }
        self.open = Block::None;
    }

    /// Between fences that are longer than those in the text.
    fn write_indented(&mut self, column: usize) {
        let empty = std::mem::take(&mut self.empty);
        let lines = std::mem::take(&mut self.indented);
        let fences = lines.iter().filter_map(|line| fence(line.trim_start()));
        let longest = fences.map(|(_, count)| count + 1).max();
        let fence = "`".repeat(longest.unwrap_or(3));
        self.put(column, &format!("{fence}text"));
        for line in lines {
            match line.is_empty() {
                true => self.empty += 1,
                false => self.put(column, &line),
            }
        }
        self.put(column, &fence);
        self.empty = empty;
    }

    fn put(&mut self, indent: usize, line: &str) {
        for _ in 0..std::mem::take(&mut self.empty) {
            self.out.push('\n');
        }
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn end(mut self) -> String {
        self.close();
        self.out
    }
}

/// The sign of a fence and how many there are.
fn fence(line: &str) -> Option<(char, usize)> {
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == sign).count();
    // a run of backticks with another behind it is code within a line
    let inline = sign == '`' && line[count..].contains('`');
    (count >= 3 && !inline).then_some((sign, count))
}

/// The sign of a list item or a quote that a line begins with, and what is behind it.
fn marker(line: &str) -> Option<(&str, &str)> {
    if let Some(behind) = line.strip_prefix('>') {
        return Some((">", behind));
    }
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let length = match line[digits..].chars().next()? {
        '-' | '*' | '+' if digits == 0 => 1,
        '.' | ')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    let behind = &line[length..];
    (behind.is_empty() || behind.starts_with([' ', '\t'])).then(|| (&line[..length], behind))
}

/// A line of nothing but three or more signs, which is drawn as a line.
fn is_rule(line: &str) -> bool {
    let mut signs = line.chars().filter(|c| *c != ' ' && *c != '\t');
    let Some(first @ ('-' | '*' | '_')) = signs.next() else {
        return false;
    };
    let rest: Vec<char> = signs.collect();
    rest.len() >= 2 && rest.iter().all(|c| *c == first)
}

/// Escapes what would be an HTML tag, or a link to an item that does not exist, outside of `code`.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '`', '\\', '[', ']']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escape, taken) = match rest.as_bytes()[0] {
            b'`' => (false, code(rest)),
            b'\\' => (
                false,
                1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            ),
            b'[' => link(rest).map_or((true, 1), |length| (false, length)),
            b']' => (true, 1),
            _ => (is_tag(&rest[1..]), 1),
        };
        if escape {
            out.push('\\');
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out + rest
}

/// The length of a link such as `[text](https://host)`.
fn link(line: &str) -> Option<usize> {
    let text = line[1..].find(['[', ']', '<', '`', '\\'])? + 1;
    let target = line[text..].strip_prefix("](")?;
    let length = target.find(')')?;
    let is_address = ["http://", "https://"]
        .iter()
        .any(|scheme| target.starts_with(scheme));
    let is_plain = !target[..length].contains([' ', '<', '>', '(']);
    (is_address && is_plain).then_some(text + 2 + length + 1)
}

/// The length of the code that a line begins with, or of the backticks that begin none.
fn code(line: &str) -> usize {
    let ticks = line.chars().take_while(|c| *c == '`').count();
    let mut at = ticks;
    while let Some(found) = line[at..].find('`') {
        at += found;
        let count = line[at..].chars().take_while(|c| *c == '`').count();
        at += count;
        if count == ticks {
            return at;
        }
    }
    ticks
}

/// Whether this, behind `<`, is the beginning of a tag and not of an address.
fn is_tag(line: &str) -> bool {
    let address = ["http://", "https://", "mailto:"];
    let begins = line.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
    begins && !address.iter().any(|scheme| line.starts_with(scheme))
}
