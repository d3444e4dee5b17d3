//! The declarations of a Go file, as far as services and messages are made of them.

use std::collections::BTreeMap;

use super::At;
use super::lexer::Token;

/// One file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) package: String,
    pub(super) docs: String,
    /// The names of imported packages in this file, with their paths.
    pub(super) imports: Vec<(String, String)>,
    pub(super) types: Vec<TypeDecl>,
    pub(super) constants: Vec<Constant>,
    pub(super) functions: Vec<Function>,
    /// Variables outside of functions.
    pub(super) variables: Vec<Variable>,
    /// Functions without a name, which expressions have.
    pub(super) literals: Vec<Function>,
    /// Functions that read and write messages themselves, with these in the place of their context and error.
    pub(super) handlers: Vec<Function>,
    /// The positions of the files of the same package.
    pub(super) own: Vec<usize>,
    /// Those of packages that this file imports, by what it calls them.
    pub(super) reach: BTreeMap<String, Vec<usize>>,
}

/// `type Name Type`
#[derive(Clone, Debug)]
pub(super) struct TypeDecl {
    pub(super) name: String,
    pub(super) at: At,
    pub(super) docs: String,
    /// `type Name = Type`
    pub(super) alias: bool,
    /// `T` of `type Name[T any]`. Instances of it have none.
    pub(super) parameters: Vec<String>,
    pub(super) ty: Type,
}

/// A type with its place.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) at: At,
    pub(super) kind: TypeKind,
}

#[derive(Clone, Debug)]
pub(super) enum TypeKind {
    Named {
        package: Option<String>,
        name: String,
        /// `A` of `Name[A]`.
        arguments: Vec<Type>,
    },
    /// The type parameter with this position, in a generic declaration.
    Parameter(usize),
    Pointer(Box<Type>),
    Slice(Box<Type>),
    Array(Value, Box<Type>),
    Map(Box<Type>, Box<Type>),
    Struct(Vec<Field>),
    Interface {
        methods: Vec<Function>,
        /// Where it has something else: another interface, or a union of types.
        more: Option<At>,
    },
    /// What never travels, by what it is called.
    Other(&'static str),
}

/// One name of a field declaration, or an embedded type.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) embedded: bool,
    pub(super) at: At,
    pub(super) docs: String,
    pub(super) ty: Type,
    pub(super) tag: String,
}

/// `Name[A]` or `pkg.Name[A]` in the tokens of a body.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// The tokens, from the name to the bracket that closes it.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) ty: Type,
}

/// A function, a method, or a method of an interface.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// The name of the receiver's type, without the pointer.
    pub(super) receiver: Option<String>,
    /// What the method calls it.
    pub(super) receiver_name: String,
    /// What the receiver calls the parameters of its type: `T` of `func (s *Store[T])`.
    pub(super) receiver_parameters: Vec<String>,
    pub(super) name: String,
    pub(super) at: At,
    pub(super) docs: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) results: Vec<Parameter>,
    pub(super) generic: bool,
    pub(super) body: Vec<Token>,
    /// Types with arguments in the body.
    pub(super) instances: Vec<Written>,
}

#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Empty where there is none.
    pub(super) name: String,
    pub(super) ty: Type,
    /// `...T`
    pub(super) variadic: bool,
}

/// One name of a `var` outside of functions.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: Option<Type>,
    /// Empty where there is none.
    pub(super) value: Vec<Token>,
}

/// One name of a `const`.
#[derive(Debug)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) ty: Option<Type>,
    pub(super) value: Value,
    /// What `iota` is here.
    pub(super) iota: i128,
}

/// The value of a constant.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Number(i128),
    Text(String),
    Name(String),
    Unary(char, Box<Self>),
    Binary(String, Box<Self>, Box<Self>),
    /// `Name(value)`
    Convert(String, Box<Self>),
    /// Something else, such as a function call.
    Unknown,
}

impl Type {
    /// Names of type parameters become their positions.
    pub(super) fn bind(&mut self, parameters: &[String]) {
        if parameters.is_empty() {
            return;
        }
        if let TypeKind::Named {
            package: None,
            name,
            arguments,
        } = &self.kind
            && arguments.is_empty()
            && let Some(position) = parameters.iter().position(|own| own == name)
        {
            self.kind = TypeKind::Parameter(position);
        }
        self.parts(&mut |part| part.bind(parameters));
    }

    /// Calls `each` with the types that this one is made of.
    pub(super) fn parts(&mut self, each: &mut dyn FnMut(&mut Self)) {
        match &mut self.kind {
            TypeKind::Named { arguments, .. } => arguments.iter_mut().for_each(each),
            TypeKind::Pointer(inner) | TypeKind::Slice(inner) | TypeKind::Array(_, inner) => {
                each(inner);
            }
            TypeKind::Map(key, value) => {
                each(key);
                each(value);
            }
            TypeKind::Struct(fields) => fields.iter_mut().for_each(|field| each(&mut field.ty)),
            TypeKind::Interface { methods, .. } => {
                for method in methods {
                    method.signature(each);
                }
            }
            TypeKind::Parameter(_) | TypeKind::Other(_) => {}
        }
    }
}

impl Function {
    /// Calls `each` with the types of the parameters and results.
    pub(super) fn signature(&mut self, each: &mut dyn FnMut(&mut Type)) {
        for parameter in self.parameters.iter_mut().chain(&mut self.results) {
            each(&mut parameter.ty);
        }
    }
}
