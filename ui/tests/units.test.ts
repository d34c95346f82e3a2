import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { DraftView, UploadView } from "../src/backend";
import DraftScreen from "../src/screens/draft/DraftScreen.vue";
import FilingScreen from "../src/screens/filing/FilingScreen.vue";
import OwnUnits from "../src/screens/start/OwnUnits.vue";
import UnitsScreen from "../src/screens/units/UnitsScreen.vue";
import { connectionTest, draftView, filingView, session, type Fake, uiError, unitKey } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

function asked(backend: Fake, command: string): number {
  return backend.calls.filter((each) => each.command === command).length;
}

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

const byFile = { ...session, channel: "upload_file", signs: false, demo: false };

const unit = {
  account: "041",
  name: "晨光机电",
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
};

function left(stage: UploadView["stage"], more: Partial<UploadView> = {}): DraftView {
  const upload: UploadView = {
    stage,
    exported_at: "2026-07-06 15:00",
    files: [{ name: "041_基数调整_202607.xls", people: 228, sha256: "00" }],
    number: "",
    note: "",
    recorded_at: null,
    filing: null,
    undecided: stage !== "refused",
    ...more,
  };
  return draftView({ blocking: 0, unconfirmed: 0, summary: [], upload });
}

describe("units at centers with a gateway", () => {
  const line = { account: "042", name: "远山建材", center: "演示市住房公积金管理中心", address: "https://gjj:8443" };
  const print = "ab".repeat(32);
  const met = {
    address: line.address,
    center: line.center,
    city: "演示市",
    roots: [{ name: "演示根", sha256: print, valid_to: "2049-12-31" }],
    certificates: [],
  };
  const certificate = unitKey(line.name);

  async function type(wrapper: VueWrapper, end: string, text: string): Promise<void> {
    const field = wrapper.findAll("dialog input").find((each) => each.element.id.endsWith(end));
    if (!field) throw new Error(`no field ${end}`);
    await field.setValue(text);
  }

  async function meet(wrapper: VueWrapper): Promise<void> {
    button(wrapper, "添加单位（联网）").click();
    await settle();
    await type(wrapper, "-address", "gjj:8443");
    await type(wrapper, "-account", "042");
    button(wrapper, "选择文件").click();
    await settle();
    await wrapper.find("dialog form").trigger("submit");
    await settle();
  }

  test("the roots' fingerprints stand there before anything is sent, and the PIN stays in no field", async () => {
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      { center_look: () => met, unit_join: () => ({ ...session, demo: false }) },
    );
    await settle();
    await meet(wrapper);
    expect(wrapper.text()).toContain("ABAB ABAB");
    expect(asked(backend, "unit_join")).toBe(0);
    await type(wrapper, "-code", "7K3M-9QWX-2BHT");
    for (const secret of wrapper.findAll("dialog input[type=password]")) await secret.setValue("840275");
    await wrapper.find("dialog form").trigger("submit");
    await settle();
    expect(backend.calls.find((each) => each.command === "unit_join")?.args).toEqual({
      center: { address: "gjj:8443", roots: "roots", rules: "" },
      account: "042",
      way: { by: "code", code: "7K3M-9QWX-2BHT" },
      pin: "840275",
    });
    expect(wrapper.html()).not.toContain("840275");
  });

  test("the way is tested before there is a unit, and whoever stands in between is named", async () => {
    const why = uiError("net-certificate-untrusted", { args: { issuer: "某某杀毒软件 HTTPS 扫描根证书" } });
    const steps = connectionTest.steps.map((each) => (each.step === "tls" ? { ...each, why } : each));
    const { wrapper, backend } = mountScreen(OwnUnits, {}, { center_test: () => ({ ...connectionTest, steps }) });
    await settle();
    button(wrapper, "添加单位（联网）").click();
    await settle();
    button(wrapper, "测试连接").click();
    await settle();
    expect(asked(backend, "center_test"), "not without an address").toBe(0);
    expect(wrapper.text()).toContain("请填写接口地址");
    await type(wrapper, "-address", "gjj:8443");
    button(wrapper, "选择文件").click();
    await settle();
    button(wrapper, "测试连接").click();
    await settle();
    expect(backend.calls.find((each) => each.command === "center_test")?.args).toEqual({
      address: "gjj:8443",
      roots: "roots",
      rules: "",
    });
    const failed = wrapper.findAll("dialog li").filter((each) => each.text().includes("停在这里"));
    expect(failed).toHaveLength(1);
    expect(failed[0]?.text()).toContain("某某杀毒软件 HTTPS 扫描根证书");
    expect(asked(backend, "center_look"), "nobody was joined by it").toBe(0);
  });

  test("only the user's own rules say that an older TLS will do, and they go along with every question", async () => {
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      {
        profiles: () => ({
          profiles: [
            {
              code: "old",
              name: "远山中心的规则",
              city: "远山",
              origin: "own",
              policy: null,
              saved_at: "2026-07-01 09:00",
            },
            { code: "demo", name: "演示中心", city: "演示市", origin: "shipped", policy: null, saved_at: null },
          ],
          caution: "",
        }),
        center_test: () => connectionTest,
        center_look: () => met,
      },
    );
    await settle();
    button(wrapper, "添加单位（联网）").click();
    await settle();
    const select = wrapper.find<HTMLSelectElement>("dialog select");
    expect(select.findAll("option").map((each) => each.element.value)).toEqual(["", "old"]);
    expect(select.element.value, "nothing is chosen for anybody").toBe("");
    await select.setValue("old");
    await type(wrapper, "-address", "gjj:8443");
    await type(wrapper, "-account", "042");
    button(wrapper, "选择文件").click();
    await settle();
    button(wrapper, "测试连接").click();
    await settle();
    await wrapper.find("dialog form").trigger("submit");
    await settle();
    for (const command of ["center_test", "center_look"])
      expect(backend.calls.find((each) => each.command === command)?.args).toMatchObject({ rules: "old" });
  });

  test("a certificate that was got although the unit did not open is gone on with", async () => {
    let got = false;
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      {
        center_look: () => (got ? { ...met, certificates: [certificate] } : met),
        unit_join: () => {
          got = true;
          throw uiError("net-problem");
        },
      },
    );
    await settle();
    await meet(wrapper);
    await type(wrapper, "-code", "7K3M-9QWX-2BHT");
    for (const secret of wrapper.findAll("dialog input[type=password]")) await secret.setValue("840275");
    await wrapper.find("dialog form").trigger("submit");
    await settle();
    expect(wrapper.text()).toContain("证书已经取得");
    expect(wrapper.find<HTMLSelectElement>("dialog select").element.value).toBe("k1");
    expect(backend.calls.filter((each) => each.command === "enter_demo")).toEqual([]);
  });

  test("is opened by a certificate and its PIN; a wrong one stays in the dialog", async () => {
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      {
        units_joined: () => [line],
        unit_keys: () => [certificate],
        unit_log_in: () => {
          throw uiError("sign-wrong-pin");
        },
      },
    );
    await settle();
    button(wrapper, "登录").click();
    await settle();
    expect(wrapper.text()).toContain("王晓敏");
    await wrapper.find("dialog input[type=password]").setValue("111111");
    await wrapper.find("dialog form").trigger("submit");
    await settle();
    expect(asked(backend, "unit_log_in")).toBe(1);
    expect(asked(backend, "unit_keys"), "tries are told anew").toBe(2);
    expect(wrapper.find("dialog input[type=password]").exists()).toBe(true);
  });
});

