// Builds the test page of the grid and serves it under the rules of the app's window.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** Resolves packages of the UI, which this folder has none of. */
export const require = createRequire(join(root, "ui/package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { build } = await load("vite");
const { default: vue } = await load("@vitejs/plugin-vue");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};
// The rules of the app's window, so that an inline style or a <style> element shows here.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";

/** Serves the page on a free port of this machine. */
export async function serve() {
  const output = join(root, "target/ui-grid");
  await build({
    root: join(root, "ui/src/widgets/grid/__bench__"),
    configFile: false,
    logLevel: "error",
    plugins: [vue()],
    build: {
      outDir: output,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  const server = createServer((request, answer) => {
    const path = new URL(request.url, "http://localhost").pathname;
    if (path === "/favicon.ico") return answer.writeHead(204).end();
    try {
      const body = readFileSync(join(output, path === "/" ? "index.html" : path));
      answer.writeHead(200, {
        "content-type": TYPES[extname(path)] ?? TYPES[".html"],
        "content-security-policy": POLICY,
      });
      answer.end(body);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}
