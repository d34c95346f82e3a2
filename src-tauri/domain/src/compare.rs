//! 智能比对: this month's payroll sheet against the roster (domain.md 6).
//!
//! Every row of the sheet and every person of the roster comes out in exactly one [`Proposal`]: what would have
//! to be filed, or a question, or nothing. People are matched by ID number (15 and 18 digits are twins), then by
//! account, then by a name that occurs once on both sides; whatever is not the ID is asked about, never assumed.
//! [`filed`] makes filings of the clerk's answers.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr};

use crate::amount::AmountText;
use crate::characters::says_nothing;
use crate::checks::account::{self, Account};
use crate::checks::base::{self, Amount, Use};
use crate::checks::batch::{Identified, twins};
use crate::checks::identity::{self, IdNumber, RESIDENT};
use crate::checks::totals::{self, Addends};
use crate::checks::{circumstances, name};
use crate::filing::people::{cell, cell_ref, place, unknown_type};
use crate::filing::{Circumstances, FilingKind};
use crate::finding::{Code, Finding, Level};
use crate::identity::ResidentId;
use crate::mask;
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::name::folded;
use crate::numbers::Listed;
use crate::profile::Policy;
use crate::roster::{AccountStatus, Contributor, Digits, Roster, RosterIndex};
use crate::sheet::{Field, RawRow, RawSheet};
use crate::texts;

pub mod filed;

/// What a payroll sheet or a roster export carries.
pub const FIELDS: [Field; 18] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::Sex,
    Field::BirthDate,
    Field::OldBase,
    Field::NewBase,
    Field::UnitRatio,
    Field::PersonalRatio,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::MonthlyAmount,
    Field::Wage,
    Field::Mobile,
    Field::BankCard,
    Field::Department,
    Field::Remark,
];

/// Rows that are proposed before the room of as many that were read is given back.
const SHRUNK: usize = 8_192;

/// The columns that are summed.
const SUMMED: [Field; 5] =
    [Field::OldBase, Field::NewBase, Field::UnitAmount, Field::PersonalAmount, Field::MonthlyAmount];

/// The columns a payroll cannot do without; of each group one is enough, and the first is named.
pub const COLUMNS: &[&[Field]] = &[&[Field::IdNumber, Field::PersonalAccount], &[Field::Name]];

/// What was found out about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// In the sheet, unknown here: registration.
    New,
    /// In the sheet, 封存 here: 启封.
    Returned,
    /// 正常 here, not in the sheet: a question.
    Left,
    /// Another base: base adjustment, or a note where the month does not allow one.
    BaseChanged,
    /// Same ID, another name: a question.
    NameDiffers,
    /// Same person as far as account or name tell, another ID: a question.
    IdDiffers,
    /// Nothing to do.
    Unchanged,
    /// The row has errors.
    NotComparable,
}

impl ProposalKind {
    /// Every kind, in the order lists show them.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Returned,
        Self::Left,
        Self::BaseChanged,
        Self::NameDiffers,
        Self::IdDiffers,
        Self::Unchanged,
        Self::NotComparable,
    ];

    /// Reads the wire form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The wire form, the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Returned => "returned",
            Self::Left => "left",
            Self::BaseChanged => "base_changed",
            Self::NameDiffers => "name_differs",
            Self::IdDiffers => "id_differs",
            Self::Unchanged => "unchanged",
            Self::NotComparable => "not_comparable",
        }
    }

    /// What may be answered, where it is a question.
    pub fn question(self) -> &'static [Answer] {
        match self {
            Self::Left => &[Answer::Seal, Answer::TransferOut, Answer::Forgotten],
            Self::NameDiffers => &[Answer::Update, Answer::TypingError],
            Self::IdDiffers => &[Answer::Update, Answer::TypingError, Answer::TwoPeople],
            Self::New | Self::Returned | Self::BaseChanged | Self::Unchanged | Self::NotComparable => &[],
        }
    }
}

/// An answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 封存, with one of the center's reasons.
    Seal,
    /// 同城转出
    TransferOut,
    /// 表中漏报: still here.
    Forgotten,
    /// The sheet is right: 缴存人信息变更.
    Update,
    /// The roster is right: the sheet has a typing error.
    TypingError,
    /// Two people of one name: one is new, the other is not in the sheet.
    TwoPeople,
}

impl Answer {
    /// Every answer, in the order of the questions.
    pub const ALL: [Self; 6] =
        [Self::Seal, Self::TransferOut, Self::Forgotten, Self::Update, Self::TypingError, Self::TwoPeople];

    /// Reads the wire form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == text)
    }

    /// The wire form, the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::TransferOut => "transfer_out",
            Self::Forgotten => "forgotten",
            Self::Update => "update",
            Self::TypingError => "typing_error",
            Self::TwoPeople => "two_people",
        }
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Seal => "封存",
            Self::TransferOut => "同城转出",
            Self::Forgotten => "表中漏报",
            Self::Update => "以表为准，变更登记信息",
            Self::TypingError => "表中写错",
            Self::TwoPeople => "是两个人",
        }
    }
}

