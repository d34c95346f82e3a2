import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import FilingScreen from "../src/screens/filing/FilingScreen.vue";
import { bridge } from "../src/screens/month/chart";
import MonthScreen from "../src/screens/month/MonthScreen.vue";
import PaymentsScreen from "../src/screens/payment/PaymentsScreen.vue";
import UnprocessedScreen from "../src/screens/payment/UnprocessedScreen.vue";
import PaperButton from "../src/screens/paper/PaperButton.vue";
import VerificationScreen from "../src/screens/remittance/VerificationScreen.vue";
import ReviewScreen from "../src/screens/review/ReviewScreen.vue";
import { readable, sum } from "../src/widgets/amount";
import type { ChartMonth, OrderForm, SessionView } from "../src/backend";
import { filingView, home, orderReview, review, session, uiError } from "./fake";
import { blockedVerification, failedOrder, month, order, payments, people, verification } from "./month";
import { button, mountScreen, type Mounted } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

const asked = ({ backend }: Mounted, command: string) =>
  backend.calls.filter((call) => call.command === command).map((call) => call.args);

function labelled(mounted: Mounted, label: string): HTMLElement {
  const found = mounted.wrapper.element.querySelector(`[aria-label="${label}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`nothing is called ${label}`);
  return found;
}

describe("sums in fen", () => {
  test.each([
    [[], "0.00"],
    [["0.10", "0.20"], "0.30"],
    [["436790.00", "2560.10"], "439350.10"],
    [["-0.05"], "-0.05"],
    [["90071992547409.93", "0.09"], "90071992547410.02"],
  ])("%j is %s", (amounts, total) => {
    expect(sum(amounts), "exact, as the core would add it").toBe(total);
  });
});

describe("the bridge of a month", () => {
  const of = (amounts: readonly string[], people: readonly number[]): ChartMonth => ({
    month: "2026-07",
    state: "open",
    figures: (["previous", "increase", "decrease", "adjusted", "due"] as const).map((key, at) => ({
      key,
      label: key,
      people: people[at] ?? 0,
      amount: amounts[at] ?? "",
    })),
  });

  test("begins where the month before ended and ends at what is due", () => {
    const july = of(["1000.00", "300.00", "120.00", "-50.00", "1130.00"], [10, 3, 1, 4, 12]);
    expect(bridge(july, "amount")).toEqual({ increase: [1000, 1300], decrease: [1180, 1300], adjusted: [1180, 1130] });
    expect(bridge(july, "people"), "who is adjusted is still one").toEqual({
      increase: [10, 13],
      decrease: [12, 13],
      adjusted: [12, 12],
    });
  });
});

test.each([
  ["230 人，33326.00 元", "230 人，33,326.00 元"],
  ["-1980.00 元", "-1,980.00 元"],
  ["2026-07 汇缴，业务流水号 20260700000012", "2026-07 汇缴，业务流水号 20260700000012"],
  ["版本 1.2345.00", "版本 1.2345.00"],
])("%s reads %s", (text, read) => {
  expect(readable(text), "amounts alone are grouped").toBe(read);
});

describe("the month", () => {
  test("is a path; only the step at hand has the button that leads on", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false });
    await settle();
    const steps = mounted.wrapper.findAll("ol li");
    expect(steps.map((step) => step.find("h3").text())).toEqual([
      "人员变更",
      "基数与比例",
      "汇缴核定",
      "单位缴款",
      "到账入账",
    ]);
    expect(steps.filter((step) => step.attributes("aria-current") === "step")).toHaveLength(1);
    expect(steps[2]?.text(), "state and figures").toMatch(/待办理.*238 人.*436,790\.00 元/s);
    expect(mounted.wrapper.findAll("ol li button"), "nothing else is offered").toHaveLength(1);
    button(mounted.wrapper, "去核定").click();
    expect(mounted.app.screen.value).toEqual({ name: "verification", through: "2026-07" });
  });

  test("says by when what is due, and what is different from last month", async () => {
    const { wrapper } = mountScreen(MonthScreen, { dragging: false });
    await settle();
    expect(wrapper.text()).toContain("还有 2 天");
    expect(wrapper.text()).toContain("+35,556.00 元");
  });

  test("says of a deadline that it falls on a day off, and which years nobody typed in", async () => {
    const said = "中心规则里没有 2027 年的放假安排";
    const known = mountScreen(MonthScreen, { dragging: false });
    await settle();
    expect(known.wrapper.text()).toContain("原定 2026-07-25 是周六，按中心规则顺延到下一个工作日");
    expect(known.wrapper.text(), "nothing is missing").not.toContain("放假安排");
    const missing = mountScreen(MonthScreen, { dragging: false }, { month: () => month({ holidays_unknown: [2027] }) });
    await settle();
    expect(missing.wrapper.text()).toContain(said);
  });

  test("reads the months out by keyboard and as a table", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false });
    await settle();
    const chart = mounted.wrapper.find("[role=slider]");
    expect(chart.attributes("aria-valuetext"), "begins at the newest").toContain("2026-07：");
    expect(chart.attributes("aria-valuetext")).toContain("未核定");
    await chart.trigger("keydown", { key: "ArrowLeft" });
    expect(chart.attributes("aria-valuetext")).toContain("2026-06：");
    await chart.trigger("keydown", { key: "Home" });
    expect(chart.attributes("aria-valuetext")).toContain("2024-08：");
    await chart.trigger("keydown", { key: "ArrowLeft" });
    expect(chart.attributes("aria-valuenow"), "there is nothing before the first").toBe("0");
    button(mounted.wrapper, "以表格查看").click();
    await settle();
    const [, ...others] = month().chart;
    expect(mounted.wrapper.find("[role=slider]").exists()).toBe(false);
    for (const point of others) expect(mounted.wrapper.text()).toContain(point.month);
    const rows = mounted.wrapper.findAll("section[aria-labelledby=month-chart] tbody tr");
    expect(rows.at(-1)?.text(), "with what came and what went").toMatch(/1 人 1,620\.00.*1 人 1,540\.00/);
  });

  test("reads out how each month came from the one before", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false });
    await settle();
    await mounted.wrapper.get("select").setValue("amount");
    const said = mounted.wrapper.get("[role=slider]").attributes("aria-valuetext");
    expect(said).toMatch(
      /^2026-07：上月汇缴 .*，本月增加 1 人 1,620\.00 元，本月减少 1 人 1,540\.00 元，.*，本月应缴 /,
    );
  });

  test("is written as a workbook; where nothing can be drawn there is no picture", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false });
    await settle();
    button(mounted.wrapper, "导出").click();
    await settle();
    const entries = [...document.querySelectorAll<HTMLElement>(".el-dropdown-menu__item")];
    entries.find((entry) => entry.textContent === "工作簿（xlsx）")?.click();
    await settle();
    expect(asked(mounted, "chart_export")).toEqual([{ picture: null }]);
    expect(mounted.wrapper.text()).toContain("缴存走势-110100000001-2024-08至2026-07.xlsx");
  });

  test("of the local copy says how old it is", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false }, { month: () => month({ stale: true }) });
    await settle();
    expect(mounted.wrapper.text()).toContain("本机副本，截至 2026-07-10 09:12");
    button(mounted.wrapper, "重新连接").click();
    await settle();
    expect(asked(mounted, "month")).toHaveLength(2);
  });

  test("that can't be read says why and leaves the rest of the page", async () => {
    const answers = {
      month: () => {
        throw uiError("net-unreachable");
      },
    };
    const { wrapper } = mountScreen(MonthScreen, { dragging: false }, answers);
    await settle();
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
    expect(wrapper.text()).toContain("草稿");
  });

  test("is read again when something changed at the center", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false });
    await settle();
    mounted.app.revision.value += 1;
    await settle();
    expect(asked(mounted, "month")).toHaveLength(2);
  });

  test("lists what waits and leads to it; deadlines have a place of their own", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false });
    await settle();
    const todo = mounted.wrapper.get("section[aria-labelledby=month-todo]");
    expect(todo.text()).toContain("待办 1 件");
    expect(todo.text(), "stands among the deadlines").not.toContain("本月人员、基数变更截止");
    await todo.get("button.line").trigger("click");
    await settle();
    expect(asked(mounted, "notices_read"), "as in the bell").toEqual([{ keys: ["filing:1"] }]);
    expect(mounted.app.screen.value).toEqual({ name: "filing", filing: "filing-1" });
  });

  test("has nothing to say where nothing waits", async () => {
    const mounted = mountScreen(MonthScreen, { dragging: false }, { notices: () => ({ notices: [], unread: 0 }) });
    await settle();
    expect(mounted.wrapper.find("section[aria-labelledby=month-todo]").exists()).toBe(false);
  });

  test("finds the filings of a month again, and prints its papers together", async () => {
    const [newest] = home.filings;
    if (!newest) throw new Error("the fake has no filing");
    const months = ["2026-07", "2026-07", "2026-06", "2026-05", "2026-04", "2026-03", "2025-07"];
    const filings = months.map((period, at) => ({ ...newest, period, filing: `of-${at}`, filing_number: `JS-${at}` }));
    const all = { ...home, filings: [...filings, { ...newest, period: "2025-01", stage: "refused" as const }] };
    const mounted = mountScreen(MonthScreen, { dragging: false }, { home: () => all });
    await settle();
    const card = mounted.wrapper.get("section[aria-labelledby=month-filings]");
    const choose = card.get<HTMLSelectElement>("select");
    expect(choose.findAll("option").map((each) => each.text())).toEqual(["全部年月", ...new Set(months), "2025-01"]);
    expect(card.text(), "the newest is offered first").toContain("打印 2026-07 的单证");
    expect(card.findAll("tbody tr"), "the newest few").toHaveLength(5);
    await choose.setValue("2025-07");
    expect(card.findAll("tbody tr").map((row) => row.text())).toEqual([expect.stringContaining("JS-6")]);
    await card.findComponent(PaperButton).get("button").trigger("click");
    await settle();
    expect(asked(mounted, "paper")).toEqual([{ form: { paper: "month", month: "2025-07" } }]);
    await choose.setValue("2025-01");
    expect(card.findComponent(PaperButton).exists(), "the center took nothing of it").toBe(false);
  });

  test("of a unit without a gateway says by when what is due, too", async () => {
    const open = { ...session, channel: "upload_file", signs: false };
    const mounted = mountScreen(MonthScreen, { dragging: false }, { home: () => ({ ...home, session: open }) }, open);
    await settle();
    const todo = mounted.wrapper.get("section[aria-labelledby=month-todo]");
    expect(todo.text(), "nothing else on the page says so").toContain("本月人员、基数变更截止2026-07-25，还有 5 天");
    expect(todo.text(), "one is there already").not.toContain("看本月");
  });

  test("is not asked for where the center has no gateway", async () => {
    const open = { ...session, channel: "upload_file", signs: false };
    const mounted = mountScreen(MonthScreen, { dragging: false }, { home: () => ({ ...home, session: open }) }, open);
    await settle();
    expect(asked(mounted, "month")).toEqual([]);
    expect(mounted.wrapper.text()).not.toContain("办理进度");
  });
});

describe("verification", () => {
  test("each figure opens the people behind it, page by page", async () => {
    const answers = { verification_people: ({ page }: Record<string, unknown>) => people({ page: Number(page) }) };
    const mounted = mountScreen(VerificationScreen, {}, answers);
    await settle();
    button(mounted.wrapper, "2026-07 基数（比例）调整").click();
    await settle();
    expect(asked(mounted, "verification_people")).toEqual([{ month: "2026-07", figure: "adjusted", page: 0 }]);
    expect(mounted.wrapper.text()).toContain("第 1 至 200 人，共 238 人");
    expect(mounted.wrapper.text(), "and says why somebody stands there").toContain("2026-07 起基数调整");
    expect(button(mounted.wrapper, "上一页").disabled).toBe(true);
    button(mounted.wrapper, "下一页").click();
    await settle();
    expect(asked(mounted, "verification_people").at(-1)).toMatchObject({ page: 1 });
    expect(mounted.wrapper.text()).toContain("第 201 至 238 人");
    expect(button(mounted.wrapper, "下一页").disabled).toBe(true);
  });

  test("of several months is asked for with the last one, and signed with it", async () => {
    const answers = {
      verification: ({ through }: Record<string, unknown>) =>
        verification({ through: typeof through === "string" ? through : "2026-07" }),
    };
    const mounted = mountScreen(VerificationScreen, {}, answers);
    await settle();
    await mounted.wrapper.find("select").setValue("2026-08");
    await settle();
    expect(asked(mounted, "verification")).toEqual([{ through: null }, { through: "2026-08" }]);
    button(mounted.wrapper, "核对并签名").click();
    expect(mounted.app.screen.value).toEqual({ name: "order", order: { order: "verify", through: "2026-08" } });
  });

  test("with something in the way can't be signed, and leads to what it is", async () => {
    const mounted = mountScreen(VerificationScreen, {}, { verification: () => blockedVerification });
    await settle();
    expect(button(mounted.wrapper, "核对并签名").disabled).toBe(true);
    expect(mounted.wrapper.text()).toContain("有须处理的事项");
    expect(mounted.wrapper.text(), "person by person").toMatch(/赵六.*不在名单.*1,024\.00/s);
    expect(mounted.wrapper.text(), "what differs is not said to agree").not.toContain("完全一致");
    button(mounted.wrapper, "查看申报").click();
    expect(mounted.app.screen.value).toEqual({ name: "filing", filing: "f1" });
    button(mounted.wrapper, "查看此人").click();
    expect(mounted.app.screen.value).toEqual({ name: "contributors", account: "201500010003" });
  });

  test("that is not paid can be taken back, on the page of its filing", async () => {
    const mounted = mountScreen(VerificationScreen, {}, { verification: () => verification() });
    await settle();
    const offered = [...mounted.wrapper.element.querySelectorAll("button")].filter(
      (each) => each.textContent?.trim() === "撤销核定",
    );
    expect(offered, "the last month only, nothing that is paid").toHaveLength(1);
    offered[0]?.click();
    expect(mounted.app.screen.value).toMatchObject({ name: "filing", filing: "v6" });
  });

  test("is printed as the center has it, where the center has given it a number", async () => {
    const { wrapper } = mountScreen(VerificationScreen, {}, { verification: () => verification() });
    await settle();
    const offered = wrapper.findAllComponents(PaperButton).filter((each) => each.props("label") === "打印汇缴书");
    expect(
      offered.map((each) => each.props("paper")),
      "not the month from before the center's books",
    ).toEqual(["2026-06", "2026-05"].map((month) => ({ paper: "remittance", month })));
    expect(offered[0]?.get("button").attributes("aria-label"), "which of them").toContain("2026-06");
  });

  test("of the local copy is shown and not signed", async () => {
    const answers = { verification: () => verification({ stale: true, compared: false }) };
    const mounted = mountScreen(VerificationScreen, {}, answers);
    await settle();
    expect(mounted.wrapper.text()).toContain("本机副本");
    expect(mounted.wrapper.text()).toContain("还没有与中心的名单核对");
    expect(button(mounted.wrapper, "核对并签名").disabled).toBe(true);
  });

  test("that is wholly done says so", async () => {
    const none = verification({ tables: [], choices: [], obstacles: [], first: "2026-08" });
    const { wrapper } = mountScreen(VerificationScreen, {}, { verification: () => none });
    await settle();
    expect(wrapper.text()).toContain("2026-08 以前的月份都已核定");
    expect(wrapper.text()).not.toContain("核对并签名");
    expect(wrapper.text(), "what was verified stays").toContain("HD2026061000017");
  });
});

describe("payments", () => {
  test("propose everything that is owed and nobody pays yet, to the fen", async () => {
    const mounted = mountScreen(PaymentsScreen, {});
    await settle();
    expect(mounted.wrapper.text()).toContain("403,794.10");
    expect(mounted.wrapper.text(), "what is ordered already can't be chosen").toContain("已下单 JK2026071000021");
    expect(mounted.wrapper.findAll("tbody input[type=checkbox]")).toHaveLength(2);
    button(mounted.wrapper, "核对并签名").click();
    expect(mounted.app.screen.value).toEqual({
      name: "order",
      order: { order: "pay", pays: ["month:2026-06", "filing:BJ2026070300002"], method: "transfer" },
    });
  });

  test("are not signed before something is chosen", async () => {
    const { wrapper } = mountScreen(PaymentsScreen, {});
    await settle();
    for (const box of wrapper.findAll("tbody input[type=checkbox]")) await box.setValue(false);
    expect(button(wrapper, "核对并签名").disabled).toBe(true);
    expect(wrapper.text()).toContain("请先选择要缴的款项");
  });

  test("a way to pay that can't be used says why and can't be chosen", async () => {
    const { wrapper } = mountScreen(PaymentsScreen, {});
    await settle();
    const radio = wrapper.find<HTMLInputElement>("input[value=suspense]").element;
    expect(radio.disabled).toBe(true);
    expect(wrapper.text()).toContain("可用的暂存款为零");
  });

  test("the card has a copy for each of its lines; the amount is copied as banks take it", async () => {
    const copied: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => copied.push(text) } });
    const mounted = mountScreen(PaymentsScreen, { order: "JK2026071000021" });
    await settle();
    for (const line of ["收款户名", "收款账号", "开户银行", "金额", "缴款码"])
      labelled(mounted, `复制 ${line}`).click();
    await settle();
    vi.unstubAllGlobals();
    const { card } = order();
    expect(copied).toEqual([card?.account_name, card?.account_number, card?.bank, "436790.00", "JK2026071000021"]);
    expect(mounted.wrapper.text()).toContain("肆拾叁万陆仟柒佰玖拾元整");
    expect(mounted.wrapper.text(), "and what the remark must be").toContain("只填缴款码");
  });

  test("the card goes when the order is paid", async () => {
    let paid = false;
    const settled = order({ state: "paid", state_name: "已入账", card: null, settled_on: "2026-07-11" });
    const answers = { payments: () => payments({ orders: [paid ? settled : order()] }) };
    const mounted = mountScreen(PaymentsScreen, {}, answers);
    await settle();
    expect(mounted.wrapper.text()).toContain("只填缴款码");
    paid = true;
    mounted.app.revision.value += 1;
    await settle();
    expect(mounted.wrapper.text(), "nobody pays twice").not.toContain("只填缴款码");
    expect(mounted.wrapper.text()).toContain("已入账");
  });

  test("a failed order says why, and where its money is", async () => {
    const mounted = mountScreen(PaymentsScreen, {}, { payments: () => payments({ orders: [failedOrder] }) });
    await settle();
    expect(mounted.wrapper.text()).toContain("比应缴少 100.00 元");
    button(mounted.wrapper, "去未处理缴款").click();
    expect(mounted.app.screen.value).toEqual({ name: "unprocessed" });
  });

  test("a failed order without money does not send anybody to look for some", async () => {
    const refused = { ...failedOrder, received: "0.00", reason: "银行退回：余额不足" };
    const answers = { payments: () => payments({ orders: [refused], unprocessed: [] }) };
    const { wrapper } = mountScreen(PaymentsScreen, {}, answers);
    await settle();
    expect(wrapper.text()).toContain("余额不足");
    expect(wrapper.text()).not.toContain("未处理缴款");
  });

  test("the bank is played in the practice only", async () => {
    const real = mountScreen(PaymentsScreen, {}, {}, { ...session, demo: false });
    await settle();
    expect(real.wrapper.text()).not.toContain("模拟银行付款");
    const mounted = mountScreen(PaymentsScreen, {});
    await settle();
    await mounted.wrapper.find("select[aria-label=模拟银行付款]").setValue("wrong_code");
    button(mounted.wrapper, "模拟银行付款").click();
    await settle();
    expect(asked(mounted, "practice")).toEqual([{ act: { act: "pay", order: "JK2026071000021", how: "wrong_code" } }]);
    expect(asked(mounted, "payments"), "what came of it is read at once").toHaveLength(2);
    button(mounted.wrapper, "过一天").click();
    await settle();
    expect(asked(mounted, "practice").at(-1)).toEqual({ act: { act: "days", days: 1 } });
  });
});

test("a month that is done leads to the accounts, where there is a center to ask for them", async () => {
  const steps = month().steps.map((step) => ({ ...step, state: "done" as const, action: null }));
  const answers = { month: () => month({ steps }) };
  const mounted = mountScreen(MonthScreen, { dragging: false }, answers);
  await settle();
  button(mounted.wrapper, "查看缴存人账户").click();
  expect(mounted.app.screen.value).toEqual({ name: "query", query: "accounts" });
  const uploads: SessionView = { ...session, channel: "upload_file" };
  const without = { ...answers, home: () => ({ ...home, session: uploads }) };
  const byFile = mountScreen(MonthScreen, { dragging: false }, without, uploads);
  await settle();
  expect(byFile.wrapper.text()).not.toContain("查看缴存人账户");
});

test("the card sends nobody to a real bank from the practice", async () => {
  const mounted = mountScreen(PaymentsScreen, { order: "JK2026071000021" });
  await settle();
  expect(mounted.wrapper.text()).toContain("演示中心不用真的转账");
  const real = mountScreen(PaymentsScreen, { order: "JK2026071000021" }, {}, { ...session, demo: false });
  await settle();
  expect(real.wrapper.text()).not.toContain("演示中心不用真的转账");
  expect(real.wrapper.text()).toContain("请用单位的银行账户向下面的账户转账");
});

describe("the bank of the practice", () => {
  const later: SessionView = { ...session, unit_name: "过了一天的单位" };

  test("moves the clock: the session that is open is read anew, and what was done is said", async () => {
    const mounted = mountScreen(PaymentsScreen, {}, { home: () => ({ ...home, session: later }) });
    await settle();
    button(mounted.wrapper, "过一天").click();
    await settle();
    expect(mounted.app.session.value).toEqual(later);
    expect(mounted.wrapper.text()).toContain("中心和银行都过了一天");
  });

  test("that fails leaves the session as it was and says nothing was done", async () => {
    const answers = {
      practice: () => {
        throw uiError("desk-internal");
      },
      home: () => ({ ...home, session: later }),
    };
    const mounted = mountScreen(PaymentsScreen, {}, answers);
    await settle();
    button(mounted.wrapper, "过一天").click();
    await settle();
    expect(mounted.app.session.value).toEqual(session);
    expect(mounted.wrapper.find("[role=alert]").exists()).toBe(true);
    expect(mounted.wrapper.text()).not.toContain("都过了一天");
  });
});

describe("unprocessed payments", () => {
  test("show both directions, and claim a sum the way that was chosen", async () => {
    const mounted = mountScreen(UnprocessedScreen, {});
    await settle();
    expect(mounted.wrapper.text()).toContain("附言里没有缴款码");
    expect(mounted.wrapper.text(), "orders without money").toContain("JK2026071000021");
    expect(mounted.wrapper.text(), "an order that failed waits for nothing").not.toContain(failedOrder.number);
    expect(button(mounted.wrapper, "核对并签名").disabled, "nothing is chosen for the clerk").toBe(true);
    await mounted.wrapper.find("select").setValue("suspense");
    button(mounted.wrapper, "核对并签名").click();
    expect(mounted.app.screen.value).toEqual({
      name: "order",
      order: { order: "claim", incoming: "DZ2026061000003", to: "suspense" },
    });
  });
});

describe("review of an order", () => {
  const pay: OrderForm = { order: "pay", pays: ["month:2026-07"], method: "transfer" };
  const claim: OrderForm = { order: "claim", incoming: "DZ1", to: "suspense" };

  async function signed(mounted: Mounted): Promise<void> {
    button(mounted.wrapper, "签名并提交…").click();
    await settle();
    await mounted.wrapper.find("input[type=password]").setValue("135790");
    await mounted.wrapper.find("form").trigger("submit");
    await settle();
  }

  test("signs what was reviewed, and leads to the card", async () => {
    const mounted = mountScreen(ReviewScreen, { order: pay });
    await settle();
    expect(mounted.wrapper.text()).toContain("缴款金额");
    expect(mounted.wrapper.text(), "there is no sheet behind it").not.toContain("来源");
    await signed(mounted);
    expect(asked(mounted, "order_sign")).toEqual([
      { order: pay, fingerprint: "f1a2", digest: review.digest, certificate: "c1", pin: "135790" },
    ]);
    expect(asked(mounted, "sign_and_submit")).toEqual([]);
    expect(mounted.app.screen.value).toEqual({ name: "payments", order: "JK2026071000021" });
  });

  test("whose outcome is open leads to it and not to a card", async () => {
    const unknown = filingView("unknown");
    const answers = { order_sign: () => ({ ...unknown, line: { ...unknown.line, kind: "payment" } }) };
    const mounted = mountScreen(ReviewScreen, { order: pay }, answers);
    await settle();
    await signed(mounted);
    expect(mounted.app.screen.value, "an order that may not be there is not paid").toEqual({
      name: "filing",
      filing: "f1",
      kind: "payment",
    });
  });

  test("that is about money alone can be signed", async () => {
    const mounted = mountScreen(ReviewScreen, { order: claim });
    await settle();
    expect(button(mounted.wrapper, "签名并提交…").disabled).toBe(false);
    button(mounted.wrapper, "返回").click();
    expect(mounted.app.screen.value).toEqual({ name: "unprocessed" });
  });

  test("of books that changed meanwhile shows what is there now", async () => {
    let reviews = 0;
    const answers = {
      order_review: () => {
        reviews += 1;
        return { ...orderReview(pay), fingerprint: `f${reviews}` };
      },
      order_sign: () => {
        throw uiError("desk-books-changed");
      },
    };
    const mounted = mountScreen(ReviewScreen, { order: pay }, answers);
    await settle();
    await signed(mounted);
    expect(mounted.wrapper.find("[role=alert]").exists()).toBe(true);
    expect(reviews, "read again before anybody signs again").toBe(2);
    await signed(mounted);
    expect(asked(mounted, "order_sign").at(-1)).toMatchObject({ fingerprint: "f2" });
  });
});

describe("the receipt of an order", () => {
  const of = (kind: string, stage: Parameters<typeof filingView>[0]) => {
    const view = filingView(stage);
    return { filing: () => ({ ...view, line: { ...view.line, kind } }) };
  };

  test("of a verification leads on to the payment", async () => {
    const mounted = mountScreen(FilingScreen, { filing: "f1" }, of("remittance_verification", "settled"));
    await settle();
    expect(mounted.wrapper.text()).toContain("应缴金额");
    button(mounted.wrapper, "去缴款").click();
    expect(mounted.app.screen.value).toEqual({ name: "payments" });
  });

  test("of a refused order offers no draft of it", async () => {
    const mounted = mountScreen(FilingScreen, { filing: "f1" }, of("payment", "refused"));
    await settle();
    expect(mounted.wrapper.text()).not.toContain("退回修改");
    button(mounted.wrapper, "重新办理").click();
    expect(mounted.app.screen.value).toEqual({ name: "payments" });
  });

  test("whose outcome is open offers nothing but asking", async () => {
    const { wrapper } = mountScreen(FilingScreen, { filing: "f1" }, of("payment", "unknown"));
    await settle();
    expect(wrapper.text()).toContain("查询结果");
    expect(wrapper.text()).not.toMatch(/去缴款|看缴款卡|重新办理/);
  });
});
