import { computed, shallowRef, watch, type ShallowRef } from "vue";
import { toUiError, type FindingView, type UiError } from "../../backend";
import { useApp } from "../../state/app";
import { neighbour, type Place } from "./places";
import type { Shown } from "./use-draft";

/** So many rows are open by themselves. */
const FEW = 20;

/** The findings beside the grid: the list of the open code, and the way from one to the next. */
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
    if (now === null || code.value === null) return;
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
    // The last finding of the open code is gone: there is nothing left to list.
    if (code.value !== null && !now.view.summary.some((each) => each.code === code.value)) code.value = null;
    if (code.value === null) {
      list.value = [];
      total.value = 0;
      return;
    }
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

  // Where only one thing is wrong, its rows need no press to be seen; what is confirmed is not looked for, and past
  // hundreds of them nobody gets by the keyboard.
  const first = watch(shown, (now) => {
    if (now === null) return;
    first.stop();
    const [only, ...others] = now.view.summary;
    if (only?.confirmed === null && only.count <= FEW && others.length === 0) code.value = only.code;
  });

  /** Findings of every code, read as far as stepping through them has needed. */
  let all: { of: Shown; findings: FindingView[]; total: number } | null = null;

  async function readOn(now: Shown): Promise<boolean> {
    const known = all?.of === now ? all.findings : [];
    if (all?.of === now && known.length >= all.total) return false;
    const view = await desk.draftFindings(id, now.filter, null, known.length);
    all = { of: now, findings: [...known, ...view.findings], total: view.total };
    return view.findings.length > 0;
  }

  /** The next finding after a place; past the last one it begins again at the first, and the other way round. */
  async function next(from: Place, step: 1 | -1): Promise<Place | null> {
    const now = shown.value;
    if (now === null) return null;
    const end = { position: step > 0 ? -1 : Number.MAX_SAFE_INTEGER, column: 0 };
    try {
      let found: Place | null = null;
      do {
        found = all?.of === now ? neighbour(all.findings, from, step) : null;
      } while (found === null && (await readOn(now)));
      return found ?? (all?.of === now ? neighbour(all.findings, end, step) : null);
    } catch (thrown) {
      error.value = toUiError(thrown);
      return null;
    }
  }

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
    next,
  };
}