/// What a person's month costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// 个人缴存基数, yuan
    pub base: Yuan,
    /// Monthly parts, yuan; `None` where ratios or policy are not known
    pub parts: Option<Contribution>,
}

/// One person, and what is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What was found out; where there is more than one thing, the one that has to be settled first.
    pub kind: ProposalKind,
    /// The rest of it.
    pub also: Box<[ProposalKind]>,
    /// The filing it becomes, unless it is a question, a note or nothing.
    pub filing: Option<FilingKind>,
    /// One-based row of the sheet.
    pub row: Option<u32>,
    /// Place of the row among the sheet's rows.
    pub index: Option<u32>,
    /// Place of the person among the roster's contributors.
    pub person: Option<u32>,
    /// 个人账号: the roster's, else the sheet's; empty where there is none.
    pub account: SmolStr,
    /// 姓名: the roster's, else the sheet's.
    pub name: SmolStr,
    /// 证件号码: the roster's, else the sheet's; empty where it cannot be read.
    pub id_number: SmolStr,
    /// The sheet's name or ID number where it is not the roster's.
    pub said: SmolStr,
    /// The base the center has of somebody who is known here, due or not, yuan
    #[serde(default)]
    pub registered_base: Option<Yuan>,
    /// What is due before, where something is.
    pub before: Option<Amounts>,
    /// What is due from the period on, where that is known.
    pub after: Option<Amounts>,
    /// The month it is proposed for.
    pub period: Month,
}

impl Proposal {
    /// The row that it is about, in its sheet.
    pub fn row_in<'s>(&self, sheet: &'s RawSheet) -> Option<&'s RawRow> {
        sheet.rows.get(usize::try_from(self.index?).ok()?)
    }

    /// The stable code of its reason; the words are in the one table of texts.
    pub fn code(&self) -> &'static str {
        code_of(self.kind, self.filing.is_some())
    }

    /// Every code a proposal can have.
    pub const CODES: [&str; 9] = [
        "PROPOSAL-NEW",
        "PROPOSAL-RETURNED",
        "PROPOSAL-LEFT",
        "PROPOSAL-BASE-CHANGED",
        "PROPOSAL-BASE-NOTED",
        "PROPOSAL-NAME-DIFFERS",
        "PROPOSAL-ID-DIFFERS",
        "PROPOSAL-UNCHANGED",
        "PROPOSAL-NOT-COMPARABLE",
    ];

    /// What it is known by in its comparison: the row of the sheet, else the account.
    pub fn key(&self) -> String {
        self.row.map_or_else(|| account_key(&self.account), |row| format!("row:{row}"))
    }

    /// The figures of its reason; ID numbers are masked.
    pub fn args(&self) -> BTreeMap<String, String> {
        let mut args = BTreeMap::new();
        let mut put = |name: &str, value: String| args.insert(name.to_owned(), value);
        let named = if self.name.is_empty() { "此人" } else { self.name.as_str() };
        put("name", named.to_owned());
        put("account", self.account.to_string());
        put("period", self.period.to_string());
        put("registered", mask::id_number(&self.id_number));
        let said =
            if self.kind == ProposalKind::IdDiffers { mask::id_number(&self.said) } else { self.said.to_string() };
        put("said", said);
        let figures = [("before", self.registered_base), ("after", self.after.map(|amounts| amounts.base))];
        for (name, base) in figures {
            if let Some(base) = base {
                put(name, base.to_string());
            }
        }
        if let Some(row) = self.row {
            put("row", row.to_string());
        }
        args
    }

    /// Why it is proposed and what to do, in Chinese; ID numbers are masked.
    pub fn reason(&self) -> String {
        said_of(self.code(), &self.args(), true)
    }

    /// What may be answered, where it is a question.
    pub fn question(&self) -> &'static [Answer] {
        self.kind.question()
    }
}

/// What somebody who is not in the sheet is known by.
fn account_key(account: &str) -> String {
    format!("account:{account}")
}

/// The code of what was found out, and whether something can be filed for it.
fn code_of(kind: ProposalKind, files: bool) -> &'static str {
    match kind {
        ProposalKind::New => "PROPOSAL-NEW",
        ProposalKind::Returned => "PROPOSAL-RETURNED",
        ProposalKind::Left => "PROPOSAL-LEFT",
        ProposalKind::BaseChanged if files => "PROPOSAL-BASE-CHANGED",
        ProposalKind::BaseChanged => "PROPOSAL-BASE-NOTED",
        ProposalKind::NameDiffers => "PROPOSAL-NAME-DIFFERS",
        ProposalKind::IdDiffers => "PROPOSAL-ID-DIFFERS",
        ProposalKind::Unchanged => "PROPOSAL-UNCHANGED",
        ProposalKind::NotComparable => "PROPOSAL-NOT-COMPARABLE",
    }
}

