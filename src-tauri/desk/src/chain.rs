//! 回执链: each receipt of a unit names the one before it, whichever computer it was for. One that is missing, or two
//! that follow the same one, are said; and so is a log of operations that is shorter than a receipt knows it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Weak};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_protocol::filing::AuditHead;
use huijiao_protocol::queries::Days;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{Crl, TrustAnchors};
use huijiao_store::{AuditLog, AuditPlace, ReceiptLink};
use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::background::Background;
use crate::error::DeskError;
use crate::import::hex;
use crate::submit::receipt_shown;
use crate::views::{ReceiptChainView, UiError};
use crate::{Desk, text};

/// Months that are asked for first; all of them only where something seems to be missing.
const MONTHS: i32 = 13;

/// The receipts of a unit: those of the center's list and those kept here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    /// By SHA-256 the receipt before each.
    links: HashMap<String, Option<String>>,
    pub(crate) faults: Vec<UiError>,
    checked_at: String,
}

impl Chain {
    /// Whether there is a receipt with this SHA-256.
    pub(crate) fn has(&self, sha256: &str) -> bool {
        self.links.contains_key(sha256)
    }

    /// Adds a receipt that has just come in. `false` where it does not follow what is known.
    fn add(&mut self, sha256: &str, previous: Option<&String>) -> bool {
        if self.has(sha256) {
            return true;
        }
        let follows = previous.is_none_or(|previous| self.has(previous));
        let alone = self.links.values().all(|other| other.as_ref() != previous);
        self.links.insert(sha256.to_owned(), previous.cloned());
        follows && alone
    }
}

/// What the list of the center is held against.
struct Here {
    anchors: TrustAnchors,
    crls: Vec<Crl>,
    kept: Vec<ReceiptLink>,
    log: AuditLog,
}

/// A receipt of the center's list, proven.
struct Listed {
    link: ReceiptLink,
    audit: Option<AuditHead>,
}

impl Desk {
    /// Asks the center for every receipt of the open unit and says what is missing or contradicts.
    ///
    /// # Errors
    /// When the center is not reached.
    pub async fn receipt_chain(self: &Arc<Self>) -> Result<ReceiptChainView, DeskError> {
        let chain = self.check_chain().await?;
        Ok(ReceiptChainView {
            receipts: u32::try_from(chain.links.len()).unwrap_or(u32::MAX),
            checked_at: text::local_time(&chain.checked_at),
            faults: chain.faults.clone(),
        })
    }

    /// Checks the chain of a unit that was just opened, or whose center is heard again, which nobody waits for. A check
    /// that fails is tried again after a while, several times.
    pub(crate) fn check_chain_later(self: &Arc<Self>) {
        let (desk, one, pauses) = (Arc::downgrade(self), self.chaining.clone(), self.config.pauses.clone());
        let checking = Background::start(async move {
            for pause in pauses.into_iter().map(Some).chain([None]) {
                match check(&desk, one.clone()).await {
                    Ok(chain) if chain.faults.is_empty() => return,
                    Ok(_) => return desk.upgrade().iter().for_each(|desk| desk.changed()),
                    Err(error) => tracing::warn!(code = error.code(), "the chain of receipts is not checked yet"),
                }
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
            }
        });
        self.inner().checking = Some(checking);
    }

    /// As [`Desk::check_chain_later`], where it was not checked since the unit was opened and nobody is about to.
    fn check_chain_yet(self: &Arc<Self>) {
        let inner = self.inner();
        let settled = inner.chain.is_some() || inner.checking.as_ref().is_some_and(|checking| !checking.is_over());
        drop(inner);
        if !settled {
            self.check_chain_later();
        }
    }

    async fn check_chain(self: &Arc<Self>) -> Result<Arc<Chain>, DeskError> {
        check(&Arc::downgrade(self), self.chaining.clone()).await
    }

    /// Takes in receipts that were just kept; whatever came in between elsewhere is asked for, and all of it where none
    /// was yet.
    pub(crate) async fn chain_on<'a>(
        self: &Arc<Self>,
        receipts: impl Iterator<Item = (&'a String, &'a ReceiptContent)>,
    ) -> Result<(), DeskError> {
        let in_order = {
            let mut inner = self.inner();
            let Some(known) = &inner.chain else {
                drop(inner);
                self.check_chain_yet();
                return Ok(());
            };
            let mut chain = Chain::clone(known);
            let mut in_order = true;
            for (sha256, content) in receipts {
                in_order &= chain.add(sha256, content.previous_receipt.as_ref());
            }
            inner.chain = Some(Arc::new(chain));
            in_order
        };
        if !in_order {
            self.check_chain().await?;
        }
        Ok(())
    }

    fn of_chain(&self) -> Result<Here, DeskError> {
        let mut inner = self.inner();
        let now = self.now(&inner);
        let session = inner.session()?;
        if session.wants_newer_crls(now) {
            return Err(DeskError::refusal(DeskError::RECEIPT_UNJUDGED));
        }
        let crls = session.crls().to_vec();
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
        let store = inner.store()?;
        Ok(Here { anchors, crls, kept: store.receipt_links(&center, &unit)?, log: store.audit_log()? })
    }
}

