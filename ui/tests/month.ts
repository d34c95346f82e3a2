/** The month and its money for tests. Never part of the product. */
import type {
  ChartMonth,
  DuePerson,
  FigureKey,
  FigureView,
  IncomingView,
  MonthTableView,
  MonthView,
  OrderView,
  PaymentsView,
  VerificationPeople,
  VerificationView,
} from "../src/backend";

const AS_OF = "2026-07-10 09:12";

function figures([before, came, left, now]: readonly number[], amounts: readonly number[]): FigureView[] {
  const figure = (key: FigureKey, label: string, people = 0, amount = 0): FigureView => {
    return { key, label, people, amount: `${amount}.00` };
  };
  const [was, more, less, moved, due] = amounts;
  return [
    figure("previous", "上月汇缴", before, was),
    figure("increase", "本月增加", came, more),
    figure("decrease", "本月减少", left, less),
    figure("adjusted", "基数（比例）调整", moved === 0 ? 0 : before, moved),
    figure("due", "本月应缴", now, due),
  ];
}

/** Two years to July 2026, each month from the one before; bases go up in July. */
const chart: ChartMonth[] = [];
for (let index = 0, people = 214, amount = 342_000; index < 24; index += 1) {
  const [came, left] = [(index * 7) % 5, (index * 3) % 4];
  const [more, less, moved] = [came * 1_620, left * 1_540, index % 12 === 11 ? 33_326 : 0];
  const due = amount + more - less + moved;
  const counts = [people, came, left, people + came - left];
  chart.push({
    month: new Date(Date.UTC(2024, 7 + index, 1)).toISOString().slice(0, 7),
    state: index === 23 ? "open" : index === 22 ? "verified" : "paid",
    figures: figures(counts, [amount, more, less, moved, due]),
  });
  people += came - left;
  amount = due;
}

export function month(more: Partial<MonthView> = {}): MonthView {
  return {
    month: "2026-07",
    today: "2026-07-10",
    steps: [
      {
        key: "people",
        label: "人员变更",
        state: "done",
        lines: [
          ["新增", "3 人"],
          ["减少", "1 人"],
        ],
        action: null,
      },
      {
        key: "bases",
        label: "基数与比例",
        state: "done",
        lines: [["基数调整", "已办结 230 人"]],
        action: null,
      },
      {
        key: "verification",
        label: "汇缴核定",
        state: "now",
        lines: [
          ["应缴", "238 人"],
          ["金额", "436,790.00 元"],
        ],
        action: { label: "去核定", screen: "verification", argument: "2026-07" },
      },
      { key: "payment", label: "单位缴款", state: "waiting", lines: [], action: null },
      { key: "posting", label: "到账入账", state: "waiting", lines: [], action: null },
    ],
    deadlines: [
      { on: "2026-07-12", label: "王芳入职满 30 日，须办理缴存登记", days_left: 2, urgent: true, note: "" },
      {
        on: "2026-07-27",
        label: "中心当月业务截止",
        days_left: 17,
        urgent: false,
        note: "原定 2026-07-25 是周六，按中心规则顺延到下一个工作日；以中心公布为准",
      },
      { on: "2028-12-31", label: "经办人证书到期", days_left: 905, urgent: false, note: "" },
    ],
    holidays_unknown: [],
    chart,
    changes: [
      ["人数", "+2 人"],
      ["月缴存额", "+35,556.00 元"],
    ],
    as_of: AS_OF,
    stale: false,
    ...more,
  };
}

function table(of: string, people: number): MonthTableView {
  return {
    month: of,
    figures: [
      { key: "previous", label: "上月汇缴", people: 236, amount: "401234.00" },
      { key: "increase", label: "本月增加", people: 3, amount: "4210.00" },
      { key: "decrease", label: "本月减少", people: 239 - people, amount: "1980.00" },
      { key: "adjusted", label: "基数（比例）调整", people: 230, amount: "33326.00" },
      { key: "due", label: "本月应缴", people, amount: "436790.00" },
    ],
    due_capitals: "肆拾叁万陆仟柒佰玖拾元整",
  };
}

export function verification(more: Partial<VerificationView> = {}): VerificationView {
  return {
    first: "2026-07",
    through: "2026-07",
    choices: ["2026-07", "2026-08"],
    tables: [table("2026-07", 238)],
    suspense: "1200.00",
    available: "1100.00",
    obstacles: [
      {
        code: "BASE-BELOW-FLOOR",
        level: "warning",
        title: "基数低于下限",
        message: "李娜的缴存基数 1,900.00 低于下限 2,200.00，请核对。",
        jump: { label: "查看此人", screen: "contributor", argument: "201500010003" },
      },
    ],
    blocked: false,
    differences: [],
    compared: true,
    verified: [
      {
        month: "2026-06",
        people: 236,
        amount: "401234.00",
        state: "verified",
        filing_number: "HD2026061000017",
        filing: "v6",
        revocable: true,
      },
      {
        month: "2026-05",
        people: 236,
        amount: "401234.00",
        state: "paid",
        filing_number: "HD2026051000011",
        filing: "v5",
        revocable: false,
      },
      {
        month: "2026-04",
        people: 235,
        amount: "400120.00",
        state: "paid",
        filing_number: "",
        filing: null,
        revocable: false,
      },
    ],
    fingerprint: "f1a2",
    roster_version: 12,
    as_of: AS_OF,
    stale: false,
    ...more,
  };
}

