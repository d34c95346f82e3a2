import type { CertificateLine } from "../../backend";
import { t } from "../../text/zh";
import type { Tone } from "../../widgets/StatusTag.vue";

/** What a dialog of the screen is for. */
export type Act =
  | { act: "enrol"; code: string }
  | { act: "import" }
  | { act: "renew" | "pin" | "use"; line: CertificateLine }
  /** `named`: how people tell the certificate from others. */
  | { act: "lost"; sha256: string; named: string };

const tones: Readonly<Record<CertificateLine["state"], Tone>> = {
  valid: "ok",
  ending: "mild",
  expired: "bad",
  not_yet: "mild",
  revoked: "bad",
  locked: "bad",
  unusable: "calm",
};

/** The nearer the end, the louder: 60, 30 and 7 days before it. */
export function tone({ state, days_left }: CertificateLine): Tone {
  if (state !== "ending") return tones[state];
  return days_left <= 7 ? "bad" : days_left <= 30 ? "warn" : "mild";
}

/** How it stands, with the days where they count. */
export function standing({ state, days_left }: CertificateLine): string {
  const word = t.certificates.states[state];
  return state === "ending" ? `${word} · ${t.certificates.daysLeft(days_left)}` : word;
}

/** Hex in groups that can be read out. */
export function grouped(hex: string): string {
  return (
    hex
      .toUpperCase()
      .match(/.{1,4}/g)
      ?.join(" ") ?? ""
  );
}
