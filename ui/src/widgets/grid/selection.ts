export interface Cell {
  row: number;
  column: number;
}

/** Inclusive rectangle of cells. */
export interface Range {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export interface Size {
  rows: number;
  columns: number;
}

/** The active cell, where editing happens, and the opposite corner of the selected rectangle. */
export interface Selection {
  active: Cell;
  end: Cell;
}

export type Motion =
  | { to: "by"; rows: number; columns: number }
  | { to: "rowStart" | "rowEnd" | "columnStart" | "columnEnd" | "first" | "last" };

export function at(row: number, column: number): Selection {
  return { active: { row, column }, end: { row, column } };
}

export function rangeOf({ active, end }: Selection): Range {
  return {
    top: Math.min(active.row, end.row),
    bottom: Math.max(active.row, end.row),
    left: Math.min(active.column, end.column),
    right: Math.max(active.column, end.column),
  };
}

export function contains(range: Range, row: number, column: number): boolean {
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

export function clamp(cell: Cell, size: Size): Cell {
  return {
    row: Math.max(0, Math.min(cell.row, size.rows - 1)),
    column: Math.max(0, Math.min(cell.column, size.columns - 1)),
  };
}

/** Brings a selection back inside a list that has become shorter. */
export function inside({ active, end }: Selection, size: Size): Selection {
  return { active: clamp(active, size), end: clamp(end, size) };
}

/** Moves the active cell, or with `extend` the opposite corner. */
export function move(selection: Selection, motion: Motion, extend: boolean, size: Size): Selection {
  const from = extend ? selection.end : selection.active;
  const target = clamp(aim(from, motion, size), size);
  return extend ? { active: selection.active, end: target } : at(target.row, target.column);
}

function aim(from: Cell, motion: Motion, size: Size): Cell {
  switch (motion.to) {
    case "by":
      return { row: from.row + motion.rows, column: from.column + motion.columns };
    case "rowStart":
      return { row: from.row, column: 0 };
    case "rowEnd":
      return { row: from.row, column: size.columns - 1 };
    case "columnStart":
      return { row: 0, column: from.column };
    case "columnEnd":
      return { row: size.rows - 1, column: from.column };
    case "first":
      return { row: 0, column: 0 };
    case "last":
      return { row: size.rows - 1, column: size.columns - 1 };
  }
}

export function everything(size: Size): Selection {
  return { active: { row: 0, column: 0 }, end: { row: size.rows - 1, column: size.columns - 1 } };
}

const figure = /^\s*(-?)([\d,]*\d)(?:\.(\d+))?\s*$/;

/** Their mean to two places, half away from zero; texts that are no figures don't count. */
export function average(texts: readonly string[]): string | null {
  const figures = texts.filter((text) => figure.test(text));
  if (figures.length === 0) return null;
  const [whole = "0", decimals = ""] = sum(figures).replace("-", "").split(".");
  const unit = 10n ** BigInt(decimals.length);
  const parts = unit * BigInt(figures.length);
  const rounded = (BigInt(whole + decimals) * 200n + parts) / (parts * 2n);
  const digits = String(rounded).padStart(3, "0");
  const sign = sum(figures).startsWith("-") && rounded > 0n ? "-" : "";
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Exact decimal sum of figures as they are written (`1,234.50`); texts that are no figures don't count. */
export function sum(texts: Iterable<string>): string {
  let scale = 0;
  let total = 0n;
  for (const text of texts) {
    const parts = figure.exec(text);
    if (!parts) continue;
    const decimals = parts[3] ?? "";
    if (decimals.length > scale) {
      total *= 10n ** BigInt(decimals.length - scale);
      scale = decimals.length;
    }
    const digits = BigInt((parts[2] ?? "").replaceAll(",", "") + decimals.padEnd(scale, "0"));
    total += parts[1] ? -digits : digits;
  }
  const sign = total < 0n ? "-" : "";
  const digits = (total < 0n ? -total : total).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return sign + (scale ? `${whole}.${digits.slice(-scale)}` : whole);
}
