//! 证据包: everything that proves a filing, in one folder that needs no program of ours to be believed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use huijiao_signing::{
    Algorithm, AsOf, Certificate, Crl, Places, Purpose, Signer, SignerPlaces, TrustAnchors, judged_at, places,
    verify_stamp, verify_taken,
};
use huijiao_store::failpoint;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::approval::VerdictHead;
use crate::error::DeskError;
use crate::filings::{id_of, in_a_file_name, of_id};
use crate::import::hex;
use crate::kept::{anchors_of, number_of, recorded};
use crate::papers::WrittenDown;
use crate::step::Step;
use crate::submit::{archived, receipt_content};
use crate::views::Exported;
use crate::workbooks::MOST_COPIES;
use crate::{Desk, stamps};

/// The files of a folder, by their paths in it; a slash parts folder and file.
type Files = BTreeMap<String, Vec<u8>>;

/// Hashes of everything else, as `sha256sum` writes and reads them.
const SUMS: &str = "SHA256SUMS.txt";

/// Roots and revocation lists in one file, as openssl wants them.
const BOTH: &str = "ca-crl.pem";

/// How a folder is called until it is whole.
const PARTIAL: &str = ".huijiao-evidence-";

/// What the explanation speaks of.
struct Told {
    kind: &'static str,
    period: String,
    number: Option<String>,
    center: String,
    /// The signed files, in the order in which they are checked.
    signed: Vec<SignedFile>,
    approved: bool,
    /// There is a receipt.
    answered: bool,
    /// It stays in the unit's own books: there never is one.
    kept: bool,
    pdf: bool,
    /// What the clerk wrote down of the center's answer is there.
    recorded: bool,
    /// Revocation lists.
    crls: usize,
    /// Seconds since 1970 of the timestamp.
    stamp: Option<i64>,
}

impl Told {
    /// Everything that openssl judges by a moment.
    fn judged(&self) -> impl Iterator<Item = &Judged> {
        self.signed.iter().filter(|one| one.national.is_none()).flat_map(|one| {
            let together = one.apart.is_empty().then_some(&one.judged);
            together.into_iter().chain(one.apart.iter().map(|(_, judged)| judged))
        })
    }

    /// Whether openssl is asked about revocation anywhere.
    fn asks_lists(&self) -> bool {
        self.judged().any(|one| one.listed)
    }
}

/// A signed file, without its ending, and how openssl is asked about it.
struct SignedFile {
    name: String,
    judged: Judged,
    /// Each of those who signed it, where there is no moment at which all of their certificates held.
    apart: Vec<(String, Judged)>,
    /// Signed with SM2.
    national: Option<National>,
}

/// What openssl's `cms` does not know, and its other commands check in parts.
struct National {
    places: Places,
    /// The certificate of each signature's signer, and as of when it is judged (seconds since 1970).
    certificates: Vec<(String, i64)>,
}

/// As of when openssl judges something.
struct Judged {
    /// Seconds since 1970.
    at: i64,
    /// Whether openssl can ask the enclosed lists too.
    listed: bool,
}

impl Judged {
    /// Roots, and revocation lists where it can ask them.
    fn by(&self) -> &'static str {
        if self.listed { "ca-crl.pem -crl_check" } else { "ca.pem" }
    }
}

