import type { Locator, Page } from "playwright-core";
import { describe, test } from "vitest";
import { connectionTest, preferences, safety, session, start, uiError, unitKey, type Answers } from "../fake";
import { useWindow } from "./window";

const open = useWindow();
const inside: Answers = { start: () => ({ ...start, session }) };
const LONG = "某某市经济技术开发区高新装备制造产业园精密仪器股份有限公司第二分公司";
const root = { name: "演示市住房公积金管理中心根证书", sha256: "5f3c".repeat(16), valid_to: "2049-12-31" };
const certificate = unitKey(LONG);
const joined: Answers = {
  units_joined: () => [
    { account: "042", name: LONG, center: "演示市住房公积金管理中心", address: "https://gjj.example.cn:8443" },
    { account: "043000000001", name: "", center: "", address: "https://gjj.example.cn:8443" },
  ],
  unit_keys: () => [
    certificate,
    { ...certificate, certificate: "k2", holder: "李建国", usable: false, reason: "sign-certificate-expired" },
  ],
  unit_log_in: () => {
    throw uiError("sign-wrong-pin", { args: { left: "2" } });
  },
  center_look: () => ({
    address: "https://gjj.example.cn:8443",
    center: "演示市住房公积金管理中心",
    city: "演示市",
    roots: [root, { ...root, name: `${root.name}（国密）`, sha256: "a07e".repeat(16) }],
    certificates: [certificate],
  }),
  unit_join: () => {
    throw uiError("net-unreachable");
  },
};
const line = {
  reason: "daily",
  version: "0.1.0",
  drafts: 3,
  filings: 41,
  size: 1_234_567,
  portable: true,
  problem: null,
};
const kept: Answers = {
  ...inside,
  backups: () => ({
    folder: `/home/clerk/.local/share/desktop/${LONG}/backups`,
    backups: [
      { ...line, name: "huijiao-20260706-090000-daily.hjb", made_at: "2026-07-06 09:00" },
      { ...line, name: "huijiao-20260705-090000-daily.hjb", made_at: "", problem: uiError("backup-damaged") },
    ],
    passphrase: "none",
    trouble: uiError("store-full", { args: { needed: "16" } }),
  }),
  safety: () => ({
    ...safety,
    can_lock: false,
    retention: [...safety.retention, { account: "0410000000020003", center: LONG, years: 10 }],
    erasable: { people: 12, drafts: 3, comparisons: 2, workbooks: 4, imports: 9, answers: 1, rosters: 1, aside: 1 },
    older: {
      erased_at: "2026-07-06 14:32",
      backups: [
        { path: "/home/clerk/备份/huijiao-20260701-090000-manual.hjb", made_at: "2026-07-01 09:00", here: true },
        {
          path: `/media/clerk/U盘/${LONG}/huijiao-20260702-090000-manual.hjb`,
          made_at: "2026-07-02 09:00",
          here: false,
        },
      ],
    },
  }),
};

const button = (page: Page, text: string) => page.getByRole("button", { name: text, exact: false });

async function to(page: Page, screen: string): Promise<void> {
  await button(page, screen).first().click();
  await page.getByRole("heading", { name: screen, exact: false }).first().waitFor();
}

async function show(place: Locator): Promise<void> {
  await place.first().evaluate((element) => element.scrollIntoView({ block: "start" }));
}

async function meet(page: Page): Promise<void> {
  await button(page, "添加单位（联网）").click();
  await page.getByLabel("接口地址").fill("gjj.example.cn:8443");
  await page.getByLabel("单位账号").fill("042");
}

describe.each([
  { kind: "light", width: 1280, height: 720 },
  { kind: "dark", width: 1280, height: 720, dark: true },
  { kind: "large", width: 1280, height: 720, zoom: 1.5 },
])("$kind", ({ kind, ...size }) => {
  test("units at centers with a gateway", () =>
    open({ ...size, answers: joined }, (page) => page.getByText("联网").first().waitFor(), `trust-${kind}-units`));

  test("joining, before the center has answered", () =>
    open(
      { ...size, answers: joined },
      async (page) => {
        await meet(page);
        await button(page, "连接").click();
        await page.getByText("请选择根证书文件").waitFor();
      },
      `trust-${kind}-join`,
    ));

  test("joining, the center met and not reached any more", () =>
    open(
      { ...size, answers: joined },
      async (page) => {
        await page.route("**/upload*", (route) =>
          route.fulfill({ json: { ticket: "roots", file_name: "ca.pem", size: 9, note: "" } }),
        );
        await meet(page);
        const chooser = page.waitForEvent("filechooser");
        await button(page, "选择文件").click();
        await (await chooser).setFiles({ name: "ca.pem", mimeType: "text/plain", buffer: Buffer.from("ca") });
        await page.getByText("ca.pem").waitFor();
        await button(page, "连接").click();
        await page.getByText("逐字核对").waitFor();
        await page.getByLabel("激活码", { exact: true }).fill("7K3M-9QWX-2BHT");
        for (const field of await page.locator("dialog[open] input[type=password]").all()) await field.fill("840275");
        await button(page, "接入并打开").click();
        await page.getByRole("alert").waitFor();
      },
      `trust-${kind}-met`,
    ));

  test("logging in with a wrong PIN", () =>
    open(
      { ...size, answers: joined },
      async (page) => {
        await button(page, "登录").first().click();
        await page.getByLabel("PIN", { exact: true }).fill("111111");
        await page.getByRole("dialog").getByRole("button", { name: "登录" }).click();
        await page.getByRole("alert").waitFor();
      },
      `trust-${kind}-login`,
    ));

  test("safety and backups", () =>
    open(
      { ...size, answers: kept },
      async (page) => {
        await to(page, "数据与安全");
        await page.getByText("清理之前的备份").waitFor();
      },
      `trust-${kind}-data`,
    ));

  test("safety, below", () =>
    open(
      { ...size, answers: kept },
      async (page) => {
        await to(page, "数据与安全");
        await show(page.getByRole("heading", { name: "锁屏、遮盖与清理" }));
      },
      `trust-${kind}-safety`,
    ));

  test("older backups are asked about", () =>
    open(
      { ...size, answers: kept },
      async (page) => {
        await to(page, "数据与安全");
        await button(page, "删除这些备份").click();
        await page.getByText("请自行处理").first().waitFor();
      },
      `trust-${kind}-older`,
    ));

  test("the network, tried and failing", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          preferences: () => ({
            ...preferences,
            proxy: "manual",
            proxy_address: "http://proxy.some-very-long-host-name.example.cn:8080",
            proxy_user: "clerk",
          }),
          connection_test: () => connectionTest,
        },
      },
      async (page) => {
        await to(page, "设置");
        await button(page, "测试连接").click();
        await show(page.getByRole("heading", { name: "网络" }));
      },
      `trust-${kind}-network`,
    ));
});
