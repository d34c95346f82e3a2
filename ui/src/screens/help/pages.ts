import type { Screen } from "../../state/app";

/** The page of the help about each screen; none goes without. */
export const PAGES: Readonly<Record<Screen["name"], string>> = {
  start: "screen-start",
  month: "screen-month",
  kind: "screen-kind",
  compare: "screen-compare",
  comparison: "screen-comparison",
  statement: "screen-statement",
  contributors: "screen-contributors",
  query: "screen-query",
  verification: "screen-verification",
  payments: "screen-payments",
  unprocessed: "screen-unprocessed",
  order: "screen-order",
  approvals: "screen-approvals",
  approval: "screen-approval",
  cities: "screen-cities",
  rules: "screen-rules",
  rule: "screen-rules",
  calibrate: "screen-calibrate",
  learn: "screen-learn",
  certificates: "screen-certificates",
  data: "screen-data",
  audit: "screen-audit",
  tokens: "screen-tokens",
  settings: "screen-settings",
  units: "screen-units",
  import: "screen-import",
  draft: "screen-draft",
  review: "screen-review",
  filing: "screen-filing",
};

export const LOCKED = "screen-lock";
export const KEYS = "keys";
