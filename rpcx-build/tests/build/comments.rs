//! Comments of `.proto` files as documentation: rustdoc finds no test and no fault in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rpcx-docs-{test}-{}", std::process::id()));
        fs::create_dir_all(path.join("out")).unwrap();
        Self(path)
    }

    /// The Rust file for a `.proto` file.
    fn generated(&self, proto: &str) -> String {
        let path = self.0.join("docs.proto");
        fs::write(&path, proto).unwrap();
        rpcx_build::configure()
            .out_dir(self.0.join("out"))
            .proto(&path, [&self.0])
            .try_compile()
            .unwrap();
        fs::read_to_string(self.0.join("out/docs.rs")).unwrap()
    }

    /// A library of nothing but the documentation in `source`, each part on an item of its own.
    fn documentation(&self, source: &str) -> PathBuf {
        let mut out = "//! Documentation.\n".to_owned();
        let mut items = 0;
        let mut lines = source.lines().map(str::trim).peekable();
        while let Some(line) = lines.next() {
            if !line.starts_with("///") {
                continue;
            }
            out.push_str(&format!("{line}\n"));
            if !lines.peek().is_some_and(|next| next.starts_with("///")) {
                items += 1;
                out.push_str(&format!("pub struct Item{items};\n"));
            }
        }
        assert!(items > 0, "no documentation in\n{source}");
        let path = self.0.join("documentation.rs");
        fs::write(&path, out).unwrap();
        path
    }

    fn rustdoc(&self, source: &Path, options: &[&str]) -> Output {
        let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
        Command::new(rustdoc)
            .args(["--edition", "2024", "--crate-name", "documentation"])
            .args(options)
            .arg("--out-dir")
            .arg(self.0.join("html"))
            .arg(source)
            .output()
            .expect("rustdoc comes with rustc")
    }

    /// How many tests rustdoc finds in `source`.
    fn tests(&self, source: &Path) -> usize {
        let output = self.rustdoc(source, &["--test", "--test-args", "--list"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{errors}");
        said.lines().filter(|line| line.ends_with(": test")).count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Each line of `text` behind `//`.
fn comment(text: &str) -> String {
    text.split('\n').map(|line| format!("//{line}\n")).collect()
}

const TEXTS: [&str; 12] = [
    " Indented text:\n\n     let x = 1;\n     panic!();\n\n and more.",
    " Fenced:\n ```\n panic!()\n ```\n ```rust\n panic!()\n ```\n ~~~~\n panic!()\n ~~~\n ~~~~\n done",
    "\tTabs.\n\n\t\tpanic!()\n",
    " Ends in the middle\n ```\n panic!()",
    " - a list\n\n   with more\n\n       panic!()\n\n   1. inside\n\n          panic!()\n      ```\n panic!()\n ```\n",
    " -     panic!()\n - ```\n   panic!()\n   ```\n >     panic!()\n > ```\n > panic!()",
    " * * *\n\n     panic!()\n\n 14.  x\n\n         panic!()",
    " Ends of comments: */ /* and \\ and \\n, C:\\new\\folder\\",
    " Links: [Missing], [a](Missing), [b][Missing], [c](https://example.org/a_(b)), [d]: Missing, a[0], https://example.org",
    " HTML: <T>, map<string, T>, <b>, </b>, <!-- , <br/>, a < b, `Vec<T>`, <https://example.org>, `x<T",
    " Quotes: \" ' \"# r#\"\"# {} {{ }} %s ${x} #![forbid] ///! //!",
    " Carriage returns\r\n\r\n and a bare\rone, \u{202e}turned\u{202c} \u{0}\u{b}text",
];

fn fields(text: &str) -> String {
    let text = comment(text);
    format!(
        "syntax = \"proto3\";\npackage docs;\n\n{text}service Docs {{\n{text}  rpc Call(M) returns (M);\n}}\n\
         {text}message M {{\n{text}  string a = 1;\n{text}  oneof o {{\n{text}    int32 b = 2;\n  }}\n}}\n\
         {text}enum E {{\n{text}  E_ZERO = 0; {text}\n}}\n"
    )
}

#[test]
fn comments_are_documentation_without_tests_and_without_faults() {
    let folder = Folder::new("texts");
    let all = TEXTS.map(|text| folder.generated(&fields(text)));
    let source = folder.documentation(&all.concat());
    let shown = fs::read_to_string(&source).unwrap();
    assert_eq!(folder.tests(&source), 0, "{shown}");
    let output = folder.rustdoc(&source, &["-D", "warnings"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{shown}");
}

#[test]
fn text_stays_as_it_is_written() {
    let folder = Folder::new("shown");
    let text = " Says hello to `Vec<T>`.\n\n - one\n   and more\n\n       in the item\n\n As it\n is:\n\n     let x = a[0];\n       <b>\n\n ```go\n x := 1\n ```\n End.";
    let proto = format!(
        "syntax = \"proto3\";\npackage docs;\n{}message M {{}}\n",
        comment(text)
    );
    let generated = folder.generated(&proto);
    let docs: Vec<_> = generated
        .lines()
        .filter(|line| line.starts_with("///"))
        .collect();
    assert_eq!(
        docs,
        [
            "/// Says hello to `Vec<T>`.",
            "///",
            "/// - one",
            "///   and more",
            "///",
            "///   ```text",
            "///   in the item",
            "///   ```",
            "///",
            "/// As it",
            "/// is:",
            "///",
            "/// ```text",
            "/// let x = a\\[0\\];",
            "///   <b>",
            "/// ```",
            "///",
            "/// ```text",
            "/// x := 1",
            "/// ```",
            "/// End.",
        ]
    );
}

/// Small numbers without end, the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).unwrap()
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 26] = [
            "",
            "",
            "",
            "panic!()",
            "panic!()",
            "```",
            "```rust",
            "~~~",
            "````",
            "-",
            "- a",
            "-     a",
            "1. a",
            "14) a",
            "2. a",
            "* * *",
            "---",
            "===",
            "> a",
            ">     a",
            "> - a",
            "# a",
            "| a | b |",
            "<pre>",
            "[a]: b",
            "- - a",
        ];
        let lines = (0..1 + self.below(12)).map(|_| {
            let indent = match self.below(3) {
                0 => "\t".repeat(self.below(3)),
                _ => " ".repeat(self.below(13)),
            };
            format!("{indent}{}", PARTS[self.below(PARTS.len())])
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn nothing_that_is_written_becomes_a_test() {
    let folder = Folder::new("random");
    let mut numbers = Numbers(1);
    let texts: Vec<_> = (0..1000).map(|_| numbers.text()).collect();
    let mut proto = "syntax = \"proto3\";\npackage docs;\n\n".to_owned();
    let mut raw = String::new();
    for (number, text) in texts.iter().enumerate() {
        proto.push_str(&format!("{}message M{number} {{}}\n\n", comment(text)));
        raw.push_str(&comment(text).replace("//", "///"));
        raw.push_str("struct M;\n");
    }
    // so that it is known to find something
    let as_they_are = folder.documentation(&raw);
    assert!(folder.tests(&as_they_are) > 300);
    let generated = folder.documentation(&folder.generated(&proto));
    let found = folder.tests(&generated);
    if found > 0 {
        let output = folder.rustdoc(&generated, &["--test", "--test-args", "--list"]);
        panic!(
            "{found} tests: {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            fs::read_to_string(&generated).unwrap()
        );
    }
}