/// What a code says happened and, if wanted, what to do.
fn said_of(code: &str, args: &BTreeMap<String, String>, remedy: bool) -> String {
    let Some(text) = texts::lookup(code) else { return code.into() };
    let mut said = texts::fill(&text.happened, args);
    if remedy {
        said.push_str(&texts::fill(&text.remedy, args));
    }
    said
}

/// A sheet against a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The rows of the sheet in its order, then whoever is not in it, in the roster's order.
    pub proposals: Vec<Proposal>,
    /// Places of the proposals that are questions.
    pub questions: Vec<usize>,
    /// What there is to say about cells; those on the whole sheet first.
    pub findings: Vec<Finding>,
    /// How many of each kind; every kind has its entry.
    pub totals: BTreeMap<ProposalKind, usize>,
    /// The sheet has a column of bases; without one nobody's base is compared.
    pub base_compared: bool,
}

/// What each row adds to the sums.
fn addends(sheet: &RawSheet) -> Vec<Addends<5>> {
    let addend = |row: &RawRow, field| {
        let cell = row.cells.get(&field)?;
        let read = AmountText::read(cell.text, cell.kind);
        (read != AmountText::Missing).then(|| read.meant())
    };
    sheet.rows.iter().map(|row| SUMMED.map(|field| addend(row, field))).collect()
}

/// Compares a payroll sheet with the roster.
///
/// Ratios, monthly amounts and sums are not what is filed: where they disagree with what is known, that is a warning.
/// The base is the sheet's column of bases. A column of wages is not compared, since a month's wage is not a base;
/// it is only proposed as the base of people who are new. A base outside of the limits counts as the limit.
/// `of.roster` is not used.
pub fn compare(sheet: &RawSheet, roster: &Roster, of: Circumstances<'_>) -> Comparison {
    if let Some((sheet, question)) = account::without_own_numbers(sheet, Some(roster), of.profile.account_length) {
        let mut comparison = compare(&sheet, roster, of);
        comparison.findings.push(question);
        comparison.findings.sort_by(|one, other| one.at.cmp(&other.at));
        return comparison;
    }
    let mut findings = Vec::new();
    whole(sheet, of, &[Field::Name], &mut findings);
    let people = People::of(roster, of.today);
    let mut rows = read_rows(sheet, of, Some(&people));
    let matches = people.matches(&rows);
    drop(people);
    let mut comparing = Comparing {
        sheet,
        roster,
        of,
        policy: of.policy(),
        base_field: base_field(sheet),
        adjustable: adjustable(of),
        findings,
        scratch: Vec::new(),
    };
    let mut proposals = Vec::with_capacity(rows.len() + roster.contributors.len() / 16);
    let mut present = vec![false; roster.contributors.len()];
    // Taken from the end, so that what was read makes room for what is proposed.
    rows.reverse();
    for (index, found) in matches.into_iter().enumerate() {
        let Some(row) = rows.pop() else { break };
        if index.is_multiple_of(SHRUNK) {
            rows.shrink_to_fit();
        }
        if let Some((person, _)) = found.person {
            present[person] = true;
        }
        proposals.push(comparing.row(index, row, found));
    }
    for (person, _) in present.iter().enumerate().filter(|(_, present)| !**present) {
        proposals.push(comparing.absent(person));
    }
    let mut totals: BTreeMap<_, _> = ProposalKind::ALL.into_iter().map(|kind| (kind, 0)).collect();
    for proposal in &proposals {
        *totals.entry(proposal.kind).or_default() += 1;
    }
    let questions =
        proposals.iter().enumerate().filter(|(_, p)| !p.question().is_empty()).map(|(place, _)| place).collect();
    let base_compared = comparing.base_field.is_some();
    let mut findings = comparing.findings;
    if !sheet.totals.is_empty() {
        totals::totals(sheet, SUMMED, &addends(sheet), |row, scratch| place(sheet, row, scratch, &mut findings));
    }
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Comparison { proposals, questions, findings, totals, base_compared }
}

/// Checks a list of people by itself: documents, names, accounts, bases, and people who occur twice. Nobody may
/// lack one of the `required` fields.
pub fn check_people(sheet: &RawSheet, of: Circumstances<'_>, required: &[Field]) -> Vec<Finding> {
    let roster = of.roster.filter(|_| !required.contains(&Field::PersonalAccount));
    let own = account::without_own_numbers(sheet, roster, of.profile.account_length);
    let sheet = own.as_ref().map_or(sheet, |(without, _)| without);
    let mut findings: Vec<Finding> = own.iter().map(|(_, question)| question.clone()).collect();
    if sheet.rows.is_empty() {
        findings.push(Finding::new(Code::SheetEmpty, Level::Error));
    }
    for (row, mut read) in sheet.rows.iter().zip(read_rows(sheet, of, None)) {
        for field in required {
            if let Some(code) = missing_code(*field).filter(|_| says_nothing(row.text(*field))) {
                let told = read.said.iter().any(|f| f.code == code && f.field == Some(*field));
                if !told {
                    read.said.push(Finding::new(code, Level::Error).about(*field, ""));
                }
            }
        }
        place(sheet, row, &mut read.said, &mut findings);
    }
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    findings
}

