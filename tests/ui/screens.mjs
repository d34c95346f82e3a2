// Every screen on the true core with the practice center behind it: in both themes, at 100 %, 150 % and 175 %, with axe, no
// text that is cut off, and every stop of the Tab key seen.
// Run: node tests/ui/screens.mjs [--pictures FOLDER]   (after cargo build -p huijiao-web, and npm ci and npm run build
// in ui/). With a folder, pictures of every screen go there; `cargo xtask screenshots` does that for docs/pictures.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as clerk from "./clerk.mjs";
import { needed, startDesk } from "./desk.mjs";
import { openBrowser, watch } from "./look.mjs";

const { button, CLEAN, FAULTS, heading, LONG, PIN } = clerk;

const { values } = parseArgs({ options: { pictures: { type: "string" } } });
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const parts = needed(root);
if (parts.missing.length > 0) {
  for (const line of parts.missing) console.log(line);
  process.exit(1);
}
if (values.pictures) mkdirSync(values.pictures, { recursive: true });

/** Theme and size; those that are kept as pictures have a name. */
const LOOKS = [
  { theme: "light", scale: 1, name: "light" },
  { theme: "dark", scale: 1 },
  { theme: "light", scale: 1.5 },
  { theme: "light", scale: 1.75 },
  { theme: "dark", scale: 1.5, name: "dark-150" },
];
/** Pictures are kept a little smaller: all of them are in the repository. */
const SMALL = values.pictures ? { deviceScaleFactor: 0.8 } : {};
/** For what is the same screen in another state: the plainest look and the hardest. */
const ENDS = [LOOKS[0], LOOKS[4]];
const LONG_NAME = "中国（演示市）自由贸易试验区晨光精密机电装备制造与进出口贸易（集团）股份有限公司演示市第二分公司";
/** Stops of the Tab key that are looked at. */
const STOPS = 40;

const tools = await openBrowser(root);
const watched = watch();
const faults = [];
const folder = mkdtempSync(join(tmpdir(), "huijiao-screens-"));
/** Where the month's money is played through. */
const practice = mkdtempSync(join(tmpdir(), "huijiao-screens-"));
let desk;
let screens = 0;

/** What axe finds, and text that its box cuts off. */
async function faultsOf(page) {
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    // axe takes whatever stands in a form that is only read for unreachable; what has a tabindex of its own is not.
    const reached = ({ id }, { target }) =>
      id === "scrollable-region-focusable" && document.querySelector(target.at(-1))?.matches("fieldset:disabled [tabindex='0']");
    const found = serious.flatMap((each) =>
      each.nodes.filter((node) => !reached(each, node)).map(({ target }) => `${each.id} at ${target.join(" ")}`),
    );
    const page = document.documentElement;
    // The start page and the lock are as long as they are; inside of the shell each part scrolls by itself.
    const taller = page.scrollHeight > page.clientHeight && document.querySelector(".shell") !== null;
    if (page.scrollWidth > page.clientWidth || taller) found.push("the window scrolls");
    for (const element of document.querySelectorAll("button, h1, h2, h3, label, th, td, dt, dd, p, li, .tag")) {
      const { overflowX, textOverflow, clipPath } = getComputedStyle(element);
      const hides = overflowX === "hidden" || overflowX === "clip";
      if (!hides || textOverflow === "ellipsis" || clipPath !== "none" || element.clientWidth < 2) continue;
      if (element.scrollWidth > element.clientWidth + 1) found.push(`cut: ${element.textContent.trim().slice(0, 30)}`);
    }
    return found;
  });
}

/** Goes through the screen by the Tab key: whatever has the focus is seen to have it. */
async function unseen(page) {
  const found = [];
  await page.evaluate(() => document.activeElement?.blur());
  for (let stop = 0; stop < STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const dark = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return "";
      const shown = (element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
      };
      // A box to tick is drawn beside its input, which is not seen itself.
      if (at.nextElementSibling && at.type === "checkbox" && shown(at.nextElementSibling)) return "";
      // A grid paints its own frame around the active cell.
      if (shown(at) || (at.parentElement && shown(at.parentElement)) || at.closest("[role=grid], .grid")) return "";
      return `${at.tagName.toLowerCase()}.${at.className} ${at.textContent.trim().slice(0, 20)}`;
    });
    if (dark !== "") found.push(`no focus seen: ${dark}`);
  }
  return [...new Set(found)];
}

/** What the user goes on by, and has to have before her however large the page is shown. */
const AT_HAND = ".draft > .foot, .page-foot, .table td.pinned .el-button";

