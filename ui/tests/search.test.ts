import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import SearchPanel from "../src/screens/search/SearchPanel.vue";
import { uiError } from "./fake";
import { mountScreen, type Mounted } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

const places = [
  { label: "本月", to: { name: "month" } },
  { label: "汇缴核定", to: { name: "verification" } },
  { label: "核对银行流水", to: { name: "statement" } },
];

function press(key: string, init: KeyboardEventInit = {}): void {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
}

async function opened(answers = {}): Promise<Mounted> {
  const mounted = mountScreen(SearchPanel, { places }, answers);
  press("k", { ctrlKey: true });
  await flushPromises();
  return mounted;
}

async function type({ wrapper }: Mounted, text: string): Promise<void> {
  await wrapper.get("input").setValue(text);
  await flushPromises();
}

const options = ({ wrapper }: Mounted): string[] => wrapper.findAll(".title").map((option) => option.text());
const selected = ({ wrapper }: Mounted): string => wrapper.get("[aria-selected='true'] .title").text();

describe("search", () => {
  test("Ctrl+K opens it, with the cursor in its field", async () => {
    const mounted = mountScreen(SearchPanel, { places });
    expect(mounted.wrapper.find("input").exists(), "closed before it is asked for").toBe(false);
    press("k", { ctrlKey: true });
    await flushPromises();
    expect(document.activeElement).toBe(mounted.wrapper.get("input").element);
  });

  test("the core is asked with the names of the screens", async () => {
    const mounted = await opened();
    await type(mounted, "王");
    expect(mounted.backend.calls.filter((call) => call.command === "search")).toEqual([
      { command: "search", args: { find: "王", places: ["本月", "汇缴核定", "核对银行流水"] } },
    ]);
    expect(options(mounted)).toContain("王小明");
  });

  test("arrows choose, enter opens: a person", async () => {
    const mounted = await opened();
    await type(mounted, "王");
    press("Enter");
    expect(mounted.app.screen.value).toEqual({ name: "contributors", account: "008000000001" });
    await flushPromises();
    expect(mounted.wrapper.find("input").exists(), "closed after the choice").toBe(false);
  });

  test("a screen and a filing", async () => {
    const mounted = await opened();
    await type(mounted, "汇缴核定");
    press("Enter");
    expect(mounted.app.screen.value).toEqual({ name: "verification" });
    await flushPromises();
    press("k", { ctrlKey: true });
    await flushPromises();
    await type(mounted, "JS2026070600017");
    press("Enter");
    expect(mounted.app.screen.value).toEqual({ name: "filing", filing: "f1", kind: "base_adjustment" });
  });

  test("what was opened last is offered again, once", async () => {
    const mounted = await opened();
    for (let turn = 0; turn < 2; turn += 1) {
      await type(mounted, "王");
      press("Enter");
      await flushPromises();
      press("k", { ctrlKey: true });
      await flushPromises();
    }
    expect(options(mounted)).toEqual(["王小明"]);
  });

  test("up from the first is the last", async () => {
    const mounted = await opened();
    await type(mounted, "核");
    const all = options(mounted);
    expect(all.length, "several answers").toBeGreaterThan(1);
    press("ArrowUp");
    await flushPromises();
    expect(selected(mounted)).toBe(all.at(-1));
    press("ArrowDown");
    await flushPromises();
    expect(selected(mounted)).toBe(all[0]);
  });

  test("enter while an input method composes is the method's", async () => {
    const mounted = await opened();
    await type(mounted, "王");
    press("Enter", { isComposing: true });
    expect(mounted.app.screen.value).toEqual({ name: "start" });
  });

  test("nothing found and an error are said", async () => {
    const mounted = await opened({
      search: ({ find }: Record<string, unknown>) => {
        if (find === "坏") throw uiError("desk-store");
        return { people: [], people_found: 0, filings: [], places: [], pages: [] };
      },
    });
    await type(mounted, "無");
    expect(mounted.wrapper.get("[role='status']").text()).toContain("無");
    await type(mounted, "坏");
    expect(mounted.wrapper.find("[role='alert']").exists(), "the error is shown in the dialog").toBe(true);
  });
});
