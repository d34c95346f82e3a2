import type { Jump } from "../backend";
import type { Screen } from "./app";

/** The screen that a jump of the core leads to. */
export function placeOf({ screen, argument }: Jump): Screen {
  switch (screen) {
    case "verification":
      return argument === "" ? { name: "verification" } : { name: "verification", through: argument };
    case "payments":
      return argument === "" ? { name: "payments" } : { name: "payments", order: argument };
    case "draft":
      return { name: "draft", draft: argument };
    case "filing":
      return { name: "filing", filing: argument };
    case "kind":
      return { name: "kind", kind: argument };
    case "compare":
      return argument === "" ? { name: "compare" } : { name: "comparison", comparison: argument };
    case "contributor":
      return { name: "contributors", account: argument };
    case "contributor_ledger":
      return { name: "query", query: "contributor", account: argument };
    case "month":
      return { name: "month" };
    case "approvals":
      return { name: "approvals" };
    case "data":
      return { name: "data" };
    case "audit":
      return { name: "audit" };
    case "certificates":
      return { name: "certificates" };
    case "filings":
      return argument === ""
        ? { name: "query", query: "filings" }
        : { name: "query", query: "filings", number: argument };
  }
}
