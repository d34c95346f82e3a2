//! Logging in by a signed challenge, and the session that comes of it.

use std::fmt;
use std::sync::Arc;

use huijiao_protocol::session::{Challenge, LOGIN};
use tokio::sync::Mutex;

use crate::error::NetError;

/// Why a key did not sign a challenge, by a code of the table of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// It may be asked again: asking costs nothing.
    ForNow(&'static str),
    /// It refused, and every further try may be counted: it is not asked again before a person logs in anew.
    ForGood(&'static str),
}

/// Signs the bytes of a challenge into a file with the purpose `login`, or says why not.
type Sign = dyn Fn(&Challenge, &[u8]) -> Result<Vec<u8>, Unsigned> + Send + Sync;

/// How an operator answers the center's challenge.
#[derive(Clone)]
pub struct Login {
    /// 单位账号 for which he logs in
    unit: String,
    sign: Arc<Sign>,
}

impl Login {
    /// For a unit, by a key that somebody else holds. It is asked again whenever a session has ended, until it refuses
    /// for good.
    pub fn new(
        unit: impl Into<String>,
        sign: impl Fn(&Challenge, &[u8]) -> Result<Vec<u8>, Unsigned> + Send + Sync + 'static,
    ) -> Self {
        Self { unit: unit.into(), sign: Arc::new(sign) }
    }

    pub(crate) fn unit(&self) -> &str {
        &self.unit
    }

    /// The answer to a challenge, which has to be one, and for this unit: nothing else is signed. Keys may be slow.
    pub(crate) async fn answer(&self, bytes: Vec<u8>) -> Result<Vec<u8>, NetError> {
        let challenge: Challenge =
            serde_json::from_slice(&bytes).map_err(|error| NetError::AnswerBroken(error.to_string()))?;
        if challenge.purpose != LOGIN || challenge.unit != self.unit {
            return Err(NetError::AnswerBroken("another challenge".into()));
        }
        let sign = self.sign.clone();
        let signed = tokio::task::spawn_blocking(move || sign(&challenge, &bytes)).await;
        match signed {
            Ok(signed) => signed.map_err(|why| match why {
                Unsigned::ForNow(code) => NetError::Login(code.to_owned()),
                Unsigned::ForGood(code) => NetError::LoginEnded(code),
            }),
            Err(error) => Err(NetError::Login(error.to_string())),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.unit)
    }
}

/// The login and how it stands, which is in memory only.
pub(crate) struct Session {
    pub(crate) login: Login,
    pub(crate) standing: Mutex<Standing>,
}

/// How a login stands.
pub(crate) enum Standing {
    /// Not logged in, or not any more.
    Out,
    /// By the token of a session.
    In(String),
    /// The key has refused: nobody asks it again.
    Ended(&'static str),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.login.fmt(f)
    }
}
