// What holds for every page whatever the case: nothing on the console, nothing to other hosts, nothing that axe finds.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const SIZES = [
  ["wide", { width: 1366, height: 820 }],
  ["small", { width: 1024, height: 700 }],
];
const SCHEMES = ["light", "dark"];

/** Opens Debian's Chromium with the packages of the UI. */
export async function openBrowser(root) {
  const require = createRequire(join(root, "ui/package.json"));
  const { chromium } = require("playwright-core");
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const pictures = join(root, "tests/ui/output");
  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
  return { browser, axe, pictures };
}

/** What no page may do, gathered over all cases. */
export function watch() {
  const complaints = [];
  const strangers = new Set();
  let requests = 0;
  return {
    complaints,
    strangers,
    count: () => requests,
    /** Listens to every page of a context; `expects` names what the case itself brings about. */
    listen(context, expects = []) {
      context.on("request", (request) => {
        requests += 1;
        const { protocol, hostname } = new URL(request.url());
        if (!["data:", "blob:"].includes(protocol) && hostname !== "127.0.0.1") strangers.add(request.url());
      });
      context.on("console", (message) => {
        if (message.type() !== "error" && message.type() !== "warning") return;
        const text = message.text();
        const from = message.location().url;
        // A refusal of the core is an answer: the browser reports its status and cannot be told not to.
        if (from.includes("/call/") && text.includes("status of 422")) return;
        if (expects.some((expected) => expected.test(text))) return;
        complaints.push(`${text} (${from})`);
      });
      context.on("weberror", (error) => complaints.push(String(error.error())));
      // Task bars show a window's title and systems keep it: it is the program's name at every moment, and nobody's.
      context.addInitScript((name) => {
        let last = "";
        const look = () => {
          if (document.title === last) return;
          last = document.title;
          if (last !== name) console.error(`the window's title says «${last}»`);
        };
        new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
      }, "汇缴通");
    },
  };
}

/**
 * Looks at the screen that is shown: both colour schemes, both sizes, a picture of each, axe on each.
 * Gathers what is wrong and leaves the page as it was.
 */
export async function look(page, name, { axe, pictures }, found) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const before = page.viewportSize();
  for (const [size, viewport] of SIZES) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // Colours that are still on their way are no colours to judge.
      await page.evaluate(async () => {
        for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
        const running = document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity);
        await Promise.allSettled(running.map((each) => each.finished));
      });
      const shown = `${name} ${size} ${colorScheme}`;
      await page.screenshot({ path: join(pictures, `${name}-${size}-${colorScheme}.png`) });
      const seen = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run();
        const root = document.documentElement;
        return {
          dark: getComputedStyle(root).colorScheme.includes("dark"),
          overflow: [root.scrollWidth - root.clientWidth, root.scrollHeight - root.clientHeight],
          violations: violations.flatMap(({ id, impact, nodes }) =>
            nodes.map(({ target, failureSummary }) => ({ id, impact, target: target.join(" "), failureSummary })),
          ),
        };
      });
      assert.equal(seen.dark, colorScheme === "dark", `${shown}: the page follows the colours of the system`);
      for (const { id, impact, target, failureSummary } of seen.violations) {
        if (impact === "serious" || impact === "critical") {
          found.push(`${shown}: ${id} at ${target}: ${failureSummary.replaceAll(/\s+/g, " ")}`);
        }
      }
      if (seen.overflow.some((over) => over > 0)) found.push(`${shown}: the window scrolls by ${seen.overflow}`);
    }
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}
