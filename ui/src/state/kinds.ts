import { computed } from "vue";
import type { KindView } from "../backend";
import { useApp } from "./app";

/** What the screens know of the kinds of filings: only what the core has said of them. */
export function useKinds() {
  const { kinds } = useApp();
  const all = computed(() => kinds.value.flatMap((group) => group.kinds));
  const find = (kind: string): KindView | undefined => all.value.find((each) => each.kind === kind);
  return { groups: kinds, all, find, nameOf: (kind: string): string => find(kind)?.label ?? kind };
}
