import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { toUiError, type UiError } from "../backend";

/** One action of a screen: whether it runs, and how it failed. */
export interface Task {
  running: Ref<boolean>;
  error: ShallowRef<UiError | null>;
  /** Runs the action unless it runs already; `undefined` when it failed or was refused for that reason. */
  run<T>(action: () => Promise<T>): Promise<T | undefined>;
}

export function useTask(): Task {
  const running = ref(false);
  const error = shallowRef<UiError | null>(null);
  return {
    running,
    error,
    async run(action) {
      if (running.value) return undefined;
      running.value = true;
      error.value = null;
      try {
        return await action();
      } catch (thrown) {
        error.value = toUiError(thrown);
        return undefined;
      } finally {
        running.value = false;
      }
    },
  };
}
