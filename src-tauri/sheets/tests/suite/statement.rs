//! Bank statements as the e-banking of several banks exports them.

use huijiao_domain::statement::StatementLine;
use huijiao_sheets::{Statement, StatementError, Workbook, statement};

use crate::kit::book::book;
use crate::kit::summary::open;

const ICBC: [&str; 10] =
    ["凭证号", "对方账号", "交易时间", "借/贷", "借方发生额", "贷方发生额", "摘要", "用途", "对方单位名称", "余额"];

fn read(rows: &[&[&str]]) -> Result<Statement, StatementError> {
    statement(&sheet(rows))
}

fn sheet(rows: &[&[&str]]) -> Workbook {
    let bytes = book(|sheet| {
        for (at, row) in (0..).zip(rows) {
            for (column, text) in (0..).zip(*row) {
                sheet.write_string(at, column, *text).unwrap();
            }
        }
    });
    open(bytes).unwrap()
}

fn said(line: &StatementLine) -> (u32, String, String, &str, &str, Vec<&str>, &str) {
    let remarks = line.remarks.iter().map(String::as_str).collect();
    (line.row, line.on.to_string(), line.amount.to_string(), &line.account, &line.payee, remarks, &line.number)
}

#[test]
fn debit_and_credit_columns_below_a_preamble() {
    let read = read(&[
        &["[HISTORYDETAIL]"],
        &["账号", "6222000099998888", "起始日期", "20260701", "截止日期", "20260731"],
        &ICBC,
        &[
            "0",
            "6222000011112222",
            "2026-07-06 14:32:05",
            "借",
            "372,000.00",
            "",
            "转账",
            "2026070001",
            "管理中心",
            "1.00",
        ],
        &["1", "6222000033334444", "2026-07-07 09:00:00", "贷", "", "500.00", "货款", "", "某客户", "501.00"],
        &["2", "6222000055556666", "20260708", "借", "0.10", "0.00", "", "手续费", "", "500.90"],
        &["合计", "", "", "", "372,000.10", "500.00"],
        &["借方总笔数：2"],
    ])
    .unwrap();
    assert_eq!(read.incoming, 1, "money that came in pays nothing");
    let lines: Vec<_> = read.lines.iter().map(said).collect();
    let (first, second) = (("2026-07-06", "372000.00"), ("2026-07-08", "0.10"));
    assert_eq!(
        lines,
        [
            (4, first.0.into(), first.1.into(), "6222000011112222", "管理中心", vec!["转账", "2026070001"], "0"),
            (6, second.0.into(), second.1.into(), "6222000055556666", "", vec!["手续费"], "2"),
        ],
        "each with its row, sums left out"
    );
}

#[test]
fn the_titles_of_other_banks() {
    let account = "6222000011112222";
    // CCB
    let ccb = read(&[
        &[
            "交易时间",
            "借方发生额（支取）",
            "贷方发生额（收入）",
            "对方户名",
            "对方账号",
            "摘要",
            "备注",
            "账户明细编号-交易流水号",
        ],
        &["20260706 143205", "372000.00", "0", "管理中心", account, "公积金", "2026070001", "7-1"],
    ]);
    // ABC
    let abc = read(&[
        &["交易时间", "收入金额", "支出金额", "账户余额", "对方账号", "对方户名", "交易用途"],
        &["2026年7月6日", "--", "372000", "1", account, "管理中心", "2026070001"],
    ]);
    // BOC: both sides named, what left below zero
    let boc = read(&[
        &[
            "交易类型[ Transaction Type ]",
            "付款人账号[ Debit Account No. ]",
            "收款人账号[ Payee's Account Number ]",
            "收款人名称[ Payee's Name ]",
            "交易日期[ Transaction Date ]",
            "交易金额[ Trade Amount ]",
            "交易流水号[ Transaction reference number ]",
            "用途[ Purpose ]",
            "交易附言[ Remark ]",
        ],
        &["往账", "1", account, "管理中心", "20260706", "-372,000.00", "77", "", "2026070001"],
        &["来账", "2", "1", "本单位", "20260706", "5.00", "78", "", ""],
    ]);
    // A flag and one amount.
    let flagged = read(&[
        &["记账日期", "借贷标志", "发生额", "对方账号", "附言"],
        &["2026/7/6", "D", "372000.00", account, "2026070001"],
        &["2026/7/6", "C", "3.00", account, "退回"],
        &["", "", "372003.00", "合计"],
    ]);
    // A sign alone.
    let signed = read(&[
        &["日期", "金额", "对方账户", "摘要"],
        &["2026-07-06", "-372000", account, "2026070001"],
        &["2026-07-06", "8", account, "利息"],
    ]);
    for (bank, read) in [("ccb", ccb), ("abc", abc), ("boc", boc), ("flagged", flagged), ("signed", signed)] {
        let read = read.unwrap_or_else(|error| panic!("{bank}: {error:?}"));
        let [line] = read.lines.as_slice() else { panic!("{bank}: one payment, {read:?}") };
        assert_eq!(
            (line.on.to_string(), line.amount.to_string(), line.account.as_str()),
            ("2026-07-06".into(), "372000.00".into(), account),
            "{bank}"
        );
        assert!(line.remarks.iter().any(|text| text == "2026070001"), "{bank}: {line:?}");
    }
}

