import type { ImportChoice, PreviewView } from "../../backend";

/** Labels of fields that are needed and given to no column. */
export function missingFields(preview: PreviewView): string[] {
  const taken = new Set(preview.columns.map((column) => column.field));
  return preview.fields.filter((field) => field.required && !taken.has(field.field)).map((field) => field.label);
}

/** Label of a field given to more than one column. */
export function doubledField(preview: PreviewView): string | null {
  const seen = new Set<string>();
  for (const { field } of preview.columns) {
    if (field === null) continue;
    if (seen.has(field)) return preview.fields.find((choice) => choice.field === field)?.label ?? field;
    seen.add(field);
  }
  return null;
}

/** The sheet is another one: what was chosen for the old one means nothing there. */
export function withSheet(choice: ImportChoice, sheet: string): ImportChoice {
  return { ticket: choice.ticket, sheet, ...(choice.encoding === undefined ? {} : { encoding: choice.encoding }) };
}

/** Read in another encoding, headers read differently, so the columns are found anew. */
export function withEncoding(choice: ImportChoice, encoding: string): ImportChoice {
  return { ticket: choice.ticket, encoding, ...(choice.sheet === undefined ? {} : { sheet: choice.sheet }) };
}

/** Other header rows; the columns are found anew below them. */
export function withHeader(choice: ImportChoice, first: number, last: number): ImportChoice {
  const headed: ImportChoice = { ...choice, header_rows: [first, Math.max(first, last)] };
  delete headed.columns;
  return headed;
}

/** One column given another field; all columns are named, so that nothing else moves. */
export function withColumn(
  choice: ImportChoice,
  preview: PreviewView,
  column: number,
  field: string | null,
): ImportChoice {
  return {
    ...choice,
    ...(preview.header_rows === null ? {} : { header_rows: preview.header_rows }),
    columns: preview.columns.map((each) => [each.column, each.column === column ? field : each.field]),
  };
}
