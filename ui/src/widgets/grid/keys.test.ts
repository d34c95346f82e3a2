import { expect, test } from "vitest";
import { commandOf, type EditMode, type Key } from "./keys";

function press(name: string, mode: EditMode = "idle", more: Partial<Key> = {}) {
  const key = { key: name, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, isComposing: false };
  return commandOf({ ...key, keyCode: 0, ...more }, mode);
}
const ctrl = { ctrlKey: true };
const shift = { shiftKey: true };

test("no key means anything while the input method has it", () => {
  for (const name of ["Enter", "Tab", "Escape", "ArrowDown", "Delete", "F2", "a"]) {
    for (const mode of ["idle", "type", "edit"] as const) {
      expect(press(name, mode, { isComposing: true }), `${name} while composing`).toBeUndefined();
      expect(press(name, mode, { keyCode: 229 }), `${name} with key code 229`).toBeUndefined();
    }
  }
});

test("Enter, Tab and Esc", () => {
  expect(press("Enter", "edit")).toEqual({ do: "commit", rows: 1, columns: 0 });
  expect(press("Enter", "type", shift)).toEqual({ do: "commit", rows: -1, columns: 0 });
  expect(press("Tab", "edit", shift)).toEqual({ do: "commit", rows: 0, columns: -1 });
  expect(press("Escape", "type")).toEqual({ do: "cancel" });
  expect(press("Escape")).toEqual({ do: "leave" });
});

test("arrows commit what was typed, but move the caret in a text that is edited", () => {
  expect(press("ArrowLeft", "type")).toEqual({ do: "commit", rows: 0, columns: -1 });
  expect(press("ArrowLeft", "edit")).toBeUndefined();
  expect(press("Delete", "edit"), "deletes letters there, not cells").toBeUndefined();
  expect(press("z", "type", ctrl), "undoes typing there").toBeUndefined();
});

test("the keys of a spreadsheet", () => {
  expect(press("ArrowDown", "idle", shift)).toMatchObject({ do: "move", motion: { rows: 1 }, extend: true });
  expect(press("ArrowUp", "idle", ctrl)).toMatchObject({ motion: { to: "columnStart" } });
  expect(press("Home")).toMatchObject({ motion: { to: "rowStart" } });
  expect(press("End", "idle", ctrl)).toMatchObject({ motion: { to: "last" } });
  expect(press("PageDown", "idle", shift)).toEqual({ do: "page", pages: 1, extend: true });
  const named = ["a", "d", "z", "y", "f", "Delete"].map((name) => press(name, "idle", ctrl)?.do);
  expect(named).toEqual(["all", "fillDown", "undo", "redo", "find", "exclude"]);
  expect(press("Z", "idle", { ...ctrl, ...shift })).toEqual({ do: "redo" });
  expect([press("F2"), press("Delete"), press("F8"), press("F8", "idle", shift)]).toEqual([
    { do: "edit" },
    { do: "clear" },
    { do: "finding", step: 1 },
    { do: "finding", step: -1 },
  ]);
});

test("letters and the clipboard keys are left to the box", () => {
  for (const name of ["a", "5", "王"]) expect(press(name)).toBeUndefined();
  for (const name of ["c", "x", "v"]) expect(press(name, "idle", ctrl)).toBeUndefined();
});
