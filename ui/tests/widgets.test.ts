import { mount } from "@vue/test-utils";
import { describe, expect, test } from "vitest";
import { nextTick } from "vue";
import { accounted, grouped, signOf } from "../src/widgets/amount";
import ErrorPanel from "../src/widgets/ErrorPanel.vue";
import { parseMonth } from "../src/widgets/month";
import MonthField from "../src/widgets/MonthField.vue";
import TableScroll from "../src/widgets/TableScroll.vue";
import { uiError } from "./fake";
import { button, mountScreen } from "./mount";

const range = { min: "2026-07", max: "2027-06", near: "2026-07" };

describe("months as people type them", () => {
  test.each([
    ["202607", "2026-07"],
    ["2026-07", "2026-07"],
    ["2026-7", "2026-07"],
    ["2026/7", "2026-07"],
    ["2026.12", "2026-12"],
    ["2026年7月", "2026-07"],
    ["２０２６０７", "2026-07"],
    [" 7 ", "2026-07"],
    ["07", "2026-07"],
    ["7月", "2026-07"],
    ["3", "2027-03"],
  ])("%s is %s", (text, month) => {
    expect(parseMonth(text, range)).toEqual({ month });
  });

  test.each([
    ["", "empty"],
    ["13", "unreadable"],
    ["0", "unreadable"],
    ["202613", "unreadable"],
    ["2026", "unreadable"],
    ["七月", "unreadable"],
    ["2026-07-01", "unreadable"],
    ["202606", "outside"],
    ["2027-07", "outside"],
  ])("%s is refused as %s", (text, problem) => {
    expect(parseMonth(text, range), "never a guess").toEqual({ problem });
  });

  test("a lone month that lies in no allowed year is outside", () => {
    expect(parseMonth("3", { min: "2026-07", max: "2026-09", near: "2026-07" })).toEqual({ problem: "outside" });
  });
});

describe("MonthField", () => {
  test("gives the month it understood and an empty value for what it did not", async () => {
    const field = mount(MonthField, { props: { modelValue: "2026-07", label: "生效年月", range } });
    const input = field.get("input");
    await input.setValue("8");
    expect(field.emitted("update:modelValue")?.at(-1)).toEqual(["2026-08"]);
    await input.setValue("9999");
    expect(field.emitted("update:modelValue")?.at(-1), "a wrong text is no month").toEqual([""]);
    await input.trigger("blur");
    expect(input.element.value, "the text stays to be mended").toBe("9999");
    expect(field.text()).toContain("看不懂");
  });
});

describe("amounts", () => {
  test.each([
    ["0.00", "0.00"],
    ["999.90", "999.90"],
    ["1000.00", "1,000.00"],
    ["-1234567.80", "-1,234,567.80"],
    ["90071992547409931.01", "90,071,992,547,409,931.01"],
  ])("%s is shown as %s", (amount, shown) => {
    expect(grouped(amount)).toBe(shown);
  });

  test.each([
    ["10488", "10,488.00"],
    ["3699.49", "3,699.49"],
    ["10019.9", "10,019.90"],
    ["1,234,567.8", "1,234,567.80"],
    ["-500", "-500.00"],
    ["0", "0.00"],
  ])("%s, as somebody typed it, is shown as %s", (typed, shown) => {
    expect(accounted(typed)).toBe(shown);
  });

  test.each(["", "8%", "¥500", "一万", "1e5", "12.345", "007", "1,23", "5000.", " 5000", "５０００"])(
    "«%s» is not plainly an amount and stays as it stands",
    (typed) => {
      expect(accounted(typed)).toBe(typed);
    },
  );

  test("what is no amount is shown as it is", () => {
    expect(grouped("12,3")).toBe("12,3");
  });

  test("minus nothing is nothing", () => {
    expect([signOf("-0.00"), signOf("0.00"), signOf("-0.01"), signOf("0.10")]).toEqual([0, 0, -1, 1]);
  });
});