describe("units at centers without a gateway", () => {
  test("what is wrong with the form stands beside its fields, and what was typed stays", async () => {
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      {
        units: () => [],
        profiles: () => ({ profiles: [], caution: "" }),
        cities: () => ({ cities: [], caution: "" }),
        unit_save: () => ({ session: null, problems: [{ field: "credit_code", message: "校验位要对得上。" }] }),
      },
    );
    await settle();
    button(wrapper, "添加单位（上传文件）").click();
    await settle();
    const field = wrapper.findAll("input").find((each) => each.element.id.endsWith("-credit_code"));
    await field?.setValue("911100001000123456");
    await wrapper.find("form").trigger("submit");
    await settle();
    expect(backend.calls.at(-1)?.args).toMatchObject({ form: { credit_code: "911100001000123456" }, replaces: false });
    expect(field?.attributes("aria-invalid")).toBe("true");
    expect(wrapper.text()).toContain("校验位要对得上。");
    expect(field?.element.value).toBe("911100001000123456");
  });

  test("a unit is removed only after it was asked", async () => {
    const { wrapper, backend } = mountScreen(OwnUnits, {}, { units: () => [unit], unit_forget: () => [] });
    await settle();
    button(wrapper, "移除").click();
    await settle();
    expect(backend.calls.some((each) => each.command === "unit_forget")).toBe(false);
    const sure = wrapper.findAll("dialog button").find((each) => each.text() === "移除");
    await sure?.trigger("click");
    await settle();
    expect(backend.calls.at(-1)).toEqual({ command: "unit_forget", args: { account: "041" } });
    expect(wrapper.text()).not.toContain("晨光机电");
  });

  test("what is kept of a unit comes back to be changed, and no new roster is asked for", async () => {
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      {
        units: () => [unit],
        profiles: () => ({ profiles: [], caution: "" }),
        cities: () => ({ cities: [], caution: "" }),
        unit_save: () => ({ session: null, problems: [] }),
      },
    );
    await settle();
    button(wrapper, "修改").click();
    await settle();
    const field = (name: string) => wrapper.findAll("input").find((each) => each.element.id.endsWith(`-${name}`));
    expect(field("account")?.element.readOnly).toBe(true);
    await field("first_month")?.setValue("2026-08");
    await wrapper.find("form").trigger("submit");
    await settle();
    const sent = backend.calls.at(-1)?.args as { form: object; replaces: boolean };
    expect(sent.replaces).toBe(true);
    expect(sent.form).toMatchObject({ account: "041", first_month: "2026-08" });
    expect(sent.form).not.toHaveProperty("roster.ticket");
  });

  test("a draft leaves as a file, not by signature, and its answer is recorded", async () => {
    let now = draftView({ blocking: 0, unconfirmed: 0, summary: [] });
    const { wrapper, backend } = mountScreen(
      DraftScreen,
      { draft: "d1" },
      {
        draft: () => now,
        upload_export: () => {
          now = left("exported");
          return { draft: now, folder: "汇缴通\\上传文件", neutralised: 1 };
        },
        upload_outcome: () => left("accepted", { number: "YW1" }),
      },
      byFile,
    );
    await settle();
    expect(wrapper.text()).not.toContain("核对并签名");
    expect(wrapper.text(), "that nobody signed it is said").toContain("未签名（本单位未登记发证机构的根证书）");
    button(wrapper, "导出上传文件").click();
    await settle();
    expect(wrapper.text()).toContain("已导出 1 个上传文件");
    expect(wrapper.text()).toContain("有 1 处以公式符号开头的文字已加单引号");
    expect(wrapper.text()).toContain("已导出，待上传");
    button(wrapper, "登记办理结果").click();
    await settle();
    await wrapper.find("dialog input.plain-input").setValue("YW1");
    await wrapper.find("dialog form").trigger("submit");
    await settle();
    expect(backend.calls.at(-1)).toMatchObject({
      command: "upload_outcome",
      args: { stage: "accepted", number: "YW1" },
    });
    expect(wrapper.text()).toContain("业务流水号 YW1");
    expect(wrapper.text()).not.toContain("重新导出");
  });
});

