/** A backend for tests: answers from a table, remembers what it was asked. Never part of the product. */
import { month, payments, people, verification } from "./month";
import { filingAtCenter, queryView } from "./query";
import type {
  Backend,
  CalibrationView,
  CertificateView,
  CitiesView,
  CityLine,
  CityView,
  CodeCount,
  ConnectionTest,
  ContributorsView,
  ContributorView,
  DraftView,
  FilingStage,
  FilingView,
  FindingView,
  GridFilter,
  GridRow,
  Handed,
  HelpLine,
  HelpPagesView,
  HelpPageView,
  HomeView,
  KindGroup,
  NoticesView,
  OpenedView,
  OrderForm,
  PageView,
  PolicyForm,
  Preferences,
  PreviewView,
  ProfileLine,
  ProfileProblemView,
  ProfileView,
  QueryForm,
  ReadyLine,
  ReceiptView,
  ReviewView,
  SearchView,
  SafetyView,
  SessionView,
  StartView,
  StatementView,
  Ticket,
  TotalsView,
  UiError,
  UnitsMonth,
} from "../src/backend";

export type Answers = Record<string, (args: Record<string, unknown>) => unknown>;

export interface Fake extends Backend {
  calls: { command: string; args: Record<string, unknown> }[];
  drop(...tickets: Ticket[]): void;
}

export function uiError(code: string, more: Partial<UiError> = {}): UiError {
  return { code, args: {}, findings: [], trace: "", help: null, ...more };
}

export function fakeBackend(answers: Answers = {}): Fake {
  const table: Answers = { ...defaults(), ...answers };
  const handlers = new Set<(files: readonly Handed[]) => void>();
  const calls: Fake["calls"] = [];
  return {
    kind: "browser",
    calls,
    async call<T>(command: string, args: object): Promise<T> {
      calls.push({ command, args: args as Record<string, unknown> });
      const answer = table[command];
      if (answer === undefined) throw uiError("test-unknown-command");
      return (await answer(args as Record<string, unknown>)) as T;
    },
    chooseWorkbook: async () => workbooks[1] ?? null,
    chooseWorkbooks: async () => workbooks.slice(1, 2).map(handed),
    chooseSigned: async () => ({ ticket: "signed", file_name: "filing.p7m", size: 4096, note: "" }),
    chooseAttachment: async () => ({ ticket: "paper", file_name: "决议.pdf", size: 2048, note: "" }),
    chooseBackup: async () => ({
      ticket: "backup",
      file_name: "huijiao-20260706-143200-manual.hjb",
      size: 2048,
      note: "",
    }),
    chooseFolder: async () => null,
    chooseRoot: async () => ({ ticket: "roots", file_name: "ca.pem", size: 2048, note: "" }),
    chooseModule: async () => ({ ticket: "driver", file_name: "driver.so", size: 2048, note: "" }),
    chooseKeyFile: async () => ({ ticket: "key", file_name: "王晓敏.p12", size: 2048, note: "" }),
    chooseProfile: async () => ({ ticket: "rules", file_name: "衡阳-公积金规则.json", size: 2048, note: "" }),
    openedFile: async () => null,
    onOpened: () => () => undefined,
    onDropped(dropped) {
      handlers.add(dropped);
      return () => handlers.delete(dropped);
    },
    onDragging: () => () => undefined,
    drop: (...tickets) => handlers.forEach((handler) => handler(tickets.map(handed))),
  };
}

const handed = (ticket: Ticket): Handed => ({ name: ticket.file_name, open: async () => ticket });

export const session: SessionView = {
  channel: "gateway",
  signs: true,
  demo: true,
  band: null,
  center_name: "演示市住房公积金管理中心",
  unit_name: "演示市云岭精密仪器有限公司",
  unit_account: "201500003721",
  credit_code: "91110000MA0000000X",
  unit_status: "正常",
  deferral: "",
  contributors: 240,
  sealed: 6,
  unit_ratio: "8%",
  personal_ratio: "8%",
  paid_through: "2026-06",
  first_month: "2026-07",
  last_month: "2027-06",
  proposed_month: "2026-07",
  operator: "周晓燕",
  role: "经办人",
  approves_only: false,
  awaiting: 0,
  operators: [],
  connection: "reachable",
  roster: { version: 12, taken_at: "2026-07-06 14:32", people: 240, mended: 0 },
  clock_skew_minutes: null,
  demo_pin: "135790",
  certificate_days: null,
};

export const kinds: KindGroup[] = [
  {
    label: "缴存人",
    kinds: [
      {
        kind: "contributor_registration",
        label: "缴存人登记",
        entry: "登记",
        lead: "为新录用、在本市还没有个人账户的职工开户。",
        period_label: "起缴年月",
        needed: ["姓名", "手机号码", "证件号码", "缴存基数或工资"],
        deadlines: ["自录用之日起 30 日内办理缴存登记", "每月 25 日以后办理的，从次月起算"],
        taken: true,
        of_roster: false,
        money: { before: null, after: "月缴存额" },
      },
      {
        kind: "contributor_update",
        label: "缴存人信息变更",
        entry: "信息变更",
        lead: "更正职工的姓名、证件号码、手机号码等登记信息，不涉及金额。",
        period_label: "申报年月",
        needed: ["证件号码或个人账号"],
        deadlines: [],
        taken: false,
        of_roster: false,
        money: null,
      },
    ],
  },
  {
    label: "基数与比例",
    kinds: [
      {
        kind: "base_adjustment",
        label: "年度基数调整",
        entry: "基数调整",
        lead: "按职工上一年度月平均工资调整缴存基数，每年办理一次。",
        period_label: "生效年月",
        needed: ["证件号码或个人账号", "调整后缴存基数"],
        deadlines: ["中心每年 06-20 至 08-31 受理"],
        taken: true,
        of_roster: true,
        money: { before: "调整前月缴存额", after: "调整后月缴存额" },
      },
    ],
  },
];

