import type { ShallowRef } from "vue";
import type { Preferences, UiError } from "../backend";
import { useApp } from "./app";
import { useTask } from "./task";

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
    async change(changed, password = null) {
      const now = preferences.value;
      if (now === null) return false;
      const kept = await task.run(() => desk.preferencesSet({ ...now, ...changed }, password));
      if (kept) preferences.value = kept;
      return kept !== undefined;
    },
  };
}
