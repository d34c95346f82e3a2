/** The one tooltip of the grid. */
export class Tooltip {
  private shown = "";

  constructor(
    private readonly element: HTMLElement,
    private readonly frame: HTMLElement,
  ) {}

  /** Shows `text` under the box, or above it near the lower edge; pixels from the frame's corner. */
  show(text: string, level: string, box: { left: number; top: number; bottom: number }): void {
    const look = `grid-tooltip is-${level}`;
    if (this.element.className !== look) this.element.className = look;
    if (this.shown !== text) this.element.textContent = this.shown = text;
    this.element.hidden = false;
    const { offsetWidth, offsetHeight } = this.element;
    const left = Math.max(0, Math.min(box.left, this.frame.clientWidth - offsetWidth - 4));
    const below = box.bottom + offsetHeight + 6 < this.frame.clientHeight;
    const top = below ? box.bottom + 4 : Math.max(0, box.top - offsetHeight - 4);
    this.element.style.transform = `translate(${Math.round(left)}px,${Math.round(top)}px)`;
  }

  hide(): void {
    if (!this.element.hidden) this.element.hidden = true;
  }
}
