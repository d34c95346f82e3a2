import type { HomeView } from "../../backend";
import type { Screen } from "../../state/app";
import { t } from "../../text/zh";
import type { Tone } from "../../widgets/StatusTag.vue";

/** What the program proposes to do next, most pressing first. */
export interface NextStep {
  tone: Tone;
  title: string;
  lead: string;
  /** Label of the button. */
  label: string;
  /** Where it leads; `open` lets the user choose a workbook. */
  to: Screen | "open";
}

export function nextStep(home: HomeView): NextStep {
  const find = (stage: string) => home.filings.find((line) => line.stage === stage);

  const unknown = find("unknown") ?? find("submitting");
  if (unknown) {
    const { unknown: title, unknownLead: lead, unknownDo: label } = t.next;
    return { tone: "warn", title, lead, label, to: { name: "filing", filing: unknown.filing } };
  }
  const signed = find("signed");
  if (signed) {
    const { signed: title, signedLead: lead, signedDo: label } = t.next;
    return { tone: "note", title, lead, label, to: { name: "filing", filing: signed.filing } };
  }
  const draft = home.drafts[0];
  if (draft && draft.blocking > 0) {
    return {
      tone: "note",
      title: t.next.fix(draft.file_name, draft.blocking),
      lead: t.next.fixLead,
      label: t.next.fixDo,
      to: { name: "draft", draft: draft.draft },
    };
  }
  if (draft) {
    return {
      tone: "note",
      title: t.next.review(draft.file_name),
      lead: t.next.reviewLead,
      label: t.next.reviewDo,
      to: { name: "draft", draft: draft.draft },
    };
  }
  const newest = home.filings[0];
  if (newest?.stage === "refused") {
    const { refused: title, refusedLead: lead, refusedDo: label } = t.next;
    return { tone: "bad", title, lead, label, to: { name: "filing", filing: newest.filing } };
  }
  if (newest && newest.filing_number !== null && newest.period === home.session.proposed_month) {
    return {
      tone: "ok",
      title: t.next.done(newest.filing_number),
      lead: t.next.doneLead,
      label: t.next.doneDo,
      to: { name: "filing", filing: newest.filing },
    };
  }
  return {
    tone: "note",
    title: t.next.open(home.session.proposed_month),
    lead: t.next.openLead,
    label: t.month.open,
    to: "open",
  };
}
