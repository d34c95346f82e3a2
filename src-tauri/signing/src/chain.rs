//! From a certificate up to a trusted root.

use jiff::Timestamp;

use crate::certificate::{Certificate, Crl};
use crate::error::{SignError, VerifyError};

/// Longest path: end certificate, two authorities between, root.
const LONGEST: usize = 4;

/// The roots that are trusted.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors(Vec<Certificate>);

impl TrustAnchors {
    /// Trusts these certificates.
    pub fn new(roots: Vec<Certificate>) -> Self {
        Self(roots)
    }

    /// Trusts these DER certificates.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn from_der<T: AsRef<[u8]>>(roots: impl IntoIterator<Item = T>) -> Result<Self, SignError> {
        roots.into_iter().map(|der| Certificate::from_der(der.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// Trusts every certificate of a PEM text.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        Certificate::all_from_pem(pem).map(Self)
    }

    /// The roots.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// Whether this certificate was issued under one of the roots and holds at this time. Not whether it may sign.
    ///
    /// # Errors
    /// Foreign, expired, not yet valid, an authority that must not issue, revoked.
    pub fn check(
        &self,
        certificate: &Certificate,
        between: &[Certificate],
        at: Timestamp,
        crls: &[Crl],
    ) -> Result<(), VerifyError> {
        let mut path = vec![certificate];
        if !self.climb(&mut path, between) {
            return Err(VerifyError::CertificateForeign);
        }
        for one in &path {
            if at < one.not_before() {
                return Err(VerifyError::CertificateNotYetValid);
            }
            if at > one.not_after() {
                return Err(VerifyError::CertificateExpired);
            }
            if one.has_unknown_critical() {
                return Err(VerifyError::CertificateUsage);
            }
        }
        for (below, issuer) in path.iter().skip(1).enumerate() {
            if !issuer.can_issue(below) {
                return Err(VerifyError::CertificateUsage);
            }
        }
        for pair in path.windows(2) {
            let [one, issuer] = pair else { continue };
            for crl in crls.iter().filter(|crl| crl.is_of(issuer)) {
                if !crl.holds(issuer) {
                    return Err(VerifyError::Crl);
                }
                if crl.lists(one, at) {
                    return Err(VerifyError::CertificateRevoked);
                }
            }
        }
        Ok(())
    }

    /// Whether a revocation list is one of these roots'.
    ///
    /// # Errors
    /// [`VerifyError::Crl`].
    pub fn check_crl(&self, crl: &Crl) -> Result<(), VerifyError> {
        if self.0.iter().any(|root| crl.is_of(root) && crl.holds(root)) { Ok(()) } else { Err(VerifyError::Crl) }
    }

    /// Whether one of these roots could have issued a certificate, by names alone, or one of those between them.
    pub fn leads_here(&self, certificate: &Certificate, between: &[Certificate]) -> bool {
        let last = between.last().unwrap_or(certificate);
        self.0.iter().any(|root| root.subject_der() == last.issuer_der())
    }

    /// Extends the path to a root by names and signatures; depth first, over distinct certificates.
    fn climb<'a>(&'a self, path: &mut Vec<&'a Certificate>, between: &'a [Certificate]) -> bool {
        let Some(last) = path.last().copied() else { return false };
        if self.0.contains(last) {
            return true;
        }
        if path.len() >= LONGEST {
            return false;
        }
        for issuer in self.0.iter().chain(between) {
            if issuer.subject_der() != last.issuer_der() || path.contains(&issuer) || !last.is_signed_by(issuer) {
                continue;
            }
            path.push(issuer);
            if self.climb(path, between) {
                return true;
            }
            path.pop();
        }
        false
    }
}
