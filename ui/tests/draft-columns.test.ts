import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import DraftScreen from "../src/screens/draft/DraftScreen.vue";
import { boundOf, told, withFilter } from "../src/screens/draft/columns";
import { arranged, titled } from "../src/screens/draft/pasted";
import type { ColumnFilter, Preferences } from "../src/backend";
import DataGrid from "../src/widgets/grid/DataGrid.vue";
import { average } from "../src/widgets/grid/selection";
import { draftView, preferences } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

const { columns } = draftView();
// A busy computer is slow, not wrong.
const SLOW = { timeout: 10_000 };

describe("filters of columns", () => {
  test("say what they are, with ID numbers masked", () => {
    const id: ColumnFilter = { test: "contains", field: "id_number", text: "110105199001010016" };
    expect(told(id, columns, true)).not.toContain("19900101");
    expect(told(id, columns, false)).toContain("110105199001010016");
    const some: ColumnFilter = { test: "one_of", field: "name", texts: ["", "张伟"] };
    expect(told(some, columns, true)).toContain("（空） 等 2 种");
    expect(told({ test: "between", field: "new_base", least: "5000", most: null }, columns, true)).toContain("≥ 5,000");
  });

  test("are one for each column", () => {
    const name: ColumnFilter = { test: "contains", field: "name", text: "张" };
    const base: ColumnFilter = { test: "between", field: "new_base", least: null, most: "1" };
    const other: ColumnFilter = { test: "contains", field: "name", text: "王" };
    expect(withFilter([name, base], "name", other)).toEqual([base, other]);
    expect(withFilter([name, base], "name", null)).toEqual([base]);
  });

  test("take bounds as people write them and no others", () => {
    expect([boundOf("5,000"), boundOf(" 0.5 "), boundOf("")]).toEqual(["5000", "0.5", null]);
    for (const wrong of ["五千", "1e3", "1.234", "5000元"]) expect(boundOf(wrong), wrong).toBeUndefined();
  });

  test("are chosen, shown as a chip, combined with what is looked for, and taken away by it", async () => {
    const { wrapper, backend } = mountScreen(DraftScreen, { draft: "d1" });
    await settle();
    button(wrapper, "筛选…").click();
    await settle();
    const box = document.querySelector<HTMLInputElement>("dialog[open] input[type=checkbox]");
    expect(box?.closest("label")?.textContent).toContain("6000.00");
    box?.click();
    await settle();
    document.querySelector<HTMLFormElement>("dialog[open] form")?.requestSubmit();
    await settle();
    const field = columns[0]?.field ?? "";
    const filter = { flagged: false, columns: [{ test: "one_of", field, texts: ["6000.00"] }] };
    expect(backend.calls.filter((call) => call.command === "draft").at(-1)?.args).toEqual({ draft: "d1", filter });
    wrapper.get<HTMLButtonElement>(".chip").element.click();
    await settle();
    expect(backend.calls.filter((call) => call.command === "draft").at(-1)?.args).toEqual({
      draft: "d1",
      filter: { flagged: false },
    });
    expect(wrapper.find(".chip").exists()).toBe(false);
  });
});

test("a replacement says how many cells it would be before it is made", async () => {
  const { wrapper, backend } = mountScreen(DraftScreen, { draft: "d1" });
  await settle();
  button(wrapper, "替换…").click();
  await settle();
  const go = [...document.querySelectorAll<HTMLButtonElement>("dialog[open] button")].find((each) =>
    each.textContent.includes("全部替换"),
  );
  expect(go?.disabled, "nothing is looked for yet").toBe(true);
  const find = document.querySelectorAll<HTMLInputElement>("dialog[open] input[type=text]")[0];
  if (!find) throw new Error("no field");
  find.value = "市场部";
  find.dispatchEvent(new Event("input"));
  await settle();
  expect(document.querySelector("dialog[open]")?.textContent).toContain("将替换 3 格");
  go?.click();
  await settle();
  const made = backend.calls.filter((call) => call.command === "draft_replace");
  expect(made.map((call) => (call.args["replacement"] as { dry: boolean }).dry)).toEqual([true, false]);
  expect(wrapper.text()).toContain("已替换 3 格");
});

test("the mean of figures is exact to the fen, half away from zero", () => {
  expect(average(["1,000.00", "2000.01"])).toBe("1500.01");
  expect(average(["-1000.00", "-2000.01", "文字"])).toBe("-1500.01");
  expect(average(["1", "1", "0"])).toBe("0.67");
  expect(average(["0.00", "-0.00"])).toBe("0.00");
  expect(average(["无"])).toBeNull();
});

