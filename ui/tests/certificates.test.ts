import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import type { CertificateLine, CertificatesView, CertificateTaken } from "../src/backend";
import { tone, standing } from "../src/screens/certificates/act";
import CertificatesScreen from "../src/screens/certificates/CertificatesScreen.vue";
import CertificateChoice from "../src/screens/review/CertificateChoice.vue";
import { review, session, uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

const line: CertificateLine = {
  certificate: "clerk",
  holder: "王晓敏",
  unit_name: "演示市示例科技有限公司",
  issuer: "住房公积金参考中心根证书",
  role: "经办人",
  state: "valid",
  reason: null,
  usage: "签名、登录",
  key: "P-256",
  valid_from: "2026-07-01",
  valid_to: "2029-06-30",
  days_left: 1090,
  serial: "1a2b3c4d5e6f",
  sha256: "ab".repeat(32),
  kept: "文件证书",
  tries_left: 3,
  own: true,
  on: true,
  renewable: false,
  renewed_by_issuer: false,
  fixed_pin: false,
};
const ending: CertificateLine = {
  ...line,
  certificate: "new",
  state: "ending",
  days_left: 6,
  sha256: "cd".repeat(32),
  on: false,
  renewable: true,
};
const expired: CertificateLine = {
  ...line,
  certificate: "old",
  state: "expired",
  days_left: -4,
  reason: "sign-certificate-expired",
  sha256: "ef".repeat(32),
  on: false,
};
const view: CertificatesView = {
  certificates: [line, ending, expired],
  elsewhere: [
    {
      sha256: "01".repeat(32),
      serial: "77",
      holder: "王晓敏",
      valid_to: "2027-01-01",
      revoked_at: null,
      expired: false,
      own: true,
    },
    {
      sha256: "02".repeat(32),
      serial: "78",
      holder: "王晓敏",
      valid_to: "2027-01-01",
      revoked_at: "2026-07-06 09:00",
      expired: false,
      own: true,
    },
  ],
  unasked: "",
  pending: false,
  gateway: true,
  practice: false,
  crl: { made_at: "2026-07-06 09:00", next_at: "2026-07-13 09:00", stale: false, refuses: false },
};
const taken: CertificateTaken = {
  certificate: "fresh",
  holder: "王晓敏",
  valid_to: "2026-08-25",
  old_encryption: false,
};

const show = (shown: Partial<CertificatesView> = {}, answers = {}) =>
  mountScreen(CertificatesScreen, {}, { certificates: () => ({ ...view, ...shown }), ...answers });

describe("certificates", () => {
  test("the nearer the end, the louder, and what cannot be used says why", async () => {
    const tones = [61, 60, 31, 30, 8, 7, 0].map((days_left) =>
      tone({ ...line, state: days_left > 60 ? "valid" : "ending", days_left }),
    );
    expect(tones).toEqual(["ok", "mild", "mild", "warn", "warn", "bad", "bad"]);
    expect(standing({ ...ending, days_left: 0 })).toContain("今天到期");
    const { wrapper } = show();
    await flushPromises();
    const cards = wrapper.findAll("article");
    expect(cards).toHaveLength(3);
    expect(cards[0]?.text()).toContain("当前登录");
    expect(cards[1]?.text()).toContain("还有 6 天");
    expect(cards[2]?.text()).toContain("已过期 4 天");
    expect(cards[2]?.text()).toContain("领取激活码重新申领");
    const acts = (card: number): string[] => cards[card]?.findAll(".acts button").map((each) => each.text()) ?? [];
    expect(acts(0)).toEqual(["修改 PIN", "挂失"]);
    expect(acts(1)).toEqual(["续期", "用它登录", "修改 PIN", "挂失"]);
    expect(acts(2)).toEqual(["修改 PIN"]);
    expect(wrapper.text()).toContain("2026-07-06 09:00 吊销");
  });

  test("a certificate on a token that is due names its issuer and offers no renewal", async () => {
    const onToken = { ...ending, renewable: false, renewed_by_issuer: true };
    const { wrapper } = show({ certificates: [onToken] });
    await flushPromises();
    const card = wrapper.find("article");
    expect(card.text()).toContain("到发证机构，或用 UKey 厂商的管理工具");
    expect(card.text()).not.toContain("续期");
  });

  test.each(["net-login-ended", "net-client-key"])(
    "where the login is over by %s its certificate logs in again",
    async (connection) => {
      const ended = { ...session, connection };
      const { wrapper, backend, app } = mountScreen(
        CertificatesScreen,
        {},
        { certificates: () => view, log_in: () => session },
        ended,
      );
      await flushPromises();
      button(wrapper, "重新登录").click();
      await flushPromises();
      await wrapper.find<HTMLInputElement>("dialog input[type=password]").setValue("840275");
      await wrapper.find("dialog form").trigger("submit");
      await flushPromises();
      const sent = backend.calls.filter(({ command }) => command === "log_in");
      expect(sent.map(({ args }) => args)).toEqual([{ certificate: line.certificate, pin: "840275" }]);
      expect(app.session.value?.connection).toBe("reachable");
    },
  );

  test("applying asks for a PIN twice, sends code and PIN once, and keeps neither", async () => {
    const { wrapper, backend } = show({}, { certificate_enrol: () => taken });
    await flushPromises();
    button(wrapper, "申领证书").click();
    await flushPromises();
    const [code] = wrapper.findAll<HTMLInputElement>("dialog input:not([type=password])");
    const [first, second] = wrapper.findAll<HTMLInputElement>("dialog input[type=password]");
    const form = wrapper.find("dialog form");
    await form.trigger("submit");
    expect(wrapper.text()).toContain("请输入激活码");
    await code?.setValue("7K3M-9QWX-2BHT");
    await first?.setValue("840275");
    await second?.setValue("840276");
    await form.trigger("submit");
    expect(wrapper.text()).toContain("两次输入的 PIN 不一致");
    expect(backend.calls.some(({ command }) => command === "certificate_enrol")).toBe(false);
    await second?.setValue("840275");
    await form.trigger("submit");
    await flushPromises();
    const sent = backend.calls.filter(({ command }) => command === "certificate_enrol");
    expect(sent.map(({ args }) => args)).toEqual([{ code: "7K3M-9QWX-2BHT", pin: "840275" }]);
    expect(wrapper.find("dialog").text()).toContain("有效期至 2026-08-25");
    expect(wrapper.html()).not.toContain("840275");
  });

  test("a refusal leaves the dialog open without the PIN", async () => {
    const refuse = () => {
      throw uiError("sign-pin-sequence");
    };
    const { wrapper } = show({}, { certificate_enrol: refuse });
    await flushPromises();
    button(wrapper, "申领证书").click();
    await flushPromises();
    await wrapper.find<HTMLInputElement>("dialog input:not([type=password])").setValue("7K3M-9QWX-2BHT");
    const fields = wrapper.findAll<HTMLInputElement>("dialog input[type=password]");
    for (const field of fields) await field.setValue("123456");
    await wrapper.find("dialog form").trigger("submit");
    await flushPromises();
    expect(wrapper.find("dialog").text()).toContain("PIN 太简单");
    expect(fields.map(({ element }) => element.value)).toEqual(["", ""]);
  });

  test("a key that waits asks for the PIN of before, once", async () => {
    const { wrapper, backend } = show({ pending: true }, { certificate_abandon: () => null });
    await flushPromises();
    button(wrapper, "继续申领").click();
    await flushPromises();
    expect(wrapper.find("dialog").text()).toContain("上次设的 PIN");
    expect(wrapper.findAll("dialog input[type=password]")).toHaveLength(1);
    button(wrapper, "取消").click();
    await flushPromises();
    button(wrapper, "放弃").click();
    await flushPromises();
    expect(backend.calls.some(({ command }) => command === "certificate_abandon")).toBe(true);
  });

  test("a loss is signed with another certificate than the lost one", async () => {
    const { wrapper, backend } = show({}, { certificate_lost: () => null });
    await flushPromises();
    const cards = wrapper.findAll("article");
    await cards[0]?.findAll("button").at(-1)?.trigger("click");
    await flushPromises();
    const signers = wrapper.findAll<HTMLOptionElement>("#certificate-signer option");
    expect(signers.map(({ element }) => element.value)).toEqual(["new"]);
    await wrapper.find<HTMLInputElement>("dialog input[type=password]").setValue("840275");
    await wrapper.find("dialog form").trigger("submit");
    await flushPromises();
    expect(backend.calls.find(({ command }) => command === "certificate_lost")?.args).toEqual({
      sha256: line.sha256,
      reason: "lost",
      certificate: "new",
      pin: "840275",
    });
  });

  test("without another certificate a loss says who can help, and nothing is sent", async () => {
    const { wrapper, backend } = show({ certificates: [line] }, { certificate_lost: () => null });
    await flushPromises();
    await wrapper.findAll("article button").at(-1)?.trigger("click");
    await flushPromises();
    await wrapper.find("dialog form").trigger("submit");
    expect(wrapper.find("dialog").text()).toContain("请由复核人代为挂失");
    expect(backend.calls.some(({ command }) => command === "certificate_lost")).toBe(false);
  });

  test("nothing here, nothing heard, an old list: each is said", async () => {
    const crl = { made_at: "2026-06-01 09:00", next_at: "2026-06-08 09:00", stale: true, refuses: true };
    const { wrapper } = show({ certificates: [], elsewhere: [], unasked: "net-certificate-revoked", crl });
    await flushPromises();
    expect(wrapper.text()).toContain("请向中心柜台领取激活码");
    expect(wrapper.text()).toContain("没有问到中心");
    expect(wrapper.text()).toContain("取到新的列表之前不能签名");
  });

  test("where one chooses a certificate there is a way to them", async () => {
    const { wrapper, app } = mountScreen(
      CertificateChoice,
      { certificates: review.certificates, modelValue: "" },
      {},
      session,
    );
    button(wrapper, "管理证书").click();
    expect(app.screen.value).toEqual({ name: "certificates" });
  });
});
