import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Component } from "vue";
import type { SessionView } from "../src/backend";
import BackupCard from "../src/screens/data/BackupCard.vue";
import RestoreDialog from "../src/screens/data/RestoreDialog.vue";
import DraftScreen from "../src/screens/draft/DraftScreen.vue";
import FilingScreen from "../src/screens/filing/FilingScreen.vue";
import ImportScreen from "../src/screens/import/ImportScreen.vue";
import QueryScreen from "../src/screens/query/QueryScreen.vue";
import { draftView, session, uiError, type Answers } from "./fake";
import { button, mountScreen } from "./mount";
import { queryView } from "./query";

const ticket = { ticket: "w1", file_name: "七月.xlsx", size: 1, note: "" };
const byFile: SessionView = { ...session, channel: "upload_file", signs: false };
const backups = { folder: "备份", backups: [], passphrase: "data", trouble: null };
const kept = {
  ...{ name: "huijiao-20260706-143200-daily.hjb", made_at: "2026-07-06 14:32", reason: "daily", version: "0.1.0" },
  ...{ drafts: 2, filings: 5, size: 2_400_000, portable: true, problem: null },
};
const clean = draftView({ blocking: 0, unconfirmed: 0, summary: [] });

interface Long {
  screen: Component;
  props: Record<string, unknown>;
  command: string;
  press: string;
  answers?: Answers;
  open?: SessionView;
}

const LONG: Record<string, Long> = {
  "a query that is exported": {
    screen: QueryScreen,
    props: { query: "suspense" },
    command: "query_export",
    press: "导出工作簿",
    answers: { query: () => queryView() },
  },
  "files for the center": {
    screen: DraftScreen,
    props: { draft: "d1" },
    command: "upload_export",
    press: "导出上传文件",
    answers: { draft: () => clean },
    open: byFile,
  },
  "a draft that is made": { screen: ImportScreen, props: { ticket }, command: "import_accept", press: "下一步" },
  evidence: { screen: FilingScreen, props: { filing: "f1" }, command: "filing_export", press: "导出签名文件" },
  "a backup": { screen: BackupCard, props: { view: backups }, command: "backup_make", press: "备份到…" },
  "the check of a backup": {
    screen: BackupCard,
    props: { view: { ...backups, backups: [kept] } },
    command: "backup_check",
    press: "检验",
  },
  "a backup that is read before it is restored": {
    screen: RestoreDialog,
    props: { open: true },
    command: "restore_look",
    press: "选用",
    answers: { backups: () => ({ ...backups, backups: [kept] }) },
  },
};

afterEach(() => vi.useRealTimers());

describe("what takes long", () => {
  test.each(Object.entries(LONG))("%s says how far it is and can be given up", async (_, long) => {
    let refuse: (thrown: unknown) => void = () => undefined;
    const { wrapper, backend } = mountScreen(
      long.screen,
      long.props,
      {
        ...long.answers,
        [long.command]: () => new Promise((__, reject) => (refuse = reject)),
        step: () => ({ done: 120, total: 400 }),
        step_cancel: () => {
          refuse(uiError("desk-given-up"));
          return null;
        },
      },
      long.open,
    );
    await flushPromises();
    vi.useFakeTimers();
    button(wrapper, long.press).click();
    await vi.advanceTimersByTimeAsync(0);
    expect(wrapper.find(".step button").exists(), "what is short needs no way out").toBe(false);
    await vi.advanceTimersByTimeAsync(301);
    const note = wrapper.get(".step");
    expect(note.get("[role=status]").text(), "it says what is under way").not.toBe("");
    expect(note.get("progress").attributes("value")).toBe("120");
    expect(note.text()).toMatch(/30 %|第 120 \/ 400 [页行]/);
    expect(note.text(), "nobody knows yet how fast it goes").not.toContain("约还需");
    await vi.advanceTimersByTimeAsync(1700);
    expect(note.text(), "120 of 400 in two seconds").toMatch(/约还需 [45] 秒/);
    await note.get("button").trigger("click");
    await vi.advanceTimersByTimeAsync(0);
    expect(backend.calls.filter((call) => call.command === "step_cancel")).toHaveLength(1);
    const said = wrapper.get("[role=alert]");
    expect(said.text()).toContain("没有写出任何文件");
    expect(said.classes(), "who gives up himself is not told off").toContain("calm");
    expect(wrapper.find(".step").exists(), "nothing runs any more").toBe(false);
    wrapper.unmount();
  });
});
