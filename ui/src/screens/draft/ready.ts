import type { DraftView } from "../../backend";
import { t } from "../../text/zh";

/** Why the draft can't be reviewed yet; empty when it can. */
export function reasonNotToSubmit(view: DraftView): string {
  if (view.blocking > 0) return t.draft.blocked(view.blocking);
  if (view.unconfirmed > 0) return t.draft.waiting(view.unconfirmed);
  if (view.totals.people === 0) return t.draft.nobody;
  return "";
}
