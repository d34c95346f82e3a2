/** A comparison for tests: two people who are not in the sheet, one of them with a long name. */
import type { ComparisonLine, ComparisonPage, ComparisonView } from "../src/backend";

export const answers = [
  { value: "seal", label: "封存" },
  { value: "transfer_out", label: "同城转出" },
  { value: "forgotten", label: "表中漏报" },
];

export function line(more: Partial<ComparisonLine>): ComparisonLine {
  return {
    key: "row:4",
    kind: "left",
    titles: ["表中没有此人"],
    name: "欧阳文静",
    said: "",
    id_masked: "4108**********0031",
    account: "041000000123",
    row: null,
    reason: "欧阳文静在中心是正常缴存，表中没有此人。",
    problems: [],
    before: "5200.00",
    after: null,
    answers,
    answer: null,
    seal_reason: null,
    left_out: null,
    may_be_left_out: true,
    open: true,
    filings: [],
    mended: [],
    ...more,
  };
}

export function comparison(more: Partial<ComparisonView> = {}): ComparisonView {
  const group = (kind: string, title: string, people: number, open: number) => ({
    kind,
    title,
    people,
    open,
    undecided: open,
    answers: kind === "left" ? answers : [],
    before: "1664.00",
    after: "0.00",
  });
  return {
    comparison: "c1",
    revision: 3,
    period: "2026-07",
    file_name: "七月工资表.xlsx",
    sheet: "工资表",
    people: 229,
    roster_version: 1,
    base_compared: true,
    groups: [group("new", "新增人员", 1, 0), group("left", "表中没有此人", 2, 2), group("unchanged", "没有变化", 0, 0)],
    open: 2,
    findings: [],
    unconfirmed: 0,
    blocking: 0,
    not_asked: 0,
    trouble: null,
    reasons: [
      { value: "离休退休", label: "离休退休" },
      { value: "其他", label: "其他" },
    ],
    making: [{ kind: "contributor_registration", label: "缴存人登记", people: 1, draft: null, filing: null }],
    in_several: 0,
    made: false,
    to_take_back: 0,
    can_undo: false,
    saved_at: "2026-07-06 14:40",
    ...more,
  };
}

export function page(lines: ComparisonLine[]): ComparisonPage {
  return { revision: 3, page: 0, total: lines.length, size: 100, lines };
}

export const people = [line({ key: "account:1" }), line({ key: "account:2", name: "努尔麦麦提·阿卜杜热合曼·吐尔逊" })];
