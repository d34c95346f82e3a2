import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import WholeApp from "../src/App.vue";
import type { ApprovalLine, ApprovalsView, ApprovalView } from "../src/backend";
import ApprovalScreen from "../src/screens/approval/ApprovalScreen.vue";
import ApprovalsScreen from "../src/screens/approval/ApprovalsScreen.vue";
import FilingScreen from "../src/screens/filing/FilingScreen.vue";
import Shell from "../src/screens/Shell.vue";
import OwnUnits from "../src/screens/start/OwnUnits.vue";
import { appKey, createAppState } from "../src/state/app";
import { fakeBackend, filingView, home, review, session, start, uiError, unitKey, type Answers } from "./fake";
import { button, mountScreen, type Mounted } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

async function settle(): Promise<void> {
  await flushPromises();
  await flushPromises();
}

const line: ApprovalLine = {
  filing: "f1",
  filing_number: "2026070600000001",
  kind_name: "缴存比例调整",
  period: "2026-07",
  people: 228,
  difference: "1200.00",
  clerk: "周晓燕",
  taken_at: "2026-07-06 15:02",
  own: false,
  open: false,
};

const approvals: ApprovalsView = { approves: true, stale: false, waiting: [line], signed: [] };

const view: ApprovalView = {
  filing: "f1",
  filing_number: line.filing_number,
  review: { ...review, draft: "", fingerprint: "9f2c" },
  clerk: line.clerk,
  signed_at: line.taken_at,
  steps: [{ code: "signature", title: "经办人的签名有效，内容未被改动", passed: true }],
  findings: [],
  roster_now: review.roster_version,
  lines: 1,
  rounds: [{ by: "李建国", at: "2026-07-05 09:00", reason: "基数不符" }],
};

async function reviewing(answers: Answers = {}, opened?: ApprovalView): Promise<Mounted> {
  const mounted = mountScreen(
    ApprovalScreen,
    { filing: "f1", opened },
    {
      approval_review: () => view,
      approval_lines: () => ({ total: 1, lines: review.largest.slice(0, 1) }),
      ...answers,
    },
  );
  await settle();
  return mounted;
}

function pin(value: string): void {
  const field = document.querySelector<HTMLInputElement>(
    "dialog[open] input[type=password], [role=dialog] input[type=password]",
  );
  if (!field) throw new Error("no field for the PIN");
  field.value = value;
}

function submit(): void {
  document.querySelector<HTMLFormElement>("dialog[open] form, [role=dialog] form")?.dispatchEvent(new Event("submit"));
}

describe("what waits for an approver", () => {
  test("is listed and opened", async () => {
    const { wrapper, app } = mountScreen(ApprovalsScreen, {}, { approvals: () => approvals });
    await settle();
    expect(wrapper.text()).toContain(line.filing_number);
    button(wrapper, "复核").click();
    expect(app.screen.value).toEqual({ name: "approval", filing: "f1" });
  });

  test("is only looked at by whoever signed it, or may not approve", async () => {
    const own = { ...approvals, approves: false, waiting: [{ ...line, own: true }] };
    const { wrapper } = mountScreen(ApprovalsScreen, {}, { approvals: () => own });
    await settle();
    expect(wrapper.text()).toContain("本人经办");
    expect(wrapper.text()).toContain("没有复核权限");
    expect(wrapper.findAll("button").map((each) => each.text())).not.toContain("复核");
  });

  test("is sent again where the center has not answered", async () => {
    const open = { ...approvals, waiting: [{ ...line, open: true }] };
    const { wrapper, backend } = mountScreen(
      ApprovalsScreen,
      {},
      {
        approvals: () => open,
        approval_send: () => ({ filing_number: line.filing_number, stage: "settled" }),
        home: () => home,
      },
    );
    await settle();
    button(wrapper, "重新发送").click();
    await settle();
    expect(backend.calls.filter(({ command }) => command === "approval_send")).toHaveLength(1);
  });

  test("comes from a file as well", async () => {
    const { wrapper, app, backend } = mountScreen(
      ApprovalsScreen,
      {},
      {
        approvals: () => approvals,
        approval_open: () => view,
      },
    );
    await settle();
    button(wrapper, "打开签名文件").click();
    await settle();
    expect(backend.calls.find(({ command }) => command === "approval_open")?.args).toEqual({ ticket: "signed" });
    expect(app.screen.value).toMatchObject({ name: "approval", filing: "f1" });
  });
});

