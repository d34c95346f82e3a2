import type { Motion } from "./selection";

/** `type`: what is typed replaces the cell, arrows commit. `edit`: the old text is there, arrows move the caret. */
export type EditMode = "idle" | "type" | "edit";

export type Command =
  | { do: "move"; motion: Motion; extend: boolean }
  | { do: "page"; pages: 1 | -1; extend: boolean }
  | { do: "commit"; rows: number; columns: number }
  | { do: "finding"; step: 1 | -1 }
  | {
      do: "all" | "edit" | "choose" | "clear" | "cancel" | "fillDown" | "exclude" | "undo" | "redo" | "find" | "leave";
    };

export type Key = Pick<
  KeyboardEvent,
  "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "isComposing" | "keyCode"
>;

/** The key belongs to the input method: Enter picks a candidate and must not commit the cell. */
export function isInputMethodKey(key: Pick<Key, "isComposing" | "keyCode">): boolean {
  return key.isComposing || key.keyCode === 229;
}

const ARROWS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** What a key means; `undefined` leaves it to the browser. */
export function commandOf(key: Key, mode: EditMode): Command | undefined {
  if (isInputMethodKey(key)) return undefined;
  if (key.altKey) return key.key === "ArrowDown" && !key.ctrlKey ? { do: "choose" } : undefined;
  const ctrl = key.ctrlKey || key.metaKey;
  const back = key.shiftKey ? -1 : 1;
  if (key.key === "Enter") return { do: "commit", rows: back, columns: 0 };
  if (key.key === "Tab" && !ctrl) return { do: "commit", rows: 0, columns: back };
  if (key.key === "Escape") return { do: mode === "idle" ? "leave" : "cancel" };
  if (key.key === "F8") return { do: "finding", step: back };
  if (mode === "edit") return undefined;
  const arrow = ARROWS[key.key];
  if (mode === "type") return arrow && !ctrl ? { do: "commit", rows: arrow[0], columns: arrow[1] } : undefined;
  if (arrow) return { do: "move", motion: arrowMotion(arrow, ctrl), extend: key.shiftKey };
  return ctrl ? controlCommand(key) : plainCommand(key);
}

function arrowMotion([rows, columns]: [number, number], ctrl: boolean): Motion {
  if (!ctrl) return { to: "by", rows, columns };
  if (rows) return { to: rows < 0 ? "columnStart" : "columnEnd" };
  return { to: columns < 0 ? "rowStart" : "rowEnd" };
}

function plainCommand(key: Key): Command | undefined {
  switch (key.key) {
    case "Home":
      return { do: "move", motion: { to: "rowStart" }, extend: key.shiftKey };
    case "End":
      return { do: "move", motion: { to: "rowEnd" }, extend: key.shiftKey };
    case "PageUp":
      return { do: "page", pages: -1, extend: key.shiftKey };
    case "PageDown":
      return { do: "page", pages: 1, extend: key.shiftKey };
    case "F2":
      return { do: "edit" };
    case "Delete":
    case "Backspace":
      return { do: "clear" };
    default:
      return undefined;
  }
}

function controlCommand(key: Key): Command | undefined {
  switch (key.key.toLowerCase()) {
    case "home":
      return { do: "move", motion: { to: "first" }, extend: key.shiftKey };
    case "end":
      return { do: "move", motion: { to: "last" }, extend: key.shiftKey };
    case "a":
      return { do: "all" };
    case "d":
      return { do: "fillDown" };
    case "z":
      return { do: key.shiftKey ? "redo" : "undo" };
    case "y":
      return { do: "redo" };
    case "f":
      return { do: "find" };
    case "delete":
      return { do: "exclude" };
    default:
      return undefined;
  }
}
