import { computed, onUnmounted, ref, shallowRef, watch, type ShallowRef } from "vue";
import { toUiError, type DraftView, type GridFilter, type UiError } from "../../backend";
import { useApp } from "../../state/app";
import type { Shown } from "./use-draft";

const CODE = "LOOKUP-MISSING";
/** Who types one person after the other is asked about once she pauses. */
const PAUSE_MS = 600;

/**
 * Asks the center about people of whom the checks want to know whether they have an account elsewhere: by itself once
 * after the draft was opened or changed, and again when told to. The clerk goes on meanwhile.
 */
export function useLookup(
  id: string,
  shown: ShallowRef<Shown | null>,
  took: (view: DraftView, filter: GridFilter) => void,
) {
  const { desk } = useApp();
  const asking = ref(false);
  const error = shallowRef<UiError | null>(null);
  const waiting = computed(() => shown.value?.view.summary.find((each) => each.code === CODE)?.count ?? 0);
  /** The revision that has been asked about: only a change is asked about anew. */
  let asked = -1;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let running = false;

  async function ask(): Promise<void> {
    clearTimeout(pause);
    const now = shown.value;
    if (now === null || running) return;
    running = true;
    asking.value = true;
    try {
      const view = await desk.draftLookup(id, now.filter);
      asked = view.revision;
      error.value = null;
      took(view, now.filter);
    } catch (thrown) {
      error.value = toUiError(thrown);
      asked = shown.value?.view.revision ?? -1;
    }
    running = false;
    asking.value = false;
    later();
  }

  function later(): void {
    clearTimeout(pause);
    if (waiting.value === 0) error.value = null;
    if (running) return;
    const due = waiting.value > 0 && shown.value?.view.revision !== asked;
    asking.value = due;
    if (due) pause = setTimeout(() => void ask(), PAUSE_MS);
  }

  watch(shown, later);
  onUnmounted(() => clearTimeout(pause));
  return { asking, error, waiting, ask };
}
