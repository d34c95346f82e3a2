import { invoke } from "@tauri-apps/api/core";
import type { SecretAsk } from "./backend";

/** The door of the window that a PIN is typed into: what it may call, and no more. */
export interface SecretDoor {
  /** What is asked for; `null` where nobody asks any more. */
  asked(): Promise<SecretAsk | null>;
  /** Hands over what was typed; the window closes. */
  typed(secret: string): Promise<void>;
  /** Nothing is typed; the window closes. */
  givenUp(): Promise<void>;
}

export function secretDoor(): SecretDoor {
  return {
    asked: () => invoke<SecretAsk | null>("secret_asked"),
    async typed(secret) {
      await invoke("secret_typed", { typed: secret });
    },
    async givenUp() {
      await invoke("secret_given_up");
    },
  };
}
