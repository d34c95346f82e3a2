export interface DragEvents {
  /** Direction in which the pointer lies beside the cells; absent while it is over them. */
  beside: (x: number, y: number) => { row: number; column: number } | undefined;
  scroll: (rows: number, columns: number) => void;
  /** The selection reaches to the cell under, or nearest to, the pointer. */
  extend: (x: number, y: number) => void;
  /** The button was let go. */
  ended?: () => void;
}

/** Selecting with the button held; goes on scrolling while the pointer is held beside the cells. */
export class Drag {
  private pointer: { x: number; y: number } | undefined;
  private frame = 0;

  constructor(private readonly events: DragEvents) {}

  start(x: number, y: number): void {
    this.pointer = { x, y };
    window.addEventListener("mousemove", this.moved);
    window.addEventListener("mouseup", this.let);
  }

  readonly stop = (): void => {
    this.pointer = undefined;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    window.removeEventListener("mousemove", this.moved);
    window.removeEventListener("mouseup", this.let);
  };

  private readonly let = (): void => {
    this.stop();
    this.events.ended?.();
  };

  private readonly moved = (event: MouseEvent): void => {
    // The button may have been released outside the window.
    if (event.buttons === 0) return this.let();
    this.pointer = { x: event.clientX, y: event.clientY };
    this.events.extend(event.clientX, event.clientY);
    this.frame ||= requestAnimationFrame(this.scroll);
  };

  private readonly scroll = (): void => {
    this.frame = 0;
    if (!this.pointer) return;
    const { x, y } = this.pointer;
    const direction = this.events.beside(x, y);
    if (!direction) return;
    this.events.scroll(direction.row, direction.column);
    this.events.extend(x, y);
    this.frame = requestAnimationFrame(this.scroll);
  };
}