/** Which of it lies outside of the window, or of the table that it scrolls in. */
async function outOfSight(page) {
  const { width, height } = page.viewportSize();
  const found = [];
  for (const part of await page.locator("#body").locator(AT_HAND).all()) {
    const box = await part.boundingBox();
    const seen = box && box.x >= 0 && box.x + box.width <= width + 1;
    // Rows of a list are below each other, as many as there are.
    const row = await part.evaluate((element) => element.closest("td") !== null);
    if (!seen || (!row && (box.y < 0 || box.y + box.height > height + 1)))
      found.push(`out of sight: ${(await part.textContent()).trim().slice(0, 30)}`);
  }
  return found;
}

/** Looks at what is shown in every theme and size. */
async function look(page, name, { tab = true, looks = LOOKS } = {}) {
  screens += 1;
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(tools.axe);
  for (const { theme, scale, name: kept } of looks) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    // The page answers to the system's colours by putting on all that was chosen, its size too: that has to be over.
    const dark = theme === "dark";
    await page.waitForFunction((on) => document.documentElement.classList.contains("dark") === on, dark);
    await page.evaluate(async (zoom) => {
      document.documentElement.style.setProperty("--zoom", String(zoom));
      for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
      const running = document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity);
      await Promise.allSettled(running.map((each) => each.finished));
    }, scale);
    for (const fault of [...(await faultsOf(page)), ...(await outOfSight(page))]) faults.push(`${name} ${theme} ${scale * 100} %: ${fault}`);
    const shown = await page.evaluate(() => document.documentElement.style.getPropertyValue("--zoom"));
    if (shown !== String(scale)) faults.push(`${name}: looked at with ${shown} instead of ${scale}`);
    // Of the states only the screens themselves are kept.
    if (values.pictures && kept && looks === LOOKS) {
      // Where the data lie while this runs is no part of a picture.
      await page.evaluate((here) => {
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(here, "D:\\汇缴通");
      }, folder);
      await page.screenshot({
        path: join(values.pictures, `${name}-${kept}.png`),
      });
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.evaluate(() => document.documentElement.style.setProperty("--zoom", "1"));
  if (tab) for (const fault of await unseen(page)) faults.push(`${name}: ${fault}`);
}

/** An entry of the navigation; behind its name may stand how many wait there. */
const entered = (page, name) =>
  page.getByRole("navigation", { name: "主导航" }).getByRole("button", { name: new RegExp(`^${name}\\s*\\d*$`) });

/** By the navigation, to a screen that has this heading. */
async function go(page, entry, title = entry) {
  await entered(page, entry).click();
  await heading(page, title).first().waitFor();
  // What the screen asks the core for has come.
  await page.waitForLoadState("networkidle");
}

/** The lists, each with the command that it waits for. */
const LISTS = [
  ["智能比对", "comparisons"],
  ["待复核", "approvals"],
  ["汇缴核定", "verification"],
  ["缴款管理", "payments"],
  ["未处理缴款", "payments"],
  ["单位信息查询", "query"],
  ["个人事项", "contributors"],
  ["各单位本月", "units_month"],
  ["城市政策", "cities"],
  ["中心规则", "profiles"],
  ["证书", "certificates"],
  ["本月", "month"],
];

/** What is shown while the answer of a command does not come, and when it is that nobody can be reached; what is
 * `known` from before stays meanwhile. */
async function waitsAndFailsAt(page, name, command, open, { known = false } = {}) {
  const part = page.locator("#body").or(clerk.dialog(page));
  let answer;
  const held = new Promise((release) => (answer = release));
  const way = `**/call/${command}`;
  await page.route(way, async (route) => {
    await held;
    const json = {
      code: "net-unreachable",
      args: {},
      findings: [],
      trace: "",
    };
    await route.fulfill({ status: 422, json });
  });
  await open();
  const said = part.getByText(/^正在.+…/).or(page.getByRole("progressbar"));
  if (!known)
    await said
      .first()
      .waitFor()
      .catch(() => faults.push(`${name}: nothing says that it waits`));
  await look(page, `${command}-waits`, { tab: false, looks: ENDS });
  answer();
  await part.getByRole("alert").first().waitFor();
  await look(page, `${command}-fails`, { tab: false, looks: ENDS });
  await page.unroute(way);
}