/** Everything that can stand in the way at once. */
export const blockedVerification = verification({
  through: "2026-08",
  tables: [table("2026-07", 238), table("2026-08", 237)],
  blocked: true,
  obstacles: [
    {
      code: "VERIFY-OPEN",
      level: "error",
      title: "有业务还没有办结",
      message: "年度基数调整 JS2026070600017 还在审核，办结或撤回后再核定。",
      jump: { label: "查看申报", screen: "filing", argument: "f1" },
    },
    ...verification().obstacles,
  ],
  differences: [
    {
      month: "2026-07",
      name: "赵六",
      personal_account: "201500010044",
      here: "不在名单",
      center: "月缴存额 1,024.00",
    },
    {
      month: "2026-07",
      name: "欧阳思远",
      personal_account: "201500010004",
      here: "月缴存额 1,760.00",
      center: "月缴存额 1,680.00",
    },
  ],
});

function person(index: number): DuePerson {
  const names = ["张伟", "王芳", "李娜", "欧阳思远", "刘洋"];
  return {
    personal_account: `2015000${10001 + index}`,
    name: names[index % 5] ?? "",
    id_number: `4108**********${1000 + index}`,
    base: `${5000 + index * 137}.00`,
    unit_amount: `${400 + index * 11}.00`,
    personal_amount: `${400 + index * 11}.00`,
    monthly: `${800 + index * 22}.00`,
    before: index % 4 === 0 ? `${780 + index * 22}.00` : null,
    why: index % 4 === 0 ? "2026-07 起基数调整" : "与上月相同",
  };
}

export function people(more: Partial<VerificationPeople> = {}): VerificationPeople {
  const page = more.page ?? 0;
  const total = 238;
  const list = Array.from({ length: Math.min(200, total - page * 200) }, (_, index) => person(page * 200 + index));
  return { page, total, people: list, ...more };
}

export function order(more: Partial<OrderView> = {}): OrderView {
  return {
    number: "JK2026071000021",
    filing: "p1",
    here: true,
    label: "2026-07 汇缴",
    method: "transfer",
    method_name: "转账",
    people: 238,
    amount: "436790.00",
    state: "awaiting",
    state_name: "待到账",
    reason: "",
    ordered_at: "2026-07-10 09:30",
    settled_on: null,
    received: "0.00",
    withdrawable: true,
    card: {
      account_name: "演示市住房公积金管理中心归集户",
      account_number: "3210 9876 5432 1098 765".replaceAll(" ", ""),
      bank: "演示银行演示市分行营业部",
      amount: "436790.00",
      amount_capitals: "肆拾叁万陆仟柒佰玖拾元整",
      code: "JK2026071000021",
    },
    ...more,
  };
}

export const failedOrder = order({
  number: "JK2026060900014",
  filing: "p0",
  label: "2026-06 汇缴",
  state: "failed",
  state_name: "缴款失败",
  reason: "到账 401,134.00 元，比应缴少 100.00 元",
  received: "401134.00",
  amount: "401234.00",
  withdrawable: false,
  card: null,
});

export const paidOrder = order({
  number: "JK2026050800009",
  filing: "p2",
  here: false,
  label: "2026-05 汇缴",
  state: "paid",
  state_name: "已入账",
  amount: "401234.00",
  received: "401234.00",
  settled_on: "2026-05-09",
  withdrawable: false,
  card: null,
});

export const incoming: IncomingView = {
  number: "DZ2026061000003",
  received_on: "2026-06-10",
  amount: "401134.00",
  remark: "公积金",
  payer: "演示市云岭精密仪器有限公司",
  payer_account: "3210***********8899",
  reason: "附言里没有缴款码",
  ways: [
    { key: "due:2026-06", label: "2026-06 汇缴" },
    { key: "suspense", label: "转入暂存款" },
    { key: "return", label: "申请退回" },
  ],
};

export function payments(more: Partial<PaymentsView> = {}): PaymentsView {
  return {
    dues: [
      {
        pays: "month:2026-06",
        label: "2026-06 汇缴",
        kind_name: "汇缴核定",
        people: 236,
        unit_amount: "200617.00",
        personal_amount: "200617.00",
        amount: "401234.00",
        ordered: null,
      },
      {
        pays: "month:2026-07",
        label: "2026-07 汇缴",
        kind_name: "汇缴核定",
        people: 238,
        unit_amount: "218395.00",
        personal_amount: "218395.00",
        amount: "436790.00",
        ordered: "JK2026071000021",
      },
      {
        pays: "filing:BJ2026070300002",
        label: "业务流水号 BJ2026070300002",
        kind_name: "补缴",
        people: 2,
        unit_amount: "1280.05",
        personal_amount: "1280.05",
        amount: "2560.10",
        ordered: null,
      },
    ],
    orders: [order(), failedOrder, paidOrder],
    suspense: "401134.00",
    available: "0.00",
    debit_agreement: "2026-12-31",
    unprocessed: [incoming],
    methods: [
      { key: "transfer", label: "转账", usable: true, why: "签名后按缴款卡付款" },
      { key: "suspense", label: "暂存款", usable: false, why: "可用的暂存款为零" },
      { key: "direct_debit", label: "委托收款", usable: true, why: "银行次日从单位账户扣款" },
    ],
    as_of: AS_OF,
    stale: false,
    ...more,
  };
}
