//! Files that come from elsewhere: certificates, lock files, Go sources.

use rpcx::transport::tls::{ClientTls, Tls};
use rpcx_schema::import::{Source, import};
use rpcx_schema::lock::Lock;

/// Certificates, keys and revocation lists in PEM: used, or refused with a text that says what is wrong.
pub fn pem(data: &[u8]) {
    let texts = [
        Tls::from_pem(data, data).err(),
        ClientTls::roots_pem(data).err(),
        ClientTls::platform_roots().identity_pem(data, data).err(),
        ClientTls::platform_roots().revocations_pem(data).err(),
    ];
    for error in texts.into_iter().flatten() {
        assert!(!error.message().is_empty());
    }
}

/// A lock file that is read is written as one that reads as the same.
pub fn lock_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(lock) = Lock::parse(&text) else { return };
    let rendered = lock.render();
    let again = Lock::parse(&rendered).unwrap_or_else(|error| panic!("{error} in\n{rendered}"));
    assert_eq!(again.render(), rendered);
}

/// Go becomes a trait file, or remarks that name places in the source.
pub fn go_import(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let source = Source::new("service.go", text);
    match import(&[source]) {
        Ok(imported) => assert!(!imported.text.is_empty()),
        Err(remarks) => {
            assert!(!remarks.is_empty());
            let lines = text.lines().count() + 1;
            for remark in remarks {
                assert!(
                    remark.line <= lines && !remark.message.is_empty(),
                    "{remark:?}"
                );
            }
        }
    }
}