describe("where an approver begins", () => {
  const approver = { ...session, role: "复核人", approves_only: true };

  async function opened(answers: Answers) {
    const app = createAppState(fakeBackend({ approvals: () => approvals, ...answers }));
    const wrapper = mount(WholeApp, { attachTo: document.body, global: { provide: { [appKey as symbol]: app } } });
    await settle();
    await settle();
    return { app, wrapper };
  }

  test("is what waits for him: as the program starts, as it is unlocked, as he logs in", async () => {
    const started = await opened({ start: () => ({ ...start, session: approver }) });
    expect(started.app.screen.value).toEqual({ name: "approvals" });
    started.wrapper.unmount();

    const locked = await opened({
      start: () => ({ ...start, lock: [{ certificate: "approver", holder: "李建国" }] }),
      unlock_screen: () => ({ ...start, session: approver }),
    });
    await locked.wrapper.find<HTMLInputElement>("input[type=password]").setValue("123456");
    await locked.wrapper.find("form").trigger("submit");
    await settle();
    expect(locked.app.screen.value).toEqual({ name: "approvals" });
    locked.wrapper.unmount();

    const { wrapper, app } = mountScreen(
      OwnUnits,
      {},
      {
        units_joined: () => [{ account: "042", name: "远山建材", center: "演示市", address: "https://gjj:8443" }],
        unit_keys: () => [unitKey("远山建材")],
        unit_log_in: () => approver,
      },
    );
    await settle();
    button(wrapper, "登录").click();
    await settle();
    await wrapper.find("dialog input[type=password]").setValue("135790");
    await wrapper.find("dialog form").trigger("submit");
    await settle();
    expect(app.screen.value).toEqual({ name: "approvals" });
  });

  test("is the month where he files as well, and for a clerk", async () => {
    for (const role of ["经办人", "经办人、复核人", ""]) {
      const { app, wrapper } = await opened({ start: () => ({ ...start, session: { ...session, role } }) });
      expect(app.screen.value, role).toEqual({ name: "month" });
      wrapper.unmount();
    }
  });
});

describe("an approver", () => {
  test("sees the clerk's signature, the rounds before and every row", async () => {
    const { wrapper } = await reviewing();
    for (const words of ["周晓燕", "签名有效", "基数不符", "申报的全部 1 行", "没有发现问题"]) {
      expect(wrapper.text()).toContain(words);
    }
  });

  test("signs what was shown, by its fingerprint", async () => {
    const { wrapper, app, backend } = await reviewing({
      approval_sign: () => ({ filing_number: line.filing_number, stage: "settled" }),
    });
    button(wrapper, "同意并签名").click();
    await settle();
    pin("135790");
    submit();
    await settle();
    const call = backend.calls.find(({ command }) => command === "approval_sign");
    expect(call?.args).toMatchObject({ filing: "f1", fingerprint: "9f2c", pin: "135790" });
    expect(app.screen.value).toEqual({ name: "approvals" });
  });

  test("cannot sign without a certificate that may", async () => {
    const certificates = review.certificates.map((each) => ({
      ...each,
      usable: false,
      reason: "verify-same-person",
    }));
    const { wrapper } = await reviewing({
      approval_review: () => ({ ...view, review: { ...view.review, certificates } }),
    });
    expect(button(wrapper, "同意并签名").disabled).toBe(true);
    expect(button(wrapper, "退回").disabled).toBe(true);
    expect(wrapper.text()).toContain("经办与复核是同一人");
  });

  test("who opened a file without the center's word can only sign into a file", async () => {
    const { wrapper } = await reviewing({}, { ...view, filing_number: null });
    const labels = wrapper.findAll("button").map((each) => each.text());
    expect(labels.some((label) => label.includes("存为文件"))).toBe(true);
    expect(labels.some((label) => label.includes("同意并签名"))).toBe(false);
  });

  test("is told when what he looked at is gone", async () => {
    const { wrapper } = await reviewing({
      approval_review: () => {
        throw uiError("desk-approval-ended");
      },
    });
    expect(wrapper.text()).toContain("已不在待复核状态");
  });
});

