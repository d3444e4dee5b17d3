//! What a text is that was given for PEM and cannot be used: the mistakes that are made with
//! certificates and keys, each with the way out of it.

/// What was to be in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Certificate,
    Key,
    Revocations,
}

impl Wanted {
    /// Its name, and the line that it begins with.
    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Certificate => ("certificate", "-----BEGIN CERTIFICATE-----"),
            Self::Key => ("private key", "-----BEGIN PRIVATE KEY-----"),
            Self::Revocations => ("revocation list", "-----BEGIN X509 CRL-----"),
        }
    }

    /// What `openssl` calls it, for the commands.
    fn command(self) -> &'static str {
        match self {
            Self::Certificate => "x509",
            Self::Key => "pkey",
            Self::Revocations => "crl",
        }
    }

    fn accepts(self, label: &str) -> bool {
        match self {
            Self::Certificate => label == "CERTIFICATE",
            Self::Key => matches!(label, "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY"),
            Self::Revocations => label == "X509 CRL",
        }
    }
}

const DECRYPT: &str = "it is encrypted: decrypt it with `openssl pkey -in ENCRYPTED -out PLAIN`, \
     and let only the server read the result";

/// What is given in the place of something else, by what its PEM label ends with.
const INSTEAD: [(Wanted, &str, &str); 10] = [
    (Wanted::Key, "ENCRYPTED PRIVATE KEY", DECRYPT),
    (
        Wanted::Key,
        "OPENSSH PRIVATE KEY",
        "it is a key of OpenSSH: convert a copy of it with `ssh-keygen -p -m pkcs8 -f COPY`",
    ),
    (
        Wanted::Key,
        "CERTIFICATE",
        "it is a certificate: the certificate comes first, then its key",
    ),
    (
        Wanted::Key,
        "PUBLIC KEY",
        "it is a public key, and the private one is needed",
    ),
    (
        Wanted::Key,
        "PARAMETERS",
        "it holds the parameters of a key, and not the key",
    ),
    (
        Wanted::Certificate,
        "PRIVATE KEY",
        "it is a private key: the certificate comes first, then its key",
    ),
    (
        Wanted::Certificate,
        "CERTIFICATE REQUEST",
        "it is a request for a certificate, which an authority has to sign first",
    ),
    (
        Wanted::Certificate,
        "TRUSTED CERTIFICATE",
        "it is a trusted certificate of OpenSSL: convert it with `openssl x509 -in TRUSTED -out PLAIN`",
    ),
    (
        Wanted::Certificate,
        "PKCS7",
        "it is PKCS#7: take the certificates out with `openssl pkcs7 -print_certs -in PKCS7 -out PEM`",
    ),
    (
        Wanted::Revocations,
        "CERTIFICATE",
        "it is a certificate, and a revocation list (`-----BEGIN X509 CRL-----`) is needed",
    ),
];

/// What is wrong with the text, if that can be seen.
pub(super) fn mistaken(text: &[u8], wanted: Wanted) -> Option<String> {
    let labels = labels(text);
    let Some(first) = labels.first() else {
        return Some(without_labels(text, wanted));
    };
    if labels.iter().any(|label| wanted.accepts(label)) {
        // The old form, in which OpenSSL says it in a header.
        let encrypted = contains(text, b"Proc-Type: 4,ENCRYPTED");
        return (wanted == Wanted::Key && encrypted).then(|| DECRYPT.to_owned());
    }
    let mut instead = INSTEAD.iter();
    let instead = instead.find(|(place, label, _)| *place == wanted && first.ends_with(label));
    Some(match instead {
        Some((_, _, said)) => (*said).to_owned(),
        None => {
            let (name, begin) = wanted.name();
            format!("it holds no {name} (`{begin}`), but `-----BEGIN {first}-----`")
        }
    })
}

/// What is wrong with a text in which nothing begins.
fn without_labels(text: &[u8], wanted: Wanted) -> String {
    let (name, begin) = wanted.name();
    let command = wanted.command();
    if text.trim_ascii().is_empty() {
        return "it is empty".to_owned();
    }
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = text {
        return "it is UTF-16: save it as UTF-8 or ASCII".to_owned();
    }
    if text.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return "it is a Java key store: convert it with `keytool -importkeystore -deststoretype PKCS12`, \
            then with `openssl pkcs12`"
            .to_owned();
    }
    if let Some(content) = der(text) {
        // The version of a PKCS#12 file stands where a certificate has a sequence.
        if content.starts_with(&[2, 1, 3]) {
            return "it is PKCS#12: convert it with `openssl pkcs12 -in P12 -nodes -out PEM`"
                .to_owned();
        }
        return format!(
            "it is DER, and PEM is needed: convert it with `openssl {command} -inform der -in DER -out PEM`"
        );
    }
    if text.len() < 256 && !text.contains(&b'\n') {
        return format!(
            "it is no PEM text (`{begin}`): if it is the path of a file, give what the file holds"
        );
    }
    format!("it holds no {name} (`{begin}`)")
}

