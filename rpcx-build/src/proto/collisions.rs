//! What prost makes code of that does not compile, or stops the build script at: names that are two in a `.proto` file and one in Rust, and
//! messages that say that they are entries of maps.

use std::collections::{HashMap, HashSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet, MessageOptions,
};

use super::places::{Places, full_name};
use super::settings::Setting;

/// The numbers that lead to the parts of a file, a message, an enum, and to a name.
mod tag {
    pub(super) const FILE_MESSAGE: i32 = 4;
    pub(super) const FILE_ENUM: i32 = 5;
    pub(super) const FIELD: i32 = 2;
    pub(super) const MESSAGE: i32 = 3;
    pub(super) const ENUM: i32 = 4;
    pub(super) const ONEOF: i32 = 8;
    pub(super) const VALUE: i32 = 2;
    pub(super) const NAME: i32 = 1;
}

/// What is wrong, each with its place. Messages that come from elsewhere (`extern_path`) are not looked at.
pub(super) fn check(set: &FileDescriptorSet, places: &Places, settings: &[Setting]) -> Vec<String> {
    let elsewhere = settings.iter().filter_map(|setting| match setting {
        Setting::ExternPath(proto, _) => Some(proto.trim_start_matches('.')),
        _ => None,
    });
    let mut check = Check {
        places,
        elsewhere: elsewhere.chain(["google.protobuf"]).collect(),
        types: HashMap::new(),
        found: Vec::new(),
    };
    for file in &set.file {
        check.file(file);
    }
    check.found
}

/// Where a name stands: the file, and the numbers that lead to it.
type Place<'a> = (&'a FileDescriptorProto, Vec<i32>);

struct Check<'a> {
    places: &'a Places,
    elsewhere: Vec<&'a str>,
    /// Messages and enums by package or message, and name in Rust.
    types: HashMap<(String, String), &'a str>,
    found: Vec<String>,
}

impl<'a> Check<'a> {
    fn is_elsewhere(&self, name: &str) -> bool {
        let inside = |outer: &&str| match name.strip_prefix(*outer) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        };
        self.elsewhere.iter().any(inside)
    }

    fn file(&mut self, file: &'a FileDescriptorProto) {
        for (at, message) in (0..).zip(&file.message_type) {
            self.message(message, file.package(), (file, vec![tag::FILE_MESSAGE, at]));
        }
        for (at, of) in (0..).zip(&file.enum_type) {
            self.enumeration(of, file.package(), (file, vec![tag::FILE_ENUM, at]));
        }
    }

    fn message(&mut self, message: &'a DescriptorProto, outer: &str, (file, path): Place<'a>) {
        let name = full_name(outer, message.name());
        if self.is_elsewhere(&name) {
            return;
        }
        if message
            .options
            .as_ref()
            .is_some_and(MessageOptions::map_entry)
        {
            return self.entry(message, (file, path));
        }
        let below = |tag, at| (file, [&path[..], &[tag, at]].concat());
        self.type_name(message.name(), outer, &(file, path.clone()));
        self.fields(message, below);
        for (at, nested) in (0..).zip(&message.nested_type) {
            self.message(nested, &name, below(tag::MESSAGE, at));
        }
        for (at, of) in (0..).zip(&message.enum_type) {
            self.enumeration(of, &name, below(tag::ENUM, at));
        }
    }

    /// The entry of a map is no type in Rust.
    fn entry(&mut self, message: &DescriptorProto, (file, mut path): Place<'a>) {
        let fields = message.field.iter().map(|field| field.name());
        if !fields.eq(["key", "value"]) {
            path.push(tag::NAME);
            let text = format!(
                "`map_entry` is set for `{}`, which no map has made\nhelp: write a field `map<K, V> name = N`, or leave the option out",
                message.name()
            );
            self.found.push(self.places.at(file, &path, &text));
        }
    }

    /// Those of the message, among which is each `oneof`, and those of each `oneof`.
    fn fields(&mut self, message: &'a DescriptorProto, below: impl Fn(i32, i32) -> Place<'a>) {
        let mut scopes = vec![Names::default(); message.oneof_decl.len() + 1];
        let mut used = HashSet::new();
        for (at, field) in (0..).zip(&message.field) {
            // an optional field of proto3 is in a `oneof` of its own
            let oneof = field.oneof_index.filter(|_| !field.proto3_optional());
            let oneof = oneof.and_then(|index| usize::try_from(index).ok());
            used.extend(oneof);
            let rust = match oneof {
                Some(_) => field.name().to_upper_camel_case(),
                None => field.name().to_snake_case(),
            };
            let scope = scopes.get_mut(oneof.map_or(0, |index| index + 1));
            let other = scope.and_then(|scope| scope.put(&rust, field.name()));
            self.meet("fields", other, (field.name(), &rust), || {
                below(tag::FIELD, at)
            });
        }
        for (at, oneof) in message.oneof_decl.iter().enumerate() {
            let rust = oneof.name().to_snake_case();
            let other = used
                .contains(&at)
                .then(|| scopes[0].put(&rust, oneof.name()));
            let place = || below(tag::ONEOF, i32::try_from(at).unwrap_or(0));
            self.meet("fields", other.flatten(), (oneof.name(), &rust), place);
        }
    }

    fn enumeration(&mut self, of: &'a EnumDescriptorProto, outer: &str, (file, path): Place<'a>) {
        if self.is_elsewhere(&full_name(outer, of.name())) {
            return;
        }
        self.type_name(of.name(), outer, &(file, path.clone()));
        let prefix = of.name().to_upper_camel_case();
        let (mut names, mut numbers) = (Names::default(), HashSet::new());
        for (at, value) in (0..).zip(&of.value) {
            // the second name of a number is none in Rust
            if !numbers.insert(value.number()) {
                continue;
            }
            let rust = without_prefix(&value.name().to_upper_camel_case(), &prefix);
            let other = names.put(&rust, value.name());
            let place = || (file, [&path[..], &[tag::VALUE, at]].concat());
            self.meet("values", other, (value.name(), &rust), place);
        }
    }

    fn type_name(&mut self, name: &'a str, outer: &str, place: &Place<'a>) {
        let rust = name.to_upper_camel_case();
        let other = self.types.insert((outer.to_owned(), rust.clone()), name);
        self.meet("types", other, (name, &rust), || place.clone());
    }

    fn meet(
        &mut self,
        what: &str,
        other: Option<&str>,
        (name, rust): (&str, &str),
        place: impl FnOnce() -> Place<'a>,
    ) {
        let Some(other) = other else {
            return;
        };
        let (file, mut path) = place();
        path.push(tag::NAME);
        let text = format!(
            "the {what} `{other}` and `{name}` have one name in Rust: `{rust}`\n\
             help: rename one of them; what protobuf writes has numbers, and no names of fields, values and types"
        );
        self.found.push(self.places.at(file, &path, &text));
    }
}

/// The names of one scope, by those in Rust.
#[derive(Clone, Default)]
struct Names<'a>(HashMap<String, &'a str>);

impl<'a> Names<'a> {
    /// The one that was there under that name.
    fn put(&mut self, rust: &str, name: &'a str) -> Option<&'a str> {
        self.0.insert(rust.to_owned(), name)
    }
}

/// A value without the name of its enum, as prost writes it.
fn without_prefix(name: &str, prefix: &str) -> String {
    let rest = name.strip_prefix(prefix);
    let rest = rest.filter(|rest| rest.starts_with(char::is_uppercase));
    rest.unwrap_or(name).to_owned()
}
