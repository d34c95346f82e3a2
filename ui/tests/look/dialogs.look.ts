import type { Page } from "playwright-core";
import { describe, test } from "vitest";
import type { CertificateLine, CertificatesView, UploadView } from "../../src/backend";
import { cleanDraft, filingView, home, review, session, start, uiError, type Answers } from "../fake";
import { useWindow } from "./window";

const open = useWindow();
const LONG = "某某市经济技术开发区高新装备制造产业园精密仪器股份有限公司第二分公司";
const inside: Answers = { start: () => ({ ...start, session }) };
const line: CertificateLine = {
  certificate: "clerk",
  holder: "欧阳思远",
  unit_name: LONG,
  issuer: `${LONG}住房公积金参考中心根证书`,
  role: "经办人",
  state: "ending",
  reason: null,
  usage: "签名、登录",
  key: "P-256",
  valid_from: "2026-07-01",
  valid_to: "2026-07-12",
  days_left: 6,
  serial: "1a2b3c4d5e6f",
  sha256: "ab".repeat(32),
  kept: "文件证书",
  tries_left: 1,
  own: true,
  on: false,
  renewable: true,
  renewed_by_issuer: false,
  fixed_pin: false,
};
const certificates: CertificatesView = {
  certificates: [line, { ...line, certificate: "other", holder: "王晓敏", sha256: "cd".repeat(32), on: true }],
  elsewhere: [],
  unasked: "",
  pending: false,
  gateway: true,
  practice: false,
  crl: { made_at: "2026-07-06 09:00", next_at: "2026-07-13 09:00", stale: false, refuses: false },
};
const fails =
  (code: string, args: Record<string, string> = {}) =>
  (): never => {
    throw uiError(code, { args, trace: "7f3a" });
  };
const keys: Answers = {
  ...inside,
  certificates: () => certificates,
  certificate_import: fails("sign-wrong-pin", { left: "2" }),
  certificate_renew: fails("net-unreachable"),
  certificate_pin: fails("sign-wrong-pin", { left: "1" }),
  certificate_lost: fails("net-timeout"),
  log_in: fails("sign-pin-locked"),
};
const signed = filingView("accepted", { certificates: review.certificates });
const sent: Answers = {
  ...inside,
  filing: () => signed,
  filing_withdraw: fails("net-timeout"),
  paper: fails("paper-font-missing", { file: "NotoSansCJK-Regular.ttc" }),
};
const byFile = { ...session, channel: "upload_file", signs: false, demo: false, operator: "", unit_name: LONG };
const upload: UploadView = {
  stage: "exported",
  exported_at: "2026-07-06 15:00",
  files: [{ name: `${LONG}_基数调整_202607.xls`, people: 228, sha256: "00" }],
  number: "",
  note: "",
  recorded_at: "",
  filing: null,
  undecided: false,
};
const left: Answers = {
  start: () => ({ ...start, session: byFile }),
  home: () => ({ ...home, session: byFile }),
  draft: () => ({ ...cleanDraft, upload }),
  upload_outcome: fails("store-full", { needed: "16" }),
};

const button = (page: Page, text: string) => page.getByRole("button", { name: text, exact: true });
const dialog = (page: Page) => page.getByRole("dialog");

async function toCertificates(page: Page): Promise<void> {
  await page.getByRole("navigation").getByRole("button", { name: "证书", exact: true }).click();
  await page.getByRole("heading", { name: "本机的证书", exact: true }).waitFor();
}

/** Fills in every secret of the dialog, and does what it is for. */
async function go(page: Page, label: string): Promise<void> {
  for (const field of await dialog(page).locator("input[type=password]").all()) await field.fill("840275");
  await dialog(page).getByRole("button", { name: label, exact: true }).click();
  await dialog(page).getByRole("alert").first().waitFor();
}

async function toFiling(page: Page): Promise<void> {
  await page.getByRole("button", { name: "查看 JS2026070600017" }).click();
  await page.getByText("中心已受理").first().waitFor();
}

describe.each([
  { kind: "light", width: 1280, height: 720 },
  { kind: "large", width: 1280, height: 720, zoom: 1.5 },
])("$kind: dialogs in which something is missing or fails", ({ kind, ...size }) => {
  test.each([
    ["renew", "续期", "续期"],
    ["pin", "修改 PIN", "修改"],
    ["use", "用它登录", "登录"],
    ["lost", "挂失", "挂失"],
  ])("%s", (called, opens, does) =>
    open(
      { ...size, answers: keys },
      async (page) => {
        await toCertificates(page);
        await button(page, opens).first().click();
        await dialog(page).waitFor();
        await go(page, does);
      },
      `dialogs-${kind}-${called}`,
    ),
  );

  test("import without a file", () =>
    open(
      { ...size, answers: keys },
      async (page) => {
        await toCertificates(page);
        await button(page, "导入证书").first().click();
        await go(page, "导入");
      },
      `dialogs-${kind}-import`,
    ));

  test("taking back, with a reason as long as it may be", () =>
    open(
      { ...size, answers: sent },
      async (page) => {
        await toFiling(page);
        await button(page, "撤回").click();
        await dialog(page).getByLabel("原因").fill("基数录错，须全部重报。".repeat(9));
        await go(page, "签名并撤回");
      },
      `dialogs-${kind}-withdraw`,
    ));

  test("a form that cannot be printed", () =>
    open(
      { ...size, answers: sent },
      async (page) => {
        await toFiling(page);
        await button(page, "打印单证和回执").click();
        await dialog(page).getByRole("alert").waitFor();
      },
      `dialogs-${kind}-paper`,
    ));

  test("a form that is being made", () =>
    open(
      {
        ...size,
        answers: { ...sent, paper: () => new Promise(() => undefined), step: () => ({ done: 12, total: 40 }) },
      },
      async (page) => {
        await toFiling(page);
        await button(page, "打印单证和回执").click();
        await dialog(page).getByText("第 12 / 40 页").waitFor();
      },
      `dialogs-${kind}-paper-waits`,
    ));

  test("the center's answer that cannot be kept", () =>
    open(
      { ...size, answers: left },
      async (page) => {
        await page.getByRole("button", { name: "继续 2026" }).click();
        await button(page, "登记办理结果").click();
        await dialog(page).waitFor();
        await dialog(page).getByLabel("业务流水号").fill("20260706000000000017");
        await dialog(page).getByLabel("备注").fill(LONG);
        await dialog(page).getByRole("button", { name: "登记", exact: true }).click();
        await page.getByRole("alert").first().waitFor();
      },
      `dialogs-${kind}-outcome`,
    ));

  test("a search that finds nothing", () =>
    open(
      {
        ...size,
        answers: { ...inside, search: () => ({ people: [], people_found: 0, filings: [], places: [], pages: [] }) },
      },
      async (page) => {
        await page.getByRole("button", { name: "继续 2026" }).waitFor();
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox", { name: "搜索" }).fill(LONG);
        await page.getByText(`没有找到「${LONG}」`).waitFor();
      },
      `dialogs-${kind}-search`,
    ));
});
