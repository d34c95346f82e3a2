import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { FilingStage, HomeView, ReviewView } from "../src/backend";
import DraftScreen from "../src/screens/draft/DraftScreen.vue";
import FindingsDock from "../src/screens/draft/FindingsDock.vue";
import { arranged } from "../src/screens/draft/pasted";
import { neighbour } from "../src/screens/draft/places";
import { reasonNotToSubmit } from "../src/screens/draft/ready";
import type { Shown } from "../src/screens/draft/use-draft";
import { useFindings } from "../src/screens/draft/use-findings";
import FilingScreen from "../src/screens/filing/FilingScreen.vue";
import { doubledField, withColumn, withHeader, withKind, withSheet } from "../src/screens/import/choice";
import KindScreen from "../src/screens/kind/KindScreen.vue";
import ImportScreen from "../src/screens/import/ImportScreen.vue";
import { nextStep } from "../src/screens/month/next-step";
import ReviewScreen from "../src/screens/review/ReviewScreen.vue";
import PassphraseForm from "../src/screens/start/PassphraseForm.vue";
import StartScreen from "../src/screens/start/StartScreen.vue";
import { defineComponent, shallowRef } from "vue";
import { createWork } from "../src/state/work";
import {
  blankDraft,
  cleanDraft,
  draftView,
  filingView,
  home,
  openedView,
  preview,
  refusedFiling,
  review,
  session,
  sheetFinding,
  start,
  summary,
  uiError,
  workbooks,
  type Fake,
} from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

describe("start", () => {
  test("shows the doors that work", () => {
    const { wrapper } = mountScreen(StartScreen, { start, error: null });
    expect(wrapper.findAll("button"), "four doors and the help").toHaveLength(5);
    expect(wrapper.text()).toContain("恢复备份");
    expect(wrapper.text()).toContain("添加单位");
    expect(wrapper.text()).toContain("体验演示中心");
  });

  test("goes through the door to the home page", async () => {
    const { wrapper, app } = mountScreen(StartScreen, { start, error: null });
    button(wrapper, "进入").click();
    await settle();
    expect(app.screen.value).toEqual({ name: "month" });
    expect(app.session.value).toEqual(session);
  });

  test("a door that fails says so and stays", async () => {
    const answers = {
      enter_demo: () => {
        throw uiError("desk-internal");
      },
    };
    const { wrapper, app } = mountScreen(StartScreen, { start, error: null }, answers);
    button(wrapper, "进入").click();
    await settle();
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
    expect(app.screen.value.name).toBe("start");
  });

  test("a new passphrase must be long enough and typed twice alike", async () => {
    const { wrapper, backend } = mountScreen(PassphraseForm, { vault: "new_passphrase" });
    const [first, second] = wrapper.findAll("input");
    await first?.setValue("short");
    await wrapper.get("form").trigger("submit");
    expect(wrapper.text()).toContain("至少 8 个字符");
    await first?.setValue("long enough one");
    await second?.setValue("long enough two");
    await wrapper.get("form").trigger("submit");
    expect(wrapper.text()).toContain("不一致");
    expect(backend.calls, "nothing was sent").toEqual([]);
  });

  test("a passphrase leaves its field when it is sent", async () => {
    const { wrapper, backend } = mountScreen(PassphraseForm, { vault: "locked" }, { unlock: () => start });
    const field = wrapper.get("input");
    await field.setValue("correct horse");
    await wrapper.get("form").trigger("submit");
    expect(backend.calls).toEqual([{ command: "unlock", args: { passphrase: "correct horse" } }]);
    expect(field.element.value).toBe("");
  });
});

describe("the proposed next step", () => {
  const kind = "base_adjustment";
  const nextOf = (view: HomeView) => nextStep(view, () => "年度基数调整");
  const line = home.filings[0];
  const withStage = (stage: "unknown" | "signed" | "refused"): HomeView => ({
    ...home,
    filings: line ? [{ ...line, stage, filing_number: null }] : [],
  });

  test("an open outcome comes before everything else", () => {
    expect(nextOf(withStage("unknown")).to).toEqual({ name: "filing", filing: "f1", kind });
  });

  test("then what is signed and not sent, then the draft, then the workbook", () => {
    expect(nextOf(withStage("signed")).to).toEqual({ name: "filing", filing: "f1", kind });
    expect(nextOf(home).to).toEqual({ name: "draft", draft: "d1", kind });
    expect(nextOf({ ...withStage("refused"), drafts: [] }).to).toEqual({ name: "filing", filing: "f1", kind });
    expect(nextOf({ ...home, drafts: [], filings: [] }).to).toBe("open");
  });
});

