import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import CitiesScreen from "../src/screens/cities/CitiesScreen.vue";
import { cities, city, uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
  vi.restoreAllMocks();
});

async function open(answers = {}) {
  const mounted = mountScreen(CitiesScreen, {}, answers);
  await flushPromises();
  return mounted;
}

describe("cities", () => {
  test("figures with thousands, source and date; what is unknown is said, not shown as zero", async () => {
    const { wrapper } = await open();
    const [wuhan, baoji, jiaozuo] = wrapper.findAll("tbody tr").map((row) => row.text());
    expect(wuhan).toContain("36,072.25");
    expect(wuhan).toContain("2026-07-22");
    expect(baoji, "one limit of the two").toMatch(/未公布.*25,209\.00/);
    expect(jiaozuo?.match(/未公布/g), "floor, ceiling, ratio").toHaveLength(3);
    expect(wrapper.text(), "the caution stands above the figures").toContain("以中心公布为准");
    expect(wrapper.find("table").text(), "nothing is zero").not.toMatch(/(^|\D)0\.00/);
  });

  test("a search asks the core; a slow answer to an older question is dropped", async () => {
    const waiting: (() => void)[] = [];
    const { wrapper, backend } = await open({
      cities: (args: Record<string, unknown>) => {
        const find = String(args["find"]);
        if (find === "") return cities();
        return new Promise((resolve) => waiting.push(() => resolve(cities(find))));
      },
    });
    await wrapper.get("input").setValue("湖");
    await wrapper.get("input").setValue("河南");
    expect(backend.calls.map((call) => call.args["find"])).toEqual(["", "湖", "河南"]);
    waiting[1]?.();
    await flushPromises();
    waiting[0]?.();
    await flushPromises();
    expect(wrapper.findAll("tbody tr").map((row) => row.get("button").text())).toEqual(["焦作"]);
  });

  test("nothing found says so", async () => {
    const { wrapper } = await open();
    await wrapper.get("input").setValue("火星");
    await flushPromises();
    expect(wrapper.text()).toContain("没有找到「火星」");
    expect(wrapper.find("table").exists()).toBe(false);
  });

  test("one city whole: addresses are text to copy, never links", async () => {
    const write = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: write } });
    const { wrapper } = await open();
    button(wrapper, "武汉").click();
    await flushPromises();
    const panel = wrapper.get("#city-panel");
    for (const part of ["36,072.25", "2026-07 起", "月缴存额上限8657.34元", "t20260722_0001.html", "以中心公布为准"]) {
      expect(panel.text()).toContain(part);
    }
    expect(panel.find("a").exists(), "nothing opens in the window").toBe(false);
    await panel.get(".sources button").trigger("click");
    await flushPromises();
    expect(write).toHaveBeenCalledWith(city("武汉").sources[0]?.url);
    vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
    await panel.get(".sources button").trigger("click");
    await flushPromises();
    expect(panel.text(), "a clipboard that refuses is said").toContain("没有复制成功");
    vi.unstubAllGlobals();

    await panel.get("[aria-label='关闭详情']").trigger("click");
    expect(wrapper.find("#city-panel").exists()).toBe(false);
  });

  test("rules are taken out as a file; another city forgets the message", async () => {
    const { wrapper, backend } = await open();
    button(wrapper, "焦作").click();
    await flushPromises();
    expect(wrapper.get("#city-panel").text()).toContain("请向中心核实");
    button(wrapper, "导出规则文件").click();
    await flushPromises();
    expect(backend.calls.at(-1)).toEqual({
      command: "profile_export",
      args: { profile: "city:焦作", mappings: false },
    });
    expect(wrapper.get("[id=city-panel] [role=status]").text()).toContain("焦作-公积金规则.json");
    button(wrapper, "武汉").click();
    await flushPromises();
    expect(wrapper.find("[id=city-panel] [role=status]").exists(), "that was another city's file").toBe(false);
  });

  test("a failure says so and can be tried again", async () => {
    let broken = true;
    const { wrapper } = await open({
      cities: () => {
        if (broken) throw uiError("desk-internal");
        return cities();
      },
    });
    expect(wrapper.find("[role=alert]").exists()).toBe(true);
    broken = false;
    button(wrapper, "重试").click();
    await flushPromises();
    expect(wrapper.find("[role=alert]").exists()).toBe(false);
    expect(wrapper.findAll("tbody tr")).toHaveLength(3);
  });
});
