//! The lock file of protobuf services.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        // several tests may have folders of one name
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("rpcx-promise-{test}-{process}-{count}"));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Compiles a file against the lock file; what is wrong begins with the name of the lock file.
    fn compile(&self, text: &str) -> Result<(), Vec<String>> {
        fs::write(self.0.join("a.proto"), text).unwrap();
        let builder = rpcx_build::configure()
            .emit_rust(false)
            .proto(self.0.join("a.proto"), [&self.0])
            .lock(self.0.join("rpcx.lock"));
        let shown = format!("{}/", self.0.display());
        builder.try_compile().map_err(|error| {
            let messages = error.messages.iter();
            messages
                .map(|message| message.replace(&shown, ""))
                .collect()
        })
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.0.join("rpcx.lock")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const HELLO: &str = r#"syntax = "proto3";
package hello.v1;
import "google/protobuf/timestamp.proto";

service Greeter {
  rpc SayHello(Request) returns (Reply) { option idempotency_level = IDEMPOTENT; }
}
message Request {
  string name = 1;
  repeated Mood moods = 2;
  map<string, Reply> replies = 3;
  sint32 delta = 4;
  enum Mood { MOOD_UNKNOWN = 0; HAPPY = 1; }
}
message Reply {
  int32 count = 1;
  google.protobuf.Timestamp at = 2;
  Request again = 3;
}
message Unused { string text = 1; }
"#;

const LOCK: &str = r#"{
  "rpcx_lock": 2,
  "services": {
    "Greeter": {
      "trait": "Greeter",
      "methods": {
        "SayHello": {
          "fn": "say_hello",
          "codec": "protobuf",
          "args": "hello.v1.Request",
          "reply": "hello.v1.Reply",
          "idempotent": true
        }
      }
    }
  },
  "types": {
    "google.protobuf.Timestamp": {
      "message": {
        "1": ["seconds", "i64"],
        "2": ["nanos", "i32"]
      }
    },
    "hello.v1.Reply": {
      "message": {
        "1": ["count", "i32"],
        "2": ["at", "google.protobuf.Timestamp"],
        "3": ["again", "hello.v1.Request"]
      }
    },
    "hello.v1.Request": {
      "message": {
        "1": ["name", "string"],
        "2": ["moods", "[hello.v1.Request.Mood]"],
        "3": ["replies", "{string: hello.v1.Reply}"],
        "4": ["delta", "`sint32`"]
      }
    },
    "hello.v1.Request.Mood": {
      "numbers": {
        "0": "MOOD_UNKNOWN",
        "1": "HAPPY"
      },
      "proto": true
    }
  }
}
"#;

#[test]
fn a_lock_file_is_written_and_kept() {
    let folder = Folder::new("written");
    folder.compile(HELLO).unwrap();
    assert_eq!(folder.lock(), LOCK);
    folder
        .compile(&HELLO.replace("message Unused", "// unused\nmessage Other"))
        .unwrap();
    assert_eq!(folder.lock(), LOCK);
}

