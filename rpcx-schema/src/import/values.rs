//! What expressions of Go stand for, as far as a look at their tokens tells: the type of a value, a text, a function.

use super::constants::{Known, evaluate};
use super::lexer::{Kind, Token};
use super::package::Package;
use super::parse::type_of_tokens;
use super::parse_type::base_name;
use super::syntax::{Function, Type, TypeDecl, TypeKind, Variable};

/// Names that lead to each other further than this are not followed.
const DEPTH: usize = 12;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) file: usize,
    pub(super) function: &'a Function,
}

/// What the beginning of an expression is.
enum Part<'a> {
    /// An imported package, by the files of it that are here.
    Package(&'a [usize]),
    /// A value of the type.
    Value(String),
    Type(String),
    Function(usize, &'a Function),
}

pub(super) struct Values<'a, 'b>(pub(super) &'b Package<'a>);

impl<'a> Values<'a, '_> {
    /// The name of the type of a value, without pointers.
    pub(super) fn type_of(&self, tokens: &'a [Token], scene: Scene<'a>) -> Option<String> {
        match self.part(tokens, scene, DEPTH)? {
            Part::Value(name) => Some(name),
            _ => None,
        }
    }

    /// A function that is passed on. Of a method also the name of its type.
    pub(super) fn function(
        &self,
        tokens: &'a [Token],
        scene: Scene<'a>,
    ) -> Option<(usize, &'a Function)> {
        match self.part(tokens, scene, DEPTH)? {
            Part::Function(file, function) => Some((file, function)),
            _ => None,
        }
    }

    /// The import path of the package that a value comes from, if it is one that the file imports: `net/rpc` of a variable that
    /// `rpc.NewServer()` has made, or of a parameter of the type `*rpc.Server`.
    pub(super) fn library(&self, name: &Token, scene: Scene<'a>) -> Option<&'a str> {
        let of_value = |value: &[Token], file| {
            let first = value.iter().find(|token| !token.is("&"))?;
            self.0.import(file, &first.text)
        };
        if let Some(value) = local(&name.text, scene) {
            return of_value(value, scene.file);
        }
        let mut parameters = scene.function.parameters.iter();
        if let Some(parameter) = parameters.find(|one| name.is(&one.name)) {
            return self.0.import(scene.file, package_of(&parameter.ty)?);
        }
        let own = &self.0.files[scene.file].own;
        if let Some((file, variable)) = self.variable(&name.text, own) {
            return match &variable.ty {
                Some(ty) => self.0.import(file, package_of(ty)?),
                None => of_value(&variable.value, file),
            };
        }
        self.0.import(scene.file, &name.text)
    }

    /// The literal that a name stands for, a variable of the function or of the package; any other expression is itself.
    pub(super) fn literal(
        &self,
        tokens: &'a [Token],
        scene: Scene<'a>,
    ) -> (&'a [Token], Scene<'a>) {
        let [only] = tokens else {
            return (tokens, scene);
        };
        if let Some(value) = local(&only.text, scene) {
            return (value, scene);
        }
        let own = &self.0.files[scene.file].own;
        match self.variable(&only.text, own) {
            Some((file, variable)) => (&variable.value, in_file(file, scene)),
            None => (tokens, scene),
        }
    }

    /// The fields of the structs that a literal is a list or a map of.
    pub(super) fn fields(&self, literal: &[Token]) -> Vec<String> {
        let Some((ty, _)) = type_of_tokens(literal) else {
            return Vec::new();
        };
        let (TypeKind::Slice(mut element)
        | TypeKind::Array(_, mut element)
        | TypeKind::Map(_, mut element)) = ty.kind
        else {
            return Vec::new();
        };
        if let TypeKind::Pointer(inner) = element.kind {
            element = inner;
        }
        let name = base_name(&element);
        let fields = match (&element.kind, self.0.find(None, &name)) {
            (TypeKind::Struct(fields), _) => fields,
            (_, Some(TypeDecl { ty, .. })) => match &ty.kind {
                TypeKind::Struct(fields) => fields,
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        fields.iter().map(|field| field.name.clone()).collect()
    }

    /// A text, which may have several parts.
    pub(super) fn text(&self, tokens: &'a [Token], scene: Scene<'a>) -> Option<String> {
        self.text_at(tokens, scene, DEPTH)
    }

    fn text_at(&self, tokens: &'a [Token], scene: Scene<'a>, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        if let Some(plus) = split(tokens, "+").first() {
            let before = self.text_at(&tokens[..*plus], scene, depth)?;
            return Some(before + &self.text_at(&tokens[plus + 1..], scene, depth)?);
        }
        match tokens {
            [only] if only.kind == Kind::Text => Some(only.text.clone()),
            [only] if only.kind == Kind::Word => {
                if let Some(value) = local(&only.text, scene) {
                    return self.text_at(value, scene, depth);
                }
                let own = self.0.files[scene.file].own.as_slice();
                self.constant(&only.text, own).or_else(|| {
                    let (file, variable) = self.variable(&only.text, own)?;
                    self.text_at(&variable.value, in_file(file, scene), depth)
                })
            }
            [package, dot, name] if dot.is(".") => {
                let reach = self.0.files[scene.file].reach.get(&package.text);
                let files = reach.map_or(&[][..], Vec::as_slice);
                self.constant(&name.text, files).or_else(|| {
                    let (file, variable) = self.variable(&name.text, files)?;
                    self.text_at(&variable.value, in_file(file, scene), depth)
                })
            }
            // `service.Name()` of a function that returns a text
            [before @ .., open, close] if open.is("(") && close.is(")") => {
                let Part::Function(file, function) = self.part(before, scene, depth)? else {
                    return None;
                };
                let value = returned(function)?;
                self.text_at(value, Scene { file, function }, depth)
            }
            _ => None,
        }
    }

    fn constant(&self, name: &str, files: &[usize]) -> Option<String> {
        let mut found = files
            .iter()
            .flat_map(|file| &self.0.files[*file].constants)
            .chain(self.0.constants.iter().copied());
        let found = found.find(|constant| constant.name == name)?;
        match evaluate(found, &self.0.constants)? {
            Known::Text(text) => Some(text),
            Known::Number(_) => None,
        }
    }

    fn variable(&self, name: &str, files: &[usize]) -> Option<(usize, &'a Variable)> {
        files.iter().find_map(|file| {
            let mut all = self.0.files[*file].variables.iter();
            let found = all.find(|variable| variable.name == name)?;
            Some((*file, found))
        })
    }

    fn declared_function(&self, name: &str, files: &[usize]) -> Option<(usize, &'a Function)> {
        files.iter().find_map(|file| {
            let mut all = self.0.files[*file].functions.iter();
            let found = all.find(|one| one.receiver.is_none() && one.name == name)?;
            Some((*file, found))
        })
    }

    fn method(&self, of: &str, name: &str) -> Option<(usize, &'a Function)> {
        let files = self.0.files.iter().enumerate();
        files
            .flat_map(|(number, file)| file.functions.iter().map(move |one| (number, one)))
            .find(|(_, one)| one.receiver.as_deref() == Some(of) && one.name == name)
    }

    fn part(&self, tokens: &'a [Token], scene: Scene<'a>, depth: usize) -> Option<Part<'a>> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = tokens.split_first()?;
        if first.is("&") {
            return self.part(rest, scene, depth);
        }
        if first.is("func") {
            let mut literals = self.0.files[scene.file].literals.iter();
            let found = literals.find(|literal| literal.at == first.at)?;
            return Some(Part::Function(scene.file, found));
        }
        let (mut part, mut next) = self.first(tokens, scene, depth)?;
        while let Some(token) = tokens.get(next) {
            if token.is(".") {
                part = self.member(part, &tokens.get(next + 1)?.text, scene, depth)?;
                next += 2;
            } else if token.is("(") || token.is("{") {
                let end = next + group(&tokens[next..])?;
                part = self.called(part, token.is("("), depth)?;
                next = end;
            } else {
                return None;
            }
        }
        Some(part)
    }

    /// The first part of an expression, and where the rest begins.
    fn first(
        &self,
        tokens: &'a [Token],
        scene: Scene<'a>,
        depth: usize,
    ) -> Option<(Part<'a>, usize)> {
        let first = &tokens[0];
        if first.is("new") && tokens.get(1)?.is("(") {
            let (ty, length) = type_of_tokens(&tokens[2..])?;
            let value = Part::Value(base_name(&ty));
            return tokens
                .get(2 + length)?
                .is(")")
                .then_some((value, 3 + length));
        }
        if first.is("(") {
            let end = group(tokens)?;
            let inner = &tokens[1..end - 1];
            let part = match inner {
                // `(*T)(nil)`
                [mark, ..] if mark.is("*") => {
                    let (ty, length) = type_of_tokens(inner)?;
                    (length == inner.len()).then(|| Part::Type(base_name(&ty)))
                }
                _ => self.part(inner, scene, depth),
            };
            return Some((part?, end));
        }
        if first.kind != Kind::Word {
            return None;
        }
        Some((self.named(&first.text, scene, depth)?, 1))
    }

    fn named(&self, name: &str, scene: Scene<'a>, depth: usize) -> Option<Part<'a>> {
        if let Some(value) = local(name, scene) {
            return self.part(value, scene, depth);
        }
        if let Some(ty) = local_type(name, scene) {
            return Some(Part::Value(ty));
        }
        let file = &self.0.files[scene.file];
        if let Some((number, function)) = self.declared_function(name, &file.own) {
            return Some(Part::Function(number, function));
        }
        if let Some((number, variable)) = self.variable(name, &file.own) {
            return self.of_variable(number, variable, scene, depth);
        }
        if let Some(files) = file.reach.get(name) {
            return Some(Part::Package(files));
        }
        // of a package that is not here nothing is known but the name
        let imported = file.imports.iter().any(|(own, _)| own == name);
        match imported {
            true => Some(Part::Package(&[])),
            false => Some(Part::Type(name.to_owned())),
        }
    }

    fn of_variable(
        &self,
        file: usize,
        variable: &'a Variable,
        scene: Scene<'a>,
        depth: usize,
    ) -> Option<Part<'a>> {
        match &variable.ty {
            Some(ty) if !base_name(ty).is_empty() => Some(Part::Value(base_name(ty))),
            _ => self.part(&variable.value, in_file(file, scene), depth),
        }
    }

    fn member(
        &self,
        part: Part<'a>,
        name: &str,
        scene: Scene<'a>,
        depth: usize,
    ) -> Option<Part<'a>> {
        match part {
            Part::Package(files) => {
                if let Some((file, function)) = self.declared_function(name, files) {
                    return Some(Part::Function(file, function));
                }
                match self.variable(name, files) {
                    Some((file, variable)) => self.of_variable(file, variable, scene, depth),
                    None => Some(Part::Type(name.to_owned())),
                }
            }
            Part::Value(ty) | Part::Type(ty) => {
                if let Some((file, function)) = self.method(&ty, name) {
                    return Some(Part::Function(file, function));
                }
                let TypeKind::Struct(fields) = &self.0.find(None, &ty)?.ty.kind else {
                    return None;
                };
                let field = fields.iter().find(|field| field.name == name)?;
                let ty = base_name(&field.ty);
                (!ty.is_empty()).then_some(Part::Value(ty))
            }
            Part::Function(..) => None,
        }
    }

    /// A call, a conversion or a literal of a struct.
    fn called(&self, part: Part<'a>, parentheses: bool, depth: usize) -> Option<Part<'a>> {
        match part {
            // a call of what is not here may return anything
            Part::Type(name) if parentheses && self.0.find(None, &name).is_none() => None,
            Part::Type(name) => Some(Part::Value(name)),
            Part::Function(file, function) if parentheses => {
                let name = base_name(&function.results.first()?.ty);
                let declared = self.0.find(None, &name);
                let is_open = declared
                    .is_none_or(|found| matches!(found.ty.kind, TypeKind::Interface { .. }));
                if is_open && let Some(value) = returned(function) {
                    let scene = Scene { file, function };
                    if let Some(known) = self.part(value, scene, depth) {
                        return Some(known);
                    }
                }
                (!name.is_empty()).then_some(Part::Value(name))
            }
            _ => None,
        }
    }
}

/// What stands before the dot in the name of a type.
fn package_of(ty: &Type) -> Option<&str> {
    match &ty.kind {
        TypeKind::Pointer(inner) => package_of(inner),
        TypeKind::Named { package, .. } => package.as_deref(),
        _ => None,
    }
}

/// The same place, seen from another file, whose variables have no function around them.
fn in_file(file: usize, scene: Scene<'_>) -> Scene<'_> {
    Scene { file, ..scene }
}

/// The first of the values that the only `return` of a function has.
fn returned(function: &Function) -> Option<&[Token]> {
    let body = &function.body;
    let mut all = (0..body.len()).filter(|at| body[*at].is("return"));
    let at = all.next()?;
    all.next().is_none().then(|| statement(&body[at + 1..]))
}

/// The tokens up to the end of a statement, or the first comma.
fn statement(tokens: &[Token]) -> &[Token] {
    let mut open = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if is_open(token) {
            open += 1;
        } else if open == 0 && (is_close(token) || token.is(",") || token.kind == Kind::Semicolon) {
            return &tokens[..index];
        } else if is_close(token) {
            open -= 1;
        }
    }
    tokens
}

/// What a variable of the function is set to, if it is set once.
pub(super) fn local<'a>(name: &str, scene: Scene<'a>) -> Option<&'a [Token]> {
    let body = &scene.function.body;
    let mut set = (0..body.len().saturating_sub(1)).filter(|at| {
        let after_dot = *at > 0 && body[at - 1].is(".");
        body[*at].is(name) && !after_dot && (body[at + 1].is(":=") || body[at + 1].is("="))
    });
    let at = set.next()?;
    let value = statement(&body[at + 2..]);
    let of_itself = value.iter().any(|token| token.is(name));
    (set.next().is_none() && !of_itself && !value.is_empty()).then_some(value)
}

