import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nextTick } from "vue";
import PaperButton from "../src/screens/paper/PaperButton.vue";
import { preferences, uiError } from "./fake";
import { button, mountScreen } from "./mount";

const { openPages, drawn, closed } = vi.hoisted(() => {
  const drawn: number[] = [];
  const closed: string[] = [];
  const openPages = vi.fn((pdf: string) =>
    Promise.resolve({
      count: 3,
      draw: (page: number) => {
        drawn.push(page);
        return Promise.resolve(`第 ${page} 页的文字`);
      },
      close: () => closed.push(pdf),
    }),
  );
  return { openPages, drawn, closed };
});
vi.mock("../src/screens/paper/pages", () => ({ openPages }));

const form = { paper: "filing", filing: "f1" };
const view = { title: "回执", pages: 3, pdf: "JVBERi0=" };
const file = { folder: "/home/clerk/汇缴通/单证", file: "年度基数调整-2026-07-YW1.pdf" };

async function opened(answers = {}) {
  const mounted = mountScreen(
    PaperButton,
    { paper: form, label: "打印单证和回执" },
    { paper: () => view, paper_save: () => file, paper_open: () => file, ...answers },
  );
  button(mounted.wrapper, "打印单证和回执").click();
  await flushPromises();
  return mounted;
}

beforeEach(() => {
  drawn.length = 0;
  closed.length = 0;
  openPages.mockClear();
});

describe("a printed form", () => {
  test("is made when it is asked for, and looked at page by page", async () => {
    const { wrapper, backend } = await opened();
    expect(backend.calls.map(({ command, args }) => ({ command, args }))).toEqual([
      { command: "paper", args: { form } },
    ]);
    expect(openPages).toHaveBeenCalledWith("JVBERi0=");
    expect(wrapper.text()).toContain("第 1 页，共 3 页");
    expect(button(wrapper, "上一页").disabled, "there is none before the first").toBe(true);
    button(wrapper, "下一页").click();
    await flushPromises();
    button(wrapper, "下一页").click();
    await flushPromises();
    expect(drawn).toEqual([1, 2, 3]);
    expect(button(wrapper, "下一页").disabled).toBe(true);
    expect(wrapper.get("canvas").attributes("aria-label"), "for those who do not see it").toBe("第 3 页的文字");
  });

  describe("of many pages", () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    test("says how far it is, and is given up by the button or by closing", async () => {
      vi.useFakeTimers();
      let refuse: (thrown: unknown) => void = () => undefined;
      const answers = {
        paper: () => new Promise((_, reject) => (refuse = reject)),
        step: () => ({ done: 120, total: 412 }),
        step_cancel: () => {
          refuse(uiError("desk-given-up"));
          return null;
        },
      };
      const { wrapper, backend } = await opened(answers);
      const given = (): number => backend.calls.filter((call) => call.command === "step_cancel").length;
      expect(wrapper.text(), "what is short needs no way out").not.toContain("取消");
      await vi.advanceTimersByTimeAsync(301);
      expect(wrapper.text()).toContain("第 120 / 412 页");
      expect(wrapper.get("progress").attributes("value")).toBe("120");
      button(wrapper, "取消").click();
      await vi.advanceTimersByTimeAsync(0);
      expect(given()).toBe(1);
      expect(wrapper.get("[role=alert]").text()).toContain("没有写出任何文件");
      expect(wrapper.find("progress").exists(), "nothing runs any more").toBe(false);
      button(wrapper, "返回").click();
      await vi.advanceTimersByTimeAsync(0);
      expect(given(), "nothing was left to give up").toBe(1);

      button(wrapper, "打印单证和回执").click();
      await vi.advanceTimersByTimeAsync(301);
      button(wrapper, "返回").click();
      await nextTick();
      button(wrapper, "打印单证和回执").click();
      await vi.advanceTimersByTimeAsync(0);
      expect(given(), "who closes it wants it no more").toBe(2);
      expect(
        backend.calls.filter((call) => call.command === "paper"),
        "who opens it again does",
      ).toHaveLength(3);
      expect(wrapper.find("[role=alert]").exists()).toBe(false);
    });
  });

  test("opened again at once waits until what was given up was heard of", async () => {
    const refusals: ((thrown: unknown) => void)[] = [];
    let heard: (answer: unknown) => void = () => undefined;
    const { wrapper, backend } = await opened({
      paper: () => new Promise((_, reject) => refusals.push(reject)),
      step_cancel: () => new Promise((answer) => (heard = answer)),
    });
    const asked = (): number => backend.calls.filter((call) => call.command === "paper").length;
    button(wrapper, "返回").click();
    await nextTick();
    button(wrapper, "打印单证和回执").click();
    refusals[0]?.(uiError("desk-given-up"));
    await flushPromises();
    expect(asked(), "a word that is still on its way would give up this one").toBe(1);
    heard(null);
    await flushPromises();
    expect(asked()).toBe(2);
  });

  test("closed in the middle of a page is no error, and the next one is drawn", async () => {
    let end: (thrown: unknown) => void = () => undefined;
    const never = (): Promise<string> => new Promise((_, reject) => (end = reject));
    const close = (): number => {
      end(new Error("destroyed"));
      return 0;
    };
    openPages.mockResolvedValueOnce({ count: 3, draw: never, close });
    const { wrapper } = await opened();
    button(wrapper, "返回").click();
    await flushPromises();
    expect(wrapper.find("[role=alert]").exists(), "nobody has to be told").toBe(false);
    button(wrapper, "打印单证和回执").click();
    await flushPromises();
    expect(drawn, "the one that was given up stops nobody").toEqual([1]);
    expect(wrapper.get("canvas").attributes("aria-label")).toBe("第 1 页的文字");
  });

  test("that is shifted says by how much", async () => {
    const { wrapper, app } = await opened();
    app.preferences.value = { ...preferences, print_shift: { right: 0, down: 0 } };
    await flushPromises();
    expect(wrapper.text()).not.toContain("平移");
    app.preferences.value = { ...preferences, print_shift: { right: 15, down: -20 } };
    await flushPromises();
    expect(wrapper.text()).toContain("向右 1.5 毫米，向下 -2 毫米");
  });

  test("is saved, or opened to be printed; both say where the file is", async () => {
    const { wrapper, backend } = await opened();
    button(wrapper, "保存 PDF").click();
    await flushPromises();
    expect(wrapper.text()).toContain(`已保存 ${file.file}，在 ${file.folder}`);
    button(wrapper, "打开并打印").click();
    await flushPromises();
    expect(backend.calls.map((call) => call.command)).toEqual(["paper", "paper_save", "paper_open"]);
    button(wrapper, "返回").click();
    await flushPromises();
    expect(closed, "its memory is given back").toEqual(["JVBERi0="]);
    expect(wrapper.find("canvas").exists()).toBe(false);
  });

  test("a name that cannot be printed is said, and there is nothing to save", async () => {
    const { wrapper } = await opened({
      paper: () => {
        throw uiError("paper-glyph-missing");
      },
    });
    expect(wrapper.get("[role=alert]").text()).toContain("有字打印不出来");
    expect(button(wrapper, "保存 PDF").disabled && button(wrapper, "打开并打印").disabled).toBe(true);
    expect(openPages).not.toHaveBeenCalled();
  });
});