impl Desk {
    /// Writes filing, receipts, certificates, the printed form and how all of it is checked into a folder of its own,
    /// in the folder of this ticket or in the export folder.
    ///
    /// # Errors
    /// No such filing; a folder that cannot be written.
    pub fn filing_export(&self, filing: &str, ticket: Option<&str>) -> Result<Exported, DeskError> {
        let id = id_of(filing)?;
        let step = self.begin_step();
        let into = self.chosen_folder(ticket)?.unwrap_or_else(|| self.config.export_folder.clone());
        let (anchors, named, (kept, number, recorded), receipts, file, approved, archived, stamp) = {
            let mut inner = self.inner();
            let session = inner.session()?;
            let registered = session.connection.anchors.clone();
            let named = stamps::roots(&session.info)?;
            let store = inner.store()?;
            let approved = store.verdict::<VerdictHead>(id)?.filter(|verdict| verdict.approved);
            let receipts = store.receipts(id)?;
            let archived = match receipts.last() {
                Some(newest) => archived(store, &newest.sha256)?,
                None => Vec::new(),
            };
            let approved = approved.map(|one| one.file);
            let stamp = store.stamp(id)?;
            let kept = of_id(store, id)?;
            let anchors = anchors_of(store, &registered, &kept)?;
            let (number, recorded) = (number_of(store, &kept)?, recorded(store, &kept)?);
            (anchors, named, (kept, number, recorded), receipts, store.filing_file(id)?, approved, archived, stamp)
        };
        // What follows may be slow and must not hold up the desk.
        let moment = |stamp: &str| stamp.parse::<Timestamp>().map_err(|_| DeskError::Internal("a kept time".into()));
        let mut files = Files::new();
        let mut contents = Vec::new();
        for receipt in &receipts {
            contents.push(receipt_content(&receipt.file, &anchors, moment(&receipt.kept_at)?)?);
        }
        // Whether a certificate has ended or was revoked since the center took what it signed is no matter.
        let taken = contents.first().map(|first| moment(&first.content.accepted_at)).transpose()?;
        let mut signers = Vec::new();
        let mut signed = Vec::new();
        let mut add = |name: String,
                       p7m: &[u8],
                       purpose: Purpose,
                       [filed, at]: [Timestamp; 2]|
         -> Result<(), DeskError> {
            let as_of = |at| AsOf { at, crls: &[] };
            let verified = verify_taken(p7m, &anchors, as_of(filed), as_of(at), purpose)?.signers;
            // openssl knows one moment for all of them, and takes a certificate for ended in its last second.
            let lasts = |one: &Signer| one.certificate.not_after().checked_sub(SignedDuration::from_secs(1)).ok();
            let together = verified.iter().filter_map(lasts).fold(at, Timestamp::min);
            let listed = |one: &Signer, at| by_lists(&one.certificate, &anchors, &archived, at);
            let own = |one: &Signer| {
                let at = if one.purpose == Purpose::Filing { filed } else { at };
                let at = lasts(one).map_or(at, |last| last.min(at));
                let file = certificate_file(one.role.as_str(), &one.certificate);
                (file, Judged { at: at.as_second(), listed: listed(one, at) })
            };
            let one_moment = verified.iter().all(|one| one.certificate.not_before() <= together);
            let national = verified.iter().any(|one| one.certificate.algorithm() == Some(Algorithm::Sm2));
            let national = if national {
                let places = places(p7m)?;
                let of = |one: &SignerPlaces| verified.iter().find(|signer| signer.certificate == one.certificate);
                let signers = places.signers.iter().filter_map(of).map(own);
                let certificates = signers.map(|(file, judged)| (file, judged.at)).collect();
                Some(National { places, certificates })
            } else {
                None
            };
            signed.push(SignedFile {
                name,
                judged: Judged { at: together.as_second(), listed: verified.iter().all(|one| listed(one, together)) },
                apart: if one_moment { Vec::new() } else { verified.iter().map(own).collect() },
                national,
            });
            signers.extend(verified.into_iter().map(|one| (one.role.as_str(), one.certificate)));
            Ok(())
        };
        if let Some(approved) = &approved {
            let moments = [judged_at(approved, taken, false)?, judged_at(approved, taken, true)?];
            add("filing".into(), approved, Purpose::Approval, moments)?;
            add("filing-clerk".into(), &file, Purpose::Filing, [judged_at(&file, taken, false)?; 2])?;
        } else {
            add("filing".into(), &file, Purpose::Filing, [judged_at(&file, taken, false)?; 2])?;
        }
        // The newest under the plain name, those before it by their place.
        for (place, (receipt, said)) in (1..).zip(receipts.iter().zip(&contents)) {
            let name = if place == receipts.len() { "receipt".to_owned() } else { format!("receipt-{place}") };
            files.insert(format!("{name}.p7m"), receipt.file.clone());
            add(name, &receipt.file, Purpose::Receipt, [said.at; 2])?;
        }
        let mut told = Told {
            kind: kept.head.kind.label(),
            period: kept.period.clone(),
            number,
            center: kept.center.clone(),
            signed,
            approved: approved.is_some(),
            answered: !receipts.is_empty(),
            kept: kept.head.kept.is_some(),
            pdf: false,
            recorded: recorded.is_some(),
            crls: 0,
            stamp: None,
        };
        if let Some(stamp) = stamp {
            // By the roots that it was proven by, whomever the center names by now.
            let stampers = match &stamp.roots {
                Some(roots) => TrustAnchors::from_pem(roots)?,
                None => TrustAnchors::from_der(named)?,
            };
            match verify_stamp(&stamp.answer, &file, &stampers) {
                Ok(proven) => {
                    told.stamp = Some(proven.at.as_second());
                    files.insert("filing.tsr".into(), stamp.answer);
                    files.insert("tsa.pem".into(), pem(&stampers).into_bytes());
                }
                Err(error) => tracing::warn!(code = error.code(), "evidence without its timestamp"),
            }
        }
        // With the approver's signature where there is one; what the clerk signed is in it byte for byte.
        if let Some(approved) = approved {
            files.insert("filing-clerk.p7m".into(), file);
            files.insert("filing.p7m".into(), approved);
        } else {
            files.insert("filing.p7m".into(), file);
        }
        for (role, certificate) in &signers {
            files.insert(certificate_file(role, certificate), certificate.pem().into_bytes());
        }
        if let Some(recorded) = recorded {
            let said = serde_json::to_vec_pretty(&recorded).map_err(|error| DeskError::Internal(error.to_string()))?;
            files.insert(WrittenDown::FILE.into(), said);
        }
        files.insert("ca.pem".into(), pem(&anchors).into_bytes());
        for (place, crl) in (1..).zip(&archived) {
            let name = if place == 1 { "crl.pem".to_owned() } else { format!("crl-{place}.pem") };
            files.insert(name, crl.pem().into_bytes());
            told.crls = place;
        }
        if told.asks_lists() {
            let lists: String = archived.iter().map(Crl::pem).collect();
            files.insert(BOTH.into(), (pem(&anchors) + &lists).into_bytes());
        }
        let printed = self.printed_filing(filing, &step);
        step.still_wanted()?;
        match printed {
            Ok(pdf) => told.pdf = files.insert("单证.pdf".into(), pdf.bytes).is_none(),
            // It only shows what is signed; without it nothing is less proven.
            Err(error) => tracing::warn!(code = error.code(), "evidence without its printed form"),
        }
        files.insert("说明.txt".into(), readme(&told).into_bytes());
        files.insert(SUMS.into(), sums(&files).into_bytes());
        let number = told.number.as_deref().map_or_else(|| id.to_string(), in_a_file_name);
        let aside = write(&into, &files, &step)?;
        self.settle_step(&step)?;
        let folder = put(&into, &format!("{}-{}-{number}", told.kind, told.period), aside)?;
        Ok(Exported { folder: folder.to_string_lossy().into_owned() })
    }
}

