import { computed, ref, type ComputedRef } from "vue";

/** Work shorter than this shows no progress bar: it would only flicker. */
export const NOTICEABLE_MS = 300;

/** Counts commands under way, for the progress bar of the window. */
export interface Work {
  /** Something is under way. */
  busy: ComputedRef<boolean>;
  /** Something has been under way long enough to be shown. */
  shown: ComputedRef<boolean>;
  /** Follows a command until it ends. */
  follow<T>(promise: Promise<T>): Promise<T>;
}

export function createWork(): Work {
  const pending = ref(0);
  const noticed = ref(0);
  return {
    busy: computed(() => pending.value > 0),
    shown: computed(() => noticed.value > 0),
    async follow(promise) {
      pending.value += 1;
      let counted = false;
      const timer = setTimeout(() => {
        counted = true;
        noticed.value += 1;
      }, NOTICEABLE_MS);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        pending.value -= 1;
        if (counted) noticed.value -= 1;
      }
    },
  };
}
