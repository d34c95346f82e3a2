import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import { nextTick, shallowRef } from "vue";
import type { Preferences, ReadyLine } from "../src/backend";
import NoticeBell from "../src/screens/notices/NoticeBell.vue";
import ReadyCard from "../src/screens/ready/ReadyCard.vue";
import { runtimeOf } from "../src/screens/ready/runtime";
import SettingsScreen from "../src/screens/settings/SettingsScreen.vue";
import TourPanel from "../src/screens/tour/TourPanel.vue";
import { followLooks } from "../src/state/theme";
import UnitBand from "../src/widgets/UnitBand.vue";
import { connectionTest, notices, preferences, ready, session, uiError } from "./fake";
import { button, mountScreen } from "./mount";

enableAutoUnmount(afterEach);
afterEach(() => {
  document.body.innerHTML = "";
});

async function settings(answers = {}) {
  const mounted = mountScreen(SettingsScreen, {}, answers);
  mounted.app.preferences.value = preferences;
  await flushPromises();
  return mounted;
}

describe("settings", () => {
  test("a choice is kept at once, with all that was chosen before", async () => {
    const { wrapper, app, backend } = await settings();
    await wrapper.get("input[value='150']").setValue();
    await flushPromises();
    const asked = backend.calls.filter((call) => call.command === "preferences_set");
    expect(asked.map((call) => call.args)).toEqual([{ preferences: { ...preferences, scale: 150 }, password: null }]);
    expect(app.preferences.value?.scale).toBe(150);
  });

  test("a choice that is made while the one before is being kept is not lost", async () => {
    const { wrapper, app, backend } = await settings();
    void wrapper.get("input[value='light']").setValue();
    void wrapper.get("input[value='dark']").setValue();
    await wrapper.get("input[value='125']").setValue();
    await flushPromises();
    expect(app.preferences.value).toEqual({ ...preferences, theme: "dark", scale: 125 });
    const asked = backend.calls.filter((call) => call.command === "preferences_set");
    expect(asked, "one after another").toHaveLength(3);
  });

  test("what is refused stays as it was, and says why", async () => {
    const { wrapper, app } = await settings({
      preferences_set: () => {
        throw uiError("desk-proxy-address", { args: { address: "代理" } });
      },
    });
    await wrapper.get("input[value='manual']").setValue();
    await wrapper.get("#settings-address").setValue("代理");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(wrapper.text()).toContain("「代理」不是代理服务器的地址");
    expect(app.preferences.value?.proxy).toBe("system");
  });

  test("printed forms are shifted by what was typed, and by no more than a page bears", async () => {
    const { wrapper, app, backend } = await settings();
    const keep = async (right: string): Promise<void> => {
      await wrapper.get("#settings-right").setValue(right);
      await flushPromises();
    };
    await keep("1.5");
    expect(app.preferences.value?.print_shift).toEqual({ right: 15, down: 0 });
    for (const wrong of ["11", "一毫米", "1.55"]) {
      await keep(wrong);
      expect(wrapper.get("#settings-right").attributes("aria-invalid"), wrong).toBe("true");
      expect(wrapper.text()).toContain("请填写 -10 到 10 之间的数");
    }
    expect(app.preferences.value?.print_shift, "what is no shift changes nothing").toEqual({ right: 15, down: 0 });
    await keep("−2");
    expect(app.preferences.value?.print_shift.right, "a minus as Chinese input writes it").toBe(-20);
    expect(wrapper.text()).not.toContain("请填写 -10 到 10");
    await keep("");
    expect(app.preferences.value?.print_shift.right, "nothing is no shift").toBe(0);
    expect(backend.calls.filter((call) => call.command === "preferences_set")).toHaveLength(3);
  });

  test("the password of a proxy is handed over once and does not stay in the page", async () => {
    const { wrapper, app, backend } = await settings({
      preferences_set: (args: Record<string, unknown>) => ({
        ...(args["preferences"] as object),
        proxy_password: "kept",
      }),
    });
    await wrapper.get("input[value='manual']").setValue();
    await wrapper.get("#settings-address").setValue("10.0.0.1:3128");
    expect(wrapper.get<HTMLInputElement>("#settings-password").element.disabled, "nobody's password").toBe(true);
    await wrapper.get("#settings-user").setValue("zhoumin");
    await wrapper.get("#settings-password").setValue("Geheim-1");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    const asked = backend.calls.filter((call) => call.command === "preferences_set").at(-1)?.args;
    expect(asked?.["password"]).toBe("Geheim-1");
    expect(JSON.stringify(asked?.["preferences"])).not.toContain("Geheim");
    expect(wrapper.get<HTMLInputElement>("#settings-password").element.value).toBe("");
    expect(JSON.stringify(app.preferences.value)).not.toContain("Geheim");
    expect(wrapper.text()).toContain("密码存放在系统密钥库里");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    const again = backend.calls.filter((call) => call.command === "preferences_set").at(-1)?.args;
    expect(again?.["password"], "what is kept is not typed again").toBeNull();
  });

  test("the test of the connection names the step that fails, and what to do", async () => {
    const { wrapper, backend } = await settings();
    button(wrapper, "测试连接").click();
    await flushPromises();
    const steps = wrapper.findAll(".steps li").map((each) => each.text());
    expect(steps[3]).toContain("验证中心证书停在这里");
    expect(steps.filter((text) => text.includes("停在这里"))).toHaveLength(1);
    expect(
      backend.calls.some((call) => call.command === "preferences_set"),
      "a test changes nothing",
    ).toBe(false);
    expect(wrapper.text()).not.toContain("PAC");
  });

  test("a proxy script of the system's is named, and that it was not run", async () => {
    const script = "http://proxy.example.cn/proxy.pac";
    const { wrapper } = await settings({ connection_test: () => ({ ...connectionTest, auto_config: script }) });
    button(wrapper, "测试连接").click();
    await flushPromises();
    expect(wrapper.text()).toContain(`自动代理脚本（PAC）：${script}。汇缴通不执行脚本`);
    expect(wrapper.text(), "and what to do").toContain("选「手动代理」填写");
  });
});

