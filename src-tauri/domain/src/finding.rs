//! Findings: what a check has to say about a cell, a row or a sheet. Data, not errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::filing::FilingKind;
use crate::sheet::{CellRef, Field, column_letter};
use crate::texts;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 错误: cannot be signed.
    Error,
    /// 警告: a person confirms, with a note kept.
    Warning,
    /// 可修正: blocks until the proposed text (or another) is taken; applying it can be undone.
    Fix,
}

impl Level {
    /// The level as it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Fix => "fix",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code such as `ID-CHECKSUM`; its words are in the one table of texts.
    pub code: Code,
    /// How much it weighs.
    pub level: Level,
    /// Where; absent for findings on the whole sheet.
    pub at: Option<CellRef>,
    /// The field, where one is meant.
    pub field: Option<Field>,
    /// The raw text that the finding is about.
    pub value: String,
    /// Figures for the words, such as `ceiling` → `27000.00`.
    pub args: BTreeMap<String, String>,
    /// The text proposed for the cell, where the program can propose one.
    pub fix: Option<String>,
    /// Other cells that belong to it (the twin of a duplicate).
    pub related: Vec<CellRef>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The stable codes of findings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// Reads a code.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Code::$variant),)* _ => None }
            }
        }
    };
}

codes! {
    /// No ID number.
    IdMissing = "ID-MISSING",
    /// Neither 18 nor 15 characters.
    IdLength = "ID-LENGTH",
    /// A character that cannot stand there.
    IdCharacters = "ID-CHARACTERS",
    /// The birth date in it does not exist.
    IdDate = "ID-DATE",
    /// The birth date in it lies in the future.
    IdFuture = "ID-FUTURE",
    /// The check character is wrong (GB 11643-1999).
    IdChecksum = "ID-CHECKSUM",
    /// Unknown region code.
    IdRegion = "ID-REGION",
    /// 15 digits: the 18-digit form is proposed.
    IdFifteen = "ID-FIFTEEN",
    /// A number where text must be: digits past the fifteenth are lost.
    IdNumeric = "ID-NUMERIC",
    /// A whole number where text should be: zeros in front may be lost.
    IdNumberCell = "ID-NUMBER-CELL",
    /// Full-width, lower case, blanks or invisible characters.
    IdForm = "ID-FORM",
    /// Sex column and ID disagree.
    IdSex = "ID-SEX",
    /// Birth date column and ID disagree.
    IdBirthDate = "ID-BIRTH-DATE",
    /// Younger than 16 or older than 60; args `age`.
    IdAge = "ID-AGE",
    /// One ID in several rows.
    IdDuplicate = "ID-DUPLICATE",
    /// One ID under two names.
    IdTwoNames = "ID-TWO-NAMES",
    /// Unknown type of identity document.
    IdType = "ID-TYPE",
    /// No type of document beside a number that is no resident ID; args `number`, `types`.
    IdTypeMissing = "ID-TYPE-MISSING",
    /// One account under two IDs.
    AccountTwoIds = "ACCOUNT-TWO-IDS",
    /// One account in several rows.
    AccountDuplicate = "ACCOUNT-DUPLICATE",
    /// Full-width characters, blanks or invisible characters.
    AccountForm = "ACCOUNT-FORM",
    /// Leading zeros lost (found by the roster's account length).
    AccountZeros = "ACCOUNT-ZEROS",
    /// A number where text must be: digits past the fifteenth are lost.
    AccountNumeric = "ACCOUNT-NUMERIC",
    /// A character that cannot stand there.
    AccountCharacters = "ACCOUNT-CHARACTERS",
    /// The column holds the unit's own numbers, which are no accounts; args `rows`.
    AccountColumn = "ACCOUNT-COLUMN",
    /// No name.
    NameMissing = "NAME-MISSING",
    /// Shorter than two or longer than fifty characters.
    NameLength = "NAME-LENGTH",
    /// `?`, `□`, U+FFFD or a private-use character; args `code_point`.
    NameUnreadable = "NAME-UNREADABLE",
    /// Bidirectional controls.
    NameBidi = "NAME-BIDI",
    /// A look-alike of the separator · (U+00B7).
    NameSeparator = "NAME-SEPARATOR",
    /// Blanks or invisible characters.
    NameBlanks = "NAME-BLANKS",
    /// Digits, full-width letters or punctuation in a name; args `character`.
    NameCharacters = "NAME-CHARACTERS",
    /// Latin letters among Chinese characters: a rare character that could not be typed.
    NamePinyin = "NAME-PINYIN",
    /// A name of a foreigner keeps its single blanks.
    NameSpaces = "NAME-SPACES",
    /// The center's files are GBK and cannot hold the name; args `character`, `code_point`.
    NameBeyondGbk = "NAME-BEYOND-GBK",
    /// Text decoded wrongly and saved: 锟斤拷, Ã.
    NameMojibake = "NAME-MOJIBAKE",
    /// One name under two IDs; args `twin`.
    NameTwice = "NAME-TWICE",
    /// No amount.
    AmountMissing = "AMOUNT-MISSING",
    /// Not a number.
    AmountUnreadable = "AMOUNT-UNREADABLE",
    /// A formula error such as `#N/A`.
    AmountFormulaError = "AMOUNT-FORMULA-ERROR",
    /// A date where an amount must be.
    AmountDate = "AMOUNT-DATE",
    /// Below zero, or zero where a base must be.
    AmountNegative = "AMOUNT-NEGATIVE",
    /// More than two decimals.
    AmountDecimals = "AMOUNT-DECIMALS",
    /// Too large to be true.
    AmountTooLarge = "AMOUNT-TOO-LARGE",
    /// Thousands separators, currency signs, full-width digits, blanks.
    AmountForm = "AMOUNT-FORM",
    /// Counted in 万.
    AmountMyriad = "AMOUNT-MYRIAD",
    /// 单位 and 个人 do not make the sum beside them; args `computed`.
    AmountSum = "AMOUNT-SUM",
    /// Base above the ceiling of its month; args `ceiling`.
    BaseAboveCeiling = "BASE-ABOVE-CEILING",
    /// Base below the floor of its month; args `floor`.
    BaseBelowFloor = "BASE-BELOW-FLOOR",
    /// The old base in the sheet is not the one at the center; args `roster`.
    BaseOldDiffers = "BASE-OLD-DIFFERS",
    /// The new base is far from the old one; args `old`.
    BaseUnlikely = "BASE-UNLIKELY",
    /// The center takes bases in whole 元 or 角 only; args `unit`.
    BaseDecimals = "BASE-DECIMALS",
    /// The new base is likely in another unit: a yearly wage, fen, 万; args `guess`.
    BaseUnit = "BASE-UNIT",
    /// A ratio that cannot be read.
    RatioUnreadable = "RATIO-UNREADABLE",
    /// The ratio is not the unit's; args `roster`.
    RatioDiffers = "RATIO-DIFFERS",
    /// Outside of what the policy, or the law, allows; args `floor`, `ceiling`.
    RatioRange = "RATIO-RANGE",
    /// Not a whole percent.
    RatioFraction = "RATIO-FRACTION",
    /// An amount in the sheet is not base × ratio; args `computed`.
    AmountDiffers = "AMOUNT-DIFFERS",
    /// Nobody with this ID or account in the unit.
    RosterUnknown = "ROSTER-UNKNOWN",
    /// The account is sealed or closed.
    RosterNotNormal = "ROSTER-NOT-NORMAL",
    /// The center has another name for this ID; args `roster`.
    RosterNameDiffers = "ROSTER-NAME-DIFFERS",
    /// The center has another ID for this account; args masked.
    RosterIdDiffers = "ROSTER-ID-DIFFERS",
    /// The center has another account for this ID; args `roster`.
    RosterAccountDiffers = "ROSTER-ACCOUNT-DIFFERS",
    /// A person of the roster is not in the sheet: a question; args `name`, `account`.
    RosterMissing = "ROSTER-MISSING",
    /// Names, numbers or accounts of a roster file were read in their proper form; args `people`.
    RosterMended = "ROSTER-MENDED",
    /// A 小计 or 合计 row does not agree; args `computed`.
    TotalDiffers = "TOTAL-DIFFERS",
    /// No rows of people.
    SheetEmpty = "SHEET-EMPTY",
    /// The sheet names another unit; args `unit`.
    UnitMismatch = "UNIT-MISMATCH",
    /// The center's rules have no limits for this month; the clerk asks the center.
    PolicyMissing = "POLICY-MISSING",
    /// The center does not take this kind of filing; args `kind`.
    KindNotOffered = "KIND-NOT-OFFERED",
    /// The center's cut-off day of the month has passed; args `day`, `period`.
    CutOffPassed = "CUT-OFF-PASSED",
    /// The year's bases are not taken today; args `first`, `last`.
    BaseWindowClosed = "BASE-WINDOW-CLOSED",
    /// 单位 and 个人 ratio differ where the center demands one; args `unit`, `personal`.
    RatioUnequal = "RATIO-UNEQUAL",
    /// The effective month is not allowed; args `first`, `last`.
    PeriodNotAllowed = "PERIOD-NOT-ALLOWED",
    /// The unit's account status allows no filing; args `status`.
    UnitStatus = "UNIT-STATUS",
    /// A base adjustment of the unit is still open.
    FilingOpen = "FILING-OPEN",
    /// Rows or columns are hidden in the workbook; args `rows`, `columns`.
    SheetHidden = "SHEET-HIDDEN",
    /// Merged cells among the data; args `cells`.
    SheetMerged = "SHEET-MERGED",
    /// Cells of people are computed; args `cells`, `empty`.
    SheetFormulas = "SHEET-FORMULAS",
    /// Another sheet of the workbook has people too; args `sheet`, `people`, `both`.
    SheetOthers = "SHEET-OTHERS",
    /// Sheets of the workbook that nobody looked into; args `sheets`.
    SheetsUnseen = "SHEETS-UNSEEN",
    /// A column with the title of one that was taken says something else; args `taken`, `other`, `rows`.
    SheetColumnTwice = "SHEET-COLUMN-TWICE",
    /// People stand above the header that was taken: a list of its own; args `rows`.
    SheetAbove = "SHEET-ABOVE",
    /// Rows of a text file go on behind the last title; args `rows`.
    SheetExtraCells = "SHEET-EXTRA-CELLS",
    /// ID numbers of some rows of a text file stand beside their column: a cell too few or too many; args `rows`.
    SheetShifted = "SHEET-SHIFTED",
    /// The sheet names another year or month; args `said`, `period`.
    SheetPeriod = "SHEET-PERIOD",
    /// The same file was filed before; args `when`.
    FileRepeated = "FILE-REPEATED",
    /// Macros were left alone.
    SheetMacros = "SHEET-MACROS",
    /// The payload's figures do not agree with its rows (center side).
    FilingTotals = "FILING-TOTALS",
    /// The monthly amount is above the center's limit though the base is not; args `ceiling`, `computed`.
    MonthlyAboveCeiling = "MONTHLY-ABOVE-CEILING",
    /// The monthly amount is below the center's limit though the base is not; args `floor`, `computed`.
    MonthlyBelowFloor = "MONTHLY-BELOW-FLOOR",
    /// No mobile number.
    MobileMissing = "MOBILE-MISSING",
    /// Not a mobile number: 1, then 3 to 9, then nine digits.
    MobileInvalid = "MOBILE-INVALID",
    /// Full-width digits, blanks, dashes or a country code.
    MobileForm = "MOBILE-FORM",
    /// One mobile number for two people; args `twin`.
    MobileShared = "MOBILE-SHARED",
    /// Not a card or account number of 8 to 30 digits.
    CardInvalid = "CARD-INVALID",
    /// A number where text must be: digits past the fifteenth are lost.
    CardNumeric = "CARD-NUMERIC",
    /// Full-width digits, blanks or dashes.
    CardForm = "CARD-FORM",
    /// The Luhn digit is wrong; passbooks have none.
    CardChecksum = "CARD-CHECKSUM",
    /// One card for two people; args `twin`.
    CardShared = "CARD-SHARED",
    /// Sex can be told from nothing: another document, and no such column.
    SexMissing = "SEX-MISSING",
    /// Birth date can be told from nothing, or does not exist.
    BirthDateMissing = "BIRTH-DATE-MISSING",
    /// A birth date that is shown as the number which a spreadsheet keeps of a day: the day is proposed.
    BirthDateForm = "BIRTH-DATE-FORM",
    /// The person to be registered has an account here; args `status`, `account`.
    RosterKnown = "ROSTER-KNOWN",
    /// The center refused this row of an upload file.
    CenterSaid = "CENTER-SAID",
    /// The center has not been asked about this person yet.
    LookupMissing = "LOOKUP-MISSING",
    /// The center knows this ID number under another name.
    KnownOtherName = "KNOWN-OTHER-NAME",
    /// The person has an account elsewhere that is not sealed.
    KnownElsewhere = "KNOWN-ELSEWHERE",
    /// The person has a sealed account elsewhere: a transfer, not a registration.
    KnownSealed = "KNOWN-SEALED",
    /// The account to transfer is another one.
    TransferAccount = "TRANSFER-ACCOUNT",
    /// Nobody of this ID number has an account that could be transferred.
    TransferUnknown = "TRANSFER-UNKNOWN",
    /// Somebody leaves in another month than the first unverified one: the months before would lose him; args
    /// `month`, `first`.
    TransferMonth = "TRANSFER-MONTH",
    /// The center takes no more bases of this person in a year; args `year`, `limit`, `count`.
    BaseChanges = "BASE-CHANGES",
    /// The center takes no more such changes of this person in a month; args `month`, `limit`, `count`.
    StatusChanges = "STATUS-CHANGES",
    /// The account's status does not allow this change; args `status`, `change`.
    RosterStatus = "ROSTER-STATUS",
    /// No kind of change.
    ChangeMissing = "CHANGE-MISSING",
    /// Not one of the changes of status; args `changes`.
    ChangeUnknown = "CHANGE-UNKNOWN",
    /// A change as the sheets for social insurance call it (减员): one of the four is proposed.
    ChangeForm = "CHANGE-FORM",
    /// Two changes of one person in one month; args `twin`.
    ChangeTwice = "CHANGE-TWICE",
    /// No ID number: the person was found by account and name; args `roster`.
    MatchByAccount = "MATCH-BY-ACCOUNT",
    /// No personal account where one must be.
    AccountMissing = "ACCOUNT-MISSING",
    /// 封存 without a reason; args `reasons`.
    ReasonMissing = "REASON-MISSING",
    /// A reason that the center does not know; args `reasons`.
    ReasonUnknown = "REASON-UNKNOWN",
    /// Another word for a reason that the center knows.
    ReasonForm = "REASON-FORM",
    /// Not a month.
    MonthUnreadable = "MONTH-UNREADABLE",
    /// A month that can be read in two ways.
    MonthAmbiguous = "MONTH-AMBIGUOUS",
    /// A month, not written as one.
    MonthForm = "MONTH-FORM",
    /// The month of the change is not allowed; args `first`, `last`.
    MonthNotAllowed = "MONTH-NOT-ALLOWED",
    /// One of the two ratios is not given.
    RatioMissing = "RATIO-MISSING",
    /// Both ratios are what the center has.
    RatioUnchanged = "RATIO-UNCHANGED",
    /// Filings of this kind take no papers; args `kind`.
    AttachmentKind = "ATTACHMENT-KIND",
    /// A name with folders, marks that nobody sees, or none; args `name`.
    AttachmentName = "ATTACHMENT-NAME",
    /// The content is not what the name says, or nothing that is taken; args `name`, `kinds`.
    AttachmentType = "ATTACHMENT-TYPE",
    /// Nothing in it; args `name`.
    AttachmentEmpty = "ATTACHMENT-EMPTY",
    /// Above the center's limit; args `name`, `limit`.
    AttachmentSize = "ATTACHMENT-SIZE",
    /// More files than the center takes; args `count`.
    AttachmentCount = "ATTACHMENT-COUNT",
    /// The same name or the same content again; args `name`.
    AttachmentTwice = "ATTACHMENT-TWICE",
    /// The content is not the one that the filing names; args `name`.
    AttachmentChanged = "ATTACHMENT-CHANGED",
    /// 申请事项 is neither 缓缴 nor 降低缴存比例.
    DeferralAsked = "DEFERRAL-ASKED",
    /// Its first month is not the first unverified one, or is paid; args `first`, `paid`.
    DeferralStart = "DEFERRAL-START",
    /// Longer than the center allows; args `months`, `limit`.
    DeferralTerm = "DEFERRAL-TERM",
    /// A ratio where 缓缴 is asked for.
    DeferralRatio = "DEFERRAL-RATIO",
    /// Ratios that are not lower than the registered ones, or nothing; args `registered`.
    DeferralNotLower = "DEFERRAL-NOT-LOWER",
    /// No reason.
    DeferralReason = "DEFERRAL-REASON",
    /// A second row: one application is for one term; args `twin`.
    DeferralTwice = "DEFERRAL-TWICE",
    /// An application is still under review; args `number`.
    DeferralOpen = "DEFERRAL-OPEN",
    /// A granted 缓缴 or lower ratios, whose term has not ended, stand in the way; args `asked`, `from`, `to`.
    TermRuns = "TERM-RUNS",
    /// An officer of the center did not take the row.
    ReviewRefused = "REVIEW-REFUSED",
    /// A second row: a unit has one pair of ratios; args `twin`.
    RatioTwice = "RATIO-TWICE",
    /// The ratios before are not the center's; args `roster`.
    RatioOldDiffers = "RATIO-OLD-DIFFERS",
    /// Monthly amounts would rise above the center's limit; args `people`, `name`, `computed`, `ceiling`.
    RatioMonthlyAbove = "RATIO-MONTHLY-ABOVE",
    /// Monthly amounts would fall below the center's limit; args `people`, `name`, `computed`, `floor`.
    RatioMonthlyBelow = "RATIO-MONTHLY-BELOW",
    /// The month of the change is not the filing's; args `period`.
    MonthDiffers = "MONTH-DIFFERS",
    /// Nothing changes.
    UpdateNothing = "UPDATE-NOTHING",
    /// The new value is what the center has.
    UpdateUnchanged = "UPDATE-UNCHANGED",
    /// Name and ID number change at once: is it still the same person?
    UpdateBoth = "UPDATE-BOTH",
    /// The center changes this at its counter only; args `item`.
    UpdateCounter = "UPDATE-COUNTER",
    /// Somebody else of the unit has the new ID number; args `name`, `account`.
    UpdateIdTaken = "UPDATE-ID-TAKEN",
    /// There is an account under the new ID number elsewhere; args `status`.
    UpdateIdKnown = "UPDATE-ID-KNOWN",
    /// What is said to be registered is not (center side).
    UpdateOldDiffers = "UPDATE-OLD-DIFFERS",
    /// A new value that is not in its proper form (center side).
    UpdateForm = "UPDATE-FORM",
    /// No item of the unit's data.
    ItemMissing = "ITEM-MISSING",
    /// Not an item of the unit's data; args `items`.
    ItemUnknown = "ITEM-UNKNOWN",
    /// An item that the clerk may not change; args `items`.
    ItemNotAllowed = "ITEM-NOT-ALLOWED",
    /// One item in several rows; args `twin`.
    ItemTwice = "ITEM-TWICE",
    /// No new value.
    ValueMissing = "VALUE-MISSING",
    /// The old value in the sheet is not the one at the center; args `roster`.
    UnitOldDiffers = "UNIT-OLD-DIFFERS",
    /// Not a fixed telephone.
    PhoneInvalid = "PHONE-INVALID",
    /// A fixed telephone, not written as one: 0391-1234567.
    PhoneForm = "PHONE-FORM",
    /// Not an e-mail address.
    EmailInvalid = "EMAIL-INVALID",
    /// Full-width characters or blanks.
    EmailForm = "EMAIL-FORM",
    /// `?`, `□`, U+FFFD or a private-use character; args `code_point`.
    TextUnreadable = "TEXT-UNREADABLE",
    /// Blanks around, or invisible characters.
    TextForm = "TEXT-FORM",
    /// Too long; args `most`.
    TextLength = "TEXT-LENGTH",
    /// No month where one must be.
    MonthMissing = "MONTH-MISSING",
    /// 补缴 from a month after its last one; args `to`.
    SpanOrder = "SPAN-ORDER",
    /// 补缴 of a month that is not verified yet: it is remitted in the ordinary way; args `last`.
    SpanNotVerified = "SPAN-NOT-VERIFIED",
    /// 补缴 of so many months that the center reviews it; args `months`, `limit`.
    SpanLong = "SPAN-LONG",
    /// Two spans of one person have a month in common; args `twin`.
    SpanOverlap = "SPAN-OVERLAP",
    /// The center's books have 补缴 of one of the months already (center side); args `number`.
    SpanFiled = "SPAN-FILED",
    /// Neither the unit's nor the contributor's part is anything.
    DueNothing = "DUE-NOTHING",
    /// Not what the base costs in those months; args `from`, `to`, `computed`, `difference`.
    DueDiffers = "DUE-DIFFERS",
    /// More than all that the base costs in those months; args `from`, `to`, `computed`.
    DueExceeds = "DUE-EXCEEDS",
    /// The center's rules of some of the months are not known; args `months`.
    DueUnknown = "DUE-UNKNOWN",
    /// Correction of a month that is not paid yet; args `last`.
    CorrectionNotPaid = "CORRECTION-NOT-PAID",
    /// The right amounts are the wrong ones.
    CorrectionSame = "CORRECTION-SAME",
    /// Two corrections of one person's month; args `twin`.
    CorrectionTwice = "CORRECTION-TWICE",
    /// The center's books have a correction of this month that is not posted yet (center side); args `number`.
    CorrectionFiled = "CORRECTION-FILED",
    /// The person's account holds less than is to be taken from it (center side); args `held`.
    CorrectionBalance = "CORRECTION-BALANCE",
    /// A month that is verified already; args `month`, `first`.
    VerifyDone = "VERIFY-DONE",
    /// A month that somebody has verified before; args `month`, `first`, `by`, `at`, `number`.
    VerifyTaken = "VERIFY-TAKEN",
    /// A month is skipped, or the months are not in order; args `first`.
    VerifyOrder = "VERIFY-ORDER",
    /// A month that has not come yet, at a center without 预缴; args `month`.
    VerifyFuture = "VERIFY-FUTURE",
    /// A filing that touches people, bases or ratios is still open; args `number`, `kind`.
    VerifyOpen = "VERIFY-OPEN",
    /// A filing signed on this computer has no answer yet (client only); args `kind`.
    VerifyUnsent = "VERIFY-UNSENT",
    /// A draft of the month was not submitted (client only); args `kind`, `month`, `people`.
    VerifyDraft = "VERIFY-DRAFT",
    /// Somebody filed otherwise than he is due in that month; args `month`.
    VerifyList = "VERIFY-LIST",
    /// People are due who are not filed; args `count`, `first`.
    VerifyMissing = "VERIFY-MISSING",
    /// Nothing is due.
    VerifyNothing = "VERIFY-NOTHING",
    /// The table in the head is not that of the rows, or its identities do not hold.
    VerifyFigures = "VERIFY-FIGURES",
    /// Somebody is in the list with nothing to pay.
    DueZero = "DUE-ZERO",
    /// What is to be paid is not owed: never verified, revoked, or paid.
    PayNotDue = "PAY-NOT-DUE",
    /// Another order pays it already; args `number`.
    PayOrdered = "PAY-ORDERED",
    /// Not what is owed; args `due`, `people`.
    PayAmount = "PAY-AMOUNT",
    /// An earlier month is left out; args `left`.
    PaySkips = "PAY-SKIPS",
    /// One thing twice in one order.
    PayTwice = "PAY-TWICE",
    /// Two methods in one order.
    PayMethods = "PAY-METHODS",
    /// 暂存款 does not reach; args `available`, `sum`.
    SuspenseShort = "SUSPENSE-SHORT",
    /// There is no agreement on 委托收款, or it has ended; args `last`.
    DebitAgreement = "DEBIT-AGREEMENT",
    /// No such money waits to be claimed.
    ClaimUnknown = "CLAIM-UNKNOWN",
    /// Not the sum that came in; args `amount`.
    ClaimAmount = "CLAIM-AMOUNT",
    /// Less than the due that it shall pay; args `due`, `amount`.
    ClaimShort = "CLAIM-SHORT",
    /// One sum claimed twice, or one due paid by two sums.
    ClaimTwice = "CLAIM-TWICE",
    /// No base costs exactly this amount; args `below`, `above`.
    AmountUnreachable = "AMOUNT-UNREACHABLE",
    /// A base cannot be told from an amount without ratios.
    AmountWithoutRatio = "AMOUNT-WITHOUT-RATIO",
}

