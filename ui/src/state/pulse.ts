import { onMounted, onUnmounted, watch } from "vue";
import { useApp } from "./app";

/** Milliseconds between two questions whether anything moved; the answer comes from this computer. */
const EVERY = 3000;

/** Asks, while the component lives, whether the center's events changed anything, and lets the screens know. */
export function followPulse(): void {
  const { desk, session, revision, notices, locked } = useApp();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let known: number | null = null;

  async function ask(): Promise<void> {
    try {
      const pulse = await desk.pulse();
      // Not by the page: the token was pulled out, or the computer locked.
      if (pulse.locked) {
        locked.value = (await desk.start()).lock;
        if (locked.value !== null) session.value = null;
      }
      const moved = known !== null && pulse.revision !== known;
      if (moved && session.value) {
        session.value = (await desk.home()).session;
        revision.value += 1;
      }
      known = pulse.revision;
      notices.value = pulse.notices;
    } catch {
      // Whatever stands in the way is told by the command that the user gives next.
    }
    if (!ended) timer = setTimeout(() => void ask(), EVERY);
  }

  onMounted(() => void ask());
  onUnmounted(() => {
    ended = true;
    clearTimeout(timer);
  });
}

/** Reloads what a screen shows whenever the center's events changed anything. */
export function usePulse(reload: () => unknown): void {
  watch(useApp().revision, () => void reload());
}