fn missing_code(field: Field) -> Option<Code> {
    match field {
        Field::PersonalAccount => Some(Code::AccountMissing),
        Field::Name => Some(Code::NameMissing),
        Field::IdNumber => Some(Code::IdMissing),
        Field::OldBase
        | Field::NewBase
        | Field::UnitAmount
        | Field::PersonalAmount
        | Field::MonthlyAmount
        | Field::Wage => Some(Code::AmountMissing),
        Field::IdType
        | Field::Sex
        | Field::BirthDate
        | Field::UnitRatio
        | Field::PersonalRatio
        | Field::Mobile
        | Field::BankCard
        | Field::ChangeKind
        | Field::Reason
        | Field::Month
        | Field::NewName
        | Field::NewIdType
        | Field::NewIdNumber
        | Field::BankName
        | Field::Item
        | Field::OldValue
        | Field::NewValue
        | Field::FromMonth
        | Field::ToMonth
        | Field::RightUnitAmount
        | Field::RightPersonalAmount
        | Field::Department
        | Field::Remark => None,
    }
}

fn has(sheet: &RawSheet, field: Field) -> bool {
    sheet.columns.contains_key(&field)
}

/// The column whose amounts are bases.
fn base_field(sheet: &RawSheet) -> Option<Field> {
    [Field::NewBase, Field::OldBase].into_iter().find(|field| has(sheet, *field))
}

fn whole(sheet: &RawSheet, of: Circumstances<'_>, required: &[Field], out: &mut Vec<Finding>) {
    circumstances::circumstances(of, out);
    for finding in out.iter_mut().filter(|finding| finding.code == Code::PeriodNotAllowed) {
        // Looking is allowed in any month; only what is filed is bound to one.
        finding.level = Level::Warning;
    }
    if sheet.rows.is_empty() {
        out.push(Finding::new(Code::SheetEmpty, Level::Error));
        return;
    }
    let missing = required.iter().filter(|field| !has(sheet, **field));
    out.extend(missing.filter_map(|f| missing_code(*f).map(|code| Finding::new(code, Level::Error).about(*f, ""))));
    if !has(sheet, Field::IdNumber) && !has(sheet, Field::PersonalAccount) {
        out.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
    }
}

/// Whether a base may be adjusted in this month.
fn adjustable(of: Circumstances<'_>) -> bool {
    let begun = Month::of(of.today).is_ok_and(|current| of.period <= current);
    let open = of.unit.is_none_or(|unit| of.period >= unit.first_unverified && unit.status.may_file());
    begun && open && of.policy().is_some()
}

/// What a row says, judged by itself.
struct Read<'a> {
    row: &'a RawRow,
    /// 证件号码 as it is meant; `None` where it cannot be told.
    id: Option<Cow<'a, str>>,
    id_readable: bool,
    id_given: bool,
    name: Cow<'a, str>,
    folded: Cow<'a, str>,
    account: Option<Cow<'a, str>>,
    base: Amount,
    said: Vec<Finding>,
}

fn read_rows<'a>(sheet: &'a RawSheet, of: Circumstances<'a>, people: Option<&People<'a>>) -> Vec<Read<'a>> {
    let mut rows: Vec<Read<'a>> = sheet.rows.iter().map(|row| read_row(sheet, row, of, people)).collect();
    let identified: Vec<_> = rows
        .iter()
        .map(|row| Identified { id_number: row.id.as_deref(), name: &row.folded, account: row.account.as_deref() })
        .collect();
    for twin in twins(&identified) {
        let first = &sheet.rows[twin.first];
        let mut finding = Finding::new(twin.code, Level::Error).about(twin.field, "");
        finding = finding.arg("twin", format!("第{}行", first.row));
        if twin.code == Code::IdTwoNames {
            let twin_name = rows[twin.first].name.to_string();
            finding = finding.arg("name", &rows[twin.row].name).arg("twin_name", twin_name);
        }
        finding.related.push(cell_ref(sheet, first, Some(twin.field)));
        rows[twin.row].said.push(finding);
    }
    rows
}

