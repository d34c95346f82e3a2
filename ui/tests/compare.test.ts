import { flushPromises } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import type { ComparisonView, DraftView } from "../src/backend";
import CompareScreen from "../src/screens/compare/CompareScreen.vue";
import ComparisonScreen from "../src/screens/compare/ComparisonScreen.vue";
import ImportScreen from "../src/screens/import/ImportScreen.vue";
import { t } from "../src/text/zh";
import { comparison, line, page, people } from "./comparison";
import { uiError, type Answers } from "./fake";
import { mountScreen } from "./mount";

async function open(view: ComparisonView, more: Answers = {}) {
  const mounted = mountScreen(
    ComparisonScreen,
    { comparison: "c1" },
    { comparison: () => view, comparison_page: () => page(people), ...more },
  );
  await flushPromises();
  return mounted;
}

const group = {
  kind: "left",
  title: "表中没有此人",
  people: 233,
  open: 0,
  undecided: 0,
  answers: [],
  before: "1.00",
  after: "1.00",
};

const last = (calls: { command: string; args: Record<string, unknown> }[], command: string) =>
  calls.filter((call) => call.command === command).at(-1)?.args;

describe("the result of a comparison", () => {
  it("begins with the group that waits and says how many", async () => {
    const { wrapper, backend } = await open(comparison());
    expect(last(backend.calls, "comparison_page")).toMatchObject({ filter: { group: "left", open: false } });
    const groups = wrapper.find("nav").findAll("button");
    expect(groups.map((each) => each.text())).toEqual(["新增人员1", "表中没有此人22 人待选择", "全部人员"]);
    expect(wrapper.text()).toContain("努尔麦麦提·阿卜杜热合曼·吐尔逊");
    const make = wrapper.findAll("button").find((each) => each.text() === t.compare.make);
    expect(make?.attributes("disabled"), "nothing is made while somebody waits").toBeDefined();
    expect(wrapper.text()).toContain(t.compare.waits(2));
  });

  it("sends 封存 only with a reason", async () => {
    const { wrapper, backend } = await open(comparison(), { compare_decide: () => comparison({ revision: 4 }) });
    const field = wrapper.find("tbody tr:nth-child(2)");
    await field.find("select").setValue("seal");
    expect(last(backend.calls, "compare_decide"), "not before the reason is chosen").toBeUndefined();
    await field.find("select:nth-of-type(2)").setValue("离休退休");
    expect(last(backend.calls, "compare_decide")).toEqual({
      comparison: "c1",
      revision: 3,
      decision: { keys: ["account:2"], answer: "seal", reason: "离休退休" },
    });
  });

  it("leaves somebody out only with a note, and takes a decision back", async () => {
    const decided = [line({ key: "account:1", answer: "forgotten", open: false })];
    const { wrapper, backend } = await open(comparison(), {
      comparison_page: () => page(decided),
      compare_decide: () => comparison(),
    });
    const row = wrapper.find("tbody tr");
    await row.find("select").setValue("leave_out");
    await row.find("form").trigger("submit");
    expect(last(backend.calls, "compare_decide")).toBeUndefined();
    await row.find("input").setValue("材料未齐");
    await row.find("form").trigger("submit");
    expect(last(backend.calls, "compare_decide")?.["decision"]).toEqual({
      keys: ["account:1"],
      answer: "leave_out",
      note: "材料未齐",
    });
    await flushPromises();
    await row.find("select").setValue("");
    expect(last(backend.calls, "compare_decide")?.["decision"], "no answer takes it back").toEqual({
      keys: ["account:1"],
    });
  });

  it("leads from a group that is through to one where somebody waits", async () => {
    const { wrapper, backend } = await open(comparison());
    const onwards = () => wrapper.text().includes(t.compare.nextOpen("表中没有此人"));
    expect(onwards(), "not away from where she waits").toBe(false);
    await wrapper.findAll("nav button")[0]?.trigger("click");
    const onward = wrapper.findAll("button").find((each) => each.text() === t.compare.nextOpen("表中没有此人"));
    await onward?.trigger("click");
    await flushPromises();
    expect(last(backend.calls, "comparison_page")).toMatchObject({ filter: { group: "left" } });
    expect(onwards(), "she is there").toBe(false);
  });

  it("says who else is among those without a change", async () => {
    const { wrapper } = await open(
      comparison({ groups: [{ ...group, kind: "unchanged", title: "没有变化" }], open: 0 }),
    );
    expect(wrapper.text()).toContain(t.compare.unchangedLead);
    const others = await open(comparison());
    expect(others.wrapper.text()).not.toContain(t.compare.unchangedLead);
  });

  it("decides about everybody who is left in a group", async () => {
    const { wrapper, backend } = await open(comparison(), { compare_decide: () => comparison({ open: 0 }) });
    const rest = wrapper.find(".rest");
    expect(rest.text()).toContain(t.compare.rest(2));
    await rest.find("select").setValue("forgotten");
    expect(last(backend.calls, "compare_decide")?.["decision"]).toEqual({
      keys: [],
      group: "left",
      answer: "forgotten",
    });
  });

  it("takes all its drafts back in one step, and brings them back together", async () => {
    const making = (drafts: boolean) => [
      { kind: "contributor_registration", label: "缴存人登记", people: 1, draft: drafts ? "d1" : null, filing: null },
      { kind: "status_change", label: "缴存人状态变更", people: 4, draft: drafts ? "d2" : null, filing: null },
      { kind: "base_adjustment", label: "年度基数调整", people: 2, draft: null, filing: "f1" },
    ];
    const made = comparison({ open: 0, made: true, to_take_back: 2, making: making(true) });
    const { wrapper, backend } = await open(made, {
      compare_take_back: () => comparison({ open: 0, made: true, making: making(false) }),
      draft_restore: () => ({}),
    });
    const press = async (words: string) => {
      await wrapper
        .findAll("button")
        .find((each) => each.text() === words)
        ?.trigger("click");
      await flushPromises();
    };
    const goesOn = wrapper.findAll("button").some((each) => each.text() === t.compare.goOn("缴存人登记"));
    expect(goesOn, "what is to be done first is the way on").toBe(true);
    await press(t.compare.takeBack(2));
    expect(last(backend.calls, "compare_take_back")).toEqual({ comparison: "c1", revision: 3 });
    expect(wrapper.text()).toContain(t.compare.takenBack(2));
    expect(wrapper.text(), "there is nothing more to take back").not.toContain(t.compare.takeBack(2));
    await press(t.compare.bringAllBack);
    expect(last(backend.calls, "draft_restore"), "one of them names all").toEqual({ draft: "d1" });
    expect(wrapper.text()).not.toContain(t.compare.takenBack(2));
    expect(wrapper.text(), "they can be taken back again").toContain(t.compare.takeBack(2));
  });

  it("mends a cell of a row with errors, by hand or as proposed", async () => {
    const problem = {
      message: "证件号码校验位不对。",
      field: "id_number",
      label: "证件号码",
      text: "41080219900101001",
      fix: "41080219900101001X",
    };
    const broken = line({ key: "row:9", row: 9, kind: "not_comparable", answers: [], problems: [problem] });
    const { wrapper, backend } = await open(comparison(), {
      comparison_page: () => page([broken]),
      compare_mend: () => comparison({ revision: 4 }),
    });
    const cell = wrapper.find(".mend form");
    await cell.trigger("submit");
    expect(last(backend.calls, "compare_mend"), "what was not changed is not sent").toBeUndefined();
    await cell.find("input").setValue("410802199001010020");
    await cell.trigger("submit");
    const sent = { comparison: "c1", revision: 3, mend: { row: 9, field: "id_number", text: "410802199001010020" } };
    expect(last(backend.calls, "compare_mend")).toEqual(sent);
    await flushPromises();
    await wrapper
      .findAll("button")
      .find((each) => each.text() === t.compare.mendTo(problem.fix))
      ?.trigger("click");
    expect(last(backend.calls, "compare_mend")?.["mend"]).toMatchObject({ text: problem.fix });
  });

  it("says in which order the filings of one person are signed", async () => {
    const both = line({ key: "row:3", open: false, filings: ["缴存人状态变更", "年度基数调整"] });
    const { wrapper } = await open(comparison({ in_several: 1 }), { comparison_page: () => page([both]) });
    expect(wrapper.find("tbody").text()).toContain("年度基数调整");
    expect(wrapper.find(".order").text()).toBe(t.compare.inOrder(1));
  });

  it("makes the filings and leads to their drafts", async () => {
    const made = comparison({
      open: 0,
      made: true,
      making: [{ kind: "status_change", label: "缴存人状态变更", people: 4, draft: "d9", filing: null }],
    });
    const { wrapper, backend, app } = await open(comparison({ open: 0 }), { compare_to_drafts: () => made });
    await wrapper
      .findAll("button")
      .find((each) => each.text() === t.compare.make)
      ?.trigger("click");
    await flushPromises();
    expect(last(backend.calls, "compare_to_drafts")).toEqual({ comparison: "c1", revision: 3 });
    expect(
      wrapper.findAll("button").some((each) => each.text() === t.compare.make),
      "once",
    ).toBe(false);
    await wrapper
      .findAll("button")
      .find((each) => each.text() === t.compare.making("缴存人状态变更", 4))
      ?.trigger("click");
    expect(app.screen.value).toEqual({ name: "draft", draft: "d9", kind: "status_change" });
    expect(wrapper.find("tbody select").attributes("disabled"), "decisions stand").toBeDefined();
  });

  it("says what the core refuses and shows the newest state", async () => {
    const { wrapper, backend } = await open(comparison(), {
      compare_decide: () => {
        throw uiError("desk-comparison-stale");
      },
    });
    await wrapper.find("tbody select").setValue("forgotten");
    await flushPromises();
    expect(wrapper.find("[role=alert]").text()).toContain("页面已过时");
    expect(backend.calls.filter((call) => call.command === "comparison")).toHaveLength(2);
  });

  it("says when the center could not be asked", async () => {
    const { wrapper } = await open(comparison({ not_asked: 2, trouble: "net-unreachable" }));
    expect(wrapper.text()).toContain(t.compare.notAsked(2));
    expect(wrapper.findAll("button").some((each) => each.text() === t.compare.lookUp)).toBe(true);
  });
});