test("the page looks as chosen, and as the system where nothing is", async () => {
  const listen = vi.fn();
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: listen }));
  const chosen = shallowRef<Preferences | null>(null);
  followLooks(chosen);
  const root = document.documentElement;
  expect(root.className, "the system is dark and wants contrast").toBe("dark contrast");
  chosen.value = { ...preferences, theme: "light", scale: 125 };
  await nextTick();
  expect(root.className, "light was chosen; contrast is still wanted").toBe("contrast");
  expect(root.style.getPropertyValue("--zoom")).toBe("1.25");
  vi.unstubAllGlobals();
});

describe("what filing needs", () => {
  const late: ReadyLine[] = ready.map((line) =>
    line.part === "roster" ? { ...line, state: "bad", said: "还没有取得清册，无法核对人员" } : line,
  );

  test("each stands there with its state; only what is not in order has a button, and it mends", async () => {
    let fetched = false;
    const { wrapper, backend } = mountScreen(
      ReadyCard,
      {},
      {
        readiness: () => (fetched ? ready : late),
        refresh: () => {
          fetched = true;
          return session;
        },
      },
    );
    await flushPromises();
    expect(wrapper.findAll("li")).toHaveLength(9);
    expect(wrapper.findAll("li button")).toHaveLength(1);
    button(wrapper, "更新清册").click();
    await flushPromises();
    expect(backend.calls.map(({ command }) => command)).toEqual(["readiness", "refresh", "readiness"]);
    expect(wrapper.findAll("li button"), "nothing is left to be mended").toHaveLength(0);
  });

  test("each that wants something leads to where that is", async () => {
    const bad = ready.map((line): ReadyLine => ({ ...line, state: "bad" }));
    const { wrapper, app } = mountScreen(ReadyCard, {}, { readiness: () => bad });
    await flushPromises();
    for (const [label, name] of [
      ["检查网络", "settings"],
      ["去看证书", "certificates"],
      ["查找 UKey", "tokens"],
      ["换证书登录", "certificates"],
      ["去看规则", "rules"],
      ["测试连接", "settings"],
    ] as const) {
      app.go({ name: "month" });
      button(wrapper, label).click();
      await flushPromises();
      expect(app.screen.value.name, label).toBe(name);
    }
    button(wrapper, "怎么处理").click();
    expect(app.help.value, "what no screen mends is explained").toEqual({ page: "printing" });
  });

  test("on the page of the month it is silent as long as one can file", async () => {
    const fine = mountScreen(ReadyCard, { quiet: true });
    await flushPromises();
    expect(fine.wrapper.text()).toBe("");
    const wanting = mountScreen(ReadyCard, { quiet: true }, { readiness: () => late });
    await flushPromises();
    expect(wanting.wrapper.text()).toContain("还没有取得清册");
  });
});