/// What is replaced in `HELLO`, and what is found.
const EDITS: &[(&str, &str, &[&str])] = &[
    (
        "SayHello(",
        "Say_Hello(",
        &["METHOD_NO_DELETE: the method `Greeter.SayHello` is gone"],
    ),
    (
        "service Greeter",
        "service Other",
        &["SERVICE_SAME_PATH: the service `Greeter` has the path `Other` now"],
    ),
    (
        "option idempotency_level = IDEMPOTENT;",
        "",
        &["IDEMPOTENT_NO_REMOVE: the method"],
    ),
    (
        "returns (Reply)",
        "returns (Unused)",
        &[
            "FIELD_SAME_TYPE: the field `count` (1) of `hello.v1.Reply` was `i32` and is `string`",
            "FIELD_NO_DELETE: the field `at` (2) of `hello.v1.Reply` is gone",
            "FIELD_NO_DELETE: the field `again` (3) of `hello.v1.Reply` is gone",
        ],
    ),
    (
        "string name = 1;",
        "",
        &["FIELD_NO_DELETE: the field `name` (1) of `hello.v1.Request` is gone"],
    ),
    (
        "name = 1;",
        "name = 7;",
        &["FIELD_SAME_NUMBER: the field `name` (1) of `hello.v1.Request` has the number 7 now"],
    ),
    (
        "string name = 1;",
        "bytes name = 1;",
        &[
            "FIELD_SAME_TYPE: the field `name` (1) of `hello.v1.Request` was `string` and is `bytes`",
        ],
    ),
    (
        "sint32 delta",
        "int32 delta",
        &["FIELD_SAME_TYPE: the field `delta` (4) of `hello.v1.Request` was `sint32` and is `i32`"],
    ),
    ("int32 count", "int64 count", &[]),
    (
        "int32 count",
        "uint32 count",
        &[
            "FIELD_NO_NARROWING: the field `count` (1) of `hello.v1.Reply` was narrowed from `i32` to `u32`",
        ],
    ),
    ("string name = 1;", "string label = 1;", &[]),
    ("string name = 1;", "string name = 1; string more = 9;", &[]),
    (
        "repeated Mood moods",
        "Mood moods",
        &[
            "FIELD_SAME_TYPE: the field `moods` (2) of `hello.v1.Request` was `[hello.v1.Request.Mood]` and is `hello.v1.Request.Mood`",
        ],
    ),
    (
        "map<string, Reply>",
        "map<int32, Reply>",
        &[
            "FIELD_SAME_TYPE: a key of the field `replies` (3) of `hello.v1.Request` was `string` and is `i32`",
        ],
    ),
    (
        "HAPPY = 1",
        "HAPPY = 2",
        &["ENUM_VARIANT_SAME_VALUE: the variant `hello.v1.Request.Mood::HAPPY` travels as 2"],
    ),
    ("package hello.v1", "package hello.v2", &[]),
];

#[test]
fn breaks_are_found() {
    for (from, to, expected) in EDITS {
        let folder = Folder::new("breaks");
        folder.compile(HELLO).unwrap();
        assert!(HELLO.contains(*from), "{from}");
        let found = folder
            .compile(&HELLO.replace(from, to))
            .err()
            .unwrap_or_default();
        assert_eq!(
            found.len(),
            expected.len() + usize::from(!expected.is_empty()),
            "{to}: {found:#?}"
        );
        for expected in *expected {
            let whole = format!("rpcx.lock: WIRE {expected}");
            assert!(
                found.iter().any(|text| text.starts_with(&whole)),
                "{to}: {found:#?}"
            );
        }
    }
}

#[test]
fn trait_files_and_protobuf_files_are_one_lock() {
    let folder = Folder::new("mixed");
    let text = "syntax = \"proto3\"; service A { rpc F(Args) returns (Args); } message Args { bool a = 1; }";
    fs::write(folder.0.join("a.proto"), text).unwrap();
    let other = "#[rpcx::message] pub struct Args { pub a: u8 }\n#[rpcx::service] trait B { async fn f(&self, args: Args) -> rpcx::Result<()>; }";
    fs::write(folder.0.join("b.rs"), other).unwrap();
    let builder = || {
        rpcx_build::configure()
            .emit_rust(false)
            .proto(folder.0.join("a.proto"), [&folder.0])
            .lock(folder.0.join("rpcx.lock"))
    };
    builder()
        .trait_file(folder.0.join("b.rs"))
        .try_compile()
        .unwrap();
    let lock = folder.lock();
    for part in ["\"A\": {", "\"B\": {", "\"_proto::Args\": {", "\"Args\": {"] {
        assert!(lock.contains(part), "{part} is not in\n{lock}");
    }
    let error = builder().try_compile().unwrap_err();
    assert!(
        error.messages[0].contains("SERVICE_NO_DELETE: the service `B` is gone"),
        "{error}"
    );
}

