//! The files of the page.

pub(super) const FRAME: &str = include_str!("../../../../page/index.html");

macro_rules! files {
    ($folder:literal, $extension:literal: $($name:literal)*) => {
        &[$((
            $name,
            include_str!(concat!("../../../../page/", $folder, "/", $name, ".", $extension)),
        )),*]
    };
}

/// In the order in which the later ones overrule the earlier.
pub(super) const STYLES: &[(&str, &str)] =
    files!("style", "css": "theme" "base" "controls" "frame" "views");

/// In their layers, bottom first: a module imports only those before it.
pub(super) const MODULES: &[(&str, &str)] = files!(
    "code", "js":
    "dom" "json" "store" "base64" "schema" "sample" "check" "docs" "scalars" "groups" "form"
    "catalog" "request" "call" "msgpack" "frame" "live" "history" "route" "highlight" "search" "tabs"
    "clipboard" "editor" "arguments" "rust" "typescript" "snippets" "options" "signature" "reply" "pushes" "sidebar"
    "overview" "method" "theme" "keys" "main"
);
