import { onMounted, shallowRef } from "vue";
import type { DraftLine, HomeView } from "../../backend";
import { useApp } from "../../state/app";
import { useHanded } from "../../state/handed";
import { useTask } from "../../state/task";

/** Loads the home view and offers what the screens with lists do with it. */
export function useHome() {
  const { desk, session } = useApp();
  const { take: takeFiles } = useHanded();
  const home = shallowRef<HomeView | null>(null);
  const task = useTask();

  function take(view: HomeView | undefined): void {
    if (view === undefined) return;
    home.value = view;
    session.value = view.session;
  }

  const load = async (): Promise<void> => take(await task.run(() => desk.home()));
  /** The draft that was just deleted: it can be brought back. */
  const removed = shallowRef<DraftLine | null>(null);
  async function remove(line: DraftLine): Promise<void> {
    const left = await task.run(() => desk.draftDelete(line.draft));
    if (left === undefined) return;
    take(left);
    removed.value = line;
  }
  async function bringBack(): Promise<void> {
    const line = removed.value;
    removed.value = null;
    if (line) take(await task.run(() => desk.draftRestore(line.draft)));
  }
  /** Opens workbooks, as a sheets of a kind where the screen is about one. */
  async function open(kind?: string): Promise<void> {
    await task.run(async () => takeFiles(await desk.chooseWorkbooks(), kind));
  }

  onMounted(load);
  return { home, task, load, remove, removed, bringBack, open };
}
