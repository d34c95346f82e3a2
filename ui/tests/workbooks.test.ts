import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import DraftScreen from "../src/screens/draft/DraftScreen.vue";
import KindScreen from "../src/screens/kind/KindScreen.vue";
import { uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

describe("workbooks that are written", () => {
  test("a template is written and the page says where", async () => {
    const { wrapper, backend } = mountScreen(KindScreen, { kind: "base_adjustment", dragging: false });
    await settle();
    button(wrapper, "下载模板").click();
    await settle();
    expect(backend.calls.at(-1)?.args).toEqual({ kind: "base_adjustment" });
    expect(wrapper.text()).toContain("年度基数调整-模板.xlsx");
    expect(wrapper.text()).toContain("汇缴通\\模板");
  });

  test("the error workbook is written and the page says where, and that it is her own file", async () => {
    const { wrapper } = mountScreen(DraftScreen, { draft: "d1" });
    await settle();
    button(wrapper, "导出错误表").click();
    await settle();
    expect(wrapper.text()).toContain("含12处差错-错误表.xlsx");
    expect(wrapper.text()).toContain("共 13 处标注");
    expect(wrapper.text()).not.toContain("不含原来的字体和列宽");
    button(wrapper, "知道了").click();
    await settle();
    expect(wrapper.text()).not.toContain("-错误表.xlsx");
  });

  test("a new workbook is said to be one, and a refusal is shown", async () => {
    const anew = { folder: "/tmp", file: "工资-错误表.xlsx", marked: 1, layout_kept: false };
    const { wrapper } = mountScreen(DraftScreen, { draft: "d1" }, { draft_export_errors: () => anew });
    await settle();
    button(wrapper, "导出错误表").click();
    await settle();
    expect(wrapper.text()).toContain("不含原来的字体和列宽");

    const gone = () => {
      throw uiError("desk-source-gone");
    };
    const other = mountScreen(DraftScreen, { draft: "d1" }, { draft_export_errors: gone }).wrapper;
    await settle();
    button(other, "导出错误表").click();
    await settle();
    expect(other.text()).toContain("没有保存原文件");
  });
});