#[test]
fn services_with_one_path_cannot_be_locked() {
    let folder = Folder::new("twice");
    let service = "service A { rpc F(M) returns (M); } message M {}";
    fs::write(
        folder.0.join("b.proto"),
        format!("syntax = \"proto3\"; package b; {service}"),
    )
    .unwrap();
    let text = format!("syntax = \"proto3\"; package a; {service}");
    fs::write(folder.0.join("a.proto"), text).unwrap();
    let builder = rpcx_build::configure().emit_rust(false);
    let builder = builder
        .proto(folder.0.join("a.proto"), [&folder.0])
        .proto(folder.0.join("b.proto"), [&folder.0])
        .lock(folder.0.join("rpcx.lock"));
    let error = builder.try_compile().unwrap_err();
    assert_eq!(
        error.messages,
        [
            "two services of protobuf files have one path, `A`, and a lock file tells them apart by that\nhelp: use `full_names(true)`, or give one of them another name"
        ]
    );
}

/// With all codecs, messages are known by the names of their fields, too.
#[test]
fn names_are_promised_where_they_travel() {
    let folder = Folder::new("names");
    let compile = |text: &str, all: bool| {
        fs::write(folder.0.join("a.proto"), text).unwrap();
        let builder = rpcx_build::configure()
            .emit_rust(false)
            .proto(folder.0.join("a.proto"), [&folder.0])
            .all_codecs(all)
            .lock(folder.0.join("rpcx.lock"));
        builder.try_compile().map_err(|error| error.to_string())
    };
    compile(HELLO, false).unwrap();
    // more codecs break nothing
    compile(HELLO, true).unwrap();
    assert!(folder.lock().contains(r#""codec": "protobuf, serde""#));
    let error = compile(HELLO, false).unwrap_err();
    assert!(error.contains("WIRE METHOD_SAME_CODEC"), "{error}");
    let renamed = HELLO.replace("string name = 1", "string title = 1");
    let error = compile(&renamed, true).unwrap_err();
    assert!(error.contains("WIRE FIELD_SAME_NAME"), "{error}");
}

/// Edits that were accepted in between, by a lock file, and those that concern code alone.
const MORE: &[(&str, &[&str])] = &[
    ("a field is gone and its number reserved", &["reserved 1;"]),
    (
        "a number that was reserved is not any more",
        &["reserved 1;", ""],
    ),
    (
        "a number that was reserved is in a range",
        &["reserved 1;", "reserved 1 to 1, 9;"],
    ),
    (
        "a number comes back as another field",
        &["", "string title = 1;"],
    ),
    ("a field comes back as it was", &["", "string name = 1;"]),
    ("a field is optional", &["optional string name = 1;"]),
    (
        "a field goes into a oneof of its own",
        &["oneof who { string name = 1; }"],
    ),
    (
        "a oneof has another name",
        &[
            "oneof who { string name = 1; }",
            "oneof what { string name = 1; }",
        ],
    ),
    (
        "a field goes out of a oneof",
        &["oneof who { string name = 1; }", "string name = 1;"],
    ),
    (
        "two fields go into one oneof",
        &[
            "string name = 1; string nick = 9;",
            "oneof who { string name = 1; string nick = 9; }",
        ],
    ),
    (
        "a new field goes into a oneof",
        &[
            "oneof who { string name = 1; }",
            "oneof who { string name = 1; string nick = 9; }",
        ],
    ),
];

/// Of each level, with the name of the rule.
fn findings(old: &str, new: &str) -> Vec<(rpcx_schema::lock::Level, &'static str)> {
    use rpcx_schema::lock::{Lock, diff};
    let found = diff(&Lock::parse(old).unwrap(), &Lock::parse(new).unwrap());
    found.iter().map(|one| (one.level, one.rule)).collect()
}

/// The lock file of a text by itself.
fn locked(text: &str) -> String {
    let folder = Folder::new("table");
    folder
        .compile(text)
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    folder.lock()
}

/// Each edit with its steps.
fn rows() -> Vec<(String, Vec<String>)> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (from, to, _) in EDITS {
        let shown = |text: &str| match text.trim() {
            "" => "nothing".to_owned(),
            text => format!("`{text}`"),
        };
        let name = format!("{} becomes {}", shown(from), shown(to));
        rows.push((name, vec![HELLO.to_owned(), HELLO.replace(from, to)]));
    }
    for (name, steps) in MORE {
        let steps = steps
            .iter()
            .map(|step| HELLO.replace("string name = 1;", step));
        rows.push((
            (*name).to_owned(),
            std::iter::once(HELLO.to_owned()).chain(steps).collect(),
        ));
    }
    let proto2 = |line: &str| {
        format!(
            "syntax = \"proto2\"; service S {{ rpc F(M) returns (M); }} message M {{ {line} }} enum E {{ A = 0; B = 1; }}"
        )
    };
    for (name, from, to) in [
        (
            "a field of proto2 is required",
            "optional string a = 1;",
            "required string a = 1;",
        ),
        (
            "a field of proto2 is not required any more",
            "required string a = 1;",
            "optional string a = 1;",
        ),
        (
            "a default of proto2",
            "optional int32 a = 1;",
            "optional int32 a = 1 [default = 5];",
        ),
    ] {
        rows.push((name.to_owned(), vec![proto2(from), proto2(to)]));
    }
    rows
}

/// The table in `docs/lock.md`, which `UPDATE_EXPANDED=1` writes.
#[test]
fn the_table_of_the_guide_is_what_is_found() {
    use rpcx_schema::lock::{Level, Lock};
    let mut table = "| edit | for peers | for code | findings |\n|---|---|---|---|\n".to_owned();
    for (name, steps) in rows() {
        let (last, before) = steps.split_last().unwrap();
        let mut old = Lock::parse(&locked(&before[0])).unwrap();
        for step in &before[1..] {
            old = old.succeeded_by(Lock::parse(&locked(step)).unwrap());
        }
        let found = findings(&old.render(), &locked(last));
        let has = |level| found.iter().any(|(one, _)| *one == level);
        let verdict = |breaks: bool| if breaks { "**break**" } else { "ok" };
        let mut rules: Vec<String> = found.iter().map(|(_, rule)| format!("`{rule}`")).collect();
        rules.sort();
        rules.dedup();
        table.push_str(&format!(
            "| {name} | {} | {} | {} |\n",
            verdict(has(Level::Wire)),
            verdict(has(Level::Wire) || has(Level::Source)),
            rules.join(", ")
        ));
    }
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lock.md");
    let text = fs::read_to_string(&guide).unwrap();
    let (begin, end) = ("<!-- edits of protobuf files -->\n", "<!-- end -->\n");
    let start = text.find(begin).unwrap() + begin.len();
    let stop = start + text[start..].find(end).unwrap();
    if std::env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(
            &guide,
            format!("{}{table}{}", &text[..start], &text[stop..]),
        )
        .unwrap();
        return;
    }
    assert_eq!(&text[start..stop], table, "docs/lock.md is not up to date");
}