/// Asks and judges. Whoever closes the desk meanwhile does not wait for the center.
async fn check(desk: &Weak<Desk>, one: Arc<Mutex<()>>) -> Result<Arc<Chain>, DeskError> {
    let _one = one.lock().await;
    let closed = || DeskError::refusal(DeskError::NO_SESSION);
    let here = || desk.upgrade().ok_or_else(closed);
    here()?.freshen_crls().await;
    let (gateway, account) = here()?.reach()?;
    let now = {
        let desk = here()?;
        let inner = desk.inner();
        desk.now(&inner)
    };
    let recent = Days { from: text::local(now).date().checked_sub(MONTHS.months()).ok(), to: None };
    let mut chain = Chain::default();
    // The last time once more: a receipt may have come in between two pages of the list.
    for (days, whole) in [(recent, false), (Days::default(), true), (Days::default(), true)] {
        let filings = gateway.filings(&account, days, &[]).await?;
        let here = here()?.of_chain()?;
        let judged = tokio::task::spawn_blocking(move || judge(&filings, here, now, whole)).await;
        chain = judged.map_err(|e| DeskError::Internal(e.to_string()))?;
        if chain.faults.is_empty() {
            break;
        }
    }
    for fault in &chain.faults {
        tracing::warn!(code = fault.code, "the receipts of the unit do not hold together");
    }
    let chain = Arc::new(chain);
    let desk = here()?;
    let mut inner = desk.inner();
    // Another unit may have been opened in the meantime.
    if !inner.session()?.gateway.as_ref().is_some_and(|now| Arc::ptr_eq(now, &gateway)) {
        return Err(closed());
    }
    inner.chain = Some(chain.clone());
    Ok(chain)
}

fn judge(filings: &[FilingStatus], here: Here, now: Timestamp, whole: bool) -> Chain {
    let Here { anchors, crls, kept, log } = here;
    let mut faults = Vec::new();
    let mut listed = Vec::new();
    for filing in filings {
        for receipt in filing.earlier_receipts.iter().chain([&filing.receipt]) {
            match proven(filing, receipt, &anchors, &crls, &kept) {
                Some(one) => listed.push(one),
                None => faults.push(fault(DeskError::RECEIPT_FORGED, &[("number", &filing.filing_number)])),
            }
        }
    }
    faults.extend(missing(&listed, &kept, whole));
    let cut = |one: &Listed| audit_cut(&log, one.audit.as_ref()?, &one.link.number);
    faults.extend(listed.iter().find_map(cut));
    let all = listed.into_iter().map(|one| one.link).chain(kept);
    Chain { links: all.map(|link| (link.sha256, link.previous)).collect(), faults, checked_at: text::stamp(now) }
}

fn proven(
    filing: &FilingStatus,
    receipt: &str,
    anchors: &TrustAnchors,
    crls: &[Crl],
    kept: &[ReceiptLink],
) -> Option<Listed> {
    let file = STANDARD.decode(receipt).ok()?;
    let sha256 = hex(&Sha256::digest(&file));
    // What is kept here was proven when it came: a key that was revoked since does not undo it.
    let crls = if kept.iter().any(|link| link.sha256 == sha256) { &[] } else { crls };
    let content = receipt_shown(&file, anchors, crls).ok()?.content;
    let of_it = content.filing_id == filing.id
        && content.filing_number == filing.filing_number
        && content.filing_sha256 == filing.filing_sha256
        && content.unit_account == filing.unit_account;
    of_it.then_some(Listed {
        link: ReceiptLink {
            filing: filing.id,
            number: content.filing_number,
            sha256,
            previous: content.previous_receipt,
        },
        audit: content.audit,
    })
}

