// The real grid in a real browser: scrolling, Chinese input, clipboard, accessibility, and its frame times.
// Run: node tests/ui/grid.mjs   (after npm ci in ui/; CHROMIUM names another browser than /usr/bin/chromium)
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { require, root, serve } from "./grid-page.mjs";

const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pictures = join(root, "tests/ui/output");

const server = await serve();
const address = `http://127.0.0.1:${server.address().port}/`;
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
const context = await browser.newContext({
  viewport: { width: 1280, height: 800 },
  locale: "zh-CN",
});
// What the grid does is tried here, never how fast a small machine does it.
context.setDefaultTimeout(120_000);
await context.grantPermissions(["clipboard-read", "clipboard-write"], {
  origin: address,
});
mkdirSync(pictures, { recursive: true });

const cell = (row, column) =>
  `[role=row][aria-rowindex="${row + 2}"] [aria-colindex="${column + 2}"]`;
const NAME = 0;
const ID = 1;
const ACCOUNT = 2;
const DEPARTMENT = 3;
const NEW_BASE = 5;
const MONTHLY = 10;
const NOTE = 13;

/** A fresh page with its first rows shown. */
async function open() {
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on(
    "console",
    (message) =>
      message.type() === "error" && page.problems.push(message.text()),
  );
  await page.goto(address);
  await page.waitForFunction(
    (first) => document.querySelector(first)?.textContent.length > 1,
    cell(0, NAME),
  );
  page.keys = await context.newCDPSession(page);
  return page;
}

const bench = (page, key) =>
  page.evaluate((name) => globalThis.bench[name], key);
const text = (page, row, column) =>
  page.locator(cell(row, column)).textContent();
const frames = (page, count = 2) =>
  page.evaluate(async (n) => {
    for (let i = 0; i < n; i += 1) await new Promise(requestAnimationFrame);
  }, count);
const box = (page) =>
  page.evaluate(() => {
    const { value, className, ariaLabel } = document.querySelector("textarea");
    const focused =
      document.activeElement === document.querySelector("textarea");
    return {
      value,
      editing: className.includes("is-editing"),
      label: ariaLabel,
      focused,
    };
  });
const key229 = (page, name) =>
  page.keys.send("Input.dispatchKeyEvent", {
    type: "rawKeyDown",
    key: name,
    windowsVirtualKeyCode: 229,
  });
const compose = (page, typed) =>
  page.keys.send("Input.imeSetComposition", {
    text: typed,
    selectionStart: typed.length,
    selectionEnd: typed.length,
  });
const lastOps = async (page) => (await bench(page, "edits")).at(-1);
const copy = (page, content) =>
  page.evaluate((value) => navigator.clipboard.writeText(value), content);

