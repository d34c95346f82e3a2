/** What draws the pages: its name and version, and whether it is as new as they are written for. */
export interface Runtime {
  name: string;
  version: string;
  recent: boolean;
}

/** Name, how it tells its version, and the oldest that the pages are built for. */
const KNOWN: readonly (readonly [name: string, version: RegExp, oldest: number])[] = [
  ["WebView2（Edge）", /\bEdg\/([\d.]+)/, 109],
  ["Chromium", /\bChrome\/([\d.]+)/, 109],
  ["Firefox", /\bFirefox\/([\d.]+)/, 115],
  ["WebKit", /\bVersion\/([\d.]+)/, 16],
];

/** What a browser says of itself; `null` where it is none that we know. */
export function runtimeOf(agent: string): Runtime | null {
  for (const [name, pattern, oldest] of KNOWN) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return { name, version, recent: Number.parseFloat(version) >= oldest };
  }
  return null;
}
