//! Where the way to a center ends.

use std::time::Duration;

use huijiao_protocol::resources::CenterInfo;
use tokio::net::{TcpStream, lookup_host};

use crate::error::NetError;
use crate::gateway::{Gateway, Proxy};

/// A part of the way to a center, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The center's name has an address.
    Name,
    /// The proxy takes the connection.
    Proxy,
    /// A connection stands.
    Tcp,
    /// It is the center, by its anchors, and it takes us.
    Tls,
    /// It answers as the protocol says.
    Http,
}

/// What asking the center once came to.
#[derive(Debug)]
pub enum Probe {
    /// It answered.
    Open(Box<CenterInfo>),
    /// The way ends here.
    Ends(Way, NetError),
}

impl Gateway {
    /// The host and port that the center is asked at.
    pub fn address(&self) -> String {
        let (host, port) = self.host();
        format!("{host}:{port}")
    }

    /// Asks for the center's rules, which needs no certificate, and where there is no answer finds out which part of
    /// the way is at fault. `proxy` is how this client goes out.
    pub async fn probe(&self, proxy: &Proxy, patience: Duration) -> Probe {
        match self.center().await {
            Ok(info) => Probe::Open(Box::new(info)),
            Err(error) => Probe::Ends(self.part_of(&error, proxy, patience).await, error),
        }
    }

    async fn part_of(&self, error: &NetError, proxy: &Proxy, patience: Duration) -> Way {
        match error {
            NetError::Setup(_) | NetError::Proxy(_) | NetError::ProxyAccount => Way::Proxy,
            NetError::Unreachable { .. } => {
                let (host, port) = self.host();
                let Ok(mut addresses) = lookup_host((host.as_str(), port)).await else { return Way::Name };
                let Some(address) = addresses.next() else { return Way::Name };
                // What is open straight and not by the system's proxy is closed by that proxy.
                let straight = tokio::time::timeout(patience, TcpStream::connect(address)).await;
                match (proxy, straight) {
                    (Proxy::System, Ok(Ok(_))) => Way::Proxy,
                    (Proxy::System | Proxy::None | Proxy::Manual { .. }, _) => Way::Tcp,
                }
            }
            NetError::CertificateUntrusted { .. }
            | NetError::ServerRevoked
            | NetError::ServerTime(_)
            | NetError::TlsOutdated(_)
            | NetError::Tls(_)
            | NetError::ClientCertificate(_)
            | NetError::CertificateRevoked
            | NetError::CertificateExpired
            | NetError::ClientKey(_)
            | NetError::Login(_)
            | NetError::LoginEnded(_) => Way::Tls,
            NetError::Timeout
            | NetError::Cut(_)
            | NetError::AnswerBroken(_)
            | NetError::Portal
            | NetError::Busy { .. }
            | NetError::Server(_)
            | NetError::Problem(_) => Way::Http,
        }
    }
}