/// What is not as a chain has to be. Unless the whole of it was asked for, this is no more than a suspicion: one
/// receipt may follow something older, and filings of before are not in the list.
fn missing(listed: &[Listed], kept: &[ReceiptLink], whole: bool) -> Vec<UiError> {
    let here: BTreeMap<&str, &ReceiptLink> = listed.iter().map(|one| (one.link.sha256.as_str(), &one.link)).collect();
    let filings: HashSet<_> = listed.iter().map(|one| one.link.filing).collect();
    let mut links = here.clone();
    let mut faults = Vec::new();
    for link in kept.iter().filter(|link| !here.contains_key(link.sha256.as_str())) {
        let after = link.previous.as_deref().is_some_and(|before| here.contains_key(before));
        if whole || after || filings.contains(&link.filing) {
            faults.push(fault(DeskError::RECEIPT_DROPPED, &[("number", &link.number)]));
        }
        if whole {
            links.insert(&link.sha256, link);
        }
    }
    let mut followed: HashMap<Option<&str>, &ReceiptLink> = HashMap::new();
    // Where the first receipt of all is in the list, nothing of before can be missing.
    let mut begun = whole || links.values().any(|link| link.previous.is_none());
    for link in links.values() {
        let number = ("number", link.number.as_str());
        let before = link.previous.as_deref();
        if let Some(other) = followed.insert(before, link) {
            faults.push(fault(DeskError::RECEIPT_FORK, &[number, ("other", &other.number)]));
        }
        if before.is_some_and(|before| !links.contains_key(before)) {
            if begun {
                faults.push(fault(DeskError::RECEIPT_GAP, &[number]));
            }
            begun = true;
        }
    }
    faults
}

/// Said where the log is not what it was when a filing was signed.
pub(crate) fn audit_cut(log: &AuditLog, said: &AuditHead, filing: &str) -> Option<UiError> {
    let kept = AuditPlace { log: said.log, seq: said.seq, hash: said.hash.clone() };
    // A log that does not hold by itself is said already.
    if log.broken.is_some() || log.agrees(&kept) {
        return None;
    }
    Some(fault(DeskError::AUDIT_CUT, &[("seq", &said.seq.to_string()), ("number", filing)]))
}

fn fault(code: &str, args: &[(&str, &str)]) -> UiError {
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    UiError::new(code, args, "")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn link(name: &str, previous: Option<&str>) -> ReceiptLink {
        ReceiptLink {
            filing: Uuid::from_u128(name.len() as u128),
            number: name.into(),
            sha256: name.into(),
            previous: previous.map(str::to_owned),
        }
    }

    /// Receipt and the one before it; what is kept here; what is said of the whole list, and of the last months.
    type Case<'a> = (&'a [(&'a str, Option<&'a str>)], &'a [(&'a str, Option<&'a str>)], &'a [&'a str], &'a [&'a str]);

    #[test]
    fn a_gap_a_fork_and_a_lost_receipt_are_told_apart() {
        let (gap, fork, dropped) = (DeskError::RECEIPT_GAP, DeskError::RECEIPT_FORK, DeskError::RECEIPT_DROPPED);
        let cases: &[Case<'_>] = &[
            (&[], &[], &[], &[]),
            (&[("a", None), ("bb", Some("a")), ("ccc", Some("bb"))], &[("bb", Some("a"))], &[], &[]),
            // The beginning may be older than the list, and nothing else.
            (&[("bb", Some("a")), ("ccc", Some("bb"))], &[], &[gap], &[]),
            (&[("bb", Some("a")), ("dddd", Some("ccc"))], &[], &[gap, gap], &[gap]),
            (&[("a", None), ("ccc", Some("bb"))], &[], &[gap], &[gap]),
            (&[("a", None), ("ccc", Some("bb"))], &[("bb", Some("a"))], &[dropped], &[dropped, gap]),
            (&[("a", None)], &[("bb", Some("a"))], &[dropped], &[dropped]),
            (&[("a", None), ("bb", Some("a")), ("ccc", Some("a"))], &[], &[fork], &[fork]),
            (&[("a", None), ("bb", None)], &[], &[fork], &[fork]),
        ];
        for (listed, kept, of_all, of_some) in cases {
            let of = |all: &[(&str, Option<&str>)]| -> Vec<ReceiptLink> {
                all.iter().map(|(name, previous)| link(name, *previous)).collect()
            };
            let listed: Vec<Listed> = of(listed).into_iter().map(|link| Listed { link, audit: None }).collect();
            let said = |whole| -> Vec<String> {
                missing(&listed, &of(kept), whole).into_iter().map(|fault| fault.code).collect()
            };
            let names: Vec<_> = listed.iter().map(|one| one.link.number.as_str()).collect();
            assert_eq!(said(true), *of_all, "{names:?}, all");
            assert_eq!(said(false), *of_some, "{names:?}, the last months");
        }
    }
}