/// Where the certificate of somebody who signed lies in the folder.
fn certificate_file(role: &str, certificate: &Certificate) -> String {
    format!("certificates/{role}-{}.pem", in_a_file_name(&certificate.serial_hex()))
}

pub(crate) fn pem(anchors: &TrustAnchors) -> String {
    anchors.certificates().iter().map(Certificate::pem).collect()
}

/// Whether openssl can judge a certificate by these lists: there has to be one of its root that was the list of that
/// moment, and it takes whoever was revoked after it as well for revoked.
fn by_lists(certificate: &Certificate, anchors: &TrustAnchors, lists: &[Crl], at: Timestamp) -> bool {
    let of_root = |crl: &Crl| {
        let roots = anchors.certificates().iter().filter(|root| crl.is_of(root));
        roots.into_iter().any(|root| TrustAnchors::new(vec![root.clone()]).leads_here(certificate, &[]))
    };
    let then = |crl: &Crl| crl.this_update() <= at && crl.next_update().is_none_or(|next| at <= next);
    let own = lists.iter().find(|crl| of_root(crl));
    own.is_some_and(|crl| then(crl) && !crl.lists(certificate, Timestamp::MAX))
}

fn failed(name: &str) -> impl FnOnce(std::io::Error) -> DeskError {
    let name = name.to_owned();
    move |source| DeskError::FileWrite { name, source }
}

