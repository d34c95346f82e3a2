import type { CertificateView, ReviewView } from "../../backend";
import { t } from "../../text/zh";

/** What the dialog for the PIN says. */
export interface PinWords {
  title: string;
  purpose: (kind: string, period: string, people: number) => string;
  sign: string;
  working: string;
  once: string;
}

/** The certificate proposed: the one that can sign, where there is only one choice to make. */
export function proposedCertificate(review: ReviewView): string {
  return review.certificates.find((each) => each.usable)?.certificate ?? "";
}

/** Why it can't be signed; empty when it can. */
export function reasonNotToSign(review: ReviewView, chosen: CertificateView | undefined): string {
  if (review.obstacles.length > 0) return t.review.whyNot.obstacles;
  // An order need not be about people: a claim is about money alone.
  if (review.totals.people === 0 && review.draft !== "") return t.review.whyNot.nobody;
  if (chosen === undefined || !chosen.usable) return t.review.whyNot.certificate;
  return "";
}
