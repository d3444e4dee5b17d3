//! Certificates made for one test.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rpcx_runtime::transport::tls::{ClientTls, Tls};

/// Signs certificates.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub(crate) struct Certificate {
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        // Authorities of one name would be taken for one another.
        let name = format!("{:?}", key.public_key_raw());
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        self.sign(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    pub(crate) fn expired(&self, name: &str) -> Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let chain = params.signed_by(&key, &self.issuer).unwrap().pem();
        Certificate {
            chain,
            key: key.serialize_pem(),
        }
    }

    /// A server that this authority vouches for.
    pub(crate) fn server(&self) -> Tls {
        self.certificate("127.0.0.1").tls()
    }

    /// A client that trusts this authority.
    pub(crate) fn client(&self) -> ClientTls {
        ClientTls::roots_pem(self.pem.as_bytes()).unwrap()
    }
}

impl Certificate {
    pub(crate) fn tls(&self) -> Tls {
        Tls::from_pem(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }
}
