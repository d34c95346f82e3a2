import type { DraftView } from "../../backend";
import { t } from "../../text/zh";

/** Why the draft can't be reviewed yet; empty when it can. What left as a file goes no other way. */
export function reasonNotToSubmit(view: DraftView, online: boolean): string {
  if (online && view.upload?.undecided) return t.draft.left;
  if (view.blocking > 0) return t.draft.blocked(view.blocking);
  if (view.unconfirmed > 0) return t.draft.waiting(view.unconfirmed);
  if (view.totals.people === 0) return t.draft.nobody;
  return "";
}
