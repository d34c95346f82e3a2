//! What others wrote, and everything here that reads it, but for cells of workbooks, which the room of sheets fuzzes
//! itself. Whatever the bytes are, a reader answers or refuses; what it takes, leads on as far as the program does.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use huijiao_domain::filing::{Circumstances, FilingKind};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, validate};
use huijiao_domain::remittance::Books;
use huijiao_domain::roster::{Roster, Unit};
use huijiao_protocol::certificates::{CertificateStatus, Enrolled, Enrollment, Revocation};
use huijiao_protocol::ending::Ending;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::problem::Problem;
use huijiao_protocol::queries::{ContributorAccount, LedgerPage, PersonalWithdrawal, UnitMoney};
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_protocol::resources::{
    CenterInfo, FilingStatus, Lookup, LookupAnswer, MonthList, Page, PaymentOrder, UnitOfOperator,
};
use huijiao_protocol::session::{Challenge, SessionGranted};
use huijiao_protocol::stream::{RosterReader, whole_events};
use huijiao_sheets::upload::{Figures, Heading, Whose, error_list, learn, lines, write};
use huijiao_sheets::write::{rebuild, template};
use huijiao_sheets::{Limits, ReadChoice, Workbook, read, roster, statement};
use huijiao_signing::{
    Certificate, Crl, P12Key, Pin, Purpose, Request, TrustAnchors, claimed_time, only_adds_signatures, verify,
    verify_foreign, verify_stamp,
};
use huijiao_store::vault::{PassphraseFile, WrappedKey};
use huijiao_store::{Backup, StoreKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Takes whatever bytes there are.
pub(crate) type Reader = fn(&[u8]);

/// The readers, and the folder of the corpus that is each one's own.
pub(crate) const READERS: [(&str, Reader); 10] = [
    ("backup", backup),
    ("certificate", certificate),
    ("filing", filing),
    ("lists", lists),
    ("p12", p12),
    ("profile", profile),
    ("protocol", protocol),
    ("recovery", recovery),
    ("signed", signed),
    ("streams", streams),
];

/// The unit of the corpus, as its center knows it.
struct World {
    anchors: TrustAnchors,
    profile: CenterProfile,
    unit: Unit,
    roster: Roster,
    books: Books,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let unit: Unit = serde_json::from_str(include_str!("world/unit.json")).expect("a unit");
    let mut reader = RosterReader::new(&unit.account);
    reader.push(include_bytes!("world/roster.ndjson")).expect("a roster");
    World {
        anchors: TrustAnchors::from_pem(include_str!("world/root.pem")).expect("a root"),
        profile: CenterProfile::shipped("demo").expect("the rules of the demo center"),
        roster: reader.finish().expect("a whole roster"),
        books: serde_json::from_str(include_str!("world/books.json")).expect("books"),
        unit,
    }
});

impl World {
    fn circumstances<'a>(&'a self, profile: &'a CenterProfile, period: Month) -> Circumstances<'a> {
        Circumstances {
            profile,
            unit: Some(&self.unit),
            roster: Some(&self.roster),
            elsewhere: None,
            books: Some(&self.books),
            period,
            today: jiff::civil::date(2026, 7, 6),
        }
    }
}

/// `filing.p7m`, `receipt.p7m`, foreign signatures, time stamps.
pub(crate) fn signed(bytes: &[u8]) {
    let at = "2026-07-06T02:00:00Z".parse().expect("a time");
    for purpose in [Purpose::Filing, Purpose::Receipt] {
        if let Ok(verified) = verify(bytes, &WORLD.anchors, at, purpose, &[]) {
            filing(&verified.content);
            assert_eq!(only_adds_signatures(bytes, bytes).ok(), Some(true), "what was verified can be compared");
        }
    }
    let _ = verify_foreign(bytes, &WORLD.anchors, at, &[]);
    let _ = claimed_time(bytes);
    let _ = verify_stamp(bytes, b"file", &WORLD.anchors);
}

/// Certificates, lists of revoked ones, requests; as octets and as PEM.
pub(crate) fn certificate(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = Certificate::all_from_pem(&text).unwrap_or_default();
    for certificate in read.into_iter().chain(Certificate::from_der(bytes)) {
        let said = (certificate.holder(), certificate.unit_name(), certificate.credit_code(), certificate.serial_hex());
        let uses = (certificate.can_sign().is_ok(), certificate.can_tls(), certificate.can_receipt());
        let _ = (said, uses, certificate.algorithm(), certificate.issuer_name(), certificate.sha256_hex());
        let _ = WORLD.anchors.check(&certificate, std::slice::from_ref(&certificate), certificate.not_before(), &[]);
        assert_eq!(Certificate::from_pem(&certificate.pem()).ok().as_ref(), Some(&certificate), "written as read");
    }
    for crl in [Crl::from_der(bytes), Crl::from_pem(&text)].into_iter().flatten() {
        let _ = (WORLD.anchors.check_crl(&crl), crl.this_update(), crl.next_update());
        for root in WORLD.anchors.certificates() {
            let _ = crl.lists(root, root.not_before());
        }
    }
    if let Ok(request) = Request::from_der(bytes) {
        assert_eq!(request.der(), bytes, "a request is kept as it came");
    }
}

