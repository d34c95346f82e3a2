import { expect, test } from "vitest";
import type { GridColumn } from "../../backend/generated/GridColumn";
import type { GridRow } from "../../backend/generated/GridRow";
import { echo, emptyRows, fillDown, fillWith, growth, paste, pasteArea, toggleExcluded } from "./changes";

const columns: GridColumn[] = ["name", "after", "base"].map((field) => ({
  ...{ field, title: field, numeric: false, frozen: false, choices: [], width: 100 },
  editable: field !== "after",
}));
const row = (index: number, cells: string[], excluded = false): GridRow => ({
  ...{ index, row: index + 2, cells, marks: [], edited: [] },
  excluded,
});
const range = { top: 0, bottom: 1, left: 0, right: 2 };
const rows = (): GridRow[] => [row(7, ["a", "x", "1"]), row(3, ["b", "y", ""])];

test("clearing names rows by their index in the draft and skips what can't or needn't change", () => {
  expect(fillWith(rows(), columns, range, "")).toEqual([
    { op: "set", index: 7, field: "name", text: "" },
    { op: "set", index: 7, field: "base", text: "" },
    { op: "set", index: 3, field: "name", text: "" },
  ]);
});

test("filling down copies the first row", () => {
  expect(fillDown(rows(), columns, range)).toEqual([
    { op: "set", index: 3, field: "name", text: "a" },
    { op: "set", index: 3, field: "base", text: "1" },
  ]);
});

test("a table lies at the upper left corner and what does not fit is counted", () => {
  const table = [["1", "2", "3"], ["4"], ["5"]];
  const { area, cut } = pasteArea(table, { top: 8, bottom: 8, left: 1, right: 1 }, { rows: 10, columns: 3 });
  expect(area).toEqual({ top: 8, bottom: 9, left: 1, right: 2 });
  expect(cut).toEqual({ rows: 1, columns: 1 });
});

test("a read-only column in the middle takes nothing but keeps its place", () => {
  const { area } = pasteArea([["甲", "9", "2"]], { ...range, bottom: 0 }, { rows: 2, columns: 3 });
  expect(paste([["甲", "9", "2"]], rows().slice(0, 1), columns, area)).toEqual([
    { op: "set", index: 7, field: "name", text: "甲" },
    { op: "set", index: 7, field: "base", text: "2" },
  ]);
});

test("one cell fills the whole selection", () => {
  const { area, cut } = pasteArea([["9"]], range, { rows: 2, columns: 3 });
  expect(area).toEqual(range);
  expect(cut).toEqual({ rows: 0, columns: 0 });
  expect(paste([["9"]], rows(), columns, area)).toHaveLength(4);
});

test("rows are left out together and come back only when all are out", () => {
  const mixed = [row(0, []), row(1, [], true)];
  expect(toggleExcluded(mixed)).toEqual([{ op: "exclude", index: 0, excluded: true }]);
  expect(toggleExcluded([row(1, [], true)])).toEqual([{ op: "exclude", index: 1, excluded: false }]);
});

test("a step shows at once in the rows at hand", () => {
  const here = rows();
  echo(
    [
      { op: "set", index: 3, field: "base", text: "5" },
      { op: "set", index: 99, field: "base", text: "not here" },
      { op: "exclude", index: 7, excluded: true },
    ],
    here,
    columns,
  );
  expect(here[1]?.cells).toEqual(["b", "y", "5"]);
  expect(here[0]?.excluded).toBe(true);
});

test("a list that grows keeps empty rows below what is filled in", () => {
  const upTo = (last: number): GridRow[] => emptyRows(0, last, 2);
  expect(growth(upTo(0), 10), "nothing to add in the middle").toBe(0);
  expect(growth(upTo(6), 10)).toBe(0);
  expect(growth(upTo(9), 10), "the last row filled in: ten more").toBe(10);
  expect(growth(upTo(1_999), 10), "a long table makes its own room, and some below it").toBe(2_000);
});

test("a list does not grow where something stands in the rows already", () => {
  const [row] = emptyRows(9, 9, 2);
  const full = { ...(row as GridRow), cells: ["王芳", ""] };
  expect(growth([full], 10), "the last row is changed, not filled in").toBe(0);
  expect(growth([], 10)).toBe(0);
  expect(growth([{ ...full, cells: ["", " "] }], 10), "blanks are nothing").toBe(10);
  const [below] = emptyRows(10, 10, 2);
  expect(growth([full, below as GridRow], 10), "a table that is longer than the list brings its rows").toBe(11);
});

test("rows that are added with the step are filled in by their place", () => {
  const table = [["1"], ["2"], ["3"]];
  const { area, cut } = pasteArea(table, { top: 1, bottom: 1, left: 0, right: 0 }, { rows: Infinity, columns: 3 });
  expect(cut).toEqual({ rows: 0, columns: 0 });
  const added = emptyRows(2, area.bottom, 3);
  const [, last] = rows();
  expect(paste(table, [{ ...(last as GridRow), index: 1 }, ...added], columns, area)).toEqual([
    { op: "set", index: 1, field: "name", text: "1" },
    { op: "set", index: 2, field: "name", text: "2" },
    { op: "set", index: 3, field: "name", text: "3" },
  ]);
});
