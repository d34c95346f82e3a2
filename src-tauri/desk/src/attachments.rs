//! 附件: papers added to a draft, kept with it, signed with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::attachment;
use huijiao_domain::finding::Finding;
use huijiao_protocol::filing::Attachment;
use huijiao_store::Store;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::drafts::Move;
use crate::import::hex;
use crate::views::{AttachmentView, DraftView, GridFilter};
use crate::{Desk, DeskError};

/// A paper as the draft's head names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Where the store has it.
    pub place: u32,
    /// File name without folder.
    pub name: String,
    /// What it is, by its content.
    pub media_type: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

impl Attached {
    pub(crate) fn view(&self) -> AttachmentView {
        AttachmentView { place: self.place, name: self.name.clone(), kilobytes: self.size.div_ceil(1024) }
    }
}

impl Desk {
    /// Adds a paper to a draft.
    ///
    /// # Errors
    /// What stands against the file, by the code of its finding; as every change of a draft.
    pub fn draft_attach(
        &self,
        draft: &str,
        revision: u64,
        ticket: &str,
        filter: &GridFilter,
    ) -> Result<DraftView, DeskError> {
        let limits = self.inner().session()?.info.profile.attachments;
        let large = |name: &str| {
            let limit = format!("{} KB", limits.kilobytes);
            let args = [("name", name.to_owned()), ("limit", limit)].map(|(name, value)| (name.to_owned(), value));
            DeskError::Refusal { code: huijiao_domain::finding::Code::AttachmentSize.as_str(), args: args.into() }
        };
        let (name, bytes) = self.bytes_of_ticket(ticket, u64::from(limits.kilobytes) * 1024, large)?;
        self.change(draft, Some(revision), filter, |draft, store| {
            let media_type =
                attachment::judge(&name, &bytes, limits).map_err(|finding| refused(*finding))?.as_str().to_owned();
            let there = &draft.head.attachments;
            let kept = there.iter().map(|each| store.attachment(draft.place.id, each.place));
            let kept = kept.collect::<Result<Vec<_>, _>>()?;
            let mut files: Vec<(&str, &[u8])> =
                there.iter().zip(&kept).map(|(each, bytes)| (each.name.as_str(), bytes.as_slice())).collect();
            files.push((&name, &bytes));
            if let Some(finding) = attachment::check(draft.head.kind, &files, limits).into_iter().next() {
                return Err(refused(finding));
            }
            let attached = Attached {
                place: there.iter().map(|each| each.place).max().unwrap_or_default() + 1,
                media_type,
                sha256: hex(&Sha256::digest(&bytes)),
                size: bytes.len() as u64,
                name,
            };
            Ok(Some(Move::Attach(attached, bytes)))
        })
    }

    /// Adds the papers of a filing to a draft that is made of it again.
    pub(crate) fn attach_signed(&self, draft: &str, papers: &[Attachment]) -> Result<(), DeskError> {
        for (place, paper) in (1..).zip(papers) {
            let bytes = STANDARD.decode(&paper.content).map_err(|e| DeskError::Internal(e.to_string()))?;
            let attached = Attached {
                place,
                name: paper.name.clone(),
                media_type: paper.media_type.clone(),
                sha256: paper.sha256.clone(),
                size: paper.size,
            };
            self.change(draft, None, &GridFilter::default(), |_, _| Ok(Some(Move::Attach(attached, bytes))))?;
        }
        Ok(())
    }

    /// Takes a paper out of a draft.
    ///
    /// # Errors
    /// As every change of a draft.
    pub fn draft_detach(
        &self,
        draft: &str,
        revision: u64,
        place: u32,
        filter: &GridFilter,
    ) -> Result<DraftView, DeskError> {
        self.change(draft, Some(revision), filter, |draft, _| {
            Ok(draft.head.attachments.iter().any(|each| each.place == place).then_some(Move::Detach(place)))
        })
    }
}

