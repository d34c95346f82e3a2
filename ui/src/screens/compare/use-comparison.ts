import { computed, onMounted, ref, shallowRef, watch } from "vue";
import {
  toUiError,
  type ComparisonFilter,
  type ComparisonPage,
  type ComparisonView,
  type UiError,
} from "../../backend";
import { useApp } from "../../state/app";
import { useTask } from "../../state/task";
import type { Decided } from "./DecisionField.vue";

/** A comparison with the page of people that is shown. */
export function useComparison(id: string) {
  const { desk } = useApp();
  const view = shallowRef<ComparisonView | null>(null);
  const page = shallowRef<ComparisonPage | null>(null);
  const group = ref("");
  const onlyOpen = ref(false);
  const find = ref("");
  const number = ref(0);
  const failed = shallowRef<UiError | null>(null);
  const task = useTask();
  /** The drafts that were just taken back. */
  const taken = shallowRef<readonly string[]>([]);

  const filter = computed<ComparisonFilter>(() => ({
    ...(group.value === "" ? {} : { group: group.value }),
    ...(find.value.trim() === "" ? {} : { find: find.value.trim() }),
    open: onlyOpen.value,
  }));

  let asked = 0;
  /** Reads the page; only the newest answer counts. */
  async function turn(): Promise<void> {
    const mine = ++asked;
    try {
      const read = await desk.comparisonPage(id, filter.value, number.value);
      if (mine !== asked) return;
      // The last page can empty when its people are decided.
      if (read.lines.length === 0 && number.value > 0) {
        number.value = Math.max(0, Math.ceil(read.total / read.size) - 1);
        return;
      }
      page.value = read;
      failed.value = null;
    } catch (thrown) {
      if (mine === asked) failed.value = toUiError(thrown);
    }
  }

  async function take(action: () => Promise<ComparisonView>): Promise<boolean> {
    const next = await task.run(action);
    if (next === undefined) {
      if (task.error.value?.code === "desk-comparison-stale") view.value = await desk.comparison(id);
      return false;
    }
    view.value = next;
    await turn();
    return true;
  }

  const change = (step: (shown: ComparisonView) => Promise<ComparisonView>): Promise<boolean> => {
    const shown = view.value;
    return shown === null ? Promise.resolve(false) : take(() => step(shown));
  };

  /** Drafts that were taken back belong to what was decided then. */
  const redecide = (step: (shown: ComparisonView) => Promise<ComparisonView>): Promise<boolean> => {
    taken.value = [];
    return change(step);
  };

  async function load(): Promise<void> {
    const done = await take(() => desk.comparison(id));
    const groups = view.value?.groups ?? [];
    // What has to be answered first; else whatever there is.
    const first = groups.find((each) => each.open > 0) ?? groups.find((each) => each.people > 0);
    if (done && group.value === "") group.value = first?.kind ?? "";
  }

  // Another filter begins with its first page; a watcher on both reads once.
  watch(filter, () => (number.value = 0), { flush: "sync" });
  watch([filter, number], () => void turn());
  onMounted(load);

  return {
    view,
    page,
    group,
    onlyOpen,
    find,
    number,
    failed,
    task,
    load,
    decide: (key: string, decided: Decided) =>
      redecide((shown) => desk.compareDecide(id, shown.revision, { keys: [key], ...given(decided) })),
    /** Everybody of the shown group about whom nothing was decided, as far as the search finds them. */
    decideRest: (decided: Decided) =>
      redecide((shown) =>
        desk.compareDecide(id, shown.revision, {
          keys: [],
          group: group.value,
          ...(find.value.trim() === "" ? {} : { find: find.value.trim() }),
          ...given(decided),
        }),
      ),
    mend: (row: number, field: string, text: string) =>
      redecide((shown) => desk.compareMend(id, shown.revision, { row, field, text })),
    undo: () => redecide((shown) => desk.compareUndo(id, shown.revision)),
    confirm: (code: string, note: string | null) =>
      change((shown) => desk.compareConfirm(id, shown.revision, code, note)),
    lookUp: () => change(() => desk.compareLookup(id)),
    makeDrafts: () => redecide((shown) => desk.compareToDrafts(id, shown.revision)),
    taken,
    /** All drafts that were made and are still worked on, in one step. */
    async takeBack() {
      const before = open(view.value);
      if (!(await change((shown) => desk.compareTakeBack(id, shown.revision)))) return;
      const left = open(view.value);
      taken.value = before.filter((draft) => !left.includes(draft));
    },
    /** They were deleted together: whoever names one of them brings all of them back. */
    async bringBack() {
      const [one] = taken.value;
      taken.value = [];
      if (one === undefined) return;
      await take(async () => {
        await desk.draftRestore(one);
        return desk.comparison(id);
      });
    },
  };
}

/** The drafts that are worked on. */
function open(view: ComparisonView | null): string[] {
  return (view?.making ?? []).flatMap(({ draft }) => draft ?? []);
}

function given({ answer, reason, note }: Decided) {
  return {
    ...(answer === null ? {} : { answer }),
    ...(reason === undefined ? {} : { reason }),
    ...(note === undefined ? {} : { note }),
  };
}
