import { flushPromises } from "@vue/test-utils";
import { afterEach, expect, test } from "vitest";
import { defineComponent, h } from "vue";
import type { Handed, Ticket } from "../src/backend";
import HandedBar from "../src/screens/import/HandedBar.vue";
import ImportScreen from "../src/screens/import/ImportScreen.vue";
import { useHanded } from "../src/state/handed";
import { useApp } from "../src/state/app";
import { uiError } from "./fake";
import { button, mountScreen } from "./mount";

afterEach(() => {
  document.body.innerHTML = "";
});

const ticket = (name: string): Ticket => ({ ticket: `t-${name}`, file_name: name, size: 1, note: "" });
const file = (name: string): Handed => ({ name, open: async () => ticket(name) });

/** The bar above the screen, as the shell has them. */
const Stage = defineComponent({
  setup(_, { expose }) {
    const { screen } = useApp();
    expose(useHanded());
    return () => {
      const at = screen.value;
      const shown =
        at.name === "import"
          ? h(ImportScreen, { key: at.ticket.ticket, ticket: at.ticket, kind: at.kind, handed: at.handed })
          : h("p", at.name);
      return h("div", [h(HandedBar), shown]);
    };
  },
});

function stage() {
  const mounted = mountScreen(Stage, {});
  const { take } = mounted.wrapper.vm as unknown as ReturnType<typeof useHanded>;
  const waiting = (): string[] => mounted.wrapper.findAll(".handed .name").map((each) => each.text());
  const open = (): string => {
    const at = mounted.app.screen.value;
    return at.name === "import" ? at.ticket.file_name : at.name;
  };
  return { ...mounted, take, waiting, open };
}

test("of several files the first is opened, the others wait, and each that is imported is gone", async () => {
  const { wrapper, app, backend, take, waiting, open } = stage();
  await take([file("一.xlsx"), file("二.xlsx"), file("三.xlsx")], "base_adjustment");
  await flushPromises();
  expect([open(), waiting()]).toEqual(["一.xlsx", ["二.xlsx", "三.xlsx"]]);
  expect(wrapper.text()).toContain("还有 2 份表格等待导入");
  button(wrapper, "下一步").click();
  await flushPromises();
  expect(backend.calls.some((call) => call.command === "import_accept")).toBe(true);
  expect([open(), waiting()], "the draft is worked on first").toEqual(["draft", ["二.xlsx", "三.xlsx"]]);
  button(wrapper, "导入").click();
  await flushPromises();
  expect([open(), waiting()]).toEqual(["二.xlsx", ["三.xlsx"]]);
  expect(app.screen.value, "for the kind that they were handed over for").toMatchObject({ kind: "base_adjustment" });
  button(wrapper, "不导入").click();
  await flushPromises();
  expect([open(), waiting()]).toEqual(["二.xlsx", []]);
  app.go({ name: "month" });
  await flushPromises();
  expect(waiting(), "who leaves it without importing it finds it again").toEqual(["二.xlsx"]);
});

test("a file that comes while another is looked at opens over nothing, and neither is lost", async () => {
  const { wrapper, take, waiting, open } = stage();
  await take([file("一.xlsx")]);
  await flushPromises();
  expect([open(), waiting()], "one alone waits for nobody").toEqual(["一.xlsx", []]);
  await take([file("二.xlsx")]);
  await flushPromises();
  expect([open(), waiting()]).toEqual(["一.xlsx", ["二.xlsx"]]);
  button(wrapper, "导入").click();
  await flushPromises();
  expect([open(), waiting()], "the first waits now").toEqual(["二.xlsx", ["一.xlsx"]]);
});

test("a file that comes while another is still being sent waits", async () => {
  const { take, waiting, open } = stage();
  let sent: (sent: Ticket) => void = () => undefined;
  const slow = take([{ name: "大.xlsx", open: () => new Promise((done) => (sent = done)) }]);
  await take([file("二.xlsx")]);
  expect([open(), waiting()]).toEqual(["start", ["二.xlsx"]]);
  sent(ticket("大.xlsx"));
  await slow;
  await flushPromises();
  expect([open(), waiting()]).toEqual(["大.xlsx", ["二.xlsx"]]);
});

test("while something is signed files wait, and one that cannot be had stays listed", async () => {
  const { wrapper, app, take, waiting, open } = stage();
  app.go({ name: "review", draft: "d1" });
  const broken: Handed = { name: "坏.xlsx", open: async () => Promise.reject(uiError("ui-no-answer")) };
  await take([broken]);
  await flushPromises();
  expect([open(), waiting()], "nothing is torn away").toEqual(["review", ["坏.xlsx"]]);
  expect(button(wrapper, "导入").disabled).toBe(true);
  app.go({ name: "month" });
  await flushPromises();
  button(wrapper, "导入").click();
  await flushPromises();
  expect(wrapper.find(".handed [role=alert]").exists(), "why is said").toBe(true);
  expect([open(), waiting()]).toEqual(["month", ["坏.xlsx"]]);
});
