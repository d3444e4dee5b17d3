//! Tokens to declarations. Bodies of functions are only kept as tokens.

use super::Remark;
use super::handlers::handler;
use super::lexer::{Comment, Kind, Lexed, Token, is_keyword};
use super::syntax::{Constant, File, Function, Type, TypeDecl, Value, Variable, Written};

/// Deeper types and values are refused, because the parser calls itself for each level.
const DEPTH: usize = 40;

pub(super) type Parsed<T> = Result<T, Remark>;

/// A file of tokens to its declarations.
pub(super) fn parse(lexed: Lexed) -> Parsed<File> {
    let mut parser = Parser {
        tokens: lexed.tokens,
        comments: lexed.comments,
        next: 0,
        depth: 0,
    };
    parser.file()
}

pub(super) struct Parser {
    /// Never empty: the last one is the end.
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    next: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    /// The token `ahead` of the next one, or the end.
    pub(super) fn peek_at(&self, ahead: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.next + ahead).min(last)]
    }

    pub(super) fn bump(&mut self) -> Token {
        let token = self.peek().clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes the mark or the word, if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.peek().is(text);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn expect(&mut self, text: &str) -> Parsed<Token> {
        if self.peek().is(text) {
            return Ok(self.bump());
        }
        Err(self.unexpected(&format!("`{text}`")))
    }

    pub(super) fn unexpected(&self, wanted: &str) -> Remark {
        let found = self.peek();
        let shown: String = found.text.chars().take(40).collect();
        found
            .at
            .remark(format!("expected {wanted}, found `{shown}`"))
    }

    /// A name, which is no keyword.
    pub(super) fn name(&mut self) -> Parsed<Token> {
        let token = self.peek();
        if token.kind == Kind::Word && !is_keyword(&token.text) {
            return Ok(self.bump());
        }
        Err(self.unexpected("a name"))
    }

    /// Takes semicolons.
    pub(super) fn lines(&mut self) {
        while self.peek().kind == Kind::Semicolon {
            self.bump();
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    /// Runs `parse` one level deeper.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            return Err(self.peek().at.remark("this is nested too deeply"));
        }
        self.depth += 1;
        let out = parse(self);
        self.depth -= 1;
        out
    }

    /// The comment that ends in the line above the next token, which must be the first of its line.
    pub(super) fn docs(&self) -> String {
        let at = self.peek().at;
        let mut line = at.line;
        let before = self.next.checked_sub(1).map(|before| &self.tokens[before]);
        if before.is_some_and(|before| before.at.line == line) {
            return String::new();
        }
        let mut lines: Vec<&str> = Vec::new();
        let end = self
            .comments
            .partition_point(|comment| comment.last < at.line);
        for comment in self.comments[..end].iter().rev() {
            if comment.last + 1 != line || !comment.alone {
                break;
            }
            line = comment.first;
            let is_directive = comment.text.starts_with("go:");
            if !is_directive {
                lines.extend(comment.text.lines().rev());
            }
        }
        lines.reverse();
        let lines: Vec<&str> = lines
            .into_iter()
            .map(|line| line.trim().trim_start_matches('*').trim())
            .collect();
        lines.join("\n").trim().to_owned()
    }

    fn file(&mut self) -> Parsed<File> {
        let mut file = File::default();
        self.lines();
        file.docs = self.docs();
        self.expect("package")?;
        file.package = self.name()?.text;
        loop {
            self.lines();
            let token = self.peek().clone();
            match &*token.text {
                _ if token.kind == Kind::End => return Ok(file),
                _ if token.kind != Kind::Word => return Err(self.unexpected("a declaration")),
                "import" => self.group(|parser, _| parser.import(&mut file))?,
                "type" => self.group(|parser, docs| {
                    let declaration = parser.type_declaration(docs)?;
                    file.types.push(declaration);
                    Ok(())
                })?,
                "const" => self.constants(&mut file)?,
                "var" => self.group(|parser, _| parser.variable(&mut file))?,
                "func" => {
                    let function = self.function()?;
                    let literals = literals(&function.body);
                    let all = literals.iter().chain([&function]);
                    file.handlers.extend(all.filter_map(handler));
                    file.literals.extend(literals);
                    file.functions.push(function);
                }
                _ => return Err(self.unexpected("a declaration")),
            }
        }
    }

    /// The part behind `import`, `type` or `const`: one specification, or several in parentheses. `one`
    /// is given the comment above the keyword, for a single specification.
    fn group(&mut self, mut one: impl FnMut(&mut Self, &str) -> Parsed<()>) -> Parsed<()> {
        let docs = self.docs();
        self.bump();
        if !self.eat("(") {
            return one(self, &docs);
        }
        loop {
            self.lines();
            if self.eat(")") {
                return Ok(());
            }
            one(self, "")?;
            if !self.peek().is(")") && self.peek().kind != Kind::Semicolon {
                return Err(self.unexpected("`)` or a new line"));
            }
        }
    }

    fn import(&mut self, file: &mut File) -> Parsed<()> {
        let mut name = None;
        if self.peek().kind == Kind::Word || self.peek().is(".") {
            name = Some(self.bump().text);
        }
        if self.peek().kind != Kind::Text {
            return Err(self.unexpected("the path of a package"));
        }
        let path = self.bump().text;
        let last = path.rsplit('/').next().unwrap_or_default().to_owned();
        file.imports.push((name.unwrap_or(last), path));
        Ok(())
    }

    fn type_declaration(&mut self, docs: &str) -> Parsed<TypeDecl> {
        let own = self.docs();
        let name = self.name()?;
        let parameters = match self.peek().is("[") && self.is_parameter_list() {
            true => self.type_parameters(),
            false => Vec::new(),
        };
        let alias = self.eat("=");
        let mut ty = self.ty()?;
        ty.bind(&parameters);
        Ok(TypeDecl {
            at: name.at,
            docs: if own.is_empty() { docs.to_owned() } else { own },
            name: name.text,
            alias,
            parameters,
            ty,
        })
    }

    /// The names in `[K comparable, V any]`, which is taken.
    fn type_parameters(&mut self) -> Vec<String> {
        let start = self.next;
        self.skip_group();
        let mut names = Vec::new();
        let mut open = 0_usize;
        for pair in self.tokens[start..self.next].windows(2) {
            if ["(", "[", "{"].iter().any(|mark| pair[0].is(mark)) {
                open += 1;
            } else if [")", "]", "}"].iter().any(|mark| pair[0].is(mark)) {
                open = open.saturating_sub(1);
            }
            let begins = open == 1 && (pair[0].is("[") || pair[0].is(","));
            if begins && pair[1].kind == Kind::Word {
                names.push(pair[1].text.clone());
            }
        }
        names
    }

    /// `[T any]`, not the length of an array.
    fn is_parameter_list(&self) -> bool {
        let (first, second) = (self.peek_at(1), self.peek_at(2));
        first.kind == Kind::Word
            && (second.kind == Kind::Word || second.is(",") || second.is("~") || second.is("["))
    }

    fn constants(&mut self, file: &mut File) -> Parsed<()> {
        let mut iota = 0;
        let mut before: (Option<Type>, Vec<Value>) = (None, Vec::new());
        self.group(|parser, docs| {
            let (own, mut names) = (parser.docs(), vec![parser.name()?]);
            while parser.eat(",") {
                names.push(parser.name()?);
            }
            let typed = parser.peek().kind != Kind::Semicolon
                && !parser.peek().is("=")
                && !parser.peek().is(")")
                && !parser.at_end();
            let ty = if typed { Some(parser.ty()?) } else { None };
            if parser.eat("=") {
                let mut values = vec![parser.value()?];
                while parser.eat(",") {
                    values.push(parser.value()?);
                }
                before = (ty, values);
            }
            for (index, name) in names.into_iter().enumerate() {
                file.constants.push(Constant {
                    name: name.text,
                    docs: if own.is_empty() {
                        docs.to_owned()
                    } else {
                        own.clone()
                    },
                    ty: before.0.clone(),
                    value: before.1.get(index).cloned().unwrap_or(Value::Unknown),
                    iota,
                });
            }
            iota += 1;
            Ok(())
        })
    }

    /// `name Type = value`, of which one part may be missing.
    fn variable(&mut self, file: &mut File) -> Parsed<()> {
        let mut names = vec![self.name()?.text];
        while self.eat(",") {
            names.push(self.name()?.text);
        }
        let ty = match self.peek().is("=") {
            true => None,
            false => Some(self.ty()?),
        };
        let start = self.next;
        self.skip_statement();
        let mut tokens = &self.tokens[start..self.next];
        if let [equals, rest @ ..] = tokens
            && equals.is("=")
        {
            tokens = rest;
        }
        // of several names each would have its part, and none is of use here
        let value = if names.len() == 1 { tokens } else { &[] };
        file.variables
            .extend(names.into_iter().map(|name| Variable {
                name,
                ty: ty.clone(),
                value: value.to_vec(),
            }));
        Ok(())
    }

    fn function(&mut self) -> Parsed<Function> {
        let docs = self.docs();
        self.bump();
        let (receiver, receiver_name, receiver_parameters) = match self.peek().is("(") {
            true => self.receiver()?,
            false => (None, String::new(), Vec::new()),
        };
        let name = self.name()?;
        let generic = self.peek().is("[");
        if generic {
            self.skip_group();
        }
        let (mut parameters, mut results) = self.signature()?;
        for parameter in parameters.iter_mut().chain(&mut results) {
            parameter.ty.bind(&receiver_parameters);
        }
        let start = self.next;
        if self.peek().is("{") {
            self.skip_group();
        }
        let body = self.tokens[start..self.next].to_vec();
        Ok(Function {
            receiver,
            receiver_name,
            receiver_parameters,
            name: name.text,
            at: name.at,
            docs,
            parameters,
            results,
            generic,
            instances: instances(&body),
            body,
        })
    }

    /// Takes everything up to the end of the statement, whatever stands in brackets on the way.
    pub(super) fn skip_statement(&mut self) {
        while !self.at_end() && self.peek().kind != Kind::Semicolon {
            if self.peek().is(")") || self.peek().is("}") || self.peek().is("]") {
                return;
            }
            self.skip_one();
        }
    }

    fn skip_one(&mut self) {
        if ["(", "[", "{"].iter().any(|open| self.peek().is(open)) {
            self.skip_group();
        } else {
            self.bump();
        }
    }

    /// Takes a bracket and everything up to the one that closes it.
    pub(super) fn skip_group(&mut self) {
        let mut open = 0_usize;
        while !self.at_end() {
            let token = self.bump();
            if ["(", "[", "{"].iter().any(|mark| token.is(mark)) {
                open += 1;
            } else if [")", "]", "}"].iter().any(|mark| token.is(mark)) {
                open = open.saturating_sub(1);
                if open == 0 {
                    return;
                }
            }
        }
    }
}

