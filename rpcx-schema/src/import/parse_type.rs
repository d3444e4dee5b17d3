//! Types, fields and signatures.

use super::lexer::{Kind, is_keyword};
use super::parse::{Parsed, Parser};
use super::syntax::{Field, Function, Parameter, Type, TypeKind};

impl Parser {
    pub(super) fn ty(&mut self) -> Parsed<Type> {
        self.deeper(Self::type_inside)
    }

    fn type_inside(&mut self) -> Parsed<Type> {
        let at = self.peek().at;
        let kind = match &*self.peek().text.clone() {
            _ if !matches!(self.peek().kind, Kind::Word | Kind::Mark) => {
                return Err(self.unexpected("a type"));
            }
            "*" => {
                self.bump();
                TypeKind::Pointer(Box::new(self.ty()?))
            }
            "(" => {
                self.bump();
                let inner = self.ty()?;
                self.expect(")")?;
                return Ok(inner);
            }
            "[" => self.list()?,
            "map" => {
                self.bump();
                self.expect("[")?;
                let key = self.ty()?;
                self.expect("]")?;
                TypeKind::Map(Box::new(key), Box::new(self.ty()?))
            }
            "struct" => {
                self.bump();
                TypeKind::Struct(self.fields()?)
            }
            "interface" => {
                self.bump();
                self.interface()?
            }
            "func" => {
                self.bump();
                self.signature()?;
                TypeKind::Other("a function")
            }
            "chan" | "<-" => {
                self.eat("<-");
                self.expect("chan")?;
                self.eat("<-");
                self.ty()?;
                TypeKind::Other("a channel")
            }
            _ => self.named()?,
        };
        Ok(Type { at, kind })
    }

    fn named(&mut self) -> Parsed<TypeKind> {
        let mut name = self.name()?.text;
        let mut package = None;
        if self.eat(".") {
            package = Some(std::mem::replace(&mut name, self.name()?.text));
        }
        let mut arguments = Vec::new();
        if self.eat("[") {
            loop {
                self.lines();
                if self.eat("]") {
                    break;
                }
                arguments.push(self.ty()?);
                self.lines();
                if !self.eat(",") && !self.peek().is("]") {
                    return Err(self.unexpected("`,` or `]`"));
                }
            }
        }
        Ok(TypeKind::Named {
            package,
            name,
            arguments,
        })
    }

    /// `[]T` or `[3]T`
    fn list(&mut self) -> Parsed<TypeKind> {
        self.expect("[")?;
        if self.eat("]") {
            return Ok(TypeKind::Slice(Box::new(self.ty()?)));
        }
        let length = self.value()?;
        self.expect("]")?;
        Ok(TypeKind::Array(length, Box::new(self.ty()?)))
    }

    fn fields(&mut self) -> Parsed<Vec<Field>> {
        self.expect("{")?;
        let mut fields = Vec::new();
        loop {
            self.lines();
            if self.eat("}") {
                return Ok(fields);
            }
            self.field(&mut fields)?;
            if !self.peek().is("}") && self.peek().kind != Kind::Semicolon {
                return Err(self.unexpected("`}` or a new line"));
            }
        }
    }

    fn field(&mut self, fields: &mut Vec<Field>) -> Parsed<()> {
        let at = self.peek().at;
        let docs = self.docs();
        let first = fields.len();
        if self.is_embedded() {
            let ty = self.ty()?;
            let name = base_name(&ty);
            fields.push(Field {
                name,
                embedded: true,
                at,
                docs,
                ty,
                tag: String::new(),
            });
        } else {
            let mut names = vec![self.name()?];
            while self.eat(",") {
                names.push(self.name()?);
            }
            let ty = self.ty()?;
            fields.extend(names.into_iter().map(|name| Field {
                name: name.text,
                embedded: false,
                at: name.at,
                docs: docs.clone(),
                ty: ty.clone(),
                tag: String::new(),
            }));
        }
        if self.peek().kind == Kind::Text {
            let tag = self.bump().text;
            for field in &mut fields[first..] {
                field.tag.clone_from(&tag);
            }
        }
        Ok(())
    }

    fn is_embedded(&self) -> bool {
        if self.peek().is("*") {
            return true;
        }
        let next = self.peek_at(1);
        match next.kind {
            Kind::Semicolon | Kind::Text => true,
            _ if next.is("[") => !self.is_list_after_name(),
            _ => next.is(".") || next.is("}"),
        }
    }

