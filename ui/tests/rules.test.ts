import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import type { ProfileForm, ProfileView } from "../src/backend";
import CalibrateScreen from "../src/screens/rules/CalibrateScreen.vue";
import { policyAt, withMethod } from "../src/screens/rules/form";
import LearnScreen from "../src/screens/rules/LearnScreen.vue";
import RuleScreen from "../src/screens/rules/RuleScreen.vue";
import RulesScreen from "../src/screens/rules/RulesScreen.vue";
import { t } from "../src/text/zh";
import { calibration, noMethod, problem, profile, uiError, type Answers } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function list(answers: Answers = {}) {
  const mounted = mountScreen(RulesScreen, {}, answers);
  await flushPromises();
  return mounted;
}

async function rule(view: ProfileView, edit = false, answers: Answers = {}) {
  const mounted = mountScreen(RuleScreen, { view, edit }, answers);
  await flushPromises();
  return mounted;
}

/** An element that must be there. */
function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("not on the screen");
  return found;
}

type Wrapper = Awaited<ReturnType<typeof rule>>["wrapper"];

function field(wrapper: Wrapper, label: string): HTMLInputElement {
  const found = wrapper.findAll("label").find((each) => each.text() === label);
  if (!found) throw new Error(`no field ${label}`);
  return document.getElementById(found.attributes("for") ?? "") as HTMLInputElement;
}

async function fill(wrapper: Wrapper, label: string, value: string): Promise<void> {
  const input = field(wrapper, label);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  await flushPromises();
}

describe("the list of rules", () => {
  test("says where each comes from; what nobody knows is said, not shown as zero", async () => {
    const { wrapper } = await list();
    const [demo, own, jiaozuo] = wrapper.findAll("tbody tr").map((row) => row.text());
    expect(demo).toContain("中心下发");
    expect(own).toMatch(/自己保存.*2026-07-06 14:32.*21,142\.00/s);
    expect(jiaozuo?.match(/未知/g), "floor and ceiling").toHaveLength(2);
    expect(wrapper.text()).toContain("以中心公布为准");
  });

  test("a file is shown before anything is kept; giving up choosing is no error", async () => {
    const { wrapper, app, backend } = await list();
    button(wrapper, "导入规则文件").click();
    await flushPromises();
    expect(backend.calls.at(-1)).toEqual({ command: "profile_import", args: { ticket: "rules" } });
    expect(app.screen.value).toMatchObject({ name: "rule", edit: true, view: { origin: "file", mappings: 2 } });
    expect(backend.calls.some((call) => call.command === "profile_save")).toBe(false);

    backend.chooseProfile = async () => null;
    app.go({ name: "rules" });
    button(wrapper, "导入规则文件").click();
    await flushPromises();
    expect(app.screen.value.name, "still here").toBe("rules");
    expect(wrapper.find("[role=alert]").exists()).toBe(false);
  });

  test("a file that cannot be read says why", async () => {
    const refused = uiError("desk-profile-file", { args: { file: "规则.json", detail: "内容不是 JSON" } });
    const { wrapper } = await list({
      profile_import: () => {
        throw refused;
      },
    });
    button(wrapper, "导入规则文件").click();
    await flushPromises();
    expect(wrapper.get("[role=alert]").text()).toContain("内容不是 JSON");
  });
});

