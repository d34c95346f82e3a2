import type { Page } from "playwright-core";
import { describe, test } from "vitest";
import type { UnitLine, UploadView } from "../../src/backend";
import { comparison, line, page, people } from "../comparison";
import {
  calibration,
  blankDraft,
  cleanDraft,
  filingView,
  home,
  noMethod,
  problem,
  refusedFiling,
  review,
  session,
  start,
  uiError,
  type Answers,
} from "../fake";
import { useWindow } from "./window";

const open = useWindow();

const byFile = { ...session, channel: "upload_file", signs: false, demo: false, operator: "" };
const ownUnits: UnitLine[] = [
  {
    account: "041000000001",
    name: "演示市晨光机电有限公司",
    profile: "paper",
    people: 240,
    roster_taken_at: "2026-07-01 09:00",
    roots: [],
    form: {
      profile: "paper",
      account: "041",
      name: "晨光机电",
      credit_code: "91350100M000100Y43",
      unit_ratio: "8%",
      personal_ratio: "8%",
      first_month: "2026-07",
      district: "",
      single_operator: false,
      unsigned: false,
    },
  },
  {
    account: "0410000000020003",
    name: "某某市经济技术开发区高新装备制造产业园精密仪器股份有限公司第二分公司",
    profile: "city:衡阳",
    people: 12_345,
    roster_taken_at: "2026-06-30 17:45",
    roots: [],
    form: {
      profile: "paper",
      account: "041",
      name: "晨光机电",
      credit_code: "91350100M000100Y43",
      unit_ratio: "8%",
      personal_ratio: "8%",
      first_month: "2026-07",
      district: "",
      single_operator: false,
      unsigned: false,
    },
  },
];
const inside: Answers = { start: () => ({ ...start, session }) };
const name = (text: string) => ({ name: text, exact: false });

async function toDraft(page: Page): Promise<void> {
  await page.getByRole("button", name("继续 2026")).click();
  await page.getByRole("grid").waitFor();
}

async function toReview(page: Page): Promise<void> {
  await toDraft(page);
  await page.getByRole("button", name("去核对签名")).click();
  await page.getByRole("heading", name("核对签名")).waitFor();
}

