import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CertificateLine, SecretAsk } from "../src/backend";
import { secretDoor } from "../src/backend/secret";
import { tauriBackend } from "../src/backend/tauri";
import CertificateDialog from "../src/screens/certificates/CertificateDialog.vue";
import LockScreen from "../src/screens/lock/LockScreen.vue";
import ReviewScreen from "../src/screens/review/ReviewScreen.vue";
import SecretWindow from "../src/screens/secret/SecretWindow.vue";
import OwnUnits from "../src/screens/start/OwnUnits.vue";
import { appKey, createAppState } from "../src/state/app";
import {
  fakeBackend,
  filingView,
  kinds,
  preferences,
  review,
  session,
  start,
  uiError,
  unitKey,
  type Answers,
  type Fake,
} from "./fake";
import { button } from "./mount";

const HANDLE = "typed:00112233445566778899aabbccddeeff";

const invoked = vi.hoisted(() => vi.fn<(command: string, args?: object) => Promise<unknown>>());
vi.mock("@tauri-apps/api/core", () => ({ invoke: invoked }));

/** The other window, as the page knows it: each question waits until `answer` is called. */
interface Other {
  asks: SecretAsk[];
  drops: number;
  answer(handle: string | null): Promise<void>;
  fail(): Promise<void>;
}

interface Shown {
  wrapper: VueWrapper;
  backend: Fake;
  other: Other;
}

function show(component: Parameters<typeof mount>[0], props: Record<string, unknown>, answers: Answers = {}): Shown {
  let settle: { resolve(handle: string | null): void; reject(error: unknown): void } | undefined;
  const other: Other = {
    asks: [],
    drops: 0,
    async answer(handle) {
      settle?.resolve(handle);
      await flushPromises();
    },
    async fail() {
      settle?.reject(uiError("desk-internal"));
      await flushPromises();
    },
  };
  const backend: Fake = {
    ...fakeBackend(answers),
    kind: "window",
    askSecret(ask) {
      other.asks.push(ask);
      return new Promise((resolve, reject) => (settle = { resolve, reject }));
    },
    async dropSecret() {
      other.drops += 1;
      settle?.resolve(null);
    },
  };
  const app = createAppState(backend);
  app.session.value = session;
  app.kinds.value = kinds;
  app.preferences.value = { ...preferences, theme: "dark", scale: 150 };
  const wrapper = mount(component, {
    props,
    attachTo: document.body,
    global: { provide: { [appKey as symbol]: app } },
  });
  return { wrapper, backend, other };
}

const named = (backend: Fake, name: string) => backend.calls.filter(({ command }) => command === name);
const fields = (): number => document.querySelectorAll("input[type=password]").length;

async function openPin(answers: Answers = {}): Promise<Shown> {
  const shown = show(ReviewScreen, { draft: "d1" }, answers);
  await flushPromises();
  button(shown.wrapper, "签名并提交…").click();
  await flushPromises();
  return shown;
}

async function submit({ wrapper }: Shown): Promise<void> {
  await wrapper.get("dialog form").trigger("submit");
  await flushPromises();
}

afterEach(() => {
  document.body.innerHTML = "";
  invoked.mockReset();
});

