import { readFileSync } from "node:fs";
import { mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EditOp } from "../../backend/generated/EditOp";
import type { GridColumn } from "../../backend/generated/GridColumn";
import type { PageView } from "../../backend/generated/PageView";
import { ColumnLayout } from "./columns";
import DataGrid from "./DataGrid.vue";

const column = (field: string, title: string, more: Partial<GridColumn> = {}): GridColumn => ({
  ...{ field, title, editable: true, numeric: false, frozen: false, choices: [], width: 100 },
  ...more,
});
const columns = [column("name", "姓名", { frozen: true }), column("base", "基数", { numeric: true })];

function page(number: number, revision = 1): PageView {
  const rows = Array.from({ length: 5 }, (_, index) => ({
    index: 10 + index,
    row: index + 2,
    cells: [`人${index}`, `${index}.00`],
    marks: index === 1 ? [{ column: 1, level: "error", message: "基数不是数" }] : [],
    excluded: index === 2,
    edited: [],
  }));
  return { revision, page: number, total: 5, rows };
}

let wrapper: VueWrapper;
let box: HTMLTextAreaElement;
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 60));
const edits = (): EditOp[][] => (wrapper.emitted("edit") ?? []).map(([ops]) => ops as EditOp[]);

function key(name: string, more: KeyboardEventInit & { keyCode?: number } = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
  if (more.keyCode) Object.defineProperty(event, "keyCode", { value: more.keyCode });
  box.dispatchEvent(event);
  return event;
}
function type(text: string): void {
  box.value += text;
  box.dispatchEvent(new Event("input"));
}

beforeEach(async () => {
  const fetchPage = vi.fn((number: number) => Promise.resolve(page(number)));
  const props = { columns, total: 5, revision: 1, fetchPage, label: "清册" };
  wrapper = mount(DataGrid, { props, attachTo: document.body });
  box = wrapper.find("textarea").element;
  await settled();
  box.focus();
});
afterEach(() => {
  wrapper.unmount();
  vi.restoreAllMocks();
});

test("the roles, counts and states a screen reader needs", () => {
  const grid = wrapper.find("[role=grid]");
  expect(grid.attributes()).toMatchObject({ "aria-rowcount": "6", "aria-colcount": "3", "aria-label": "清册" });
  expect(wrapper.findAll("[role=rowgroup]"), "header and body").toHaveLength(2);
  expect(grid.element.contains(box), "the box stands outside the grid").toBe(false);
  const row = wrapper.find('[aria-rowindex="3"]');
  expect(row.find('[aria-colindex="3"]').attributes("aria-invalid")).toBe("true");
  expect(row.find('[aria-colindex="2"]').attributes("aria-invalid"), "only the wrong cell").toBeUndefined();
  expect(wrapper.find('[aria-rowindex="4"] [role=checkbox]').attributes("aria-checked"), "left out").toBe("false");
  expect(box.getAttribute("aria-label")).toBe("姓名 第2行 人0");
});

test("the box is an empty plain textarea while idle", async () => {
  key("ArrowDown");
  await settled();
  expect([box.value, box.className]).toEqual(["", "grid-box"]);
});

test("Enter of the input method commits nothing; the next Enter does", () => {
  box.dispatchEvent(new CompositionEvent("compositionstart"));
  expect(box.className, "the composition shows the box").toContain("is-editing");
  type("wang");
  expect(key("Enter", { isComposing: true }).defaultPrevented, "left to the input method").toBe(false);
  // WebKit ends the composition before it reports the Enter that picked the candidate.
  box.value = "王芳";
  box.dispatchEvent(new CompositionEvent("compositionend"));
  key("Enter", { keyCode: 229 });
  expect(edits()).toEqual([]);
  key("Enter");
  expect(edits()).toEqual([[{ op: "set", index: 10, field: "name", text: "王芳" }]]);
});

test("blur while composing waits for the end of the composition", () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  box.dispatchEvent(new CompositionEvent("compositionstart"));
  type("zh");
  box.blur();
  expect(edits(), "no half-composed text").toEqual([]);
  box.value = "张";
  box.dispatchEvent(new CompositionEvent("compositionend"));
  expect(edits()).toEqual([[{ op: "set", index: 10, field: "name", text: "张" }]]);
});

test("another window taking the focus leaves the text open", () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
  type("张");
  box.dispatchEvent(new Event("blur"));
  expect(edits()).toEqual([]);
  expect(box.className).toContain("is-editing");
});

test("F2 focuses first and brings the text in the next frame; Enter before that changes nothing", async () => {
  key("F2");
  expect(box.value, "still empty in this frame").toBe("");
  key("Enter");
  expect(edits(), "the text was not emptied by a quick Enter").toEqual([]);
  key("F2");
  await settled();
  expect(box.value).toBe("人1");
});

test("a tick, Delete and Ctrl+Delete each make one step", async () => {
  key("ArrowDown", { shiftKey: true });
  key("Delete");
  expect(edits().at(-1)).toEqual([
    { op: "set", index: 10, field: "name", text: "" },
    { op: "set", index: 11, field: "name", text: "" },
  ]);
  key("Delete", { ctrlKey: true });
  expect(edits().at(-1)).toHaveLength(2);
  wrapper
    .find('[aria-rowindex="4"] [role=checkbox]')
    .element.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  expect(edits().at(-1), "a row left out is taken back").toEqual([{ op: "exclude", index: 12, excluded: false }]);
});

test("a read-only grid changes nothing", async () => {
  await wrapper.setProps({ readonly: true });
  await settled();
  for (const name of ["Delete", "F2"]) key(name);
  key("Delete", { ctrlKey: true });
  wrapper.find("[role=checkbox]").element.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  expect(edits()).toEqual([]);
  expect(box.readOnly, "an input method gets nothing to write into").toBe(true);
});

test("repainting writes into the nodes that are there", async () => {
  const nodes = vi.fn();
  const texts = vi.fn();
  const body = wrapper.find(".grid-body").element;
  new MutationObserver(nodes).observe(body, { childList: true, subtree: true });
  new MutationObserver(texts).observe(body, { characterData: true, subtree: true });
  const renamed = page(0, 2);
  renamed.rows.forEach((row) => (row.cells[0] += "新"));
  await wrapper.setProps({ revision: 2, fetchPage: () => Promise.resolve(renamed) });
  await settled();
  expect(texts, "the rows have changed").toHaveBeenCalled();
  expect(nodes).not.toHaveBeenCalled();
});

test("no cell takes a property by inheritance, and none has a style of its own", () => {
  // `inherit` on cells made the browser restyle hundreds of elements per frame. The box is no cell.
  const css = readFileSync("src/widgets/grid/grid.css", "utf8");
  const rules = css.split("}").filter((rule) => rule.includes("inherit"));
  expect(rules.map((rule) => rule.split("{")[0]?.trim())).toEqual([".grid-box"]);
  expect(new ColumnLayout(columns, 1).css("g")).not.toContain("inherit");
  expect(wrapper.findAll(".grid-cell[style]")).toHaveLength(0);
  expect(wrapper.findAll("style"), "the content security policy forbids <style>").toHaveLength(0);
});

test("the style sheet of the columns goes with the grid", () => {
  const count = document.adoptedStyleSheets.length;
  wrapper.unmount();
  expect(document.adoptedStyleSheets).toHaveLength(count - 1);
});