/// Writes everything into a folder aside, which is gone again unless it is [`put`] in place.
fn write(into: &Path, files: &Files, step: &Step) -> Result<TempDir, DeskError> {
    let name = into.to_string_lossy();
    std::fs::create_dir_all(into).map_err(failed(&name))?;
    clear(into);
    let aside = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(into).map_err(failed(&name))?;
    for (file, bytes) in files {
        step.still_wanted()?;
        failpoint::pass("evidence-file");
        let path = aside.path().join(file);
        let folder = path.parent().unwrap_or(aside.path());
        let written = std::fs::create_dir_all(folder).and_then(|()| {
            let mut out = std::fs::File::create(&path)?;
            out.write_all(bytes)?;
            out.sync_all()
        });
        written.map_err(failed(file))?;
    }
    Ok(aside)
}

/// Gives the folder its name, never that of another; says where it is.
fn put(into: &Path, name: &str, aside: TempDir) -> Result<PathBuf, DeskError> {
    for copy in 1..=MOST_COPIES {
        let folder = into.join(if copy == 1 { name.to_owned() } else { format!("{name}({copy})") });
        if folder.exists() {
            continue;
        }
        huijiao_files::rename(aside.path(), &folder).map_err(failed(name))?;
        // It has another name by now, under which it stays.
        let _ = aside.keep();
        return Ok(folder);
    }
    Err(failed(name)(std::io::ErrorKind::AlreadyExists.into()))
}

/// Takes away what a program that was killed in the middle left: it proves nothing and names people.
fn clear(into: &Path) {
    let left = std::fs::read_dir(into).into_iter().flatten().flatten();
    for entry in left.filter(|entry| entry.file_name().to_string_lossy().starts_with(PARTIAL)) {
        // What cannot be taken away now is left for the next time.
        let _ = std::fs::remove_dir_all(entry.path());
    }
}

fn sums(files: &Files) -> String {
    files.iter().fold(String::new(), |mut text, (name, bytes)| {
        let _ = writeln!(text, "{}  {name}", hex(&Sha256::digest(bytes)));
        text
    })
}