export const safety: SafetyView = {
  lock_minutes: 10,
  lock_choices: [5, 10, 15, 30, 0],
  can_lock: true,
  masked: true,
  retention_days: 0,
  retention_choices: [0, 180, 365, 730, 1825],
  retention: [{ account: "000100200300", center: "演示市住房公积金管理中心", years: 5 }],
  erasable: { people: 0, drafts: 0, comparisons: 0, workbooks: 0, imports: 0, answers: 0, rosters: 0, aside: 0 },
  unemptied: null,
  older: null,
};

export const start: StartView = { version: "0.1.0", vault: "ready", notices: [], lock: null, session: null };

export const workbooks: Ticket[] = [
  { ticket: "w1", file_name: "2026年基数调整.xlsx", size: 24_310, note: "240 人，没有问题，可以直接走完全程" },
  {
    ticket: "w2",
    file_name: "2026年基数调整（有12处问题）.xlsx",
    size: 24_880,
    note: "表里有 12 处问题，练习检查与修改",
  },
  { ticket: "w3", file_name: "ERP导出_薪资_202606.xlsx", size: 61_204, note: "有标题行和小计、合计行，列名各不相同" },
];

export const totals: TotalsView = {
  people: 238,
  before: "401234.00",
  after: "436790.00",
  difference: "35556.00",
  after_capitals: "肆拾叁万陆仟柒佰玖拾元整",
  difference_capitals: "叁万伍仟伍佰伍拾陆元整",
};

export const home: HomeView = {
  session,
  drafts: [
    {
      draft: "d1",
      kind: "base_adjustment",
      period: "2026-07",
      file_name: "2026年基数调整（有12处问题）.xlsx",
      people: 240,
      blocking: 12,
      saved_at: "2026-07-06 14:40",
      upload: null,
    },
  ],
  filings: [
    {
      filing: "f1",
      kind: "base_adjustment",
      period: "2026-07",
      people: 240,
      stage: "accepted",
      filing_number: "JS2026070600017",
      signed_at: "2026-07-06 15:02",
    },
    {
      filing: "f2",
      kind: "base_adjustment",
      period: "2026-07",
      people: 3,
      stage: "refused",
      filing_number: null,
      signed_at: "2026-07-05 10:11",
    },
  ],
  workbooks,
  workbook_folder: "C:\\Users\\周晓燕\\Documents\\汇缴通演示",
};

export function sheetFinding(more: Partial<FindingView>): FindingView {
  return {
    code: "SHEET-HIDDEN-ROWS",
    level: "warning",
    title: "有隐藏的行",
    message: "第 14、15 行在工作簿中被隐藏，其中的人员也会导入。",
    sheet: "工资",
    row: null,
    column: null,
    field: null,
    value: "",
    fix: null,
    index: null,
    position: null,
    grid_column: null,
    ...more,
  };
}

const headers = ["序号", "职工姓名", "身份证号码", "公积金账号", "部门", "原缴存基数", "2025年月均工资", "备注"];
const fieldOf = [null, "name", "id_number", "personal_account", null, "old_base", "new_base", null];

export const preview: PreviewView = {
  kind: "base_adjustment",
  ticket: workbooks[2] as Ticket,
  format: "xlsx",
  encoding: null,
  encodings: [],
  sheets: [
    { name: "工资", hidden: false },
    { name: "参数", hidden: true },
  ],
  sheet: "工资",
  header_rows: [4, 4],
  columns: headers.map((header, column) => ({
    column,
    letter: "ABCDEFGH".charAt(column),
    header,
    field: fieldOf[column] ?? null,
    why: fieldOf[column] ? "alias" : "",
  })),
  fields: [
    { field: "personal_account", label: "个人账号", required: false },
    { field: "name", label: "姓名", required: true },
    { field: "id_number", label: "证件号码", required: true },
    { field: "old_base", label: "原缴存基数", required: false },
    { field: "new_base", label: "新缴存基数", required: true },
  ],
  missing: [],
  sample: [
    { row: 1, cells: ["演示市云岭精密仪器有限公司 2025 年度工资汇总", "", "", "", "", "", "", ""], role: "title" },
    { row: 2, cells: ["制表：财务部", "", "", "", "", "", "单位：元", ""], role: "title" },
    { row: 3, cells: ["", "", "", "", "", "", "", ""], role: "blank" },
    { row: 4, cells: headers, role: "header" },
    ...Array.from({ length: 24 }, (_, i) => ({
      row: i + 5,
      cells: [
        String(i + 1),
        ["张伟", "王芳", "李娜", "欧阳思远", "刘洋"][i % 5] ?? "",
        `4108********${String(1000 + i)}`,
        `2015000${String(10001 + i)}`,
        ["生产一部", "研发中心", "财务部"][i % 3] ?? "",
        `${5000 + i * 137}.00`,
        `${5600 + i * 151}.50`,
        "",
      ],
      role: "person",
    })),
    { row: 29, cells: ["", "小计", "", "", "生产一部", "163812.00", "178213.50", ""], role: "subtotal" },
    { row: 30, cells: ["", "合计", "", "", "", "163812.00", "178213.50", ""], role: "total" },
  ],
  people: 240,
  total_rows: 9,
  findings: [sheetFinding({})],
  seen_before: "2026-07-03 09:12",
};

export const summary: CodeCount[] = [
  { code: "ID-CHECKSUM", level: "error", title: "证件号码校验位不符", count: 3, fixable: 0, confirmed: null },
  { code: "BASE-ABOVE-CEILING", level: "fix", title: "基数高于上限", count: 2, fixable: 2, confirmed: null },
  { code: "NAME-SPACES", level: "fix", title: "姓名中有空格", count: 4, fixable: 4, confirmed: null },
  { code: "BASE-JUMP", level: "warning", title: "基数变动过大", count: 2, fixable: 0, confirmed: null },
  { code: "ID-REGION", level: "warning", title: "地区代码不认识", count: 1, fixable: 0, confirmed: "已核对身份证原件" },
];