describe("the strip above all", () => {
  test("says whether it counts: the practice in its colour, a real unit by its name in its own", () => {
    const practice = mountScreen(UnitBand, {}).wrapper;
    expect(practice.text()).toBe("演示中心 · 数据仅供练习");
    expect(practice.classes()).toContain("practice");
    const real = { ...session, demo: false, band: 3 };
    const own = mountScreen(UnitBand, {}, {}, real).wrapper;
    expect(own.text()).toBe(`正式办理 · ${session.unit_name} · ${session.center_name}`);
    expect(own.classes()).toContain("band-3");
    expect(own.classes()).not.toContain("practice");
  });
});

describe("notices", () => {
  test("the bell counts, each leads to where it is seen to and counts as looked at then", async () => {
    const { wrapper, app, backend } = mountScreen(NoticeBell, {});
    await flushPromises();
    expect(wrapper.get(".bell").attributes("aria-label")).toBe("提醒，2 条未读");
    await wrapper.get(".bell").trigger("click");
    await flushPromises();
    await wrapper.findAll(".line")[0]?.trigger("click");
    await flushPromises();
    expect(app.screen.value).toEqual({ name: "filing", filing: "filing-1" });
    const read = backend.calls.filter((call) => call.command === "notices_read");
    expect(read.map((call) => call.args)).toEqual([{ keys: ["filing:1"] }]);
    expect(wrapper.get(".bell").attributes("aria-label"), "the other is still new").toBe("提醒，1 条未读");
  });

  test("what comes up while somebody works is said once, unless that was switched off", async () => {
    let now = { notices: notices().notices.slice(0, 1), unread: 1 };
    const { app } = mountScreen(NoticeBell, {}, { notices: () => now });
    await flushPromises();
    expect(document.body.textContent, "what was there waits in the list").not.toContain("截止");
    now = notices();
    app.revision.value += 1;
    await flushPromises();
    expect(document.body.textContent).toContain("本月人员、基数变更截止");
  });
});

