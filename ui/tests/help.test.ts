import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import { nextTick } from "vue";
import HelpPanel from "../src/screens/help/HelpPanel.vue";
import { helpPage, helpPages } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

function press(key: string): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event;
}

describe("help", () => {
  test("F1 opens the contents and closes them, and the focus comes back", async () => {
    const { wrapper, backend } = mountScreen(HelpPanel, {});
    const before = document.body.appendChild(document.createElement("button"));
    before.focus();
    expect(wrapper.find("aside").exists(), "nothing is in the way").toBe(false);
    expect(press("F1").defaultPrevented, "not the browser's own help").toBe(true);
    await flushPromises();
    expect(wrapper.findAll(".line").map((line) => line.text())).toEqual(["1证件号码成了数字", "7姓名的间隔号"]);
    expect(document.activeElement?.tagName, "ready to search").toBe("INPUT");
    expect(backend.calls.map((call) => call.command)).toEqual(["help_pages"]);
    press("F1");
    await nextTick();
    expect(wrapper.find("aside").exists()).toBe(false);
    expect(document.activeElement).toBe(before);
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
