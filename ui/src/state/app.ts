import { inject, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import type { Backend, Desk, SessionView, Ticket } from "../backend";
import { commands } from "../backend";
import { createWork, type Work } from "./work";

/** Where the user is. There is no address: nothing of the work shows up in a browser's history. */
export type Screen =
  | { name: "start" }
  | { name: "month" }
  | { name: "base" }
  | { name: "cities" }
  | { name: "import"; ticket: Ticket }
  | { name: "draft"; draft: string }
  | { name: "review"; draft: string }
  | { name: "filing"; filing: string };

/** What every screen shares. */
export interface App {
  desk: Desk;
  work: Work;
  screen: ShallowRef<Screen>;
  session: ShallowRef<SessionView | null>;
  version: Ref<string>;
  go(screen: Screen): void;
}

const key: InjectionKey<App> = Symbol("app");

/** Wraps a backend so that the window's progress bar follows every command. */
function followed(backend: Backend, work: Work): Backend {
  return {
    kind: backend.kind,
    // Pages of the grid come and go while scrolling; the grid shows by itself which rows are still on their way.
    call: (command, args) =>
      command === "draft_page" ? backend.call(command, args) : work.follow(backend.call(command, args)),
    // The time a person takes to choose is not work.
    chooseWorkbook: () => backend.chooseWorkbook(),
    chooseProfile: () => backend.chooseProfile(),
    onDropped: (dropped, failed) => backend.onDropped(dropped, failed),
    onDragging: (dragging) => backend.onDragging(dragging),
  };
}

export function createAppState(backend: Backend): App {
  const work = createWork();
  const screen = shallowRef<Screen>({ name: "start" });
  return {
    desk: commands(followed(backend, work)),
    work,
    screen,
    session: shallowRef<SessionView | null>(null),
    version: ref(""),
    go(next) {
      screen.value = next;
    },
  };
}

export { key as appKey };

export function useApp(): App {
  const app = inject(key);
  if (app === undefined) throw new Error("no app state provided");
  return app;
}
