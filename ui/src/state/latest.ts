import { shallowRef, type ShallowRef } from "vue";
import { toUiError, type UiError } from "../backend";

/** A question asked again and again: answers come in any order, and only the one to the last question counts. */
export interface Latest<T> {
  answer: ShallowRef<T | null>;
  error: ShallowRef<UiError | null>;
  ask(question: () => Promise<T>): Promise<void>;
}

export function useLatest<T>(): Latest<T> {
  const answer: ShallowRef<T | null> = shallowRef(null);
  const error = shallowRef<UiError | null>(null);
  let last = 0;
  return {
    answer,
    error,
    async ask(question) {
      const turn = ++last;
      try {
        const found = await question();
        if (turn !== last) return;
        error.value = null;
        answer.value = found;
      } catch (thrown) {
        if (turn === last) error.value = toUiError(thrown);
      }
    },
  };
}
