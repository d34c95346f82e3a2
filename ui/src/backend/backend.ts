import type { Theme } from "./generated/Theme";
import type { Ticket } from "./generated/Ticket";
import type { UiError } from "./generated/UiError";

/** Stops what a subscription started. */
export type Unsubscribe = () => void;

/** A workbook that the user handed over, with others perhaps. */
export interface Handed {
  name: string;
  /** A ticket for it; what a browser holds is sent only now. */
  open(): Promise<Ticket>;
}

/** What the window for PINs and passphrases shows, and how it looks. */
export interface SecretAsk {
  title: string;
  secret: "pin" | "passphrase";
  /** What is asked for. */
  label: string;
  /** It is chosen rather than asked for: twice, and long enough. */
  choose: boolean;
  /** Whose it is, and what else tells the certificate from others; empty where there is none. */
  holder: string;
  about: string;
  /** What it is used for. */
  purpose: string;
  /** What is to be known before it is tried: what a wrong one does, tries left, the PIN that everybody knows. */
  warning: string;
  hints: readonly [string, string];
  /** What the button says. */
  action: string;
  theme: Theme;
  scale: number;
  contrast: boolean;
  /** What stands for one that was typed before and goes along with this. */
  along: string | null;
}

/** The one door to the core. Every rejection is a {@link UiError}. */
export interface Backend {
  /** The window of the app, or a page of `huijiao-web`. */
  readonly kind: "window" | "browser";
  /** Runs a command of the core. */
  call<T>(command: string, args: object): Promise<T>;
  /** Lets the user choose a workbook; `null` when they changed their mind. */
  chooseWorkbook(): Promise<Ticket | null>;
  /** Lets the user choose any number of workbooks. */
  chooseWorkbooks(): Promise<readonly Handed[]>;
  /** Lets the user choose a file of rules, likewise. */
  chooseProfile(): Promise<Ticket | null>;
  /** Lets the user choose a paper to go along with a filing, likewise. */
  chooseAttachment(): Promise<Ticket | null>;
  /** Lets the user choose a backup, likewise. */
  chooseBackup(): Promise<Ticket | null>;
  /** Lets the user choose a folder to write into; in a browser there is no such choice. */
  chooseFolder(): Promise<Ticket | null>;
  /** Lets the user choose a signed filing. */
  chooseSigned(): Promise<Ticket | null>;
  /** Lets the user choose a file with a key. */
  chooseKeyFile(): Promise<Ticket | null>;
  /** Lets the user choose a driver of a token; in a browser there is no such choice. */
  chooseModule(): Promise<Ticket | null>;
  /** Lets the user choose a file with a center's root certificates. */
  chooseRoot(): Promise<Ticket | null>;
  /**
   * Has a PIN or a passphrase typed into a window of its own: what stands for it in one command, `null` where none was
   * typed. A browser has no such window.
   */
  askSecret?(ask: SecretAsk): Promise<string | null>;
  /** Nobody waits for it any more: the window closes. */
  dropSecret?(): Promise<void>;
  /** The signed file that was opened with the program, once; `null` where there is none. */
  openedFile(): Promise<Ticket | null>;
  /** Calls back when a signed file is opened while the program runs. */
  onOpened(opened: () => void): Unsubscribe;
  /** Calls back for workbooks dropped on the window. */
  onDropped(dropped: (files: readonly Handed[]) => void, failed: (error: UiError) => void): Unsubscribe;
  /** Tells when a file starts or stops hovering over the window. */
  onDragging(dragging: (over: boolean) => void): Unsubscribe;
}

function isUiError(value: unknown): value is UiError {
  return typeof value === "object" && value !== null && typeof (value as { code?: unknown }).code === "string";
}

/** A fault found on this side of the door. */
export function fault(code: string, args: Record<string, string> = {}): UiError {
  return { code, args, findings: [], trace: "", help: null };
}

/** Whatever was thrown, as the one error type of the UI. */
export function toUiError(thrown: unknown): UiError {
  if (isUiError(thrown)) {
    return {
      code: thrown.code,
      args: thrown.args ?? {},
      findings: thrown.findings ?? [],
      trace: thrown.trace ?? "",
      help: thrown.help ?? null,
    };
  }
  const detail = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : "";
  return fault("ui-unexpected", { detail });
}
