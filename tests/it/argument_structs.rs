//! `#[rpcx(args = "..")]`: the struct is the message that the arguments travel as.

use rpcx::{Channel, InProcess};

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
struct User {
    id: u64,
}

#[rpcx::service]
trait Notes {
    #[rpcx(args = "NoteArgs")]
    async fn note(
        &self,
        text: &str,
        data: &[u8],
        by: &User,
        #[rpcx(name = "ID", default)] id: u32,
    ) -> rpcx::Result<String>;
    #[cfg(unix)]
    #[rpcx(wrap, args = "Wrapped")]
    async fn one(&self, r#type: Option<Vec<u8>>) -> rpcx::Result<Option<Vec<u8>>>;
    #[cfg(not(unix))]
    #[rpcx(wrap, args = "Wrapped")]
    async fn one(&self, r#type: Option<Vec<u8>>) -> rpcx::Result<Option<Vec<u8>>>;
}

/// The same service, with the structs as the only arguments.
#[rpcx::service(name = "Notes")]
trait Messages {
    async fn note(&self, args: &NoteArgs) -> rpcx::Result<String>;
    async fn one(&self, args: Wrapped) -> rpcx::Result<Option<Vec<u8>>>;
}

fn shown(text: &str, data: &[u8], by: &User, id: u32) -> String {
    format!("{text} {data:?} {by:?} {id}")
}

struct Peer;

impl Notes for Peer {
    async fn note(&self, text: &str, data: &[u8], by: &User, id: u32) -> rpcx::Result<String> {
        Ok(shown(text, data, by, id))
    }
    async fn one(&self, r#type: Option<Vec<u8>>) -> rpcx::Result<Option<Vec<u8>>> {
        Ok(r#type)
    }
}

impl Messages for Peer {
    async fn note(&self, args: &NoteArgs) -> rpcx::Result<String> {
        Ok(shown(&args.text, &args.data, &args.by, args.id))
    }
    async fn one(&self, args: Wrapped) -> rpcx::Result<Option<Vec<u8>>> {
        Ok(args.r#type)
    }
}

fn sample() -> NoteArgs {
    NoteArgs {
        text: "grüße".to_owned(),
        data: vec![0, 255],
        by: User { id: 7 },
        id: 9,
    }
}

#[tokio::test]
async fn the_struct_and_the_arguments_are_the_same_message() {
    let channels: [Channel; 2] = [
        InProcess::new(NotesServer::new(Peer)).into(),
        InProcess::new(MessagesServer::new(Peer)).into(),
    ];
    let args = sample();
    let wanted = shown(&args.text, &args.data, &args.by, args.id);
    for channel in channels {
        let notes = NotesClient::new(channel.clone());
        let got = notes.note(&args.text, &args.data, &args.by, args.id);
        assert_eq!(got.await.unwrap(), wanted);
        assert_eq!(notes.one(None).await.unwrap(), None);
        let messages = MessagesClient::new(channel);
        assert_eq!(messages.note(&args).await.unwrap(), wanted);
        let wrapped = Wrapped {
            r#type: Some(vec![3]),
        };
        assert_eq!(messages.one(wrapped).await.unwrap(), Some(vec![3]));
    }
}

#[test]
fn the_struct_is_a_message() {
    let json = serde_json::to_value(sample()).unwrap();
    let wanted = serde_json::json!({
        "Text": "grüße", "Data": "AP8=", "By": {"Id": 7}, "ID": 9
    });
    assert_eq!(json, wanted);
    let empty: NoteArgs = serde_json::from_str("{}").unwrap();
    assert_eq!((empty.text.as_str(), empty.id), ("", 0));
}
