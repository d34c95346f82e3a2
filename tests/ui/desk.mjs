// The true core under test: one huijiao-web on a folder of its own.
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";

/** The program and the pages it serves; says how to make what is missing. */
export function needed(root) {
  const program = join(root, "target/debug", process.platform === "win32" ? "huijiao-web.exe" : "huijiao-web");
  const pages = join(root, "ui/dist");
  const missing = [];
  if (!existsSync(program)) missing.push("target/debug/huijiao-web is missing: run cargo build -p huijiao-web");
  if (!existsSync(join(pages, "index.html"))) missing.push("ui/dist is missing: run npm run build in ui");
  if (!existsSync(join(root, "ui/node_modules"))) missing.push("ui/node_modules is missing: run npm ci in ui");
  return { program, pages, missing };
}

/** Starts the program and waits for the address that it prints; whoever is new here has seen the tour, unless `tour`. */
export async function startDesk({ program, pages }, folder, { tour = false } = {}) {
  const preferences = join(folder, "preferences.json");
  if (!tour && !existsSync(preferences)) writeFileSync(preferences, JSON.stringify({ toured: true }));
  const child = spawn(program, ["--folder", folder, "--pages", pages, "--no-keyring", "--no-browser", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // However the tests end, no program outlives them.
  const sweep = () => child.kill("SIGKILL");
  process.once("exit", sweep);
  child.once("exit", () => process.off("exit", sweep));
  const ended = new Promise((done) => child.once("exit", done));
  const url = await new Promise((found, failed) => {
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      if (said.includes("\n")) found(said.trim());
    });
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`huijiao-web ended with ${code} before it said its address`)));
  });
  return {
    url,
    origin: new URL(url).origin,
    token: new URLSearchParams(new URL(url).hash.slice(1)).get("t"),
    /** Ends it without a chance to tidy up. */
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** One request with exactly these headers, which neither a browser nor fetch would send. */
export function raw(origin, method, path, headers = {}, body = "") {
  const { hostname, port } = new URL(origin);
  return new Promise((done, failed) => {
    const sent = request({ hostname, port, method, path, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.once("error", failed);
    sent.end(body);
  });
}