async function waitsAndFails(page) {
  for (const [entry, command] of LISTS) {
    await waitsAndFailsAt(page, entry, command, () => entered(page, entry).click());
  }
  await go(page, "数据与安全");
  await waitsAndFailsAt(page, "操作日志", "audit", () => button(page, "操作日志").click());
  await go(page, "数据与安全");
  await waitsAndFailsAt(page, "证书介质诊断", "token_search", () => button(page, "证书介质诊断").click());
  await go(page, "汇缴核定");
  await waitsAndFailsAt(page, "核定名单", "verification_people", () =>
    page.getByRole("button", { name: /本月应缴/ }).click(),
  );
  await page.keyboard.press("Escape");
  await waitsAndFailsAt(page, "提醒", "notices", () => page.locator(".bell").click(), { known: true });
  await page.keyboard.press("Escape");
  await go(page, "个人事项");
  await waitsAndFailsAt(page, "缴存人", "contributor", () => page.locator("#body tbody .link").first().click());
  await go(page, "城市政策");
  await waitsAndFailsAt(page, "城市", "city", () => page.locator("#body tbody .link").first().click());
  await go(page, "本月");
  await waitsAndFailsAt(page, "导入", "import_preview", () => page.getByRole("button", { name: CLEAN }).click());
}

/** A dialog as it opens; then it is put away. */
async function dialogOf(page, name, open) {
  await open();
  await clerk.dialog(page).waitFor();
  await look(page, `dialog-${name}`, { tab: false, looks: ENDS });
  await page.keyboard.press("Escape");
  await clerk.dialog(page).waitFor({ state: "hidden" });
}

/** The dialogs of the start page, and a backup that is none. */
async function startDialogs(page) {
  await dialogOf(page, "join", () => button(page, "添加单位（联网）").click());
  await dialogOf(page, "unit", () => button(page, "添加单位（上传文件）").click());
  await button(page, "选择备份").click();
  await clerk.dialog(page).waitFor();
  await look(page, "dialog-restore", { tab: false, looks: ENDS });
  const file = clerk.dialog(page).getByRole("button", { name: /文件/ });
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), file.click()]);
  await chooser.setFiles({ name: "不是备份.hjb", mimeType: "application/octet-stream", buffer: Buffer.from("no backup") });
  await page.getByRole("alert").first().waitFor();
  await look(page, "restore-fails", { tab: false, looks: ENDS });
  await page.reload();
  await button(page, "进入体验演示中心").waitFor();
}

/** The dialogs of the pages, but for those in which something is signed. */
async function pageDialogs(page) {
  await go(page, "数据与安全");
  await dialogOf(page, "passphrase", () => button(page, "修改数据口令").click());
  await go(page, "证书");
  await dialogOf(page, "enrol", () => button(page, "申领证书").click());
  await dialogOf(page, "lost", () => button(page, "挂失").first().click());
  await go(page, "智能比对");
  await dialogOf(page, "remove", () => button(page, "删除").first().click());
  await go(page, "汇缴核定");
  await dialogOf(page, "people", () => page.getByRole("button", { name: /本月应缴/ }).click());
  await dialogOf(page, "people-none", () => page.getByRole("button", { name: /本月减少/ }).click());
  await go(page, "个人事项");
  await page.locator("#body tbody .link").first().click();
  await page.waitForLoadState("networkidle");
  await look(page, "contributor");
  await go(page, "城市政策");
  await page.locator("#body tbody .link").first().click();
  await page.waitForLoadState("networkidle");
  await look(page, "city");
}

/** The dialogs over the sheet that is open. */
async function sheetDialogs(page) {
  for (const [name, pressed] of [
    ["filter", "筛选…"],
    ["columns", "列…"],
    ["replace", "替换…"],
  ])
    await dialogOf(page, name, () => button(page, pressed).click());
  await dialogOf(page, "fix", async () => {
    await page.getByRole("button", { name: /^全部修正 / }).first().click();
    await clerk.dialog(page).getByText("修正前", { exact: true }).waitFor();
  });
  await dialogOf(page, "confirm", () => page.getByRole("button", { name: /^确认「/ }).first().click());
}

