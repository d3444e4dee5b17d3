//! Enums with data in `#[rpcx::message]`: a map with one entry, as a Go struct of which one field is set.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::codec::{decode_serde, encode_serde};
use rpcx::protocol::Codec;
use rpcx::services::Service as _;
use rpcx::{InProcess, reflection};

const MSGPACK: Codec = Codec::MSGPACK;
const JSON: Codec = Codec::JSON;

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    x: i32,
    y: i32,
}

/// What is drawn.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Nothing is drawn.
    #[rpcx(default)]
    Nothing,
    Dot(Point),
    /// Around its middle.
    Circle {
        middle: Point,
        #[rpcx(name = "R")]
        radius: f64,
        fades: Option<Duration>,
        pixels: Vec<u8>,
        #[rpcx(skip)]
        cached: bool,
    },
    Lasts(Duration),
    Bitmap(Vec<u8>),
    #[rpcx(name = "group")]
    Several(Vec<Self>),
    Named(BTreeMap<String, Box<Self>>),
}

/// One of which nil says nothing.
#[rpcx::message]
#[derive(Debug, PartialEq)]
enum Key {
    Id(u64),
    Name(String),
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Holder {
    shape: Shape,
    key: Option<Key>,
}

fn circle(pixels: &[u8]) -> Shape {
    Shape::Circle {
        middle: Point { x: 1, y: -1 },
        radius: 0.5,
        fades: Some(Duration::from_secs(1)),
        pixels: pixels.to_vec(),
        cached: false,
    }
}

fn all() -> Vec<Shape> {
    let mut all = vec![
        Shape::Nothing,
        Shape::Dot(Point { x: 3, y: 4 }),
        circle(&[0, 255]),
        circle(&[]),
        Shape::Lasts(Duration::from_millis(3)),
        Shape::Bitmap(vec![7]),
        Shape::Bitmap(Vec::new()),
    ];
    all.push(Shape::Several(all.clone()));
    let named = [("a".to_owned(), Box::new(circle(&[9])))];
    all.push(Shape::Named(named.into()));
    all
}

fn encode<T: serde::Serialize>(codec: Codec, value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode_serde(value, codec, &mut out).unwrap();
    out
}

fn read<T: for<'de> serde::Deserialize<'de>>(codec: Codec, bytes: &[u8]) -> Result<T, String> {
    decode_serde(codec, bytes).map_err(|error| error.to_string())
}

fn json<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, String> {
    read(JSON, text.as_bytes())
}

#[test]
fn every_variant_comes_back() {
    for shape in all() {
        for codec in [MSGPACK, JSON] {
            let bytes = encode(codec, &shape);
            assert_eq!(read::<Shape>(codec, &bytes).unwrap(), shape);
        }
        // without this crate's codecs, too
        let other = serde_json::to_value(&shape).unwrap();
        assert_eq!(serde_json::from_value::<Shape>(other).unwrap(), shape);
    }
}

#[test]
fn the_bytes_are_those_of_a_go_struct() {
    assert_eq!(encode(MSGPACK, &Shape::Nothing), b"\x81\xa7Nothing\x80");
    let dot = Shape::Dot(Point { x: 3, y: 4 });
    assert_eq!(encode(MSGPACK, &dot), b"\x81\xa3Dot\x82\xa1X\x03\xa1Y\x04");
    assert_eq!(
        encode(MSGPACK, &Shape::Bitmap(vec![7])),
        b"\x81\xa6Bitmap\xc4\x01\x07"
    );
    let text = |shape: &Shape| String::from_utf8(encode(JSON, shape)).unwrap();
    assert_eq!(text(&Shape::Nothing), r#"{"Nothing":{}}"#);
    assert_eq!(
        text(&Shape::Lasts(Duration::from_nanos(3))),
        r#"{"Lasts":3}"#
    );
    assert_eq!(
        text(&circle(&[0, 255])),
        r#"{"Circle":{"Middle":{"X":1,"Y":-1},"R":0.5,"Fades":1000000000,"Pixels":"AP8="}}"#
    );
    assert_eq!(text(&Shape::Several(vec![])), r#"{"group":[]}"#);
}

/// A Go struct without `omitempty` sends all fields, and nil for those that are not set.
#[test]
fn nil_says_that_it_is_another() {
    let dot = Shape::Dot(Point { x: 3, y: 0 });
    let text = r#"{"Nothing":null,"Dot":{"X":3},"Circle":null,"group":null,"New":null}"#;
    assert_eq!(json::<Shape>(text).unwrap(), dot);
    assert_eq!(
        read::<Shape>(
            MSGPACK,
            b"\x83\xa6Circle\xc0\xa3Dot\x81\xa1X\x03\xa3New\xc0"
        )
        .unwrap(),
        dot
    );
    // the case of names does not matter in JSON, as in Go
    assert_eq!(json::<Shape>(r#"{"dot":{"x":3}}"#).unwrap(), dot);
    // the only field there is: a slice that is nil
    assert_eq!(
        json::<Shape>(r#"{"Bitmap":null}"#).unwrap(),
        Shape::Bitmap(vec![])
    );
    assert_eq!(
        read::<Shape>(MSGPACK, b"\x81\xa5group\xc0").unwrap(),
        Shape::Several(vec![])
    );
    // whatever Go has for nothing
    assert_eq!(
        json::<Shape>(r#"{"Nothing":true}"#).unwrap(),
        Shape::Nothing
    );
}

#[test]
fn nothing_is_the_default_or_an_error() {
    for text in ["null", "{}", r#"{"Dot":null,"Circle":null}"#] {
        assert_eq!(json::<Shape>(text).unwrap(), Shape::Nothing, "{text}");
        let error = json::<Key>(text).unwrap_err();
        assert!(
            error.contains("`Key` needs one of `Id`, `Name`, and all are missing or nil"),
            "{text}: {error}"
        );
    }
    for bytes in [&b"\xc0"[..], b"\x80"] {
        assert_eq!(read::<Shape>(MSGPACK, bytes).unwrap(), Shape::Nothing);
        assert!(read::<Key>(MSGPACK, bytes).is_err());
    }
    let empty = Holder {
        shape: Shape::Nothing,
        key: None,
    };
    assert_eq!(json::<Holder>("{}").unwrap(), empty);
    assert_eq!(read::<Holder>(MSGPACK, b"\x80").unwrap(), empty);
}

#[test]
fn what_is_refused() {
    for (text, part) in [
        (r#"{"Id":1,"Name":"a"}"#, "two are set: `Id` and `Name`"),
        (r#"{"Age":1}"#, "`Key` has no variant `Age`"),
        (r#"{"Id":"x"}"#, "invalid type"),
        (r#""Id""#, "a map with one variant of `Key`"),
        ("[1]", "a map with one variant of `Key`"),
        ("7", "a map with one variant of `Key`"),
    ] {
        let error = json::<Key>(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    let error = read::<Key>(MSGPACK, b"\x82\xa2Id\x01\xa4Name\xa1a").unwrap_err();
    assert!(error.contains("two are set"), "{error}");
    for cut in 0..14 {
        let bytes = encode(MSGPACK, &Shape::Dot(Point { x: 3, y: 4 }));
        if cut < bytes.len() {
            assert!(read::<Shape>(MSGPACK, &bytes[..cut]).is_err(), "{cut}");
        }
    }
}

#[rpcx::service]
trait Draw {
    async fn draw(&self, shape: Shape, at: Option<Shape>) -> rpcx::Result<Vec<Shape>>;
}

struct Echo;

impl Draw for Echo {
    async fn draw(&self, shape: Shape, at: Option<Shape>) -> rpcx::Result<Vec<Shape>> {
        Ok([Some(shape), at].into_iter().flatten().collect())
    }
}

#[tokio::test]
async fn arguments_and_replies() {
    let client = DrawClient::new(InProcess::new(DrawServer::new(Echo)));
    for shape in all() {
        let both = client.draw(shape.clone(), Some(Shape::Nothing)).await;
        assert_eq!(both.unwrap(), [shape.clone(), Shape::Nothing]);
        assert_eq!(client.draw(shape.clone(), None).await.unwrap(), [shape]);
    }
}

/// Each variant is an object with one member.
#[test]
fn the_schema_has_a_choice() {
    let document = reflection::openapi([DrawServer::new(Echo).info()]);
    let text = serde_json::to_value(document).unwrap();
    let shape = &text["components"]["schemas"]["Shape"];
    assert_eq!(shape["description"], "What is drawn.");
    let each = shape["oneOf"].as_array().unwrap();
    assert_eq!(each.len(), 7);
    assert_eq!(each[0]["required"], serde_json::json!(["Nothing"]));
    assert_eq!(each[0]["description"], "Nothing is drawn.");
    let dot = &each[1]["properties"]["Dot"]["$ref"];
    assert_eq!(dot, "#/components/schemas/Point");
    let circle = &each[2]["properties"]["Circle"]["properties"];
    assert_eq!(circle["Pixels"]["contentEncoding"], "base64");
    assert!(circle["R"].is_object() && circle["Cached"].is_null());
}