/// How the folder is checked without this program, with the very commands.
fn readme(told: &Told) -> String {
    let mut text = String::new();
    let mut say = |line: &str| {
        // Notepad of older Windows wants both.
        text.push_str(line);
        text.push_str("\r\n");
    };
    say(&format!("住房公积金单位业务证据包：{}，{}", told.kind, told.period));
    let by = if told.kept && told.number.is_some() { "（由经办人登记，没有回执）" } else { "" };
    say(&format!("中心：{}；业务流水号：{}{by}", told.center, told.number.as_deref().unwrap_or("尚未受理")));
    say("");
    say("一、内容");
    say("  filing.p7m            申报：经办人签名（有复核时含复核人签名），内容在文件内");
    if told.approved {
        say("  filing-clerk.p7m      复核前的申报：只有经办人签名，与上面的逐字节相同，只少复核人的签名");
    }
    if told.kept {
        say("  （没有回执：中心没有联网接口，业务以上传文件办理，这份申报由本单位留存）");
    } else if !told.answered {
        say("  （没有回执：中心还没有受理这份申报）");
    } else {
        say("  receipt.p7m           最新的回执：中心签名；receipt-1.p7m 等是更早的回执");
    }
    let (root, issuer) =
        if told.kept { ("本单位登记的根证书", "发证机构") } else { ("中心的根证书", "中心") };
    say(&format!("  certificates 文件夹   签名人的证书；ca.pem 是{root}"));
    if told.crls > 0 {
        say("  crl.pem               收到回执时中心的吊销列表，可用 openssl crl -in crl.pem -noout -text 查看");
    }
    if told.asks_lists() {
        say("  ca-crl.pem            根证书和吊销列表合在一起，供下面的命令一并核对吊销");
    }
    if told.crls > 1 {
        say("  crl-2.pem 等          中心其他根证书的吊销列表");
    }
    if told.stamp.is_some() {
        say("  filing.tsr            时间戳：第三方证明申报在那一刻已经存在；tsa.pem 是时间戳机构的根证书");
    }
    if told.recorded {
        say(&format!("  {}         中心的答复，由经办人登记：没有签名，不能证明中心受理", WrittenDown::FILE));
    }
    if told.pdf {
        say("  单证.pdf              按签名内容打印的单证，只供阅读，以签名文件为准");
    }
    say("  SHA256SUMS.txt        以上各文件的 SHA-256");
    say("");
    say("二、先核对根证书");
    say(&format!("  ca.pem 是从本机带出的。请把它的指纹与{issuer}公布的比对，一致才可信："));
    say("");
    say("    openssl x509 -in ca.pem -noout -fingerprint -sha256");
    say("");
    let unlisted = format!("  本证据包没有吊销列表，用什么验证都不核对吊销：证书有没有被吊销，请向{issuer}查询。");
    say("三、验证签名（Linux、macOS 的终端，或 Windows 装有 OpenSSL 的命令提示符，先进入本文件夹）");
    if told.judged().next().is_some() {
        if told.kept {
            say("  每条命令都应显示 CMS Verification successful。证书按各自签名的时刻判断是否有效。");
        } else {
            say("  每条命令都应显示 CMS Verification successful。证书按各自的时刻判断是否有效：申报按中心受理的时刻，");
            say("  复核按复核签名的时刻（那时经办人的证书已经到期的，按它到期之前），回执按签发的时刻。");
        }
        if told.crls == 0 {
            say(&unlisted);
        } else if told.judged().any(|one| !one.listed) {
            say("  没有 -crl_check 的命令不核对吊销：OpenSSL 只会用那一刻有效的列表，也不看吊销的时间。");
            say("  吊销由 huijiao-cli verify 按时刻核对，见最后一节。");
        }
        say("");
        for SignedFile { name, judged, apart, .. } in told.signed.iter().filter(|one| one.national.is_none()) {
            if apart.is_empty() {
                let (by, at) = (judged.by(), judged.at);
                say(&format!(
                    "    openssl cms -verify -inform DER -in {name}.p7m -CAfile {by} -attime {at} -out {name}.json"
                ));
                continue;
            }
            say(&format!(
                "    openssl cms -verify -noverify -inform DER -in {name}.p7m -certsout {name}-certs.pem -out {name}.json"
            ));
            for (certificate, judged) in apart {
                let (by, at) = (judged.by(), judged.at);
                say(&format!("    openssl verify -CAfile {by} -untrusted {name}-certs.pem -attime {at} {certificate}"));
            }
        }
        say("");
        if told.signed.iter().any(|one| one.national.is_none() && !one.apart.is_empty()) {
            say(
                "  带 -noverify 的一条只核对签名和内容：没有一个时刻几个人的证书都有效，所以其后几条 openssl verify 按各人",
            );
            say("  签名的时刻核对他的证书，每条都应显示 OK。");
        }
    }
    let national: Vec<_> =
        told.signed.iter().filter_map(|one| Some((one.name.as_str(), one.national.as_ref()?))).collect();
    if !national.is_empty() {
        let names: Vec<_> = national.iter().map(|(name, _)| format!("{name}.p7m")).collect();
        say(&format!("  {} 用国密 SM2 签名，OpenSSL 的 cms 命令不能验证，下面用其他命令分步核对。", names.join("、")));
        say("  要 OpenSSL 3.0 以上；Windows 请在 Git Bash 里运行，macOS 自带的 LibreSSL 不行。");
        say("  先取出所签的内容（.json），再逐个核对签名：取出签名属性（.signed）和签名值（.sig），");
        say("  应显示 Signature Verified Successfully；属性里的 SM3 摘要与内容一致时，有 cmp 的一条什么也不显示；");
        say("  最后一条核对签名人当时的证书，应显示 OK。");
        if told.crls > 0 {
            say("  吊销由 huijiao-cli verify 核对，见最后一节。");
        } else if told.judged().next().is_none() {
            say(&unlisted);
        }
        for (name, national) in national {
            say("");
            for command in by_parts(name, national) {
                say(&format!("    {command}"));
            }
        }
        say("");
    }
    say("  得到的 .json 就是所签的内容，可用记事本或浏览器打开。");
    say("");
    let answered = if told.approved { "filing-clerk.p7m" } else { "filing.p7m" };
    if told.kept {
        say("四、核对这就是登记的那份申报");
        say(&format!("  {answered} 的 SHA-256 应与申报页面上的申报文件摘要相同："));
    } else {
        say("四、核对回执说的是这份申报");
        say(&format!("  {answered} 的 SHA-256 应与 receipt.json 里的 filing_sha256 相同："));
    }
    say("");
    say(&format!("    openssl dgst -sha256 {answered}"));
    if told.approved && !told.kept {
        say("    openssl dgst -sha256 filing.p7m");
        say("");
        say("  第二行是复核后的文件，应与 approved_sha256 相同。");
    }
    if let Some(at) = told.stamp {
        say("");
        say("  时间戳应显示 Verification: OK；盖的是哪一刻，由第二条命令说明（Time stamp）：");
        say("");
        say(&format!("    openssl ts -verify -in filing.tsr -data {answered} -CAfile tsa.pem -attime {at}"));
        say("    openssl ts -reply -in filing.tsr -text");
    }
    say("");
    say("五、核对其余文件没有被改动");
    say("  Linux、macOS：");
    say("");
    say("    sha256sum -c SHA256SUMS.txt");
    say("");
    say("  Windows（不必另装软件，逐个与 SHA256SUMS.txt 比对）：");
    say("");
    say("    certutil -hashfile filing.p7m SHA256");
    say("");
    say("六、一次全部核对");
    say("  装有汇缴通命令行时，下面的命令逐项说明是否成立；没有不成立的部分时退出码为 0，有则为 1。");
    say("  签名时间没有旁证的部分标为存疑，不算不成立：");
    say("");
    say("    huijiao-cli verify .");
    text
}

