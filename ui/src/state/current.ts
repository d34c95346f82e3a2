import { onMounted, type ShallowRef } from "vue";
import type { UiError } from "../backend";
import { useLatest } from "./latest";
import { usePulse } from "./pulse";

/** A view of the core that stays current. */
export interface Current<T> {
  view: ShallowRef<T | null>;
  error: ShallowRef<UiError | null>;
  load(): Promise<void>;
}

/** Loads a view at once, and again whenever something changed at the center. */
export function useCurrent<T>(question: () => Promise<T>): Current<T> {
  const { answer, error, ask } = useLatest<T>();
  const load = (): Promise<void> => ask(question);
  onMounted(load);
  usePulse(load);
  return { view: answer, error, load };
}