describe("the way to a comparison", () => {
  it("lists those that are kept and opens a payroll as one", async () => {
    const entry = {
      comparison: "c1",
      period: "2026-07",
      file_name: "七月.xlsx",
      open: 2,
      made: false,
      saved_at: "2026-07-06 14:40",
    };
    const { wrapper, app } = mountScreen(CompareScreen, {}, { comparisons: () => ({ comparisons: [entry] }) });
    await flushPromises();
    expect(wrapper.text()).toContain(t.compare.openCount(2));
    await wrapper.find(".workbooks button").trigger("click");
    expect(app.screen.value).toMatchObject({ name: "import", kind: "payroll" });
  });

  it("is offered where there is none yet", async () => {
    const { wrapper } = mountScreen(CompareScreen, {}, { comparisons: () => ({ comparisons: [] }) });
    await flushPromises();
    expect(wrapper.text()).toContain(t.compare.none);
  });

  it("compares a payroll that was previewed, and makes no draft of it", async () => {
    const ticket = { ticket: "w1", file_name: "七月.xlsx", size: 1, note: "" };
    const first = mountScreen(ImportScreen, { ticket });
    await flushPromises();
    const { wrapper, backend, app } = mountScreen(
      ImportScreen,
      { ticket, kind: "payroll" },
      {
        import_preview: async () => ({ ...(await first.backend.call<object>("import_preview", {})), kind: "payroll" }),
        compare_open: () => comparison(),
        import_accept: (): DraftView => {
          throw uiError("desk-bad-arguments");
        },
      },
    );
    await flushPromises();
    await wrapper
      .findAll("button")
      .find((each) => each.text() === t.compare.accept)
      ?.trigger("click");
    await flushPromises();
    expect(last(backend.calls, "compare_open")?.["choice"]).toMatchObject({ kind: "payroll", period: "2026-07" });
    expect(app.screen.value).toEqual({ name: "comparison", comparison: "c1" });
  });
});
