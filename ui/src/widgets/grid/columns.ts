import type { GridColumn } from "../../backend/generated/GridColumn";

/** Pixels at scale 1. */
export const ROW_HEIGHT = 30;
export const HEAD_HEIGHT = 34;
export const ROW_HEADER_WIDTH = 88;
/** Part of the viewport. */
const MOST_FROZEN = 0.7;

/** Widths and places of the columns, in pixels from the left edge of the content. */
export class ColumnLayout {
  readonly left: number[] = [];
  readonly width: number[];
  /** Leading columns that stay in place; a frozen column after a moving one moves too, and so do those that leave the others too little room. */
  readonly frozen: number;
  readonly frozenWidth: number;
  readonly total: number;
  readonly rowHeight: number;
  readonly headHeight: number;

  constructor(
    readonly columns: readonly GridColumn[],
    readonly scale: number,
    /** Width of the viewport, as far as it is known. */
    room = 0,
  ) {
    this.rowHeight = Math.round(ROW_HEIGHT * scale);
    this.headHeight = Math.round(HEAD_HEIGHT * scale);
    this.width = columns.map((column) => Math.round(column.width * scale));
    let x = Math.round(ROW_HEADER_WIDTH * scale);
    let frozen = 0;
    let frozenWidth = x;
    const most = room > 0 ? room * MOST_FROZEN : Number.POSITIVE_INFINITY;
    this.width.forEach((width, index) => {
      this.left.push(x);
      x += width;
      if (index !== frozen || columns[index]?.frozen !== true || x > most) return;
      frozen += 1;
      frozenWidth = x;
    });
    this.frozen = frozen;
    this.frozenWidth = frozenWidth;
    this.total = x;
  }

  /** Static classes, one per column; no cell needs a style of its own. */
  css(prefix: string): string {
    const rules = [
      `.${prefix}-w{width:${this.total}px}`,
      `.${prefix}-h{position:sticky;left:0;z-index:1;width:${Math.round(ROW_HEADER_WIDTH * this.scale)}px}`,
    ];
    this.width.forEach((width, index) => {
      const place = index < this.frozen ? `position:sticky;left:${this.left[index]}px;z-index:1;` : "";
      rules.push(`.${prefix}-c${index}{${place}width:${width}px}`);
    });
    // The moving columns pass under the last one that stays.
    const last = this.frozen > 0 ? `c${this.frozen - 1}` : "h";
    rules.push(`.is-shifted .${prefix}-${last}{box-shadow:2px 0 4px var(--g-shadow)}`);
    return rules.join("\n");
  }

  /** Column under `x` pixels from the left edge of the viewport. */
  at(x: number, scrollLeft: number): number {
    const inside = x < this.frozenWidth ? x : x + scrollLeft;
    const next = this.left.findIndex((left) => left > inside);
    return Math.max(0, (next < 0 ? this.columns.length : next) - 1);
  }

  /** Visible extent of a range of columns in content pixels; empty when it lies under the frozen ones. */
  span(from: number, to: number, scrollLeft: number): { left: number; right: number } {
    const edge = scrollLeft + this.frozenWidth;
    const start = this.left[from] ?? 0;
    const end = (this.left[to] ?? 0) + (this.width[to] ?? 0);
    return {
      left: from < this.frozen ? start + scrollLeft : Math.max(start, edge),
      right: to < this.frozen ? end + scrollLeft : Math.max(end, edge),
    };
  }
}
