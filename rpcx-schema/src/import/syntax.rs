//! The declarations of a Go file, as far as services and messages are made of them.

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
}

/// `type Name Type`
#[derive(Debug)]
pub(super) struct TypeDecl {
    pub(super) name: String,
    pub(super) at: At,
    pub(super) docs: String,
    /// `type Name = Type`
    pub(super) alias: bool,
    pub(super) generic: bool,
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
        generic: bool,
    },
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

/// A function, a method, or a method of an interface.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// The name of the receiver's type, without the pointer.
    pub(super) receiver: Option<String>,
    pub(super) name: String,
    pub(super) at: At,
    pub(super) docs: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) results: Vec<Parameter>,
    pub(super) generic: bool,
    pub(super) body: Vec<Token>,
}

#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Empty where there is none.
    pub(super) name: String,
    pub(super) ty: Type,
    /// `...T`
    pub(super) variadic: bool,
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