describe("a PIN in the window of the app", () => {
  test("is typed in a window of its own: the page has no field for it and sends what stands for it", async () => {
    const shown = await openPin({ sign_and_submit: () => filingView("accepted") });
    expect(fields(), "nothing to type it into").toBe(0);
    expect(shown.wrapper.get("dialog").text()).toContain("PIN 在单独的窗口中输入");
    await submit(shown);
    const [ask] = shown.other.asks;
    expect(ask?.holder).toBe(review.certificates[0]?.holder);
    expect(ask?.purpose).toContain(`${review.totals.people} 人`);
    expect(ask?.hints.join(""), "the practice's PIN is told there").toContain(session.demo_pin);
    expect([ask?.theme, ask?.scale], "and it looks like the rest").toEqual(["dark", 150]);
    expect(named(shown.backend, "sign_and_submit"), "nothing goes on before it is typed").toEqual([]);
    await shown.other.answer(HANDLE);
    expect(named(shown.backend, "sign_and_submit").map(({ args }) => args["pin"])).toEqual([HANDLE]);
  });

  test("that was not typed signs nothing, and can be asked for again", async () => {
    const shown = await openPin();
    await submit(shown);
    await shown.other.answer(null);
    expect(named(shown.backend, "sign_and_submit")).toEqual([]);
    const go = shown.wrapper.get("dialog [type=submit]");
    expect(go.attributes("disabled")).toBeUndefined();
    expect(document.activeElement, "one key asks again").toBe(go.element);
    await submit(shown);
    expect(shown.other.asks).toHaveLength(2);
  });

  test("is asked for once, however often the button is pressed", async () => {
    const shown = await openPin();
    await submit(shown);
    await submit(shown);
    expect(shown.other.asks).toHaveLength(1);
  });

  test("closing the dialog closes the window, and what was typed there is used for nothing", async () => {
    const shown = await openPin();
    await submit(shown);
    button(shown.wrapper, "取消").click();
    await flushPromises();
    expect(shown.other.drops).toBe(1);
    await shown.other.answer(HANDLE);
    expect(named(shown.backend, "sign_and_submit")).toEqual([]);
  });

  test("a page that goes, because the screen was locked too, leaves no window behind", async () => {
    const shown = await openPin();
    shown.wrapper.unmount();
    expect(shown.other.drops, "nothing was open").toBe(0);
    const again = await openPin();
    await submit(again);
    again.wrapper.unmount();
    expect(again.other.drops).toBe(1);
  });

  test("a window that cannot be opened is told in the dialog", async () => {
    const shown = await openPin();
    await submit(shown);
    await shown.other.fail();
    expect(shown.wrapper.get("dialog [role=alert]").text()).toContain("程序出现意外");
    expect(named(shown.backend, "sign_and_submit")).toEqual([]);
  });

  test("before the last try the window says what a wrong one does", async () => {
    const last = { ...review.certificates[0], tries_left: 1 };
    const shown = await openPin({ review: () => ({ ...review, certificates: [last] }) });
    await submit(shown);
    expect(shown.other.asks[0]?.warning).toContain("再输错就会锁定");
  });

  test("unlocks the screen, and so does a passphrase", async () => {
    const ways = [
      { certificate: "clerk", holder: "王晓敏" },
      { certificate: "", holder: "" },
    ];
    const shown = show(LockScreen, { ways }, { unlock_screen: () => ({ ...start, session }) });
    await flushPromises();
    expect(fields()).toBe(0);
    expect(document.activeElement?.textContent).toContain("解锁");
    await shown.wrapper.get("form").trigger("submit");
    expect(shown.other.asks[0]?.holder).toBe("王晓敏");
    await shown.other.answer(HANDLE);
    expect(named(shown.backend, "unlock_screen").map(({ args }) => args)).toEqual([
      { certificate: "clerk", secret: HANDLE },
    ]);
    await shown.wrapper.get<HTMLInputElement>("input[type=radio][value='']").setValue();
    await shown.wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(fields()).toBe(0);
    expect(shown.other.asks[1]).toMatchObject({ secret: "passphrase", holder: "", choose: false });
  });

  test("opens a unit whose certificate is here already", async () => {
    const shown = show(
      OwnUnits,
      {},
      {
        units_joined: () => [{ account: "042", name: "某单位", center: "某中心", address: "https://localhost" }],
        unit_keys: () => [unitKey("某单位")],
        unit_log_in: () => session,
      },
    );
    await flushPromises();
    button(shown.wrapper, "登录").click();
    await flushPromises();
    expect(fields()).toBe(0);
    await submit(shown);
    await shown.other.answer(HANDLE);
    expect(named(shown.backend, "unit_log_in").map(({ args }) => args["pin"])).toEqual([HANDLE]);
  });

  const line = { ...unitKey("某单位"), certificate: "clerk", tries_left: 2 } as unknown as CertificateLine;
  test.each([
    ["a certificate logs in by one PIN", { act: "use", line }, "log_in", ["pin"]],
    ["a key's new PIN comes after its old one", { act: "pin", line }, "certificate_pin", ["pin", "new_pin"]],
    ["a file's passphrase comes before the PIN", { act: "import" }, "certificate_import", ["password", "pin"]],
    ["a certificate that is got has a new PIN", { act: "enrol", code: "7K3M" }, "certificate_enrol", ["pin"]],
  ])("%s", async (_, act, command, places) => {
    const shown = show(
      CertificateDialog,
      { act: null, pending: false, signers: [], demoPin: null },
      { certificate_pin: () => null, log_in: () => session, certificate_import: () => ({}) },
    );
    await shown.wrapper.setProps({ act });
    await flushPromises();
    if (act.act === "import") button(shown.wrapper, "选择").click();
    await flushPromises();
    expect(fields()).toBe(0);
    await submit(shown);
    const handles = places.map((place) => `typed:${place}`);
    for (const [time, handle] of handles.entries()) {
      expect(shown.other.asks, "one after the other").toHaveLength(time + 1);
      expect(shown.other.asks[time]?.along, "and the first is still good").toBe(handles[time - 1] ?? null);
      const chosen = time === places.length - 1 && act.act !== "use";
      expect(shown.other.asks[time]?.choose, "what is chosen is typed twice").toBe(chosen);
      await shown.other.answer(handle);
    }
    const [sent] = named(shown.backend, command);
    expect(places.map((place) => sent?.args[place])).toEqual(handles);
  });

  test("where no new one is chosen, nothing is sent", async () => {
    const shown = show(CertificateDialog, { act: null, pending: false, signers: [], demoPin: null });
    await shown.wrapper.setProps({ act: { act: "pin", line } });
    await flushPromises();
    await submit(shown);
    expect(shown.other.asks[0]?.hints[0]).toContain("2 次");
    await shown.other.answer("typed:old");
    expect(shown.other.asks[1]?.hints, "no tries are counted of a new one").toEqual(["", ""]);
    await shown.other.answer(null);
    expect(named(shown.backend, "certificate_pin")).toEqual([]);
  });
});