export const columns: DraftView["columns"] = [
  {
    field: "personal_account",
    title: "个人账号",
    editable: true,
    numeric: false,
    frozen: true,
    choices: [],
    width: 130,
  },
  { field: "name", title: "姓名", editable: true, numeric: false, frozen: true, choices: [], width: 100 },
  { field: "id_number", title: "证件号码", editable: true, numeric: false, frozen: false, choices: [], width: 180 },
  { field: "roster_base", title: "清册基数", editable: false, numeric: true, frozen: false, choices: [], width: 110 },
  { field: "new_base", title: "新缴存基数", editable: true, numeric: true, frozen: false, choices: [], width: 110 },
  {
    field: "unit_amount_after",
    title: "单位月缴存额",
    editable: false,
    numeric: true,
    frozen: false,
    choices: [],
    width: 120,
  },
  {
    field: "personal_amount_after",
    title: "个人月缴存额",
    editable: false,
    numeric: true,
    frozen: false,
    choices: [],
    width: 120,
  },
  { field: "monthly_after", title: "月缴存额", editable: false, numeric: true, frozen: false, choices: [], width: 110 },
];

export function draftView(more: Partial<DraftView> = {}): DraftView {
  return {
    draft: "d1",
    revision: 7,
    kind: "base_adjustment",
    period: "2026-07",
    file_name: "2026年基数调整（有12处问题）.xlsx",
    sheet: "工资",
    by_hand: false,
    columns,
    rows: 240,
    flagged_rows: 12,
    excluded: 1,
    summary,
    blocking: 9,
    unconfirmed: 2,
    totals,
    can_undo: true,
    can_redo: false,
    saved_at: "14:40",
    upload: null,
    takes_attachments: false,
    attachments: [],
    returned: [],
    signed_as: null,
    ...more,
  };
}

export const cleanDraft = draftView({
  summary: summary.filter((each) => each.confirmed !== null),
  blocking: 0,
  unconfirmed: 0,
  flagged_rows: 0,
});

/** A registration that is filled in by hand. */
export function blankDraft(more: Partial<DraftView> = {}): DraftView {
  const column = (field: string, title: string, width: number, choices: string[] = []) => ({
    field,
    title,
    width,
    choices,
    editable: true,
    numeric: field === "new_base",
    frozen: field === "name",
  });
  return draftView({
    draft: "h1",
    revision: 1,
    kind: "contributor_registration",
    file_name: "手工录入",
    sheet: "",
    by_hand: true,
    columns: [
      column("name", "姓名", 120),
      column("id_type", "证件类型", 100, ["身份证", "护照", "港澳居民来往内地通行证"]),
      column("id_number", "证件号码", 180),
      column("sex", "性别", 80, ["男", "女"]),
      column("mobile", "手机号码", 120),
      column("new_base", "缴存基数", 110),
      { ...column("monthly_after", "月缴存额（计算）", 150), editable: false, numeric: true },
    ],
    rows: 10,
    flagged_rows: 0,
    excluded: 0,
    summary: [],
    blocking: 0,
    unconfirmed: 0,
    totals: { ...totals, people: 0, before: "0.00", after: "0.00", difference: "0.00", after_capitals: "零元整" },
    can_undo: false,
    ...more,
  });
}

function blankPage(): PageView {
  const rows = Array.from({ length: 10 }, (_, index) => ({
    index,
    row: index + 1,
    cells: Array.from({ length: 7 }, () => ""),
    marks: [],
    excluded: false,
    edited: [],
  }));
  return { revision: 9, page: 0, total: 10, rows };
}

const rowsOf: Record<string, number[]> = {
  "ID-CHECKSUM": [3, 40, 121],
  "BASE-ABOVE-CEILING": [8, 77],
  "NAME-SPACES": [5, 9, 15, 200],
  "BASE-JUMP": [11, 60],
  "ID-REGION": [30],
};
const columnOf: Record<string, number> = { "ID-CHECKSUM": 2, "NAME-SPACES": 1, "ID-REGION": 2 };

function findingsOf(code: string | null): FindingView[] {
  return summary
    .filter((each) => code === null || each.code === code)
    .flatMap((each) =>
      (rowsOf[each.code] ?? []).map((index) => ({
        code: each.code,
        level: each.level,
        title: each.title,
        message: `第 ${index + 5} 行：${each.title}，请核对后改正。`,
        sheet: "工资",
        row: index + 5,
        column: "C",
        field: columns[columnOf[each.code] ?? 4]?.field ?? null,
        value: "410801198512310022",
        fix: each.fixable > 0 ? "27000.00" : null,
        index,
        position: index,
        grid_column: columnOf[each.code] ?? 4,
      })),
    )
    .sort((a, b) => a.position - b.position);
}

function gridRow(index: number): GridRow {
  const marks = findingsOf(null)
    .filter((finding) => finding.index === index)
    .map((finding) => ({ column: finding.grid_column, level: finding.level, message: finding.message }));
  const base = 5000 + ((index * 137) % 9000);
  return {
    index,
    row: index + 5,
    cells: [
      `2015000${10001 + index}`,
      ["张伟", "王芳", "李娜", "欧阳思远", "刘洋"][index % 5] ?? "",
      `41080119851231${String(1000 + index)}`,
      `${base}.00`,
      `${base + 420}.50`,
      `${Math.round(base * 0.08)}.00`,
      `${Math.round(base * 0.08)}.00`,
      `${2 * Math.round(base * 0.08)}.00`,
    ],
    marks,
    excluded: index === 6,
    edited: index === 2 ? [4] : [],
  };
}

