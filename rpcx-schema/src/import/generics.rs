//! Instances of generic types: `Page[Item]` becomes a type `PageItem` of its own, with its methods, so that the
//! rest of the import knows no type parameters.

use std::collections::{BTreeMap, BTreeSet};

use super::Remarks;
use super::lexer::{Kind, Token};
use super::names::upper;
use super::namespaces::Originals;
use super::syntax::{File, Function, Type, TypeDecl, TypeKind};

/// Types inside each other further than this come from a type that instantiates itself without end, which Go refuses.
const DEPTH: usize = 16;

/// How many instances there are at most.
const MOST: usize = 2_000;

/// A generic type with its methods.
struct Template {
    file: usize,
    declared: TypeDecl,
    methods: Vec<(usize, Function)>,
    used: bool,
}

struct Instances {
    templates: BTreeMap<String, Template>,
    /// The names of instances by what Go calls them.
    made: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    /// To be added to the files.
    types: Vec<(usize, TypeDecl)>,
    methods: Vec<(usize, Function)>,
}

/// Writes out what is used of generic types, and names the uses by it.
pub(super) fn instantiate(files: &mut [File], originals: &mut Originals, remarks: &mut Remarks) {
    let mut instances = Instances {
        templates: templates(files),
        made: BTreeMap::new(),
        taken: files
            .iter()
            .flat_map(|file| file.types.iter().map(|found| found.name.clone()))
            .collect(),
        types: Vec::new(),
        methods: Vec::new(),
    };
    for file in files.iter_mut() {
        instances.file(file);
    }
    // what instances use is instantiated in turn
    let mut next = (0, 0);
    while next.0 < instances.types.len() || next.1 < instances.methods.len() {
        if let Some((_, declared)) = instances.types.get(next.0) {
            let mut ty = declared.ty.clone();
            instances.ty(&mut ty);
            instances.types[next.0].1.ty = ty;
            next.0 += 1;
        } else {
            let mut method = instances.methods[next.1].1.clone();
            method.signature(&mut |ty| instances.ty(ty));
            instances.methods[next.1].1 = method;
            next.1 += 1;
        }
    }
    for template in instances.templates.values().filter(|one| !one.used) {
        if !template.methods.is_empty() {
            let text = format!(
                "`{}` is generic, and these files make no instance of it, so that its methods are left out\n\
                 help: import the file that registers it together with this one",
                template.declared.name
            );
            remarks.note(template.declared.at, text);
        }
    }
    for (go, name) in &instances.made {
        originals.add(name, go);
    }
    for (file, declared) in instances.types {
        files[file].types.push(declared);
    }
    for (file, method) in instances.methods {
        files[file].functions.push(method);
    }
}

/// The generic types; their methods are taken out of the files.
fn templates(files: &mut [File]) -> BTreeMap<String, Template> {
    let mut found = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        for declared in file.types.iter().filter(|one| !one.parameters.is_empty()) {
            let template = Template {
                file: number,
                declared: declared.clone(),
                methods: Vec::new(),
                used: false,
            };
            found.insert(declared.name.clone(), template);
        }
    }
    for (number, file) in files.iter_mut().enumerate() {
        let functions = std::mem::take(&mut file.functions);
        for function in functions {
            let receiver = function.receiver.as_ref();
            let template = receiver.and_then(|receiver| found.get_mut(receiver));
            match template {
                Some(template) => template.methods.push((number, function)),
                None => file.functions.push(function),
            }
        }
    }
    found
}

impl Instances {
    fn file(&mut self, file: &mut File) {
        for declared in &mut file.types {
            if declared.parameters.is_empty() {
                self.ty(&mut declared.ty);
            }
        }
        for constant in &mut file.constants {
            if let Some(ty) = &mut constant.ty {
                self.ty(ty);
            }
        }
        for variable in &mut file.variables {
            if let Some(ty) = &mut variable.ty {
                self.ty(ty);
            }
        }
        let handlers = file.handlers.iter_mut();
        let functions = file.functions.iter_mut().chain(&mut file.literals);
        for function in functions.chain(handlers) {
            // the parameters of a generic function are known where it is called
            if !function.generic {
                function.signature(&mut |ty| self.ty(ty));
                self.body(function);
            }
        }
    }