describe("a kind of filing", () => {
  const props = { kind: "contributor_registration", dragging: false };

  test("shows what it is for, by when, and only its own drafts and filings", async () => {
    const { wrapper } = mountScreen(KindScreen, props);
    await settle();
    expect(wrapper.get("h1").text()).toBe("缴存人登记");
    expect(wrapper.text()).toContain("自录用之日起 30 日内");
    expect(wrapper.text()).toContain("缴存基数或工资");
    expect(wrapper.text(), "the drafts of base adjustments are elsewhere").not.toContain("2026年基数调整");
  });

  test("says that a center does not take it", async () => {
    const { wrapper } = mountScreen(KindScreen, { ...props, kind: "contributor_update" });
    await settle();
    expect(wrapper.text()).toContain("没有列出这项业务");
  });

  test("begins a draft by hand for its month", async () => {
    const { wrapper, app, backend } = mountScreen(KindScreen, props);
    await settle();
    button(wrapper, "新建并录入").click();
    await settle();
    expect(backend.calls.at(-1)).toEqual({
      command: "draft_new",
      args: { kind: props.kind, period: "2026-07", with_roster: false },
    });
    expect(wrapper.text(), "not every kind is about everybody").not.toContain("按清册新建");
    expect(app.screen.value).toEqual({ name: "draft", draft: "h1", kind: props.kind });
  });

  test("begins with everybody of the roster where the kind is about everybody", async () => {
    const { wrapper, backend } = mountScreen(KindScreen, { ...props, kind: "base_adjustment" });
    await settle();
    button(wrapper, "按清册新建").click();
    await settle();
    const args = { kind: "base_adjustment", period: "2026-07", with_roster: true };
    expect(backend.calls.at(-1)).toEqual({ command: "draft_new", args });
  });

  test("a draft that is deleted can be brought back at once, and the focus is on that", async () => {
    const { wrapper, backend } = mountScreen(KindScreen, { ...props, kind: "base_adjustment" });
    await settle();
    wrapper.get<HTMLButtonElement>("[aria-label^='删除']").element.click();
    await settle();
    expect(backend.calls.at(-1)?.command).toBe("draft_delete");
    expect(document.activeElement?.textContent).toContain("恢复这份草稿");
    button(wrapper, "恢复这份草稿").click();
    await settle();
    expect(backend.calls.at(-1)).toEqual({ command: "draft_restore", args: { draft: home.drafts[0]?.draft } });
    expect(wrapper.text()).not.toContain("恢复这份草稿");
  });

  test("a table pasted on the page begins a draft with it, text pasted into a field does not", async () => {
    const { wrapper, app, backend } = mountScreen(KindScreen, props);
    await settle();
    const paste = (target: EventTarget): void => {
      const event = new Event("paste", { bubbles: true, cancelable: true });
      Object.assign(event, { clipboardData: { getData: () => "张伟\t110" } });
      target.dispatchEvent(event);
    };
    paste(wrapper.get("input").element);
    await settle();
    expect(backend.calls.some((call) => call.command === "draft_new")).toBe(false);
    paste(document.body);
    await settle();
    expect(app.screen.value).toEqual({ name: "draft", draft: "h1", kind: props.kind, paste: "张伟\t110" });
  });
});