fn refused(finding: Finding) -> DeskError {
    DeskError::Refusal { code: finding.code.as_str(), args: finding.args }
}

/// The papers of a draft as they are signed.
pub(crate) fn signed(store: &Store, draft: Uuid, attached: &[Attached]) -> Result<Vec<Attachment>, DeskError> {
    let one = |each: &Attached| {
        Ok(Attachment {
            name: each.name.clone(),
            media_type: each.media_type.clone(),
            sha256: each.sha256.clone(),
            size: each.size,
            content: STANDARD.encode(store.attachment(draft, each.place)?),
        })
    };
    attached.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::calls;
    use crate::contributors::tests::desk;

    const PASSPHRASE: &str = "一句够长的口令 2026";
    const PDF: &[u8] = b"%PDF-1.7 resolution";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nreport";

    async fn ask(desk: &Arc<Desk>, command: &str, args: Value) -> Result<DraftView, String> {
        let view = calls::call(desk, command, args).await.map_err(|error| error.code)?;
        Ok(serde_json::from_value(view).unwrap())
    }

    async fn attach(desk: &Arc<Desk>, draft: &DraftView, name: &str, bytes: &[u8]) -> Result<DraftView, String> {
        let ticket = desk.ticket_of_bytes(name, bytes.to_vec()).ticket;
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ticket": ticket });
        ask(desk, "draft_attach", args).await
    }

    fn names(draft: &DraftView) -> Vec<&str> {
        draft.attachments.iter().map(|each| each.name.as_str()).collect()
    }

    fn kept(desk: &Desk, draft: &DraftView) -> Vec<Attachment> {
        let id = draft.draft.parse().unwrap();
        let mut inner = desk.inner();
        let attached = inner.store().unwrap().draft::<crate::draft::DraftHead>(id).unwrap().unwrap().head.attachments;
        signed(inner.store().unwrap(), id, &attached).unwrap()
    }

    #[tokio::test]
    async fn papers_stay_with_their_draft_and_are_signed_as_they_came() {
        let folder = TempDir::new().unwrap();
        let open = || desk(&folder, "demo", Vec::new());
        let first = open();
        first.start().unwrap();
        first.set_passphrase(PASSPHRASE).unwrap();
        let new = json!({ "kind": "deferral", "period": "2026-07" });
        let draft = ask(&first, "draft_new", new).await.unwrap();
        assert!(draft.takes_attachments && draft.attachments.is_empty(), "nothing goes along unasked");
        let draft = attach(&first, &draft, "决议.pdf", PDF).await.unwrap();
        let draft = attach(&first, &draft, "报表.png", PNG).await.unwrap();
        assert_eq!(names(&draft), ["决议.pdf", "报表.png"], "in the clerk's order");
        assert!(!draft.can_undo, "adding a paper is no step of the grid");
        drop(first);

        let again = open();
        again.start().unwrap();
        again.unlock(PASSPHRASE).unwrap();
        let shown = ask(&again, "draft", json!({ "draft": draft.draft })).await.unwrap();
        assert_eq!(names(&shown), ["决议.pdf", "报表.png"], "a restart loses nothing");
        let papers = kept(&again, &shown);
        assert_eq!(STANDARD.decode(&papers[1].content).unwrap(), PNG, "byte by byte");
        let paper = (papers[0].media_type.as_str(), papers[0].size, papers[0].sha256.clone());
        assert_eq!(paper, ("application/pdf", PDF.len() as u64, hex(&Sha256::digest(PDF))), "as the center checks it");
        for entry in std::fs::read_dir(folder.path().join("data")).unwrap().flatten().filter(|e| e.path().is_file()) {
            let bytes = std::fs::read(entry.path()).unwrap();
            let clear = bytes.windows(PDF.len()).any(|window| window == PDF);
            assert!(!clear, "{:?}: nothing lies in clear on the disk", entry.path());
        }

        let place = shown.attachments[0].place;
        let gone = json!({ "draft": shown.draft, "revision": shown.revision, "place": place });
        let left = ask(&again, "draft_detach", gone.clone()).await.unwrap();
        assert_eq!(names(&left), ["报表.png"]);
        let id = shown.draft.parse().unwrap();
        assert!(again.inner().store().unwrap().attachment(id, place).is_err(), "its bytes are gone too");
        assert_eq!(ask(&again, "draft_detach", gone).await.unwrap_err(), DeskError::DRAFT_STALE, "an old page");
        let more = attach(&again, &left, "新决议.pdf", PDF).await.unwrap();
        assert_eq!(STANDARD.decode(&kept(&again, &more)[1].content).unwrap(), PDF, "no place is mixed up");
    }

    #[tokio::test]
    async fn what_cannot_go_along_is_said_and_nothing_is_kept() {
        let folder = TempDir::new().unwrap();
        let desk = desk(&folder, "demo", Vec::new());
        desk.start().unwrap();
        desk.set_passphrase(PASSPHRASE).unwrap();
        let new = |kind: &str| json!({ "kind": kind, "period": "2026-07" });
        let mut draft = ask(&desk, "draft_new", new("correction")).await.unwrap();
        let large = [PDF, &vec![0; 2 << 20]].concat();
        let long = format!("{}.pdf", "长".repeat(200));
        for (name, bytes, code) in [
            ("决议.pdf", large.as_slice(), "ATTACHMENT-SIZE"),
            ("决议.pdf", b"".as_slice(), "ATTACHMENT-EMPTY"),
            ("决议.pdf", PNG, "ATTACHMENT-TYPE"),
            ("决议.exe", b"MZ", "ATTACHMENT-TYPE"),
            ("..\\决议.pdf", PDF, "ATTACHMENT-NAME"),
            (&long, PDF, "ATTACHMENT-NAME"),
        ] {
            let error = attach(&desk, &draft, name, bytes).await.unwrap_err();
            assert_eq!(error, code, "{name:?}");
        }
        let unchanged = ask(&desk, "draft", json!({ "draft": draft.draft })).await.unwrap();
        assert_eq!((unchanged.revision, unchanged.attachments.len()), (draft.revision, 0), "as it was");
        for number in 0..5 {
            let bytes = format!("%PDF-{number}");
            draft = attach(&desk, &draft, &format!("{number}.pdf"), bytes.as_bytes()).await.unwrap();
        }
        assert_eq!(attach(&desk, &draft, "六.pdf", PDF).await.unwrap_err(), "ATTACHMENT-COUNT");
        let one = json!({ "draft": draft.draft, "revision": draft.revision, "place": draft.attachments[0].place });
        let draft = ask(&desk, "draft_detach", one).await.unwrap();
        assert_eq!(attach(&desk, &draft, "1.PDF", PDF).await.unwrap_err(), "ATTACHMENT-TWICE", "the same name");
        assert_eq!(attach(&desk, &draft, "七.pdf", b"%PDF-2").await.unwrap_err(), "ATTACHMENT-TWICE", "the same paper");
        // Marks of direction are taken off every name that comes in.
        let two = json!({ "draft": draft.draft, "revision": draft.revision, "place": draft.attachments[0].place });
        let draft = ask(&desk, "draft_detach", two).await.unwrap();
        let marked = attach(&desk, &draft, "决议\u{202e}fdp.pdf", PDF).await.unwrap();
        assert_eq!(names(&marked).last(), Some(&"决议fdp.pdf"), "it reads as it is");

        let folder = TempDir::new().unwrap();
        let another = self::desk(&folder, "demo", Vec::new());
        another.start().unwrap();
        another.set_passphrase(PASSPHRASE).unwrap();
        let other = ask(&another, "draft_new", new("unit_update")).await.unwrap();
        assert!(!other.takes_attachments);
        assert_eq!(attach(&another, &other, "决议.pdf", PDF).await.unwrap_err(), "ATTACHMENT-KIND");
    }
}
