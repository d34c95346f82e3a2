import { readdirSync } from "node:fs";
import { join } from "node:path";
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import { nextTick } from "vue";
import HelpPanel from "../src/screens/help/HelpPanel.vue";
import { KEYS, LOCKED, PAGES } from "../src/screens/help/pages";
import { helpPage, helpPages, profile } from "./fake";
import { button, mountScreen } from "./mount";

/** What has no screen of its own, or one that is still to come. */
const BESIDE = ["screen-notices"];

enableAutoUnmount(afterEach);
afterEach(() => {
  document.body.innerHTML = "";
});

function press(key: string): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event;
}

describe("help", () => {
  test("F1 opens the page of the screen, and the contents from there; the focus comes back", async () => {
    const { wrapper, app, backend } = mountScreen(HelpPanel, {});
    app.screen.value = { name: "rule", view: profile("衡阳-自用"), edit: false };
    const before = document.body.appendChild(document.createElement("button"));
    before.focus();
    expect(wrapper.find("aside").exists(), "nothing is in the way").toBe(false);
    expect(press("F1").defaultPrevented, "not the browser's own help").toBe(true);
    await flushPromises();
    expect(
      backend.calls.map((call) => call.args),
      "of this screen",
    ).toEqual([{ page: "screen-rules" }]);
    expect(wrapper.findAll("h4").map((each) => each.text())).toEqual(["用来做什么", "怎么做", "常见差错"]);
    button(wrapper, "目录").click();
    await flushPromises();
    expect(wrapper.findAll(".line").map((line) => line.text())).toEqual(["1证件号码成了数字", "7姓名的间隔号"]);
    expect(document.activeElement?.tagName, "ready to search").toBe("INPUT");
    press("F1");
    await nextTick();
    expect(wrapper.find("aside").exists()).toBe(false);
    expect(document.activeElement).toBe(before);
  });

  test("Escape closes it wherever the focus is, but not from a dialog; whoever has gone on elsewhere stays there", async () => {
    const { wrapper, app } = mountScreen(HelpPanel, {});
    const dialog = document.body.appendChild(document.createElement("div"));
    dialog.setAttribute("role", "dialog");
    const inside = dialog.appendChild(document.createElement("button"));
    const behind = document.body.appendChild(document.createElement("button"));
    app.help.value = { page: null };
    await flushPromises();
    inside.focus();
    expect(press("Escape").defaultPrevented, "the dialog's own").toBe(false);
    await nextTick();
    expect(wrapper.find("aside").exists()).toBe(true);
    behind.focus();
    expect(press("Escape").defaultPrevented).toBe(true);
    await nextTick();
    expect(wrapper.find("aside").exists()).toBe(false);
    expect(document.activeElement).toBe(behind);
  });

  test("a page opened by the code of a finding has all of its parts, as text", async () => {
    const { wrapper, app, backend } = mountScreen(HelpPanel, {});
    app.help.value = { page: "ID-NUMERIC" };
    await flushPromises();
    expect(backend.calls.map((call) => call.args)).toEqual([{ page: "ID-NUMERIC" }]);
    expect(wrapper.get("h3").text()).toBe("证件号码成了数字");
    expect(wrapper.findAll("h4").map((each) => each.text())).toEqual(["是什么样", "您怎么做", "涉及的提示"]);
    expect(
      wrapper.findAll(".points li").map((each) => each.text()),
      "a list is a list",
    ).toEqual(["先核对", "再采用"]);
    expect(wrapper.text(), "markup is text").toContain("<b>4.10801E+17</b>");
    expect(wrapper.find("b").exists()).toBe(false);
    expect(document.activeElement, "read from its heading").toBe(wrapper.get("h3").element);
    button(wrapper, "目录").click();
    await flushPromises();
    expect(wrapper.findAll(".line")).toHaveLength(2);
  });

  test("a search asks the core; a slow answer to an older question is dropped; nothing found says so", async () => {
    const waiting: (() => void)[] = [];
    const { wrapper, app } = mountScreen(
      HelpPanel,
      {},
      {
        help_pages: (args: Record<string, unknown>) => {
          const find = String(args["find"]);
          if (find === "") return helpPages();
          return new Promise((resolve) => waiting.push(() => resolve(helpPages(find))));
        },
      },
    );
    app.help.value = { page: null };
    await flushPromises();
    await wrapper.get("input").setValue("间隔");
    await wrapper.get("input").setValue("火星");
    waiting[1]?.();
    await flushPromises();
    waiting[0]?.();
    await flushPromises();
    expect(wrapper.findAll(".line")).toHaveLength(0);
    expect(wrapper.get("[role='status']").text()).toContain("没有找到「火星」");
  });

  test("Ctrl+/ shows the keys, a locked screen has its own page", async () => {
    const { wrapper, app, backend } = mountScreen(HelpPanel, {});
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key: "/", ctrlKey: true, bubbles: true, cancelable: true }),
    );
    await flushPromises();
    app.help.value = null;
    app.locked.value = [];
    await nextTick();
    press("F1");
    await flushPromises();
    expect(backend.calls.map((call) => call.args)).toEqual([{ page: "keys" }, { page: "screen-lock" }]);
    button(wrapper, "目录").click();
    await flushPromises();
    expect(wrapper.text(), "behind a lock nothing is written").not.toContain("取示例表格");
  });

  test("every screen has a page that is there, and every page about a screen is reached", () => {
    const folder = join(import.meta.dirname, "../../src-tauri/domain/help/screens");
    const there = readdirSync(folder).map((file) => file.replace(/\.md$/, ""));
    const reached = [...Object.values(PAGES), LOCKED, KEYS];
    expect(
      reached.filter((page) => !there.includes(page)),
      "a page that nobody wrote",
    ).toEqual([]);
    expect(
      there.filter((page) => !reached.includes(page) && !BESIDE.includes(page)),
      "a page of no screen",
    ).toEqual([]);
  });

  test("the sample workbooks are laid down and said where", async () => {
    const { wrapper, app } = mountScreen(HelpPanel, {});
    app.help.value = { page: null };
    await flushPromises();
    button(wrapper, "取示例表格").click();
    await flushPromises();
    expect(wrapper.get(".samples").text()).toContain("/home/周/汇缴通/示例表格");
    expect(wrapper.get(".samples").text()).toContain("01-基数调整-无差错.xlsx");
  });

  test("a code without a page is said in words, and Escape closes", async () => {
    const { wrapper, app } = mountScreen(HelpPanel, {});
    app.help.value = { page: "NOTHING" };
    await flushPromises();
    expect(wrapper.text()).toContain("没有这一页帮助");
    await wrapper.get("aside").trigger("keydown", { key: "Escape" });
    expect(app.help.value).toBeNull();
  });
});

test("the fake knows the page by name and by code", () => {
  expect(helpPage("id-became-number")).toEqual(helpPage("ID-NUMERIC"));
});
