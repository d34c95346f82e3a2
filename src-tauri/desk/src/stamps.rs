//! 时间戳: a third party's word on when a filing was there, where the center's rules name one. It proves more and
//! decides nothing: a filing goes its way without.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_gateway::{Endpoint, NetError, Proxy, Timing, ask_for_stamp};
use huijiao_protocol::resources::CenterInfo;
use huijiao_signing::{StampError, StampRequest, TrustAnchors};
use uuid::Uuid;

use crate::error::DeskError;
use crate::evidence::pem;
use crate::filings::FilingHead;
use crate::submit::note;
use crate::{Desk, text};

/// Longest wait for a stamp: whoever files waits no longer for it than for the center.
const PATIENCE: Duration = Duration::from_secs(5);

/// Noted of a filing that should have a stamp and has none.
const MISSING: &str = "event-stamp-missing";

impl Desk {
    /// Gets the stamp of a filing that should have one and has none. Why there is none is noted in its history, and
    /// holds nothing up. `false` where it was tried in vain.
    pub(crate) async fn seek_stamp(&self, id: Uuid) -> bool {
        let failed = match self.wants_stamp(id) {
            Ok(None) => return true,
            Ok(Some((server, file))) => self.get_stamp(id, server, file).await.err(),
            Err(error) => Some(error),
        };
        let Some(error) = failed else { return true };
        tracing::warn!(code = error.code(), "no timestamp");
        let mut inner = self.inner();
        let at = text::stamp(self.now(&inner));
        let reason = huijiao_domain::texts::title(error.code());
        let noted = inner.store().and_then(|store| {
            let before = store.filing_events(id)?.into_iter().rfind(|event| event.code == MISSING);
            // Said once, however often it is tried.
            if before.is_some_and(|event| event.args.get("reason").is_some_and(|said| said == reason)) {
                return Ok(());
            }
            note(store, id, &at, MISSING, &[("reason", reason)])
        });
        if let Err(error) = noted {
            tracing::warn!(code = error.code(), "nor a note of it");
        }
        false
    }

    /// Whom to ask, and the file, where a filing of this computer has no stamp yet.
    fn wants_stamp(&self, id: Uuid) -> Result<Option<(Endpoint, Vec<u8>)>, DeskError> {
        let mut inner = self.inner();
        let session = inner.session()?;
        let Some(server) = &session.info.profile.timestamps else { return Ok(None) };
        let mut endpoint = Endpoint::new(server.url.clone(), roots(&session.info)?);
        let demo = session.connection.demo;
        endpoint.timing = Timing { connect: PATIENCE, read: PATIENCE, ..endpoint.timing };
        let center = session.info.profile.code.clone();
        let store = inner.store()?;
        let of_center = store.filing::<FilingHead>(id)?.is_some_and(|filing| filing.center == center);
        if !of_center || store.stamp(id)?.is_some() {
            return Ok(None);
        }
        let file = store.filing_file(id)?;
        drop(inner);
        // Nothing is held any more: a keyring may ask the user first.
        endpoint.proxy = if demo { Proxy::None } else { self.proxy() };
        Ok(Some((endpoint, file)))
    }

    async fn get_stamp(&self, id: Uuid, server: Endpoint, file: Vec<u8>) -> Result<(), DeskError> {
        let anchors = TrustAnchors::from_der(&server.anchors)?;
        let request = StampRequest::new(&file, self.config.clock.new_id().into_bytes());
        let answer = ask_for_stamp(server, request.der().to_vec()).await?;
        let stamp = request.check(&answer, &file, &anchors)?;
        let mut inner = self.inner();
        let at = text::stamp(self.now(&inner));
        let store = inner.store()?;
        // The center may name another server tomorrow; this stamp is proven by the roots of today.
        store.keep_stamp(id, &answer, &pem(&anchors))?;
        note(store, id, &at, "event-stamped", &[("at", &text::local_time(&text::stamp(stamp.at)))])
    }
}

/// The roots of the server that a center's rules name; none where they name none.
pub(crate) fn roots(info: &CenterInfo) -> Result<Vec<Vec<u8>>, DeskError> {
    let named = info.profile.timestamps.iter().flat_map(|server| &server.roots);
    let unreadable = |error: base64::DecodeError| NetError::Setup(error.to_string()).into();
    named.map(|root| STANDARD.decode(root).map_err(unreadable)).collect()
}

impl From<StampError> for DeskError {
    fn from(error: StampError) -> Self {
        Self::refusal(error.code())
    }
}
