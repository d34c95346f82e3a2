import type { GridColumn } from "../../backend";
import { formatTable, parseTable } from "../../widgets/grid/clipboard";

const plain = (title: string): string => title.replace(/\s/g, "");

/**
 * A copied table as it goes into the grid. Where its first row is nothing but titles of columns, that row says which
 * column is which and is no row of data; any other table stays as it is.
 */
export function arranged(text: string, columns: readonly GridColumn[]): string {
  const [titles, ...rows] = parseTable(text);
  const named = (titles ?? []).map(plain).filter((title) => title !== "");
  const places = columns.map((column) => (titles ?? []).findIndex((title) => plain(title) === plain(column.title)));
  const known = new Set(columns.map((column) => plain(column.title)));
  if (named.length === 0 || rows.length === 0 || !named.every((title) => known.has(title))) return text;
  return formatTable(rows.map((row) => places.map((place) => (place < 0 ? "" : (row[place] ?? "")))));
}