/** A key by which one logs in at a unit's center. */
export function unitKey(unit_name: string): CertificateView {
  return {
    certificate: "k1",
    holder: "王晓敏",
    unit_name,
    role: "",
    algorithm: "P-256",
    valid_to: "2029-07-06",
    tail: "5E6F70",
    kept: "文件证书",
    token: false,
    usable: true,
    reason: null,
    tries_left: 3,
  };
}

export const review: ReviewView = {
  draft: "d1",
  revision: 9,
  kind_name: "年度基数调整",
  center_name: session.center_name,
  unit_name: session.unit_name,
  unit_account: session.unit_account,
  period: "2026-07",
  file_name: "2026年基数调整.xlsx",
  roster_version: 12,
  approval: false,
  elsewhere: [],
  digest: "5e".repeat(32),
  fingerprint: "",
  totals,
  kind: "base_adjustment",
  groups: [
    { label: "调高", people: 221 },
    { label: "调低", people: 9 },
    { label: "不变", people: 8 },
  ],
  excluded: 2,
  largest: Array.from({ length: 20 }, (_, i) => ({
    name: ["赵国栋", "孙丽", "欧阳思远", "钱学文"][i % 4] ?? "",
    personal_account: `2015000${10050 + i}`,
    old_base: `${12000 + i * 100}.00`,
    new_base: `${i === 3 ? 9000 : 24000 - i * 310}.00`,
    what: `调整后缴存基数 ${i === 3 ? 9000 : 24000 - i * 310}.00`,
    before: `${1920 + i * 16}.00`,
    after: `${i === 3 ? 1440 : 3840 - i * 50}.00`,
    difference: i === 3 ? "-528.00" : `${1920 - i * 66}.00`,
  })),
  attachments: [],
  confirmations: [{ code: "BASE-JUMP", title: "基数变动过大", count: 2, note: "已与人事核对，均为本年晋级人员" }],
  obstacles: [],
  certificates: [
    {
      certificate: "c1",
      holder: "周晓燕",
      unit_name: session.unit_name,
      role: "经办人",
      algorithm: "ECDSA P-256",
      valid_to: "2028-12-31",
      tail: "3C4D5E",
      kept: "文件证书",
      token: false,
      usable: true,
      reason: null,
      tries_left: 3,
    },
    {
      certificate: "c2",
      holder: "周晓燕",
      unit_name: session.unit_name,
      role: "经办人",
      algorithm: "ECDSA P-256",
      valid_to: "2025-12-31",
      tail: "0F1E2D",
      kept: "文件证书",
      token: false,
      usable: false,
      reason: "sign-certificate-expired",
      tries_left: 3,
    },
  ],
};

/** What is reviewed for each sort of order. */
export function orderReview(order: OrderForm): ReviewView {
  const kind = { verify: "remittance_verification", pay: "payment", claim: "payment_claim" }[order.order];
  const line = { old_base: "", new_base: "", before: "0.00", difference: "0.00" };
  return {
    ...review,
    draft: "",
    revision: 0,
    file_name: "",
    fingerprint: "f1a2",
    kind,
    kind_name: { verify: "汇缴核定", pay: "单位缴款", claim: "未处理缴款认领" }[order.order],
    totals: { ...totals, people: order.order === "claim" ? 0 : 238, before: "0.00" },
    groups: [],
    excluded: 0,
    confirmations: [],
    largest:
      order.order === "verify"
        ? review.largest.map((each) => ({ ...each, ...line, what: "2026-07" }))
        : [{ ...line, name: "2026-07 汇缴", personal_account: "", what: "转账", after: "436790.00" }],
  };
}

export function orderSigned(order: OrderForm): FilingView {
  const { kind, kind_name } = orderReview(order);
  const filed = filingView("accepted", { kind_name });
  return { ...filed, line: { ...filed.line, kind, filing_number: "JK2026071000021" } };
}

const hash = "9f2c4e61b07a3d5588c1f0e2a6b49d7713c5e8fa02b6d1947e3f5a8c6b0d2e41";

export function filingView(stage: FilingStage, more: Partial<FilingView> = {}): FilingView {
  const received = ["accepted", "in_review", "settled", "partly_settled"].includes(stage);
  return {
    line: {
      filing: "f1",
      kind: "base_adjustment",
      period: "2026-07",
      people: 238,
      stage,
      filing_number: received ? "JS2026070600017" : null,
      signed_at: "2026-07-06 15:02",
    },
    kind_name: "年度基数调整",
    unit_name: session.unit_name,
    totals,
    signer: "周晓燕",
    approver: "",
    returned_by: "",
    approving: false,
    digest: review.digest,
    sha256: hash,
    trouble: null,
    receipt: received
      ? {
          filing_number: "JS2026070600017",
          accepted_at: "2026-07-06 15:02",
          state: stage as ReceiptView["state"],
          issued_at: "2026-07-06 15:02",
          reason: "",
          signed_by: "演示市住房公积金管理中心",
          steps: [
            { code: "signature", title: "回执签名有效，内容未被改动", passed: true },
            { code: "chain", title: "签名证书由受信任的中心根证书签发", passed: true },
            { code: "filing_hash", title: "回执所指的文件就是本机签名的文件", passed: true },
            { code: "filing_id", title: "回执所指的申报编号一致", passed: true },
            { code: "previous", title: "与上一份回执相接", passed: true },
          ],
          valid: true,
          sha256: hash.split("").reverse().join(""),
          previous: null,
        }
      : null,
    earlier_receipts: [],
    row_results: [],
    withdrawable: received,
    withdrawing: false,
    certificates: [],
    reopenable: stage === "refused",
    kept: null,
    rows: 240,
    history: [
      ["2026-07-06 15:02", "周晓燕 用文件证书签名"],
      ["2026-07-06 15:02", "已提交到演示市住房公积金管理中心"],
      ...(received ? ([["2026-07-06 15:02", "收到回执，核验通过"]] as [string, string][]) : []),
    ],
    ...more,
  };
}