/// How openssl checks a file in parts, without knowing what it is.
fn by_parts(name: &str, national: &National) -> Vec<String> {
    const ID: &str = "distid:1234567812345678";
    let take = |file: &str, from: usize, length: usize| {
        format!("openssl asn1parse -inform DER -in {file} -offset {from} -length {length} -noout -out {name}")
    };
    let content = &national.places.content;
    let mut all = vec![take(&format!("{name}.p7m"), content.start, content.len()) + ".json"];
    for (number, (signer, (certificate, at))) in (1..).zip(national.places.signers.iter().zip(&national.certificates)) {
        let SignerPlaces { attributes, digest, signature, .. } = signer;
        let part = |from: usize, length: usize| take(&format!("{name}.p7m"), from, length) + &format!("-{number}");
        let one = format!("{name}-{number}");
        all.extend([
            // What was signed begins with the tag of a SET, which is the digit 1, in place of the first octet.
            format!(
                "{}.rest && printf 1 | cat - {one}.rest > {one}.signed",
                part(attributes.start + 1, attributes.len().saturating_sub(1))
            ),
            part(signature.start, signature.len()) + ".sig",
            format!(
                "openssl pkeyutl -verify -certin -inkey {certificate} -rawin -digest sm3 -pkeyopt {ID} -in {one}.signed \
                 -sigfile {one}.sig"
            ),
            format!(
                "{}-{number}.digest && openssl dgst -sm3 -binary {name}.json | cmp - {one}.digest",
                take(&format!("{one}.signed"), digest.start.saturating_sub(attributes.start), digest.len())
            ),
            format!("openssl verify -CAfile ca.pem -vfyopt {ID} -attime {at} {certificate}"),
        ]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_sm2_nothing_is_said_that_openssl_cannot_do() {
        let told = Told {
            kind: "年度基数调整",
            period: "2026-07".into(),
            number: None,
            center: "demo".into(),
            signed: vec![SignedFile {
                name: "filing".into(),
                judged: Judged { at: 0, listed: true },
                apart: Vec::new(),
                national: Some(National {
                    places: Places { content: 60..80, signers: Vec::new() },
                    certificates: Vec::new(),
                }),
            }],
            approved: true,
            answered: false,
            kept: false,
            pdf: true,
            recorded: false,
            crls: 1,
            stamp: Some(1),
        };
        let text = readme(&told);
        assert!(!text.contains("openssl cms"), "not said of SM2, which it cannot check");
        let content = "openssl asn1parse -inform DER -in filing.p7m -offset 60 -length 20 -noout -out filing.json";
        assert!(text.contains(content), "but how it is checked in parts: {text}");
        assert!(!text.contains("crl_check"), "openssl reads lists of SM2 under another name than their signer's");
        assert!(text.contains("-data filing-clerk.p7m"), "the stamp is on what the clerk signed");
        assert!(text.lines().count() > 20 && text.lines().all(|line| !line.contains(char::from(13))), "whole lines");
    }
}