describe("one set of rules", () => {
  test("shipped ones cannot be typed into; a copy has a code of its own", async () => {
    const { wrapper, backend } = await rule(profile("jiaozuo"));
    expect(wrapper.get("fieldset").attributes("disabled"), "as it ships").toBeDefined();
    expect(wrapper.text()).not.toContain("删除");
    button(wrapper, "另存一份修改").click();
    await flushPromises();
    expect(wrapper.get("fieldset").attributes("disabled")).toBeUndefined();
    expect(field(wrapper, "规则代码").value).toBe("jiaozuo-2");
    button(wrapper, "保存").click();
    await flushPromises();
    const saved = backend.calls.find((call) => call.command === "profile_save");
    expect(saved?.args).toMatchObject({ base: "jiaozuo", replaces: null, form: { code: "jiaozuo-2" } });
  });

  test("problems stand beside their fields, and nothing is left while they do", async () => {
    const said = "「约两千」认不出来。";
    const found = [problem("/policies/1/base_floor", said), problem("/seal_reasons/1/name", "出现了两次")];
    const { wrapper, app, backend } = await rule(profile("衡阳-自用"), false, {
      profile_check: () => found,
      profile_save: () => ({ saved: false, problems: found, mappings: 0 }),
    });
    app.go({ name: "rule", view: profile("衡阳-自用"), edit: false });
    const inputs = wrapper.findAll("input").filter((each) => each.element.value === "1700.00");
    expect(inputs, "the floor of the newest policy").toHaveLength(1);
    const floor = must(inputs[0]).element;
    floor.value = "约两千";
    floor.dispatchEvent(new Event("input", { bubbles: true }));
    floor.dispatchEvent(new Event("change", { bubbles: true }));
    await flushPromises();
    expect(floor.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(floor.getAttribute("aria-describedby") ?? "")?.textContent).toBe(said);
    expect(wrapper.findAll("[aria-invalid=true]"), "those two fields alone").toHaveLength(2);
    expect(wrapper.text()).toContain("有 2 处问题");
    button(wrapper, "保存").click();
    await flushPromises();
    expect(backend.calls.at(-1)?.command).toBe("profile_save");
    expect(app.screen.value.name, "still at the form").toBe("rule");
  });

  test("own rules are saved in their place and can be deleted after asking", async () => {
    const { wrapper, app, backend } = await rule(profile("衡阳-自用"));
    await fill(wrapper, "每月截止日", "20");
    expect(backend.calls.at(-1), "checked as it is typed").toMatchObject({ command: "profile_check" });
    button(wrapper, "保存").click();
    await flushPromises();
    const saved = backend.calls.at(-1);
    expect(saved).toMatchObject({ command: "profile_save", args: { replaces: "衡阳-自用" } });
    expect((saved?.args["form"] as ProfileForm).cut_off_day).toBe("20");
    expect(app.screen.value.name).toBe("rules");
    button(wrapper, "删除").click();
    await flushPromises();
    expect(backend.calls.at(-1)?.command, "asked first").toBe("profile_save");
    expect(wrapper.get("dialog").text()).toContain("不能恢复");
  });

  test("days off are typed as the notice has them", async () => {
    const wrong = problem("/days_off/worked", "2026-10-09 填成了调休上班的周末，但它不是周六、周日。");
    const { wrapper, backend } = await rule(profile("衡阳-自用"), false, { profile_check: () => [wrong] });
    await fill(wrapper, "放假日（照国务院办公厅当年的通知）", "2026-10-01至2026-10-07");
    await fill(wrapper, "调休上班的周末", "2026-10-09");
    const moves = wrapper.findAll("label").find((label) => label.text() === "截止日遇周末、节假日顺延");
    await moves?.find("input").setValue(true);
    await flushPromises();
    const form = backend.calls.at(-1)?.args["form"] as ProfileForm;
    expect(form).toMatchObject({ deadlines_move: true, holidays: "2026-10-01至2026-10-07", worked: "2026-10-09" });
    expect(wrapper.findAll("[aria-invalid=true]"), "said beside its field").toHaveLength(1);
  });

  test("a row more is a row in what is saved", async () => {
    const { wrapper, backend } = await rule(profile("衡阳-自用"));
    button(wrapper, "增加一条政策").click();
    button(wrapper, "增加区县").click();
    await flushPromises();
    await fill(wrapper, "规则代码", "hy");
    const form = backend.calls.at(-1)?.args["form"] as ProfileForm;
    expect(form.policies).toHaveLength(3);
    expect(form.policies[2], "figures of the one before, months and source to be filled in").toMatchObject({
      base_floor: "1700.00",
      effective_from: "",
      source_title: "",
    });
    expect(form.districts).toEqual([""]);
  });

  test("who stamps the time is told with roots of several lines", async () => {
    const { wrapper, backend } = await rule(profile("衡阳-自用"));
    const roots = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    await fill(wrapper, "时间戳服务器的地址", "http://tsa.example/tsr");
    await fill(wrapper, "时间戳机构的根证书（PEM）", roots);
    expect(backend.calls.at(-1)).toMatchObject({
      command: "profile_check",
      args: { form: { timestamp_url: "http://tsa.example/tsr", timestamp_roots: roots } },
    });
  });

  test("a hostile name is text", async () => {
    const view = profile("衡阳-自用");
    view.form.name = "<img src=x onerror=alert(1)>";
    const { wrapper } = await rule(view);
    expect(wrapper.find("img").exists()).toBe(false);
    expect(wrapper.get("h1").text()).toBe("<img src=x onerror=alert(1)>");
  });
});