/// Types with arguments in a body, as far as they look like one: `Name[A]{`, `new(Name[A])` and `NewName[A](`.
fn instances(body: &[Token]) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    for at in 0..body.len().saturating_sub(1) {
        let is_name = body[at].kind == Kind::Word && !is_keyword(&body[at].text);
        let inside = found.last().is_some_and(|last| at < last.end);
        if !is_name || !body[at + 1].is("[") || inside {
            continue;
        }
        let qualified = at >= 2 && body[at - 1].is(".") && body[at - 2].kind == Kind::Word;
        let start = if qualified { at - 2 } else { at };
        let Some((ty, length)) = type_of_tokens(&body[start..]) else {
            continue;
        };
        let end = start + length;
        let follows = body.get(end);
        if follows.is_some_and(|next| ["{", "(", ")"].iter().any(|mark| next.is(mark))) {
            found.push(Written { start, end, ty });
        }
    }
    found
}

/// The functions without a name in a body.
fn literals(body: &[Token]) -> Vec<Function> {
    let starts = (0..body.len()).filter(|at| body[*at].is("func"));
    let found = starts.filter_map(|start| {
        let mut parser = short(&body[start + 1..])?;
        let (parameters, results) = parser.signature().ok()?;
        // a type of a function has no body
        if !parser.peek().is("{") {
            return None;
        }
        let rest = &body[start + 1 + parser.next..];
        let length = super::values::group(rest)?;
        Some(Function {
            receiver: None,
            receiver_name: String::new(),
            receiver_parameters: Vec::new(),
            name: String::new(),
            at: body[start].at,
            docs: String::new(),
            parameters,
            results,
            generic: false,
            body: rest[..length].to_vec(),
            instances: Vec::new(),
        })
    });
    found.collect()
}

/// A parser of the first tokens of a body.
fn short(tokens: &[Token]) -> Option<Parser> {
    /// Types and signatures are short.
    const LONGEST: usize = 200;
    let mut tokens: Vec<Token> = tokens.iter().take(LONGEST).cloned().collect();
    let mut end = tokens.last()?.clone();
    end.kind = Kind::End;
    tokens.push(end);
    Some(Parser {
        tokens,
        comments: Vec::new(),
        next: 0,
        depth: 0,
    })
}

/// The type that the tokens begin with, and how many they are.
pub(super) fn type_of_tokens(tokens: &[Token]) -> Option<(Type, usize)> {
    let mut parser = short(tokens)?;
    let ty = parser.ty().ok()?;
    Some((ty, parser.next))
}
