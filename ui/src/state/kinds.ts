import { computed } from "vue";
import type { KindView, MoneyWords } from "../backend";
import { t } from "../text/zh";
import { useApp } from "./app";

/** What a screen has to call the figures of a kind. */
export interface KindWords {
  label: string;
  period_label: string;
  /** Absent where no money moves. */
  money: MoneyWords | null;
}

/** What the screens know of the kinds of filings: what the core has said of those made of a sheet, and the orders. */
export function useKinds() {
  const { kinds } = useApp();
  const all = computed(() => kinds.value.flatMap((group) => group.kinds));
  const find = (kind: string): KindView | undefined => all.value.find((each) => each.kind === kind);
  const wordsOf = (kind: string): KindWords | undefined => find(kind) ?? t.orders.kinds[kind];
  return { groups: kinds, all, find, wordsOf, nameOf: (kind: string): string => wordsOf(kind)?.label ?? kind };
}
