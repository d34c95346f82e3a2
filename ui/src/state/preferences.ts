import type { ShallowRef } from "vue";
import type { Preferences, UiError } from "../backend";
import { useApp } from "./app";
import { useTask } from "./task";

/** The change made last. One waits for the other, and is made to what that one left: keys can be faster than a disk. */
let last: Promise<boolean> = Promise.resolve(true);

/** Changes what was chosen on this computer; what is refused stays as it was, and says why. */
export function usePreferences(): {
  /** `password`: of the proxy, where one was typed. */
  change(changed: Partial<Preferences>, password?: string | null): Promise<boolean>;
  error: ShallowRef<UiError | null>;
} {
  const { desk, preferences } = useApp();
  const task = useTask();
  return {
    error: task.error,
    change(changed, password = null) {
      last = last.then(async () => {
        const now = preferences.value;
        if (now === null) return false;
        const kept = await task.run(() => desk.preferencesSet({ ...now, ...changed }, password));
        if (kept) preferences.value = kept;
        return kept !== undefined;
      });
      return last;
    },
  };
}