describe("import", () => {
  const ticket = { ticket: "w1", file_name: "a.xlsx", size: 1, note: "" };

  test("other header rows forget the columns, another sheet forgets both", () => {
    const choice = {
      ticket: "w1",
      header_rows: [4, 4] as [number, number],
      columns: [[0, "name"]] as [number, string][],
    };
    expect(withHeader(choice, 5, 3)).toEqual({ ticket: "w1", header_rows: [5, 5] });
    expect(withSheet(choice, "七月")).toEqual({ ticket: "w1", sheet: "七月" });
  });

  test("one column changed names them all", () => {
    const choice = withColumn({ ticket: "w1" }, preview, 1, null);
    expect(choice.columns).toHaveLength(preview.columns.length);
    expect(choice.columns?.[1]).toEqual([1, null]);
    expect(choice.columns?.[2]).toEqual([2, "id_number"]);
  });

  test("another kind forgets the columns and keeps the header", () => {
    const choice = {
      ticket: "w1",
      header_rows: [4, 4] as [number, number],
      columns: [[0, "name"]] as [number, string][],
    };
    expect(withKind(choice, "status_change")).toEqual({ ticket: "w1", header_rows: [4, 4], kind: "status_change" });
  });

  test("is read as the kind it was opened for, and as another when that is chosen", async () => {
    const { wrapper, backend } = mountScreen(
      ImportScreen,
      { ticket, kind: "contributor_registration" },
      {
        import_preview: ({ choice }) => ({
          ...preview,
          kind: (choice as { kind: string }).kind,
          missing: ["缴存基数或工资"],
        }),
      },
    );
    await settle();
    expect(wrapper.text()).toContain("起缴年月");
    expect(wrapper.text()).toContain("还缺少必需的列：缴存基数或工资");
    await wrapper.find("select").setValue("base_adjustment");
    await settle();
    expect(wrapper.text()).toContain("生效年月");
    const asked = backend.calls.filter((call) => call.command === "import_preview").map((call) => call.args);
    expect(asked).toEqual([
      { choice: { ticket: "w1", kind: "contributor_registration" } },
      { choice: { ticket: "w1", kind: "base_adjustment" } },
    ]);
  });

  test("doubled fields are named", () => {
    const doubled = preview.columns.map((each) => (each.field === "old_base" ? { ...each, field: "new_base" } : each));
    expect(doubledField({ ...preview, columns: doubled })).toBe("新缴存基数");
    expect(doubledField(preview)).toBeNull();
  });

  test("accepts with the month and opens the draft", async () => {
    const { wrapper, app, backend } = mountScreen(ImportScreen, { ticket });
    await settle();
    button(wrapper, "下一步").click();
    await settle();
    const accepted = backend.calls.find((call) => call.command === "import_accept");
    expect(accepted?.args).toEqual({ choice: { ticket: "w1", kind: "base_adjustment", period: "2026-07" } });
    expect(app.screen.value).toEqual({ name: "draft", draft: "d1", kind: "base_adjustment" });
  });

  test("a workbook that can't be read says why and offers another", async () => {
    const answers = {
      import_preview: () => {
        throw uiError("sheet-encrypted");
      },
    };
    const { wrapper, app } = mountScreen(ImportScreen, { ticket }, answers);
    await settle();
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
    button(wrapper, "换一份文件").click();
    await settle();
    expect(app.screen.value).toEqual({ name: "import", ticket: workbooks[1] });
  });

  test("a text in letters that do not fit can be read in another encoding, and in a third", async () => {
    const encodings = "UTF-8 GB18030 BIG5";
    const { wrapper, backend } = mountScreen(
      ImportScreen,
      { ticket, kind: "base_adjustment" },
      {
        import_preview: ({ choice }) => {
          const { encoding } = choice as { encoding?: string };
          if (encoding === "BIG5") return { ...preview, encoding, encodings: encodings.split(" ") };
          throw uiError("sheet-broken-text", {
            args: { encoding: encoding ?? "utf-8", line: "1", byte: "2", encodings },
          });
        },
      },
    );
    await settle();
    for (const encoding of ["GB18030", "BIG5"]) {
      const select = wrapper.get("[role=alert] select");
      expect(select.findAll("option").map((option) => option.text())).toEqual([
        "请选择编码",
        "UTF-8",
        "GB18030",
        "BIG5",
      ]);
      await select.setValue(encoding);
      await settle();
    }
    expect(wrapper.find("[role=alert]").exists(), "it is read").toBe(false);
    expect(wrapper.findAll("select").map((select) => (select.element as HTMLSelectElement).value)).toContain("BIG5");
    const asked = backend.calls.filter((call) => call.command === "import_preview").map((call) => call.args["choice"]);
    const first = { ticket: "w1", kind: "base_adjustment" };
    expect(asked).toEqual([first, { ...first, encoding: "GB18030" }, { ...first, encoding: "BIG5" }]);
  });

  test("what is no question of letters offers none", async () => {
    const answers = {
      import_preview: () => {
        throw uiError("sheet-encrypted");
      },
    };
    const { wrapper } = mountScreen(ImportScreen, { ticket }, answers);
    await settle();
    expect(wrapper.find("[role=alert] select").exists()).toBe(false);
  });

  describe("an import that takes long", () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    test("can be given up, and not before it is noticed", async () => {
      vi.useFakeTimers();
      let refuse: (thrown: unknown) => void = () => undefined;
      const answers = {
        import_preview: () => new Promise((_, reject) => (refuse = reject)),
        step_cancel: () => {
          refuse(uiError("sheet-cancelled"));
          return null;
        },
      };
      const { wrapper, backend } = mountScreen(ImportScreen, { ticket }, answers);
      await settle();
      expect(wrapper.text()).not.toContain("取消");
      vi.advanceTimersByTime(301);
      await settle();
      button(wrapper, "取消").click();
      await settle();
      expect(backend.calls.map((call) => call.command)).toContain("step_cancel");
      expect(wrapper.find("[role=alert]").text()).toContain("已取消读取");
      expect(wrapper.findAll("button").map((each) => each.text())).not.toContain("取消");
    });
  });

  test("a sheet without accounts that nobody called a payroll is offered as one", async () => {
    const columns = preview.columns.map((each) =>
      each.field === "personal_account" ? { ...each, field: null, why: "" } : each,
    );
    const { wrapper, backend } = mountScreen(
      ImportScreen,
      { ticket },
      {
        import_preview: ({ choice }) => ({
          ...preview,
          columns,
          kind: (choice as { kind?: string }).kind ?? "base_adjustment",
        }),
      },
    );
    await settle();
    expect(wrapper.text()).toContain("这是每月的工资表吗？");
    button(wrapper, "按工资表比对").click();
    await settle();
    expect(backend.calls.filter((call) => call.command === "import_preview").at(-1)?.args).toEqual({
      choice: { ticket: "w1", kind: "payroll" },
    });
    expect(wrapper.text(), "it is one now").not.toContain("这是每月的工资表吗？");
    expect(button(wrapper, "开始比对").disabled).toBe(false);
  });

  test("a sheet with accounts, or opened for its kind, is not taken for a payroll", async () => {
    const accounts = mountScreen(ImportScreen, { ticket });
    await settle();
    expect(accounts.wrapper.text()).not.toContain("这是每月的工资表吗？");
    const columns = preview.columns.map((each) => ({ ...each, field: null }));
    const answers = { import_preview: () => ({ ...preview, columns }) };
    const chosen = mountScreen(ImportScreen, { ticket, kind: "contributor_registration" }, answers);
    await settle();
    expect(chosen.wrapper.text()).not.toContain("这是每月的工资表吗？");
  });

  test("another sheet that can't be read leaves the one on the screen as it was chosen", async () => {
    let reads = 0;
    const answers = {
      import_preview: () => {
        reads += 1;
        if (reads > 1) throw uiError("sheet-damaged");
        return preview;
      },
    };
    const { wrapper, backend } = mountScreen(ImportScreen, { ticket }, answers);
    await settle();
    await wrapper.findAll("select")[1]?.setValue(preview.sheets[1]?.name);
    await settle();
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
    button(wrapper, "下一步").click();
    await settle();
    const accepted = backend.calls.find((call) => call.command === "import_accept");
    expect(accepted?.args).toEqual({ choice: { ticket: "w1", kind: "base_adjustment", period: "2026-07" } });
  });

  test("without a header there is no next step", async () => {
    const { wrapper, backend } = mountScreen(
      ImportScreen,
      { ticket },
      { import_preview: () => ({ ...preview, header_rows: null, columns: [] }) },
    );
    await settle();
    expect(button(wrapper, "下一步").disabled).toBe(true);
    expect(wrapper.text()).toContain("没有找到表头行");
    expect(backend.calls.map((call) => call.command)).not.toContain("import_accept");
  });
});