/// The content of a DER sequence that fills the bytes.
fn der(bytes: &[u8]) -> Option<&[u8]> {
    let (&tag, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let more = usize::from(length & 0x7f);
    if tag != 0x30 {
        return None;
    }
    if length < 0x80 {
        return (rest.len() == more).then_some(rest);
    }
    if more > 4 || rest.len() < more {
        return None;
    }
    let (length, content) = rest.split_at(more);
    let length = length
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    (content.len() == length).then_some(content)
}

/// What the lines `-----BEGIN ..-----` name.
fn labels(text: &[u8]) -> Vec<String> {
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let begun = lines.filter_map(|line| line.strip_prefix(b"-----BEGIN "));
    let labels = begun.map(|label| {
        let label = label.trim_ascii_end();
        let label = label.strip_suffix(b"-----").unwrap_or(label);
        label.escape_ascii().to_string()
    });
    labels.collect()
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(label: &str) -> Vec<u8> {
        format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n").into_bytes()
    }

    fn said(text: &[u8], wanted: Wanted) -> String {
        mistaken(text, wanted).unwrap_or_default()
    }

    #[test]
    fn an_encrypted_key_is_told_how_to_decrypt_it() {
        let old = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
            DEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        for text in [&pem("ENCRYPTED PRIVATE KEY")[..], old] {
            let said = said(text, Wanted::Key);
            assert!(
                said.contains("is encrypted: decrypt it with `openssl pkey"),
                "{said}"
            );
        }
    }

    #[test]
    fn what_stands_in_the_place_of_another_is_named() {
        for (label, wanted, expected) in [
            ("CERTIFICATE", Wanted::Key, "it is a certificate"),
            ("OPENSSH PRIVATE KEY", Wanted::Key, "ssh-keygen"),
            ("PUBLIC KEY", Wanted::Key, "it is a public key"),
            ("EC PARAMETERS", Wanted::Key, "parameters"),
            ("PKCS7", Wanted::Key, "`-----BEGIN PKCS7-----`"),
            ("PRIVATE KEY", Wanted::Certificate, "it is a private key"),
            (
                "ENCRYPTED PRIVATE KEY",
                Wanted::Certificate,
                "it is a private key",
            ),
            ("CERTIFICATE REQUEST", Wanted::Certificate, "has to sign"),
            ("TRUSTED CERTIFICATE", Wanted::Certificate, "openssl x509"),
            (
                "X509 CERTIFICATE",
                Wanted::Certificate,
                "`-----BEGIN X509 CERTIFICATE-----`",
            ),
            ("PKCS7", Wanted::Certificate, "PKCS#7"),
            ("CERTIFICATE", Wanted::Revocations, "a revocation list"),
        ] {
            let said = said(&pem(label), wanted);
            assert!(said.contains(expected), "{label}: {said}");
        }
    }

    #[test]
    fn what_is_no_pem_is_named() {
        let der = |content: &[u8]| [&[0x30, 0x82, 0, content.len() as u8], content].concat();
        for (text, expected) in [
            (&b""[..], "it is empty"),
            (b" \n", "it is empty"),
            (&der(&[0x30, 0, 0x30, 0]), "openssl x509 -inform der"),
            (&[0x30, 0x02, 0x30, 0], "it is DER"),
            (&der(&[2, 1, 3, 0x30, 0]), "PKCS#12"),
            (&[0xfe, 0xed, 0xfe, 0xed, 0], "Java key store"),
            (&[0xff, 0xfe, b'-', 0], "UTF-16"),
            (b"/etc/server.pem", "path of a file"),
            (b"0 is no DER\nnor PEM", "holds no certificate"),
        ] {
            let said = said(text, Wanted::Certificate);
            assert!(said.contains(expected), "{text:?}: {said}");
        }
        assert!(said(&der(&[2, 1, 0]), Wanted::Key).contains("openssl pkey -inform der"));
    }

    #[test]
    fn what_is_right_so_far_is_left_to_the_reader() {
        for (label, wanted) in [
            ("CERTIFICATE", Wanted::Certificate),
            ("EC PRIVATE KEY", Wanted::Key),
            ("X509 CRL", Wanted::Revocations),
        ] {
            assert_eq!(mistaken(&pem(label), wanted), None);
        }
    }
}
