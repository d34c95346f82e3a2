import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import StatementScreen from "../src/screens/statement/StatementScreen.vue";
import { statement, uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

describe("bank statement", () => {
  test("each order with its verdict, what is over apart, and nothing is sent", async () => {
    const { wrapper, backend } = mountScreen(StatementScreen, {});
    expect(backend.calls, "nothing is asked before a file is chosen").toEqual([]);
    button(wrapper, "选择银行流水").click();
    await flushPromises();
    expect(backend.calls.map((call) => call.command)).toEqual(["statement_match"]);
    const [exact, missing, stray] = wrapper.findAll("tbody tr").map((row) => row.text());
    expect(exact).toContain("已按单付出");
    expect(missing).toContain("备注没有缴款码");
    expect(stray).toContain("第 11 行");
    expect(wrapper.text()).toContain("2026-07-01 至 2026-07-31 付出 12 笔，收入 3 笔");
  });

  test("a table that is no statement is refused by name, and the answer before it is gone", async () => {
    let wrong = false;
    const { wrapper } = mountScreen(
      StatementScreen,
      {},
      {
        statement_match: () => {
          if (wrong) throw uiError("sheet-statement-columns", { args: { columns: "对方账号" } });
          return { ...statement, strays: [] };
        },
      },
    );
    button(wrapper, "选择银行流水").click();
    await flushPromises();
    expect(wrapper.findAll("section"), "nothing is over").toHaveLength(1);
    wrong = true;
    button(wrapper, "选择银行流水").click();
    await flushPromises();
    expect(wrapper.get("[role=alert]").text()).toContain("缺少必要的列：对方账号");
    expect(wrapper.text(), "not the file before").not.toContain("已按单付出");
  });

  test("a text in letters that do not fit is read again as the user says, without choosing the file again", async () => {
    const { wrapper, backend } = mountScreen(
      StatementScreen,
      {},
      {
        statement_match: ({ encoding }) => {
          if (encoding !== "GB18030") throw uiError("sheet-broken-text", { args: { encodings: "UTF-8 GB18030" } });
          return statement;
        },
      },
    );
    button(wrapper, "选择银行流水").click();
    await flushPromises();
    await wrapper.get("[role=alert] select").setValue("GB18030");
    await flushPromises();
    expect(wrapper.text()).toContain("已按单付出");
    const ticket = backend.calls[0]?.args["ticket"];
    expect(backend.calls.map((call) => call.args)).toEqual([{ ticket }, { ticket, encoding: "GB18030" }]);
  });
});