describe("calibration", () => {
  async function open(answers: Answers = {}) {
    const mounted = mountScreen(CalibrateScreen, {}, answers);
    await flushPromises();
    button(mounted.wrapper, "选择已受理的清册").click();
    await flushPromises();
    return mounted;
  }

  test("the method goes into a copy of the chosen rules, unsaved", async () => {
    const { wrapper, app, backend } = await open();
    const [unit, personal] = wrapper.findAll("input.ratio");
    await must(unit).setValue("8%");
    await must(personal).setValue("8%");
    button(wrapper, "开始识别").click();
    await flushPromises();
    expect(backend.calls.at(-1)).toMatchObject({
      command: "calibrate",
      args: { unit_ratio: "8%", personal_ratio: "8%" },
    });
    expect(wrapper.text()).toContain("见角分进元（单位、个人分别计算）");
    expect(wrapper.text(), "what was not compared is said").toContain("数字不全、没有比较的行：6");
    expect(button(wrapper, "写入中心规则").disabled, "into which?").toBe(true);
    await wrapper.get("select[id$=rules]").setValue("jiaozuo");
    await flushPromises();
    button(wrapper, "写入中心规则").click();
    const shown = app.screen.value;
    if (shown.name !== "rule") throw new Error(shown.name);
    expect(shown.edit, "not saved yet").toBe(true);
    expect(shown.view.form.code, "a copy").toBe("jiaozuo-2");
    expect(shown.view.form.policies.map((each) => each.rounding)).toEqual(["half_up_yuan", "ceil_yuan"]);
    await must(unit).setValue("7%");
    expect(wrapper.find("[id=calibrate-result]").exists(), "other ratios, another answer").toBe(false);
  });

  test("where none fits the rows are shown and nothing can be written", async () => {
    const { wrapper } = await open({ calibrate: () => noMethod });
    button(wrapper, "开始识别").click();
    await flushPromises();
    expect(wrapper.text()).toContain("没有一种计算方法能算出每一行");
    const row = wrapper.get(".differing tbody tr");
    expect(row.text()).toMatch(/4.*1,770\.00.*999\.00.*212\.00/s);
    expect(row.findAll(".off"), "only the figure that differs").toHaveLength(1);
    expect(wrapper.text()).not.toContain("写入中心规则");
  });

  test("several methods are offered to choose from", async () => {
    const two = { ...calibration, fits: [...calibration.fits, must(noMethod.nearest ?? undefined)] };
    const { wrapper, app } = await open({ calibrate: () => two });
    button(wrapper, "开始识别").click();
    await flushPromises();
    expect(wrapper.text()).toContain("分不出来");
    await must(wrapper.findAll("input[type=radio]")[1]).setValue(true);
    await wrapper.get("select[id$=rules]").setValue("衡阳-自用");
    await flushPromises();
    button(wrapper, "写入中心规则").click();
    const shown = app.screen.value;
    expect(shown.name === "rule" && shown.view.form.code, "own rules are changed in place").toBe("衡阳-自用");
    expect(shown.name === "rule" && shown.view.form.policies[1]?.rounding).toBe("half_up_yuan");
  });
});

