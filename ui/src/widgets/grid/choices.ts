/** The list under the cell being edited: what can be chosen there. Any other text can be typed all the same. */
export class Choices {
  private texts: readonly string[] = [];
  private chosen = -1;

  constructor(
    private readonly list: HTMLElement,
    private readonly box: HTMLElement,
    private readonly frame: HTMLElement,
    picked: (text: string) => void,
  ) {
    list.addEventListener("mousedown", (event) => {
      // The box keeps the focus: losing it would commit what is typed so far.
      event.preventDefault();
      const option = (event.target as HTMLElement).closest("[role=option]");
      const text = option && this.texts[[...list.children].indexOf(option)];
      if (typeof text === "string" && event.button === 0) picked(text);
    });
  }

  get open(): boolean {
    return !this.list.hidden;
  }

  /** The option that Enter takes; absent where what is typed is taken. */
  get picked(): string | undefined {
    return this.open ? this.texts[this.chosen] : undefined;
  }

  /** Offers what holds the typed text; all of it where the typed text is one of them. */
  offer(choices: readonly string[], typed: string, label: string): void {
    const wanted = typed.trim();
    const exact = choices.indexOf(wanted);
    this.texts = wanted === "" || exact >= 0 ? choices : choices.filter((text) => text.includes(wanted));
    if (this.texts.length === 0) return this.close();
    this.list.setAttribute("aria-label", label);
    this.list.replaceChildren(...this.texts.map((text, index) => this.option(text, index)));
    this.list.hidden = false;
    this.mark(exact);
  }

  /** Goes to the next or the last option; past the ends it stays. */
  move(step: 1 | -1): void {
    this.mark(Math.max(0, Math.min(this.chosen + step, this.texts.length - 1)));
  }

  close(): void {
    this.texts = [];
    this.chosen = -1;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.box.removeAttribute("aria-activedescendant");
  }

  /** Lays the list under the cell, or above it where there is more room; pixels from the frame's corner. */
  place(cell: { left: number; right: number; top: number; bottom: number }): void {
    if (!this.open) return;
    const { list, frame } = this;
    const below = frame.clientHeight - cell.bottom - 4;
    const above = cell.top - 4;
    list.style.maxHeight = "none";
    list.style.minWidth = `${cell.right - cell.left}px`;
    const under = list.offsetHeight <= below || below >= above;
    list.style.maxHeight = `${Math.max(60, under ? below : above)}px`;
    const left = Math.max(0, Math.min(cell.left, frame.clientWidth - list.offsetWidth - 4));
    const top = under ? cell.bottom : Math.max(0, cell.top - list.offsetHeight);
    list.style.transform = `translate(${Math.round(left)}px,${Math.round(top)}px)`;
  }

  private mark(index: number): void {
    this.chosen = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.list.children[index];
    if (!option) return this.box.removeAttribute("aria-activedescendant");
    this.box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  private option(text: string, index: number): HTMLElement {
    const option = document.createElement("div");
    option.id = `${this.list.id}-${index}`;
    option.setAttribute("role", "option");
    option.textContent = text;
    return option;
  }
}
