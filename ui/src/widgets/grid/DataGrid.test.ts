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
/** The rows have come and are painted. */
const painted = () => vi.waitFor(() => expect(wrapper.find("[role=gridcell]").text()).toBe("人0"), { timeout: 10_000 });
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
  await painted();
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

const CHOICES = ["封存", "启封", "同城转入", "同城转出"];

/** A grid whose first column has choices and that grows; in so many of its rows nothing stands yet. */
async function withChoices(empty = 3): Promise<HTMLElement> {
  wrapper.unmount();
  const fetchPage = vi.fn(() => {
    const view = page(0);
    const filled = view.rows.length - empty;
    const rows = view.rows.map((row, index) => ({ ...row, index, cells: index < filled ? row.cells : ["", ""] }));
    return Promise.resolve({ ...view, rows });
  });
  const chosen = column("change_kind", "变更类型", { choices: CHOICES });
  const props = {
    columns: [chosen, column("base", "基数")],
    total: 5,
    revision: 1,
    fetchPage,
    label: "清册",
    grows: true,
  };
  wrapper = mount(DataGrid, { props, attachTo: document.body });
  box = wrapper.find("textarea").element;
  await painted();
  box.focus();
  return wrapper.find("[role=listbox]").element as HTMLElement;
}
const offered = (list: HTMLElement): string[] =>
  list.hidden ? [] : [...list.children].map((each) => each.textContent);
const marked = (list: HTMLElement): string | undefined => list.querySelector("[aria-selected=true]")?.textContent;

test("Alt and down open the choices, arrows and Enter choose one", async () => {
  const list = await withChoices();
  expect(offered(list), "nothing is open by itself").toEqual([]);
  expect(box.getAttribute("aria-haspopup")).toBe("listbox");
  key("ArrowDown", { altKey: true });
  expect(offered(list)).toEqual(CHOICES);
  expect(marked(list)).toBe("封存");
  key("ArrowDown");
  expect(marked(list), "arrows stay in the list").toBe("启封");
  expect(box.getAttribute("aria-activedescendant")).toBe(list.children[1]?.id);
  key("Enter");
  expect(edits()).toEqual([[{ op: "set", index: 0, field: "change_kind", text: "启封" }]]);
  expect(offered(list)).toEqual([]);
  expect(box.hasAttribute("aria-activedescendant")).toBe(false);
});

test("typing narrows the choices, and what is typed is taken all the same", async () => {
  const list = await withChoices();
  type("转");
  expect(offered(list)).toEqual(["同城转入", "同城转出"]);
  expect(marked(list), "nothing is taken that was not chosen").toBeUndefined();
  type("学");
  expect(offered(list)).toEqual([]);
  key("Enter");
  expect(edits()).toEqual([[{ op: "set", index: 0, field: "change_kind", text: "转学" }]]);
});

test("Escape leaves the cell as it was, a click takes a choice", async () => {
  const list = await withChoices();
  key("ArrowDown", { altKey: true });
  key("Escape");
  expect([edits(), offered(list)]).toEqual([[], []]);
  key("F2");
  expect(offered(list), "a text that is none of them offers what holds it").toEqual([]);
  key("Escape");
  key("ArrowDown", { altKey: true });
  list.children[2]?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
  expect(edits()).toEqual([[{ op: "set", index: 0, field: "change_kind", text: "同城转入" }]]);
});

test("a column without choices has no list", async () => {
  const list = await withChoices();
  key("ArrowRight");
  key("ArrowDown", { altKey: true });
  expect(offered(list)).toEqual([]);
  expect(box.hasAttribute("aria-haspopup")).toBe(false);
});

test("filling in the last row adds rows in the same step and goes on there once they have come", async () => {
  await withChoices();
  key("ArrowDown", { ctrlKey: true });
  type("封存");
  key("Enter");
  const [step] = edits();
  expect(step?.[1]).toEqual({ op: "set", index: 4, field: "change_kind", text: "封存" });
  expect(step?.[0]).toEqual({ op: "add", rows: 10 });
  await wrapper.setProps({ total: 15, revision: 2 });
  await vi.waitFor(() => expect(wrapper.emitted("select")?.at(-1)).toMatchObject([{ position: 5, column: 0 }]));
});

test("changing the last row of what is filled in adds no rows", async () => {
  await withChoices(0);
  key("ArrowDown", { ctrlKey: true });
  type("封存");
  key("Enter");
  expect(edits()).toEqual([[{ op: "set", index: 4, field: "change_kind", text: "封存" }]]);
  (wrapper.vm as unknown as { paste(text: string): void }).paste("启封\t9");
  expect(edits().at(-1), "nor does what is pasted over it").toEqual([
    { op: "set", index: 4, field: "change_kind", text: "启封" },
    { op: "set", index: 4, field: "base", text: "9" },
  ]);
  await settled();
  expect(wrapper.emitted("select")?.at(-1), "the cursor waits for no row").toMatchObject([{ position: 4 }]);
});

