//! Protobuf files. Beside the other bodies, because only `rpcx-build` can read them: its tests run this one.

use std::path::PathBuf;
use std::{env, fs, process, thread};

/// A `.proto` file becomes Rust that parses, or the mistakes in it are told.
pub(crate) fn proto(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let folder = folder();
    let file = folder.join("input.proto");
    fs::write(&file, &*text).expect("the folder for temporary files can be written");
    let out = folder.join("out");
    let made = rpcx_build::configure()
        .proto(&file, [&folder])
        .out_dir(&out)
        .try_compile();
    match made {
        Ok(()) => {
            for file in fs::read_dir(&out).into_iter().flatten().flatten() {
                let code = fs::read_to_string(file.path()).unwrap_or_default();
                let parsed = syn::parse_file(&code);
                assert!(parsed.is_ok(), "{:?} in\n{code}\nof\n{text}", parsed.err());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = fs::remove_dir_all(&out);
}

/// One for each thread.
fn folder() -> PathBuf {
    let name = format!("rpcx-proto-{}-{:?}", process::id(), thread::current().id());
    let name = name.replace(['(', ')'], "-");
    let folder = env::temp_dir().join(name);
    fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    folder
}
