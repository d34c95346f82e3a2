import type { FindingView } from "../../backend";

/** A cell of the list on screen; a column of −1 means the row as a whole. */
export interface Place {
  position: number;
  column: number;
}

export function placeOf(finding: FindingView): Place | null {
  return finding.position === null ? null : { position: finding.position, column: finding.grid_column ?? -1 };
}

function compare(a: Place, b: Place): number {
  return a.position - b.position || a.column - b.column;
}

/** The nearest finding after (or before) a place, in the order of the grid; absent where there is none. */
export function neighbour(findings: readonly FindingView[], from: Place, step: 1 | -1): Place | null {
  let nearest: Place | null = null;
  for (const finding of findings) {
    const place = placeOf(finding);
    if (place === null || compare(place, from) * step <= 0) continue;
    if (nearest === null || compare(place, nearest) * step < 0) nearest = place;
  }
  return nearest;
}
