//! Who calls: the client certificate of the connection, the session of a login, or both; looked up in the register.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use huijiao_domain::profile::{ClientTls, SignatureRules, SignedChallenge};
use huijiao_protocol::problem::ProblemCode;
use huijiao_signing::Certificate;
use rusqlite::Connection;

use super::off_thread;
use super::problem::Refusal;
use crate::center::Center;
use crate::error::CenterError;
use crate::hex::sha256_hex;
use crate::register;
use crate::register::operators::{self, OperatorId};

/// The other end of a request's connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its certificate (DER), whose chain was checked by TLS.
    pub(crate) certificate: Option<Arc<[u8]>>,
    /// Where it is.
    pub(crate) address: IpAddr,
}

impl Peer {
    /// SHA-256 of its certificate, hex.
    pub(crate) fn shown(&self) -> Option<String> {
        self.certificate.as_deref().map(sha256_hex)
    }
}

/// A holder of a certificate of this center's CA.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    /// `None` where the register does not know the certificate: he sees nothing.
    pub(crate) operator: Option<OperatorId>,
}

impl Caller {
    /// Whether he may know that this unit exists.
    pub(crate) fn sees(self, connection: &Connection, unit: &str) -> Result<bool, CenterError> {
        match self.operator {
            Some(operator) => operators::sees(connection, operator, unit),
            None => Ok(false),
        }
    }

    /// Refuses with 404 what he may not know of. Of a unit that he acted for he knows: he is told that he does no more.
    pub(crate) fn must_see(self, connection: &Connection, unit: &str) -> Result<(), Refusal> {
        if self.sees(connection, unit)? {
            return Ok(());
        }
        let acted = match self.operator {
            Some(operator) => operators::had_role(connection, operator, unit, None)?,
            None => false,
        };
        Err(Refusal::of(if acted { ProblemCode::RoleEnded } else { ProblemCode::NotFound }))
    }
}

/// What a request proves its caller by.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    certificate: Option<Arc<[u8]>>,
    token: Option<String>,
}

impl Credentials {
    /// Whom they prove by now: what was good when an answer began may end before the answer does. Blocking.
    pub(crate) fn caller(&self, center: &Center) -> Result<Caller, Refusal> {
        // A connection that goes on, or a session taken up again, outlives the handshake that looked at the dates.
        if let Some(der) = &self.certificate {
            let known = Certificate::from_der(der).map_err(|_| Refusal::of(ProblemCode::CertificateMissing))?;
            if center.clock.now() > known.not_after() {
                return Err(Refusal::of(ProblemCode::CertificateExpired));
            }
        }
        let shown = self.certificate.as_deref().map(sha256_hex);
        let certificate = proven(center, shown, self.token.as_deref())?;
        match center.register.read(|c| operators::holder(c, &certificate))? {
            Some(holder) if holder.revoked => Err(Refusal::of(ProblemCode::CertificateRevoked)),
            known => Ok(Caller { operator: known.map(|holder| holder.operator) }),
        }
    }
}

impl FromRequestParts<Arc<Center>> for Credentials {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Center>) -> Result<Self, Infallible> {
        let certificate = parts.extensions.get::<Peer>().and_then(|peer| peer.certificate.clone());
        Ok(Self { certificate, token: bearer(&parts.headers).map(str::to_owned) })
    }
}

impl FromRequestParts<Arc<Center>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, center: &Arc<Center>) -> Result<Self, Refusal> {
        let Ok(credentials) = Credentials::from_request_parts(parts, center).await;
        let center = center.clone();
        off_thread(move || credentials.caller(&center)).await
    }
}

/// The token of a session, where the request has one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Whose certificate was proved (SHA-256, hex): by the connection and by a login; by one of them where the rules have that
/// one do.
fn proven(center: &Center, shown: Option<String>, token: Option<&str>) -> Result<String, Refusal> {
    let missing = || Refusal::of(ProblemCode::CertificateMissing);
    let rules = || -> Result<SignatureRules, Refusal> {
        Ok(center.register.read(register::profile)?.ok_or_else(missing)?.signatures)
    };
    let session = match token {
        Some(token) => {
            let holder = center.sessions.holder(token, center.clock.now());
            Some(holder.ok_or_else(|| Refusal::of(ProblemCode::SessionEnded))?)
        }
        None => None,
    };
    match (shown, session) {
        (Some(shown), Some(session)) if shown != session => Err(Refusal::of(ProblemCode::SessionDiffers)),
        (Some(shown), Some(_)) => Ok(shown),
        (Some(shown), None) => match rules()?.challenge {
            SignedChallenge::Optional => Ok(shown),
            SignedChallenge::Required => Err(Refusal::of(ProblemCode::SessionEnded)),
        },
        (None, Some(session)) => match rules()?.client_tls {
            ClientTls::Optional => Ok(session),
            ClientTls::Required => Err(missing()),
        },
        (None, None) => Err(missing()),
    }
}
