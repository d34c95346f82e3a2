import type { ShallowRef } from "vue";
import type { Preferences, UiError } from "../backend";
import { useApp } from "./app";
import { useTask } from "./task";

/** The change made last. One waits for the other, and is made to what that one left: keys can be faster than a disk. */
let last: Promise<boolean> = Promise.resolve(true);

type Change = Partial<Preferences> | ((now: Preferences) => Partial<Preferences>);

/** Changes what was chosen on this computer; what is refused stays as it was, and says why. */
export function usePreferences(): {
  /** What to change, or how, by what is chosen once it is its turn. `password`: of the proxy, where one was typed. */
  change(changed: Change, password?: string | null): Promise<boolean>;
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
        const made = typeof changed === "function" ? changed(now) : changed;
        const kept = await task.run(() => desk.preferencesSet({ ...now, ...made }, password));
        if (kept) preferences.value = kept;
        return kept !== undefined;
      });
      return last;
    },
  };
}