test("the policy of a month is the newest that holds for the whole city", () => {
  const { form } = profile("衡阳-自用");
  expect(policyAt(form, "2026-06")).toBe(0);
  expect(policyAt(form, "2026-07")).toBe(1);
  expect(policyAt(form, "1999-01"), "none: the newest").toBe(1);
  must(form.policies[1]).district = "南岳区";
  expect(policyAt(form, "2026-06")).toBe(0);
  const before = profile("jiaozuo");
  withMethod(before, 0, { rounding: "ceil_yuan", rounding_scope: "total" });
  expect(before.form.policies[0]?.rounding, "the view it came from is as it was").toBe("half_up_yuan");
});

describe("learning a template", () => {
  const column = (letter: string, title: string, holds: string) => ({
    letter,
    title,
    holds,
    text: "",
    required: false,
  });
  const learned = {
    kind: "base_adjustment",
    name: "年度基数调整",
    file: "xlsx",
    replaces: false,
    keeps_blank: true,
    columns: [column("A", "姓名", "name"), column("B", "是否参与汇缴", "unbound")],
    choices: [
      { value: "name", label: "姓名" },
      { value: "constant", label: "固定内容" },
    ],
    notes: ["B 列「是否参与汇缴」不认识。"],
    template: "{}",
  };

  test("a column that nobody knows is bound by the clerk before the template is saved", async () => {
    const { wrapper, app, backend } = mountScreen(
      LearnScreen,
      { profile: "衡阳-自用", title: "衡阳" },
      { template_learn: () => learned, template_save: () => ({ saved: true, problems: [] }) },
    );
    await flushPromises();
    button(wrapper, t.learn.choose).click();
    await flushPromises();
    expect(wrapper.text()).toContain(t.learn.waits(1));
    expect(button(wrapper, t.learn.save).disabled, "not while a column waits").toBe(true);
    await wrapper.find("tbody tr:nth-child(2) select").setValue("constant");
    await wrapper.find("tbody tr:nth-child(2) input.plain-input").setValue("1");
    button(wrapper, t.learn.save).click();
    await flushPromises();
    const saved = backend.calls.find((each) => each.command === "template_save");
    expect(saved?.args).toMatchObject({
      profile: "衡阳-自用",
      form: { template: "{}", name: "年度基数调整", columns: [{ holds: "name" }, { holds: "constant", text: "1" }] },
    });
    expect(app.screen.value.name, "back at the rules").toBe("rule");
  });
});

/** As somebody types, before he leaves the field. */
function write(input: { value: string; dispatchEvent(event: Event): boolean }, text: string): void {
  input.value = text;
  input.dispatchEvent(new Event("input"));
}

test("what is typed into rules survives the lock, a change or not yet one; leaving it does not keep it", async () => {
  const view = profile("衡阳-自用");
  const { wrapper, app } = await rule(view);
  app.screen.value = { name: "rule", view, edit: false };
  write(field(wrapper, "中心名称"), "衡阳（锁屏前改的）");
  app.locked.value = [];
  wrapper.unmount();
  const at = app.screen.value;
  expect(at.name === "rule" && at.edit && at.view.form.name, "where the user comes back to").toBe("衡阳（锁屏前改的）");
  expect(view.form.name, "what was handed over is as it was").not.toContain("锁屏前");

  const left = await rule(view);
  left.app.screen.value = { name: "rules" };
  write(field(left.wrapper, "中心名称"), "不要了");
  left.wrapper.unmount();
  expect(left.app.screen.value).toEqual({ name: "rules" });
});
