import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { preview as serve, type PreviewServer } from "vite";
import { afterAll, beforeAll, expect } from "vitest";
import { fakeBackend, type Answers } from "../fake";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const output = fileURLToPath(new URL("./output/", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'";

export interface Look {
  answers?: Answers;
  width?: number;
  height?: number;
  dark?: boolean;
  /** Everything larger by this much, as the window does it. */
  zoom?: number;
  /** The system prescribes its own colours. */
  forced?: boolean;
}

/** The built pages in Chromium, over a fake backend: a picture, axe, the policy, and nothing that sticks out. */
export function useWindow() {
  let server: PreviewServer;
  let browser: Browser;
  let address = "";

  beforeAll(async () => {
    mkdirSync(output, { recursive: true });
    server = await serve({
      root,
      logLevel: "error",
      preview: { port: 0, headers: { "content-security-policy": policy } },
    });
    address = server.resolvedUrls?.local[0] ?? "";
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
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
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  return async function open(look: Look, visit: (page: Page) => Promise<void>, name: string): Promise<void> {
    const page = await browser.newPage({
      viewport: {
        width: Math.round((look.width ?? 1366) / (look.zoom ?? 1)),
        height: Math.round((look.height ?? 820) / (look.zoom ?? 1)),
      },
      deviceScaleFactor: look.zoom ?? 1,
      colorScheme: look.dark ? "dark" : "light",
      forcedColors: look.forced ? "active" : "none",
      bypassCSP: false,
    });
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("status of 4")) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    const backend = fakeBackend(look.answers);
    await page.route("**/call/*", async (route) => {
      const command = new URL(route.request().url()).pathname.split("/").pop() ?? "";
      try {
        const body = await backend.call(command, route.request().postDataJSON() as object);
        await route.fulfill({ json: body ?? null });
      } catch (error) {
        await route.fulfill({ status: 422, json: error });
      }
    });
    try {
      await page.goto(address);
      await visit(page);
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${output}${name}.png` });
      // Evaluated by the debugger, which the policy of the page does not concern.
      await page.evaluate(axe);
      const violations = await page.evaluate(async (forced) => {
        const { axe } = window as unknown as {
          axe: {
            run(
              options: object,
            ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
          };
        };
        // Colours that the system prescribes are not among those that the rule reads.
        const result = await axe.run({ rules: { "color-contrast": { enabled: !forced } } });
        return result.violations.flatMap((each) =>
          each.nodes.slice(0, 6).map((node) => `${each.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
        );
      }, look.forced ?? false);
      expect(violations, "axe finds nothing on this screen").toEqual([]);
      expect(complaints, "neither errors nor breaches of the policy on the console").toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, "the window never scrolls sideways").toBe(0);
    } finally {
      await page.close();
    }
  };
}
