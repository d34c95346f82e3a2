import type { EditMode } from "./keys";

export interface EditorEvents {
  /** Editing starts: by typing, by the input method, or asked for. */
  started: () => void;
  /** The text in the box is another one. */
  typed: () => void;
  /** Editing is over; `text` is absent when it was cancelled or left as it was. */
  ended: (text: string | undefined) => void;
}

/**
 * The one text box of the grid. It is empty while idle: an input method then gets its very first key, and the box
 * can take focus without the freeze that Windows' text services show on a filled one.
 */
export class CellEditor {
  mode: EditMode = "idle";
  composing = false;
  private original = "";
  private prefill: string | undefined;
  private leaving = false;
  private whenComposed: (() => void) | undefined;

  constructor(
    private readonly box: HTMLTextAreaElement,
    private readonly events: EditorEvents,
  ) {
    box.addEventListener("compositionstart", () => {
      this.composing = true;
      this.start("type");
    });
    box.addEventListener("compositionend", () => this.composed());
    box.addEventListener("input", () => {
      this.start("type");
      if (this.mode !== "idle") this.events.typed();
    });
    box.addEventListener("blur", () => this.blurred());
  }

  /** Text of the cell the box lies on; typing the same text again is no change. */
  setOriginal(text: string): void {
    if (this.mode === "idle") this.original = text;
  }

  /** What stands in the box, or will in the next frame. */
  get text(): string {
    return (this.prefill ?? "") + this.box.value;
  }

  /** Edits the present text: focus first, the text follows in the next frame. */
  edit(): void {
    if (this.mode !== "idle" || this.box.readOnly) return;
    this.box.focus({ preventScroll: true });
    this.prefill = this.original;
    this.start("edit");
    requestAnimationFrame(() => this.fill());
  }

  /** Does nothing in the middle of a composition: half a word is no text. */
  commit(): void {
    if (this.mode === "idle" || this.composing) return;
    this.fill();
    const text = this.box.value;
    this.end(text === this.original ? undefined : text);
  }

  /** Commits a text that was chosen in place of what is typed. */
  take(text: string): void {
    if (this.mode === "idle" || this.composing) return;
    this.prefill = undefined;
    this.box.value = text;
    this.commit();
  }

  cancel(): void {
    this.end(undefined);
  }

  /** Commits, then goes on; a running composition is ended first and its text kept. */
  commitThen(next: () => void): void {
    if (!this.composing) {
      this.commit();
      next();
      return;
    }
    // A browser ends the composition inside blur() or a little later; focus may move only after blur() is through.
    this.leaving = true;
    this.box.blur();
    this.leaving = false;
    if (this.composing) {
      this.whenComposed = next;
      return;
    }
    this.commit();
    next();
  }

  private start(mode: EditMode): void {
    if (this.mode !== "idle" || this.box.readOnly) return;
    this.mode = mode;
    this.events.started();
  }

  private end(text: string | undefined): void {
    if (this.mode === "idle") return;
    this.mode = "idle";
    this.prefill = undefined;
    this.box.value = "";
    this.events.ended(text);
  }

  private fill(): void {
    if (this.prefill === undefined || this.composing) return;
    // Keys typed before the text came stand behind it, as if it had been there.
    this.box.value = this.prefill + this.box.value;
    this.prefill = undefined;
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  private composed(): void {
    this.composing = false;
    this.fill();
    if (this.leaving) return;
    const next = this.whenComposed;
    this.whenComposed = undefined;
    if (next) {
      this.commit();
      next();
    } else if (document.activeElement !== this.box && document.hasFocus()) {
      this.commit();
    }
  }

  /** Another place of this window took the focus: commit. Another window took it: the text waits. */
  private blurred(): void {
    if (document.hasFocus()) this.commit();
  }
}