impl Finding {
    /// A finding with nothing but code and level; the rest is added by the `with_…` functions.
    pub fn new(code: Code, level: Level) -> Self {
        Self {
            code,
            level,
            at: None,
            field: None,
            value: String::new(),
            args: BTreeMap::new(),
            fix: None,
            related: Vec::new(),
        }
    }

    /// At a place.
    #[must_use]
    pub fn at(mut self, at: CellRef) -> Self {
        self.at = Some(at);
        self
    }

    /// About a field with this raw text.
    #[must_use]
    pub fn about(mut self, field: Field, value: impl Into<String>) -> Self {
        self.field = Some(field);
        self.value = value.into();
        self
    }

    /// With a figure for its words.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.into(), value.to_string());
        self
    }

    /// With a proposed text for the cell.
    #[must_use]
    pub fn propose(mut self, text: impl Into<String>) -> Self {
        self.fix = Some(text.into());
        self
    }

    /// A few words for lists, in Chinese.
    pub fn title(&self) -> &'static str {
        texts::title(self.code.as_str())
    }

    /// What is wrong and what to do, in Chinese; ID numbers are masked.
    pub fn message(&self) -> String {
        texts::message(self)
    }

    /// As [`Finding::message`], with the names that fields have in this kind of filing.
    pub fn message_in(&self, kind: FilingKind) -> String {
        texts::message_in(self, kind)
    }

    /// Whether its text is an ID number, which is masked wherever it is shown.
    pub fn shows_id_number(&self) -> bool {
        let judged_as_one = self.field == Some(Field::NewValue) && self.code.as_str().starts_with("ID-");
        judged_as_one || matches!(self.field, Some(Field::IdNumber | Field::NewIdNumber))
    }

    /// Whether it stands in the way of signing: errors, and fixes not yet taken.
    pub fn blocks(&self) -> bool {
        match self.level {
            Level::Error | Level::Fix => true,
            Level::Warning => false,
        }
    }
}