export function refusedFiling(): FilingView {
  return filingView("refused", {
    trouble: uiError("net-refused", {
      trace: "7f3a",
      findings: findingsOf("ID-CHECKSUM").map((finding) => ({ ...finding, message: "中心清册中没有这个证件号码。" })),
    }),
  });
}

function cityLine(city: string, province: string, more: Partial<CityLine> = {}): CityLine {
  return {
    city,
    province,
    base_floor: null,
    base_ceiling: null,
    ratio: null,
    period: null,
    source_title: null,
    source_date: null,
    ...more,
  };
}

const cityLines: CityLine[] = [
  cityLine("武汉", "湖北省", {
    base_floor: "2400.00",
    base_ceiling: "36072.25",
    ratio: "5%-12%（企业单位5%-12%，非企业单位8%-12%）",
    period: "2026年度（2026年7月1日起执行）",
    source_title: "武汉住房公积金管理中心关于2026年度缴存基数调整的通知",
    source_date: "2026-07-22",
  }),
  cityLine("宝鸡", "陕西省", {
    base_ceiling: "25209.00",
    ratio: "5%-12%",
    period: "2026年度（2026年7月起）",
    source_title: "宝鸡市调整2026年度住房公积金缴存基数",
    source_date: "2026-06",
  }),
  cityLine("焦作", "河南省"),
];

export function cities(find = ""): CitiesView {
  return {
    caution: "以中心公布为准",
    as_of: "2026-08-20",
    total: 136,
    cities: cityLines.filter((line) => line.city.includes(find) || line.province.includes(find)),
  };
}

const method = { ratio: "5%–12%", method: "四舍五入到元", source_title: "演示政策（虚构）", source_date: null };
export const profileLines: ProfileLine[] = [
  {
    code: "demo",
    name: "演示市住房公积金管理中心",
    city: "演示市",
    origin: "center",
    policy: { base_floor: "2100.00", base_ceiling: "27000.00", ...method },
    saved_at: null,
  },
  {
    code: "衡阳-自用",
    name: "衡阳市住房公积金管理中心",
    city: "衡阳市",
    origin: "own",
    policy: {
      base_floor: "1700.00",
      base_ceiling: "21142.00",
      ratio: "5%–12%",
      method: "见角分进元",
      source_title: "衡阳公积金缴存指南（基数+比例）（衡阳本地宝，来源衡阳市公积金管理中心）",
      source_date: "2026-07-29",
    },
    saved_at: "2026-07-06 14:32",
  },
  {
    code: "jiaozuo",
    name: "焦作市住房公积金管理中心",
    city: "焦作市",
    origin: "shipped",
    policy: { base_floor: null, base_ceiling: null, ...method },
    saved_at: null,
  },
];

function policyForm(effective_from: string, more: Partial<PolicyForm> = {}): PolicyForm {
  return {
    district: "",
    effective_from,
    effective_to: "",
    base_floor: "",
    base_ceiling: "",
    amount_floor: "",
    amount_ceiling: "",
    ratio_floor: "5%",
    ratio_ceiling: "12%",
    ratio_step: "",
    equal_ratio: false,
    rounding: "half_up_yuan",
    rounding_scope: "each_side",
    source_title: "建金管〔2005〕5号（全国统一的缴存比例区间，未含本市缴存基数上下限）",
    source_url: "",
    source_date: "",
    ...more,
  };
}

export function problem(pointer: string, message: string): ProfileProblemView {
  return { pointer, code: "profile-unreadable", title: "填写的内容认不出来", message };
}

export function profile(code: string): ProfileView {
  const line = profileLines.find((each) => each.code === code);
  if (line === undefined) throw uiError("desk-no-such-profile", { args: { profile: code } });
  const choice = (value: string, label: string) => ({ value, label });
  return {
    origin: line.origin,
    base: code,
    form: {
      code,
      name: line.name,
      city: line.city,
      note: "没有查到中心公布的缴存基数上下限、账号位数和计算方法，请向中心核实后填写。",
      districts: [],
      account_length: "12",
      id_types: [
        { code: "01", name: "身份证" },
        { code: "03", name: "护照" },
      ],
      id_type_codes: [],
      seal_reasons: [
        { code: "01", name: "解除或终止劳动关系", withdrawal_months: "6", synonyms: "离职、辞职、合同到期" },
        { code: "02", name: "离休退休", withdrawal_months: "0", synonyms: "退休" },
        { code: "03", name: "调出本市", withdrawal_months: "", synonyms: "" },
      ],
      kinds: [
        { kind: "status_change", label: "缴存人状态变更", offered: true, approval: "none", amount: "", people: "" },
        {
          kind: "base_adjustment",
          label: "年度基数调整",
          offered: true,
          approval: "above",
          amount: "10000.00",
          people: "100",
        },
      ],
      base_changes_per_year: "",
      status_changes_per_month: "1",
      deferral_months: "12",
      retention_years: "5",
      unit_items: ["clerk_name", "clerk_mobile"],
      name_update: "filing",
      id_update: "counter",
      cut_off_day: "25",
      remittance_day: "",
      attachment_count: "5",
      attachment_kilobytes: "2048",
      loan: { multiple: "", steps: [], ceiling: "", source_title: "", source_url: "", source_date: "" },
      timestamp_url: "",
      timestamp_roots: "",
      window_first: "07-01",
      window_last: "09-30",
      deadlines_move: false,
      holidays: "",
      worked: "",
      prepayment: false,
      channel: "upload_file",
      encoding: "gb18030",
      base_unit: "fen",
      minimum_tls: "1.3",
      policies: [
        policyForm("2005-01", { effective_to: "2026-06" }),
        policyForm("2026-07", {
          base_floor: line.policy?.base_floor ?? "",
          base_ceiling: line.policy?.base_ceiling ?? "",
          source_title: line.policy?.source_title ?? "",
        }),
      ],
    },
    problems: [],
    choices: {
      roundings: [choice("half_up_yuan", "四舍五入到元"), choice("ceil_yuan", "见角分进元")],
      scopes: [choice("each_side", "单位、个人分别计算"), choice("total", "按合计计算，单位部分为余额")],
      approvals: [choice("none", "不需复核"), choice("always", "一律复核"), choice("above", "超过界限才复核")],
      unit_items: [
        choice("clerk_name", "经办人姓名"),
        choice("clerk_mobile", "经办人手机号码"),
        choice("department", "公积金经办部门"),
      ],
      update_ways: [choice("filing", "可以变更"), choice("counter", "须到柜台办理")],
      channels: [choice("gateway", "联网申报"), choice("upload_file", "上传文件")],
      encodings: [choice("utf8", "UTF-8"), choice("gb18030", "GB18030")],
      base_units: [choice("yuan", "元"), choice("fen", "分")],
      minimum_tls: [choice("1.3", "TLS 1.3"), choice("1.2", "TLS 1.2")],
    },
    templates: [],
    mappings: 0,
    caution: "以中心公布为准",
  };
}

