//! `RPCX_DEBUG_EXPAND=1`: an expansion as a file, so that what rustc says of it points at lines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, io, process};

use proc_macro::{Span, TokenStream, TokenTree};

const SWITCH: &str = "RPCX_DEBUG_EXPAND";

/// The files that this run of the compiler has written, so that two items of one name get two files.
static WRITTEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The expansion of `item`; with the switch on, as an `include!` of a file that has it.
///
/// An expansion with errors stays as it is: they are to point at the user's own tokens.
pub(crate) fn shown(item: &TokenStream, expansion: TokenStream) -> TokenStream {
    if env::var_os(SWITCH).is_none_or(|value| value != "1") || has_errors(&expansion) {
        return expansion;
    }
    let name = name(item).unwrap_or_else(|| "item".to_owned());
    let Some(text) = rpcx_codegen::lines::text(&expansion.clone().into()) else {
        eprintln!("{SWITCH}: `{name}` was made by another macro and cannot be shown as text");
        return expansion;
    };
    let Some(folder) = folder() else {
        eprintln!(
            "{SWITCH}: there is no folder to write to, because the compiler was started without `--out-dir`"
        );
        return expansion;
    };
    match write(&folder, &name, &text) {
        Ok(path) => include(&path).unwrap_or(expansion),
        Err(error) => {
            eprintln!("{SWITCH}: {}: {error}", folder.display());
            expansion
        }
    }
}

fn has_errors(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => name.to_string() == "compile_error",
        TokenTree::Group(group) => has_errors(&group.stream()),
        _ => false,
    })
}

/// The name of the trait, struct or enum.
fn name(item: &TokenStream) -> Option<String> {
    let mut words = item.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    words.find(|word| matches!(&**word, "trait" | "struct" | "enum"))?;
    let name = words.next()?;
    Some(name.trim_start_matches("r#").to_owned())
}

/// `rpcx-expand/PACKAGE/CRATE` beside the folder that the compiler writes to, which is below the target
/// folder whatever that is. `OUT_DIR` would not do: only packages with a build script have it.
fn folder() -> Option<PathBuf> {
    let mut arguments = env::args_os();
    arguments.find(|argument| argument == "--out-dir")?;
    let out = env::current_dir().ok()?.join(arguments.next()?);
    let base = match (out.file_name(), out.parent()) {
        (Some(name), Some(parent)) if name == "deps" => parent,
        _ => &out,
    };
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let krate = env::var("CARGO_CRATE_NAME").unwrap_or_default();
    Some(base.join("rpcx-expand").join(package).join(krate))
}

/// Writes `src_lib.Arith.rs`, unless it is there with this text: cargo would build again after every change.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let span = Span::call_site();
    let source = span.file().replace('\\', "/");
    let stem = source.trim_end_matches(".rs").rsplit('/').take(2);
    let mut stem: Vec<&str> = stem.collect();
    stem.reverse();
    let path = unused(folder, &format!("{}.{name}", stem.join("_")));
    let line = span.line();
    let text = format!("// `{name}` at {source}:{line}, as rpcx expands it\n\n{text}");
    if fs::read(&path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(path);
    }
    fs::create_dir_all(folder)?;
    // in one step: the same crate may be compiled twice at the same time, once for its tests
    let part = path.with_extension(format!("{}.part", process::id()));
    fs::write(&part, text)?;
    fs::rename(&part, &path)?;
    Ok(path)
}

fn unused(folder: &Path, name: &str) -> PathBuf {
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut path = folder.join(format!("{name}.rs"));
    let mut number = 1;
    while !written.insert(path.clone()) {
        number += 1;
        path = folder.join(format!("{name}-{number}.rs"));
    }
    path
}

/// The call of `option_env!` makes cargo build again when the switch is turned off.
fn include(path: &Path) -> Option<TokenStream> {
    let path = path.to_str()?;
    let code = format!(
        "::core::include!({path:?}); const _: ::core::option::Option<&str> = ::core::option_env!({SWITCH:?});"
    );
    code.parse().ok()
}
