//! Texts that are not copied for each field: borrowed ones as arguments, shared ones in replies.

use rpcx::codec::{ByType, decode_as, encode_as};
use rpcx::protocol::Codec;
use rpcx::{InProcess, Text};

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Entry<'a> {
    name: &'a str,
    note: Option<&'a str>,
    count: u32,
}

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    name: Text,
    note: Option<Text>,
    owned: String,
    tags: Vec<Text>,
}

#[rpcx::service]
trait Journal {
    async fn add(&self, entry: Entry<'_>) -> rpcx::Result<Kept>;
}

struct Book;

impl Journal for Book {
    async fn add(&self, entry: Entry<'_>) -> rpcx::Result<Kept> {
        Ok(Kept {
            name: entry.name.into(),
            note: entry.note.map(Text::from),
            owned: entry.count.to_string(),
            tags: vec!["a".into(), Text::EMPTY],
        })
    }
}

#[tokio::test]
async fn a_message_that_borrows_is_an_argument() {
    let client = JournalClient::new(InProcess::new(JournalServer::new(Book)));
    let entry = Entry {
        name: "许多往事在眼前一幕一幕，变的那麼模糊",
        note: Some("größer"),
        count: 7,
    };
    let kept = client.add(entry).await.unwrap();
    assert_eq!(kept.name, "许多往事在眼前一幕一幕，变的那麼模糊");
    assert_eq!(kept.note.as_deref(), Some("größer"));
    assert_eq!((&*kept.owned, kept.tags.len()), ("7", 2));
}

#[test]
fn in_json_they_are_texts_as_all_are() {
    let json = br#"{"Name":"a\nb","Note":null,"Owned":"","Tags":["x"]}"#;
    let kept: Kept = decode_as::<ByType, _>(Codec::JSON, json).unwrap();
    assert_eq!((&*kept.name, kept.note.as_deref()), ("a\nb", None));
    let mut out = Vec::new();
    encode_as::<ByType, _>(&kept, Codec::JSON, &mut out).unwrap();
    assert_eq!(out, json);
}

#[test]
fn borrowed_texts_lie_in_the_payload() {
    let payload = b"\x83\xa4Name\xa3abc\xa4Note\xc4\x02de\xa5Count\x01";
    let entry: Entry<'_> = decode_as::<ByType, _>(Codec::MSGPACK, payload).unwrap();
    assert_eq!((entry.name, entry.note), ("abc", Some("de")));
    assert!(payload.as_ptr_range().contains(&entry.name.as_ptr()));
}

#[test]
fn the_shared_texts_of_a_message_are_one_piece_of_memory() {
    let kept = Kept {
        name: "名字".into(),
        note: Some("a note".into()),
        owned: "许多往事在眼前一幕一幕，变的那麼模糊".to_owned(),
        tags: Vec::new(),
    };
    let mut out = Vec::new();
    encode_as::<ByType, _>(&kept, Codec::MSGPACK, &mut out).unwrap();
    let read: Kept = decode_as::<ByType, _>(Codec::MSGPACK, &out).unwrap();
    assert_eq!(read, kept);
    let note = read.note.unwrap();
    assert_eq!(read.name.as_bytes().as_ptr_range().end, note.as_ptr());
    assert_ne!(note.detach().as_ptr(), note.as_ptr());
}

#[test]
fn a_text_that_is_no_text_is_found_where_it_is() {
    // the whole is UTF-8, and neither of its parts is
    let cut = b"\x82\xa4Name\xa2a\xc3\xa4Note\xa2\xb6b";
    // the earlier of two is told, in whichever order their fields are
    let two = b"\x83\xa4Note\xa2\xffx\xa4Name\xa1\xff\xa5Owned\xc2";
    for (payload, place) in [(&cut[..], 8), (two, 7)] {
        let error = decode_as::<ByType, Kept>(Codec::MSGPACK, payload).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("a text that is not UTF-8 at byte {place}")
        );
    }
    // a field that came twice is looked at both times
    let twice = b"\x82\xa4Name\xa2\xffx\xa4Name\xa1a";
    let error = decode_as::<ByType, Kept>(Codec::MSGPACK, twice).unwrap_err();
    assert_eq!(error.offset(), Some(7));
}
