// What a clerk does at the pages, and what the tests read from them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const PASSPHRASE = "江上清风 山间明月";
export const PIN = "123456";
export const UNIT = "演示市晨光机电有限公司";
/** Its 单位账号. */
export const ACCOUNT = "041000000001";
export const CLEAN = "01-基数调整-无差错.xlsx";
export const FAULTS = "02-基数调整-含12处差错.xlsx";
/** How long anything is waited for: what a page does is tried here, never how fast a small machine with a busy disk does it. */
export const LONG = 120_000;

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const heading = (page, name) => page.getByRole("heading", { name, exact: true });
export const dialog = (page) => page.getByRole("dialog");

/** The practice people, as the center has them. */
export const roster = (folder) =>
  JSON.parse(readFileSync(join(folder, "practice/表格/roster.json"), "utf8")).roster.contributors;

export async function setPassphrase(page) {
  await page.getByLabel("新口令").fill(PASSPHRASE);
  await page.getByLabel("再输入一次").fill(PASSPHRASE);
  await button(page, "设置并继续").click();
  await button(page, "进入体验演示中心").waitFor();
}

export async function unlock(page) {
  await page.getByLabel("数据口令", { exact: true }).fill(PASSPHRASE);
  await button(page, "打开数据").click();
  await button(page, "进入体验演示中心").waitFor();
}

export async function enterPractice(page) {
  await button(page, "进入体验演示中心").click();
  await page.getByText("练习用工作簿").waitFor();
}

/** From a practice workbook on the home page to its draft. */
export async function draftOf(page, workbook) {
  await page.getByRole("button", { name: workbook }).click();
  await accept(page);
}

/** From the preview to the draft. */
export async function accept(page) {
  await button(page, "下一步").click();
  await page.getByRole("grid").waitFor();
  await saved(page);
  // The rows come after the frame; until then their cells show an ellipsis.
  await page
    .locator("[role=row][aria-rowindex='2'] [role=gridcell]", { hasText: /^[^…]+$/ })
    .first()
    .waitFor();
}

/** Everything that was changed has reached the core and its answer is shown. */
export const saved = (page) => page.getByText(/^已自动保存/).waitFor();

/** Waits for the answer of the core to what `act` does in the draft. */
export async function edit(page, act) {
  const [answer] = await Promise.all([page.waitForResponse(/\/call\/draft_(edit|fix|undo|redo|confirm)$/), act()]);
  assert.equal(answer.status(), 200, `the core took the change: ${answer.status() === 200 ? "" : await answer.text()}`);
  const view = await answer.json();
  await saved(page);
  return view;
}

/** What still stands in the way, as the page says it. */
export async function blocking(page) {
  const text = (await page.locator("#draft-reason").allTextContents()).join("");
  const found = /还有 (\d+) 处错误或待修正/.exec(text);
  return found ? Number(found[1]) : 0;
}

const column = async (page, title) => {
  const header = page.getByRole("columnheader", { name: title, exact: true });
  return header.first().getAttribute("aria-colindex");
};

/** The cell of a column in the row with this place in the list, from zero. */
export async function cell(page, position, title) {
  return page.locator(`[role=row][aria-rowindex="${position + 2}"] [aria-colindex="${await column(page, title)}"]`);
}

export async function shows(page, position, title, text, why) {
  const at = await cell(page, position, title);
  await page
    .waitForFunction(([element, wanted]) => element.textContent.trim() === wanted, [await at.elementHandle(), text])
    .catch(async () => assert.equal((await at.textContent()).trim(), text, why));
}

/** Opens a kind of finding in the list and jumps to its first cell; gives the row's personal account. */
export async function jumpTo(page, title) {
  const group = page
    .locator("li.group")
    .filter({ has: page.locator(".group-title", { hasText: new RegExp(`^${title}$`) }) });
  const toggle = group.locator(".toggle");
  if ((await toggle.getAttribute("aria-expanded")) !== "true") await toggle.click();
  const finding = group.locator("button.finding").first();
  const number = /第 (\d+) 行/.exec(await finding.locator(".where").textContent())[1];
  await finding.click();
  const row = page
    .locator("[role=row]")
    .filter({ has: page.locator("[role=gridcell][aria-selected=true]") })
    .filter({ has: page.locator("[role=rowheader]", { hasText: new RegExp(`^\\s*${number}\\s*$`) }) });
  // The jump selects the row that the finding names.
  await row.waitFor();
  return (await row.locator("[role=gridcell]").first().textContent()).trim();
}

/** From a clean draft to the dialog that asks for the PIN. */
export async function toPin(page) {
  await button(page, "去核对签名").click();
  await heading(page, "核对签名").waitFor();
  await page.getByRole("button", { name: "签名并提交…" }).click();
  await dialog(page).getByLabel("PIN", { exact: true }).waitFor();
}

export async function sign(page, pin) {
  await dialog(page).getByLabel("PIN", { exact: true }).fill(pin);
  await button(dialog(page), "签名并提交").click();
}

/** Confirms every warning with a note. */
export async function confirmAll(page, note) {
  const asks = page.getByRole("button", { name: /^确认「/ });
  while ((await asks.count()) > 0) {
    await asks.first().click();
    await dialog(page).getByLabel("核实说明").fill(note);
    await edit(page, () => button(dialog(page), "确认").click());
  }
}
