import type { FilingStage, FilingView } from "../../backend";
import { t } from "../../text/zh";
import { stageTone } from "./stage";
import type { Tone } from "../../widgets/StatusTag.vue";

/** What a stage lets the user do; everything else stays away. */
export type Action = "ask" | "resume" | "reopen";

export interface Banner {
  tone: Tone;
  title: string;
  lead: string;
  action: Action | null;
}

/** The banner over a filing: what its stage means and the one thing to do about it. */
export function banner(filing: FilingView): Banner {
  const { stage, filing_number: number } = filing.line;
  const numbered = number === null ? "" : t.filing.acceptedLead(number);
  const again = filing.reopenable ? "reopen" : null;
  const later = Boolean(filing.kept?.superseded_by);
  const words: Record<FilingStage, [title: string, lead: string, action: Action | null]> = {
    signed: [t.filing.signedTitle, t.filing.signedLead, "resume"],
    submitting: [t.filing.submittingTitle, t.filing.submittingLead, "ask"],
    unknown: [t.filing.unknownTitle, t.filing.unknownLead, "ask"],
    awaiting_approval: [t.filing.awaitingTitle, t.filing.awaitingLead, "ask"],
    accepted: [t.filing.acceptedTitle, numbered, null],
    in_review: [t.filing.reviewTitle, t.filing.reviewLead, "ask"],
    settled: [t.filing.settledTitle, numbered, null],
    partly_settled: [t.filing.partlyTitle, filing.reopenable ? t.filing.partlyLead : numbered, again],
    // Refused at once it has no receipt, later it has one that says why.
    refused: filing.returned_by
      ? [t.filing.returnedTitle, t.filing.returnedLead(filing.returned_by, filing.receipt?.reason ?? ""), again]
      : filing.reopenable && filing.receipt === null
        ? [t.filing.refusedTitle, t.filing.refusedLead, again]
        : [t.filing.refusedTitle, filing.receipt?.reason || numbered, again],
    withdrawn: [t.filing.withdrawnTitle, numbered, again],
    kept: filing.returned_by
      ? [t.filing.returnedTitle, t.filing.returnedLead(filing.returned_by, filing.kept?.reason ?? ""), null]
      : later
        ? [t.filing.keptLater, t.filing.keptLaterLead(numbered), null]
        : filing.kept?.awaits_approval
          ? [t.filing.keptWaits, t.filing.keptWaitsLead, null]
          : [t.filing.keptTitle, numbered || t.filing.keptLead, null],
  };
  const [title, lead, action] = words[stage];
  if (filing.withdrawing) return { tone: "warn", title, lead: t.withdraw.open, action: "ask" };
  if (filing.approving) return { tone: "warn", title, lead: t.approval.openLead, action: "ask" };
  // An accepted filing whose receipt is missing or false can only be asked about.
  const asksReceipt =
    action === null && filing.receipt?.valid !== true && !["withdrawn", "refused", "kept"].includes(stage);
  // The draft does not leave by one that was returned, was signed anew since, or has yet to be approved.
  const held = stage === "kept" && (filing.returned_by !== "" || later || filing.kept?.awaits_approval === true);
  return { tone: held ? "warn" : stageTone[stage], title, lead, action: asksReceipt ? "ask" : action };
}
