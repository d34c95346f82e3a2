import type { QueryKind, QuerySpan } from "../../backend";

/** Of when a query is. */
export interface QueryPeriod {
  span: QuerySpan;
  /** `YYYY-MM-DD`; only where the span is of days, and empty for an open side. */
  from: string;
  to: string;
}

export const spans: readonly QuerySpan[] = ["month", "year", "last_year", "all", "days"];

/** Whether a query has a period: what is there now has none. */
export const dated = (query: QueryKind): boolean => query !== "unit" && query !== "accounts";