describe("draft", () => {
  test("says what stands between it and the review", () => {
    expect(reasonNotToSubmit(draftView(), true)).toContain("9");
    expect(reasonNotToSubmit(draftView({ blocking: 0 }), true)).toContain("待确认");
    expect(reasonNotToSubmit(cleanDraft, true)).toBe("");
    expect(reasonNotToSubmit({ ...cleanDraft, totals: { ...cleanDraft.totals, people: 0 } }, true)).not.toBe("");
  });

  test("the next finding is the next in the grid, whatever the order of the list", () => {
    const [finding] = preview.findings;
    if (!finding) throw new Error("the preview has a finding");
    const at = (position: number | null, grid_column: number | null) => ({ ...finding, position, grid_column });
    const list = [at(9, 2), at(3, 4), at(3, null), at(null, 1)];
    expect(neighbour(list, { position: 3, column: -1 }, 1)).toEqual({ position: 3, column: 4 });
    expect(neighbour(list, { position: 3, column: 4 }, 1)).toEqual({ position: 9, column: 2 });
    expect(neighbour(list, { position: 9, column: 2 }, 1), "the caller begins again").toBeNull();
    expect(neighbour(list, { position: 9, column: 2 }, -1)).toEqual({ position: 3, column: 4 });
  });
});

describe("stepping through findings", () => {
  function hold(first: Shown | null = { view: draftView(), filter: { flagged: false } }) {
    const shown = shallowRef(first);
    const held: ReturnType<typeof useFindings>[] = [];
    const host = defineComponent({
      setup() {
        held.push(useFindings("d1", shown));
        return () => null;
      },
    });
    const { backend } = mountScreen(host, {});
    const [findings] = held;
    if (!findings) throw new Error("the host was set up");
    return { shown, findings, backend };
  }

  test("visits every one once and begins again, whatever group is open", async () => {
    const { findings, backend } = hold();
    findings.open("ID-CHECKSUM");
    await settle();
    expect(findings.list.value.map((each) => each.index)).toEqual([3, 40, 121]);
    const visited: number[] = [];
    let at = { position: 0, column: 0 };
    for (let press = 0; press < 13; press += 1) {
      at = (await findings.next(at, 1)) ?? at;
      visited.push(at.position);
    }
    expect(visited).toEqual([3, 5, 8, 9, 11, 15, 30, 40, 60, 77, 121, 200, 3]);
    expect(await findings.next({ position: 3, column: 2 }, -1)).toEqual({ position: 200, column: 1 });
    const asked = backend.calls.filter((call) => call.args["code"] === null);
    expect(asked, "read once, not at every press").toHaveLength(1);
  });

  test("the only kind of finding a draft opens with is open, of several none is", async () => {
    const of = (codes: number) => ({
      view: draftView({ summary: summary.slice(0, codes) }),
      filter: { flagged: false },
    });
    const one = hold(null);
    one.shown.value = of(1);
    await settle();
    expect(one.findings.code.value).toBe("ID-CHECKSUM");
    expect(one.findings.list.value.map((each) => each.index)).toEqual([3, 40, 121]);
    one.findings.open(null);
    one.shown.value = of(1);
    await settle();
    expect(one.findings.code.value, "what was closed stays closed").toBeNull();

    const several = hold(null);
    several.shown.value = of(2);
    await settle();
    expect(several.findings.code.value).toBeNull();
    several.shown.value = of(1);
    await settle();
    expect(several.findings.code.value, "nothing opens under the hands of who is mending").toBeNull();

    const many = hold(null);
    const hundreds = summary.slice(0, 1).map((one) => ({ ...one, count: 227 }));
    many.shown.value = { ...of(1), view: draftView({ summary: hundreds }) };
    await settle();
    expect(many.findings.code.value, "the keyboard gets past it").toBeNull();

    const confirmed = hold(null);
    confirmed.shown.value = { ...of(1), view: draftView({ summary: summary.slice(4) }) };
    await settle();
    expect(confirmed.findings.code.value, "what is confirmed wants nobody").toBeNull();
  });

  test("a group whose last finding is gone is closed", async () => {
    const { shown, findings } = hold();
    findings.open("ID-CHECKSUM");
    await settle();
    shown.value = { view: draftView({ summary: summary.slice(1) }), filter: { flagged: false } };
    await settle();
    expect(findings.code.value).toBeNull();
    expect(findings.list.value).toEqual([]);
  });
});