/** The month's money in a practice of its own: what is there once something was verified, ordered and paid amiss. */
async function money(page) {
  const signed = async () => {
    await page.getByRole("button", { name: "签名并提交…" }).click();
    await clerk.sign(page, PIN);
  };
  await clerk.setPassphrase(page);
  await clerk.enterPractice(page);
  await go(page, "汇缴核定");
  await button(page, "核对并签名…").click();
  await signed();
  await page.getByText("回执核验通过").waitFor();
  await look(page, "receipt-order", { looks: ENDS });
  await button(page, "去缴款").click();
  await button(page, "核对并签名…").click();
  await signed();
  await page.getByRole("region", { name: /^缴款卡/ }).waitFor();
  await look(page, "card");
  await page.getByRole("combobox", { name: "模拟银行付款" }).selectOption({ label: "没写缴款码" });
  await button(page, "模拟银行付款").click();
  await page.getByText("银行已经付款").waitFor();
  await button(page, "过一天").click();
  await page.getByText("中心和银行都过了一天").waitFor();
  await look(page, "payments-amiss", { looks: ENDS });
  await go(page, "未处理缴款");
  await look(page, "unprocessed-money");
  await go(page, "本月");
  await look(page, "month-blocked", { looks: ENDS });
}

/** Lists in which nothing was found. */
async function findsNothing(page) {
  await go(page, "个人事项");
  await page.getByPlaceholder("姓名、个人账号或证件号码末几位").fill("查无此人");
  await page.getByText("清册里没有找到").waitFor();
  await look(page, "contributors-none", { tab: false, looks: ENDS });
  await go(page, "单位信息查询");
  await button(page, "提取记录").click();
  await page.getByLabel("期间").selectOption({ label: "起止日期" });
  await page.getByLabel("截止日期").fill("1999-12-31");
  await page.keyboard.press("Enter");
  await page.getByText("共 0 条").waitFor();
  await look(page, "query-none", { tab: false, looks: ENDS });
}

/** Everything again for a unit and a center whose names are as long as they come. */
async function longNames(page) {
  const way = "**/call/*";
  await page.route(way, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text())
      .replaceAll(clerk.UNIT, LONG_NAME)
      .replaceAll("演示市住房公积金管理中心", `${LONG_NAME}住房公积金管理中心`);
    await route.fulfill({ response: answer, body });
  });
  await page.reload();
  await page.getByText(LONG_NAME).first().waitFor();
  for (const [entry] of LISTS) {
    await entered(page, entry).click();
    await page.waitForLoadState("networkidle");
    await look(page, `${entry}-long`, { tab: false, looks: ENDS });
  }
  await page.unroute(way, { behavior: "wait" });
}

/** A set of rules, one of the clerk's own, and what is worked out from a center's files. */
async function rules(page) {
  await go(page, "中心规则");
  await page.locator("#body tbody .link").first().click();
  await button(page, "另存一份修改").waitFor();
  await look(page, "rule");
  await button(page, "另存一份修改").click();
  await button(page, "保存").click();
  await page.getByText("规则已保存").first().waitFor();
  await go(page, "中心规则");
  await page.locator("#body tbody tr", { hasText: "自己保存" }).first().locator(".link").click();
  await button(page, "从中心空白表学习…").click();
  await heading(page, "学习上传文件模板").waitFor();
  await look(page, "learn");
  await go(page, "中心规则");
  await button(page, "计算方法识别").click();
  await heading(page, "计算方法识别").waitFor();
  await look(page, "calibrate");
}

/** A payroll held against the roster, as far as its questions. */
async function comparison(page) {
  await go(page, "智能比对");
  await page.getByRole("button", { name: "04-七月工资表" }).click();
  await button(page, "开始比对").click();
  await page
    .getByRole("navigation", { name: "比对结果分组" })
    .getByRole("button", { name: "表中没有此人" })
    .waitFor();
  await look(page, "comparison");
}

/** The order to verify the month, before anything stands in its way. */
async function order(page) {
  await go(page, "汇缴核定");
  await button(page, "核对并签名…").click();
  await page.getByText("签名前会再与中心的账核对一次").waitFor();
  await look(page, "order");
}

/** From the filing that was just signed, one more that a second person countersigns. */
async function approval(page) {
  await page.getByRole("checkbox", { name: "以后的年度基数调整须由复核人签名" }).check();
  await page.getByText("从下一笔起，年度基数调整由经办人签名后等待复核").waitFor();
  await button(page, "回到本月").click();
  await clerk.draftOf(page, CLEAN);
  await clerk.confirmAll(page, "基数已与财务核对");
  await clerk.toPin(page);
  await look(page, "dialog-sign", { tab: false });
  await clerk.sign(page, PIN);
  await page.getByText("等待复核").first().waitFor();
  const who = page.getByRole("combobox", { name: "演示身份" });
  const [own, second] = await who.locator("option").allInnerTexts();
  await who.selectOption({ label: second });
  await heading(page, "待复核").waitFor();
  await page.getByRole("button", { name: /^复核 / }).click();
  await page.getByText("按中心的规则重新检查").waitFor();
  await look(page, "approval");
  await button(page, "退回…").click();
  await clerk.dialog(page).getByLabel("PIN", { exact: true }).waitFor();
  await look(page, "dialog-return", { tab: false, looks: ENDS });
  await page.keyboard.press("Escape");
  await clerk.dialog(page).waitFor({ state: "detached" });
  await who.selectOption({ label: own });
  await page.waitForLoadState("networkidle");
  await go(page, "本月");
  await page.getByText("练习用工作簿").waitFor();
}

