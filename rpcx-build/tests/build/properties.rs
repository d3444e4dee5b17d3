//! What must hold for every `.proto` file: the body of the fuzz target, on files that are nearly right.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[path = "../../../fuzz/proto.rs"]
mod body;

const FILES: [&str; 4] = [
    "syntax = \"proto3\" ; package a.v1 ; import \"google/protobuf/timestamp.proto\" ; \
     message Args { int64 a = 1 ; repeated string names = 2 ; map < string , Args > more = 3 ; \
     oneof contact { string mail = 4 ; bytes key = 5 ; } google.protobuf.Timestamp at = 6 ; Color color = 7 ; } \
     enum Color { RED = 0 ; GREEN = 1 ; } \
     service Arith { rpc Mul ( Args ) returns ( Args ) ; rpc Watch ( Args ) returns ( stream Args ) ; }",
    "syntax = \"proto2\" ; message Old { required int32 a = 1 [ default = 3 ] ; optional group G = 2 { optional bool b = 1 ; } \
     extensions 100 to 199 ; reserved 5 , 7 to 9 ; } service S { rpc Type ( Old ) returns ( Old ) { option deprecated = true ; } }",
    "syntax = \"proto3\" ; option go_package = \"x/y;z\" ; message self { message Inner { bool loop = 1 ; } Inner type = 1 ; } \
     // a comment with */ and `code` \n service fn { /* another */ rpc struct ( self.Inner ) returns ( .self ) ; }",
    "edition = \"2023\" ; message M { string s = 1 ; }",
];

/// Words are dropped, doubled and exchanged.
fn file() -> impl Strategy<Value = String> {
    let change = (0usize..200, 0usize..200, 0u8..3);
    (select(&FILES[..]), vec(change, 0..5)).prop_map(|(file, changes)| {
        let mut words: Vec<_> = file.split(' ').collect();
        for (a, b, what) in changes {
            let (a, b) = (a % words.len(), b % words.len());
            match what {
                0 => words.swap(a, b),
                1 => words[a] = "",
                _ => words.insert(a, words[b]),
            }
        }
        words.join(" ")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn proto_files(text in file()) {
        body::proto(text.as_bytes());
    }
}
