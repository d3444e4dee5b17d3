//! The stubs of tonic. They are written by hand-made definitions, so that no protoc is needed.

#[cfg(not(feature = "tonic"))]
fn main() {}

#[cfg(feature = "tonic")]
fn main() {
    use tonic_build::manual::{Builder, Method, Service};

    let method = |name: &str, route: &str, message: &str, reply: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(message)
            .output_type(reply)
            .codec_path("tonic_prost::ProstCodec")
            .build()
    };
    let big = "crate::message::BenchmarkMessage";
    let blob = "crate::message::Blob";
    let service = Service::builder()
        .name("Bench")
        .package("peers")
        .method(method("say", "Say", big, big))
        .method(method(
            "mul",
            "Mul",
            "crate::message::MulArgs",
            "crate::message::MulReply",
        ))
        .method(method("blob", "Blob", blob, blob))
        .build();
    Builder::new().compile(&[service]);
    println!("cargo::rerun-if-changed=build.rs");
}
