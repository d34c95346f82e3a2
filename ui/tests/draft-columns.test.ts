import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import DraftScreen from "../src/screens/draft/DraftScreen.vue";
import { boundOf, told, withFilter } from "../src/screens/draft/columns";
import type { ColumnFilter } from "../src/backend";
import { average } from "../src/widgets/grid/selection";
import { draftView } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

const { columns } = draftView();

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