const tests = {
  async "scrolling makes, removes and moves no node"(page) {
    await page.evaluate(() => {
      globalThis.touched = [];
      const observer = new MutationObserver((records) =>
        globalThis.touched.push(...records.map((one) => one.type)),
      );
      observer.observe(document.querySelector(".data-grid"), {
        childList: true,
        subtree: true,
      });
    });
    const scroller = page.locator(".grid-scroller");
    for (const top of [480, 960, 20_000, 2_900_000, 0]) {
      await scroller.evaluate((element, to) => (element.scrollTop = to), top);
      await frames(page, 3);
    }
    await scroller.evaluate((element) => (element.scrollLeft = 300));
    await frames(page, 3);
    assert.deepEqual(
      await page.evaluate(() => globalThis.touched),
      [],
      "the pool is fixed",
    );
  },

  async "every visible row shows its own data after jumps"(page) {
    for (const row of [0, 57, 87_655, 99_999, 3]) {
      await page.evaluate((to) => globalThis.bench.jump(to), row);
      await page.waitForFunction(
        (name) => document.querySelector(name)?.textContent.startsWith("8100"),
        cell(row, ACCOUNT),
      );
      assert.equal(
        await text(page, row, ACCOUNT),
        `8100${String(row).padStart(8, "0")}`,
        "the row's own account",
      );
      const shown = await page.locator(cell(row, ACCOUNT)).boundingBox();
      assert.ok(
        shown.y > 30 && shown.y + shown.height <= 800,
        "the row jumped to is in view",
      );
    }
  },

  async "header and frozen columns stay in place and nothing shines through"(
    page,
  ) {
    await page.evaluate(() => globalThis.bench.jump(50_000, 13));
    await page.waitForFunction(() => globalThis.bench.selection.row === 50_004);
    await page
      .locator(".grid-scroller")
      .evaluate((element) => (element.scrollLeft = 333));
    await frames(page, 3);
    const top = await page.evaluate(() => {
      const { left, top } = document
        .querySelector(".grid-scroller")
        .getBoundingClientRect();
      const under = (x, y) => document.elementFromPoint(left + x, top + y);
      return [
        under(20, 5),
        under(120, 5),
        under(700, 5),
        under(20, 300),
        under(120, 300),
      ].map(
        (element) =>
          element.getAttribute("role") + element.getAttribute("aria-colindex"),
      );
    });
    assert.deepEqual(
      top.slice(0, 2),
      ["columnheader1", "columnheader2"],
      "frozen titles lie on top",
    );
    assert.match(top[2], /^columnheader/, "the other titles too");
    assert.deepEqual(
      top.slice(3),
      ["rowheader1", "gridcell2"],
      "frozen cells stay at the left",
    );
  },

  async "few pages are read at first, none twice"(page) {
    assert.deepEqual(
      await bench(page, "fetched"),
      [0],
      "only the page on screen is read",
    );
  },

  async "the first key goes to the input method and Enter while composing does not commit"(
    page,
  ) {
    await page.click(cell(1, NAME));
    assert.deepEqual(
      (await box(page)).value,
      "",
      "the box is empty while idle",
    );
    assert.ok((await box(page)).focused, "a click leaves the focus in the box");
    await key229(page, "w");
    await compose(page, "w");
    await compose(page, "wang'fang");
    assert.ok(
      (await box(page)).editing,
      "the composition makes the box visible",
    );
    await key229(page, "Enter");
    await key229(page, "ArrowDown");
    assert.equal(
      (await bench(page, "edits")).length,
      0,
      "Enter picked a candidate and committed nothing",
    );
    assert.equal(
      (await box(page)).value,
      "wang'fang",
      "the composition goes on",
    );
    await page.keys.send("Input.insertText", { text: "王芳" });
    assert.equal(
      (await bench(page, "edits")).length,
      0,
      "the composed text is not yet committed",
    );
    await page.keyboard.press("Enter");
    assert.deepEqual(
      await lastOps(page),
      [{ op: "set", index: 1, field: "name", text: "王芳" }],
      "no letter is lost or left",
    );
    await page.waitForFunction(
      (name) => document.querySelector(name)?.className.includes("is-edited"),
      cell(1, NAME),
    );
    assert.equal(
      await text(page, 1, NAME),
      "王芳",
      "the cell shows the new text",
    );
    assert.match(
      (await box(page)).label,
      /^姓名 第6行 /,
      "Enter went one row down",
    );
    assert.equal((await box(page)).value, "", "the box is empty again");
  },

  async "a click elsewhere while composing keeps the composed text and commits once"(
    page,
  ) {
    await page.click(cell(1, NAME));
    await compose(page, "李雷");
    await page.click(cell(3, DEPARTMENT));
    await frames(page);
    assert.deepEqual(
      await bench(page, "edits"),
      [[{ op: "set", index: 1, field: "name", text: "李雷" }]],
      "one step",
    );
    assert.match(
      (await box(page)).label,
      /^部门 第7行 /,
      "the click then selected its cell",
    );
    assert.ok(
      (await box(page)).focused,
      "and the box has the focus for the next key",
    );
  },

  async "losing the focus while composing commits no half-composed text"(page) {
    await page.click(cell(1, NAME));
    await compose(page, "zh");
    const seen = await page.evaluate(() => {
      const before = [];
      const target = document.querySelector("textarea");
      target.addEventListener(
        "blur",
        () => before.push(globalThis.bench.edits.length),
        { capture: true },
      );
      target.addEventListener(
        "compositionend",
        () => before.push(globalThis.bench.edits.length),
        { capture: true },
      );
      target.blur();
      return before;
    });
    assert.ok(
      seen.every((count) => count === 0),
      "nothing is committed before the composition has ended",
    );
    await frames(page);
    assert.ok(
      (await bench(page, "edits")).length <= 1,
      "at most one step in the end",
    );
  },

  async "typing replaces, F2 keeps the old text, Esc cancels, Tab goes right"(
    page,
  ) {
    await page.click(cell(0, DEPARTMENT));
    await page.keyboard.type("财务");
    await page.keyboard.press("Tab");
    assert.deepEqual(
      await lastOps(page),
      [{ op: "set", index: 0, field: "department", text: "财务" }],
      "typing replaces",
    );
    assert.match((await box(page)).label, /^原缴存基数 /, "Tab goes right");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("F2");
    await frames(page);
    assert.equal((await box(page)).value, "财务", "F2 brings the present text");
    await page.keyboard.type("部");
    await page.keyboard.press("Escape");
    assert.equal((await bench(page, "edits")).length, 1, "Esc commits nothing");
    await page.keyboard.press("F2");
    await page.keyboard.type("二部");
    await page.keyboard.press("Enter");
    assert.deepEqual(
      (await lastOps(page))[0].text,
      "财务二部",
      "keys typed right after F2 stand behind the old text",
    );
    await page.dblclick(cell(5, DEPARTMENT));
    await frames(page);
    assert.equal((await box(page)).value, "财务部", "double click edits");
    await page.keyboard.press("Enter");
    assert.equal(
      (await bench(page, "edits")).length,
      2,
      "an unchanged text is no step",
    );
  },

  async "a read-only column takes neither keys nor input method"(page) {
    await page.click(cell(0, MONTHLY));
    await page.keyboard.type("9");
    await page.keyboard.press("F2");
    await page.keyboard.press("Delete");
    await frames(page);
    assert.deepEqual(await bench(page, "edits"), [], "nothing changes");
    assert.equal((await box(page)).editing, false, "no editor opens");
    assert.match((await box(page)).label, /只读$/, "and the reader says why");
  },

  async "2 000 rows from a spreadsheet are one step"(page) {
    const rows = Array.from({ length: 2000 }, (_, row) => [
      `甲${row}`,
      row ? `${row}.00` : '"1\n2"',
      "0.10",
      "0.05",
    ]);
    await copy(page, rows.map((cells) => cells.join("\t") + "\r\n").join(""));
    await page.click(cell(0, DEPARTMENT));
    await page.keyboard.press("Control+v");
    await page.waitForFunction(() => globalThis.bench.edits.length > 0);
    const edits = await bench(page, "edits");
    assert.equal(edits.length, 1, "one step, undone at once");
    assert.equal(
      edits[0].filter((op) => op.field === "department").length,
      2000,
      "every row, those not on screen too",
    );
    assert.equal(
      edits[0].find((op) => op.field === "old_base").text,
      "1\n2",
      "a quoted line end stays in its cell",
    );
    assert.equal(edits[0].at(-1).index, 1999, "the last row");
    await page.waitForFunction(
      (name) => document.querySelector(name)?.className.includes("is-edited"),
      cell(9, DEPARTMENT),
    );
    assert.equal(
      await text(page, 9, DEPARTMENT),
      "甲9",
      "the new texts are on screen",
    );
  },

  async "2 000 rows of 14 columns pasted into ten empty ones bring their rows with them, in one step"(
    page,
  ) {
    await page.evaluate(() => globalThis.bench.blank(10));
    await page.waitForFunction(
      (first) => document.querySelector(first)?.textContent === "",
      cell(0, NAME),
    );
    const rows = Array.from({ length: 2000 }, (_, row) =>
      Array.from({ length: 14 }, (_, place) => `${row}.${place}`),
    );
    await copy(page, rows.map((cells) => cells.join("\t") + "\r\n").join(""));
    await page.click(cell(0, NAME));
    await page.keyboard.press("Control+v");
    await page.waitForFunction(() => globalThis.bench.total() > 10);
    const edits = await bench(page, "edits");
    assert.equal(edits.length, 1, "one step, undone at once");
    assert.deepEqual(
      edits[0][0],
      { op: "add", rows: 2000 },
      "with its rows and some to spare",
    );
    assert.equal(
      edits[0].length - 1,
      2000 * 12,
      "every cell but those of the two columns that are computed",
    );
    await page.evaluate(() => globalThis.bench.jump(1999, 0));
    await page.waitForFunction(
      (name) => document.querySelector(name)?.textContent === "1999.0",
      cell(1999, NAME),
    );
    assert.equal(
      await text(page, 1999, NOTE),
      "1999.13",
      "the last cell of the last row",
    );
    assert.doesNotMatch(
      (await bench(page, "events")).join(),
      /notice .*行/,
      "no row was cut",
    );
  },

  async "typing into the last row adds rows, and Enter goes on there"(page) {
    await page.evaluate(() => globalThis.bench.blank(3));
    await page.waitForFunction(
      (first) => document.querySelector(first)?.textContent === "",
      cell(0, NAME),
    );
    await page.click(cell(2, NAME));
    await page.keyboard.type("甲");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () =>
        globalThis.bench.total() > 3 &&
        globalThis.bench.selection.position === 3,
    );
    assert.deepEqual(await lastOps(page), [
      { op: "add", rows: 10 },
      { op: "set", index: 2, field: "name", text: "甲" },
    ]);
    await page.waitForFunction(
      (name) => document.querySelector(name)?.textContent === "",
      cell(3, NAME),
    );
    await frames(page);
    await page.keyboard.type("乙");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      (name) => document.querySelector(name)?.textContent === "乙",
      cell(3, NAME),
    );
    assert.equal(
      await text(page, 2, NAME),
      "甲",
      "the row before keeps its own",
    );
  },

  async "choices open by key and by mouse, and what is typed is taken all the same"(
    page,
  ) {
    const options = () => page.locator("[role=option]").allTextContents();
    await page.click(cell(1, DEPARTMENT));
    await page.keyboard.press("Alt+ArrowDown");
    assert.deepEqual(await options(), [
      "办公室",
      "财务部",
      "生产一车间",
      "研发中心",
    ]);
    assert.equal(
      await page.locator("[role=option][aria-selected=true]").textContent(),
      "财务部",
      "what stands there",
    );
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.deepEqual(await lastOps(page), [
      { op: "set", index: 1, field: "department", text: "生产一车间" },
    ]);
    assert.ok(
      await page.locator("[role=listbox]").isHidden(),
      "the list is gone with the editor",
    );

    await page.click(cell(5, DEPARTMENT));
    await frames(page);
    const { x, y, height } = await page.locator(".grid-arrow").boundingBox();
    await page.mouse.click(x + 8, y + height / 2);
    await page.locator("[role=option]", { hasText: "研发中心" }).click();
    assert.deepEqual(await lastOps(page), [
      { op: "set", index: 5, field: "department", text: "研发中心" },
    ]);
    assert.ok((await box(page)).focused, "the box keeps the focus");

    await page.click(cell(8, DEPARTMENT));
    await page.keyboard.type("财");
    assert.deepEqual(await options(), ["财务部"], "narrowed to what holds it");
    await page.keyboard.type("会");
    assert.deepEqual(await options(), []);
    await page.keyboard.press("Enter");
    assert.deepEqual(await lastOps(page), [
      { op: "set", index: 8, field: "department", text: "财会" },
    ]);
    await page.click(cell(9, NAME));
    await frames(page);
    assert.ok(
      await page.locator(".grid-arrow").isHidden(),
      "a column without choices has no arrow",
    );
  },

  async "a paste beyond the last row is cut and says so"(page) {
    await copy(page, "甲\r\n乙\r\n丙");
    await page.evaluate(() => globalThis.bench.jump(99_998, 3));
    await page.waitForFunction(
      (name) => document.querySelector(name)?.textContent.length > 1,
      cell(99_998, DEPARTMENT),
    );
    await page.evaluate(() => globalThis.bench.focus());
    await page.keyboard.press("Control+v");
    await page.waitForFunction(() => globalThis.bench.edits.length > 0);
    assert.equal(
      (await lastOps(page)).length,
      2,
      "the two rows that are there",
    );
    assert.match(
      (await bench(page, "events")).join(),
      /notice .*1 行/,
      "the third is reported",
    );
  },

  async "copy writes text with CRLF and a table whose ID numbers stay text"(
    page,
  ) {
    await page.click(cell(0, ID));
    await page.click(cell(1, ID), { modifiers: ["Shift"] });
    await page.keyboard.press("Control+c");
    const items = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const read = async (type) => (await item.getType(type)).text();
      return { text: await read("text/plain"), html: await read("text/html") };
    });
    const first = await text(page, 0, ID);
    assert.equal(
      items.text,
      `${first}\r\n${await text(page, 1, ID)}\r\n`,
      "one line per row",
    );
    assert.match(
      items.html,
      new RegExp(`<td[^>]*mso-number-format[^>]*>${first}</td>`),
      "marked as text",
    );
    await page.keyboard.press("Control+x");
    await page.waitForFunction(() => globalThis.bench.edits.length > 0);
    assert.deepEqual(
      (await lastOps(page)).map((op) => op.text),
      ["", ""],
      "cut empties the cells",
    );
  },

  async "cutting rows that are not at hand takes all of them, and empties nothing before they are copied"(
    page,
  ) {
    await page.click(cell(0, ACCOUNT));
    await page.keyboard.press("Control+Shift+ArrowDown");
    // As when reading the rows took longer than the browser lets a key count.
    await page.evaluate(() => (document.execCommand = () => false));
    await page.keyboard.press("Control+x");
    await page.waitForFunction(
      () => globalThis.bench.events.length > 0,
    );
    assert.match(
      (await bench(page, "events")).join(),
      /notice .*再按一次/,
      "it says what to do",
    );
    assert.deepEqual(
      await bench(page, "edits"),
      [],
      "nothing is emptied that was not copied",
    );
    await page.keyboard.press("Control+c");
    const copied = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const plain = await (await item.getType("text/plain")).text();
      const html = await (await item.getType("text/html")).text();
      return {
        rows: plain.trimEnd().split(/\r?\n/).length,
        marked: html.split("mso-number-format").length - 1,
      };
    });
    assert.deepEqual(
      copied,
      { rows: 100_000, marked: 100_000 },
      "every row, marked as text, though 40 pages are kept",
    );
  },

  async "arrows, range, Ctrl+End, select all, fill down and the keys that go out"(
    page,
  ) {
    await page.click(cell(0, NEW_BASE));
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    await frames(page);
    const chosen = await bench(page, "selection");
    assert.deepEqual(
      [chosen.rows, chosen.columns, chosen.count, chosen.sum],
      [3, 1, 3, "9411.00"],
      "3000+3137+3274",
    );
    assert.equal(
      await page.locator("[role=gridcell][aria-selected=true]").count(),
      3,
      "three cells are selected",
    );
    await page.keyboard.press("Control+d");
    assert.deepEqual(
      (await lastOps(page)).map((op) => [op.index, op.text]),
      [
        [1, "3,000.00"],
        [2, "3,000.00"],
      ],
      "the first row's text goes down",
    );
    for (const key of ["Control+z", "Control+y", "Control+f", "F8", "Shift+F8"])
      await page.keyboard.press(key);
    assert.deepEqual(
      await bench(page, "events"),
      ["undo", "redo", "find", "finding 1", "finding -1"],
      "the owner's keys",
    );
    await page.keyboard.press("Control+End");
    await page.waitForFunction(
      () => globalThis.bench.selection.row === 100_003,
    );
    assert.equal(
      (await bench(page, "selection")).column,
      NOTE,
      "the last cell",
    );
    const last = await page.locator(cell(99_999, NOTE)).boundingBox();
    assert.ok(
      last.x + last.width <= 1280 && last.y + last.height <= 800,
      "is in view",
    );
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+a");
    await frames(page);
    const all = await bench(page, "selection");
    assert.deepEqual(
      [all.rows, all.columns, all.sum],
      [100_000, 14, null],
      "no sum is claimed over rows not read",
    );
  },

  async "dragging selects a range"(page) {
    await page.hover(cell(2, ACCOUNT));
    await page.mouse.down();
    await page.hover(cell(6, DEPARTMENT));
    await page.mouse.up();
    await page.hover(cell(9, NOTE - 6));
    await frames(page);
    const { position, rows, columns } = await bench(page, "selection");
    assert.deepEqual(
      [position, rows, columns],
      [2, 5, 2],
      "from the press to the release and no further",
    );
  },

  async "dragging below the edge scrolls on, letting go ends it"(page) {
    await page.hover(cell(2, ACCOUNT));
    await page.mouse.down();
    await page.mouse.move(500, 798);
    await page.waitForFunction(() => globalThis.bench.selection.rows > 60);
    await page.mouse.up();
    await frames(page);
    const { rows } = await bench(page, "selection");
    await frames(page, 5);
    assert.equal(
      (await bench(page, "selection")).rows,
      rows,
      "nothing moves after the release",
    );
  },

  async "a jump brings the column into view too"(page) {
    await page.evaluate(() => globalThis.bench.jump(500, 13));
    await frames(page, 3);
    const shown = await page.locator(cell(500, NOTE)).boundingBox();
    assert.ok(shown.x + shown.width <= 1280, "the last column is in view");
  },

  async "a tick leaves a row out and takes it back"(page) {
    const tick = page.locator('[role=row][aria-rowindex="2"] [role=checkbox]');
    assert.equal(
      await tick.getAttribute("aria-checked"),
      "true",
      "filed at first",
    );
    await tick.click();
    assert.deepEqual(
      await lastOps(page),
      [{ op: "exclude", index: 0, excluded: true }],
      "left out",
    );
    await frames(page);
    assert.equal(
      await tick.getAttribute("aria-checked"),
      "false",
      "and shown so",
    );
    await page.keyboard.press("Control+Delete");
    assert.deepEqual(
      await lastOps(page),
      [{ op: "exclude", index: 0, excluded: false }],
      "the key takes it back",
    );
    await page.click(cell(4, DEPARTMENT));
    await page.keyboard.press("Control+Delete");
    assert.deepEqual(
      await lastOps(page),
      [{ op: "exclude", index: 4, excluded: false }],
      "a row left out comes back",
    );
  },

  async "findings say why on hover and on keyboard focus"(page) {
    const tip = page.locator(".grid-tooltip");
    await page.hover(cell(7, ID));
    await page.waitForFunction(
      () => !document.querySelector(".grid-tooltip").hidden,
    );
    assert.match(await tip.textContent(), /校验位/, "hover");
    assert.equal(
      await page.locator(cell(7, ID)).getAttribute("aria-invalid"),
      "true",
      "invalid for the reader",
    );
    await page.click(cell(6, ID));
    await page.mouse.move(5, 5);
    await frames(page);
    assert.ok(await tip.isHidden(), "nothing to say about a sound cell");
    await page.keyboard.press("ArrowDown");
    await frames(page);
    assert.ok(await tip.isVisible(), "keyboard focus shows it");
    assert.match(
      (await box(page)).label,
      /^证件号码 第11行 .*错误：证件号码校验位不对/,
      "and the reader hears it",
    );
    await page.keyboard.press("Escape");
    await frames(page);
    assert.ok(await tip.isHidden(), "Esc puts it away");
    const tip2 = page.locator(
      '[role=row][aria-rowindex="13"] [role=rowheader]',
    );
    await tip2.hover();
    await frames(page);
    assert.match(
      await tip.textContent(),
      /姓名用字/,
      "a finding about the whole row hangs on its header",
    );
  },

  async "a new revision changes rows without blanking them"(page) {
    await page.evaluate(
      (name) => {
        globalThis.seen = new Set();
        const watched = document.querySelector(name);
        const look = () => {
          globalThis.seen.add(watched.textContent);
          requestAnimationFrame(look);
        };
        look();
        globalThis.bench.revise();
      },
      cell(3, NAME),
    );
    await page.waitForFunction(() => globalThis.bench.fetched.length > 1);
    await frames(page, 4);
    assert.equal(
      await page.evaluate(() => globalThis.seen.size),
      1,
      "the text never gave way to a placeholder",
    );
  },

  async "dragging the edge of a title makes the column wider, Escape does not, a double click fits it"(
    page,
  ) {
    const title = page.locator('[role=columnheader][aria-colindex="6"]');
    const before = await title.boundingBox();
    const edge = { x: before.x + before.width - 3, y: before.y + 10 };
    await page.mouse.move(edge.x, edge.y);
    await page.mouse.down();
    await page.mouse.move(edge.x + 40, edge.y);
    await page.keyboard.press("Escape");
    await page.mouse.up();
    assert.equal(
      (await bench(page, "look")).choice,
      null,
      "nothing was chosen",
    );
    assert.equal(
      (await title.boundingBox()).width,
      before.width,
      "the column is as it was",
    );
    await page.mouse.move(edge.x, edge.y);
    await page.mouse.down();
    await page.mouse.move(edge.x + 40, edge.y);
    await frames(page);
    assert.equal(
      (await title.boundingBox()).width,
      before.width + 40,
      "seen while it is dragged",
    );
    await page.mouse.up();
    assert.deepEqual(
      (await bench(page, "look")).choice.widths,
      { old_base: 150 },
      "kept once it is let go",
    );
    assert.equal(
      (await page.locator(cell(0, 4)).boundingBox()).width,
      before.width + 40,
      "cells as wide as the title",
    );
    await page.mouse.dblclick(edge.x + 40, edge.y);
    await frames(page);
    const { old_base: fitted } = (await bench(page, "look")).choice.widths;
    assert.ok(
      fitted >= 70 && fitted < 110,
      `fits 22,863.00 and its title: ${fitted}`,
    );
    const cut = await page
      .locator(cell(0, 4))
      .evaluate((one) => one.scrollWidth > one.clientWidth);
    assert.equal(cut, false, "no text is cut");
  },

  async "a title dragged elsewhere takes its column along; copying, pasting and jumps go by what is seen"(
    page,
  ) {
    const middle = async (column) => {
      const { x, y, width } = await page
        .locator(`[role=columnheader][aria-colindex="${column + 2}"]`)
        .boundingBox();
      return { x: x + width / 2, y: y + 15 };
    };
    const from = await middle(NEW_BASE);
    const to = await middle(ACCOUNT);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x - 20, to.y, { steps: 4 });
    assert.ok(
      await page.locator(".grid-drop").isVisible(),
      "where it would stand is shown",
    );
    await page.mouse.up();
    await frames(page);
    assert.ok(await page.locator(".grid-drop").isHidden(), "and no longer");
    assert.equal(
      await text(page, 0, 2),
      "3,000.00",
      "the new base stands before the account",
    );
    assert.equal(await text(page, 0, 3), "810000000000", "which has moved on");
    await page.click(cell(0, ID));
    await page.click(cell(0, 3), { modifiers: ["Shift"] });
    await page.keyboard.press("Control+c");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(
      copied,
      "410184196001010000\t3,000.00\t810000000000\r\n",
      "copied as it is seen",
    );
    await copy(page, "9999\t810000000001");
    await page.click(cell(1, 2));
    await page.keyboard.press("Control+v");
    await frames(page);
    assert.deepEqual(
      (await lastOps(page)).map((op) => [op.index, op.field, op.text]),
      [[1, "new_base", "9999"]],
      "into the columns that are seen there; the account had that text",
    );
    await page.evaluate(() => globalThis.bench.jump(3, 5));
    await frames(page, 3);
    const { column, field } = await bench(page, "selection");
    assert.deepEqual(
      [column, field],
      [NEW_BASE, "new_base"],
      "a place in all columns is found where it is shown",
    );
    assert.match(
      (await box(page)).label,
      /^新缴存基数 第7行/,
      "and read out by its name",
    );
  },

  async "hidden columns are passed over by the keys and by pasting; their findings hang on the row"(
    page,
  ) {
    await page.evaluate(
      () =>
        (globalThis.bench.look.choice = {
          order: [],
          hidden: ["id_number"],
          widths: {},
        }),
    );
    await frames(page, 3);
    assert.equal(
      await page.locator("[role=columnheader]").count(),
      14,
      "row numbers and 13 columns",
    );
    assert.equal(
      await page.locator("[role=grid]").getAttribute("aria-colcount"),
      "14",
      "and so it is read out",
    );
    await page.click(cell(0, 0));
    await copy(page, "王一\t810000000009");
    await page.keyboard.press("Control+v");
    await frames(page);
    assert.deepEqual(
      (await lastOps(page)).map((op) => op.field),
      ["name", "personal_account"],
      "nothing goes where nobody looks",
    );
    await page.hover('[role=row][aria-rowindex="9"] [role=rowheader]');
    await frames(page);
    assert.match(
      await page.locator(".grid-tooltip").textContent(),
      /^证件号码：证件号码校验位不对/,
      "said of the row",
    );
    await page.click('[role=columnheader][aria-colindex="2"]', {
      button: "right",
    });
    assert.deepEqual(
      await bench(page, "events"),
      ["columns"],
      "a right click on the titles asks for the list",
    );
  },

  async "axe finds nothing, light and dark, large and read-only"(page) {
    await page.evaluate(axe);
    await page.click(cell(7, ID));
    for (const look of [
      {},
      { scale: 1.5 },
      { readonly: true },
      { dark: true },
    ]) {
      await page.evaluate(({ dark = false, ...rest }) => {
        document.documentElement.classList.toggle("dark", dark);
        Object.assign(
          globalThis.bench.look,
          { scale: 1, readonly: false },
          rest,
        );
      }, look);
      await frames(page, 4);
      const { violations, passes } = await page.evaluate(() =>
        globalThis.axe.run(".data-grid", {
          runOnly: [
            "wcag2a",
            "wcag2aa",
            "wcag21aa",
            "wcag22aa",
            "best-practice",
          ],
        }),
      );
      const found = violations.map(
        (one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 2)}`,
      );
      assert.deepEqual(found, [], `violations with ${JSON.stringify(look)}`);
      assert.ok(
        passes.some((one) => one.id === "aria-required-children"),
        "the grid's roles were looked at",
      );
    }
  },

  async "the keyboard gets out: Esc, then Tab"(page) {
    await page.click(cell(0, NAME));
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.equal((await box(page)).focused, false, "Tab leaves after Esc");
  },

  async pictures(page) {
    await page.click(cell(3, DEPARTMENT));
    await page.keyboard.type("财务二部");
    await page.keyboard.press("Enter");
    await page.click(cell(8, 4));
    await page.click(cell(12, NEW_BASE), { modifiers: ["Shift"] });
    await page.keyboard.press("Escape");
    await frames(page, 4);
    await page.screenshot({ path: join(pictures, "grid-light.png") });
    await page.evaluate(() => document.documentElement.classList.add("dark"));
    await page
      .locator(".grid-scroller")
      .evaluate((element) => (element.scrollLeft = 400));
    await page.evaluate(() => globalThis.bench.jump(99_907, 1));
    await page.waitForFunction(() => globalThis.bench.selection.row === 99_911);
    await page.evaluate(() => globalThis.bench.focus());
    await frames(page, 4);
    await page.screenshot({ path: join(pictures, "grid-dark.png") });
    await page.click(cell(99_905, MONTHLY - 1));
    await page.keyboard.press("F2");
    await frames(page);
    await page.screenshot({ path: join(pictures, "grid-edit.png") });
  },
};

/** Frame times of 150 wheel steps, the time to the first rows and of a jump, in milliseconds. */
async function measure() {
  const started = performance.now();
  const page = await open();
  const firstRows = performance.now() - started;
  await page.mouse.move(600, 400);
  await page.evaluate(() => {
    globalThis.times = [];
    let last = performance.now();
    const tick = (now) => {
      globalThis.times.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  for (let step = 0; step < 150; step += 1) {
    await page.mouse.wheel(0, 480);
    await new Promise((done) => setTimeout(done, 14));
  }
  const times = (await page.evaluate(() => globalThis.times))
    .slice(1)
    .sort((a, b) => a - b);
  const jump = await page.evaluate(
    async (name) => {
      const start = performance.now();
      globalThis.bench.jump(87_655);
      while (!document.querySelector(name)?.textContent.startsWith("8100"))
        await new Promise(requestAnimationFrame);
      return performance.now() - start;
    },
    cell(87_655, ACCOUNT),
  );
  const heap = await page.evaluate(
    () => performance.memory.usedJSHeapSize / 1e6,
  );
  await page.close();
  const at = (part) => times[Math.floor(part * (times.length - 1))];
  const figures = {
    first_rows_ms: firstRows,
    frames: times.length,
    frame_p50_ms: at(0.5),
    frame_p95_ms: at(0.95),
    frame_max_ms: at(1),
    frames_over_34_ms: times.filter((time) => time > 34).length,
    jump_ms: jump,
    heap_mb: heap,
  };
  for (const [name, value] of Object.entries(figures))
    console.log(`grid.${name} ${Math.round(value * 10) / 10}`);
}

let passed = 0;
let failed = 0;
const [only] = process.argv.slice(2);
const measures = only === "--bench";
for (const [name, test] of measures ? [] : Object.entries(tests)) {
  if (only && !name.includes(only)) continue;
  const page = await open();
  try {
    await test(page);
    assert.deepEqual(
      page.problems,
      [],
      "no error and no breach of the content security policy",
    );
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(
      `FAIL  ${name}\n      ${String(error.message).replaceAll("\n", "\n      ")}`,
    );
  }
  await page.close();
}
if (measures) await measure();
await browser.close();
server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