describe("the sums of a draft", () => {
  test("say that they leave unreadable rows out where something is wrong, and nothing of it where there are none", async () => {
    const wrong = mountScreen(DraftScreen, { draft: "d1" });
    await settle();
    expect(wrong.wrapper.text()).toContain("缺内容或读不出的行未计入");
    const clean = mountScreen(DraftScreen, { draft: "d1" }, { draft: () => cleanDraft });
    await settle();
    expect(clean.wrapper.text()).not.toContain("缺内容或读不出的行未计入");
  });
});

describe("taking every proposal of a kind", () => {
  const taken = (backend: Fake) =>
    backend.calls.filter((call) => call.command === "draft_fix").map((call) => call.args);

  async function press(wrapper: VueWrapper, label: string): Promise<void> {
    const found = wrapper.findAll("dialog[open] button").find((each) => each.text() === label);
    await found?.trigger("click");
    await settle();
  }

  test("shows what was and what would be, and waits for a yes", async () => {
    const answers = { draft_fix: () => draftView({ revision: 7, blocking: 5 }) };
    const { wrapper, backend } = mountScreen(DraftScreen, { draft: "d1" }, answers);
    await settle();
    const ask = wrapper.get('[aria-label="全部修正 4 处：姓名中有空格"]');
    await ask.trigger("click");
    await settle();
    expect(taken(backend), "nothing is mended before it was seen").toEqual([]);
    const dialog = wrapper.get("dialog[open]");
    expect(dialog.text()).toContain("将修正下面 4 处，作为一步，可以撤销");
    const rows = dialog.findAll("tbody tr").map((row) => row.findAll("td").map((cell) => cell.text()));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows[0]).toEqual([expect.stringMatching(/^第 \d+ 行 C 列$/), "410801198512310022", "27000.00"]);
    await press(wrapper, "取消");
    expect(wrapper.find("dialog[open]").exists()).toBe(false);
    expect(taken(backend), "and not after a no").toEqual([]);
    await ask.trigger("click");
    await settle();
    await press(wrapper, "全部修正");
    expect(taken(backend)).toMatchObject([{ draft: "d1", code: "NAME-SPACES" }]);
    expect(wrapper.text()).toContain("已修正 4 处，可以撤销");
  });

  test("goes on to the findings that did not come at once", async () => {
    const page = (offset: number) => ({
      revision: 7,
      total: 2,
      findings: [sheetFinding({ fix: `改-${offset}`, value: `原-${offset}`, row: offset + 5 })],
    });
    const answers = { draft_findings: ({ offset }: Record<string, unknown>) => page(Number(offset)) };
    const { wrapper } = mountScreen(DraftScreen, { draft: "d1" }, answers);
    await settle();
    await wrapper.get('[aria-label="全部修正 4 处：姓名中有空格"]').trigger("click");
    await settle();
    const dialog = wrapper.get("dialog[open]");
    expect(dialog.findAll("tbody tr")).toHaveLength(1);
    await press(wrapper, "显示更多");
    expect(dialog.findAll("tbody tr").map((row) => row.text())).toEqual([
      expect.stringContaining("原-0"),
      expect.stringContaining("原-1"),
    ]);
    expect(dialog.text(), "that was all").not.toContain("显示更多");
  });
});

test("findings that are all confirmed are said to be", async () => {
  const dock = (confirmed: string | null) =>
    mountScreen(FindingsDock, {
      summary: summary.slice(4).map((each) => ({ ...each, confirmed })),
      open: null,
      findings: [],
      hasMore: false,
      only: undefined,
      busy: false,
    }).wrapper.text();
  expect(dock("已核对身份证原件")).toContain("都已确认");
  expect(dock(null)).not.toContain("都已确认");
});

describe("a draft filled in by hand", () => {
  const missing = { code: "LOOKUP-MISSING", level: "error", title: "尚未向中心查询", fixable: 0, confirmed: null };
  const waiting = (revision: number) =>
    blankDraft({ revision, summary: [{ ...missing, count: 2 }], blocking: 2, can_undo: true });
  const asked = (backend: Fake): number => backend.calls.filter((call) => call.command === "draft_lookup").length;

  test("has no workbook to export and can be given rows", async () => {
    const { wrapper, backend } = mountScreen(DraftScreen, { draft: "h1" });
    await settle();
    expect(wrapper.text()).not.toContain("导出错误表");
    expect(wrapper.text(), "of its rows those that are filled in are filed").toContain("10 行（空行不申报）");
    expect(wrapper.text(), "nothing is due before a registration").not.toContain("差额");
    button(wrapper, "添加行").click();
    await settle();
    expect(backend.calls.find((call) => call.command === "draft_edit")?.args).toMatchObject({
      ops: [{ op: "add", rows: 10 }],
    });
  });

  test("asks the center by itself, once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { wrapper, backend } = mountScreen(
      DraftScreen,
      { draft: "h1" },
      { draft: () => waiting(2), draft_lookup: () => waiting(3) },
    );
    await settle();
    expect(wrapper.text()).toContain("正在向中心查询 2 人");
    vi.advanceTimersByTime(2_000);
    await settle();
    expect(asked(backend)).toBe(1);
    vi.advanceTimersByTime(60_000);
    await settle();
    expect(asked(backend), "an answer that leaves people open is no reason to ask again").toBe(1);
    button(wrapper, "向中心查询").click();
    await settle();
    expect(asked(backend)).toBe(2);
    vi.useRealTimers();
  });

  test("says that the center is not reached, and asks again when told to", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let reachable = false;
    const { wrapper, backend } = mountScreen(
      DraftScreen,
      { draft: "h1" },
      {
        draft: () => waiting(2),
        draft_lookup: () => {
          if (!reachable) throw uiError("net-unreachable");
          return blankDraft({ revision: 3 });
        },
      },
    );
    await settle();
    vi.advanceTimersByTime(2_000);
    await settle();
    expect(wrapper.text()).toContain("还有 2 人没有向中心查询");
    reachable = true;
    button(wrapper, "向中心查询").click();
    await settle();
    expect(asked(backend)).toBe(2);
    expect(wrapper.text()).not.toContain("没有向中心查询");
    vi.useRealTimers();
  });

  test("takes titles that were copied along as the names of the columns", () => {
    const { columns } = blankDraft();
    const table = "证件号码\t姓名\r\n110\t张伟\r\n";
    expect(arranged(table, columns)).toBe("张伟\t\t110\t\t\t\t\r\n");
    expect(arranged("110\t张伟\r\n", columns), "a table without titles stays as it is").toBe("110\t张伟\r\n");
    const other = "证件号码\t工号\r\n110\t7\r\n";
    expect(arranged(other, columns), "a title that is no column makes it no row of titles").toBe(other);
  });
});

