//! Names that are one in Rust.

use crate::proto::Folder;

/// Where prost made code that does not compile, or panicked.
#[test]
fn names_that_are_one_in_rust_have_a_place() {
    for (body, expected) in [
        (
            "message M { optional int32 user_id = 1; optional int32 userId = 2 [json_name = \"x\"]; }",
            "wrong.proto:3:56: the fields `user_id` and `userId` have one name in Rust: `user_id`\n",
        ),
        (
            "message M { optional int32 user_id = 1; optional int32 userId = 2; }",
            "wrong.proto:3:56: two fields of this message have one name in JSON\n",
        ),
        (
            "message M { optional int32 kind_ = 1; oneof kind { int32 a = 2; } }",
            "wrong.proto:3:45: the fields `kind_` and `kind` have one name in Rust: `kind`\n",
        ),
        (
            "message M { oneof kind { int32 a_b = 1; int32 aB = 2 [json_name = \"x\"]; } }",
            "wrong.proto:3:47: the fields `a_b` and `aB` have one name in Rust: `AB`\n",
        ),
        (
            "enum Size { SIZE_LARGE = 0; Large = 1; }",
            "wrong.proto:3:29: the values `SIZE_LARGE` and `Large` have one name in Rust: `Large`\n",
        ),
        (
            "message M { message user_name {} enum UserName { ONE = 0; } }",
            "wrong.proto:3:39: the types `user_name` and `UserName` have one name in Rust: `UserName`\n",
        ),
        (
            "message M { message XEntry { option map_entry = true; optional int32 a = 1; } repeated XEntry x = 1; }",
            "wrong.proto:3:21: `map_entry` is set for `XEntry`, which no map has made\n",
        ),
        (
            "message HTTP {}\nmessage Http {}",
            "wrong.proto:4:9: the types `HTTP` and `Http` have one name in Rust: `Http`\n",
        ),
    ] {
        let text = format!("syntax = \"proto2\";\npackage p;\n{body}\n");
        let folder = Folder::new("one_name");
        let messages = folder.file("wrong.proto", &text).messages("wrong.proto");
        assert!(
            messages.len() == 1 && messages[0].starts_with(expected),
            "{messages:#?}: {expected}"
        );
    }
}

#[test]
fn names_that_are_several_in_rust_are_no_mistake() {
    let text = "syntax = \"proto2\";\npackage p;
        message M { oneof a_b { int32 aB = 1; } optional int32 ab = 2; repeated int32 s_ = 3; map<int32, int32> entries = 4; message M {} }
        message N { map<int32, int32> entries = 4; message A { optional int32 x = 1; } oneof a { int32 z = 1; } }
        enum Size { option allow_alias = true; SIZE_LARGE = 0; LARGE = 0; SIZE_2 = 2; SIZES = 3; }
        enum Sizes { SIZES_UNKNOWN = 0; }
        message Optional { optional int32 size = 1; }\n";
    let folder = Folder::new("several_names");
    folder.file("right.proto", text).compile("right.proto");
    assert!(folder.out("p.rs").contains("pub struct Optional"));
}
