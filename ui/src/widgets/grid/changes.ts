import type { EditOp } from "../../backend/generated/EditOp";
import type { GridColumn } from "../../backend/generated/GridColumn";
import type { GridRow } from "../../backend/generated/GridRow";
import type { Range, Size } from "./selection";

/** One column of a row gets a new text, unless it may not or has it already. */
function setText(ops: EditOp[], row: GridRow, columns: readonly GridColumn[], column: number, text: string): void {
  const target = columns[column];
  if (!target?.editable || row.cells[column] === text) return;
  ops.push({ op: "set", index: row.index, field: target.field, text });
}

/** The same text in every editable cell of the columns left..=right. */
export function fillWith(rows: GridRow[], columns: readonly GridColumn[], range: Range, text: string): EditOp[] {
  const ops: EditOp[] = [];
  for (const row of rows) {
    for (let column = range.left; column <= range.right; column += 1) setText(ops, row, columns, column, text);
  }
  return ops;
}

/** The first row's texts in all rows below it. */
export function fillDown([source, ...rows]: GridRow[], columns: readonly GridColumn[], range: Range): EditOp[] {
  const ops: EditOp[] = [];
  for (const row of rows) {
    for (let column = range.left; column <= range.right; column += 1) {
      setText(ops, row, columns, column, source?.cells[column] ?? "");
    }
  }
  return ops;
}

/** Rows added at once where a list grows, and how many stay empty below what is filled in. */
const ADDED = 10;
const SPARE = 3;

/** How many rows a growing list of `total` needs so that `last` is filled in and some stay empty below it. */
function roomFor(last: number, total: number): number {
  return last + SPARE < total ? 0 : last + 1 + ADDED - total;
}

/**
 * How many rows a growing list of `total` gets where `rows` are filled in. A row that something stands in already is
 * changed, not filled in: nobody who mends the last line of a list asks for empty ones below it.
 */
export function growth(rows: readonly GridRow[], total: number): number {
  const last = rows.filter(({ cells }) => cells.every((text) => text.trim() === "")).at(-1);
  return last ? roomFor(last.index, total) : 0;
}

/** Rows that are not there yet: a growing list has nothing in them. */
export function emptyRows(from: number, to: number, columns: number): GridRow[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => ({
    index: from + place,
    row: 0,
    cells: Array.from({ length: columns }, () => ""),
    marks: [],
    excluded: false,
    edited: [],
  }));
}

/** Where a pasted table lies, and how much of it lies outside the grid. */
export function pasteArea(table: readonly string[][], range: Range, size: Size): { area: Range; cut: Size } {
  const width = Math.max(0, ...table.map((row) => row.length));
  const single = table.length === 1 && width === 1;
  const bottom = single ? range.bottom : range.top + table.length - 1;
  const right = single ? range.right : range.left + width - 1;
  const area = { ...range, bottom: Math.min(bottom, size.rows - 1), right: Math.min(right, size.columns - 1) };
  return { area, cut: { rows: bottom - area.bottom, columns: right - area.right } };
}

/** The pasted table as one step; a single cell fills the whole selection. */
export function paste(
  table: readonly string[][],
  rows: GridRow[],
  columns: readonly GridColumn[],
  area: Range,
): EditOp[] {
  const ops: EditOp[] = [];
  const [first] = table;
  if (table.length === 1 && first?.length === 1) return fillWith(rows, columns, area, first[0] ?? "");
  rows.forEach((row, down) => {
    table[down]?.forEach((text, across) => {
      if (area.left + across <= area.right) setText(ops, row, columns, area.left + across, text);
    });
  });
  return ops;
}

/** Leaves the rows out, or takes them back when all of them are out. */
export function toggleExcluded(rows: GridRow[]): EditOp[] {
  const excluded = rows.some((row) => !row.excluded);
  return rows.filter((row) => row.excluded !== excluded).map((row) => ({ op: "exclude", index: row.index, excluded }));
}

/** Writes the step into the rows that are here, so that it shows until the new revision is read. */
export function echo(ops: readonly EditOp[], rows: readonly GridRow[], columns: readonly GridColumn[]): void {
  const byIndex = new Map(rows.map((row) => [row.index, row]));
  const byField = new Map(columns.map((column, index) => [column.field, index]));
  for (const op of ops) {
    const row = op.op === "add" ? undefined : byIndex.get(op.index);
    if (op.op === "add" || !row) continue;
    const column = op.op === "set" ? byField.get(op.field) : undefined;
    if (op.op === "exclude") row.excluded = op.excluded;
    else if (column !== undefined) row.cells[column] = op.text;
  }
}
