import { onMounted, onUnmounted } from "vue";

/** Milliseconds between two looks at the clock. */
const EVERY = 5000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

/**
 * Locks after so many minutes without a sign of life (0: never), and at once by Ctrl+L. Where the computer slept
 * meanwhile, the first sign of life finds the time gone by and locks as well.
 */
export function followIdle(minutes: () => number, lock: () => void): void {
  let last = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;

  function due(): boolean {
    // Of a clock that was set back it is not known how long ago that was.
    last = Math.min(last, Date.now());
    return minutes() > 0 && Date.now() - last >= minutes() * 60_000;
  }
  function look(): void {
    if (!due()) return;
    last = Date.now();
    lock();
  }
  function seen(event: Event): void {
    const at = event instanceof KeyboardEvent && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "l";
    if (at) {
      event.preventDefault();
      lock();
    } else {
      look();
    }
    last = Date.now();
  }

  onMounted(() => {
    timer = setInterval(look, EVERY);
    for (const sign of SIGNS) window.addEventListener(sign, seen, { capture: true });
  });
  onUnmounted(() => {
    clearInterval(timer);
    for (const sign of SIGNS) window.removeEventListener(sign, seen, { capture: true });
  });
}
