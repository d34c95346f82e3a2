import { onScopeDispose, type Ref } from "vue";
import type { CertificateView, SecretAsk } from "../backend";
import { t } from "../text/zh";
import { useApp } from "./app";
import { useTask, type Task } from "./task";

/** What the window says of what is typed there. */
export type SecretWords = Pick<SecretAsk, "title" | "holder" | "about" | "purpose" | "warning" | "hints" | "action">;

/** What it asks for; how it looks is as the rest. */
export type SecretQuestion = Omit<SecretAsk, "theme" | "scale" | "contrast">;

/** How a PIN or a passphrase is typed. */
export interface SecretTyping {
  /** In a window of its own, and never into this page; in a browser there is none. */
  outside: boolean;
  /** The window is open. */
  asking: Ref<boolean>;
  /** Why it could not be opened. */
  error: Task["error"];
  /** What stands once for what was typed; `null` where nothing was. */
  ask(question: SecretQuestion): Promise<string | null>;
  /** Nobody waits for it any more: the window closes. */
  drop(): void;
}

export function useSecret(): SecretTyping {
  const { desk, preferences } = useApp();
  const task = useTask();
  const { askSecret, dropSecret } = desk;
  const drop = (): void => {
    if (task.running.value) void dropSecret?.().catch(() => undefined);
  };
  // A page that goes, because the screen was locked too, leaves no window behind.
  onScopeDispose(drop);
  return {
    outside: askSecret !== undefined,
    asking: task.running,
    error: task.error,
    async ask(question) {
      if (askSecret === undefined) return null;
      const { theme, scale, contrast } = preferences.value ?? { theme: "system", scale: 100, contrast: false };
      return (await task.run(() => askSecret({ ...question, theme, scale, contrast }))) ?? null;
    },
    drop,
  };
}

type Holder = Pick<CertificateView, "unit_name" | "role" | "kept" | "tries_left">;

/** What tells a certificate from others. */
export const aboutOf = (certificate: Holder | null | undefined): string =>
  certificate ? [certificate.unit_name, certificate.role, certificate.kept].filter(Boolean).join(" · ") : "";

/** What is to be known before its PIN is tried: what a last wrong one does, or how many are left. */
export function triesOf(certificate: Pick<Holder, "tries_left"> | null | undefined): { last: string; left: string } {
  const left = certificate?.tries_left ?? null;
  if (left === 1) return { last: t.review.lastTry, left: "" };
  return { last: "", left: left === null ? "" : t.review.triesLeft(left) };
}
