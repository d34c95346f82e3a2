import type { ColumnFilter, GridColumn } from "../../backend";
import { t } from "../../text/zh";
import { grouped } from "../../widgets/amount";
import { isIdField, maskId } from "../../widgets/mask";

/** What a chip says of a filter: the column and what its cells must be. */
export function told(filter: ColumnFilter, columns: readonly GridColumn[], masked: boolean): string {
  const title = columns.find((column) => column.field === filter.field)?.title ?? filter.field;
  const shown = (text: string): string => (masked && isIdField(filter.field) ? maskId(text) : text);
  const words = t.draft.filter;
  if (filter.test === "contains") return words.contains(title, shown(filter.text));
  if (filter.test === "one_of") {
    const [first = "", ...rest] = filter.texts;
    return words.oneOf(title, shown(first) || words.empty, rest.length);
  }
  const bound = (text: string | null): string => (text === null ? "" : grouped(text));
  return words.between(title, bound(filter.least), bound(filter.most));
}

/** The filters with one of a column in the place of the one it had, or without it. */
export function withFilter(
  filters: readonly ColumnFilter[],
  field: string,
  filter: ColumnFilter | null,
): ColumnFilter[] {
  const others = filters.filter((each) => each.field !== field);
  return filter === null ? others : [...others, filter];
}

/** `1,234.5` as people type a bound, without its separators; `null` where it is empty, `undefined` where it is no figure. */
export function boundOf(typed: string): string | null | undefined {
  const plain = typed.trim().replaceAll(/[,，]/g, "");
  if (plain === "") return null;
  return /^-?\d+(\.\d{1,2})?$/.test(plain) ? plain : undefined;
}