test("an answer of the center that is not recorded stays as it was typed, and says why", async () => {
  let full = true;
  const answers = {
    draft: () => left("exported"),
    upload_outcome: () => {
      if (full) throw uiError("store-full", { args: { needed: "16" } });
      return left("accepted", { number: "YW1" });
    },
  };
  const { wrapper } = mountScreen(DraftScreen, { draft: "d1" }, answers, byFile);
  await settle();
  button(wrapper, "登记办理结果").click();
  await settle();
  const number = () => wrapper.find<HTMLInputElement>("dialog[open] input.plain-input");
  await number().setValue("YW1");
  await wrapper.find("dialog[open] form").trigger("submit");
  await settle();
  expect(number().element.value, "nobody types it again").toBe("YW1");
  expect(wrapper.find("dialog[open] [role=alert]").exists()).toBe(true);
  full = false;
  await wrapper.find("dialog[open] form").trigger("submit");
  await settle();
  expect(wrapper.find("dialog[open]").exists()).toBe(false);
  expect(wrapper.text()).toContain("业务流水号 YW1");
});

test("a refusal in a draft is brought before the eyes", async () => {
  const seen: string[] = [];
  const scroll = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
    seen.push(this.textContent);
  });
  const answers = {
    draft_undo: () => {
      throw uiError("store-full", { args: { needed: "16" } });
    },
  };
  const { wrapper } = mountScreen(DraftScreen, { draft: "d1" }, answers);
  await settle();
  button(wrapper, "撤销").click();
  await settle();
  expect(seen.join(""), "the page may have been scrolled to the foot").toContain(wrapper.get("[role=alert]").text());
  scroll.mockRestore();
});

