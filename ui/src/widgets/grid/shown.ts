import type { GridColumn } from "../../backend/generated/GridColumn";
import { accounted } from "../amount";
import { isIdField, maskId } from "../mask";

/** Figures that are no amounts. */
const RATIOS = new Set(["unit_ratio", "personal_ratio"]);

/**
 * A cell's text as it stands there while nobody edits it: ID numbers masked, amounts as an accountant writes them. The
 * editor and the clipboard have the text itself.
 */
export function shownIn(column: Pick<GridColumn, "field" | "numeric">, text: string, masked: boolean): string {
  if (isIdField(column.field)) return masked ? maskId(text) : text;
  return column.numeric && !RATIOS.has(column.field) ? accounted(text) : text;
}
