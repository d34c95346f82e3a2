//! What can go wrong between here and the center.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use huijiao_protocol::problem::Problem;
use huijiao_protocol::stream::BrokenStream;
use rustls::{AlertDescription, CertificateError};

use crate::tls::Stranger;

/// Why there is no answer, or not the one that was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NetError {
    /// Address, anchors or proxy cannot be used as they are set.
    #[error("setup: {0}")]
    Setup(String),
    /// Name not found, connection refused, or no connection in time. Nothing was sent.
    #[error("unreachable: {cause}")]
    Unreachable {
        /// What the system says.
        cause: String,
        /// It took too long, rather than being refused.
        timed_out: bool,
    },
    /// The server's certificate is not of the center. Nothing was sent.
    #[error("server certificate: {cause}")]
    CertificateUntrusted {
        /// Why it is not taken.
        cause: String,
        /// The certificate that was shown (DER), to say whose it is; it is trusted in nothing.
        shown: Option<Vec<u8>>,
    },
    /// The server's certificate is the center's, and revoked. Nothing was sent.
    #[error("server certificate revoked")]
    ServerRevoked,
    /// The server's certificate is the center's, and by this computer's clock not yet valid or not any more. Nothing was
    /// sent.
    #[error("server certificate: {0}")]
    ServerTime(String),
    /// The server speaks no TLS that the center's rules allow (1.3, or 1.2 where they say so), or nothing but weak ciphers.
    /// Nothing was sent.
    #[error("outdated TLS: {0}")]
    TlsOutdated(String),
    /// No secure connection for another reason. Nothing was sent.
    #[error("TLS: {0}")]
    Tls(String),
    /// The server refuses our certificate, or it cannot be used.
    #[error("client certificate: {0}")]
    ClientCertificate(String),
    /// The server says that our certificate is revoked. Nothing was taken.
    #[error("client certificate revoked")]
    CertificateRevoked,
    /// The server says that our certificate has expired. Nothing was taken.
    #[error("client certificate expired")]
    CertificateExpired,
    /// The key did not answer the center's challenge.
    #[error("login: {0}")]
    Login(String),
    /// The key refused to answer the center's challenge, and is not asked again before somebody logs in anew: a wrong
    /// PIN sent again and again locks it.
    #[error("login ended: {0}")]
    LoginEnded(&'static str),
    /// The key of our certificate did not sign: a token that is gone, or not unlocked. Nothing was sent.
    #[error("client key: {0}")]
    ClientKey(String),
    /// The proxy refuses or cannot be reached. Nothing was sent.
    #[error("proxy: {0}")]
    Proxy(String),
    /// The proxy wants a user and a password, or others than it was given (407). Nothing was sent.
    #[error("the proxy wants an account")]
    ProxyAccount,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection ended before the answer.
    #[error("cut: {0}")]
    Cut(String),
    /// The answer is not what the protocol says, or ends too early.
    #[error("answer: {0}")]
    AnswerBroken(String),
    /// A web page instead of an answer: some network wants a login first.
    #[error("a web page instead of an answer")]
    Portal,
    /// Too much to do (429, 503).
    #[error("busy")]
    Busy {
        /// Seconds to wait, where the center says so.
        retry_after: Option<u64>,
    },
    /// The center could not (5xx, 408, 425).
    #[error("status {0}")]
    Server(u16),
    /// The center refuses, and says why.
    #[error("problem {}", .0.code.as_str())]
    Problem(Box<Problem>),
}

