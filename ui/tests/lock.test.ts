import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import App from "../src/App.vue";
import type { AuditView, StartView } from "../src/backend";
import AuditScreen from "../src/screens/data/AuditScreen.vue";
import SafetyCard from "../src/screens/data/SafetyCard.vue";
import { appKey, createAppState } from "../src/state/app";
import { isIdField, maskId, maskIdsIn } from "../src/widgets/mask";
import { fakeBackend, safety, session, start, uiError, type Answers } from "./fake";
import { button, mountScreen } from "./mount";

const open: StartView = { ...start, session };
const locked: StartView = { ...start, lock: [{ certificate: "clerk", holder: "王晓敏" }] };

async function inside(answers: Answers = {}) {
  const backend = fakeBackend({ start: () => open, lock: () => locked, unlock_screen: () => open, ...answers });
  const app = createAppState(backend);
  const wrapper = mount(App, { attachTo: document.body, global: { provide: { [appKey as symbol]: app } } });
  await flushPromises();
  await flushPromises();
  return { wrapper, backend, app };
}

const asked = (backend: { calls: { command: string }[] }, name: string): number =>
  backend.calls.filter(({ command }) => command === name).length;

afterEach(() => {
  vi.useRealTimers();
  document.body.innerHTML = "";
});

describe("the locked screen", () => {
  test("Ctrl+L takes the page out of the document, and unlocking leads back to where one was", async () => {
    const { wrapper, app } = await inside();
    app.go({ name: "contributors" });
    await flushPromises();
    expect(document.body.textContent).toContain(session.unit_name);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "l", ctrlKey: true }));
    await flushPromises();
    expect(document.body.textContent).toContain("屏幕已锁定");
    expect(document.body.innerHTML).not.toContain(session.unit_name);
    expect(document.body.innerHTML).not.toContain(session.unit_account);
    expect(app.session.value).toBeNull();
    await wrapper.find<HTMLInputElement>("input[type=password]").setValue("123456");
    await wrapper.find("form").trigger("submit");
    await flushPromises();
    expect(document.body.textContent).toContain(session.unit_name);
    expect(app.screen.value.name).toBe("contributors");
    wrapper.unmount();
  });

  test("what locked it was not the page: the pulse takes the page out of the document as well", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let gone = false;
    const { wrapper, app } = await inside({
      start: () => (gone ? locked : open),
      pulse: () => ({ revision: 0, online: true, as_of: "", notices: [], locked: gone }),
    });
    expect(document.body.textContent).toContain(session.unit_name);
    gone = true;
    await vi.advanceTimersByTimeAsync(3000);
    await flushPromises();
    expect(document.body.textContent).toContain("屏幕已锁定");
    expect(document.body.innerHTML).not.toContain(session.unit_name);
    expect(app.session.value).toBeNull();
    wrapper.unmount();
  });

  test("a wrong PIN leaves it locked", async () => {
    const { wrapper } = await inside({
      start: () => locked,
      unlock_screen: () => {
        throw uiError("sign-wrong-pin");
      },
    });
    await wrapper.find<HTMLInputElement>("input[type=password]").setValue("000000");
    await wrapper.find("form").trigger("submit");
    await flushPromises();
    expect(document.body.textContent).toContain("屏幕已锁定");
    expect(wrapper.find<HTMLInputElement>("input[type=password]").element.value).toBe("");
    wrapper.unmount();
  });

  test("it locks when nobody has been there for as long as was chosen, and not before", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    const { wrapper, backend } = await inside({ safety: () => ({ ...safety, lock_minutes: 5 }) });
    vi.advanceTimersByTime(4 * 60_000);
    window.dispatchEvent(new Event("pointermove"));
    vi.advanceTimersByTime(4 * 60_000);
    expect(asked(backend, "lock")).toBe(0);
    vi.advanceTimersByTime(70_000);
    await flushPromises();
    expect(asked(backend, "lock")).toBe(1);
    wrapper.unmount();
  });

  test("after the computer slept the first touch locks instead of being taken", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    const { wrapper, backend } = await inside({ safety: () => ({ ...safety, lock_minutes: 5 }) });
    vi.setSystemTime(Date.now() + 60 * 60_000);
    window.dispatchEvent(new Event("pointermove"));
    await flushPromises();
    expect(asked(backend, "lock")).toBe(1);
    wrapper.unmount();
  });

  test("a clock that is set back a day does not leave it open for a day", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    const { wrapper, backend } = await inside({ safety: () => ({ ...safety, lock_minutes: 5 }) });
    vi.setSystemTime(Date.now() - 24 * 60 * 60_000);
    vi.advanceTimersByTime(4 * 60_000);
    expect(asked(backend, "lock")).toBe(0);
    vi.advanceTimersByTime(70_000);
    await flushPromises();
    expect(asked(backend, "lock")).toBe(1);
    wrapper.unmount();
  });

  test("where nothing could unlock it the user is led to where that is set", async () => {
    const { wrapper, backend, app } = await inside({ safety: () => ({ ...safety, can_lock: false }) });
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "l", ctrlKey: true }));
    await flushPromises();
    expect(asked(backend, "lock")).toBe(0);
    expect(app.screen.value.name).toBe("data");
    wrapper.unmount();
  });
});