    /// Whether the brackets after the next token begin a list type, `a []T`, and are not parameters, `T[A]`.
    fn is_list_after_name(&self) -> bool {
        let mut open = 0_usize;
        let mut ahead = 1;
        loop {
            let token = self.peek_at(ahead);
            match &*token.text {
                _ if token.kind == Kind::End => return false,
                "[" => open += 1,
                "]" => open -= 1,
                _ => {}
            }
            ahead += 1;
            if open == 0 {
                break;
            }
        }
        let next = self.peek_at(ahead);
        match next.kind {
            Kind::Word => true,
            Kind::Mark => next.is("*") || next.is("[") || next.is("(") || next.is("<-"),
            _ => false,
        }
    }

    fn interface(&mut self) -> Parsed<TypeKind> {
        self.expect("{")?;
        let mut methods = Vec::new();
        let mut more = None;
        loop {
            self.lines();
            if self.eat("}") {
                return Ok(TypeKind::Interface { methods, more });
            }
            if self.at_end() {
                return Err(self.unexpected("`}`"));
            }
            if self.peek().kind == Kind::Word && self.peek_at(1).is("(") {
                let at = self.peek().at;
                let (docs, name) = (self.docs(), self.name()?.text);
                let (parameters, results) = self.signature()?;
                methods.push(Function {
                    receiver: None,
                    receiver_name: String::new(),
                    receiver_parameters: Vec::new(),
                    name,
                    at,
                    docs,
                    parameters,
                    results,
                    generic: false,
                    body: Vec::new(),
                    instances: Vec::new(),
                });
            } else {
                let before = self.peek().at;
                more.get_or_insert(before);
                self.skip_statement();
                if self.peek().at == before {
                    return Err(self.unexpected("a method"));
                }
            }
        }
    }

    /// The name of the type that methods belong to, what they call it, and its parameters.
    pub(super) fn receiver(&mut self) -> Parsed<(Option<String>, String, Vec<String>)> {
        let list = self.parameters()?;
        let Some(receiver) = list.first() else {
            return Ok((None, String::new(), Vec::new()));
        };
        let mut ty = &receiver.ty;
        while let TypeKind::Pointer(inner) = &ty.kind {
            ty = inner;
        }
        let parameters = match &ty.kind {
            TypeKind::Named { arguments, .. } => arguments.iter().map(base_name).collect(),
            _ => Vec::new(),
        };
        Ok((Some(base_name(ty)), receiver.name.clone(), parameters))
    }

    pub(super) fn signature(&mut self) -> Parsed<(Vec<Parameter>, Vec<Parameter>)> {
        let parameters = self.parameters()?;
        let next = self.peek();
        let results = match next.kind {
            _ if next.is("(") => self.parameters()?,
            Kind::Word => vec![unnamed(self.ty()?)],
            Kind::Mark if ["*", "[", "<-"].iter().any(|mark| next.is(mark)) => {
                vec![unnamed(self.ty()?)]
            }
            _ => Vec::new(),
        };
        Ok((parameters, results))
    }

    fn parameters(&mut self) -> Parsed<Vec<Parameter>> {
        self.expect("(")?;
        let mut list = Vec::new();
        self.lines();
        while !self.eat(")") {
            list.push(self.parameter()?);
            self.lines();
            if !self.eat(",") && !self.peek().is(")") {
                return Err(self.unexpected("`,` or `)`"));
            }
            self.lines();
        }
        // in `a, b int` what looked like the type `a` is a name with the type of the next one
        if list.iter().any(|parameter| !parameter.name.is_empty()) {
            let mut ty = None;
            for parameter in list.iter_mut().rev() {
                if !parameter.name.is_empty() {
                    ty = Some(parameter.ty.clone());
                } else if let Some(ty) = &ty {
                    parameter.name = base_name(&parameter.ty);
                    parameter.ty = ty.clone();
                }
            }
        }
        Ok(list)
    }

    fn parameter(&mut self) -> Parsed<Parameter> {
        let next = self.peek_at(1);
        let named = self.peek().kind == Kind::Word
            && !is_keyword(&self.peek().text)
            && match next.kind {
                Kind::Word => true,
                Kind::Mark if next.is("[") => self.is_list_after_name(),
                Kind::Mark => ["*", "...", "(", "<-"].iter().any(|mark| next.is(mark)),
                _ => false,
            };
        let name = match named {
            true => self.name()?.text,
            false => String::new(),
        };
        let variadic = self.eat("...");
        Ok(Parameter {
            name,
            ty: self.ty()?,
            variadic,
        })
    }
}

fn unnamed(ty: Type) -> Parameter {
    Parameter {
        name: String::new(),
        ty,
        variadic: false,
    }
}

/// `T` of `*pkg.T`.
pub(super) fn base_name(ty: &Type) -> String {
    match &ty.kind {
        TypeKind::Pointer(inner) => base_name(inner),
        TypeKind::Named { name, .. } => name.clone(),
        _ => String::new(),
    }
}
