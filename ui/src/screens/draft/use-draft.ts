import { computed, shallowRef } from "vue";
import {
  toUiError,
  type DraftView,
  type EditOp,
  type GridFilter,
  type PageView,
  type Replacement,
  type UiError,
} from "../../backend";
import { useApp } from "../../state/app";
import { useTask } from "../../state/task";

/** The head of a draft together with the filter it was asked for: they change on screen at once. */
export interface Shown {
  view: DraftView;
  filter: GridFilter;
}

/** A draft that is worked on. Changes are sent one after another, each naming the revision of the one before. */
export function useDraft(id: string, reloadGrid: () => void) {
  const { desk } = useApp();
  const shown = shallowRef<Shown | null>(null);
  const error = shallowRef<UiError | null>(null);
  const opening = useTask();
  const pending = shallowRef(0);
  let tail: Promise<unknown> = Promise.resolve();

  function queue(work: () => Promise<void>): Promise<void> {
    pending.value += 1;
    const done = tail.then(work).finally(() => {
      pending.value -= 1;
    });
    tail = done;
    return done;
  }

  async function read(filter: GridFilter): Promise<void> {
    shown.value = { view: await desk.draft(id, filter), filter };
  }

  /** Shows the rows behind another filter. */
  function show(filter: GridFilter): Promise<void> {
    return queue(async () => {
      error.value = null;
      try {
        await read(filter);
      } catch (thrown) {
        error.value = toUiError(thrown);
      }
    });
  }

  /** Makes one change; after a refusal the draft is read anew, so that the screen never shows what was not kept. */
  function change(step: (revision: number, filter: GridFilter) => Promise<DraftView>): Promise<void> {
    return queue(async () => {
      const now = shown.value;
      if (now === null) return;
      error.value = null;
      try {
        shown.value = { view: await step(now.view.revision, now.filter), filter: now.filter };
      } catch (thrown) {
        error.value = toUiError(thrown);
        await read(now.filter).catch(() => undefined);
        reloadGrid();
      }
    });
  }

  /** Takes the head that came beside the changes, where it is newer than what is shown. */
  function took(view: DraftView, filter: GridFilter): void {
    const now = shown.value;
    if (now === null || view.revision <= now.view.revision) return;
    if (now.filter === filter) shown.value = { view, filter };
    else void show(now.filter);
  }

  return {
    shown,
    error,
    opening,
    saving: computed(() => pending.value > 0),
    open: () => opening.run(() => read({ flagged: false })),
    show,
    took,
    change,
    fetchPage: (page: number): Promise<PageView> => desk.draftPage(id, shown.value?.filter ?? { flagged: false }, page),
    edit: (ops: EditOp[]) => change((revision, filter) => desk.draftEdit(id, revision, ops, filter)),
    /** Gives how many cells it was. */
    async replace(replacement: Replacement): Promise<number> {
      let cells = 0;
      await change(async (revision, filter) => {
        const done = await desk.draftReplace(id, revision, replacement, filter);
        cells = done.cells;
        return done.view;
      });
      return cells;
    },
    fix: (code: string) => change((revision, filter) => desk.draftFix(id, revision, code, filter)),
    undo: () => change((revision, filter) => desk.draftUndo(id, revision, filter)),
    redo: () => change((revision, filter) => desk.draftRedo(id, revision, filter)),
    confirm: (code: string, note: string | null) =>
      change((revision, filter) => desk.draftConfirm(id, revision, code, note, filter)),
  };
}
