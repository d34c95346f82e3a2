// How fast the real window is, and how much memory it takes: cold start, at rest, with 100 000 rows; frames while
// scrolling, and the wait for a key in the grid. Prints figures and leaves them as JSON; nothing is judged.
//
// usage: node tests/desktop/speed.mjs --app PROGRAM --out FOLDER [--rows N] [--starts N]
//        (inside dbus-run-session and xvfb-run)
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { programsOn } from "./programs.mjs";
import { open, until } from "./webdriver.mjs";

const { values } = parseArgs({
  options: {
    app: { type: "string" },
    out: { type: "string" },
    rows: { type: "string", default: "100000" },
    starts: { type: "string", default: "5" },
  },
});
const { app, out } = values;
const [rows, starts] = [Number(values.rows), Number(values.starts)];
const data = join(out, "data");
rmSync(data, { recursive: true, force: true });
mkdirSync(data, { recursive: true });
writeFileSync(join(data, "preferences.json"), JSON.stringify({ toured: true }));

// A keyring of this run's own, unlocked: the app keeps the key of its data there.
const keyring = spawn("gnome-keyring-daemon", ["--unlock", "--components=secrets"], {
  stdio: ["pipe", "ignore", "ignore"],
  env: { ...process.env, XDG_DATA_HOME: join(out, "keyrings") },
});
keyring.stdin.end("practice");
await new Promise((done) => keyring.on("exit", done));
const env = { ...process.env, HUIJIAO_DATA: data, HUIJIAO_EXPORT: join(out, "export"), TAURI_WEBVIEW_AUTOMATION: "true" };

const figures = {};
const round = (number, places = 1) => Number(number.toFixed(places));
function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (share) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { p50: at(0.5), p95: at(0.95), most: at(1), count: sorted.length };
}
function put(name, figure) {
  figures[name] = figure;
  console.log(`  ${name}: ${JSON.stringify(figure)}`);
}

const words = (path) => readFileSync(path, "utf8");
/** Every process with what it is called and who started it. */
function processes() {
  const found = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, name, rest] = /\(([\s\S]*)\) ([\s\S]*)/.exec(words(`/proc/${pid}/stat`));
      const fields = rest.split(" ");
      found.set(pid, { name, parent: fields[1], started: Number(fields[19]) });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
/** The program of this run. */
const program = () => programsOn(data, app)[0];
/** Of a process, in MiB: what is its alone or its share (PSS), which the program tells root alone, and what is in memory (RSS). */
function memoryOf(pid) {
  const of = (said, key) => round(Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(said)[1]) / 1024, 0);
  const rss = of(words(`/proc/${pid}/status`), "VmRSS");
  try {
    return { pss: of(words(`/proc/${pid}/smaps_rollup`), "Pss"), rss };
  } catch (error) {
    if (error.code !== "EACCES") throw error;
    return { rss };
  }
}
function memory() {
  const all = processes();
  const own = program();
  const said = { program: memoryOf(own) };
  // The sandbox may stand between the program and the processes of its web view.
  const under = (pid) => pid !== undefined && (pid === own || under(all.get(pid)?.parent));
  for (const [pid, { name }] of all) if (name.startsWith("WebKit") && under(pid)) said[name] = memoryOf(pid);
  return said;
}

let port = 4655;
let window;
async function enter() {
  port += 1;
  window = await open({ app, env, port });
  await window.sees("体验演示中心");
}
async function leave() {
  await window.close();
  const own = program();
  if (own !== undefined) process.kill(Number(own));
  await until("the program has ended", () => program() === undefined);
}

/** From the birth of the process to the first frame with something on it, by the same clock. */
async function firstPaint() {
  const painted = await until("the first paint is known", () =>
    window.run(
      "const paint = performance.getEntriesByType('paint').at(-1); return paint ? performance.timeOrigin + paint.startTime : null;",
    ),
  );
  const all = processes();
  const sinceBoot = all.get(program()).started * 10;
  const boot = Date.now() - Number(words("/proc/uptime").split(" ")[0]) * 1000;
  return painted - boot - sinceBoot;
}

