//! Who may be spoken to, and as whom.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error, InconsistentKeys, RootCertStore};
use rustls_pki_types::CertificateDer;

use crate::error::NetError;

/// The operator's certificate for mutual TLS.
#[derive(Clone)]
pub struct Identity {
    /// The certificate and what leads to its anchor, DER, own certificate first.
    pub chain: Vec<Vec<u8>>,
    /// Its key, in memory or on a token.
    pub key: Arc<dyn SigningKey>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} certificates)", self.chain.len())
    }
}

/// TLS 1.3 and 1.2 with exactly these anchors; the system's store is never asked.
pub(crate) fn config(anchors: &[Vec<u8>], identity: Option<Identity>) -> Result<ClientConfig, NetError> {
    let mut roots = RootCertStore::empty();
    for anchor in anchors {
        roots
            .add(CertificateDer::from(anchor.as_slice()).into_owned())
            .map_err(|error| NetError::Setup(format!("anchor: {error}")))?;
    }
    if roots.is_empty() {
        return Err(NetError::Setup("no anchor".into()));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| NetError::Setup(error.to_string()))?
        .with_root_certificates(roots);
    let Some(identity) = identity else { return Ok(builder.with_no_client_auth()) };
    let chain = identity.chain.into_iter().map(CertificateDer::from).collect();
    let own = CertifiedKey::new(chain, identity.key);
    match own.keys_match() {
        // A token's key was found by its certificate, and shows no public part of its own.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(error) => return Err(NetError::ClientCertificate(error.to_string())),
    }
    Ok(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own))))
}
