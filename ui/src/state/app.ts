import { computed, inject, ref, shallowRef, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import type {
  ApprovalView,
  Backend,
  Desk,
  Handed,
  KindGroup,
  OrderForm,
  Preferences,
  ProfileView,
  QueryKind,
  SafetyView,
  SessionView,
  Ticket,
  UiError,
  UnlockWay,
} from "../backend";
import { commands } from "../backend";
import { createWork, type Work } from "./work";

/** Whether a session does nothing more before somebody logs in: its key refused, or can sign no new connection. */
export function needsLogin(session: SessionView | null | undefined): boolean {
  return ["net-login-ended", "net-client-key"].includes(session?.connection ?? "");
}

/** Where one's work begins: the clerk's with the month, the approver's with what waits for him. */
export function homeOf(session: SessionView): Screen {
  return { name: session.approves_only ? "approvals" : "month" };
}

/** Where the user is. There is no address: nothing of the work shows up in a browser's history. */
export type Screen =
  | { name: "start" }
  | { name: "month" }
  | { name: "kind"; kind: string }
  | { name: "compare" }
  | { name: "comparison"; comparison: string }
  | { name: "statement" }
  /** `account`: whom to show. */
  | { name: "contributors"; account?: string }
  /** `account`: whose ledger; `number`: the filing that is shown. */
  | { name: "query"; query: QueryKind; account?: string; number?: string }
  /** `through`: the last month to verify. */
  | { name: "verification"; through?: string }
  /** `order`: the number of the order whose card is shown. */
  | { name: "payments"; order?: string }
  | { name: "unprocessed" }
  /** Something made from the center's books, before it is signed. */
  | { name: "order"; order: OrderForm }
  | { name: "approvals" }
  /** `opened`: what a file that was handed over says. */
  | { name: "approval"; filing: string; opened?: ApprovalView }
  | { name: "cities" }
  | { name: "rules" }
  /** `edit`: there are changes in it already that nobody has saved. */
  | { name: "rule"; view: ProfileView; edit: boolean }
  | { name: "calibrate" }
  | { name: "certificates" }
  | { name: "data" }
  | { name: "audit" }
  | { name: "settings" }
  /** Every unit and how far its month is. */
  | { name: "units" }
  | { name: "tokens" }
  /** `profile`: the rules of the user's own that the template goes into. */
  | { name: "learn"; profile: string; title: string }
  /** `handed`: the file as it was handed over, which can be opened again. */
  | { name: "import"; ticket: Ticket; kind?: string; handed?: HandedFile }
  /** `paste`: a table copied elsewhere that goes into the draft; empty where it is still to be pasted. */
  | { name: "draft"; draft: string; kind?: string; paste?: string }
  | { name: "review"; draft: string; kind?: string }
  | { name: "filing"; filing: string; kind?: string };

/** A workbook that was handed over for a kind of filing, or for whichever it is. */
export interface HandedFile extends Handed {
  kind: string | undefined;
}

/** What the help shows: a page, by its name or by the code of a finding, or its contents. */
export interface Help {
  page: string | null;
}

/** What every screen shares. */
export interface App {
  desk: Desk;
  work: Work;
  screen: ShallowRef<Screen>;
  session: ShallowRef<SessionView | null>;
  /** The kinds of filings that there are. */
  kinds: ShallowRef<readonly KindGroup[]>;
  version: Ref<string>;
  /** When the screen locks, and whether ID numbers are masked; `null` until the data are open. */
  safety: ShallowRef<SafetyView | null>;
  /** What unlocks the screen; `null` while it is not locked. */
  locked: ShallowRef<readonly UnlockWay[] | null>;
  /** What the user must know about the data. */
  notices: ShallowRef<readonly UiError[]>;
  /** Rises when the center's events changed anything; see `usePulse`. */
  revision: Ref<number>;
  /** Workbooks that were handed over together and are not imported yet. */
  handed: ShallowRef<readonly HandedFile[]>;
  /** One of them is on its way to the screen. */
  opening: Ref<boolean>;
  /** A signed file that the system opened the program with while no unit was open to show it in. */
  opened: ShallowRef<Ticket | null>;
  /** The help beside the screen; `null` while it is closed. */
  help: ShallowRef<Help | null>;
  /** What was chosen on this computer; `null` until the core has said so. */
  preferences: ShallowRef<Preferences | null>;
  /** The first-run tour is shown. */
  tour: Ref<boolean>;
  go(screen: Screen): void;
  /** Shows an opened unit, with what can be filed there. */
  enter(session: SessionView): Promise<void>;
}

const key: InjectionKey<App> = Symbol("app");

/** Wraps a backend so that the window's progress bar follows every command. */
function followed(backend: Backend, work: Work): Backend {
  return {
    kind: backend.kind,
    // Pages of the grid come and go while scrolling; the grid shows by itself which rows are still on their way.
    // The pulse and the notices are asked for by nobody.
    call: (command, args) =>
      ["draft_page", "pulse", "notices"].includes(command)
        ? backend.call(command, args)
        : work.follow(backend.call(command, args)),
    // The time a person takes to choose is not work.
    chooseWorkbook: () => backend.chooseWorkbook(),
    chooseWorkbooks: () => backend.chooseWorkbooks(),
    chooseProfile: () => backend.chooseProfile(),
    chooseAttachment: () => backend.chooseAttachment(),
    chooseBackup: () => backend.chooseBackup(),
    chooseFolder: () => backend.chooseFolder(),
    chooseSigned: () => backend.chooseSigned(),
    chooseKeyFile: () => backend.chooseKeyFile(),
    chooseModule: () => backend.chooseModule(),
    chooseRoot: () => backend.chooseRoot(),
    // Nor is the time that he takes to type.
    askSecret: backend.askSecret?.bind(backend),
    dropSecret: backend.dropSecret?.bind(backend),
    openedFile: () => backend.openedFile(),
    onOpened: (opened) => backend.onOpened(opened),
    onDropped: (dropped, failed) => backend.onDropped(dropped, failed),
    onDragging: (dragging) => backend.onDragging(dragging),
  };
}

export function createAppState(backend: Backend): App {
  const work = createWork();
  const screen = shallowRef<Screen>({ name: "start" });
  const desk = commands(followed(backend, work));
  const session = shallowRef<SessionView | null>(null);
  const kinds = shallowRef<readonly KindGroup[]>([]);
  const safety = shallowRef<SafetyView | null>(null);
  return {
    desk,
    work,
    screen,
    session,
    kinds,
    version: ref(""),
    safety,
    locked: shallowRef<readonly UnlockWay[] | null>(null),
    notices: shallowRef<readonly UiError[]>([]),
    revision: ref(0),
    handed: shallowRef<readonly HandedFile[]>([]),
    opening: ref(false),
    opened: shallowRef<Ticket | null>(null),
    help: shallowRef<Help | null>(null),
    preferences: shallowRef<Preferences | null>(null),
    tour: ref(false),
    go(next) {
      screen.value = next;
    },
    async enter(opened) {
      kinds.value = await desk.kinds();
      safety.value = await desk.safety();
      session.value = opened;
      screen.value = homeOf(opened);
    },
  };
}

export { key as appKey };

export function useApp(): App {
  const app = inject(key);
  if (app === undefined) throw new Error("no app state provided");
  return app;
}

/** Opens the help beside the screen; nothing where there is no window around it. */
export function useHelp(): (page: string) => void {
  const app = inject(key, undefined);
  return (page) => {
    if (app) app.help.value = { page };
  };
}

/** Whether ID numbers show their ends only: so it is unless somebody chose otherwise. */
export function useMasking(): ComputedRef<boolean> {
  const app = inject(key, undefined);
  return computed(() => app?.safety.value?.masked ?? true);
}