describe("the window for a PIN", () => {
  const ask: SecretAsk = {
    title: "输入 PIN 签名",
    secret: "pin",
    label: "PIN",
    choose: false,
    along: null,
    holder: "王晓敏",
    about: "某单位 · 经办人",
    purpose: "用于签名并提交：年度基数调整。",
    warning: "",
    hints: ["PIN 还可试 3 次", ""],
    action: "签名并提交",
    theme: "system",
    scale: 100,
    contrast: false,
  };

  function open(typed: (pin: string) => Promise<void> = async () => undefined, more: Partial<SecretAsk> = {}) {
    const pins: string[] = [];
    let givenUp = 0;
    const door = {
      asked: async () => ask,
      async typed(pin: string) {
        pins.push(pin);
        await typed(pin);
      },
      async givenUp() {
        givenUp += 1;
      },
    };
    const wrapper = mount(SecretWindow, { props: { ask: { ...ask, ...more }, door }, attachTo: document.body });
    return { wrapper, pins, givenUp: () => givenUp };
  }

  test("says whose PIN it is and what for, and hands over what was typed, once", async () => {
    const { wrapper, pins } = open(() => new Promise(() => undefined));
    for (const said of [ask.holder, ask.about, ask.purpose, ask.hints[0]]) expect(wrapper.text()).toContain(said);
    const field = wrapper.get<HTMLInputElement>("input");
    expect(document.activeElement, "it is typed into at once").toBe(field.element);
    expect(field.attributes()).toMatchObject({ type: "password", autocomplete: "off", maxlength: "64" });
    await field.setValue("840275");
    await wrapper.get("form").trigger("submit");
    await field.setValue("840275");
    await wrapper.get("form").trigger("submit");
    expect(pins).toEqual(["840275"]);
    wrapper.unmount();
  });

  test("keeps nothing of it", async () => {
    const { wrapper } = open();
    await wrapper.get("input").setValue("840275");
    await wrapper.get("form").trigger("submit");
    expect(wrapper.get<HTMLInputElement>("input").element.value).toBe("");
    expect(wrapper.html()).not.toContain("840275");
    wrapper.unmount();
  });

  test("an empty PIN is not handed over", async () => {
    const { wrapper, pins } = open();
    await wrapper.get("form").trigger("submit");
    expect(wrapper.text()).toContain("请输入 PIN");
    expect(pins).toEqual([]);
    wrapper.unmount();
  });

  test.each<[Partial<SecretAsk>, string, string, string]>([
    [{ secret: "pin", label: "新 PIN" }, "84027", "84027", "PIN 不少于六位"],
    [{ secret: "pin", label: "新 PIN" }, "840275", "840257", "两次输入的 PIN 不一致"],
    [{ secret: "passphrase", label: "新口令" }, "short", "short", "口令至少 8 个字符"],
    [{ secret: "passphrase", label: "新口令" }, "", "", "请输入新口令"],
  ])("what is chosen is typed twice and is long enough: %o %s %s", async (more, first, again, said) => {
    const { wrapper, pins } = open(undefined, { ...more, choose: true });
    const [one, two] = wrapper.findAll<HTMLInputElement>("input[type=password]");
    await one?.setValue(first);
    await two?.setValue(again);
    await wrapper.get("form").trigger("submit");
    expect(wrapper.text()).toContain(said);
    expect(pins).toEqual([]);
    for (const field of [one, two]) await field?.setValue("一句好记的长口令");
    await wrapper.get("form").trigger("submit");
    expect(pins).toEqual(["一句好记的长口令"]);
    expect([one?.element.value, two?.element.value], "and neither field keeps it").toEqual(["", ""]);
    wrapper.unmount();
  });

  test("Esc and 取消 give it up, other keys do not", async () => {
    const { wrapper, pins, givenUp } = open();
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "1" }));
    expect(givenUp()).toBe(0);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    button(wrapper, "取消").click();
    expect(givenUp()).toBe(2);
    expect(pins).toEqual([]);
    wrapper.unmount();
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(givenUp(), "a window that is gone hears nothing").toBe(2);
  });

  test("where it could not be handed over it is typed again", async () => {
    const { wrapper, pins } = open(() => Promise.reject(uiError("desk-internal")));
    for (let time = 0; time < 2; time += 1) {
      await wrapper.get("input").setValue("840275");
      await wrapper.get("form").trigger("submit");
      await flushPromises();
      expect(wrapper.text()).toContain("请再输入一次");
    }
    expect(pins).toHaveLength(2);
    wrapper.unmount();
  });

  test("its door and the page's call what each may call", async () => {
    invoked.mockResolvedValue(null);
    const door = secretDoor();
    await door.asked();
    await door.typed("840275");
    await door.givenUp();
    expect(invoked.mock.calls).toEqual([["secret_asked"], ["secret_typed", { typed: "840275" }], ["secret_given_up"]]);
    invoked.mockClear();
    const page = tauriBackend();
    expect(await page.askSecret?.(ask)).toBeNull();
    await page.dropSecret?.();
    expect(invoked.mock.calls).toEqual([
      ["ask_secret", { args: ask }],
      ["secret_given_up", { args: {} }],
    ]);
  });
});