#[test]
fn reserved_is_honoured_with_names_where_they_travel() {
    let reserved = |text: &str| HELLO.replace("string name = 1;", text);
    let wire = |old: &str, new: &str| -> Vec<&'static str> {
        let found = findings(old, new).into_iter();
        let found = found.filter(|(level, _)| *level == rpcx_schema::lock::Level::Wire);
        found.map(|(_, rule)| rule).collect()
    };
    let by_numbers = |text: &str| locked(text);
    assert_eq!(
        wire(&by_numbers(HELLO), &by_numbers(&reserved("reserved 1;"))),
        [] as [&str; 0]
    );
    // the same lock file, but for the codecs
    let by_names = |text: &str| {
        locked(text).replace("\"codec\": \"protobuf\"", "\"codec\": \"protobuf, serde\"")
    };
    assert_eq!(
        wire(&by_names(HELLO), &by_names(&reserved("reserved 1;"))),
        ["FIELD_NO_DELETE"]
    );
    let both = reserved("reserved 1; reserved \"name\";");
    assert_eq!(wire(&by_names(HELLO), &by_names(&both)), [] as [&str; 0]);
    let variant = HELLO.replace("HAPPY = 1;", "reserved 1;");
    assert_eq!(
        findings(&by_numbers(HELLO), &by_numbers(&variant)),
        [(rpcx_schema::lock::Level::Source, "ENUM_VARIANT_NO_DELETE")]
    );
}