export const calibration: CalibrationView = {
  rows: 240,
  skipped: [6],
  skipped_total: 1,
  fits: [{ rounding: "ceil_yuan", rounding_scope: "each_side", label: "见角分进元（单位、个人分别计算）" }],
  nearest: null,
  contradicting: [],
  contradicting_total: 0,
};

export const noMethod: CalibrationView = {
  ...calibration,
  fits: [],
  nearest: { rounding: "half_up_yuan", rounding_scope: "each_side", label: "四舍五入到元（单位、个人分别计算）" },
  contradicting: [
    {
      row: 4,
      base: "1770.00",
      unit_amount: "999.00",
      personal_amount: "142.00",
      computed_unit_amount: "212.00",
      computed_personal_amount: "142.00",
    },
  ],
  contradicting_total: 1,
};

export function city(name: string): CityView {
  const line = cityLines.find((each) => each.city === name);
  if (line === undefined) throw uiError("desk-no-such-city", { args: { city: name } });
  const known = line.source_title !== null;
  return {
    line,
    profile: `city:${name}`,
    official_site: known ? "https://gjj.wuhan.gov.cn" : null,
    effective_from: known ? "2026-07" : null,
    effective_to: null,
    note: known
      ? "月缴存额上限8657.34元、下限240元。"
      : "没有查到中心公布的缴存基数上下限和缴存比例，请向中心核实后填写。",
    sources: known
      ? [
          {
            title: line.source_title ?? "",
            url: "https://gjj.wuhan.gov.cn/xwdt/tzgg/202607/t20260722_0001.html",
            date: line.source_date ?? "",
          },
        ]
      : [],
    as_of: "2026-08-20",
    caution: "以中心公布为准",
  };
}

export const statement: StatementView = {
  file_name: "交易明细.xlsx",
  payments: 12,
  incoming: 3,
  first: "2026-07-01",
  last: "2026-07-31",
  orders: [
    {
      number: "JK2026070600001",
      label: "2026-07 汇缴",
      code: "2026070001",
      amount: "372000.00",
      verdict: "statement-exact",
      fine: true,
      title: "已按单付出",
      message: "第 5 行于 2026-07-06 付出 372000.00 元，收款账号、金额和缴款码都与缴款单一致。等待中心入账即可。",
    },
    {
      number: "JK2026070600002",
      label: "业务流水号 BJ2026070600001",
      code: "2026070002",
      amount: "1976.00",
      verdict: "statement-code-missing",
      fine: false,
      title: "备注没有缴款码",
      message: "第 9 行于 2026-07-08 付出 1976.00 元，金额和收款账号相符，但备注「公积金」里没有缴款码 2026070002。",
    },
  ],
  strays: [{ row: 11, on: "2026-07-09", amount: "88.00", remark: "" }],
};

export function contributors(find = ""): ContributorsView {
  const lines = [
    { personal_account: "008000000001", name: "王小明", id_masked: "1101**********002X", status: "正常" },
    { personal_account: "008000000002", name: "阿依古丽·买买提", id_masked: "4405**********0014", status: "封存" },
  ].filter((line) => line.name.includes(find));
  return { total: 240, found: lines.length, lines };
}

export function openedView(awaited = 0): OpenedView {
  const { lines } = contributors();
  return { opened: lines.length, awaited, lines, roster_taken_at: "2026-07-06 15:05" };
}

/** Looks only for what stands there as it is typed; spelling is the core's. */
export function search(find: string, places: readonly string[]): SearchView {
  const people = contributors(find);
  return {
    people: people.lines,
    people_found: people.found,
    filings: home.filings.filter((filing) => filing.filing_number?.includes(find)),
    places: places.flatMap((place, index) => (place.includes(find) ? [index] : [])),
    pages: helpPages(find).pages,
  };
}