async function walk(page) {
  await clerk.setPassphrase(page);
  await look(page, "start");
  await startDialogs(page);
  await clerk.enterPractice(page);
  await look(page, "tour", { tab: false });
  await button(page, "跳过").click();
  await look(page, "month");
  for (const [entry, name] of [
    ["智能比对", "compare"],
    ["待复核", "approvals"],
    ["汇缴核定", "verification"],
    ["缴款管理", "payments"],
    ["未处理缴款", "unprocessed"],
    ["核对银行流水", "statement"],
    ["单位信息查询", "query"],
    ["个人事项", "contributors"],
    ["各单位本月", "units"],
    ["城市政策", "cities"],
    ["中心规则", "rules"],
    ["数据与安全", "data"],
    ["设置", "settings"],
  ]) {
    await go(page, entry);
    await look(page, name);
  }
  await rules(page);
  await comparison(page);
  await order(page);
  await go(page, "登记", "缴存人登记");
  await look(page, "kind");
  await go(page, "数据与安全");
  await button(page, "证书介质诊断").click();
  await heading(page, "证书介质诊断").waitFor();
  await look(page, "tokens");
  await go(page, "证书");
  await look(page, "certificates");
  await go(page, "数据与安全");
  await button(page, "操作日志").click();
  await heading(page, "操作日志").waitFor();
  await look(page, "audit");

  await page.keyboard.press("F1");
  await heading(page, "操作日志").last().waitFor();
  await look(page, "help", { tab: false });
  await page.keyboard.press("F1");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "搜索" }).fill("zhang");
  await page.getByRole("dialog").getByRole("option").first().waitFor();
  await look(page, "search", { tab: false });
  await page.keyboard.press("Escape");

  await go(page, "本月");
  await page.getByRole("button", { name: FAULTS }).click();
  await button(page, "下一步").waitFor();
  await look(page, "import");
  await clerk.accept(page);
  await look(page, "draft", { tab: false });
  await sheetDialogs(page);
  await go(page, "本月");
  await clerk.draftOf(page, CLEAN);
  await button(page, "去核对签名").click();
  await heading(page, "核对签名").waitFor();
  await look(page, "review");
  await button(page, "打印草稿").click();
  await clerk.dialog(page).locator("canvas[aria-label]").waitFor();
  await look(page, "dialog-paper", { tab: false });
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "签名并提交…" }).click();
  await clerk.sign(page, PIN);
  await heading(page, "申报与回执").waitFor();
  await look(page, "filing");
  await approval(page);
  await page.locator(".bell").click();
  await heading(page, "提醒").waitFor();
  await look(page, "notices", { tab: false });
  await page.keyboard.press("Escape");
  await pageDialogs(page);
  await findsNothing(page);
  await waitsAndFails(page);
  await longNames(page);
  await page.keyboard.press("Control+l");
  await heading(page, "屏幕已锁定").waitFor();
  await look(page, "lock");
}

try {
  desk = await startDesk(parts, folder, { tour: true });
  const context = await tools.browser.newContext({
    locale: "zh-CN",
    viewport: { width: 1280, height: 720 },
    ...SMALL,
  });
  context.setDefaultTimeout(LONG);
  watched.listen(context);
  const page = await context.newPage();
  const walked = async (way) => {
    await page.goto(desk.url);
    await way(page).catch(async (error) => {
      await page.screenshot({ path: join(tools.pictures, "failed-screens.png") }).catch(() => {});
      faults.push(String(error));
    });
  };
  await walked(walk);
  await desk.kill();
  desk = await startDesk(parts, practice);
  await walked(money);
} finally {
  await desk?.kill();
  await tools.browser.close();
  for (const each of [folder, practice]) rmSync(each, { recursive: true, force: true });
}
faults.push(...watched.complaints);
for (const fault of [...new Set(faults)]) console.log(fault);
console.log(`${screens} screens looked at, ${new Set(faults).size} faults`);
process.exit(faults.length === 0 ? 0 : 1);
