import { watchEffect, type Ref } from "vue";
import type { Preferences } from "../backend";

/**
 * Keeps the page in the colours, the size and the contrast that were chosen; what was not chosen is as the system is
 * set, now and when that changes.
 */
export function followLooks(chosen: Ref<Pick<Preferences, "theme" | "scale" | "contrast"> | null>): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const strong = window.matchMedia("(prefers-contrast: more)");
  const apply = (): void => {
    const { theme, scale, contrast } = chosen.value ?? { theme: "system", scale: 100, contrast: false };
    const root = document.documentElement;
    root.classList.toggle("dark", theme === "system" ? dark.matches : theme === "dark");
    root.classList.toggle("contrast", contrast || strong.matches);
    root.style.setProperty("--zoom", String(scale / 100));
  };
  watchEffect(apply);
  dark.addEventListener("change", apply);
  strong.addEventListener("change", apply);
}
