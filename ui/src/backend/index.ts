import type { Backend } from "./backend";

export { fault, toUiError, type Backend, type Handed, type SecretAsk, type Unsubscribe } from "./backend";
export { commands, type Desk } from "./commands";
export type * from "./types";

/** Opens the door of the shell that shows this page. */
export async function openBackend(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) {
    const { tauriBackend } = await import("./tauri");
    return tauriBackend();
  }
  const { httpBackend, openSession } = await import("./http");
  await openSession();
  return httpBackend();
}
