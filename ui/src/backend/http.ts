import { fault, toUiError, type Backend, type Handed, type Unsubscribe } from "./backend";
import type { Ticket } from "./generated/Ticket";

/** File types offered in the dialog; what a file really is, the core decides by its content. */
const WORKBOOKS = ".xlsx,.xls,.xlsb,.ods,.csv,.txt";
const PROFILES = ".json";

async function send<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...init, method: "POST" });
  } catch {
    throw fault("ui-no-answer");
  }
  // The cookie is gone or of a program that has ended: only a page that the program opens itself has a new one.
  if (response.status === 401 || response.status === 403) throw fault("ui-no-session");
  const body = await response.text();
  let value: unknown = null;
  try {
    value = body === "" ? null : JSON.parse(body);
  } catch {
    throw fault("ui-unexpected", { detail: `HTTP ${response.status}` });
  }
  if (!response.ok) {
    throw toUiError(value ?? `HTTP ${response.status}`);
  }
  return value as T;
}

function json(value: object): RequestInit {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/**
 * Trades the one-time token of the address (`#t=…`) for a session cookie and takes it out of the address bar.
 * Without one the page was reloaded and has its cookie already.
 */
export async function openSession(): Promise<void> {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("t");
  if (token === null) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  await send<null>("/session", json({ token }));
}

function upload(file: File): Promise<Ticket> {
  const name = encodeURIComponent(file.name);
  return send<Ticket>(`/upload?name=${name}`, {
    headers: { "content-type": "application/octet-stream" },
    body: file,
  });
}

/** Sent when it is its turn: the core keeps only few of the files that browsers send. */
const handed = (file: File): Handed => ({ name: file.name, open: () => upload(file) });

function pickFiles(accept: string, multiple = false): Promise<readonly File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.multiple = multiple;
    input.hidden = true;
    const done = (files: readonly File[]): void => {
      input.remove();
      resolve(files);
    };
    input.addEventListener("change", () => done([...(input.files ?? [])]));
    input.addEventListener("cancel", () => done([]));
    document.body.append(input);
    input.click();
  });
}

async function choose(accept: string): Promise<Ticket | null> {
  const [file] = await pickFiles(accept);
  return file === undefined ? null : upload(file);
}

function on(events: Partial<Record<"dragenter" | "dragover" | "dragleave" | "drop", (event: DragEvent) => void>>) {
  const entries = Object.entries(events) as [string, (event: Event) => void][];
  for (const [name, handler] of entries) window.addEventListener(name, handler);
  return () => {
    for (const [name, handler] of entries) window.removeEventListener(name, handler);
  };
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** The shell that is a page: the loopback server of `huijiao-web`. */
export function httpBackend(): Backend {
  return {
    kind: "browser",
    call: (command, args) => send(`/call/${command}`, json(args)),
    chooseWorkbook: () => choose(WORKBOOKS),
    chooseWorkbooks: async () => (await pickFiles(WORKBOOKS, true)).map(handed),
    chooseProfile: () => choose(PROFILES),
    chooseAttachment: () => choose(".pdf,.jpg,.jpeg,.png"),
    chooseBackup: () => choose(".hjb"),
    chooseFolder: async () => null,
    chooseSigned: () => choose(".p7m"),
    chooseKeyFile: () => choose(".p12,.pfx"),
    chooseModule: async () => null,
    chooseRoot: () => choose(".pem,.crt,.cer,.der"),
    // A browser is no program that files are opened with.
    openedFile: async () => null,
    onOpened: () => () => undefined,
    onDropped(dropped): Unsubscribe {
      return on({
        // Without this the browser would leave the page and show the file.
        dragover: (event) => {
          if (holdsFiles(event)) event.preventDefault();
        },
        drop: (event) => {
          if (!holdsFiles(event)) return;
          event.preventDefault();
          dropped([...(event.dataTransfer?.files ?? [])].map(handed));
        },
      });
    },
    onDragging(dragging): Unsubscribe {
      return on({
        dragenter: (event) => {
          if (holdsFiles(event)) dragging(true);
        },
        dragleave: (event) => {
          if (event.relatedTarget === null) dragging(false);
        },
        drop: () => dragging(false),
      });
    },
  };
}