fn read_row<'a>(sheet: &RawSheet, row: &'a RawRow, of: Circumstances<'a>, people: Option<&People<'a>>) -> Read<'a> {
    let mut said = Vec::new();
    let type_text = row.text(Field::IdType);
    let id_type = if says_nothing(type_text) { Some(RESIDENT) } else { of.profile.id_type(type_text) };
    let id_type = id_type.unwrap_or_else(|| {
        said.push(unknown_type(of));
        "99"
    });
    let (text, kind) = cell(row, Field::IdNumber);
    let id_given = !says_nothing(text);
    let before = said.len();
    let mut judged = identity::number(text, kind, id_type, of.today, &mut said);
    let after = said.len();
    if !id_given && has(sheet, Field::IdNumber) {
        said.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
    }
    identity::type_asked(&judged, text, type_text, of, &mut said);
    let (text, kind) = cell(row, Field::Name);
    let name = name::name(text, kind, &mut said).meant;
    if let Some(people) = people.filter(|_| judged.survived.is_some()) {
        let account = row.text(Field::PersonalAccount).trim();
        judged = identity::from_roster(judged, &name, account, people.index(), of.today, &mut said[before..after]);
    }
    let IdNumber { meant: id, readable: id_readable, .. } = judged;
    let folded = match &name {
        Cow::Borrowed(name) => folded(name),
        Cow::Owned(name) => folded(name).into_owned().into(),
    };
    let (text, kind) = cell(row, Field::PersonalAccount);
    let account = account::account(text, kind, of.profile.account_length, &mut said);
    let account = match people {
        Some(people) => people.account(account, of.profile.account_length),
        None => {
            let padded = account.meant.as_deref().filter(|_| account.short);
            let padded = padded.map(|short| account::padded(short, of.profile.account_length));
            said.extend(padded.as_deref().map(account::zeros));
            padded.map(Cow::Owned).or(account.meant)
        }
    };
    let mut base = Amount { missing: true, ..Amount::default() };
    let compared = base_field(sheet);
    if let Some(field) = compared.or_else(|| has(sheet, Field::Wage).then_some(Field::Wage)) {
        let (text, kind) = cell(row, field);
        base = base::amount(text, kind, field, Use::Filed, &mut said);
        if base.missing && compared.is_some() {
            said.push(Finding::new(Code::AmountMissing, Level::Error).about(field, ""));
        }
    }
    Read { row, id, id_readable, id_given, name, folded, account, base, said }
}

/// By what a row was taken to mean a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    IdNumber,
    Account,
    Name,
}

/// Whom a row means.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Place in the roster, and how it was found.
    person: Option<(usize, By)>,
    /// The account is somebody's who is called otherwise.
    account_of: Option<usize>,
}

/// The roster by ID number, account and name.
struct People<'a> {
    roster: &'a Roster,
    by_id: Listed<'a>,
    by_account: Listed<'a>,
    /// Made when first asked: zeros are seldom lost.
    by_digits: OnceCell<Digits<'a>>,
    /// Made when first asked: only ID numbers that a spreadsheet rounded are looked up by name.
    index: OnceCell<RosterIndex<'a>>,
    folded: Vec<Cow<'a, str>>,
}