/// What is signed: filings, receipts, returns and withdrawals. A filing is checked as the center checks it.
pub(crate) fn filing(bytes: &[u8]) {
    if let Ok(content) = FilingContent::from_bytes(bytes) {
        let again = content.to_bytes().and_then(|bytes| FilingContent::from_bytes(&bytes));
        assert_eq!(again.ok().as_ref(), Some(&content), "written as read");
        let _ = content.rows.totals();
        let _ = content.rows.check(content.totals, WORLD.circumstances(&WORLD.profile, content.period));
        for row in content.rows.iter() {
            let _ = row.figures();
        }
    }
    if let Ok(ending) = Ending::from_bytes(bytes) {
        assert_eq!(Ending::from_bytes(&ending.to_bytes().expect("JSON")).ok(), Some(ending), "written as read");
    }
    again::<ReceiptContent>(bytes);
    again::<Challenge>(bytes);
    again::<Revocation>(bytes);
}

/// A key file that somebody was given, by the password that the corpus has.
pub(crate) fn p12(bytes: &[u8]) {
    if let Ok(key) = P12Key::open(bytes, &Pin::new("123456")) {
        let _ = (key.certificate().holder(), key.old_encryption());
        assert!(!key.chain().contains(key.certificate()), "its own certificate is not between it and the root");
    }
}

/// What the center is asked, what it answers to reads, and how it refuses.
pub(crate) fn protocol(bytes: &[u8]) {
    again::<Enrollment>(bytes);
    again::<Enrolled>(bytes);
    again::<CertificateStatus>(bytes);
    again::<Vec<CertificateStatus>>(bytes);
    again::<Lookup>(bytes);
    again::<CenterInfo>(bytes);
    again::<Vec<UnitOfOperator>>(bytes);
    again::<Unit>(bytes);
    again::<Books>(bytes);
    again::<LookupAnswer>(bytes);
    again::<FilingStatus>(bytes);
    again::<Page<FilingStatus>>(bytes);
    again::<MonthList>(bytes);
    again::<Page<PaymentOrder>>(bytes);
    again::<LedgerPage<UnitMoney>>(bytes);
    again::<LedgerPage<Yuan>>(bytes);
    again::<LedgerPage<Contribution>>(bytes);
    again::<Page<ContributorAccount>>(bytes);
    again::<Page<PersonalWithdrawal>>(bytes);
    again::<SessionGranted>(bytes);
    again::<Problem>(bytes);
}

/// Reads, writes, reads: it is the same.
fn again<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        let written = serde_json::to_vec(&value).expect("what was read can be written");
        assert_eq!(serde_json::from_slice::<T>(&written).ok(), Some(value), "written as read");
    }
}

/// The roster and the events, which come in pieces: how they are cut changes nothing.
pub(crate) fn streams(bytes: &[u8]) {
    let whole = pieces(bytes, usize::MAX);
    let text = String::from_utf8_lossy(bytes);
    assert!(whole.is_err() || text.contains("\"end\""), "without its end there is no roster");
    assert_eq!(pieces(bytes, 7).ok(), whole.ok(), "cut or whole");
    let (mut rest, mut at_once) = (Vec::new(), bytes.to_vec());
    let (mut heard, mut broken) = (Vec::new(), false);
    for piece in bytes.chunks(11) {
        rest.extend_from_slice(piece);
        match whole_events(&mut rest) {
            Ok(events) => heard.extend(events),
            Err(_) => broken = true,
        }
    }
    if let Ok(events) = whole_events(&mut at_once) {
        // How many blank lines wait for what follows them says nothing.
        let waits = |rest: &[u8]| rest.trim_ascii_start().to_vec();
        assert!(broken || (heard, waits(&rest)) == (events, waits(&at_once)), "cut or whole");
    }
}

fn pieces(bytes: &[u8], size: usize) -> Result<Roster, huijiao_protocol::stream::BrokenStream> {
    let mut reader = RosterReader::new(&WORLD.unit.account);
    for piece in bytes.chunks(size) {
        reader.push(piece)?;
    }
    reader.finish()
}

/// The rules of a center, from its answer or from a file. Filings are checked by them even where something is wrong with
/// them, as the center's are; files are written by what is right.
pub(crate) fn profile(bytes: &[u8]) {
    let Ok(profile) = serde_json::from_slice::<CenterProfile>(bytes) else { return };
    again::<CenterProfile>(bytes);
    for content in CONTENTS.iter() {
        let _ = content.rows.check(content.totals, WORLD.circumstances(&profile, content.period));
    }
    if !validate(&profile).is_empty() {
        return;
    }
    for &kind in FilingKind::SHEETS {
        let _ = template(kind, &profile);
    }
    for content in CONTENTS.iter() {
        let rows: Vec<Figures> = content.rows.iter().map(|row| row.figures()).collect();
        let _ = write(&profile, content.rows.kind(), &rows, heading(content.period));
    }
}

