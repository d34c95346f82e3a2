//! A filing as the center has it: also one that was made on another computer.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::mask;
use huijiao_protocol::queries::Days;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{Crl, TrustAnchors};
use huijiao_store::Receipt;
use sha2::{Digest, Sha256};

use super::{QueryTable, kept_for};
use crate::error::DeskError;
use crate::filings::{FilingHead, ReceiptOf, of_center, receipt_view, row_result};
use crate::import::hex;
use crate::submit::receipt_shown;
use crate::views::{FilingAtCenter, JumpScreen, QueryKind};
use crate::{Desk, text};

/// What the newest receipt of a filing says; `None` unless it is the center's, and of this filing.
pub(super) fn newest_receipt(filing: &FilingStatus, anchors: &TrustAnchors, crls: &[Crl]) -> Option<ReceiptContent> {
    let file = STANDARD.decode(&filing.receipt).ok()?;
    let content = receipt_shown(&file, anchors, crls).ok()?.content;
    let same = content.filing_id == filing.id
        && content.filing_number == filing.filing_number
        && content.filing_sha256 == filing.filing_sha256
        && content.state == filing.state;
    same.then_some(content)
}

impl Desk {
    /// Leads to filings of this computer where they are, instead of to the center's.
    pub(super) fn lead_to_filings(
        &self,
        account: &str,
        query: QueryKind,
        table: &mut QueryTable,
    ) -> Result<(), DeskError> {
        if query == QueryKind::Accounts {
            return Ok(());
        }
        let here = self.filings_here(account)?;
        for jump in table.rows.iter_mut().filter_map(|row| row.jump.as_mut()) {
            if jump.screen == JumpScreen::Filings
                && let Some(id) = here.get(&jump.argument)
            {
                jump.screen = JumpScreen::Filing;
                jump.argument.clone_from(id);
            }
        }
        Ok(())
    }

    /// Filings of the unit on this computer, by 业务流水号.
    fn filings_here(&self, account: &str) -> Result<HashMap<String, String>, DeskError> {
        let mut inner = self.inner();
        let center = inner.session()?.info.profile.code.clone();
        let store = inner.store()?;
        let mut here = HashMap::new();
        for filing in store.filings::<FilingHead>()? {
            if filing.center == center
                && filing.unit_account == account
                && let Some(number) = store.filing_number(filing.id)?
            {
                here.insert(number, filing.id.to_string());
            }
        }
        Ok(here)
    }

    /// A filing by its 业务流水号, as the center has it; where it does not answer, as it had it last.
    ///
    /// # Errors
    /// [`DeskError::FILING_GONE`]; no answer and no copy.
    pub async fn query_filing(self: &Arc<Self>, number: String) -> Result<FilingAtCenter, DeskError> {
        let (gateway, account) = self.reach()?;
        let key = format!("filing:{}:{number}", self.inner().session()?.info.profile.code);
        let found = gateway.filings(&account, Days::default(), &[("number", Some(&number))]).await;
        let here = self.filings_here(&account)?.contains_key(&number);
        let mut inner = self.inner();
        let now = self.now(&inner);
        let anchors = TrustAnchors::from_der(&inner.session()?.connection.anchors)?;
        let crls = inner.session()?.crls().to_vec();
        let wants_newer_crls = inner.session()?.wants_newer_crls(now);
        let chain = inner.chain.clone();
        let store = inner.store()?;
        let (status, taken_at, stale) = match found {
            Ok(found) => {
                let status = found.into_iter().find(|status| status.filing_number == number);
                let status = status.ok_or_else(|| DeskError::refusal(DeskError::FILING_GONE))?;
                let taken_at = text::stamp(now);
                store.put_query(&account, &key, &status, &taken_at)?;
                (status, taken_at, false)
            }
            Err(fault) => {
                let kept = if kept_for(&fault) { store.query::<FilingStatus>(&account, &key)? } else { None };
                let (status, taken_at) = kept.ok_or(fault)?;
                (status, taken_at, true)
            }
        };
        let of = ReceiptOf {
            id: status.id,
            unit_account: &account,
            filing_sha256: &status.filing_sha256,
            compared: "回执中的申报文件摘要与中心登记的一致",
            chain: chain.as_deref(),
            shown_under: Some(&crls),
            wants_newer_crls,
        };
        let mut receipts = Vec::new();
        for receipt in status.earlier_receipts.iter().chain([&status.receipt]) {
            let file = STANDARD.decode(receipt).unwrap_or_default();
            let previous = receipt_shown(&file, &anchors, &[]).ok().and_then(|signed| signed.content.previous_receipt);
            let receipt = Receipt {
                filing: status.id,
                unit_account: account.clone(),
                sha256: hex(&Sha256::digest(&file)),
                number: number.clone(),
                previous,
                kept_at: taken_at.clone(),
                file,
            };
            receipts.push(receipt_view(store, &of, receipt, &anchors)?.0);
        }
        let receipt = receipts.pop().ok_or_else(|| DeskError::refusal(DeskError::RECEIPT_INVALID))?;
        let content = newest_receipt(&status, &anchors, &crls);
        let signers = content.iter().flat_map(|content| &content.signers);
        Ok(FilingAtCenter {
            filing: status.id.to_string(),
            here,
            kind: status.kind.as_str().into(),
            kind_name: status.kind.label().into(),
            period: status.period.to_string(),
            stage: of_center(status.state),
            accepted_at: text::local_time(&status.accepted_at),
            totals: content.as_ref().map(|content| text::totals(content.totals)),
            signers: signers
                .map(|signer| (text::role(&signer.role).to_owned(), mask::id_numbers_in(&signer.name)))
                .collect(),
            receipt,
            earlier_receipts: receipts,
            row_results: content.into_iter().flat_map(|content| content.row_results).map(row_result).collect(),
            as_of: text::local_time(&taken_at),
            stale,
            filing_number: status.filing_number,
        })
    }
}