describe("what moves no money", () => {
  test("shows no figures of money for review", async () => {
    const view = {
      ...review,
      kind: "contributor_update",
      largest: review.largest.map((line) => ({ ...line, old_base: "", new_base: "", what: "手机号码 13800000000" })),
    };
    const { wrapper } = mountScreen(ReviewScreen, { draft: "d1" }, { review: () => view });
    await settle();
    expect(wrapper.text()).toContain("申报的人员");
    expect(wrapper.text()).toContain("手机号码 13800000000");
    for (const word of ["差额", "大写", "月缴存额", "原基数"]) expect(wrapper.text()).not.toContain(word);
  });
});

describe("review", () => {
  async function openPin(answers: Parameters<typeof mountScreen>[2]) {
    const mounted = mountScreen(ReviewScreen, { draft: "d1" }, answers);
    await settle();
    button(mounted.wrapper, "签名并提交…").click();
    await settle();
    return mounted;
  }

  test.each<[string, Partial<ReviewView>]>([
    ["obstacles", { obstacles: summary.slice(0, 1) }],
    ["no certificate that can sign", { certificates: review.certificates.filter((each) => !each.usable) }],
    ["nobody to file for", { totals: { ...review.totals, people: 0 } }],
  ])("can't be signed with %s", async (_, change) => {
    const { wrapper } = mountScreen(ReviewScreen, { draft: "d1" }, { review: () => ({ ...review, ...change }) });
    await settle();
    expect(button(wrapper, "签名并提交…").disabled).toBe(true);
    expect(wrapper.find("#review-reason").text(), "with the reason beside it").not.toBe("");
  });

  test("signs the revision that was reviewed and shows the filing", async () => {
    const { wrapper, app, backend } = await openPin({});
    await wrapper.get("input[type=password]").setValue("135790");
    await wrapper.get("form").trigger("submit");
    await settle();
    expect(backend.calls.find((call) => call.command === "sign_and_submit")?.args).toEqual({
      draft: "d1",
      revision: 9,
      digest: review.digest,
      certificate: "c1",
      pin: "135790",
    });
    expect(app.screen.value).toEqual({ name: "filing", filing: "f1", kind: "base_adjustment" });
  });

  test("shows the digest of what is signed before and after", async () => {
    const { wrapper } = mountScreen(ReviewScreen, { draft: "d1" });
    await settle();
    expect(wrapper.text()).toContain(review.digest);
    const after = mountScreen(FilingScreen, { filing: "f1" });
    await settle();
    expect(after.wrapper.text(), "the same").toContain(review.digest);
    const none = mountScreen(ReviewScreen, { draft: "d1" }, { review: () => ({ ...review, digest: "" }) });
    await settle();
    expect(none.wrapper.text(), "none is made up").not.toContain("内容摘要");
  });

  test("the dialog says what the PIN is used for, and whose it is", async () => {
    const { wrapper } = await openPin({});
    const said = wrapper.get("dialog").text();
    const people = `用于签名并提交：${review.kind_name}，${review.period}，${review.totals.people} 人。`;
    expect(wrapper.get("dialog .purpose").text()).toContain(people);
    expect(said).toContain(review.certificates[0]?.holder);
    expect(said, "the sum that is signed for").toContain("元");
  });

  test.each([
    ["what is signed is another by now, nobody goes on over it", "另一份摘要", false],
    ["what is signed is still the same, the PIN is asked for again", review.digest, true],
  ])("after a refusal: where %s", async (_, digest, open) => {
    let refused = false;
    const { wrapper, backend } = await openPin({
      review: () => (refused ? { ...review, digest } : review),
      sign_and_submit: () => {
        refused = true;
        throw uiError("sign-wrong-pin", { args: { left: "2" } });
      },
    });
    await wrapper.get("input[type=password]").setValue("135790");
    await wrapper.get("form").trigger("submit");
    await settle();
    expect(wrapper.find("dialog input[type=password]").exists()).toBe(open);
    expect(wrapper.text(), "what would be signed now is shown").toContain(digest);
    expect(wrapper.text(), "and why it was not").toContain("PIN");
    expect(backend.calls.filter(({ command }) => command === "sign_and_submit")).toHaveLength(1);
  });

  test("the PIN is gone from the page as soon as it is sent, and is in no state", async () => {
    let release: (value: unknown) => void = () => undefined;
    const { wrapper, app } = await openPin({ sign_and_submit: () => new Promise((resolve) => (release = resolve)) });
    const field = wrapper.get<HTMLInputElement>("input[type=password]");
    expect(field.attributes("autocomplete")).toBe("off");
    await field.setValue("135791");
    await wrapper.get("form").trigger("submit");
    expect(field.element.value, "cleared while the signing still runs").toBe("");
    expect(wrapper.html()).not.toContain("135791");
    expect(JSON.stringify([app.screen.value, app.session.value])).not.toContain("135791");
    release(filingView("accepted"));
    await settle();
  });

  test("pressing twice signs once", async () => {
    let release: (value: unknown) => void = () => undefined;
    const { wrapper, backend } = await openPin({
      sign_and_submit: () => new Promise((resolve) => (release = resolve)),
    });
    const field = wrapper.get<HTMLInputElement>("input[type=password]");
    for (let press = 0; press < 2; press += 1) {
      field.element.value = "135790";
      await wrapper.get("form").trigger("submit");
    }
    release(filingView("accepted"));
    await settle();
    expect(backend.calls.filter((call) => call.command === "sign_and_submit")).toHaveLength(1);
  });

  test("a wrong PIN stays in the dialog and reads the tries left anew", async () => {
    const { wrapper, app, backend } = await openPin({
      sign_and_submit: () => {
        throw uiError("sign-wrong-pin", { args: { left: "2" } });
      },
    });
    await wrapper.get("input[type=password]").setValue("000000");
    await wrapper.get("form").trigger("submit");
    await settle();
    expect(wrapper.get("dialog").find("[role=alert]").exists()).toBe(true);
    expect(backend.calls.filter((call) => call.command === "review")).toHaveLength(2);
    expect(app.screen.value.name, "nothing was filed").not.toBe("filing");
  });

  test("before the last try it is said what a wrong one does", async () => {
    const last = { ...review.certificates[0], tries_left: 1 };
    const { wrapper } = await openPin({ review: () => ({ ...review, certificates: [last] }) });
    const hint = wrapper.get("dialog input[type=password]").attributes("aria-describedby");
    expect(wrapper.get(`[id="${hint}"]`).text(), "where the PIN is typed, for those who listen too").toContain(
      "再输错就会锁定",
    );
  });

  test("a key locked by the last wrong PIN closes the dialog instead of turning to another certificate", async () => {
    const other = { ...review.certificates[0], certificate: "c9", holder: "吴敏" };
    let tried = false;
    const { wrapper } = await openPin({
      review: () => ({
        ...review,
        certificates: [{ ...review.certificates[0], usable: !tried, reason: tried ? "sign-pin-locked" : null }, other],
      }),
      sign_and_submit: () => {
        tried = true;
        throw uiError("sign-pin-locked");
      },
    });
    await wrapper.get("input[type=password]").setValue("000000");
    await wrapper.get("form").trigger("submit");
    await settle();
    expect(wrapper.find("input[type=password]").exists(), "nothing is left to type a PIN into").toBe(false);
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
  });

  test("an empty PIN is not sent", async () => {
    const { wrapper, backend } = await openPin({});
    await wrapper.get("form").trigger("submit");
    expect(wrapper.text()).toContain("请输入 PIN");
    expect(backend.calls.map((call) => call.command)).not.toContain("sign_and_submit");
  });
});

