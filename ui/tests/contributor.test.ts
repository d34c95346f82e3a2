import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { IdShown } from "../src/backend";
import ContributorsScreen from "../src/screens/contributor/ContributorsScreen.vue";
import { contributor, contributors, uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
  vi.restoreAllMocks();
});

async function open(answers = {}) {
  const mounted = mountScreen(ContributorsScreen, {}, answers);
  await flushPromises();
  return mounted;
}

async function chosen(answers = {}) {
  const mounted = await open(answers);
  button(mounted.wrapper, "王小明").click();
  await flushPromises();
  return mounted;
}

vi.mock("../src/screens/paper/pages", () => ({
  openPages: () => Promise.resolve({ count: 1, draw: () => Promise.resolve(""), close: () => undefined }),
}));

describe("contributors", () => {
  test("the ID number is masked but for as long as the button is held", async () => {
    const { wrapper, backend } = await chosen();
    const panel = wrapper.get("#contributor-panel");
    const whole = "11010519491231002X";
    expect(panel.text()).toContain("1101**********002X");
    expect(wrapper.html(), "not even in an attribute").not.toContain(whole);
    const hold = panel.get("[aria-label='按住显示证件号码']");
    await hold.trigger("pointerdown");
    expect(panel.text(), "not before the log knows").not.toContain(whole);
    await flushPromises();
    expect(panel.text()).toContain(whole);
    expect(backend.calls.filter(({ command }) => command === "id_shown")).toEqual([
      { command: "id_shown", args: { screen: "contributor" } },
    ]);
    await hold.trigger("pointerup");
    expect(panel.text(), "let go").not.toContain(whole);
    await hold.trigger("keydown", { key: " " });
    await flushPromises();
    expect(panel.text(), "with the keyboard too").toContain(whole);
    await hold.trigger("blur");
    expect(panel.text(), "another window takes it away").not.toContain(whole);
  });

  test("held for half a minute the ID number is masked again, whatever lies on the key", async () => {
    const { wrapper } = await chosen();
    const hold = wrapper.get("[aria-label='按住显示证件号码']");
    vi.useFakeTimers();
    try {
      await hold.trigger("keydown", { key: " " });
      await flushPromises();
      expect(wrapper.html()).toContain("11010519491231002X");
      vi.advanceTimersByTime(29_000);
      await hold.trigger("keydown", { key: " ", repeat: true });
      expect(wrapper.html(), "it is still held").toContain("11010519491231002X");
      vi.advanceTimersByTime(1_000);
      await flushPromises();
      expect(wrapper.html(), "long enough").not.toContain("11010519491231002X");
      await hold.trigger("keydown", { key: " ", repeat: true });
      await flushPromises();
      expect(wrapper.html(), "a key that repeats is no new one").not.toContain("11010519491231002X");
      await hold.trigger("keyup");
      await hold.trigger("keydown", { key: " " });
      await flushPromises();
      expect(wrapper.html(), "pressed anew").toContain("11010519491231002X");
    } finally {
      vi.useRealTimers();
    }
  });

  test("let go before the log knows, the next press shows nothing before it does", async () => {
    let told = (): void => undefined;
    const later = (): Promise<IdShown> => new Promise((done) => (told = () => done({ screen: "个人事项" })));
    const { wrapper } = await chosen({ id_shown: later });
    const hold = wrapper.get("[aria-label='按住显示证件号码']");
    await hold.trigger("pointerdown");
    await hold.trigger("pointerup");
    told();
    await flushPromises();
    await hold.trigger("pointerdown");
    await flushPromises();
    expect(wrapper.html(), "the log knows of the first press only").not.toContain("11010519491231002X");
    told();
    await flushPromises();
    expect(wrapper.html()).toContain("11010519491231002X");
  });

  test("what the log does not take is not shown", async () => {
    const { wrapper } = await chosen({
      id_shown: () => {
        throw uiError("desk-screen-locked");
      },
    });
    await wrapper.get("[aria-label='按住显示证件号码']").trigger("pointerdown");
    await flushPromises();
    expect(wrapper.html()).not.toContain("11010519491231002X");
  });

  test("a day of sealing asks the core again, for this person", async () => {
    const { wrapper, backend } = await chosen();
    expect(wrapper.text()).toContain("封存满 6 个月后可以申请提取");
    await wrapper.get(".day input").setValue("2026-07-06");
    await flushPromises();
    expect(backend.calls.at(-1)).toEqual({
      command: "contributor",
      args: { account: "008000000001", sealed_on: "2026-07-06" },
    });
    expect(wrapper.text()).toContain("2027年1月6日起可以申请提取");
    button(wrapper, "阿依古丽").click();
    await flushPromises();
    const last = backend.calls.filter((call) => call.command === "contributor").at(-1);
    expect(last?.args, "another person is not sealed on that day").toEqual({
      account: "008000000002",
      sealed_on: "",
    });
  });

  test("an unpublished coefficient is asked for; a changed figure takes the answer away", async () => {
    const { wrapper, backend } = await chosen();
    const [balance, months] = wrapper.findAll("form input");
    await balance?.setValue("20000");
    await months?.setValue("30");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(wrapper.text()).toContain("请向中心咨询后填写");
    await wrapper.findAll("form input")[2]?.setValue("1.2");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(backend.calls.at(-1)?.args).toEqual({ balance: "20000", months: "30", coefficient: "1.2" });
    expect(wrapper.get("form").text()).toContain("480,000.00");
    await balance?.setValue("30000");
    expect(wrapper.get("form").text(), "an answer to other figures").not.toContain("480,000.00");
    expect(
      backend.calls.every((call) => !/draft|sign|submit/.test(call.command)),
      "nothing is filed",
    ).toBe(true);
  });

  test("no formula is said, and nothing can be worked out", async () => {
    const { wrapper } = await chosen({ contributor: () => ({ ...contributor(), loan: null }) });
    expect(wrapper.text()).toContain("本中心未提供公式，请向中心咨询");
    expect(wrapper.find("form").exists()).toBe(false);
  });

  test("the note is printed for a person, with the reason and day that were chosen", async () => {
    const { wrapper, backend } = await chosen({ paper: () => ({ title: "", pages: 1, pdf: "" }) });
    expect(button(wrapper, "离职告知单").disabled, "without a reason there is nothing to tell").toBe(true);
    await wrapper.get("input[value=解除或终止劳动关系]").setValue();
    button(wrapper, "离职告知单").click();
    await flushPromises();
    expect(backend.calls.filter((call) => call.command === "paper").map((call) => call.args)).toEqual([
      {
        form: {
          paper: "leaver",
          account: contributor().line.personal_account,
          reason: "解除或终止劳动关系",
          sealed_on: "",
        },
      },
    ]);
  });

  test("nobody found, a cut list, a roster that is missing: each is said", async () => {
    const { wrapper } = await open({
      contributors: ({ find }: Record<string, unknown>) => {
        if (find === "x") throw uiError("desk-roster-missing");
        return find === "王" ? { ...contributors(), found: 99 } : contributors(String(find));
      },
    });
    await wrapper.get("input").setValue("火星");
    await flushPromises();
    expect(wrapper.text()).toContain("没有找到「火星」");
    await wrapper.get("input").setValue("王");
    await flushPromises();
    expect(wrapper.text()).toContain("找到 99 人，只列出前 2 人");
    await wrapper.get("input").setValue("x");
    await flushPromises();
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
  });
});
