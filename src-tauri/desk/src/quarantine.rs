//! Receipts that are not believed: kept as they came, apart from those that are.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::texts;
use huijiao_protocol::resources::FilingStatus;
use huijiao_store::Quarantined;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::DeskError;
use crate::import::hex;
use crate::{Desk, text};

impl Desk {
    /// Puts away what an answer brought that was not believed, and says so. What went wrong on this computer says
    /// nothing of the answer and stays what it is.
    pub(crate) fn quarantine(&self, id: Uuid, status: &FilingStatus, why: DeskError) -> DeskError {
        if !is_of_the_answer(&why) {
            return why;
        }
        tracing::warn!(filing = %id, code = why.code(), "a receipt is not believed");
        if let Err(error) = self.put_away(id, status, why.code()) {
            tracing::warn!(filing = %id, code = error.code(), "and is not kept");
        }
        DeskError::refusal_with(DeskError::RECEIPT_REFUSED, "reason", texts::title(why.code()))
    }

    fn put_away(&self, id: Uuid, status: &FilingStatus, code: &str) -> Result<(), DeskError> {
        let mut inner = self.inner();
        let at = text::stamp(self.now(&inner));
        let store = inner.store()?;
        let believed: HashSet<String> = store.receipts(id)?.into_iter().map(|receipt| receipt.sha256).collect();
        // The newest first: there is room for some.
        for receipt in [&status.receipt].into_iter().chain(&status.earlier_receipts) {
            // What is no base64 is kept as it came, too.
            let file = STANDARD.decode(receipt).unwrap_or_else(|_| receipt.clone().into_bytes());
            let sha256 = hex(&Sha256::digest(&file));
            if !believed.contains(&sha256) {
                store.quarantine(&Quarantined { filing: id, at: at.clone(), code: code.to_owned(), sha256, file })?;
            }
        }
        Ok(())
    }
}

/// Whether a receipt was read and found wrong.
fn is_of_the_answer(why: &DeskError) -> bool {
    let wrong = [DeskError::RECEIPT_INVALID, DeskError::RECEIPT_OTHERS];
    matches!(why, DeskError::Verify(_)) || wrong.contains(&why.code())
}