fn heading(period: Month) -> Heading<'static> {
    Heading {
        unit_account: &WORLD.unit.account,
        unit_name: &WORLD.unit.name,
        period,
        today: jiff::civil::date(2026, 7, 6),
        ratios: Some((WORLD.unit.unit_ratio, WORLD.unit.personal_ratio)),
    }
}

/// A filing of each kind.
static CONTENTS: LazyLock<Vec<FilingContent>> = LazyLock::new(|| {
    include_str!("world/filings.ndjson")
        .lines()
        .map(|line| FilingContent::from_bytes(line.as_bytes()).expect("a filing"))
        .collect()
});

/// What comes back from centers and banks as csv or text: rosters, error lists, statements, blank files.
pub(crate) fn lists(bytes: &[u8]) {
    let limits = Limits { file_bytes: 1 << 20, rows: 2_000, columns: 256, cells: 20_000, ..Limits::default() };
    if let Ok(book) = lines(bytes) {
        answers(&book);
    }
    // What looks like one of the other formats is the room of sheets' own.
    if let Ok(book) = read(bytes.to_vec(), &ReadChoice::default(), &limits) {
        answers(&book);
        let ratios = Some((WORLD.unit.unit_ratio, WORLD.unit.personal_ratio));
        if let Ok(roster) = roster(&mut book.clone(), &WORLD.profile, ratios) {
            let _ = serde_json::to_vec(&roster.contributors).expect("people can be kept");
        }
        let _ = statement(&book);
        for &kind in FilingKind::SHEETS {
            if let Ok(learned) = learn(&book, bytes, kind, &WORLD.profile) {
                let _ = learned.template.problems();
            }
        }
        let _ = rebuild(&book, &[], None, &[]);
    }
}

fn answers(book: &Workbook) {
    for content in CONTENTS.iter() {
        let rows: Vec<Figures> = content.rows.iter().map(|row| row.figures()).collect();
        if let Ok(list) = error_list(book, &rows, None) {
            for entry in &list.refused {
                let there = match &entry.whose {
                    Whose::One { place, .. } => *place < rows.len(),
                    Whose::Several { places } => places.iter().all(|place| *place < rows.len()),
                    Whose::Nobody => true,
                };
                assert!(there, "who is meant was filed");
            }
        }
    }
}

/// A backup: head and database, around which length and hash are right. What stands before the first blank line is the
/// head.
pub(crate) fn backup(bytes: &[u8]) {
    let at = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, database) = at.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let folder = tempfile::tempdir().expect("a folder");
    let path = framed(folder.path(), head, database);
    let key = StoreKey::from_slice(&[7; 32]).expect("a key");
    if let Ok(backup) = Backup::look(&path) {
        let proved = backup.prove(folder.path(), Some(&key)).is_ok();
        let data = folder.path().join("data");
        let restored = backup.restore(&data, &key, &folder.path().join("aside")).is_ok();
        assert!(proved || !restored, "nothing takes the place of the data that was not proved");
    }
}

/// A backup's file with this head and this database.
fn framed(folder: &Path, head: &[u8], database: &[u8]) -> PathBuf {
    let mut file = b"huijiao-backup\n".to_vec();
    file.extend_from_slice(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend_from_slice(head);
    file.extend_from_slice(database);
    let hash = Sha256::digest(&file);
    file.extend_from_slice(&hash);
    let path = folder.join("backup");
    fs::write(&path, &file).expect("room");
    path
}

/// The way back to data whose key is lost: a key under the recovery passphrase, as a file of its own and in the head of a
/// backup.
pub(crate) fn recovery(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let [kept, again] = ["kept", "again"].map(|name| folder.path().join(name));
    fs::write(&kept, bytes).expect("room");
    if let Ok(Some(wrapped)) = PassphraseFile::at(kept).read() {
        let again = PassphraseFile::at(again);
        again.replace(&wrapped).expect("room");
        assert_eq!(again.read().ok().flatten().as_ref(), Some(&wrapped), "written as read");
        opens(&wrapped);
    }
    if let Ok(backup) = Backup::look(&framed(folder.path(), bytes, &[]))
        && let Some(wrapped) = &backup.head.key
    {
        opens(wrapped);
    }
}

/// By the passphrase that the corpus has and by no other, and never at any price.
fn opens(wrapped: &WrappedKey) {
    /// KiB times passes that are waited for here; those of the corpus ask for less.
    const PATIENCE: u64 = 4096;
    let said = serde_json::to_value(wrapped).expect("what was read can be written");
    let [memory, passes, lanes] = ["memory_kib", "passes", "lanes"].map(|name| said[name].as_u64().expect("a number"));
    if memory > 1024 * 1024 || passes > 64 || lanes > 16 {
        assert!(wrapped.open("只在测试里用的口令").is_err(), "refused before it is paid");
    } else if memory * passes <= PATIENCE && wrapped.open("只在测试里用的口令").is_ok() {
        assert!(wrapped.open("另一句不对的口令").is_err(), "another passphrase opens nothing");
    }
}
