//! Protobuf files in: messages by prost, services by the generator of rpcx.

mod collisions;
mod comments;
mod files;
mod go_structs;
mod names;
mod places;
mod promises;
mod service;
mod settings;
mod tree;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use prost_build::Module;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::Compiler;

use crate::error::Error;
use crate::outputs::{Folder, Outputs};
use crate::source::portable;
use places::Places;
use promises::Promises;
pub use settings::Streams;
pub(crate) use settings::{Protos, Setting};
use tree::Tree;

/// The file that declares a module for each package and includes its code.
const TREE: &str = "rpcx_protos.rs";

impl Protos {
    /// Adds the Rust files of all packages, if there is a `folder` for them, and what the services promise.
    pub(crate) fn generate(
        &self,
        folder: Option<&Folder>,
        outputs: &mut Outputs,
    ) -> Result<(), Error> {
        let Some((first, _)) = self.files.first() else {
            return Ok(());
        };
        let includes = self.includes();
        let mut set = compile(&self.files, &includes)?;
        set.file.iter_mut().for_each(comments::for_rust);
        let places = Places::of(&set, &includes);
        outputs.read.extend(places.read().into_iter().cloned());
        let messages = collisions::check(&set, &places, &self.messages);
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        let promises = Rc::default();
        let (modules, notes) = self.modules(&set, &places, &promises)?;
        outputs.warnings.extend(notes);
        let Promises { mut lock, mistakes } = RefCell::take(&promises);
        promises::messages(&mut lock, &set);
        outputs.proto_lock = lock.without_unused();
        outputs.lock_mistakes.extend(mistakes);
        let Some(folder) = folder else {
            return Ok(());
        };
        let parsed: Vec<(Module, Code)> = modules
            .into_iter()
            .map(|(module, (text, files))| Ok((module, self.code(&text, &files)?)))
            .collect::<Result<_, Error>>()?;
        let tree = Tree::of(&parsed);
        for (module, mut code) in parsed {
            tree.put_into(&module, &mut code.file.items);
            let path = folder.path.join(module.to_file_name_or("_"));
            outputs.add(first, path, code.render(), folder.checked_in)?;
        }
        let tree_file = folder.path.join(TREE);
        outputs.add(first, tree_file, tree.render(), folder.checked_in)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Where imports are looked for, each folder once. A file without any is looked for in its folder.
    fn includes(&self) -> Vec<PathBuf> {
        let mut all = Vec::new();
        for (file, includes) in &self.files {
            let own = file.parent().map(|folder| match folder.as_os_str() {
                empty if empty.is_empty() => PathBuf::from("."),
                _ => folder.to_owned(),
            });
            let own = own.into_iter().filter(|_| includes.is_empty());
            for folder in includes.iter().cloned().chain(own) {
                if !all.contains(&folder) {
                    all.push(folder);
                }
            }
        }
        all
    }

    /// The code of each package, and the files that it comes from.
    fn modules(
        &self,
        set: &FileDescriptorSet,
        places: &Places,
        promises: &Rc<RefCell<Promises>>,
    ) -> Result<(Modules, Vec<String>), Error> {
        let mistakes = Rc::default();
        let notes = Rc::default();
        let mut config = prost_build::Config::new();
        for setting in &self.messages {
            setting.apply(&mut config);
        }
        if self.all_codecs {
            // those of prost-types know nothing of serde
            config.compile_well_known_types();
            go_structs::attributes(set, &mut config);
        }
        config.service_generator(Box::new(service::Generator {
            full_names: self.full_names,
            all_codecs: self.all_codecs,
            streams: self.streams,
            places: places.clone(),
            names: names::Taken::of(set),
            mistakes: Rc::clone(&mistakes),
            notes: Rc::clone(&notes),
            promises: Rc::clone(promises),
        }));
        let mut files: BTreeMap<Module, BTreeSet<String>> = BTreeMap::new();
        for file in &set.file {
            let path = places
                .path(file.name())
                .map_or_else(|| file.name().to_owned(), portable);
            files.entry(module(file)).or_default().insert(path);
        }
        let requests = set.file.iter().map(|file| (module(file), file.clone()));
        let code = config
            .generate(requests.collect())
            .map_err(|error| Error::one(error.to_string()))?;
        let messages: Vec<String> = RefCell::take(&mistakes);
        if !messages.is_empty() {
            return Err(Error { messages });
        }
        let with_files = |(module, text)| {
            let files = files.remove(&module).unwrap_or_default();
            (module, (text, files))
        };
        let modules = code.into_iter().map(with_files).collect();
        Ok((modules, RefCell::take(&notes)))
    }

    /// The code of a package, parsed.
    fn code(&self, text: &str, files: &BTreeSet<String>) -> Result<Code, Error> {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let files = files.join(", ");
        let not_rust =
            |error| Error::one(format!("the code made from {files} is not Rust: {error}"));
        let mut file = syn::parse_file(text).map_err(not_rust)?;
        if self.all_codecs {
            go_structs::implement(&mut file.items);
            let code = quote::ToTokens::into_token_stream(file);
            file = syn::parse2(code).map_err(not_rust)?;
        }
        Ok(Code { file, files })
    }
}

/// The code of a package, and the files that it comes from.
struct Code {
    file: syn::File,
    files: String,
}

impl Code {
    /// In our layout, below the names of its sources.
    fn render(&self) -> String {
        format!(
            "// @generated by rpcx-build from {}\n\n{}",
            self.files,
            prettyplease::unparse(&self.file)
        )
    }
}

/// The code of each package, and the files that it comes from.
type Modules = BTreeMap<Module, (String, BTreeSet<String>)>;

/// For the command line.
#[cfg(feature = "cli")]
impl Protos {
    pub(crate) fn named(
        files: Vec<PathBuf>,
        includes: &[PathBuf],
        full_names: bool,
    ) -> Result<Self, Error> {
        let files = files.into_iter().map(|file| (file, includes.to_vec()));
        Ok(Self {
            files: files.collect(),
            full_names,
            ..Self::default()
        })
    }

    pub(crate) fn skip_streams(mut self, skip: bool) -> Self {
        if skip {
            self.streams = Streams::Skip;
        }
        self
    }
}

fn module(file: &FileDescriptorProto) -> Module {
    Module::from_protobuf_package_name(file.package())
}

/// The named files and what they import. prost writes no code for the well-known types among them.
fn compile(
    files: &[(PathBuf, Vec<PathBuf>)],
    includes: &[PathBuf],
) -> Result<FileDescriptorSet, Error> {
    let failed = |error: &protox::Error| Error::one(places::located(error, includes));
    let mut compiler = Compiler::with_file_resolver(files::resolver(includes));
    compiler.include_imports(true).include_source_info(true);
    let mut messages = Vec::new();
    for (file, _) in files {
        if let Err(error) = compiler.open_file(file) {
            messages.extend(failed(&error).messages);
        }
    }
    if !messages.is_empty() {
        return Err(Error { messages });
    }
    let mut set = compiler.file_descriptor_set();
    // the services of a file that is only imported belong to another package of cargo
    let imported = |name: &str| {
        let mut known = compiler.files();
        known.any(|file| file.name() == name && file.is_import())
    };
    for file in &mut set.file {
        if imported(file.name()) {
            file.service.clear();
        }
    }
    Ok(set)
}
