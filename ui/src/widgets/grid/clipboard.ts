/** What spreadsheets work out where a text does not say that it is one; the same as the core's `inert` for csv. */
const ACTS = /^'*(?:[\t\r\n]|[\s\u0085\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠])/;
const NUMBER = /^[+-]?\d[\d,]*(\.\d+)?$/;

/** A cell that no spreadsheet takes for a formula: with a `'` in front it is shown as it stands. */
function inert(cell: string): string {
  return ACTS.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

/** What `inert` was given, which is also what a `'` means in a spreadsheet. */
function meant(cell: string): string {
  const text = cell.slice(1);
  return cell.startsWith("'") && inert(text) !== text ? text : cell;
}

/** Cells of a tab-separated text as spreadsheets write it: quoted cells may hold tabs, quotes and line ends. */
export function parseTable(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let place = 0;
  if (text === "") return rows;
  for (;;) {
    const { cell, next } = text[place] === '"' ? quoted(text, place) : plain(text, place);
    row.push(meant(cell));
    const end = text[next];
    place = next + 1;
    if (end === "\t") continue;
    rows.push(row);
    row = [];
    if (end === "\r" && text[place] === "\n") place += 1;
    // A line end after the last row is no row of its own.
    if (place >= text.length) return rows;
  }
}

function plain(text: string, from: number): { cell: string; next: number } {
  let next = from;
  while (next < text.length && !isEnd(text[next])) next += 1;
  return { cell: text.slice(from, next), next };
}

/** A quote opens a quoted cell only when its closing quote stands before a tab or a line end: `"大"字` is plain. */
function quoted(text: string, from: number): { cell: string; next: number } {
  let cell = "";
  let place = from + 1;
  for (;;) {
    const quote = text.indexOf('"', place);
    if (quote < 0) return plain(text, from);
    cell += text.slice(place, quote);
    if (text[quote + 1] === '"') {
      cell += '"';
      place = quote + 2;
      continue;
    }
    const next = quote + 1;
    return next >= text.length || isEnd(text[next]) ? { cell, next } : plain(text, from);
  }
}

function isEnd(character: string | undefined): boolean {
  return character === "\t" || character === "\n" || character === "\r";
}

export function formatTable(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell) => quoteIfNeeded(inert(cell))).join("\t") + "\r\n").join("");
}

function quoteIfNeeded(cell: string): string {
  return /[\t\r\n]|^"/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "<br>" };

/**
 * The same cells as an HTML table. Columns that hold no figures are marked as text, so that a spreadsheet neither
 * rounds an ID number to 15 digits nor takes a leading `=` for a formula.
 */
export function formatHtml(rows: readonly (readonly string[])[], numeric: readonly boolean[]): string {
  const cell = (text: string, column: number): string => {
    const figure = numeric[column] === true && /^-?[\d,]+(\.\d+)?$/.test(text);
    const style = figure ? "" : ` style="mso-number-format:'\\@'"`;
    return `<td${style}>${text.replace(/\r\n?/g, "\n").replace(/[&<>"\n]/g, (found) => ENTITIES[found] ?? found)}</td>`;
  };
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\r\n");
  return `<meta charset="utf-8"><table>${body}</table>`;
}