describe("a screen that cannot be locked", () => {
  test("is said where one chooses after how long it is", async () => {
    const { wrapper } = mountScreen(SafetyCard, {}, { safety: () => ({ ...safety, can_lock: false }) });
    await flushPromises();
    expect(wrapper.find(".tone-warn").text()).toBe("现在不会锁屏");
    expect(wrapper.text()).toContain("设置恢复口令后立即生效");
    const { wrapper: locks } = mountScreen(SafetyCard, {}, { safety: () => safety });
    await flushPromises();
    expect(locks.text()).not.toContain("现在不会锁屏");
  });
});

describe("masks", () => {
  test("as the core masks", () => {
    expect(maskId("410801198512310031")).toBe("4108**********0031");
    expect(maskId("410801851231003")).toBe("4108*******1003");
    expect(maskId("E12345678")).toBe("E1*****78");
    expect(maskId("123")).toBe("***");
    expect(maskId("")).toBe("");
    expect([isIdField("id_number"), isIdField("new_id_number"), isIdField("name"), isIdField(null)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(maskIdsIn("证件 41080119851231003x，账号 100200300400")).toBe("证件 4108**********003x，账号 100200300400");
    expect(maskIdsIn("6222020000000000000")).toBe("6222020000000000000");
  });

  test("can be taken off, and the choice is kept", async () => {
    const { wrapper, backend, app } = mountScreen(SafetyCard, {}, { safety_set: () => ({ ...safety, masked: false }) });
    await flushPromises();
    await wrapper.find("input[type=checkbox]").setValue(false);
    await flushPromises();
    expect(backend.calls.at(-1)).toEqual({
      command: "safety_set",
      args: { lock_minutes: 10, masked: false, retention_days: 0 },
    });
    expect(app.safety.value?.masked).toBe(false);
  });
});

describe("what is kept no longer", () => {
  const due = { ...safety, erasable: { ...safety.erasable, people: 3, drafts: 1 } };

  test("is said before it goes, and what stays as well", async () => {
    let gone = false;
    const answers = {
      safety: () => (gone ? safety : due),
      erase: () => {
        gone = true;
        return { summary: "离职人员 3、草稿 1", erased: due.erasable, trouble: null };
      },
    };
    const { wrapper, backend } = mountScreen(SafetyCard, {}, answers);
    await flushPromises();
    expect(wrapper.text()).toContain("000100200300　演示市住房公积金管理中心：5 年");
    expect(wrapper.text()).toContain("3 名离职人员、1 份草稿");
    button(wrapper, "现在清理").click();
    await flushPromises();
    expect(wrapper.find("dialog").text()).toContain("将从本机删除 3 名离职人员、1 份草稿");
    expect(wrapper.find("dialog").text()).toContain("申报、回执和操作日志保留");
    expect(asked(backend, "erase")).toBe(0);
    await wrapper.find("dialog").findAll("button")[1]?.trigger("click");
    await flushPromises();
    expect(asked(backend, "erase")).toBe(1);
    expect(wrapper.text()).toContain("没有到期的资料");
    expect(button(wrapper, "现在清理").disabled).toBe(true);
  });

  test("is said while it is not out of the log, and can be tried again without a question", async () => {
    const trouble = { code: "store-log-busy", args: {}, findings: [], help: "backup", trace: "", version: "" };
    let tries = 0;
    const answers = {
      safety: () => ({ ...safety, unemptied: tries < 2 ? trouble : null }),
      erase: () => {
        tries += 1;
        return { summary: "", erased: safety.erasable, trouble: tries < 2 ? trouble : null };
      },
    };
    const { wrapper, backend } = mountScreen(SafetyCard, {}, answers);
    await flushPromises();
    expect(wrapper.text()).toContain("删除的内容还没有清空");
    for (const time of [1, 2]) {
      button(wrapper, "现在清理").click();
      await flushPromises();
      expect(asked(backend, "erase"), "nothing more is deleted, so nothing is asked").toBe(time);
    }
    expect(wrapper.text()).not.toContain("删除的内容还没有清空");
    expect(button(wrapper, "现在清理").disabled).toBe(true);
  });
});

describe("backups of before an erasure", () => {
  const older = {
    erased_at: "2026-07-06 14:32",
    backups: [
      { path: "/backups/huijiao-20260701-090000-daily.hjb", made_at: "2026-07-01 09:00", here: true },
      { path: "/media/stick/huijiao-20260702-090000-manual.hjb", made_at: "2026-07-02 09:00", here: false },
    ],
  };

  test("are named, deleted only after a question, and those elsewhere are left to the user", async () => {
    let gone = false;
    const answers = {
      safety: () => (gone ? safety : { ...safety, older }),
      older_backups_delete: () => {
        gone = true;
        return { deleted: 1, missing: [older.backups[1]], summary: "备份 1" };
      },
    };
    const { wrapper, backend } = mountScreen(SafetyCard, {}, answers);
    await flushPromises();
    expect(wrapper.text()).toContain("2 份备份早于 2026-07-06 14:32 的清理");
    expect(wrapper.text()).toContain("不在原处");
    button(wrapper, "删除这些备份").click();
    await flushPromises();
    const dialog = wrapper.findAll("dialog")[1];
    expect(dialog?.text()).toContain("删除 1 份备份文件");
    expect(dialog?.text()).toContain("/media/stick");
    expect(asked(backend, "older_backups_delete")).toBe(0);
    await dialog?.findAll("button")[1]?.trigger("click");
    await flushPromises();
    expect(asked(backend, "older_backups_delete")).toBe(1);
    expect(wrapper.emitted("backups"), "the list of backups is read anew").toHaveLength(1);
    expect(wrapper.text()).not.toContain("份备份早于");
  });
});

describe("the log of operations", () => {
  const line = {
    seq: 2,
    at: "2026-07-06 14:32",
    who: "王晓敏",
    what: "audit-filed",
    title: "签名提交",
    on: "0197-1",
    outcome: "",
    hash: "ab".repeat(32),
  };
  const view: AuditView = {
    entries: 2,
    found: 2,
    page: 0,
    pages: 1,
    lines: [line, { ...line, seq: 1, outcome: "PIN 码不对" }],
    kinds: [{ value: "audit-filed", label: "签名提交" }],
    head: line.hash,
    broken: null,
  };

  test("what failed is told apart, and filtering asks the core", async () => {
    const { wrapper, backend } = mountScreen(AuditScreen, {}, { audit: () => view });
    await flushPromises();
    expect(wrapper.text()).toContain("未成：PIN 码不对");
    expect(wrapper.text()).not.toContain("不连续");
    await wrapper.find("select").setValue("audit-filed");
    await flushPromises();
    expect(backend.calls.at(-1)?.args).toEqual({ filter: { find: "", what: "audit-filed", page: 0 } });
  });

  test("a broken chain is said with its place", async () => {
    const { wrapper } = mountScreen(AuditScreen, {}, { audit: () => ({ ...view, broken: 2 }) });
    await flushPromises();
    expect(wrapper.find("[role=alert]").text()).toContain("第 2 条");
    expect(button(wrapper, "导出为工作簿").disabled).toBe(false);
  });
});
