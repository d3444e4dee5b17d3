//! `.proto` files as they come: with a byte-order mark, and of an edition.

use std::fs;
use std::path::{Path, PathBuf};

use protox::Error;
use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};

/// Looks files up in these folders, and the well-known ones behind them.
pub(super) fn resolver(includes: &[PathBuf]) -> impl FileResolver + use<> {
    let mut all = ChainFileResolver::new();
    for folder in includes {
        all.add(Folder {
            path: folder.clone(),
            plain: IncludeFileResolver::new(folder.clone()),
        });
    }
    all.add(GoogleFileResolver::new());
    all
}

struct Folder {
    path: PathBuf,
    plain: IncludeFileResolver,
}

impl FileResolver for Folder {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.plain.resolve_path(path)
    }

    fn open_file(&self, name: &str) -> Result<File, Error> {
        // protoc skips the mark that some editors write, protox does not
        match fs::read_to_string(self.path.join(name)) {
            Ok(text) => match text.strip_prefix('\u{feff}') {
                Some(rest) => File::from_source(name, rest),
                None => self.plain.open_file(name),
            },
            Err(_) => self.plain.open_file(name),
        }
    }
}

/// The edition that a file is written in: `2023` of `edition = "2023";`.
pub(super) fn edition(source: &str) -> Option<&str> {
    let mut rest = source.trim_start_matches('\u{feff}').trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n')?.1.trim_start()
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/")?.1.trim_start()
        } else {
            break;
        };
    }
    let value = rest
        .strip_prefix("edition")?
        .trim_start()
        .strip_prefix('=')?;
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| ['"', '\''].contains(c))?;
    value[1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::edition;

    #[test]
    fn editions_are_found_behind_comments() {
        assert_eq!(
            edition("\u{feff}// a\n/* b\n*/ edition = '2024';"),
            Some("2024")
        );
        assert_eq!(edition("edition=\"2023\";\nmessage M {}"), Some("2023"));
        assert_eq!(edition("syntax = \"proto3\";\nmessage edition {}"), None);
        assert_eq!(edition("// edition = \"2023\""), None);
    }
}
