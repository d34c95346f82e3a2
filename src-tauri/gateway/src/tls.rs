//! Who may be spoken to, and as whom.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use huijiao_domain::profile::MinimumTls;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::ring;
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InconsistentKeys, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};

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

/// Servers of these anchors that are not revoked, as far as is known: what is revoked is learnt on the way.
#[derive(Debug)]
pub(crate) struct Servers {
    roots: Arc<RootCertStore>,
    by: RwLock<Arc<WebPkiServerVerifier>>,
}

impl Servers {
    fn of(roots: RootCertStore) -> Result<Self, NetError> {
        let roots = Arc::new(roots);
        let by = verifier(&roots, Vec::new())?;
        Ok(Self { roots, by: RwLock::new(by) })
    }

    /// From now on these lists (DER) hold. Of other authorities than the server's they say nothing.
    pub(crate) fn refuse(&self, crls: &[Vec<u8>]) -> Result<(), NetError> {
        let by = verifier(&self.roots, crls.iter().cloned().map(CertificateRevocationListDer::from).collect())?;
        *self.by.write().unwrap_or_else(PoisonError::into_inner) = by;
        Ok(())
    }

    fn by(&self) -> Arc<WebPkiServerVerifier> {
        self.by.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A server that is not of the center, with what it showed: whoever stands in between can be named by it.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(crate) struct Stranger {
    why: CertificateError,
    pub(crate) shown: Vec<u8>,
}

fn verifier(
    roots: &Arc<RootCertStore>,
    crls: Vec<CertificateRevocationListDer<'static>>,
) -> Result<Arc<WebPkiServerVerifier>, NetError> {
    WebPkiServerVerifier::builder_with_provider(roots.clone(), Arc::new(ring::default_provider()))
        .with_crls(crls)
        .only_check_end_entity_revocation()
        .allow_unknown_revocation_status()
        .build()
        .map_err(|error| NetError::Setup(error.to_string()))
}

impl ServerCertVerifier for Servers {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by = self.by();
        let at = |moment| by.verify_server_cert(own, between, name, ocsp, moment);
        let mut refused = match at(now) {
            Err(Error::InvalidCertificate(refused)) => refused,
            outcome => return outcome,
        };
        // Dates are looked at before the issuer is: whose a certificate is that does not hold by this computer's clock, is
        // asked as of a moment at which it holds.
        if let CertificateError::ExpiredContext { not_after: then, .. }
        | CertificateError::NotValidYetContext { not_before: then, .. } = refused
        {
            match at(then) {
                Ok(_) => return Err(Error::InvalidCertificate(refused)),
                Err(Error::InvalidCertificate(earlier)) => refused = earlier,
                Err(other) => return Err(other),
            }
        }
        if refused == CertificateError::Revoked {
            return Err(Error::InvalidCertificate(refused));
        }
        let stranger = Stranger { why: refused, shown: own.to_vec() };
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(stranger)))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by().verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by().verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by().supported_verify_schemes()
    }
}

/// Those of exactly these anchors; the system's store is never asked.
pub(crate) fn servers(anchors: &[Vec<u8>]) -> Result<Arc<Servers>, NetError> {
    let mut roots = RootCertStore::empty();
    for anchor in anchors {
        roots
            .add(CertificateDer::from(anchor.as_slice()).into_owned())
            .map_err(|error| NetError::Setup(format!("anchor: {error}")))?;
    }
    if roots.is_empty() {
        return Err(NetError::Setup("no anchor".into()));
    }
    Servers::of(roots).map(Arc::new)
}

/// TLS 1.3, and 1.2 where the center's rules allow it, with these servers only.
pub(crate) fn config(
    servers: Arc<Servers>,
    identity: Option<Identity>,
    minimum: MinimumTls,
) -> Result<ClientConfig, NetError> {
    let versions = match minimum {
        MinimumTls::Tls13 => vec![&TLS13],
        MinimumTls::Tls12 => vec![&TLS13, &TLS12],
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&versions)
        .map_err(|error| NetError::Setup(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(servers);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder.with_client_cert_resolver(Arc::new(resolver(identity)?)),
    };
    // A session that is taken up again shows no certificate: a server that was revoked since would go on being heard.
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn resolver(identity: Identity) -> Result<SingleCertAndKey, NetError> {
    let chain = identity.chain.into_iter().map(CertificateDer::from).collect();
    let own = CertifiedKey::new(chain, identity.key);
    match own.keys_match() {
        // A token's key was found by its certificate, and shows no public part of its own.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(error) => return Err(NetError::ClientCertificate(error.to_string())),
    }
    Ok(SingleCertAndKey::from(own))
}
