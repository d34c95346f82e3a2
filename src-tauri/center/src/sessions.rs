//! Logins by signed challenge. Challenges and sessions live in memory only: after a restart everybody logs in again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use huijiao_protocol::PROTOCOL;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::session::{Challenge, LOGIN, SessionGranted};
use huijiao_signing::Purpose;
use jiff::{SignedDuration, Timestamp};

use crate::center::Center;
use crate::error::CenterError;
use crate::filing::signed_by_clients;
use crate::hex::{hex, sha256_hex};
use crate::http::problem::Refusal;
use crate::register::{self, operators};

/// How long a challenge may be answered.
const TO_ANSWER: SignedDuration = SignedDuration::from_mins(2);
/// How long a session holds.
const SESSION: SignedDuration = SignedDuration::from_mins(15);
/// Challenges without an answer, and sessions: more than any center has operators.
const MOST: usize = 10_000;
/// Seconds to wait where there are more.
const WAIT: u32 = 60;

/// What was given out and still holds.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Given>);

#[derive(Debug, Default)]
struct Given {
    /// By nonce.
    challenges: HashMap<String, Asked>,
    /// By the SHA-256 of the token.
    sessions: HashMap<String, Session>,
}

#[derive(Debug)]
struct Asked {
    bytes: Vec<u8>,
    expires: Timestamp,
}

#[derive(Debug)]
struct Session {
    /// SHA-256 of the certificate, hex.
    certificate: String,
    expires: Timestamp,
}

impl Sessions {
    fn given(&self, now: Timestamp) -> MutexGuard<'_, Given> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.sessions.retain(|_, session| now <= session.expires);
        // A challenge is remembered for a while after its end, so that whoever comes late hears why.
        let forgotten = |asked: &Asked| now.duration_since(asked.expires) > TO_ANSWER;
        given.challenges.retain(|_, asked| !forgotten(asked));
        given
    }

    /// The certificate (SHA-256, hex) that a token was given to.
    pub(crate) fn holder(&self, token: &str, now: Timestamp) -> Option<String> {
        self.given(now).sessions.get(&sha256_hex(token.as_bytes())).map(|session| session.certificate.clone())
    }
}

/// A challenge for a unit, as the bytes that are to be signed. Blocking.
pub(crate) fn challenge(center: &Center, unit: String) -> Result<Vec<u8>, Refusal> {
    let profile = center.register.read(register::profile)?;
    let profile = profile.ok_or_else(|| CenterError::Content("no profile".into()))?;
    let now = center.clock.now();
    let (nonce, expires) = (random()?, now.checked_add(TO_ANSWER).unwrap_or(now));
    let challenge = Challenge {
        protocol: PROTOCOL,
        purpose: LOGIN.into(),
        center: profile.code,
        unit,
        nonce: nonce.clone(),
        issued_at: center.clock.rfc3339(),
        expires_at: expires.to_string(),
    };
    let bytes = serde_json::to_vec(&challenge).map_err(|error| CenterError::Content(error.to_string()))?;
    let mut given = center.sessions.given(now);
    if given.challenges.len() >= MOST {
        return Err(Refusal::of(ProblemCode::RateLimited).retry_after(WAIT));
    }
    given.challenges.insert(nonce, Asked { bytes: bytes.clone(), expires });
    Ok(bytes)
}

/// Takes a signed challenge: once, in time, by somebody who acts for its unit. `shown` is the certificate of the
/// connection (SHA-256, hex), which then has to be the same. Blocking.
pub(crate) fn log_in(center: &Center, shown: Option<&str>, signed: &[u8]) -> Result<SessionGranted, Refusal> {
    let verified = signed_by_clients(center, signed, Purpose::Login)?;
    let signer = verified.signers.first().ok_or_else(|| CenterError::Content("verified without a signer".into()))?;
    let unknown = || Refusal::of(ProblemCode::ChallengeUnknown);
    let said: Challenge = serde_json::from_slice(&verified.content).map_err(|_| unknown())?;
    let now = center.clock.now();
    // Taken away at the first answer, whatever becomes of it.
    let asked = center.sessions.given(now).challenges.remove(&said.nonce).ok_or_else(unknown)?;
    if asked.bytes != verified.content {
        return Err(unknown());
    }
    if now > asked.expires {
        return Err(Refusal::of(ProblemCode::ChallengeExpired));
    }
    let certificate = signer.certificate.sha256_hex();
    if shown.is_some_and(|shown| shown != certificate) {
        return Err(Refusal::of(ProblemCode::SessionDiffers));
    }
    center.register.read(|connection| {
        let holder = operators::holder(connection, &certificate)?;
        match holder {
            Some(holder) if holder.revoked => Err(Refusal::of(ProblemCode::CertificateRevoked)),
            Some(holder) if operators::sees(connection, holder.operator, &said.unit)? => Ok(()),
            Some(holder) if operators::had_role(connection, holder.operator, &said.unit, None)? => {
                Err(Refusal::of(ProblemCode::RoleEnded))
            }
            Some(_) | None => Err(Refusal::of(ProblemCode::RoleMissing)),
        }
    })?;
    let expires = now.checked_add(SESSION).unwrap_or(now).min(signer.certificate.not_after());
    let token = random()?;
    let mut given = center.sessions.given(now);
    if given.sessions.len() >= MOST {
        return Err(Refusal::of(ProblemCode::RateLimited).retry_after(WAIT));
    }
    given.sessions.insert(sha256_hex(token.as_bytes()), Session { certificate, expires });
    tracing::info!("logged in by challenge");
    Ok(SessionGranted { token, expires_at: expires.to_string() })
}

/// 32 random bytes, hex.
fn random() -> Result<String, CenterError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| CenterError::Keys(error.to_string()))?;
    Ok(hex(&bytes))
}
