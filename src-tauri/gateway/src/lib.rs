//! The client side of the gateway protocol: HTTPS with the center's own anchors, mutual TLS, login by
//! signed challenge, retry on reads.
//!
//! The heart of it is telling apart what surely did not arrive, what surely was refused, and what nobody on
//! this side can know ([`Submission`]). A filing is sent once per call; sending it again is the caller's choice.
#![warn(missing_docs)]

mod auto_config;
mod error;
mod events;
mod gateway;
mod login;
mod probe;
mod stamps;
mod time;
mod tls;

pub use auto_config::auto_config;
pub use error::NetError;
pub use events::{Events, Heard};
pub use gateway::{Endpoint, Gateway, Proxy, ProxyAccount, Submission, Timing};
pub use login::{Login, Unsigned};
pub use probe::{Probe, Way};
pub use stamps::ask_for_stamp;
pub use time::skew_seconds;
pub use tls::Identity;
