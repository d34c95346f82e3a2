import { describe, expect, test } from "vitest";
import type { GridColumn } from "../../backend/generated/GridColumn";
import type { GridRow } from "../../backend/generated/GridRow";
import { Arrangement, choiceOf, ordered } from "./arrangement";
import { ColumnLayout } from "./columns";

const column = (field: string, frozen = false): GridColumn => ({
  ...{ field, title: field.toUpperCase(), editable: true, numeric: false, frozen, choices: [], width: 100 },
});
const columns = [column("a", true), column("b", true), column("c"), column("d")];
const fields = (all: readonly GridColumn[]): string => all.map(({ field }) => field).join("");
const row: GridRow = {
  index: 5,
  row: 7,
  cells: ["1", "2", "3", "4"],
  marks: [
    { column: 2, level: "error", message: "不对" },
    { column: 1, level: "warning", message: "太少" },
    { column: null, level: "warning", message: "重复" },
  ],
  excluded: false,
  edited: [0, 2],
};

describe("the order of columns", () => {
  test("is the chosen one; fields that are gone are passed over, new ones stand behind their usual neighbour", () => {
    const choice = { order: ["d", "gone", "b", "a"], hidden: [], widths: {} };
    expect(fields(ordered(columns, choice)), "c is new").toBe("dbca");
    expect(fields(ordered(columns, null))).toBe("abcd");
    const later = { order: ["b", "c", "d"], hidden: [], widths: {} };
    expect(fields(ordered(columns, later)), "a new first one is the first").toBe("abcd");
  });

  test("widths stay within what the desk keeps", () => {
    const [a, b] = ordered(columns, { order: [], hidden: [], widths: { a: 5000, b: 1 } });
    expect([a?.width, b?.width]).toEqual([600, 40]);
  });

  test("is no choice at all where everything is as usual", () => {
    expect(choiceOf(columns, columns, [])).toBeNull();
    const moved = [...columns].reverse();
    expect(choiceOf(columns, moved, ["c"])).toEqual({ order: ["d", "c", "b", "a"], hidden: ["c"], widths: {} });
    const wide = columns.map((each) => (each.field === "c" ? { ...each, width: 150 } : each));
    expect(choiceOf(columns, wide, [])?.widths).toEqual({ c: 150 });
  });
});

describe("a row under arranged columns", () => {
  test("shows its cells in their order; what is wrong in hidden ones is said of the row", () => {
    const shown = new Arrangement(columns, { order: ["d", "b", "a", "c"], hidden: ["c"], widths: {} });
    expect(fields(shown.columns)).toBe("dba");
    expect(shown.row(row)).toMatchObject({ index: 5, cells: ["4", "2", "1"], edited: [2] });
    expect(shown.row(row).marks).toEqual([
      { column: 1, level: "warning", message: "太少" },
      { column: null, level: "error", message: "C：不对\n重复" },
    ]);
    expect(shown.placeOf(2), "hidden").toBeUndefined();
    expect(shown.placeOf(3)).toBe(0);
    expect(row.cells, "the row that was read is not touched").toEqual(["1", "2", "3", "4"]);
    expect(shown.row(row), "made once, so that a step shows in it until it is read again").toBe(shown.row(row));
  });

  test("is the row itself where nothing was chosen", () => {
    expect(new Arrangement(columns).row(row)).toBe(row);
    expect(new Arrangement(columns, { order: [], hidden: [], widths: { a: 50 } }).row(row)).toBe(row);
  });

  test("as many columns stay at the left as usual, whichever stand there", () => {
    const shown = new Arrangement(columns, { order: ["d", "a", "b", "c"], hidden: [], widths: {} });
    expect(shown.columns.map(({ frozen }) => frozen)).toEqual([true, true, false, false]);
    const fewer = new Arrangement(columns, { order: ["d", "a", "b", "c"], hidden: ["a"], widths: {} });
    expect(fewer.columns.map(({ frozen }) => frozen)).toEqual([true, false, false]);
  });
});

test("columns that would leave the others too little room do not stay in place", () => {
  expect(new ColumnLayout(columns, 1, 1000).frozen).toBe(2);
  expect(new ColumnLayout(columns, 1, 400).frozen, "88 + 100 + 100 of 400 are more than 70 %").toBe(1);
  expect(new ColumnLayout(columns, 1).frozen, "before the window is measured").toBe(2);
});