impl<'a> People<'a> {
    fn of(roster: &'a Roster, today: Date) -> Self {
        let id = |person: &'a Contributor| {
            let fifteen = person.id_number.len() == 15;
            let long = fifteen.then(|| ResidentId::from_fifteen(&person.id_number, today).ok()).flatten();
            long.map_or(Cow::Borrowed(person.id_number.as_str()), |id| id.to_string().into())
        };
        let people = &roster.contributors;
        Self {
            roster,
            by_id: Listed::of(people.iter().map(id).collect()),
            by_account: Listed::of(people.iter().map(|person| person.personal_account.as_str().into()).collect()),
            by_digits: OnceCell::new(),
            index: OnceCell::new(),
            folded: people.iter().map(|person| folded(&person.name)).collect(),
        }
    }

    fn index(&self) -> &RosterIndex<'a> {
        self.index.get_or_init(|| RosterIndex::of(self.roster))
    }

    fn with_id(&self, id: &str) -> Option<usize> {
        let rank = |place: usize| self.roster.contributors[place].status.rank();
        // Of two accounts under one ID the one that is used is meant.
        self.by_id.place(id, |one, other| rank(other) < rank(one))
    }

    /// Of several accounts under one ID number the one that the row names.
    fn own_account(&self, place: usize, account: Option<&str>) -> usize {
        let people = &self.roster.contributors;
        let other = account.filter(|account| *account != people[place].personal_account);
        let own = other.and_then(|account| self.with_account(account));
        // An account of before, closed meanwhile, is still in many sheets.
        let means = |own: &usize| people[*own].id_number == people[place].id_number && !people[*own].status.is_closed();
        own.filter(means).unwrap_or(place)
    }

    fn with_account(&self, account: &str) -> Option<usize> {
        self.by_account.place(account, |_, _| false)
    }

    /// The account that a row means: the zeros that a spreadsheet took from it come back by the length that the rules
    /// name, else by the one account here that has these digits.
    fn account(&self, said: Account<'a>, length: Option<u8>) -> Option<Cow<'a, str>> {
        let account = said.meant?;
        let whole = length.is_some() && !said.short;
        if whole || self.with_account(&account).is_some() {
            return Some(account);
        }
        let padded = said.short.then(|| account::padded(&account, length));
        if let Some(padded) = padded.as_deref().filter(|padded| self.with_account(padded).is_some()) {
            return Some(padded.to_owned().into());
        }
        let here = self.by_digits.get_or_init(|| Digits::of(self.roster)).account(&account);
        here.map(Cow::Borrowed).or(padded.map(Cow::Owned)).or(Some(account))
    }

    /// Whom each row means; nobody is meant by two rows.
    fn matches(&self, rows: &[Read<'_>]) -> Vec<Found> {
        let mut taken = vec![false; self.roster.contributors.len()];
        let mut found = vec![Found { person: None, account_of: None }; rows.len()];
        // A row whose ID is here keeps it, though an earlier row may name the same account.
        let mut by_id = vec![false; rows.len()];
        for ((row, found), known) in rows.iter().zip(&mut found).zip(&mut by_id) {
            if let Some(place) = row.id.as_deref().and_then(|id| self.with_id(id)) {
                let place = self.own_account(place, row.account.as_deref());
                // Who comes back after his account was closed is new here.
                if self.roster.contributors[place].status.is_closed() {
                    continue;
                }
                *known = true;
                if !std::mem::replace(&mut taken[place], true) {
                    found.person = Some((place, By::IdNumber));
                }
            }
        }
        for ((row, found), _) in rows.iter().zip(&mut found).zip(&by_id).filter(|(_, known)| !**known) {
            let Some(place) = row.account.as_deref().and_then(|account| self.with_account(account)) else { continue };
            let closed = self.roster.contributors[place].status.is_closed();
            if closed && row.id.as_deref().and_then(|id| self.with_id(id)) == Some(place) {
                continue;
            }
            let namesake = row.folded.is_empty() || row.folded == self.folded[place];
            // Without an ID the account is all there is; with another one and another name it is somebody else's.
            if (namesake || !row.id_readable) && !taken[place] {
                taken[place] = true;
                found.person = Some((place, By::Account));
            } else {
                found.account_of = Some(place);
            }
        }
        let open = |row: usize, found: &[Found]| {
            !by_id[row]
                && found[row].person.is_none()
                && found[row].account_of.is_none()
                && !rows[row].folded.is_empty()
        };
        // `None` marks a name that occurs twice.
        let mut free: HashMap<&str, Option<usize>> = HashMap::new();
        for (place, person) in self.roster.contributors.iter().enumerate() {
            if !taken[place] && matches!(person.status, AccountStatus::Normal | AccountStatus::Sealed) {
                free.entry(&self.folded[place]).and_modify(|one| *one = None).or_insert(Some(place));
            }
        }
        let mut asking: HashMap<&str, Option<usize>> = HashMap::new();
        for (row, read) in rows.iter().enumerate().filter(|(row, _)| open(*row, &found)) {
            asking.entry(&read.folded).and_modify(|one| *one = None).or_insert(Some(row));
        }
        // Each name has one row and one person here, so the order of the map does not show.
        for (name, row) in asking {
            if let (Some(row), Some(Some(place))) = (row, free.get(name)) {
                found[row].person = Some((*place, By::Name));
            }
        }
        found
    }
}

struct Comparing<'a> {
    sheet: &'a RawSheet,
    roster: &'a Roster,
    of: Circumstances<'a>,
    policy: Option<&'a Policy>,
    base_field: Option<Field>,
    adjustable: bool,
    findings: Vec<Finding>,
    scratch: Vec<Finding>,
}