describe("the clerk", () => {
  test("brings the approver's file in while it waits", async () => {
    const { wrapper, backend } = mountScreen(
      FilingScreen,
      { filing: "f1" },
      {
        filing: () => filingView("awaiting_approval"),
        approval_bring: () => filingView("settled", { approver: "李建国" }),
      },
    );
    await settle();
    expect(wrapper.text()).toContain("等待复核");
    button(wrapper, "导入复核文件").click();
    await settle();
    expect(backend.calls.find(({ command }) => command === "approval_bring")?.args).toEqual({
      filing: "f1",
      ticket: "signed",
    });
    expect(wrapper.text()).toContain("李建国");
  });

  test("reads who returned it and why, and mends it", async () => {
    const back = filingView("refused", { returned_by: "李建国", reopenable: true });
    const { wrapper } = mountScreen(FilingScreen, { filing: "f1" }, { filing: () => back });
    await settle();
    expect(wrapper.text()).toContain("复核退回");
    expect(wrapper.text()).toContain("李建国");
  });
});

describe("a signed file that the system opened the program with", () => {
  async function opened(refusal: Record<string, string>): Promise<Mounted> {
    const mounted = mountScreen(
      { render: () => null },
      {},
      {
        approval_open: () => {
          throw uiError("desk-approval-ended", { args: refusal });
        },
        filing: () => filingView("settled"),
      },
    );
    mounted.backend.openedFile = async () => ({ ticket: "p7m", file_name: "filing.p7m", size: 2048, note: "" });
    mounted.app.go({ name: "month" });
    mount(Shell, { attachTo: document.body, global: { provide: { [appKey as symbol]: mounted.app } } });
    await settle();
    await settle();
    return mounted;
  }

  test("waits on the start page, which says so, until a unit is open", async () => {
    let given = 0;
    const backend = fakeBackend({ start: () => start, approval_open: () => view, approval_lines: () => null });
    backend.openedFile = async () =>
      ++given === 1 ? { ticket: "p7m", file_name: "filing.p7m", size: 2048, note: "" } : null;
    const app = createAppState(backend);
    const wrapper = mount(WholeApp, { attachTo: document.body, global: { provide: { [appKey as symbol]: app } } });
    await settle();
    expect(wrapper.text()).toContain("签名文件「filing.p7m」");
    const asked = (): object[] => backend.calls.filter(({ command }) => command === "approval_open");
    expect(asked(), "nothing is opened without a unit").toEqual([]);
    await app.enter(session);
    await settle();
    await settle();
    expect(asked()).toEqual([{ command: "approval_open", args: { ticket: "p7m" } }]);
    expect(app.screen.value).toMatchObject({ name: "approval", filing: "f1" });
    expect(app.opened.value, "and once").toBeNull();
    wrapper.unmount();
  });

  test("of another unit waits until that one is open", async () => {
    let given = 0;
    let known = false;
    const backend = fakeBackend({
      start: () => start,
      approval_open: () => {
        if (!known) throw uiError("desk-approval-other-unit");
        return view;
      },
      approval_lines: () => null,
    });
    backend.openedFile = async () =>
      ++given === 1 ? { ticket: "p7m", file_name: "filing.p7m", size: 2048, note: "" } : null;
    const app = createAppState(backend);
    const wrapper = mount(WholeApp, { attachTo: document.body, global: { provide: { [appKey as symbol]: app } } });
    await settle();
    await app.enter(session);
    await settle();
    await settle();
    const asked = (): number => backend.calls.filter(({ command }) => command === "approval_open").length;
    expect(asked(), "once, and not again and again").toBe(1);
    expect(app.screen.value.name).toBe("month");
    known = true;
    await app.enter({ ...session, unit_account: "000000000009" });
    await settle();
    await settle();
    expect(asked()).toBe(2);
    expect(app.screen.value).toMatchObject({ name: "approval", filing: "f1" });
    wrapper.unmount();
  });

  test("that was filed here and is done leads to its own page; a stranger's says that it is over", async () => {
    const own = await opened({ filing: "f1" });
    expect(own.app.screen.value).toEqual({ name: "filing", filing: "f1" });
    expect(document.body.textContent).not.toContain("已不在待复核状态");
    document.body.innerHTML = "";
    const stranger = await opened({});
    expect(stranger.app.screen.value.name).toBe("month");
    expect(document.body.textContent).toContain("已不在待复核状态");
  });
});