    /// In the tokens, too, an instance gets its name.
    fn body(&mut self, function: &mut Function) {
        for written in std::mem::take(&mut function.instances).into_iter().rev() {
            let mut ty = written.ty;
            self.ty(&mut ty);
            if let TypeKind::Named {
                package: None,
                name,
                arguments,
            } = ty.kind
                && arguments.is_empty()
            {
                let token = Token {
                    kind: Kind::Word,
                    text: name,
                    at: function.body[written.start].at,
                };
                function.body.splice(written.start..written.end, [token]);
            }
        }
    }

    /// Names the instances in a type.
    fn ty(&mut self, ty: &mut Type) {
        ty.parts(&mut |part| self.ty(part));
        let TypeKind::Named {
            package: None,
            name,
            arguments,
        } = &ty.kind
        else {
            return;
        };
        if let Some(instance) = self.instance(name, arguments) {
            ty.kind = TypeKind::Named {
                package: None,
                name: instance,
                arguments: Vec::new(),
            };
        }
    }

    /// The name of an instance, which is made if there is none yet.
    fn instance(&mut self, generic: &str, arguments: &[Type]) -> Option<String> {
        let template = self.templates.get_mut(generic)?;
        if arguments.is_empty() || template.declared.parameters.len() != arguments.len() {
            return None;
        }
        let written: Vec<String> = arguments.iter().map(written).collect();
        let go = format!("{generic}[{}]", written.join(", "));
        if let Some(name) = self.made.get(&go) {
            return Some(name.clone());
        }
        let nested = go.matches(['[', '*']).count();
        if nested > DEPTH || self.made.len() >= MOST {
            return None;
        }
        template.used = true;
        let words = arguments.iter().map(words).collect::<String>();
        let name = self.name(format!("{generic}{words}"));
        self.made.insert(go.clone(), name.clone());
        let template = &self.templates[generic];
        let mut declared = template.declared.clone();
        declared.name.clone_from(&name);
        declared.parameters.clear();
        substitute(&mut declared.ty, arguments);
        let blank = if declared.docs.is_empty() { "" } else { "\n\n" };
        declared.docs = format!("{}{blank}`{go}` in Go.", declared.docs);
        self.types.push((template.file, declared));
        for (file, method) in &template.methods {
            let mut method = method.clone();
            method.receiver = Some(name.clone());
            method.receiver_parameters.clear();
            method.signature(&mut |ty| substitute(ty, arguments));
            self.methods.push((*file, method));
        }
        Some(name)
    }

    /// The name, with a number if there is a type with it.
    fn name(&mut self, wanted: String) -> String {
        let mut name = wanted.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        name
    }
}

fn substitute(ty: &mut Type, arguments: &[Type]) {
    if let TypeKind::Parameter(position) = ty.kind {
        if let Some(argument) = arguments.get(position) {
            *ty = argument.clone();
        }
        return;
    }
    ty.parts(&mut |part| substitute(part, arguments));
}

/// The type as Go writes it.
fn written(ty: &Type) -> String {
    match &ty.kind {
        TypeKind::Named {
            package: Some(package),
            name,
            ..
        } => format!("{package}.{name}"),
        TypeKind::Named { name, .. } => name.clone(),
        TypeKind::Pointer(inner) => format!("*{}", written(inner)),
        TypeKind::Slice(inner) => format!("[]{}", written(inner)),
        TypeKind::Array(length, inner) => format!("[{length:?}]{}", written(inner)),
        TypeKind::Map(key, value) => format!("map[{}]{}", written(key), written(value)),
        TypeKind::Struct(fields) if fields.is_empty() => "struct{}".to_owned(),
        TypeKind::Interface { methods, more } if methods.is_empty() && more.is_none() => {
            "any".to_owned()
        }
        // by its place, because it has no name
        _ => format!("a type of {}:{}", ty.at.line, ty.at.column),
    }
}

/// What an argument adds to the name of an instance.
fn words(ty: &Type) -> String {
    match &ty.kind {
        TypeKind::Named { name, .. } => upper(name),
        TypeKind::Pointer(inner) => words(inner),
        TypeKind::Slice(inner) => format!("{}List", words(inner)),
        TypeKind::Array(_, inner) => format!("{}Array", words(inner)),
        TypeKind::Map(key, value) => format!("{}{}Map", words(key), words(value)),
        TypeKind::Struct(fields) if fields.is_empty() => "Empty".to_owned(),
        TypeKind::Interface { .. } => "Any".to_owned(),
        _ => "Of".to_owned(),
    }
}