describe("tour", () => {
  test("five steps; it ends for good, and can be skipped", async () => {
    const { wrapper, app, backend } = mountScreen(TourPanel, {});
    app.preferences.value = { ...preferences, toured: false };
    expect(wrapper.find("aside").exists(), "nobody asked for it").toBe(false);
    app.tour.value = true;
    await nextTick();
    expect(app.screen.value.name).toBe("month");
    for (let step = 1; step < 5; step += 1) {
      expect(wrapper.text()).toContain(`${step} / 5`);
      button(wrapper, "下一步").click();
      await nextTick();
    }
    button(wrapper, "开始使用").click();
    await flushPromises();
    expect(app.preferences.value?.toured).toBe(true);
    expect(wrapper.find("aside").exists()).toBe(false);
    app.tour.value = true;
    await nextTick();
    expect(wrapper.text(), "from the start again").toContain("1 / 5");
    button(wrapper, "跳过").click();
    await flushPromises();
    expect(backend.calls.filter((call) => call.command === "preferences_set")).toHaveLength(2);
  });

  test("stands over the month only: it waits on another page and goes on where it was", async () => {
    const { wrapper, app, backend } = mountScreen(TourPanel, {});
    app.tour.value = true;
    await nextTick();
    button(wrapper, "下一步").click();
    await nextTick();
    app.go({ name: "compare" });
    await nextTick();
    expect(wrapper.find("aside").exists(), "it would cover the way on").toBe(false);
    expect(document.querySelector("[data-toured]"), "and frames nothing there").toBeNull();
    app.go({ name: "month" });
    await nextTick();
    expect(wrapper.text()).toContain("2 / 5");
    expect(
      backend.calls.filter((call) => call.command === "preferences_set"),
      "it is not over",
    ).toEqual([]);
  });
});

describe("a newer program", () => {
  const about = {
    version: "0.1.0",
    system: "Debian",
    data_folder: "/数据",
    export_folder: "/汇缴通",
    updates: true,
    works: [],
  };
  const release = { version: "0.2.0", notes: "一、更正甲。\n二、更正乙。", date: "2026-08-01" };

  test("is not looked for where nobody announces one", async () => {
    const { wrapper, backend } = await settings();
    expect(wrapper.text()).toContain("程序不会自行下载更新");
    expect(wrapper.text()).not.toContain("检查更新");
    expect(backend.calls.map((call) => call.command)).not.toContain("update_look");
  });

  test("is looked for when asked, shown, and installed only when that is said", async () => {
    const { wrapper, backend } = await settings({
      about: () => about,
      update_look: () => release,
      update_install: () => null,
    });
    expect(
      backend.calls.map((call) => call.command),
      "not by itself",
    ).not.toContain("update_look");
    button(wrapper, "检查更新").click();
    await flushPromises();
    expect(wrapper.text()).toContain("有新版本 0.2.0");
    expect(wrapper.text()).toContain("二、更正乙。");
    expect(
      backend.calls.map((call) => call.command),
      "shown first",
    ).not.toContain("update_install");
    button(wrapper, "下载并安装").click();
    await flushPromises();
    const asked = backend.calls.filter((call) => call.command === "update_install");
    expect(asked.map((call) => call.args)).toEqual([{ version: "0.2.0" }]);
    expect(wrapper.text()).toContain("版本 0.2.0 已装好");
  });

  test("that is none, or does not come, is said", async () => {
    const { wrapper } = await settings({ about: () => about, update_look: () => null });
    button(wrapper, "检查更新").click();
    await flushPromises();
    expect(wrapper.text()).toContain("已是最新版本");
    const refused = await settings({
      about: () => about,
      update_look: () => release,
      update_install: () => {
        throw uiError("desk-update-unproven", { args: { version: "0.2.0" } });
      },
    });
    button(refused.wrapper, "检查更新").click();
    await flushPromises();
    button(refused.wrapper, "下载并安装").click();
    await flushPromises();
    expect(refused.wrapper.text()).toContain("安装包不是发布单位为版本 0.2.0 签名的");
    expect(refused.wrapper.text(), "and not that it is there").not.toContain("已装好");
  });
});

test.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.86",
    { name: "WebView2（Edge）", version: "131.0.2903.86", recent: true },
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.61 Safari/537.36 Edg/94.0.992.31",
    { name: "WebView2（Edge）", version: "94.0.992.31", recent: false },
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
    { name: "WebKit", version: "17.0", recent: true },
  ],
  // The window of macOS does not say.
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)", null],
])("what draws the pages is told from what it says of itself: %s", (agent, runtime) => {
  expect(runtimeOf(agent)).toEqual(runtime);
});
