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

/** What the path of the month does not show: filings signed here that never ended. */
export function pressing(home: HomeView): NextStep | null {
  const find = (stage: string) => home.filings.find((line) => line.stage === stage);

  const unknown = find("unknown") ?? find("submitting");
  if (unknown) {
    const { unknown: title, unknownLead: lead, unknownDo: label } = t.next;
    return { tone: "warn", title, lead, label, to: { name: "filing", filing: unknown.filing, kind: unknown.kind } };
  }
  const signed = find("signed");
  if (signed) {
    const { signed: title, signedLead: lead, signedDo: label } = t.next;
    return { tone: "note", title, lead, label, to: { name: "filing", filing: signed.filing, kind: signed.kind } };
  }
  return null;
}

export function nextStep(home: HomeView, nameOf: (kind: string) => string): NextStep {
  const first = pressing(home);
  if (first !== null) return first;
  const draft = home.drafts[0];
  const title = draft ? t.month.draftName(nameOf(draft.kind), draft.file_name) : "";
  if (draft && draft.blocking > 0) {
    return {
      tone: "note",
      title: t.next.fix(title, draft.blocking),
      lead: t.next.fixLead,
      label: t.next.fixDo,
      to: { name: "draft", draft: draft.draft, kind: draft.kind },
    };
  }
  if (draft) {
    return {
      tone: "note",
      title: t.next.review(title),
      lead: t.next.reviewLead,
      label: t.next.reviewDo,
      to: { name: "draft", draft: draft.draft, kind: draft.kind },
    };
  }
  const newest = home.filings[0];
  if (newest?.stage === "refused") {
    const { refused: title, refusedLead: lead, refusedDo: label } = t.next;
    return { tone: "bad", title, lead, label, to: { name: "filing", filing: newest.filing, kind: newest.kind } };
  }
  if (newest && newest.filing_number !== null && newest.period === home.session.proposed_month) {
    return {
      tone: "ok",
      title: t.next.done(nameOf(newest.kind), newest.filing_number),
      lead: t.next.doneLead,
      label: t.next.doneDo,
      to: { name: "filing", filing: newest.filing, kind: newest.kind },
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
