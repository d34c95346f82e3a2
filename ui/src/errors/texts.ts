import table from "../../../src-tauri/domain/texts.json";
import type { UiError } from "../backend";
import { t } from "../text/zh";

/** The three parts of every message. */
export interface Words {
  /** What it is called. */
  title: string;
  /** What happened. */
  happened: string;
  /** What the user can do now. */
  remedy: string;
}

/** The words of an error, and whether the table knew its code. */
export interface Description extends Words {
  known: boolean;
}

const words: Readonly<Record<string, Words>> = table;

/** Puts the figures into `{name}` places; a place without a figure stays visibly empty rather than showing its name. */
export function fill(template: string, args: Readonly<Record<string, string>>): string {
  return template.replace(/\{([a-z0-9_]+)\}/gi, (_, name: string) => args[name] ?? "—");
}

/** The words for a code; absent where the table has none. */
export function lookup(code: string): Words | undefined {
  return Object.hasOwn(words, code) ? words[code] : undefined;
}

/** What a reason is called, by its code; nothing for none. */
export function titleOf(code: string | null): string {
  return code === null ? "" : (lookup(code)?.title ?? code);
}

/** What to tell the user about an error. */
export function describe(error: UiError): Description {
  const known = lookup(error.code);
  const { title, happened, remedy } = known ?? lookup("ui-unexpected") ?? { title: "", happened: "", remedy: "" };
  const { issuer } = error.args;
  return {
    title: fill(title, error.args),
    happened: fill(happened, error.args) + (issuer === undefined ? "" : t.error.issuer(issuer)),
    remedy: fill(remedy, error.args),
    known: known !== undefined && error.code !== "ui-unexpected",
  };
}