describe("ErrorPanel", () => {
  test("says what, what happened and what to do, and folds the code away", () => {
    const panel = mount(ErrorPanel, { props: { error: uiError("ui-no-answer", { trace: "9f2c" }) } });
    const paragraphs = panel.findAll("p").map((each) => each.text());
    expect(paragraphs).toHaveLength(3);
    expect(paragraphs.every((text) => /[\u4e00-\u9fff]/.test(text))).toBe(true);
    expect(paragraphs.join("")).not.toContain("ui-no-answer");
    expect(panel.get("details").attributes("open"), "closed until asked for").toBeUndefined();
    expect(panel.get("details").text()).toContain("9f2c");
    expect(panel.get("summary").text(), "the code can be read out as it is").toContain("ui-no-answer");
    expect(panel.text(), "nothing explains this one").not.toContain("这是怎么回事？");
  });

  test("of the network says that it is one, its code and what to do; others are no matter of the network", () => {
    const said = (code: string): string => {
      const panel = mount(ErrorPanel, { props: { error: uiError(code) } });
      expect(panel.findAll("p").map((each) => each.text())[2], "what to do").not.toBe("");
      return panel.get("summary").text();
    };
    expect(said("net-unreachable")).toMatch(/^网络问题\s+代码 net-unreachable/);
    expect(said("net-timeout")).toContain("网络问题");
    expect(said("net-client-certificate"), "his certificate").not.toContain("网络问题");
    expect(said("net-busy"), "the center's own").not.toContain("网络问题");
  });

  test("leads to the page of the help that explains it, but not from within a dialog", async () => {
    const error = uiError("net-unreachable", { help: "network" });
    const { wrapper, app } = mountScreen(ErrorPanel, { error });
    await nextTick();
    button(wrapper, "这是怎么回事？").click();
    expect(app.help.value, "opened by the code").toEqual({ page: "net-unreachable" });
    const dialog = document.body.appendChild(document.createElement("dialog"));
    const inside = mount(ErrorPanel, { props: { error }, attachTo: dialog });
    await nextTick();
    expect(inside.text(), "what is beside the screen cannot be reached from there").not.toContain("这是怎么回事？");
    inside.unmount();
    dialog.remove();
  });

  test("the center's own words, its code and its status are folded away beside ours", () => {
    const args = {
      title: "申报截止",
      detail: "本月申报于 25 日截止。请拨 0391-12329。",
      problem: "filing_open",
      status: "409",
    };
    const panel = mount(ErrorPanel, { props: { error: uiError("problem-filing-open", { args }) } });
    const said = panel.findAll("p").map((each) => each.text());
    expect(said[0]).toBe("有未办结的申报");
    expect(said.join("")).not.toContain("25 日");
    const support = panel.get("details").text();
    for (const word of ["problem-filing-open", "filing_open", "409", args.title, args.detail]) {
      expect(support).toContain(word);
    }
  });

  test("texts of the backend are shown as text", () => {
    const error = uiError("odd", { args: { detail: "<img src=x onerror=alert(1)>" } });
    const panel = mount(ErrorPanel, { props: { error } });
    expect(panel.find("img").exists()).toBe(false);
    expect(panel.text()).toContain("<img");
  });
});

describe("a table that scrolls in its own place", () => {
  test("is reached by the keyboard and has a name", () => {
    const wrapper = mount(TableScroll, { props: { label: "名单" }, slots: { default: "<table></table>" } });
    expect(wrapper.attributes()).toMatchObject({ tabindex: "0", role: "group", "aria-label": "名单" });
  });

  test("is written in one place", () => {
    const sources = import.meta.glob<string>("../src/**/*.vue", { query: "?raw", import: "default", eager: true });
    const own = Object.entries(sources).filter(([, text]) => /class="[^"]*table-scroll/.test(text));
    expect(own.map(([file]) => file)).toEqual(["../src/widgets/TableScroll.vue"]);
    const nameless = Object.entries(sources).filter(([, text]) =>
      [...text.matchAll(/<TableScroll\b(?:"[^"]*"|[^>"])*>/gs)].some(([tag]) => !/label(ledby)?=/.test(tag)),
    );
    expect(
      nameless.map(([file]) => file),
      "each says what it holds",
    ).toEqual([]);
  });
});