export function contributor(account = "008000000001", sealed_on = ""): ContributorView {
  const line = contributors().lines.find((each) => each.personal_account === account);
  if (line === undefined) throw uiError("desk-contributor-gone");
  const from = (sentence: string): string => (sealed_on === "" ? "封存满 6 个月后可以申请提取。" : sentence);
  return {
    line,
    id_type: "身份证",
    id_number: "11010519491231002X",
    sealed: line.status === "封存",
    base: "12345.00",
    unit_ratio: "8%",
    personal_ratio: "8%",
    unit_amount: "988.00",
    personal_amount: "988.00",
    monthly_amount: "1976.00",
    paid_through: "2026-06",
    mobile: "13800000000",
    bank_name: "中国建设银行",
    bank_card_masked: "6222***********0123",
    roster_taken_at: "2026-07-06 09:00",
    today: "2026-07-06",
    withdrawals: [
      { reason: "解除或终止劳动关系", sentence: from("2027年1月6日起可以申请提取。"), open: false },
      {
        reason: "离休退休",
        sentence: sealed_on === "" ? "封存后即可申请提取。" : "已可申请提取（自 2026年7月6日起）。",
        open: sealed_on !== "",
      },
      { reason: "调出本市", sentence: "按此原因封存不能提取，账户余额继续保留。", open: false },
    ],
    loan: {
      multiple: "20",
      steps: [
        { from_months: 6, coefficient: "0.8" },
        { from_months: 24, coefficient: null },
      ],
      ceiling: "700000.00",
      source_title: "演示政策（虚构）",
      source_date: null,
    },
    caution: "仅供参考，以中心审核为准",
  };
}

const helpLines: HelpLine[] = [
  { page: "id-became-number", screen: false, fault: 1, title: "证件号码成了数字" },
  { page: "separator", screen: false, fault: 7, title: "姓名的间隔号" },
];

export function helpPages(find = ""): HelpPagesView {
  return { total: helpLines.length, pages: helpLines.filter((line) => line.title.includes(find)) };
}

export function helpPage(page: string): HelpPageView {
  if (page.startsWith("screen-") || page === "keys") {
    const blocks = [{ points: false, texts: [page] }];
    return {
      line: { page, screen: true, fault: null, title: "这一页" },
      codes: [],
      sections: ["用来做什么", "怎么做", "常见差错"].map((title) => ({ title, blocks })),
    };
  }
  const line = helpLines[0];
  if (line === undefined || (page !== line.page && !page.startsWith("ID-"))) {
    throw uiError("desk-no-such-page", { args: { page } });
  }
  return {
    line,
    codes: [{ code: "ID-NUMERIC", title: "证件号码成了数字" }],
    sections: [
      { title: "是什么样", blocks: [{ points: false, texts: ["号码显示成 <b>4.10801E+17</b>。"] }] },
      { title: "您怎么做", blocks: [{ points: true, texts: ["先核对", "再采用"] }] },
    ],
  };
}

export function unitsMonth(find = ""): UnitsMonth {
  const line = {
    center: "演示市住房公积金管理中心",
    month: "2026-07",
    people: 240,
    drafts: 1,
    demo: false,
    logs_in: false,
    band: 2,
  };
  const lines: UnitsMonth["lines"] = [
    { ...line, account: "430400000002", name: "衡阳市明远软件有限公司", standing: "faults", open: false },
    {
      ...line,
      account: session.unit_account,
      name: session.unit_name,
      standing: "ready",
      open: true,
      demo: true,
      logs_in: false,
      band: null,
    },
  ];
  return { total: lines.length, lines: lines.filter((each) => each.name.includes(find)) };
}

/** A certificate of somebody in between. */
export const connectionTest: ConnectionTest = {
  address: "center.example:443",
  auto_config: null,
  steps: [
    { step: "name", state: "passed", why: null },
    { step: "proxy", state: "skipped", why: null },
    { step: "tcp", state: "passed", why: null },
    { step: "tls", state: "failed", why: uiError("net-certificate-untrusted") },
    { step: "http", state: "skipped", why: null },
    { step: "clock", state: "skipped", why: null },
  ],
};

export const preferences: Preferences = {
  theme: "system",
  scale: 100,
  contrast: false,
  notify: true,
  proxy: "system",
  proxy_address: "",
  proxy_user: "",
  proxy_password: "none",
  toured: true,
  columns: {},
  print_shift: { right: 0, down: 0 },
};

export function notices(read: readonly string[] = []): NoticesView {
  const lines: NoticesView["notices"] = [
    {
      key: "filing:1",
      tone: "bad",
      title: "年度基数调整 2026-07：结果尚未确认",
      text: "请先查询结果，不要重新提交。",
      jump: { label: "查看申报", screen: "filing", argument: "filing-1" },
      read: false,
    },
    {
      key: "deadline:1",
      tone: "warn",
      title: "本月人员、基数变更截止",
      text: "2026-07-25，还有 5 天",
      jump: { label: "看本月", screen: "month", argument: "" },
      read: false,
    },
  ];
  const all = lines.map((line) => ({ ...line, read: read.includes(line.key) }));
  return { notices: all, unread: all.filter((line) => !line.read).length };
}

/** Everything is there that filing needs. */
export const ready: readonly ReadyLine[] = [
  { part: "connection", state: "good", said: "能连上演示市住房公积金管理中心" },
  { part: "certificate", state: "good", said: "王晓敏，有效期至 2028-07-01" },
  { part: "driver", state: "unneeded", said: "用文件证书签名，不用 UKey 的驱动" },
  { part: "role", state: "good", said: "经办人：可以经办" },
  { part: "roster", state: "good", said: "240 人，2026-07-06 14:00 取得" },
  { part: "rules", state: "good", said: "演示市住房公积金管理中心下发的规则" },
  { part: "clock", state: "good", said: "本机时钟与中心一致" },
  { part: "fonts", state: "good", said: "打印单证的字体都在" },
  { part: "printing", state: "good", said: "单证用系统的 PDF 阅读器打开，在那里选打印机" },
];

