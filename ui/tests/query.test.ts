import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import QueryScreen from "../src/screens/query/QueryScreen.vue";
import PaymentsScreen from "../src/screens/payment/PaymentsScreen.vue";
import { placeOf } from "../src/state/places";
import { uiError } from "./fake";
import { order, payments } from "./month";
import { button, mountScreen, type Mounted } from "./mount";
import { filingAtCenter, queryView } from "./query";

afterEach(() => {
  document.body.innerHTML = "";
});

const asked = ({ backend }: Mounted) =>
  backend.calls.filter((call) => call.command === "query").map((call) => call.args);

async function open(props = {}, answers = {}): Promise<Mounted> {
  const mounted = mountScreen(QueryScreen, { query: "suspense", ...props }, answers);
  await flushPromises();
  return mounted;
}

describe("a query", () => {
  test("is a table with its balances, its sums and its age", async () => {
    const { wrapper } = await open();
    const text = wrapper.text();
    for (const said of ["期初余额", "期末余额", "1,000.00", "2026-01-01 至 2026-12-31 · 共 2 条", "2026-07-10 09:30"]) {
      expect(text, said).toContain(said);
    }
    expect(wrapper.get("tfoot").text()).toContain("401,134.00");
    const words = [wrapper.get("tfoot .amount"), wrapper.get("dl .amount")].map((one) => one.attributes("title"));
    expect(words, "a sum and a balance say themselves in words").toEqual(["肆拾万壹仟壹佰叁拾肆元整", "壹仟元整"]);
    expect(wrapper.get("tbody .amount").attributes("title"), "a line does not").toBeUndefined();
    const amounts = wrapper.findAll("tbody tr:first-child td.right").map((cell) => cell.text());
    expect(amounts.slice(0, 3), "an empty amount is empty, not zero").toEqual(["401,134.00", "", "402,134.00"]);
    expect(wrapper.text(), "one page needs no way to others").not.toContain("下一页");
  });

  test("is asked of the center anew for another period, and from its first page", async () => {
    const mounted = await open({}, { query: () => queryView({}, { pages: 3, page: 1, total: 401 }) });
    button(mounted.wrapper, "下一页").click();
    await flushPromises();
    expect(asked(mounted).at(-1), "the next page is of the same answer").toMatchObject({ page: 2, fresh: false });
    await mounted.wrapper.get("select").setValue("days");
    await mounted.wrapper.findAll("input.day")[0]?.setValue("2026-05-01");
    await flushPromises();
    expect(asked(mounted).at(-1)).toMatchObject({
      form: { query: "suspense", span: "days", from: "2026-05-01", to: "" },
      page: 0,
      fresh: true,
    });
    button(mounted.wrapper, "提取记录").click();
    await flushPromises();
    expect(asked(mounted).at(-1), "the period stays from list to list").toMatchObject({
      form: { query: "withdrawals", span: "days", from: "2026-05-01" },
    });
  });

  test("reloads by itself, keeps its page, and says when it is a copy", async () => {
    let stale = false;
    const mounted = await open({}, { query: () => queryView({}, { stale, pages: 2, page: 1, total: 201 }) });
    const before = asked(mounted).length;
    stale = true;
    mounted.app.revision.value += 1;
    await flushPromises();
    expect(asked(mounted).slice(before)).toMatchObject([{ page: 1, fresh: true }]);
    expect(mounted.wrapper.text()).toContain("2026-07-10 09:30");
    expect(mounted.wrapper.text(), "the copy is named as one").toContain("连不上中心");
    button(mounted.wrapper, "重新连接").click();
    await flushPromises();
    expect(asked(mounted)).toHaveLength(before + 2);
  });

  test("that fails says why and exports nothing; one that finds nothing says so", async () => {
    const failed = await open({}, { query: () => Promise.reject(uiError("desk-period-reversed")) });
    expect(failed.wrapper.get("[role=alert]").text()).toContain("起止日期颠倒");
    expect(button(failed.wrapper, "导出工作簿").disabled).toBe(true);
    const none = await open({}, { query: () => queryView({}, { rows: [], totals: [], total: 0 }) });
    expect(none.wrapper.text()).toContain("这段期间没有记录");
    expect(none.wrapper.find("table").exists()).toBe(false);
  });

  test("is exported as it was asked", async () => {
    const mounted = await open();
    button(mounted.wrapper, "导出工作簿").click();
    await flushPromises();
    const calls = mounted.backend.calls.filter((call) => call.command === "query_export");
    expect(calls).toMatchObject([{ args: { form: { query: "suspense", span: "year" } } }]);
    expect(mounted.wrapper.get("p.exported").text()).toContain("暂存款明细.xlsx");
  });

  test("says what is remitted apart from what is not", async () => {
    const { wrapper } = await open(
      { query: "accounts" },
      {
        query: () =>
          queryView(
            { query: "accounts" },
            {
              columns: [
                { label: "个人账号", form: "code" },
                { label: "姓名", form: "text" },
                { label: "月缴存额", form: "amount" },
              ],
              rows: [{ cells: ["008000000001", "王小明", "1200.00"], jump: null }],
              subtotals: [
                ["正常小计", "228 人", "275322.00"],
                ["封存小计", "12 人", "15712.00"],
              ],
              totals: ["合计", "240 人", ""],
            },
          ),
      },
    );
    const below = wrapper.findAll("tfoot tr").map((line) => line.findAll("td").map((cell) => cell.text()));
    expect(below).toEqual([
      ["正常小计", "228 人", "275,322.00"],
      ["封存小计", "12 人", "15,712.00"],
      ["合计", "240 人", ""],
    ]);
  });

  test("of accounts has no period but a state, and leads to the contributor", async () => {
    const states: [string, string][] = [["sealed", "封存"]];
    const row = {
      cells: ["008000000001", "王小明"],
      jump: { label: "查看缴存人", screen: "contributor" as const, argument: "008000000001" },
    };
    const columns = [
      { label: "个人账号", form: "code" as const },
      { label: "姓名", form: "text" as const },
    ];
    const mounted = await open(
      { query: "accounts" },
      { query: () => queryView({ query: "accounts" }, { states, columns, rows: [row], totals: [], balances: [] }) },
    );
    const selects = mounted.wrapper.findAll("select");
    expect(selects).toHaveLength(1);
    await selects[0]?.setValue("sealed");
    await flushPromises();
    expect(asked(mounted).at(-1)).toMatchObject({ form: { query: "accounts", state: "sealed" } });
    const chip = mounted.wrapper.get<HTMLButtonElement>("[aria-label='取消筛选：状态：封存']");
    chip.element.click();
    await flushPromises();
    expect(asked(mounted).at(-1), "taken away, everybody is there again").toMatchObject({ form: { state: "" } });
    expect(mounted.wrapper.find(".chip").exists()).toBe(false);
    await mounted.wrapper.get("[aria-label='查看缴存人 008000000001']").trigger("click");
    expect(mounted.app.screen.value).toEqual({ name: "contributors", account: "008000000001" });
  });
});