impl Comparing<'_> {
    fn amounts(&self, base: Yuan) -> Amounts {
        let parts = self
            .policy
            .zip(self.of.unit)
            .map(|(policy, unit)| policy.contribution(base, unit.unit_ratio, unit.personal_ratio));
        Amounts { base, parts }
    }

    fn limited(&self, base: Yuan) -> Yuan {
        let floor = self.policy.and_then(|policy| policy.base_floor);
        let ceiling = self.policy.and_then(|policy| policy.base_ceiling);
        let raised = floor.map_or(base, |floor| base.max(floor));
        ceiling.map_or(raised, |ceiling| raised.min(ceiling))
    }

    fn blank(&self, kind: ProposalKind) -> Proposal {
        Proposal {
            kind,
            also: Box::default(),
            filing: None,
            row: None,
            index: None,
            person: None,
            account: SmolStr::default(),
            name: SmolStr::default(),
            id_number: SmolStr::default(),
            said: SmolStr::default(),
            registered_base: None,
            before: None,
            after: None,
            period: self.of.period,
        }
    }

    fn known(&self, kind: ProposalKind, place: usize) -> Proposal {
        let person = &self.roster.contributors[place];
        let due = match person.status {
            AccountStatus::Normal => Some(Amounts { base: person.base, parts: Some(person.amounts) }),
            AccountStatus::Sealed
            | AccountStatus::ClosedByMerger
            | AccountStatus::ClosedByTransfer
            | AccountStatus::ClosedByWithdrawal
            | AccountStatus::Frozen
            | AccountStatus::Other => None,
        };
        Proposal {
            person: u32::try_from(place).ok(),
            account: person.personal_account.clone(),
            name: person.name.clone(),
            id_number: person.id_number.clone(),
            registered_base: Some(person.base),
            before: due,
            after: due,
            ..self.blank(kind)
        }
    }

    /// Somebody who is not in the sheet.
    fn absent(&self, place: usize) -> Proposal {
        match self.roster.contributors[place].status {
            AccountStatus::Normal => Proposal { after: None, ..self.known(ProposalKind::Left, place) },
            AccountStatus::Sealed
            | AccountStatus::ClosedByMerger
            | AccountStatus::ClosedByTransfer
            | AccountStatus::ClosedByWithdrawal
            | AccountStatus::Frozen
            | AccountStatus::Other => self.known(ProposalKind::Unchanged, place),
        }
    }

    fn row(&mut self, index: usize, mut read: Read<'_>, found: Found) -> Proposal {
        let row = read.row;
        let mut said = std::mem::take(&mut read.said);
        let mut proposal = match found.person {
            Some((place, by)) => self.found(&read, place, by, &mut said),
            None => self.stranger(&read, found.account_of, &mut said),
        };
        proposal.row = Some(row.row);
        proposal.index = u32::try_from(index).ok();
        self.beside(row, &proposal, &mut said);
        self.scratch.append(&mut said);
        place(self.sheet, row, &mut self.scratch, &mut self.findings);
        proposal
    }

    /// Ratios and monthly amounts of a row beside what is known and proposed of its person.
    fn beside(&self, row: &RawRow, proposal: &Proposal, said: &mut Vec<Finding>) {
        let given = |field| row.cells.contains_key(&field);
        let before = said.len();
        let unit = self.of.unit.filter(|_| given(Field::UnitRatio) || given(Field::PersonalRatio));
        for (field, registered) in
            unit.into_iter().flat_map(|u| [(Field::UnitRatio, u.unit_ratio), (Field::PersonalRatio, u.personal_ratio)])
        {
            let (text, kind) = cell(row, field);
            if !says_nothing(text) {
                base::ratio(text, kind, field, Some(registered), self.policy, said);
            }
        }
        let fields = [Field::UnitAmount, Field::PersonalAmount, Field::MonthlyAmount];
        if fields.into_iter().any(given) {
            let [unit, personal, monthly] = fields.map(|field| {
                let (text, kind) = cell(row, field);
                base::amount(text, kind, field, Use::Compared, said)
            });
            base::sum(unit.meant.zip(personal.meant).map(|(unit, personal)| unit + personal), monthly.meant, said);
            // What a new base costs is not known without ratios and limits: then there is nothing to compare with.
            let unknown = proposal.after.is_some_and(|after| after.parts.is_none());
            // Before a new base takes effect the old amounts are paid.
            let due = [proposal.before, proposal.after]
                .map(|amounts| amounts.filter(|_| !unknown).and_then(|amounts| amounts.parts));
            let parts: [fn(Contribution) -> Yuan; 3] =
                [|parts| parts.unit_amount, |parts| parts.personal_amount, Contribution::monthly];
            for ((field, amount), part) in fields.into_iter().zip([unit, personal, monthly]).zip(parts) {
                let Some((amount, computed)) = amount.meant.zip(due[1].or(due[0])).map(|(a, due)| (a, part(due)))
                else {
                    continue;
                };
                if !due.into_iter().flatten().any(|due| part(due) == amount) {
                    let finding = Finding::new(Code::AmountDiffers, Level::Warning).about(field, "");
                    said.push(finding.arg("computed", computed).arg("difference", amount - computed));
                }
            }
        }
        for finding in &mut said[before..] {
            finding.level = Level::Warning;
            finding.fix = None;
        }
    }

    /// A row that means nobody of the roster.
    fn stranger(&self, read: &Read<'_>, account_of: Option<usize>, said: &mut Vec<Finding>) -> Proposal {
        if let Some(owner) = account_of.filter(|_| read.id_readable) {
            let owner = mask::id_number(&self.roster.contributors[owner].id_number);
            let finding = Finding::new(Code::RosterIdDiffers, Level::Error).about(Field::IdNumber, "");
            said.push(finding.arg("roster", owner));
        }
        // Whoever is new has no account yet, whatever that column says.
        said.retain(|finding| finding.field != Some(Field::PersonalAccount) || is_duplicate(finding.code));
        if let Some(base) = read.base.meant {
            base::new_base(base, None, self.policy, said);
        }
        let wrong = said.iter().any(|f| f.level == Level::Error && f.code != Code::AmountMissing);
        let kind = if wrong || !read.id_readable { ProposalKind::NotComparable } else { ProposalKind::New };
        let mut proposal = self.blank(kind);
        proposal.account = read.account.as_deref().unwrap_or_default().into();
        proposal.name = read.name.to_smolstr();
        proposal.id_number = read.id.as_deref().unwrap_or_default().into();
        if kind == ProposalKind::New {
            proposal.filing = Some(FilingKind::ContributorRegistration);
            proposal.after = read.base.meant.map(|base| self.amounts(base));
        } else if !read.id_given && said.is_empty() {
            said.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
        }
        proposal
    }

    /// A row that means somebody of the roster.
    fn found(&self, read: &Read<'_>, place: usize, by: By, said: &mut Vec<Finding>) -> Proposal {
        let person = &self.roster.contributors[place];
        let is_form = |f: &Finding| f.level == Level::Fix && f.field.is_some() && f.field == self.base_field;
        let form: Vec<Finding> = said.iter().filter(|f| is_form(f)).cloned().collect();
        // What is filed about known people are the roster's own names and numbers: only what cannot be read
        // stands in the way, not how it is written.
        said.retain(|finding| match finding.field {
            Some(Field::IdNumber | Field::IdType) => {
                // Found by its number, a person's number needs no judging; found by account, none was given.
                let judged = match by {
                    By::IdNumber => is_duplicate(finding.code),
                    By::Account => read.id_given,
                    By::Name => true,
                };
                // Whose lost digits came back from the roster a person confirms.
                let restored = finding.code == Code::IdNumeric && finding.level == Level::Warning;
                restored || (judged && finding.level == Level::Error)
            }
            Some(Field::PersonalAccount) => is_duplicate(finding.code),
            _ => finding.level == Level::Error,
        });
        if by == By::Name && !read.id_given && said.is_empty() {
            said.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
        }
        if by == By::Account && !read.id_given {
            let finding = Finding::new(Code::MatchByAccount, Level::Warning).about(Field::PersonalAccount, "");
            said.push(finding.arg("roster", format!("{}（{}）", person.name, mask::id_number(&person.id_number))));
        }
        let open = match person.status {
            AccountStatus::Normal | AccountStatus::Sealed => true,
            AccountStatus::Frozen
            | AccountStatus::Other
            | AccountStatus::ClosedByMerger
            | AccountStatus::ClosedByTransfer
            | AccountStatus::ClosedByWithdrawal => false,
        };
        if !open {
            let finding = Finding::new(Code::RosterStatus, Level::Error).about(Field::IdNumber, "");
            said.push(finding.arg("status", person.status.label()).arg("change", "缴存"));
        }
        let registered = &person.personal_account;
        let other = |said: &&str| *said != registered && !account::lost_zeros(said, registered);
        if let Some(account) = read.account.as_deref().filter(other) {
            let finding =
                Finding::new(Code::RosterAccountDiffers, Level::Warning).about(Field::PersonalAccount, account);
            said.push(finding.arg("roster", &person.personal_account));
        }
        let renamed = read.folded != folded(&person.name);
        let id_differs = by != By::IdNumber && read.id_readable;
        if renamed && by == By::Account && !read.folded.is_empty() {
            let finding = Finding::new(Code::RosterNameDiffers, Level::Error).about(Field::Name, "");
            said.push(finding.arg("roster", &person.name));
        }
        let changed = self.changed(read, person, said);
        if changed.is_some() {
            // The base is what is filed: how it was read is told.
            said.extend(form);
        }
        if said.iter().any(|finding| finding.level == Level::Error) {
            return Proposal { after: None, ..self.known(ProposalKind::NotComparable, place) };
        }
        let sealed = person.status == AccountStatus::Sealed;
        let mut kinds = [
            (id_differs, ProposalKind::IdDiffers),
            (renamed, ProposalKind::NameDiffers),
            (sealed, ProposalKind::Returned),
            (changed.is_some(), ProposalKind::BaseChanged),
        ]
        .into_iter()
        .filter_map(|(holds, kind)| holds.then_some(kind));
        let kind = kinds.next().unwrap_or(ProposalKind::Unchanged);
        let mut proposal = self.known(kind, place);
        proposal.also = kinds.collect();
        if let Some(base) = changed {
            proposal.after = Some(self.amounts(base));
        } else if sealed {
            proposal.after = Some(self.amounts(person.base));
        }
        proposal.filing = match kind {
            ProposalKind::Returned => Some(FilingKind::StatusChange),
            ProposalKind::BaseChanged if self.adjustable => Some(FilingKind::BaseAdjustment),
            ProposalKind::BaseChanged
            | ProposalKind::New
            | ProposalKind::Left
            | ProposalKind::NameDiffers
            | ProposalKind::IdDiffers
            | ProposalKind::Unchanged
            | ProposalKind::NotComparable => None,
        };
        if id_differs {
            proposal.said = read.id.as_deref().unwrap_or_default().into();
        } else if renamed {
            proposal.said = read.name.to_smolstr();
        }
        proposal
    }

    /// The base in the sheet, where it is another than the center's even when held to the limits.
    fn changed(&self, read: &Read<'_>, person: &Contributor, said: &mut Vec<Finding>) -> Option<Yuan> {
        self.base_field?;
        let base = read.base.meant?;
        // What the center would make of it: in whole steps, and within the limits.
        if base > Yuan::ZERO && self.limited(self.of.profile.base_unit.nearest(base)) == person.base {
            return None;
        }
        let before = said.len();
        base::new_base(base, Some(person.base), self.policy, said);
        let field = self.base_field;
        for finding in &mut said[before..] {
            finding.field = field;
        }
        Some(base)
    }
}

fn is_duplicate(code: Code) -> bool {
    [Code::IdDuplicate, Code::IdTwoNames, Code::AccountDuplicate, Code::AccountTwoIds].contains(&code)
}

#[cfg(test)]
mod tests;