/** A sheet of so many made-up people: their numbers hold, nobody of them is in the practice unit. */
function sheet() {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const lines = ["个人账号,姓名,证件号码,原缴存基数,新缴存基数"];
  for (let at = 0; at < rows; at += 1) {
    const year = 1970 + (at % 35);
    const body = `110105${year}${String(1 + (at % 12)).padStart(2, "0")}${String(1 + (at % 28)).padStart(2, "0")}${String(at % 1000).padStart(3, "0")}`;
    const sum = weights.reduce((total, weight, digit) => total + weight * Number(body[digit]), 0);
    const id = body + "10X98765432"[sum % 11];
    lines.push(`${String(81_000_000_000 + at).padStart(12, "0")},王${"晓敏建国秀英"[at % 6]},${id},${5000 + (at % 900)}.00,${5300 + (at % 900)}.00`);
  }
  return lines.join("\r\n");
}

/** Scrolls by so many pixels each frame, and gives the time between frames. */
async function scrolled(step) {
  const script = `
    const [step, done] = arguments;
    const scroller = document.querySelector('.grid-scroller');
    scroller.scrollTop = 0;
    const gaps = [];
    let last = performance.now();
    const next = (now) => {
      gaps.push(now - last);
      last = now;
      scroller.scrollTop += step;
      if (gaps.length < 120) requestAnimationFrame(next);
      else done(gaps.slice(5));
    };
    requestAnimationFrame(next);`;
  return spread(await window.call("POST", "/execute/async", { script, args: [step] }));
}

/** Presses a key so often, and gives the time from each press to the end of the frame that shows it. */
async function pressed(key, times) {
  await window.run(`
    globalThis.waits = [];
    globalThis.listening?.abort();
    globalThis.listening = new AbortController();
    addEventListener('keydown', () => {
      const at = performance.now();
      requestAnimationFrame(() => setTimeout(() => globalThis.waits.push(performance.now() - at)));
    }, { capture: true, signal: globalThis.listening.signal });`);
  for (let at = 0; at < times; at += 1) {
    await window.keys(key);
    await until("the key is shown", () => window.run("return globalThis.waits.length > arguments[0]", at));
  }
  return spread(await window.run("return globalThis.waits"));
}

let failure;
try {
  const paints = [];
  for (let at = 0; at < starts; at += 1) {
    await enter();
    paints.push(await firstPaint());
    await leave();
  }
  put("start to first paint, ms", spread(paints));

  await enter();
  await window.button("进入体验演示中心");
  await window.sees("演示市晨光机电有限公司");
  await window.find("//*[contains(text(),'01-基数调整')]");
  put("memory at rest, MiB", memory());

  // Only its name is known to the page: what is read is what lies there.
  const [practice] = readdirSync(join(data, "practice/表格")).filter((name) => name.startsWith("01-"));
  writeFileSync(join(data, "practice/表格", practice), sheet());
  await window.click("//*[contains(text(),'01-基数调整')]");
  await window.sees("将导入", 300);
  const before = Date.now();
  await window.button("下一步");
  await window.sees("已自动保存", 600);
  put(`${rows} rows: check, keep, show, ms`, Date.now() - before);
  // The driver takes the grid's cells, which are placed by transforms, for hidden.
  await until("rows are shown", () => window.run("return document.querySelector('[role=gridcell]')?.textContent.trim() !== ''"));
  put(`memory with ${rows} rows, MiB`, memory());
  put("frames while scrolling by a row, ms", await scrolled(30));
  put("frames while scrolling by a page, ms", await scrolled(600));
  put("frames while flinging through, ms", await scrolled(6000));
  put(`memory with ${rows} rows, scrolled, MiB`, memory());
  await window.run("document.querySelector('.grid-scroller').scrollTop = 0");
  await window.run("document.querySelector('.data-grid textarea').focus()");
  await window.keys("right");
  put("key to frame, moving in the grid, ms", await pressed("down", 60));
  put("key to frame, typing in a cell, ms", await pressed("a", 60));
  await window.keys("escape");
} catch (error) {
  failure = error;
  console.log(`failed: ${error.stack}`);
  await window?.picture(join(out, "failed.png")).catch(() => undefined);
}
await leave().catch(() => undefined);
writeFileSync(join(out, "speed.json"), JSON.stringify(figures, null, 1));
process.exit(failure ? 1 : 0);