describe("a filing at the center", () => {
  test("opens in its list, with its receipt, and says where it was made", async () => {
    const mounted = await open();
    await mounted.wrapper.get("[aria-label='查看申报 2026062000000001']").trigger("click");
    await flushPromises();
    const text = mounted.wrapper.text();
    for (const said of ["2026062000000001", "王晓敏", "部分办结", "不是在本机办理的"])
      expect(text, said).toContain(said);
    expect(text, "nothing of it is here to be opened").not.toContain("打开本机的申报");
    button(mounted.wrapper, "返回列表").click();
    await flushPromises();
    expect(asked(mounted).at(-1)).toMatchObject({ form: { query: "filings" } });
  });

  test("that is on this computer too leads there", async () => {
    const answer = filingAtCenter({ here: true });
    const mounted = await open({ query: "filings", number: answer.filing_number }, { query_filing: () => answer });
    button(mounted.wrapper, "打开本机的申报").click();
    expect(mounted.app.screen.value).toEqual({ name: "filing", filing: answer.filing });
  });

  test("is where the core's jumps and the payments lead", async () => {
    expect(placeOf({ label: "查看申报", screen: "filings", argument: "7" })).toEqual({
      name: "query",
      query: "filings",
      number: "7",
    });
    expect(placeOf({ label: "查看明细账", screen: "contributor_ledger", argument: "8" })).toEqual({
      name: "query",
      query: "contributor",
      account: "8",
    });
    const elsewhere = order({ here: false, number: "JK9" });
    const mounted = mountScreen(PaymentsScreen, {}, { payments: () => payments({ orders: [elsewhere] }) });
    await flushPromises();
    await mounted.wrapper.get("[aria-label*='JK9'].is-link:last-child").trigger("click");
    expect(mounted.app.screen.value).toEqual({ name: "query", query: "filings", number: "JK9" });
  });
});
