/** Months are `YYYY-MM` everywhere below the field that reads them. */

export interface MonthRange {
  /** First month allowed, `YYYY-MM`. */
  min: string;
  /** Last month allowed. */
  max: string;
  /** The month a lone number such as `7` should come near to. */
  near: string;
}

export type ParsedMonth = { month: string } | { problem: "empty" | "unreadable" | "outside" };

function halfWidth(text: string): string {
  return text.replace(/[０-９．－／]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, " ");
}

function month(year: number, number: number): string {
  return `${String(year).padStart(4, "0")}-${String(number).padStart(2, "0")}`;
}

function inRange(value: string, range: MonthRange): boolean {
  return value >= range.min && value <= range.max;
}

function distance(a: string, b: string): number {
  const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
  return Math.abs(months(a) - months(b));
}

/** Reads `202607`, `2026-07`, `2026/7`, `2026.7`, `2026年7月`, `7` or `7月`; never guesses beyond the range. */
export function parseMonth(text: string, range: MonthRange): ParsedMonth {
  const plain = halfWidth(text).trim().replace(/\s+/g, "");
  if (plain === "") return { problem: "empty" };
  const full = /^(\d{4})(?:[-/.]|\u5e74)?(\d{1,2})\u6708?$/.exec(plain);
  const lone = /^(\d{1,2})\u6708?$/.exec(plain);
  const number = Number((full?.[2] ?? lone?.[1]) || NaN);
  if (!(number >= 1 && number <= 12)) return { problem: "unreadable" };
  if (full) {
    const value = month(Number(full[1]), number);
    return inRange(value, range) ? { month: value } : { problem: "outside" };
  }
  const years: number[] = [];
  for (let year = Number(range.min.slice(0, 4)); year <= Number(range.max.slice(0, 4)); year += 1) years.push(year);
  const nearest = years
    .map((year) => month(year, number))
    .filter((value) => inRange(value, range))
    .sort((a, b) => distance(a, range.near) - distance(b, range.near))[0];
  return nearest === undefined ? { problem: "outside" } : { month: nearest };
}