#[test]
fn csv_in_the_encoding_of_banks_keeps_every_figure_of_an_account() {
    let text = "交易日期,支出金额,对方账号,附言\r\n2026-07-06\t,\"372,000.00\",=\"6222000011112222\",'2026070001\r\n";
    let (bytes, _, lost) = encoding_rs::GB18030.encode(text);
    assert!(!lost);
    let read = statement(&open(bytes.into_owned()).unwrap()).unwrap();
    let line = &read.lines[0];
    assert_eq!((line.account.as_str(), line.remarks[0].as_str()), ("6222000011112222", "2026070001"));
}

#[test]
fn missing_columns_are_named() {
    let missing = |titles: &[&str], row: &[&str]| match read(&[titles, row]) {
        Err(StatementError::Columns { missing }) => missing,
        other => panic!("{titles:?}: {other:?}"),
    };
    let row = ["2026-07-06", "1", "6222", "x"];
    assert_eq!(missing(&["交易日期", "支出金额", "账户余额", "摘要"], &row), ["对方账号"]);
    assert_eq!(missing(&["交易日期", "余额", "对方账号", "摘要"], &row), ["借方发生额"]);
    assert_eq!(missing(&["交易日期", "支出金额", "对方账号", "对方户名"], &row), ["附言"]);
    assert_eq!(missing(&["序号", "支出金额", "对方账号", "摘要"], &row), ["交易日期"]);
    let nothing = missing(&["姓名", "证件号码", "缴存基数"], &["王小明", "1", "5000"]);
    assert_eq!(nothing, ["交易日期", "借方发生额", "对方账号", "附言"], "a roster is no statement");
    let unsigned = missing(&["日期", "金额", "对方账户", "摘要"], &row);
    assert_eq!(unsigned, ["借贷标志"], "whither, nobody can tell");
}

#[test]
fn a_row_that_cannot_be_read_refuses_the_whole() {
    let titles: &[&str] = &["交易日期", "支出金额", "对方账号", "附言"];
    let good: &[&str] = &["2026-07-06", "1.00", "6222", "x"];
    let wrong = |row: &[&str]| match read(&[titles, good, row]) {
        Err(StatementError::Rows { problems }) => {
            problems.iter().map(|p| (p.row, p.column, p.text.clone())).collect::<Vec<_>>()
        }
        other => panic!("{row:?}: {other:?}"),
    };
    assert_eq!(wrong(&["2026-13-06", "1.00", "6222", "x"]), [(3, "交易日期", "2026-13-06".into())]);
    assert_eq!(wrong(&["", "1.00", "6222", "x"]), [(3, "交易日期", String::new())], "no day");
    assert_eq!(wrong(&["2026-07-06", "壹元", "6222", "x"]), [(3, "借方发生额", "壹元".into())]);
    assert_eq!(wrong(&["2026-07-06", "1.005", "6222", "x"]), [(3, "借方发生额", "1.005".into())], "never rounded");
    assert_eq!(wrong(&["2026-07-06", "-1", "6222", "x"]), [(3, "借方发生额", "-1".into())], "a reversal is a question");
    assert_eq!(
        wrong(&["2026-07-06", "#N/A", "6222", "工资合计"]).len(),
        1,
        "合计 in a remark makes no sum of a payment"
    );
    assert!(read(&[titles, good, &["", "", "", ""], &["以下无正文"]]).is_ok(), "what holds no money is no row");
    let flagged = read(&[&["日期", "借贷", "金额", "对方账号", "附言"], &["2026-07-06", "冲正", "1", "6222", "x"]]);
    assert!(matches!(flagged, Err(StatementError::Rows { problems }) if problems[0].column == "借贷标志"));
    assert_eq!(read(&[titles]), Err(StatementError::Empty));
    assert_eq!(read(&[titles, &["2026-07-06", "0.00", "6222", "x"]]), Err(StatementError::Empty), "nothing was paid");
}

#[test]
fn an_account_that_became_a_number_is_not_believed() {
    let bytes = book(|sheet| {
        for (column, title) in (0..).zip(["交易日期", "支出金额", "对方账号", "附言"]) {
            sheet.write(0, column, title).unwrap();
        }
        sheet.write(1, 0, "2026-07-06").unwrap();
        sheet.write(1, 1, 12.5).unwrap();
        sheet.write(1, 2, 6_222_000_011_112_222_333_f64).unwrap();
        sheet.write(1, 3, "x").unwrap();
    });
    let Err(StatementError::Rows { problems }) = statement(&open(bytes).unwrap()) else { panic!("the end is lost") };
    assert_eq!((problems[0].row, problems[0].column), (2, "对方账号"));
}
