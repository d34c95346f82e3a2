// What the pages weigh packed by gzip: file by file, and what is loaded before the first script runs.
// Run: node tests/ui/size.mjs   (after npm run build in ui/)
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../../ui/dist");

const files = readdirSync(dist, { recursive: true })
  .map((name) => join(dist, name))
  .filter((path) => statSync(path).isFile())
  .map((path) => {
    const bytes = readFileSync(path);
    const name = relative(dist, path).split(sep).join("/");
    return { name, plain: bytes.length, packed: gzipSync(bytes, { level: 9 }).length };
  })
  .sort((one, other) => other.packed - one.packed);

// What the page names itself: its scripts with all that they import at once, and its styles. Other parts come when asked for.
const page = readFileSync(join(dist, "index.html"), "utf8");
const named = [...page.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g)].map(([, path]) => path.replace(/^\.?\//, ""));
const first = new Set(["index.html", ...named]);
const missing = [...first].filter((name) => !files.some((file) => file.name === name));
if (named.length === 0 || missing.length > 0) throw new Error(`index.html names what is not there: ${missing}`);

const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(8);
const line = (name, some) => {
  const sum = (key) => some.reduce((total, file) => total + file[key], 0);
  console.log(`${name.padEnd(52)} ${kib(sum("packed"))} KiB gz ${kib(sum("plain"))} KiB`);
};
console.log("\nthe pages");
for (const file of files) line(`${first.has(file.name) ? "first " : "later "}${file.name}`, [file]);
line("loaded first", files.filter((file) => first.has(file.name)));
line(`all ${files.length} files`, files);