test("a pasted table that is longer than the list brings its rows with it", async () => {
  await withChoices();
  (wrapper.vm as unknown as { paste(text: string): void }).paste(
    "封存\t1\n启封\t2\n封存\t3\n封存\t4\n封存\t5\n封存\t6\n封存\t7",
  );
  const [step] = edits();
  expect(step?.[0]).toEqual({ op: "add", rows: 12 });
  expect(step?.filter((op) => op.op === "set").map((op) => (op.op === "set" ? op.index : -1))).toEqual([
    0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6,
  ]);
  expect(wrapper.emitted("notice"), "nothing was cut").toBeUndefined();
});

test("what is less than nothing is red beside its minus, in columns of figures alone", async () => {
  wrapper.unmount();
  const cells = ["-12.5", "12.5", "-", "-3"];
  const rows = [{ index: 0, row: 2, cells, marks: [], excluded: false, edited: [] }];
  const fetchPage = (): Promise<PageView> => Promise.resolve({ revision: 1, page: 0, total: 1, rows });
  const figures = { numeric: true };
  const titled = [column("a", "差额", figures), column("b", "金额", figures), column("c", "备注"), column("d", "编号")];
  wrapper = mount(DataGrid, {
    props: { columns: titled, total: 1, revision: 1, fetchPage, label: "清册" },
    attachTo: document.body,
  });
  const told = () => wrapper.findAll('[aria-rowindex="2"] [role=gridcell]');
  await vi.waitFor(() => expect(told()[0]?.text()).toBe("-12.50"));
  expect(told().map((cell) => cell.classes("is-negative"))).toEqual([true, false, false, false]);
});

test("an amount is shown as an accountant writes it; edited and copied it is what it is", async () => {
  wrapper.unmount();
  const cells = ["10019.9", "12.345", "8", "10488"];
  const rows = [{ index: 0, row: 2, cells, marks: [], excluded: false, edited: [] }];
  const fetchPage = (): Promise<PageView> => Promise.resolve({ revision: 1, page: 0, total: 1, rows });
  const figures = { numeric: true };
  const titled = [
    column("old_base", "原基数", figures),
    column("new_base", "新基数", figures),
    column("unit_ratio", "单位比例", figures),
    column("reason", "原因"),
  ];
  wrapper = mount(DataGrid, {
    props: { columns: titled, total: 1, revision: 1, fetchPage, label: "清册" },
    attachTo: document.body,
  });
  box = wrapper.find("textarea").element;
  const shown = (): string[] => wrapper.findAll('[aria-rowindex="2"] [role=gridcell]').map((each) => each.text());
  await vi.waitFor(() => expect(shown()[0]).toBe("10,019.90"));
  expect(shown(), "thirds of a fen, ratios and words stay as they stand").toEqual([
    "10,019.90",
    "12.345",
    "8",
    "10488",
  ]);
  box.focus();
  await vi.waitFor(() => expect(box.getAttribute("aria-label"), "to the reader too").toContain("10,019.90"));
  key("F2");
  await settled();
  expect(box.value).toBe("10019.9");
  key("Escape");
  expect(edits(), "looking at it changes nothing").toEqual([]);
  const copied = new DataTransfer();
  const event = new Event("copy", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "clipboardData", { value: copied });
  box.dispatchEvent(event);
  expect(copied.getData("text/plain").trim()).toBe("10019.9");
});

test("an ID number shows its ends only, to eye and reader, but for the cell that is edited", async () => {
  wrapper.unmount();
  const number = "410801198512310031";
  const masked = "4108**********0031";
  const rows = [{ index: 0, row: 2, cells: [number, "1.00"], marks: [], excluded: false, edited: [] }];
  const fetchPage = (): Promise<PageView> => Promise.resolve({ revision: 1, page: 0, total: 1, rows });
  const ids = [column("id_number", "证件号码"), columns[1] as GridColumn];
  wrapper = mount(DataGrid, {
    props: { columns: ids, total: 1, revision: 1, fetchPage, label: "清册" },
    attachTo: document.body,
  });
  box = wrapper.find("textarea").element;
  const shown = (text: string) => vi.waitFor(() => expect(wrapper.find("[role=gridcell]").text()).toBe(text));
  await shown(masked);
  box.focus();
  await vi.waitFor(() => expect(box.getAttribute("aria-label")).toContain(masked));
  expect(document.body.innerHTML).not.toContain(number);
  key("F2");
  await settled();
  expect(box.value).toBe(number);
  key("Escape");
  expect(edits(), "looking at it changes nothing").toEqual([]);
  expect(wrapper.emitted("whole"), "and is told, once").toEqual([[]]);
  await wrapper.setProps({ masked: false });
  await shown(number);
});
