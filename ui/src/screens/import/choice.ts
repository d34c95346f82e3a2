import type { ImportChoice, PreviewView } from "../../backend";

/** What a payroll is read as: it becomes a comparison, not a draft. */
export const PAYROLL = "payroll";

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

/** What was chosen, but for the columns: they are found anew. */
function refound(choice: ImportChoice): ImportChoice {
  const rest = { ...choice };
  delete rest.columns;
  return rest;
}

/** What was chosen, but for what another sheet or encoding has elsewhere. */
function reread(choice: ImportChoice): ImportChoice {
  const rest = refound(choice);
  delete rest.header_rows;
  return rest;
}

/** The sheet is another one: what was chosen for the old one means nothing there. */
export function withSheet(choice: ImportChoice, sheet: string): ImportChoice {
  return { ...reread(choice), sheet };
}

/** Read in another encoding, headers read differently, so the columns are found anew. */
export function withEncoding(choice: ImportChoice, encoding: string): ImportChoice {
  return { ...reread(choice), encoding };
}

/** Another kind has other fields: the columns are found anew. */
export function withKind(choice: ImportChoice, kind: string): ImportChoice {
  return { ...refound(choice), kind };
}

/** Other header rows; the columns are found anew below them. */
export function withHeader(choice: ImportChoice, first: number, last: number): ImportChoice {
  return { ...refound(choice), header_rows: [first, Math.max(first, last)] };
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