describe("filing", () => {
  async function show(view: ReturnType<typeof filingView>, answers = {}) {
    const mounted = mountScreen(FilingScreen, { filing: "f1" }, { filing: () => view, ...answers });
    await settle();
    return mounted;
  }

  describe("of a registration", () => {
    const registered = (stage: FilingStage) => {
      const view = filingView(stage);
      return { ...view, line: { ...view.line, kind: "contributor_registration" } };
    };

    test("says which accounts were opened, leads to each and writes them down", async () => {
      const { wrapper, app } = await show(registered("settled"));
      const card = wrapper.get("[aria-labelledby=filing-opened]");
      expect(card.text()).toContain("008000000001");
      expect(card.text(), "nobody's whole number").not.toMatch(/\d{17}[\dX]/);
      button(wrapper, "导出 Excel").click();
      await settle();
      expect(card.text()).toContain("新开立的个人账号-DJ2026070600021.xlsx");
      button(wrapper, "王小明").click();
      expect(app.screen.value).toEqual({ name: "contributors", account: "008000000001" });
    });

    test("says of how many the account is still awaited", async () => {
      const none = { ...openedView(3), opened: 0, lines: [] };
      const { wrapper } = await show(registered("partly_settled"), { filing_accounts: () => none });
      const card = wrapper.get("[aria-labelledby=filing-opened]").text();
      expect(card).toContain("另有 3 人待开立");
      expect(card).toContain("清册里还没有这些人的账号");
      expect(card, "there is nothing to write down").not.toContain("导出");
    });

    test("asks for no account that cannot be there", async () => {
      for (const view of [registered("accepted"), registered("refused"), filingView("settled")]) {
        const { wrapper, backend } = await show(view);
        expect(wrapper.text()).not.toContain("新开立的个人账号");
        expect(backend.calls.map((call) => call.command)).not.toContain("filing_accounts");
      }
    });
  });

  test("of several drafts of a month leads to the next one, and to the month after the last", async () => {
    const settled = filingView("settled");
    const [one] = home.drafts;
    if (!one) throw new Error("a draft is needed");
    const drafts = [{ ...one, draft: "d7", period: settled.line.period, kind: "status_change" }];
    const { wrapper, app } = mountScreen(
      FilingScreen,
      { filing: "f1" },
      { filing: () => settled, home: () => ({ ...home, drafts }) },
    );
    await settle();
    button(wrapper, "继续下一份草稿（还有 1 份）").click();
    expect(app.screen.value).toEqual({ name: "draft", draft: "d7", kind: "status_change" });
    const last = mountScreen(
      FilingScreen,
      { filing: "f1" },
      { filing: () => settled, home: () => ({ ...home, drafts: [{ ...one, period: "2031-01" }] }) },
    );
    await settle();
    expect(last.wrapper.text(), "another month's is not offered").not.toContain("继续下一份草稿");
    expect(last.wrapper.text()).toContain("回到本月");
  });

  test("of several drafts the next is the one that comes first in the month, whenever it was saved", async () => {
    const settled = filingView("settled");
    const [one] = home.drafts;
    if (!one) throw new Error("a draft is needed");
    const draft = (id: string, kind: string) => ({ ...one, draft: id, period: settled.line.period, kind });
    const drafts = [
      draft("d9", "base_adjustment"),
      draft("d8", "contributor_update"),
      draft("d7", "contributor_registration"),
    ];
    const { wrapper, app } = await show(settled, { home: () => ({ ...home, drafts }) });
    button(wrapper, "继续下一份草稿（还有 3 份）").click();
    expect(app.screen.value).toEqual({ name: "draft", draft: "d7", kind: "contributor_registration" });
  });

  test.each(["unknown", "submitting"] as const)("%s offers nothing but asking", async (stage) => {
    const { wrapper, backend } = await show(filingView(stage, { trouble: uiError("net-cut") }));
    expect(wrapper.findAll("button").map((each) => each.text())).toEqual(["查询结果"]);
    button(wrapper, "查询结果").click();
    await settle();
    expect(backend.calls.map((call) => call.command)).toEqual(["filing", "ask"]);
    expect(wrapper.text()).toContain("中心已受理");
  });

  test("signed and not sent goes on with the same bytes", async () => {
    const { wrapper, backend } = await show(filingView("signed"));
    button(wrapper, "继续提交").click();
    await settle();
    expect(backend.calls.at(-1)).toEqual({ command: "ask", args: { filing: "f1" } });
  });

  test("refused shows the rows and becomes a draft again", async () => {
    const refused = refusedFiling();
    const args = { title: "核对未通过", detail: "经办大厅 3 号窗口", problem: "checks_failed", status: "422" };
    const trouble = refused.trouble ? { ...refused.trouble, code: "problem-checks-failed", args } : null;
    const { wrapper, app } = await show({ ...refused, trouble });
    expect(wrapper.text()).toContain("中心清册中没有这个证件号码");
    const support = wrapper.get("section[aria-labelledby=filing-refused] details");
    expect(support.attributes("open"), "closed until asked for").toBeUndefined();
    for (const word of ["problem-checks-failed", "422", "经办大厅 3 号窗口"]) expect(support.text()).toContain(word);
    button(wrapper, "退回修改").click();
    await settle();
    expect(app.screen.value).toEqual({ name: "draft", draft: "d1", kind: "base_adjustment" });
  });

  test("a false receipt is never shown as a good one", async () => {
    const view = filingView("accepted");
    const receipt = view.receipt && {
      ...view.receipt,
      valid: false,
      steps: view.receipt.steps.map((step, index) => ({ ...step, passed: index > 0 })),
    };
    const { wrapper } = await show({ ...view, receipt });
    expect(wrapper.text()).toContain("回执核验未通过");
    expect(wrapper.text()).not.toContain("回执核验通过");
    expect(wrapper.findAll(".checks li").map((each) => each.classes("passed"))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(() => button(wrapper, "查询结果")).not.toThrow();
  });

  test("export tells the folder", async () => {
    const { wrapper } = await show(filingView("accepted"));
    button(wrapper, "导出签名文件").click();
    await settle();
    expect(wrapper.text()).toContain("已导出到 C:\\Users");
  });
});

describe("the progress bar", () => {
  test("is for work that can be noticed", async () => {
    vi.useFakeTimers();
    const work = createWork();
    let finish: () => void = () => undefined;
    const done = work.follow(new Promise<void>((resolve) => (finish = resolve)));
    vi.advanceTimersByTime(299);
    expect(work.shown.value).toBe(false);
    vi.advanceTimersByTime(2);
    expect(work.shown.value).toBe(true);
    finish();
    await done;
    expect(work.shown.value).toBe(false);
    vi.useRealTimers();
  });
});
