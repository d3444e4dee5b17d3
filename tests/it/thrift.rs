//! `codec = "thrift"`: structs of thrift, through codec, frames and dispatch.

use rpcx::protocol::Codec;
use rpcx::{Channel, Context, ErrorKind, InProcess, Rejection};

use crate::color_group::ColorGroup;

type Nothing = rpcx::Result<()>;

#[rpcx::service(codec = "thrift", wrap)]
trait Painter {
    async fn mix(&self, group: ColorGroup) -> rpcx::Result<ColorGroup>;
    async fn lent(&self, ctx: &Context, group: &ColorGroup) -> rpcx::Result<()>;
    async fn nothing(&self, nothing: ()) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn log(&self, group: ColorGroup) -> Nothing;
    async fn fail(&self, group: ColorGroup) -> rpcx::Result<ColorGroup>;
    #[rpcx(codec = "serde")]
    async fn other(&self, a: u8) -> rpcx::Result<u8>;
}

struct Server;

impl Painter for Server {
    async fn mix(&self, mut group: ColorGroup) -> rpcx::Result<ColorGroup> {
        group.id += 1;
        Ok(group)
    }

    async fn lent(&self, _: &Context, group: &ColorGroup) -> rpcx::Result<()> {
        match group.id {
            1 => Ok(()),
            other => Err(rpcx::Error::service(format!("{other} is not 1"))),
        }
    }

    async fn nothing(&self, (): ()) -> rpcx::Result<()> {
        Ok(())
    }

    async fn log(&self, _: ColorGroup) -> Nothing {
        Ok(())
    }

    async fn fail(&self, group: ColorGroup) -> rpcx::Result<ColorGroup> {
        Err(rpcx::Error::service(group.name))
    }

    async fn other(&self, a: u8) -> rpcx::Result<u8> {
        Ok(a + 1)
    }
}

fn reds(id: i32) -> ColorGroup {
    ColorGroup::new(id, "Reds", &["Crimson", "Red"])
}

fn channel() -> Channel {
    InProcess::new(PainterServer::new(Server)).into()
}

#[tokio::test]
async fn structs_travel() {
    let client = PainterClient::new(channel());
    assert_eq!(client.mix(reds(1)).await.unwrap(), reds(2));
    client.lent(&reds(1)).await.unwrap();
    client.nothing(()).await.unwrap();
    client.log(reds(1)).await.unwrap();
    // one method of another family in the same service
    assert_eq!(client.other(1).await.unwrap(), 2);
}

#[tokio::test]
async fn errors_travel_as_always() {
    let error = PainterClient::new(channel()).fail(reds(1)).await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Service, "Reds".to_owned())
    );
}

/// The same path with the structs as bytes and as another family, to see and to spoil them.
#[rpcx::service(name = "Painter", codec = "raw", server = false)]
trait Bytes {
    async fn mix(&self, group: &[u8]) -> rpcx::Result<Vec<u8>>;
}

#[rpcx::service(name = "Painter", server = false)]
trait Numbers {
    async fn mix(&self, group: u8) -> rpcx::Result<u8>;
}

#[tokio::test]
async fn a_payload_in_another_codec_is_refused() {
    let error = BytesClient::new(channel()).mix(b"\0").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
    let raw = Codec::RAW.number();
    assert_eq!(error.to_string(), format!("can not find codec for {raw}"));
    let error = NumbersClient::new(channel()).mix(1).await.unwrap_err();
    assert_eq!(error.to_string(), "can not find codec for 3");
}

/// Fields 1 and 2 of another struct have other types.
#[rpcx::service(name = "Painter", codec = "thrift", server = false)]
trait Others {
    async fn mix(&self, other: Other) -> rpcx::Result<()>;
    async fn lent(&self, nothing: ()) -> rpcx::Result<()>;
}

#[derive(Debug)]
struct Other;

impl thrift::protocol::TSerializable for Other {
    fn read_from_in_protocol(_: &mut dyn thrift::protocol::TInputProtocol) -> thrift::Result<Self> {
        Ok(Self)
    }

    fn write_to_out_protocol(
        &self,
        output: &mut dyn thrift::protocol::TOutputProtocol,
    ) -> thrift::Result<()> {
        use thrift::protocol::{TFieldIdentifier, TStructIdentifier, TType};
        output.write_struct_begin(&TStructIdentifier::new("Other"))?;
        output.write_field_begin(&TFieldIdentifier::new("id", TType::I64, 1))?;
        output.write_i64(1)?;
        output.write_field_stop()?;
        output.write_struct_end()
    }
}

#[tokio::test]
async fn another_struct_is_refused_and_named() {
    let client = OthersClient::new(channel());
    let error = client.mix(Other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
    let text = "the payload has an i64 where an i32 is wanted at byte 3";
    assert!(error.to_string().contains(text), "{error}");
    let error = client.lent(()).await.unwrap_err();
    let text = "missing required field ThriftColorGroup.id at byte 0";
    assert!(error.to_string().contains(text), "{error}");
}
