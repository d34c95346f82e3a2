/** Follows the light or dark setting of the system, now and when it changes. */
export function followColorScheme(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    document.documentElement.classList.toggle("dark", dark.matches);
  };
  apply();
  dark.addEventListener("change", apply);
}
