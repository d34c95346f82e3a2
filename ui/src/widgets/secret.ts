import { t } from "../text/zh";

/** What is asked for, and whether it is chosen: twice, and long enough. */
export interface Wanted {
  secret: "pin" | "passphrase";
  label: string;
  choose?: boolean;
}

/** What is wrong with what was typed, as far as that is known here; empty where nothing is. */
export function wrongWith({ secret, label, choose }: Wanted, typed: string, again: string | undefined): string {
  const rules = t.secrets[secret];
  if (typed === "") return label === t.review.pin ? t.review.pinEmpty : t.secrets.empty(label);
  if (!choose) return "";
  if ([...typed].length < rules.shortest) return rules.short;
  return typed === again ? "" : rules.differs;
}
