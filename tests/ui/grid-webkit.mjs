// The grid in WebKitGTK, the engine of the window on Linux: WebKitWebDriver with its MiniBrowser.
// Run: xvfb-run -a node tests/ui/grid-webkit.mjs   (packages: webkit2gtk-driver, xvfb)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, serve } from "./grid-page.mjs";

const server = await serve();
const address = `http://127.0.0.1:${server.address().port}/`;
const port = 4700 + (process.pid % 200);
const driver = spawn(process.env.WEBKIT_DRIVER ?? "WebKitWebDriver", [`--port=${port}`], { stdio: "ignore" });
const MINI = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

async function send(method, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const { value } = await answer.json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function ready() {
  for (;;) {
    try {
      return await send("GET", "/status");
    } catch {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

await ready();
const { sessionId, capabilities } = await send("POST", "/session", {
  capabilities: {
    alwaysMatch: {
      "webkitgtk:browserOptions": {
        binary: process.env.MINIBROWSER ?? MINI,
        args: ["--automation"],
      },
    },
  },
});
const at = `/session/${sessionId}`;
const run = (script, ...args) =>
  send("POST", `${at}/execute/async`, {
    script: `const done = arguments[arguments.length - 1]; ${script}`,
    args,
  });
const CONTROL = "\uE009";
const SHIFT = "\uE008";
const ENTER = "\uE007";
const DOWN = "\uE015";
const UP = "\uE013";
const F2 = "\uE032";

/** Presses keys: a string types each letter, an array holds all but its last key. */
async function keys(...strokes) {
  const actions = strokes.flatMap((stroke) => {
    const parts = Array.isArray(stroke) ? stroke : [];
    if (parts.length === 0)
      return [...stroke].flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
    return [
      ...parts.map((value) => ({ type: "keyDown", value })),
      ...parts.toReversed().map((value) => ({ type: "keyUp", value })),
    ];
  });
  await send("POST", `${at}/actions`, {
    actions: [{ type: "key", id: "keyboard", actions }],
  });
}

async function click(row, column) {
  const place = await run(
    `const box = document.querySelector('[aria-rowindex="' + arguments[0] + '"] [aria-colindex="' + arguments[1] + '"]').getBoundingClientRect();
     done({ x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) });`,
    row + 2,
    column + 2,
  );
  const actions = [
    { type: "pointerMove", duration: 0, ...place },
    { type: "pointerDown", button: 0 },
    { type: "pointerUp", button: 0 },
  ];
  await send("POST", `${at}/actions`, {
    actions: [{ type: "pointer", id: "mouse", actions }],
  });
}
const settle = () => run("requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))");
const edits = async () => JSON.parse(await run("done(JSON.stringify(globalThis.bench.edits))"));
const waitFor = (condition) =>
  run(`const look = () => (${condition}) ? done(true) : requestAnimationFrame(look); look();`);

const tests = {
  async "typing, Enter, F2"() {
    await click(0, 3);
    await keys("财务", ENTER);
    await settle();
    assert.deepEqual((await edits()).at(-1), [{ op: "set", index: 0, field: "department", text: "财务" }], "typed");
    await keys(UP, F2);
    await settle();
    assert.equal(await run("done(document.querySelector('textarea').value)"), "财务", "F2 brings the text");
    await keys("部", ENTER);
    await settle();
    assert.equal((await edits()).at(-1)[0].text, "财务部", "and keeps it");
  },
  async "copy and paste a range"() {
    const before = (await edits()).length;
    await keys(UP, [SHIFT, DOWN]);
    await keys([CONTROL, "c"]);
    await settle();
    await click(6, 3);
    await keys([CONTROL, "v"]);
    await waitFor(`globalThis.bench.edits.length > ${before}`);
    assert.deepEqual(
      (await edits()).at(-1).map((op) => [op.index, op.text]),
      [
        [6, "财务部"],
        [7, "财务部"],
      ],
      "two cells came through the system's clipboard",
    );
  },
  async "a click elsewhere while composing commits once"() {
    const before = (await edits()).length;
    // Not the cell just clicked: that would be a double click.
    await click(9, 3);
    await run(`const box = document.querySelector("textarea");
      box.dispatchEvent(new CompositionEvent("compositionstart"));
      box.value = "李雷"; box.dispatchEvent(new Event("input"));
      box.addEventListener("blur", () => box.dispatchEvent(new CompositionEvent("compositionend")), { once: true });
      done();`);
    await click(8, 2);
    await settle();
    const all = await edits();
    assert.equal(all.length, before + 1, "one step");
    assert.equal(all.at(-1)[0].text, "李雷", "with the composed text");
    assert.ok(await run("done(document.activeElement === document.querySelector('textarea'))"), "focus is back");
  },
  async "scrolling makes no node, frame times"() {
    await run(`globalThis.touched = [];
      new MutationObserver((records) => globalThis.touched.push(...records.map((one) => one.type)))
        .observe(document.querySelector(".data-grid"), { childList: true, subtree: true });
      done();`);
    const times = await run(`const scroller = document.querySelector(".grid-scroller");
      const times = []; let last = performance.now(); let step = 0;
      const tick = (now) => {
        times.push(now - last); last = now;
        if (step++ === 150) return done(times.slice(1));
        scroller.scrollTop += 480;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);`);
    assert.deepEqual(await run("done(globalThis.touched)"), [], "the pool is fixed");
    times.sort((a, b) => a - b);
    const part = (share) => Math.round(times[Math.floor(share * (times.length - 1))] * 10) / 10;
    console.log(`grid.webkit_frame_p50_ms ${part(0.5)}\ngrid.webkit_frame_p95_ms ${part(0.95)}`);
  },
};

console.log(`${capabilities.browserName} ${capabilities.browserVersion}`);
let passed = 0;
let failed = 0;
try {
  await send("POST", `${at}/url`, { url: address });
  await waitFor(`document.querySelector('[aria-rowindex="2"] [aria-colindex="3"]')?.textContent.length > 1`);
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      passed += 1;
      console.log(`ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n      ${String(error.message).replaceAll("\n", "\n      ")}`);
    }
  }
  const picture = await send("GET", `${at}/screenshot`);
  mkdirSync(join(root, "tests/ui/output"), { recursive: true });
  writeFileSync(join(root, "tests/ui/output/grid-webkit.png"), Buffer.from(picture, "base64"));
} finally {
  await send("DELETE", at).catch(() => undefined);
  driver.kill();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