describe("columns of the table", () => {
  const shown = (wrapper: VueWrapper): string[] =>
    wrapper
      .findAll("[role=columnheader]")
      .map((each) => each.text())
      .slice(1);
  const titles = columns.map(({ title }) => title);
  const [, , third = "", fourth = ""] = titles;
  const inDialog = <Found extends Element>(wanted: string): Found => {
    const found = document.querySelector<Found>(`dialog[open] ${wanted}`);
    if (!found) throw new Error(`no ${wanted}`);
    return found;
  };

  test("are hidden, moved and made wider by keyboard, and kept for this kind of filing only", async () => {
    const { wrapper, app, backend } = mountScreen(DraftScreen, { draft: "d1" });
    const other = { order: [], hidden: ["note"], widths: {} };
    app.preferences.value = { ...preferences, columns: { contributor_registration: other } };
    await settle();
    expect(shown(wrapper), "as usual").toEqual(titles);
    button(wrapper, "列…").click();
    await settle();
    inDialog<HTMLButtonElement>(`[aria-label="「${fourth}」上移"]`).click();
    await settle();
    expect(document.activeElement?.getAttribute("aria-label"), "pressed again, it goes on").toBe(`「${fourth}」上移`);
    expect(inDialog("[role=status]").textContent).toBe(`「${fourth}」现在是第 3 列`);
    const width = inDialog<HTMLInputElement>(`[aria-label="「${third}」的宽度"]`);
    width.value = "9999";
    width.dispatchEvent(new Event("change"));
    expect(width.value, "no wider than a column can be").toBe("600");
    inDialog<HTMLInputElement>("li:last-child input[type=checkbox]").click();
    await settle();
    inDialog<HTMLFormElement>("form").requestSubmit();
    await settle();
    expect(shown(wrapper)).toEqual([...titles.slice(0, 2), fourth, third, ...titles.slice(4, -1)]);
    expect(wrapper.text()).toContain("列…（隐藏 1）");
    const [kept] = backend.calls.filter((call) => call.command === "preferences_set");
    const { columns: tables } = kept?.args["preferences"] as Preferences;
    expect(tables["contributor_registration"], "the other table is as it was").toEqual(other);
    expect(tables["base_adjustment"]).toMatchObject({
      hidden: [columns.at(-1)?.field],
      widths: { [columns[2]?.field ?? ""]: 600 },
    });
    button(wrapper, "列…").click();
    await settle();
    button(wrapper, "恢复默认").click();
    await settle();
    inDialog<HTMLFormElement>("form").requestSubmit();
    await settle();
    expect(shown(wrapper)).toEqual(titles);
    expect(app.preferences.value.columns, "nothing is kept of what is as usual").toEqual({
      contributor_registration: other,
    });
  });

  test("that are hidden are shown where a finding in them is gone to, and stay hidden next time", async () => {
    const { wrapper, app, backend } = mountScreen(DraftScreen, { draft: "d1" });
    const hidden = columns.filter(({ frozen }) => !frozen).map(({ field }) => field);
    app.preferences.value = { ...preferences, columns: { base_adjustment: { order: [], hidden, widths: {} } } };
    await settle();
    const before = shown(wrapper).length;
    expect(before).toBe(titles.length - hidden.length);
    const grid = wrapper.getComponent(DataGrid);
    await vi.waitFor(() => expect(grid.emitted("select")).toBeDefined(), SLOW);
    grid.vm.$emit("nextFinding", 1);
    await vi.waitFor(() => expect(shown(wrapper)).toHaveLength(before + 1), SLOW);
    expect(
      backend.calls.filter((call) => call.command === "preferences_set"),
      "looking at it chooses nothing",
    ).toEqual([]);
  });

  test("a copied table that names its columns goes into the columns that are seen", () => {
    const [a, b, c] = columns;
    if (!a || !b || !c) throw new Error("columns");
    const text = `${c.title}\t${a.title}\n3\t1`;
    expect(titled(text, columns)).toEqual([a.field, c.field]);
    expect(arranged(text, [b, c, a])).toBe("\t3\t1\r\n");
    expect(titled("张伟\t1\n王芳\t2", columns), "no titles").toEqual([]);
  });
});