impl NetError {
    /// Stable code, a key of the table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setup(_) => "net-setup",
            Self::Unreachable { .. } => "net-unreachable",
            Self::CertificateUntrusted { .. } => "net-certificate-untrusted",
            Self::ServerRevoked => "net-server-revoked",
            Self::ServerTime(_) => "net-server-time",
            Self::TlsOutdated(_) => "net-tls-outdated",
            Self::Tls(_) => "net-tls",
            Self::ClientCertificate(_) => "net-client-certificate",
            Self::CertificateRevoked => "net-certificate-revoked",
            Self::CertificateExpired => "net-certificate-expired",
            Self::Login(_) => "net-login",
            Self::LoginEnded(_) => "net-login-ended",
            Self::ClientKey(_) => "net-client-key",
            Self::Proxy(_) => "net-proxy",
            Self::ProxyAccount => "net-proxy-account",
            Self::Timeout => "net-timeout",
            Self::Cut(_) => "net-cut",
            Self::AnswerBroken(_) => "net-answer-broken",
            Self::Portal => "net-portal",
            Self::Busy { .. } => "net-busy",
            Self::Server(_) => "net-server",
            Self::Problem(problem) => words_of(problem.code.as_str()).unwrap_or("net-problem"),
        }
    }

    /// Figures for its words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let mut args = BTreeMap::new();
        let mut put = |name: &str, value: String| args.insert(name.to_owned(), value);
        match self {
            Self::Busy { retry_after } => {
                put("seconds", retry_after.unwrap_or(60).to_string());
            }
            Self::Server(status) => {
                put("status", status.to_string());
            }
            Self::Problem(problem) => {
                args = said_by_center(problem);
            }
            Self::Login(code) => {
                put("reason", huijiao_domain::texts::title(code).to_owned());
            }
            Self::Setup(_)
            | Self::Unreachable { .. }
            | Self::CertificateUntrusted { .. }
            | Self::ServerRevoked
            | Self::ServerTime(_)
            | Self::TlsOutdated(_)
            | Self::Tls(_)
            | Self::ClientCertificate(_)
            | Self::CertificateRevoked
            | Self::CertificateExpired
            | Self::LoginEnded(_)
            | Self::ClientKey(_)
            | Self::Proxy(_)
            | Self::ProxyAccount
            | Self::Timeout
            | Self::Cut(_)
            | Self::AnswerBroken(_)
            | Self::Portal => {}
        }
        args
    }

    /// Whether a read may be tried again at once, with a little patience.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Cut(_) | Self::Server(_) | Self::Unreachable { timed_out: false, .. } => true,
            Self::Busy { retry_after } => retry_after.is_some_and(|seconds| seconds <= 2),
            Self::Setup(_)
            | Self::Unreachable { timed_out: true, .. }
            | Self::CertificateUntrusted { .. }
            | Self::ServerRevoked
            | Self::ServerTime(_)
            | Self::TlsOutdated(_)
            | Self::Tls(_)
            | Self::ClientCertificate(_)
            | Self::CertificateRevoked
            | Self::CertificateExpired
            | Self::Login(_)
            | Self::LoginEnded(_)
            | Self::ClientKey(_)
            | Self::Proxy(_)
            | Self::ProxyAccount
            | Self::Timeout
            | Self::AnswerBroken(_)
            | Self::Portal
            | Self::Problem(_) => false,
        }
    }
}

impl NetError {
    /// The pause before the next try: the one that is due, and no shorter than the center asks for.
    pub(crate) fn at_least(&self, due: Option<Duration>) -> Option<Duration> {
        let Self::Busy { retry_after: Some(seconds) } = self else { return due };
        due.map(|due| due.max(Duration::from_secs(*seconds)))
    }
}

/// The key of our words for a code of the center's, where the table has any.
fn words_of(code: &str) -> Option<&'static str> {
    huijiao_domain::texts::key(&format!("problem-{}", code.replace('_', "-")))
}

/// What the center said in its own words: they are kept beside ours, for whoever is asked for help.
fn said_by_center(problem: &Problem) -> BTreeMap<String, String> {
    let code = problem.kind.rsplit(':').next().unwrap_or_default();
    [("title", problem.title.as_str()), ("detail", problem.detail.as_str()), ("problem", code)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into_iter()
        .chain([("status".to_owned(), problem.status.to_string())])
        .collect()
}

/// Where a request was when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Before a connection stood, or refused in the TLS handshake: no byte of the request was taken.
    NotSent,
    /// The request, or part of it, may have been taken.
    MaybeSent,
}