/// A finding as scripts get it: one JSON object with exactly these members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    /// Stable code.
    pub code: &'static str,
    /// `error`, `warning` or `fix`.
    pub level: &'static str,
    /// Sheet name; empty for csv, absent for findings on the whole sheet.
    pub sheet: Option<String>,
    /// One-based row.
    pub row: Option<u32>,
    /// Column letter, `A` …
    pub column: Option<String>,
    /// `snake_case` field.
    pub field: Option<&'static str>,
    /// The raw text.
    pub value: String,
    /// Chinese sentences; ID numbers are masked.
    pub message: String,
    /// The proposed text.
    pub fix: Option<String>,
}

impl From<&Finding> for FindingLine {
    fn from(finding: &Finding) -> Self {
        let at = finding.at.as_ref();
        Self {
            code: finding.code.as_str(),
            level: finding.level.as_str(),
            sheet: at.map(|cell| cell.sheet.to_string()),
            row: at.map(|cell| cell.row),
            column: at.and_then(|cell| cell.column).map(column_letter),
            field: finding.field.map(Field::as_str),
            value: finding.value.clone(),
            message: finding.message(),
            fix: finding.fix.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_exactly_the_members_that_scripts_rely_on() {
        let cell = CellRef { sheet: "Sheet1".into(), row: 7, column: Some(27) };
        let finding = Finding::new(Code::NameBlanks, Level::Fix).at(cell).about(Field::Name, "张 三").propose("张三");
        let line = serde_json::to_value(FindingLine::from(&finding)).unwrap_or_default();
        assert_eq!(
            line,
            serde_json::json!({
                "code": "NAME-BLANKS", "level": "fix", "sheet": "Sheet1", "row": 7, "column": "AB", "field": "name",
                "value": "张 三", "message": finding.message(), "fix": "张三",
            }),
            "the form is a promise to scripts"
        );
        let whole = FindingLine::from(&Finding::new(Code::SheetEmpty, Level::Error));
        assert_eq!((whole.sheet, whole.row, whole.column, whole.field), (None, None, None, None), "no cell, no place");
    }

    #[test]
    fn codes_are_distinct() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len(), "two findings must not share a code");
        assert!(Code::ALL.iter().all(|code| Code::parse(code.as_str()) == Some(*code)), "parse undoes as_str");
    }
}
