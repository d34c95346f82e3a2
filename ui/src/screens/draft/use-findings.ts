import { computed, shallowRef, watch, type ShallowRef } from "vue";
import { toUiError, type FindingView, type UiError } from "../../backend";
import { useApp } from "../../state/app";
import { neighbour, type Place } from "./places";
import type { Shown } from "./use-draft";

/** The list of findings beside the grid: of one code, or of all. */
export function useFindings(id: string, shown: ShallowRef<Shown | null>) {
  const { desk } = useApp();
  const code = shallowRef<string | null>(null);
  const list = shallowRef<FindingView[]>([]);
  const total = shallowRef(0);
  const error = shallowRef<UiError | null>(null);
  let asked = 0;

  /** Reads the next stretch; an answer for another revision, filter or code is dropped. */
  async function more(): Promise<void> {
    const now = shown.value;
    if (now === null) return;
    const mine = asked;
    const before = list.value;
    try {
      const view = await desk.draftFindings(id, now.filter, code.value, before.length);
      if (mine !== asked) return;
      list.value = [...before, ...view.findings];
      total.value = view.total;
    } catch (thrown) {
      if (mine === asked) error.value = toUiError(thrown);
    }
  }

  /** The old list stays on screen until the new one is there. */
  async function restart(): Promise<void> {
    asked += 1;
    error.value = null;
    const now = shown.value;
    if (now === null) return;
    const mine = asked;
    try {
      const view = await desk.draftFindings(id, now.filter, code.value, 0);
      if (mine !== asked) return;
      list.value = view.findings;
      total.value = view.total;
    } catch (thrown) {
      if (mine === asked) error.value = toUiError(thrown);
    }
  }

  watch([shown, code], restart);

  return {
    code,
    list,
    total,
    error,
    more,
    hasMore: computed(() => list.value.length < total.value),
    open(next: string | null): void {
      if (next === code.value) return;
      list.value = [];
      total.value = 0;
      code.value = next;
    },
    /** The next finding after a place; past the last one it begins again at the first, and the other way round. */
    async next(from: Place, step: 1 | -1): Promise<Place | null> {
      let found = neighbour(list.value, from, step);
      while (found === null && list.value.length < total.value) {
        const length = list.value.length;
        await more();
        if (list.value.length === length) break;
        found = neighbour(list.value, from, step);
      }
      const end = { position: step > 0 ? -1 : Number.MAX_SAFE_INTEGER, column: 0 };
      return found ?? neighbour(list.value, end, step);
    },
  };
}
