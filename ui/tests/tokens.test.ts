import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CertificateView, TokenSearchView } from "../src/backend";
import TokensScreen from "../src/screens/tokens/TokensScreen.vue";
import { review, session, uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

const [file, expired] = review.certificates as [CertificateView, CertificateView];
const token: CertificateView = {
  ...file,
  certificate: "pkcs11:1:2",
  holder: "李建国",
  kept: "UKey（复核）",
  token: true,
  tries_left: null,
};
const found: TokenSearchView = {
  products: ["龙脉 mToken"],
  folders: ["/usr/lib"],
  named: "",
  modules: [
    {
      product: "龙脉 mToken",
      path: "/usr/lib/libgm3000_pkcs11.so",
      said: "Longmai 2.2",
      slots: 4,
      tokens: [
        {
          label: "复核",
          serial: "0123456789",
          model: "Longmai GM3000",
          pin: "可以输入",
          pin_ready: true,
          certificates: [
            { holder: "李建国", unit_name: "单位", purpose: "签名和登录", valid_to: "2028-12-31", refused: "" },
            {
              holder: "李建国",
              unit_name: "单位",
              purpose: "加密或其他用途",
              valid_to: "2028-12-31",
              refused: "这是加密证书",
            },
          ],
          trouble: null,
        },
      ],
      trouble: null,
    },
    {
      product: "",
      path: "/opt/driver.so",
      said: "",
      slots: 0,
      tokens: [],
      trouble: uiError("sign-token-module", { args: { path: "/opt/driver.so", reason: "wrong ELF class" } }),
    },
  ],
  certificates: [file, expired, token],
  login: file.certificate,
  report: "汇缴通 证书介质诊断",
};

describe("tokens", () => {
  test("says what answered, why one is not offered, and why a driver is of no use", async () => {
    const { wrapper } = mountScreen(TokensScreen, {}, { token_search: () => found });
    await flushPromises();
    const text = wrapper.text();
    for (const said of ["UKey（复核）", "0123456789", "这是加密证书", "wrong ELF class", "正在使用", "证书已过期"]) {
      expect(text).toContain(said);
    }
  });

  test("logs in with the one that is chosen, and a wrong PIN stays in the dialog", async () => {
    let right = false;
    const { wrapper, app, backend } = mountScreen(
      TokensScreen,
      {},
      {
        token_search: () => found,
        log_in: () => {
          if (!right) throw uiError("sign-token-pin");
          return { ...session, operator: "李建国", role: "复核人" };
        },
      },
    );
    await flushPromises();
    button(wrapper, "登录…").click();
    await flushPromises();
    expect(document.body.textContent).toContain("证书持有人 李建国");
    expect(document.body.textContent, "a practice PIN is none of a token's").not.toContain(session.demo_pin ?? "-");
    const field = document.querySelector<HTMLInputElement>("input[type=password]");
    if (!field) throw new Error("a PIN field");
    const type = async (): Promise<void> => {
      field.value = "246810";
      field.form?.dispatchEvent(new Event("submit", { cancelable: true }));
      await flushPromises();
    };
    await type();
    expect(field.value, "the PIN is not kept").toBe("");
    expect(document.body.textContent).toContain("PIN 不正确");
    expect(app.session.value?.operator).toBe(session.operator);
    right = true;
    await type();
    expect(app.session.value?.operator).toBe("李建国");
    expect(backend.calls.filter((call) => call.command === "log_in").at(-1)?.args).toEqual({
      certificate: token.certificate,
      pin: "246810",
    });
  });

  test("a driver is chosen in a dialog, and the page knows its ticket only", async () => {
    const named = { ...found, named: "/opt/driver.so" };
    const { wrapper, backend } = mountScreen(
      TokensScreen,
      {},
      { token_search: () => found, token_module: ({ ticket }) => (ticket === null ? found : named) },
      session,
      "window",
    );
    await flushPromises();
    expect(wrapper.find("input[type=text]").exists(), "nowhere to type a path").toBe(false);
    button(wrapper, "选择驱动文件…").click();
    await flushPromises();
    expect(wrapper.text()).toContain("/opt/driver.so");
    button(wrapper, "不再使用").click();
    await flushPromises();
    const sent = backend.calls.filter(({ command }) => command === "token_module");
    expect(sent.map(({ args }) => args)).toEqual([{ ticket: "driver" }, { ticket: null }]);
    expect(wrapper.text()).toContain("没有指定别处的驱动");
  });

  test("in a browser it is said that a driver is chosen in the window", async () => {
    const { wrapper } = mountScreen(TokensScreen, {}, { token_search: () => found });
    await flushPromises();
    expect(wrapper.text()).toContain("请在汇缴通的窗口里选择");
    expect(wrapper.text()).not.toContain("选择驱动文件");
  });

  test("copies the report as it came", async () => {
    const writeText = vi.fn(() => Promise.resolve());
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const { wrapper } = mountScreen(TokensScreen, {}, { token_search: () => found });
    await flushPromises();
    button(wrapper, "复制").click();
    await flushPromises();
    expect(writeText).toHaveBeenCalledWith(found.report);
    vi.unstubAllGlobals();
  });
});
