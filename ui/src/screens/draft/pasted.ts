import type { GridColumn } from "../../backend";
import { formatTable, parseTable } from "../../widgets/grid/clipboard";

const plain = (title: string): string => title.replace(/\s/g, "");

/** Fields that the first row names, where it is nothing but titles of columns and rows of data follow. */
export function titled(text: string, columns: readonly GridColumn[]): string[] {
  const [titles = [], ...rows] = parseTable(text);
  const named = new Set(titles.map(plain).filter((title) => title !== ""));
  const found = columns.filter(({ title }) => named.has(plain(title)));
  const known = new Set(found.map(({ title }) => plain(title)));
  return rows.length > 0 && known.size === named.size ? found.map(({ field }) => field) : [];
}

/**
 * A copied table as it goes into the grid. Where its first row is nothing but titles of columns, that row says which
 * column is which and is no row of data; any other table stays as it is.
 */
export function arranged(text: string, columns: readonly GridColumn[]): string {
  if (titled(text, columns).length === 0) return text;
  const [titles = [], ...rows] = parseTable(text);
  const places = columns.map((column) => titles.findIndex((title) => plain(title) === plain(column.title)));
  return formatTable(rows.map((row) => places.map((place) => (place < 0 ? "" : (row[place] ?? "")))));
}
