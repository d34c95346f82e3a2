/** Answers to queries, as the core gives them. */
import type { FilingAtCenter, QueryForm, QueryRow, QueryView } from "../src/backend";
import { filingView } from "./fake";

const AS_OF = "2026-07-10 09:30";

export const rows: QueryRow[] = [
  {
    cells: ["2026-06-19", "到账", "2026-06 汇缴 到账", "DZ20260619000001", "401134.00", "", "402134.00"],
    jump: null,
  },
  {
    cells: ["2026-06-20", "入账", "2026-06 汇缴 入账", "2026062000000001", "", "401134.00", "1000.00"],
    jump: { label: "查看申报", screen: "filings", argument: "2026062000000001" },
  },
];

/** A page of 暂存款, or of what was asked for. */
export function queryView(form: Partial<QueryForm> = {}, more: Partial<QueryView> = {}): QueryView {
  return {
    form: { query: "suspense", span: "year", from: "", to: "", kind: "", state: "", account: "", ...form },
    title: "暂存款明细",
    period: "2026-01-01 至 2026-12-31",
    columns: [
      { label: "日期", form: "code" },
      { label: "业务", form: "text" },
      { label: "摘要", form: "text" },
      { label: "流水号", form: "code" },
      { label: "转入", form: "amount" },
      { label: "转出", form: "amount" },
      { label: "余额", form: "amount" },
    ],
    rows,
    subtotals: [],
    totals: ["合计", "", "", "", "401134.00", "401134.00", ""],
    balances: [
      ["期初余额", "1000.00"],
      ["期末余额", "1000.00"],
    ],
    capitals: { "1000.00": "壹仟元整", "401134.00": "肆拾万壹仟壹佰叁拾肆元整" },
    total: 2,
    page: 0,
    pages: 1,
    kinds: [],
    states: [],
    as_of: AS_OF,
    stale: false,
    ...more,
  };
}

/** A filing of a colleague's, as the center has it. */
export function filingAtCenter(more: Partial<FilingAtCenter> = {}): FilingAtCenter {
  const { receipt, totals } = filingView("settled");
  if (receipt === null) throw new Error("a settled filing has a receipt");
  return {
    filing_number: "2026062000000001",
    filing: "0190a1b2-0000-7000-8000-000000000001",
    here: false,
    kind: "base_adjustment",
    kind_name: "年度基数调整",
    period: "2026-07",
    stage: "partly_settled",
    accepted_at: "2026-06-20 10:00",
    totals,
    signers: [["经办人", "王晓敏"]],
    receipt,
    earlier_receipts: [],
    row_results: [],
    as_of: AS_OF,
    stale: false,
    ...more,
  };
}
