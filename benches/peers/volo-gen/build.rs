//! Runs volo's own generator.

fn main() {
    volo_build::Builder::thrift()
        .add_service("idl/bench.thrift")
        .filename("volo_gen.rs".into())
        .write()
        .expect("idl/bench.thrift is checked in and generates");
}