/// A transport failure, and whether the request may have been taken.
pub(crate) fn of_transport(error: &reqwest::Error, manual_proxy: bool) -> (NetError, Stage) {
    let causes = Causes::of(error);
    if error.is_builder() {
        return (NetError::Setup(causes.text), Stage::NotSent);
    }
    if let Some(tls) = causes.tls {
        // The certificate message is answered within the handshake; a server that refuses it has taken nothing,
        // even where TLS 1.3 let this side begin to write.
        if let rustls::Error::AlertReceived(alert) = tls
            && refuses_certificate(*alert)
        {
            return (certificate_refused(*alert, tls), Stage::NotSent);
        }
        if error.is_connect() {
            return (handshake(tls), Stage::NotSent);
        }
    }
    if error.is_connect() {
        let fault = if causes.text.contains("proxy authorization required") {
            NetError::ProxyAccount
        } else if causes.text.contains("tunnel error") || (manual_proxy && !error.is_timeout()) {
            NetError::Proxy(causes.text)
        } else {
            NetError::Unreachable { timed_out: error.is_timeout(), cause: causes.text }
        };
        return (fault, Stage::NotSent);
    }
    let fault = if error.is_timeout() {
        NetError::Timeout
    } else if error.is_decode() || error.is_body() {
        NetError::AnswerBroken(causes.text)
    } else {
        NetError::Cut(causes.text)
    };
    (fault, Stage::MaybeSent)
}

/// What ended a body that had begun.
pub(crate) fn of_body(error: &reqwest::Error) -> NetError {
    if error.is_timeout() { NetError::Timeout } else { NetError::AnswerBroken(Causes::of(error).text) }
}

impl From<BrokenStream> for NetError {
    fn from(broken: BrokenStream) -> Self {
        Self::AnswerBroken(broken.to_string())
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and open")]
fn handshake(error: &rustls::Error) -> NetError {
    if let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error
        && let Some(stranger) = other.0.downcast_ref::<Stranger>()
    {
        return NetError::CertificateUntrusted { cause: stranger.to_string(), shown: Some(stranger.shown.clone()) };
    }
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Revoked) => NetError::ServerRevoked,
        // What is not the center's is never refused for its dates, see `tls::Servers`.
        rustls::Error::InvalidCertificate(
            CertificateError::ExpiredContext { .. } | CertificateError::NotValidYetContext { .. },
        ) => NetError::ServerTime(error.to_string()),
        rustls::Error::InvalidCertificate(_)
        | rustls::Error::NoCertificatesPresented
        | rustls::Error::UnsupportedNameType => {
            NetError::CertificateUntrusted { cause: error.to_string(), shown: None }
        }
        // What a key of our own says that can't sign.
        rustls::Error::Other(cause) => NetError::ClientKey(cause.to_string()),
        // What a server says, or answers with, that has nothing in common with us.
        rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        )
        | rustls::Error::PeerIncompatible(_) => NetError::TlsOutdated(error.to_string()),
        other => NetError::Tls(other.to_string()),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and open")]
fn certificate_refused(alert: AlertDescription, error: &rustls::Error) -> NetError {
    match alert {
        AlertDescription::CertificateRevoked => NetError::CertificateRevoked,
        AlertDescription::CertificateExpired => NetError::CertificateExpired,
        _ => NetError::ClientCertificate(error.to_string()),
    }
}

fn refuses_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}

struct Causes<'a> {
    tls: Option<&'a rustls::Error>,
    text: String,
}

impl<'a> Causes<'a> {
    fn of(error: &'a reqwest::Error) -> Self {
        let mut causes = Self { tls: None, text: String::new() };
        let mut next: Option<&'a (dyn Error + 'static)> = error.source();
        while let Some(cause) = next {
            // An I/O error shows what it wraps, and its `source` leaves that out.
            let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            if let Some(inner) = inner {
                next = Some(inner as &(dyn Error + 'static));
                continue;
            }
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                causes.tls = Some(tls);
            }
            if !causes.text.is_empty() {
                causes.text.push_str(": ");
            }
            causes.text.push_str(&cause.to_string());
            next = cause.source();
        }
        causes
    }
}