function defaults(): Answers {
  return {
    preferences: () => preferences,
    preferences_set: (args) => args["preferences"],
    about: () => ({
      version: "0.1.0",
      system: "Debian GNU/Linux 13 x86_64",
      data_folder: "/home/周/数据",
      export_folder: "/home/周/汇缴通",
      updates: false,
      works: [{ name: "Vue", what: "页面", licence: "MIT" }],
    }),
    samples_export: () => ({
      folder: "/home/周/汇缴通/示例表格",
      files: [{ file: "01-基数调整-无差错.xlsx", note: "没有差错的一份" }],
    }),
    diagnostics_export: () => ({ folder: "/home/周/汇缴通/诊断资料", file: "诊断资料-20260706-143200.txt" }),
    connection_test: () => connectionTest,
    center_test: () => connectionTest,
    readiness: () => ready,
    id_shown: () => ({ screen: "个人事项" }),
    units_month: ({ find }) => unitsMonth(String(find)),
    unit_leave: () => null,
    notices: () => notices(),
    notices_read: ({ keys }) => notices(keys as string[]),
    start: () => start,
    safety: () => safety,
    enter_demo: () => session,
    home: () => home,
    refresh: () => session,
    pulse: () => ({ revision: 0, online: true, as_of: "2026-07-06 14:00", notices: [], locked: false }),
    units: () => [],
    units_joined: () => [],
    kinds: () => kinds,
    draft_new: ({ kind, period }) => blankDraft({ kind: String(kind), period: String(period) }),
    draft_lookup: () => blankDraft({ revision: 3 }),
    import_preview: () => preview,
    import_accept: () => draftView(),
    step: () => ({ done: 0, total: 0 }),
    step_cancel: () => null,
    draft: ({ draft, filter }) => {
      if (draft === "h1") return blankDraft();
      const { flagged } = filter as GridFilter;
      return flagged ? draftView({ rows: 12 }) : draftView();
    },
    draft_page: ({ draft, page }) => {
      if (draft === "h1") return blankPage();
      const first = Number(page) * 200;
      const rows = Array.from({ length: Math.min(200, 240 - first) }, (_, i) => gridRow(first + i));
      return { revision: 7, page, total: 240, rows };
    },
    draft_findings: ({ code, offset }) => {
      const all = findingsOf(code as string | null);
      return { revision: 7, total: all.length, findings: all.slice(Number(offset), Number(offset) + 200) };
    },
    draft_values: () => ({
      values: [
        { text: "6000.00", rows: 200 },
        { text: "", rows: 40 },
      ],
      more: 0,
    }),
    draft_replace: () => ({
      cells: 3,
      view: draftView(),
    }),
    draft_delete: () => ({ ...home, drafts: home.drafts.slice(1) }),
    draft_restore: () => home,
    draft_fix: () => draftView({ revision: 8 }),
    draft_edit: () => draftView({ revision: 8 }),
    draft_confirm: () => draftView({ revision: 8 }),
    review: () => review,
    month: () => month(),
    verification: () => verification(),
    verification_people: () => people(),
    payments: () => payments(),
    order_review: ({ order }) => orderReview(order as OrderForm),
    order_sign: ({ order }) => orderSigned(order as OrderForm),
    query: ({ form }) => queryView(form as QueryForm),
    receipt_chain: () => ({ receipts: 3, checked_at: "2026-07-06 14:00", faults: [] }),
    chart_export: () => ({ folder: "/home/周/汇缴通/查询", file: "缴存走势-110100000001-2024-08至2026-07.xlsx" }),
    query_export: () => ({ folder: "/home/周/汇缴通/查询", file: "暂存款明细.xlsx" }),
    query_filing: () => filingAtCenter(),
    practice: () => null,
    sign_and_submit: () => filingView("accepted"),
    filing: () => filingView("accepted"),
    ask: () => filingView("accepted"),
    help_pages: ({ find }) => helpPages(String(find)),
    help_page: ({ page }) => helpPage(String(page)),
    search: ({ find, places }) => search(String(find), places as string[]),
    contributors: ({ find }) => contributors(String(find)),
    contributor: ({ account, sealed_on }) => contributor(String(account), String(sealed_on)),
    loan_ceiling: ({ balance, months, coefficient }) =>
      months === "30" && coefficient === ""
        ? { amount: null, asks_coefficient: true, sentence: "中心未公布缴存满 24 个月的时间系数，请向中心咨询后填写。" }
        : { amount: "480000.00", asks_coefficient: false, sentence: `${String(balance)} × 20 × 1.2。` },
    statement_match: () => statement,
    cities: ({ find }) => cities(String(find)),
    city: (args) => city(String(args["city"])),
    profiles: () => ({ profiles: profileLines, caution: "以中心公布为准" }),
    profile: (args) => profile(String(args["profile"])),
    profile_check: () => [],
    profile_save: () => ({ saved: true, problems: [], mappings: 0 }),
    profile_import: (args) => ({
      ...profile("衡阳-自用"),
      origin: "file",
      base: `file:${String(args["ticket"])}`,
      mappings: 2,
    }),
    profile_delete: () => ({ profiles: [], caution: "以中心公布为准" }),
    calibrate: () => calibration,
    profile_export: (args) => ({
      folder: "C:\\Users\\周晓燕\\Documents\\汇缴通",
      file: `${String(args["profile"]).replace("city:", "")}-公积金规则.json`,
    }),
    filing_reopen: () => draftView(),
    draft_export_errors: () => ({
      folder: "C:\\Users\\周晓燕\\Documents\\汇缴通\\错误表",
      file: "02-基数调整-含12处差错-错误表.xlsx",
      marked: 13,
      layout_kept: true,
    }),
    template_export: () => ({
      folder: "C:\\Users\\周晓燕\\Documents\\汇缴通\\模板",
      file: "年度基数调整-模板.xlsx",
    }),
    filing_accounts: () => openedView(),
    filing_accounts_export: () => ({
      folder: "C:\\Users\\周晓燕\\Documents\\汇缴通\\查询",
      file: "新开立的个人账号-DJ2026070600021.xlsx",
    }),
    filing_export: () => ({ folder: "C:\\Users\\周晓燕\\Documents\\汇缴通\\JS2026070600017" }),
  };
}
