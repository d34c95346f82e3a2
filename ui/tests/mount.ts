import { mount, type VueWrapper } from "@vue/test-utils";
import type { Component } from "vue";
import { appKey, createAppState, type App } from "../src/state/app";
import type { Backend, SessionView } from "../src/backend";
import { fakeBackend, kinds, session, type Answers, type Fake } from "./fake";

export interface Mounted {
  wrapper: VueWrapper;
  app: App;
  backend: Fake;
}

/** Mounts a screen over a fake backend, in the middle of a session. */
export function mountScreen(
  component: Component,
  props: Record<string, unknown>,
  answers: Answers = {},
  open: SessionView = session,
  kind: Backend["kind"] = "browser",
): Mounted {
  const backend: Fake = { ...fakeBackend(answers), kind };
  const app = createAppState(backend);
  app.session.value = open;
  app.kinds.value = kinds;
  const wrapper = mount(component, {
    props,
    attachTo: document.body,
    global: { provide: { [appKey as symbol]: app } },
  });
  return { wrapper, app, backend };
}

/** The button whose text holds `text`. */
export function button(wrapper: VueWrapper, text: string): HTMLButtonElement {
  const found = wrapper.findAll("button").find((each) => each.text().includes(text));
  if (!found) throw new Error(`no button ${text} in ${wrapper.text()}`);
  return found.element as HTMLButtonElement;
}