test("what left as a file is submitted to a gateway only once the center is known to have refused it", async () => {
  let now = left("exported");
  const { wrapper, backend } = mountScreen(
    DraftScreen,
    { draft: "d1" },
    {
      draft: () => now,
      upload_outcome: () => (now = left("refused")),
    },
  );
  await settle();
  const submit = () => wrapper.findAll("button").find((each) => each.text() === "去核对签名");
  expect(wrapper.text()).toContain("登记为中心退回后才能提交");
  expect(submit()?.attributes("disabled")).toBeDefined();
  for (const never of ["重新导出", "未登记"]) expect(wrapper.text()).not.toContain(never);
  button(wrapper, "登记办理结果").click();
  await settle();
  await wrapper.find("dialog form").trigger("submit");
  await settle();
  expect(backend.calls.some(({ command }) => command === "upload_outcome")).toBe(true);
  expect(wrapper.text()).not.toContain("登记为中心退回后才能提交");
  expect(submit()?.attributes("disabled")).toBeUndefined();
});

describe("units at centers without a gateway that sign", () => {
  const signs = { ...byFile, signs: true };
  const clean = { blocking: 0, unconfirmed: 0, summary: [] };

  test("what vouches for their certificates is compared before it is saved, and can be taken away", async () => {
    const root = { name: "演示签名根", sha256: "ab".repeat(32), valid_to: "2049-12-31" };
    const { wrapper, backend } = mountScreen(
      OwnUnits,
      {},
      {
        units: () => [{ ...unit, roots: [root] }],
        profiles: () => ({ profiles: [], caution: "" }),
        cities: () => ({ cities: [], caution: "" }),
        unit_roots: () => [{ ...root, name: "新的签名根", sha256: "cd".repeat(32) }],
        unit_save: () => ({ session: null, problems: [] }),
      },
    );
    await settle();
    button(wrapper, "修改").click();
    await settle();
    expect(wrapper.text()).toContain("ABAB ABAB");
    expect(wrapper.text()).toContain("单人办理");
    await wrapper.get("dialog input[type=checkbox]").setValue(true);
    expect(wrapper.text(), "nobody has to approve what nobody signs").not.toContain("单人办理");
    await wrapper.find("form").trigger("submit");
    await settle();
    expect(backend.calls.at(-1)?.args).toMatchObject({ form: { unsigned: true, single_operator: false } });
    const choose = wrapper.findAll("dialog button").filter((each) => each.text() === "选择文件");
    await choose.at(-1)?.trigger("click");
    await settle();
    expect(wrapper.text()).toContain("CDCD CDCD");
    expect(wrapper.text()).toContain("与发证机构公布的逐字核对");
    const boxes = wrapper.findAll("dialog input[type=checkbox]");
    await boxes.at(-1)?.setValue(true);
    await wrapper.find("form").trigger("submit");
    await settle();
    expect(backend.calls.at(-1)).toMatchObject({ command: "unit_save", args: { form: { single_operator: true } } });
    expect((backend.calls.at(-1)?.args as { form: object }).form).toHaveProperty("roots");
  });

  test("a draft is signed before it leaves, and afterwards leads to what was signed", async () => {
    const { wrapper, app } = mountScreen(DraftScreen, { draft: "d1" }, { draft: () => draftView({ ...clean }) }, signs);
    await settle();
    expect(wrapper.text()).not.toContain("导出上传文件");
    button(wrapper, "核对并签名").click();
    await settle();
    expect(app.screen.value).toMatchObject({ name: "review", draft: "d1" });

    const signed = mountScreen(
      DraftScreen,
      { draft: "d1" },
      { draft: () => draftView({ ...clean, signed_as: "f1" }) },
      signs,
    );
    await settle();
    expect(signed.wrapper.text()).not.toContain("核对并签名");
    expect(signed.wrapper.text()).toContain("导出上传文件");
    button(signed.wrapper, "查看签名").click();
    expect(signed.app.screen.value).toMatchObject({ name: "filing", filing: "f1" });
  });

  test("a filing that stays here says whose signature it still wants, and is never sent", async () => {
    const kept = { draft: "d1", awaits_approval: true, reason: "", superseded_by: null };
    const { wrapper, backend } = mountScreen(
      FilingScreen,
      { filing: "f1" },
      { filing: () => filingView("kept", { kept, receipt: null }) },
      signs,
    );
    await settle();
    expect(wrapper.text()).toContain("已签名，等待复核");
    expect(wrapper.text()).toContain("导入复核文件");
    for (const never of ["查询结果", "继续提交", "撤回"]) expect(wrapper.text()).not.toContain(never);
    expect(backend.calls.some(({ command }) => command === "ask")).toBe(false);
  });

  test("one whose draft was signed anew says so, and leads to what counts", async () => {
    const kept = { draft: "d1", awaits_approval: false, reason: "", superseded_by: "f2" };
    const { wrapper, app } = mountScreen(
      FilingScreen,
      { filing: "f1" },
      { filing: () => filingView("kept", { kept, receipt: null }) },
      signs,
    );
    await settle();
    expect(wrapper.text()).toContain("草稿之后重新签过名");
    expect(wrapper.text(), "nobody has to approve it any more").not.toContain("导入复核文件");
    button(wrapper, "查看后一次签名").click();
    expect(app.screen.value).toMatchObject({ name: "filing", filing: "f2" });
  });
});