describe.each([
  { kind: "wide", width: 1366, height: 820, dark: false },
  { kind: "small", width: 1024, height: 700, dark: false },
  { kind: "dark", width: 1366, height: 820, dark: true },
])("$kind", ({ kind, ...size }) => {
  test("start", () => open(size, (page) => page.getByRole("button", name("进入")).waitFor(), `${kind}-1-start`));

  test("start with a new passphrase", () =>
    open(
      { ...size, answers: { start: () => ({ ...start, vault: "new_passphrase" }) } },
      (page) => page.getByLabel("新口令").waitFor(),
      `${kind}-1-passphrase`,
    ));

  test("start that fails", () =>
    open(
      {
        ...size,
        answers: {
          enter_demo: () => {
            throw uiError("ui-unexpected", { trace: "a1b2", args: { detail: "panic at 3" } });
          },
        },
      },
      async (page) => {
        await page.getByRole("button", name("进入")).click();
        await page.getByRole("alert").waitFor();
      },
      `${kind}-1-error`,
    ));

  test("start with units at centers without a gateway", () =>
    open(
      { ...size, answers: { units: () => ownUnits } },
      (page) => page.getByText("晨光机电").first().waitFor(),
      `${kind}-1-units`,
    ));

  test("a unit that is added, with what is wrong", () =>
    open(
      {
        ...size,
        answers: {
          profiles: () => ({ profiles: [], caution: "" }),
          cities: () => ({ cities: [], caution: "" }),
          unit_save: () => ({
            session: null,
            problems: [
              { field: "profile", message: "请选择单位所在中心的规则。" },
              { field: "credit_code", message: "统一社会信用代码是 18 位，校验位要对得上。" },
              { field: "roster", message: "请选择从中心导出的缴存人清册。" },
            ],
          }),
        },
      },
      async (page) => {
        await page.getByRole("button", name("添加单位（上传文件）")).click();
        await page.getByRole("button", name("添加并打开")).click();
        await page.getByText("校验位要对得上").waitFor();
      },
      `${kind}-1-unit`,
    ));

  test("a draft that leaves as a file", () => {
    const upload: UploadView = {
      stage: "refused",
      exported_at: "2026-07-06 15:00",
      files: [{ name: "041000000001_基数调整_202607.xls", people: 228, sha256: "00" }],
      number: "",
      note: "",
      recorded_at: "2026-07-06 16:00",
      filing: null,
      undecided: false,
    };
    return open(
      {
        ...size,
        answers: {
          start: () => ({ ...start, session: byFile }),
          home: () => ({ ...home, session: byFile }),
          draft: () => ({ ...cleanDraft, upload }),
        },
      },
      async (page) => {
        await toDraft(page);
        await page.getByText("中心退回").first().waitFor();
      },
      `${kind}-4-upload`,
    );
  });

  test("month", () =>
    open(
      { ...size, answers: inside },
      (page) => page.getByText("下一步").or(page.getByText("草稿")).first().waitFor(),
      `${kind}-2-month`,
    ));

  test("comparison", () => {
    const entry = {
      comparison: "c1",
      period: "2026-07",
      file_name: "七月工资表.xlsx",
      open: 2,
      made: false,
      saved_at: "2026-07-06 14:40",
    };
    const sealed = line({ key: "account:3", name: "赵六", answer: "seal", seal_reason: "离休退休", open: false });
    const aside = line({ key: "account:4", name: "钱七", left_out: "材料未齐，下月再办", open: false });
    const view = comparison({ not_asked: 1, trouble: "net-unreachable", can_undo: true, in_several: 1 });
    return open(
      {
        ...size,
        answers: {
          ...inside,
          comparisons: () => ({ comparisons: [entry] }),
          comparison: () => view,
          comparison_page: () => page([...people, { ...sealed, filings: ["缴存人状态变更", "年度基数调整"] }, aside]),
        },
      },
      async (at) => {
        await at.getByRole("button", name("智能比对")).click();
        await at.getByRole("button", name("继续")).click();
        await at.getByText("材料未齐").or(at.getByText("赵六")).first().waitFor();
        await at.getByLabel("欧阳文静：处理方式").selectOption("seal");
      },
      `${kind}-3-comparison`,
    );
  });

  test("month, offline, clock wrong", () =>
    open(
      {
        ...size,
        answers: {
          start: () => ({ ...start, session: { ...session, connection: "net-unreachable", clock_skew_minutes: 9 } }),
          home: () => ({
            ...home,
            session: { ...session, connection: "net-unreachable", clock_skew_minutes: 9 },
            drafts: [],
            filings: [],
          }),
        },
      },
      (page) => page.getByRole("alert").waitFor(),
      `${kind}-2-offline`,
    ));

  test.each(["基数调整", "登记", "信息变更"])("kind %s", (entry) =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", { name: entry, exact: true }).click();
        await page.getByText("手工录入").first().waitFor();
      },
      `${kind}-2-kind-${entry}`,
    ),
  );

  test("a contributor", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", { name: "个人事项" }).click();
        await page.getByRole("button", { name: "王小明" }).click();
        await page.getByLabel("预计封存日期").fill("2026-07-06");
        await page.keyboard.press("Tab");
        await page.getByLabel("解除或终止劳动关系").check();
        await page.getByLabel("个人账户余额（元）").fill("20000");
        await page.getByLabel("连续缴存月数").fill("30");
        await page.getByRole("button", { name: "测算" }).click();
        await page.getByText("向中心咨询后填写").waitFor();
      },
      `${kind}-2-contributor`,
    ));

  test("a bank statement", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", { name: "核对银行流水" }).click();
        await page.getByRole("button", { name: "选择银行流水" }).click();
        await page.getByText("已按单付出").waitFor();
      },
      `${kind}-2-statement`,
    ));

  test("cities", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", name("城市政策")).click();
        await page.getByRole("button", { name: "焦作", exact: true }).waitFor();
      },
      `${kind}-2-cities`,
    ));

  test.each(["武汉", "焦作"])("city %s", (city) =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", name("城市政策")).click();
        await page.getByRole("button", { name: city, exact: true }).click();
        await page.getByRole("button", name("导出规则文件")).click();
        await page.getByText("已导出").waitFor();
      },
      `${kind}-2-city-${city === "武汉" ? "known" : "unknown"}`,
    ),
  );

  test("rules", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", name("中心规则")).click();
        await page.getByText("衡阳-自用").waitFor();
      },
      `${kind}-2-rules`,
    ));

  test("one set of rules", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          profile_check: () => [
            problem("/cut_off_day", "「三十」认不出来。金额和次数填数字，不知道时留空。"),
            problem("/policies/1/base_floor", "2026-07 起执行的政策，缴存基数下限 27000.00 元不低于上限 27000.00 元。"),
          ],
        },
      },
      async (page) => {
        await page.getByRole("button", name("中心规则")).click();
        await page.getByRole("button", name("衡阳市住房公积金管理中心")).click();
        await page.getByLabel("每月截止日").fill("三十");
        await page.getByLabel("规则代码").fill("衡阳-自用-很长很长的代码");
        await page.getByText("有 2 处问题").waitFor();
      },
      `${kind}-2-rule`,
    ));

  test("one set of rules, read only", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", name("中心规则")).click();
        await page.getByRole("button", name("焦作市住房公积金管理中心")).click();
        await page.getByRole("heading", { name: "封存原因" }).scrollIntoViewIfNeeded();
      },
      `${kind}-2-rule-shipped`,
    ));

  test.each(["found", "none"])("calibration %s", (outcome) =>
    open(
      { ...size, answers: { ...inside, calibrate: () => (outcome === "found" ? calibration : noMethod) } },
      async (page) => {
        await page.getByRole("button", name("中心规则")).click();
        await page.getByRole("button", name("计算方法识别")).click();
        await page.route("**/upload*", (route) => route.fulfill({ json: home.workbooks[0] }));
        const chooser = page.waitForEvent("filechooser");
        await page.getByRole("button", name("选择已受理的清册")).click();
        await (await chooser).setFiles({ name: "清册.csv", mimeType: "text/csv", buffer: Buffer.from("姓名") });
        await page.getByRole("button", name("开始识别")).click();
        await page.getByText("识别结果").waitFor();
      },
      `${kind}-2-calibrate-${outcome}`,
    ),
  );

  test("import", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", name("ERP导出")).click();
        await page.getByText("核对导入").waitFor();
        await page.getByText("合计", { exact: true }).first().waitFor();
      },
      `${kind}-3-import`,
    ));

  test("draft", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await toDraft(page);
        await page.getByRole("button", name("证件号码校验位不符")).first().click();
        await page.keyboard.press("F8");
      },
      `${kind}-4-draft`,
    ));

  test("draft, what would be mended", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await toDraft(page);
        await page.getByRole("button", { name: "全部修正 4 处" }).click();
        await page.getByText("修正后", { exact: true }).waitFor();
      },
      `${kind}-4-fixes`,
    ));

  test("draft, with the help of a finding", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await toDraft(page);
        await page.getByRole("button", name("证件号码校验位不符")).first().click();
        await page.getByRole("button", name("这是什么")).click();
        await page.getByRole("heading", name("证件号码成了数字")).waitFor();
      },
      `${kind}-4-help`,
    ));

  test("help, its contents", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", name("继续 2026")).waitFor();
        await page.keyboard.press("F1");
        await page.getByRole("button", name("目录")).click();
        await page.getByRole("button", name("姓名的间隔号")).waitFor();
      },
      `${kind}-1-help`,
    ));

  test("draft by hand, choosing", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await page.getByRole("button", { name: "登记", exact: true }).click();
        await page.getByRole("button", name("新建并录入")).click();
        await page.getByRole("grid").waitFor();
        await page.locator("[role=row][aria-rowindex='3'] [aria-colindex='3']").click();
        await page.keyboard.press("Alt+ArrowDown");
        await page.getByRole("option", { name: "护照" }).waitFor();
        await page.keyboard.press("ArrowDown");
      },
      `${kind}-4-hand`,
    ));

  test("draft by hand, offline", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          draft: () =>
            blankDraft({
              summary: [
                {
                  code: "LOOKUP-MISSING",
                  level: "error",
                  title: "尚未向中心查询",
                  count: 2,
                  fixable: 0,
                  confirmed: null,
                },
              ],
              blocking: 2,
            }),
          draft_lookup: () => {
            throw uiError("net-unreachable", { trace: "b1" });
          },
        },
      },
      async (page) => {
        await page.getByRole("button", { name: "登记", exact: true }).click();
        await page.getByRole("button", name("从 Excel 粘贴")).click();
        await page.getByText("还有 2 人没有向中心查询").waitFor();
      },
      `${kind}-4-offline`,
    ));

  test.each(["contributor_registration", "contributor_update"])("review of %s", (filed) =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          draft: () => cleanDraft,
          review: () => ({
            ...review,
            kind: filed,
            kind_name: filed === "contributor_update" ? "缴存人信息变更" : "缴存人登记",
            groups: [{ label: filed === "contributor_update" ? "信息变更" : "新登记", people: 20 }],
            largest: review.largest.map((line) => ({
              ...line,
              personal_account: filed === "contributor_update" ? line.personal_account : "",
              old_base: "",
              new_base: filed === "contributor_update" ? "" : line.new_base,
              before: "0.00",
              what:
                filed === "contributor_update"
                  ? "变更后姓名 欧阳思远，手机号码 13800000000"
                  : "性别 2，出生日期 1999-03-07，手机号码 13800000000",
            })),
          }),
        },
      },
      toReview,
      `${kind}-5-${filed}`,
    ),
  );

  test("draft, confirming", () =>
    open(
      { ...size, answers: inside },
      async (page) => {
        await toDraft(page);
        await page.getByRole("button", name("确认「基数变动过大」")).click();
        await page.getByLabel("核实说明").waitFor();
      },
      `${kind}-4-confirm`,
    ));

  test("review", () =>
    open({ ...size, answers: { ...inside, draft: () => cleanDraft } }, toReview, `${kind}-5-review`));

  test("review that can't be signed", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          draft: () => cleanDraft,
          review: () => ({
            ...review,
            obstacles: [
              { code: "X", level: "error", title: "证件号码校验位不符", count: 2, fixable: 0, confirmed: null },
            ],
          }),
        },
      },
      toReview,
      `${kind}-5-obstacles`,
    ));

  test("review, PIN wrong", () =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          draft: () => cleanDraft,
          sign_and_submit: () => {
            throw uiError("sign-wrong-pin", { args: { left: "2" }, trace: "c3d4" });
          },
        },
      },
      async (page) => {
        await toReview(page);
        await page.getByRole("button", name("签名并提交…")).click();
        await page.getByLabel("PIN", { exact: true }).fill("000000");
        await page.keyboard.press("Enter");
        await page.getByRole("alert").waitFor();
      },
      `${kind}-5-pin`,
    ));

  test.each(["accepted", "unknown", "signed"] as const)("filing %s", (stage) =>
    open(
      {
        ...size,
        answers: {
          ...inside,
          filing: () =>
            filingView(stage, stage === "accepted" ? {} : { trouble: uiError("net-unreachable", { trace: "e5f6" }) }),
        },
      },
      async (page) => {
        await page.getByRole("button", name("查看 JS2026070600017")).click();
        await page.getByRole("heading", name("申报与回执")).waitFor();
        await page.getByText("经过").waitFor();
      },
      `${kind}-6-${stage}`,
    ),
  );

  test("filing refused", () =>
    open(
      { ...size, answers: { ...inside, filing: refusedFiling } },
      async (page) => {
        await page.getByRole("button", name("查看 JS2026070600017")).click();
        await page.getByText("经过").waitFor();
      },
      `${kind}-6-refused`,
    ));
});
