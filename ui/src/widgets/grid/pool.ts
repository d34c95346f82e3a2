/** Rows kept ready above and below what is visible. */
export const SPARE_ROWS = 4;

/** Number of row elements for a viewport of `height` pixels. */
export function poolSize(height: number, rowHeight: number): number {
  return Math.ceil(Math.max(height, rowHeight) / rowHeight) + 1 + 2 * SPARE_ROWS;
}

/** First row of the window of `size` rows around the scroll position. */
export function firstRow(scrollTop: number, rowHeight: number, size: number, total: number): number {
  const first = Math.floor(scrollTop / rowHeight) - SPARE_ROWS;
  return Math.max(0, Math.min(first, total - size));
}

/** Row shown by `slot`: each row of the window has one slot and keeps it until it leaves the window. */
export function slotRow(slot: number, first: number, size: number): number {
  return first + ((((slot - first) % size) + size) % size);
}
