import { writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { session, start, uiError, type Answers } from "../fake";
import { blockedVerification, failedOrder, month, order, payments, verification } from "../month";
import { output, useWindow } from "./window";

const open = useWindow();
const inside: Answers = { start: () => ({ ...start, session }) };
const name = (text: string) => ({ name: text, exact: true });

const to = async (page: Page, entry: string, shows: string): Promise<void> => {
  await page.getByRole("button", name(entry)).click();
  await page.getByText(shows).first().waitFor();
};

describe.each([
  { kind: "wide", width: 1366, height: 820 },
  { kind: "small", width: 1024, height: 700 },
  { kind: "dark", width: 1366, height: 820, dark: true },
  { kind: "large", width: 1366, height: 820, zoom: 1.5 },
  { kind: "contrast", width: 1366, height: 820, forced: true },
])("$kind", ({ kind, ...size }) => {
  // Enlarged and in the colours of the system, one screen of each sort tells.
  const every = test.skipIf(kind === "large" || kind === "contrast");
  test("month, its chart read by keyboard", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.locator("canvas").waitFor();
        await page.getByRole("slider").press("ArrowLeft");
      },
      `${kind}-7-month`,
    ));

  every.each(["amount", "people"])("month, how each came from the one before: %s", (drawing) =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.locator("canvas").waitFor();
        await page.getByLabel("图形").selectOption(drawing);
      },
      `${kind}-7-month-${drawing}`,
    ),
  );

  every("the chart as the picture that is exported", () => {
    const kept = `${kind}-7-chart-exported.png`;
    const answers: Answers = {
      ...inside,
      chart_export: (args) => {
        const picture = Buffer.from(String(args["picture"]), "base64");
        expect(picture.subarray(1, 4).toString(), "a PNG").toBe("PNG");
        writeFileSync(`${output}${kept}`, picture);
        return { folder: "/home/周/汇缴通/查询", file: "缴存走势.png" };
      },
    };
    return open(
      { ...size, answers },
      async (page) => {
        await page.locator("canvas").waitFor();
        await page.getByLabel("图形").selectOption("people");
        await page.getByRole("button", name("导出")).click();
        await page.getByRole("menuitem", name("图片（PNG）")).click();
        await page.getByText("缴存走势.png").waitFor();
      },
      `${kind}-7-month-exported`,
    );
  });

  test("month as a table, of the local copy, blocked", () => {
    const blocked = month({ stale: true });
    const [people, bases, verify, ...rest] = blocked.steps;
    if (!people || !bases || !verify) throw new Error("a month has five steps");
    const steps = [people, bases, { ...verify, state: "blocked" as const }, ...rest];
    return open(
      { ...size, answers: { ...inside, month: () => ({ ...blocked, steps, changes: [], deadlines: [] }) } },
      async (page) => {
        await page.getByRole("button", name("以表格查看")).click();
      },
      `${kind}-7-month-table`,
    );
  });

  every("month that can't be read", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          month: () => {
            throw uiError("net-unreachable", { trace: "m1" });
          },
        },
      },
      (page) => page.getByRole("alert").waitFor(),
      `${kind}-7-month-error`,
    ),
  );

  test("verification", () =>
    open({ ...size, answers: inside }, (page) => to(page, "汇缴核定", "已核定的月份"), `${kind}-7-verification`));

  test("verification, blocked and different", () =>
    open(
      { ...size, answers: { ...inside, verification: () => blockedVerification } },
      (page) => to(page, "汇缴核定", "与中心的清册不一致"),
      `${kind}-7-verification-blocked`,
    ));

  every("verification, nothing left, offline", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          verification: () =>
            verification({ tables: [], choices: [], verified: [], first: "2026-08", stale: true, compared: false }),
        },
      },
      (page) => to(page, "汇缴核定", "本机副本"),
      `${kind}-7-verification-none`,
    ),
  );

  test("who is behind a figure", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await to(page, "汇缴核定", "已核定的月份");
        await page.getByRole("button", { name: /基数（比例）调整/ }).click();
        await page.getByText("第 1 至 200 人").waitFor();
      },
      `${kind}-7-people`,
    ));

  test("payments", () =>
    open({ ...size, answers: inside }, (page) => to(page, "缴款管理", "只填缴款码"), `${kind}-7-payments`));

  every("payments, their lower part", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await to(page, "缴款管理", "只填缴款码");
        await page.getByRole("button", name("过一天")).click();
        await page.getByText("都过了一天").waitFor();
        await page.getByText("都过了一天").scrollIntoViewIfNeeded();
      },
      `${kind}-7-payments-practice`,
    ),
  );

  every("payments, none", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          payments: () => payments({ dues: [], orders: [], unprocessed: [], debit_agreement: null, stale: true }),
        },
      },
      (page) => to(page, "缴款管理", "没有应缴未缴的款项"),
      `${kind}-7-payments-none`,
    ),
  );

  every("payments, failed", () =>
    open(
      { ...size, answers: { ...inside, payments: () => payments({ orders: [failedOrder, order()] }) } },
      async (page) => {
        await to(page, "缴款管理", "缴款失败");
        await page.getByText("缴款失败：").scrollIntoViewIfNeeded();
      },
      `${kind}-7-payments-failed`,
    ),
  );

  test("unprocessed", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await to(page, "未处理缴款", "附言里没有缴款码");
        await page.getByRole("combobox").selectOption("return");
      },
      `${kind}-7-unprocessed`,
    ));

  every.each(["汇缴核定", "缴款管理"])("review of an order from %s", (entry) =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await to(page, entry, entry === "汇缴核定" ? "已核定的月份" : "只填缴款码");
        await page.getByRole("button", { name: "核对并签名" }).click();
        await page.getByRole("heading", name("核对签名")).waitFor();
        await page.getByRole("button", { name: "签名并提交…" }).waitFor();
      },
      `${kind}-7-review-${entry}`,
    ),
  );
});
