import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { toUiError, type Backend, type Handed, type Unsubscribe } from "./backend";
import type { Ticket } from "./generated/Ticket";
import type { UiError } from "./generated/UiError";

function subscribe<T>(event: string, handler: (payload: T) => void): Unsubscribe {
  const listening = listen<T>(event, ({ payload }) => handler(payload));
  return () => void listening.then((stop) => stop());
}

const handed = (ticket: Ticket): Handed => ({ name: ticket.file_name, open: async () => ticket });

/** The shell that is a window: commands and events of Tauri. */
export function tauriBackend(): Backend {
  async function call<T>(command: string, args: object): Promise<T> {
    try {
      return await invoke<T>(command, { args });
    } catch (thrown) {
      throw toUiError(thrown);
    }
  }
  return {
    kind: "window",
    call,
    chooseWorkbook: () => call<Ticket | null>("choose_workbook", {}),
    chooseWorkbooks: async () => (await call<Ticket[]>("choose_workbooks", {})).map(handed),
    chooseProfile: () => call<Ticket | null>("choose_profile", {}),
    chooseAttachment: () => call<Ticket | null>("choose_attachment", {}),
    chooseBackup: () => call<Ticket | null>("choose_backup", {}),
    chooseFolder: () => call<Ticket | null>("choose_folder", {}),
    chooseSigned: () => call<Ticket | null>("choose_signed", {}),
    chooseKeyFile: () => call<Ticket | null>("choose_key_file", {}),
    chooseModule: () => call<Ticket | null>("choose_module", {}),
    chooseRoot: () => call<Ticket | null>("choose_root", {}),
    askSecret: (ask) => call<string | null>("ask_secret", ask),
    async dropSecret() {
      await call("secret_given_up", {});
    },
    openedFile: () => call<Ticket | null>("opened_file", {}),
    onOpened: (opened) => subscribe<null>("opened", () => opened()),
    onDropped(dropped, failed) {
      const stops = [
        subscribe<Ticket>("dropped", (ticket) => dropped([handed(ticket)])),
        subscribe<UiError>("drop_failed", failed),
      ];
      return () => stops.forEach((stop) => stop());
    },
    onDragging: (dragging) => subscribe<boolean>("dragging", dragging),
  };
}