describe("units and their months", () => {
  test("the one that is looked for opens by Enter; the open one leads to its month", async () => {
    const { wrapper, app, backend } = mountScreen(UnitsScreen, {}, { unit_enter: () => session });
    await flushPromises();
    expect(wrapper.findAll("tbody tr").map((row) => row.get("th strong").text())).toEqual([
      "衡阳市明远软件有限公司",
      session.unit_name,
    ]);
    await wrapper.get("input").setValue("明远");
    await flushPromises();
    await wrapper.get("input").trigger("keydown", { key: "Enter" });
    await flushPromises();
    expect(backend.calls.filter((call) => call.command === "unit_enter").map((call) => call.args)).toEqual([
      { account: "430400000002" },
    ]);
    expect(app.screen.value).toEqual({ name: "month" });
  });

  test("nothing found says so; the start page is reached with nothing open", async () => {
    const { wrapper, app, backend } = mountScreen(UnitsScreen, {});
    await flushPromises();
    await wrapper.get("input").setValue("火星");
    await flushPromises();
    expect(wrapper.text()).toContain("没有找到「火星」");
    await wrapper.get("input").trigger("keydown", { key: "Enter" });
    button(wrapper, "回到起始页").click();
    await flushPromises();
    expect(backend.calls.map((call) => call.command)).toEqual(["units_month", "units_month", "unit_leave"]);
    expect(app.screen.value).toEqual({ name: "start" });
  });

  test("a sheet of many units is split; each part is imported in its own unit, one of a stranger is not", async () => {
    const part = (account: string, name: string | null) => ({
      account,
      name,
      open: false,
      rows: 3,
      ticket: { ticket: `t-${account}`, file_name: `${account}-七月.xlsx`, size: 1, note: "" },
    });
    const { wrapper, app, backend } = mountScreen(
      UnitsScreen,
      {},
      {
        unit_enter: () => session,
        unit_split: () => ({
          folder: "/home/周/汇缴通/拆分/七月",
          column: "单位账号",
          parts: [part("430400000002", "衡阳市明远软件有限公司"), part("999", null)],
          left_out: [8],
        }),
      },
    );
    await flushPromises();
    button(wrapper, "拆分多单位表格").click();
    await flushPromises();
    expect(wrapper.get("[role=alert]").text()).toContain("8");
    expect(wrapper.text()).toContain("这个账号的单位还没有添加");
    expect(wrapper.findAll("button").filter((each) => each.text() === "去导入")).toHaveLength(1);
    button(wrapper, "去导入").click();
    await flushPromises();
    expect(backend.calls.filter((call) => call.command === "unit_enter").map((call) => call.args)).toEqual([
      { account: "430400000002" },
    ]);
    expect(app.screen.value).toMatchObject({ name: "import", ticket: { ticket: "t-430400000002" } });
  });
});
