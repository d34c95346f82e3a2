import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import type { AuditView, BackupLine, BackupsView, RestoreView } from "../src/backend";
import AuditScreen from "../src/screens/data/AuditScreen.vue";
import DataScreen from "../src/screens/data/DataScreen.vue";
import NoticeBell from "../src/screens/notices/NoticeBell.vue";
import StartScreen from "../src/screens/start/StartScreen.vue";
import { session, start, uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

const line: BackupLine = {
  name: "huijiao-20260706-143200-daily.hjb",
  made_at: "2026-07-06 14:32",
  reason: "daily",
  version: "0.1.0",
  drafts: 2,
  filings: 5,
  size: 2_400_000,
  portable: true,
  problem: null,
};
const broken: BackupLine = { ...line, name: "huijiao-20260705-090000-daily.hjb", problem: uiError("backup-truncated") };
const backups: BackupsView = {
  folder: "/数据/backups",
  chosen: false,
  backups: [line, broken],
  passphrase: "recovery",
  trouble: null,
};
const look: RestoreView = { backup: line, asks_passphrase: true, replaces: true };

describe("backups", () => {
  test("without a passphrase the screen says what that means, and setting one asks twice", async () => {
    const { wrapper, backend } = mountScreen(
      DataScreen,
      {},
      { backups: () => ({ ...backups, passphrase: "none" }), passphrase_change: () => backups },
    );
    await flushPromises();
    expect(wrapper.text()).toContain("尚未设置");
    button(wrapper, "设置恢复口令").click();
    await flushPromises();
    const [first, second] = wrapper.findAll<HTMLInputElement>("input[type=password]");
    await first?.setValue("只在测试里用的口令");
    await second?.setValue("打错了的一句话呢");
    await wrapper.find("dialog form").trigger("submit");
    expect(wrapper.text()).toContain("两次输入的口令不一致");
    expect(backend.calls.some(({ command }) => command === "passphrase_change")).toBe(false);
    await second?.setValue("只在测试里用的口令");
    await wrapper.find("dialog form").trigger("submit");
    await flushPromises();
    const set = backend.calls.findIndex(({ command }) => command === "passphrase_change");
    expect(backend.calls[set]?.args).toEqual({ passphrase: "只在测试里用的口令" });
    expect(wrapper.text()).toContain("已设置");
    // The screen can be locked from now on: nobody has to come back here first.
    expect(backend.calls.slice(set).some(({ command }) => command === "safety")).toBe(true);
  });

  test("the automatic ones go where the user wants; where that is away it is said", async () => {
    const away = uiError("desk-backup-folder", { args: { folder: "/媒体/备份盘" } });
    const answers = {
      backups: () => backups,
      backup_folder_set: ({ ticket }: { ticket?: unknown }) =>
        ticket === null ? backups : { ...backups, folder: "/媒体/备份盘", chosen: true, trouble: away },
    };
    const { wrapper, backend } = mountScreen(DataScreen, {}, answers, session, "window");
    await flushPromises();
    expect(wrapper.text()).toContain("与数据在同一块磁盘上");
    expect(wrapper.text()).not.toContain("改回数据文件夹");
    backend.chooseFolder = async () => null;
    button(wrapper, "更换自动备份的位置").click();
    await flushPromises();
    const set = (): object[] => backend.calls.filter(({ command }) => command === "backup_folder_set");
    expect(set(), "she changed her mind").toEqual([]);
    backend.chooseFolder = async () => ({ ticket: "disk", file_name: "备份盘", size: 0, note: "" });
    button(wrapper, "更换自动备份的位置").click();
    await flushPromises();
    expect(set()).toEqual([{ command: "backup_folder_set", args: { ticket: "disk" } }]);
    expect(wrapper.text()).toContain("放在 /媒体/备份盘");
    expect(wrapper.get("[role=alert]").text()).toContain("连不上或不能写入");
    button(wrapper, "改回数据文件夹").click();
    await flushPromises();
    expect(set().at(-1)).toEqual({ command: "backup_folder_set", args: { ticket: null } });
    expect(wrapper.text()).toContain("放在 /数据/backups");
  });

  test("a browser names no folder", async () => {
    const { wrapper } = mountScreen(DataScreen, {}, { backups: () => backups });
    await flushPromises();
    expect(wrapper.text()).not.toContain("更换自动备份的位置");
  });

  test("moving goes step by step, and each step is really done", async () => {
    const { wrapper, backend } = mountScreen(
      DataScreen,
      {},
      {
        backups: () => ({ ...backups, passphrase: "none" }),
        passphrase_change: () => backups,
        backup_make: () => ({ folder: "/媒体/U盘", file: "huijiao.hjb" }),
      },
    );
    await flushPromises();
    const move = () => wrapper.find("[aria-labelledby=data-move]");
    const make = () =>
      move()
        .findAll("button")
        .find((each) => each.text() === "备份到…");
    expect(make()?.attributes("disabled")).toBeDefined();
    await move()
      .findAll("button")
      .find((each) => each.text() === "设置恢复口令")
      ?.trigger("click");
    const fields = wrapper.findAll<HTMLInputElement>("input[type=password]");
    for (const field of fields) await field.setValue("只在测试里用的口令");
    await wrapper.find("dialog form").trigger("submit");
    await flushPromises();
    await make()?.trigger("click");
    await flushPromises();
    expect(backend.calls.some(({ command }) => command === "backup_make")).toBe(true);
    expect(move().text()).toContain("已备份为「huijiao.hjb」，在 /媒体/U盘");
  });

  test("a damaged backup is shown as such and cannot be chosen", async () => {
    const { wrapper } = mountScreen(StartScreen, { start, error: null }, { backups: () => backups, units: () => [] });
    await flushPromises();
    button(wrapper, "选择备份").click();
    await flushPromises();
    const choices = wrapper.findAll("dialog li button");
    expect(choices.map((choice) => choice.attributes("disabled") !== undefined)).toEqual([false, true]);
    expect(wrapper.text()).toContain("不可用");
  });

  test("leaving while a backup is read gives it up", async () => {
    let refuse: (thrown: unknown) => void = () => undefined;
    const { wrapper, backend } = mountScreen(
      StartScreen,
      { start, error: null },
      {
        backups: () => backups,
        units: () => [],
        restore_look: () => new Promise((_, reject) => (refuse = reject)),
        step_cancel: () => {
          refuse(uiError("desk-given-up"));
          return null;
        },
      },
    );
    await flushPromises();
    button(wrapper, "选择备份").click();
    await flushPromises();
    button(wrapper, "选用").click();
    await flushPromises();
    const leave = wrapper.findAll("dialog .buttons button").find((each) => each.text() === "取消");
    await leave?.trigger("click");
    await flushPromises();
    expect(backend.calls.filter(({ command }) => command === "step_cancel")).toHaveLength(1);
    expect(wrapper.find("dialog .buttons").exists(), "it is closed").toBe(false);
    button(wrapper, "选择备份").click();
    await flushPromises();
    expect(wrapper.find("dialog [role=alert]").exists(), "what she gave up is not told her again").toBe(false);
  });

  test("restoring says what is replaced, and a wrong passphrase leaves everything open to another try", async () => {
    let tries = 0;
    const { wrapper, backend } = mountScreen(
      StartScreen,
      { start: null, error: uiError("store-damaged") },
      {
        backups: () => backups,
        restore_look: () => look,
        restore: () => {
          tries += 1;
          if (tries === 1) throw uiError("vault-wrong-passphrase");
          return start;
        },
      },
    );
    await flushPromises();
    expect(wrapper.text()).toContain("本机数据已损坏");
    button(wrapper, "选择备份").click();
    await flushPromises();
    button(wrapper, "选用").click();
    await flushPromises();
    expect(wrapper.text()).toContain("本机现有的数据会被这份备份取代");
    const submit = async (passphrase: string): Promise<void> => {
      await wrapper.find<HTMLInputElement>("dialog input[type=password]").setValue(passphrase);
      await wrapper.find("dialog form").trigger("submit");
      await flushPromises();
    };
    await submit("不是这一句话吧");
    expect(wrapper.text()).toContain("口令不对");
    expect(wrapper.find<HTMLInputElement>("dialog input[type=password]").element.value).toBe("");
    await submit("只在测试里用的口令");
    expect(backend.calls.at(-1)?.args).toEqual({ choice: { name: line.name }, passphrase: "只在测试里用的口令" });
    expect(wrapper.emitted("started") ?? wrapper.findComponent(StartScreen).emitted("started")).toHaveLength(1);
  });
});

describe("the log", () => {
  const log: AuditView = { lines: [], page: 0, pages: 1, found: 0, entries: 0, kinds: [], head: "", broken: null };

  test("says that it is read, and not under what was read nor beside what failed", async () => {
    let fail: (thrown: unknown) => void = () => undefined;
    const answers = { audit: () => new Promise((_, reject) => (fail = reject)) };
    const { wrapper } = mountScreen(AuditScreen, {}, answers);
    await flushPromises();
    expect(wrapper.text()).toContain("正在读取操作日志");
    fail(uiError("desk-internal"));
    await flushPromises();
    expect(wrapper.text()).not.toContain("正在读取操作日志");
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
    const read = mountScreen(AuditScreen, {}, { audit: (): AuditView => log });
    await flushPromises();
    expect(read.wrapper.text()).not.toContain("正在读取操作日志");
  });
});

test("notices that were never read do not say that there are none", async () => {
  const { wrapper } = mountScreen(NoticeBell, {}, { notices: () => new Promise(() => undefined) });
  await flushPromises();
  await wrapper.get("button").trigger("click");
  await flushPromises();
  expect(document.body.textContent).toContain("正在处理");
  expect(document.body.textContent).not.toContain("现在没有需要留意的事");
});
