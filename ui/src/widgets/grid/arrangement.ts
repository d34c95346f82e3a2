import type { CellMark } from "../../backend/generated/CellMark";
import type { TableColumns } from "../../backend/generated/TableColumns";
import type { GridColumn } from "../../backend/generated/GridColumn";
import type { GridRow } from "../../backend/generated/GridRow";

/** Pixels at 100 %; the desk keeps no others. */
export const NARROWEST = 40;
export const WIDEST = 600;

const LEVELS: readonly string[] = ["error", "fix", "warning"];

export function widthWithin(width: number): number {
  return Math.round(Math.max(NARROWEST, Math.min(width, WIDEST)));
}

/** Every column as wide as chosen and in its chosen place; one that the choice does not know stands behind its usual neighbour. */
export function ordered(columns: readonly GridColumn[], choice: TableColumns | null): GridColumn[] {
  const places = new Map(choice?.order.map((field, place) => [field, place]));
  const known = columns.filter(({ field }) => places.has(field));
  const all = known.sort((a, b) => (places.get(a.field) ?? 0) - (places.get(b.field) ?? 0));
  columns.forEach((column, index) => {
    if (!places.has(column.field))
      all.splice(index === 0 ? 0 : all.indexOf(columns[index - 1] ?? column) + 1, 0, column);
  });
  return all.map((column) => ({ ...column, width: widthWithin(choice?.widths[column.field] ?? column.width) }));
}

/** The choice for columns that stand in this order and are this wide; `null` where that is as usual. */
export function choiceOf(
  columns: readonly GridColumn[],
  chosen: readonly GridColumn[],
  hidden: readonly string[],
): TableColumns | null {
  const usual = new Map(columns.map(({ field, width }) => [field, width]));
  const wider = chosen.filter(({ field, width }) => usual.get(field) !== width);
  const moved = chosen.some(({ field }, place) => columns[place]?.field !== field);
  if (!moved && hidden.length === 0 && wider.length === 0) return null;
  return {
    order: chosen.map(({ field }) => field),
    hidden: [...hidden],
    widths: Object.fromEntries(wider.map(({ field, width }) => [field, width])),
  };
}

/** The columns that are shown, and rows as they are shown under them. Rows come with every column, in the usual order. */
export class Arrangement {
  /** Shown, from left to right. As many stay in place at the left as usual, whichever stand there. */
  readonly columns: GridColumn[];
  /** For each shown column, its place in the rows as they come. */
  readonly sources: readonly number[];
  private readonly places: readonly number[];
  private readonly usual: boolean;
  private readonly shown = new WeakMap<GridRow, GridRow>();

  constructor(
    private readonly all: readonly GridColumn[],
    choice: TableColumns | null = null,
  ) {
    const visible = ordered(all, choice).filter(({ field }) => !choice?.hidden.includes(field));
    const staying = visible.filter(({ frozen }) => frozen).length;
    this.columns =
      choice === null ? [...all] : visible.map((column, place) => ({ ...column, frozen: place < staying }));
    this.sources = this.columns.map(({ field }) => all.findIndex((column) => column.field === field));
    this.places = all.map((_, source) => this.sources.indexOf(source));
    this.usual = this.places.every((place, source) => place === source);
  }

  /** Where a column of the rows is shown; `undefined` where it is hidden. */
  placeOf(source: number): number | undefined {
    const place = this.places[source] ?? -1;
    return place < 0 ? undefined : place;
  }

  /** The row as it is shown; what is wrong in hidden columns is said of the row. */
  row(row: GridRow): GridRow {
    if (this.usual) return row;
    const known = this.shown.get(row);
    if (known) return known;
    const shown: GridRow = {
      ...row,
      cells: this.sources.map((source) => row.cells[source] ?? ""),
      marks: this.marks(row.marks),
      edited: row.edited.flatMap((source) => this.placeOf(source) ?? []),
    };
    this.shown.set(row, shown);
    return shown;
  }

  private marks(marks: readonly CellMark[]): CellMark[] {
    const shown: CellMark[] = [];
    const ofRow: CellMark[] = [];
    for (const mark of marks) {
      const place = mark.column === null ? undefined : this.placeOf(mark.column);
      if (place !== undefined) shown.push({ ...mark, column: place });
      else if (mark.column === null) ofRow.push(mark);
      else ofRow.push({ ...mark, message: `${this.all[mark.column]?.title ?? ""}：${mark.message}` });
    }
    const [worst] = [...ofRow].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
    if (worst) shown.push({ ...worst, column: null, message: ofRow.map(({ message }) => message).join("\n") });
    return shown;
  }
}