/// The type of a parameter, a receiver or a variable that is declared with it.
fn local_type(name: &str, scene: Scene<'_>) -> Option<String> {
    let function = scene.function;
    if function.receiver_name == name && !name.is_empty() {
        return function.receiver.clone();
    }
    let known = |ty: String| (!ty.is_empty()).then_some(ty);
    if let Some(found) = function.parameters.iter().find(|one| one.name == name) {
        return known(base_name(&found.ty));
    }
    let body = &function.body;
    let at = (0..body.len().saturating_sub(2))
        .find(|at| body[*at].is("var") && body[at + 1].is(name))?;
    let (ty, _) = type_of_tokens(&body[at + 2..])?;
    known(base_name(&ty))
}

pub(super) fn is_open(token: &Token) -> bool {
    ["(", "[", "{"].iter().any(|mark| token.is(mark))
}

pub(super) fn is_close(token: &Token) -> bool {
    [")", "]", "}"].iter().any(|mark| token.is(mark))
}

/// How many tokens a bracket and what belongs to it are.
pub(super) fn group(tokens: &[Token]) -> Option<usize> {
    let mut open = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if is_open(token) {
            open += 1;
        } else if is_close(token) {
            open = open.checked_sub(1)?;
            if open == 0 {
                return Some(index + 1);
            }
        }
    }
    None
}

/// Where such marks stand outside of brackets.
pub(super) fn split(tokens: &[Token], mark: &str) -> Vec<usize> {
    let mut open = 0_usize;
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if is_open(token) {
            open += 1;
        } else if is_close(token) {
            open = open.saturating_sub(1);
        } else if open == 0 && token.is(mark) {
            found.push(index);
        }
    }
    found
}

/// The parts between commas; none where there is nothing.
pub(super) fn list(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for end in split(tokens, ",").into_iter().chain([tokens.len()]) {
        let part = &tokens[start..end];
        // a comma may stand behind the last one, and a line end with it
        let lines = part
            .iter()
            .take_while(|token| token.kind == Kind::Semicolon);
        let part = &part[lines.count()..];
        if !part.is_empty() {
            parts.push(part);
        }
        start = end + 1;
    }
    parts
}
