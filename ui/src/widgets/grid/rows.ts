import type { CellMark } from "../../backend/generated/CellMark";
import type { GridRow } from "../../backend/generated/GridRow";
import type { ColumnLayout } from "./columns";
import { slotRow } from "./pool";
import { contains, type Cell, type Range } from "./selection";
import { shownIn } from "./shown";
import type { GridWords } from "./words";

interface Shown {
  element: HTMLElement;
  text: Text;
  content: string;
  look: string;
  selected: boolean;
}

interface Slot {
  element: HTMLElement;
  header: HTMLElement;
  number: Text;
  box: HTMLElement;
  cells: Shown[];
  row: number;
  stamp: number;
}

/** What the rows are painted from. */
export interface Painted {
  rowAt: (position: number) => GridRow | undefined;
  total: number;
  range: Range;
  active: Cell;
}

/** The mark of a cell, or of the whole row for column -1. */
export function markOf(row: GridRow | undefined, column: number): CellMark | undefined {
  return row?.marks.find((mark) => (mark.column ?? -1) === column);
}

/** Why a cell is coloured: its own findings and those about its row. */
export function messageOf(row: GridRow | undefined, column: number): string {
  const marks = [markOf(row, column), column < 0 ? undefined : markOf(row, -1)];
  return marks.flatMap((mark) => (mark ? [mark.message] : [])).join("\n");
}

/** The fixed pool of row elements. Scrolling writes texts, classes and transforms; it makes and moves no node. */
export class Rows {
  private slots: Slot[] = [];
  private columns: ColumnLayout["columns"] = [];
  private masked = true;
  private readonly places = new WeakMap<Element, [slot: Slot, column: number]>();
  /** Counts what can change the look of rows: data, selection. */
  private stamp = 0;

  constructor(
    private readonly body: HTMLElement,
    private readonly prefix: string,
    private readonly words: GridWords,
  ) {}

  get size(): number {
    return this.slots.length;
  }

  build(layout: ColumnLayout, size: number, readonly: boolean, masked: boolean): void {
    this.columns = layout.columns;
    this.masked = masked;
    this.slots = Array.from({ length: size }, () => this.slot(layout, readonly));
    this.body.replaceChildren(...this.slots.map((slot) => slot.element));
  }

  outdate(): void {
    this.stamp += 1;
  }

  paint(first: number, rowHeight: number, painted: Painted): void {
    this.slots.forEach((slot, index) => {
      const row = slotRow(index, first, this.slots.length);
      if (slot.row === row && slot.stamp === this.stamp) return;
      if (slot.row !== row) {
        slot.row = row;
        slot.element.style.transform = `translateY(${row * rowHeight}px)`;
        slot.element.setAttribute("aria-rowindex", String(row + 2));
      }
      slot.stamp = this.stamp;
      const here = row < painted.total;
      if (slot.element.hidden === here) slot.element.hidden = !here;
      if (here) this.paintRow(slot, painted);
    });
  }

  /** Row and column (-1: row header) under an element of the pool. */
  placeOf(target: EventTarget | null): { row: number; column: number } | undefined {
    const cell = target instanceof Element ? target.closest("[role=gridcell],[role=rowheader]") : null;
    const place = cell ? this.places.get(cell) : undefined;
    return place && { row: place[0].row, column: place[1] };
  }

  private paintRow(slot: Slot, { rowAt, range, active }: Painted): void {
    const data = rowAt(slot.row);
    set(slot.number, data ? String(data.row) : this.words.loading);
    const look = `grid-row ${this.prefix}-w${data?.excluded ? " is-excluded" : ""}${active.row === slot.row ? " is-active" : ""}`;
    if (slot.element.className !== look) slot.element.className = look;
    const reported = String(!data?.excluded);
    if (slot.box.getAttribute("aria-checked") !== reported) slot.box.setAttribute("aria-checked", reported);
    const mark = markOf(data, -1);
    const headerLook = `grid-cell grid-number ${this.prefix}-h${mark ? ` is-${mark.level}` : ""}`;
    if (slot.header.className !== headerLook) slot.header.className = headerLook;
    slot.cells.forEach((cell, column) => {
      const text = data ? (data.cells[column] ?? "") : this.words.loading;
      const titled = this.columns[column];
      const content = data && titled ? shownIn(titled, text, this.masked) : text;
      if (cell.content !== content) cell.text.data = cell.content = content;
      const isActive = active.row === slot.row && active.column === column;
      const negative = titled?.numeric === true && content.startsWith("-");
      const state = cellLook(data, column) + (negative ? " is-negative" : "") + (isActive ? " is-active" : "");
      if (cell.look !== state) this.paintState(cell, column, state);
      const selected = contains(range, slot.row, column);
      if (cell.selected === selected) return;
      cell.selected = selected;
      cell.element.setAttribute("aria-selected", String(selected));
    });
  }

  private paintState(cell: Shown, column: number, look: string): void {
    const invalid = look.includes("is-error");
    if (invalid !== cell.look.includes("is-error")) {
      if (invalid) cell.element.setAttribute("aria-invalid", "true");
      else cell.element.removeAttribute("aria-invalid");
    }
    cell.look = look;
    cell.element.className = this.cellClass(column, cell.element.dataset.numeric === "") + look;
  }

  private cellClass(column: number, numeric: boolean): string {
    return `grid-cell ${this.prefix}-c${column}${numeric ? " is-numeric" : ""}`;
  }

  private slot(layout: ColumnLayout, readonly: boolean): Slot {
    const element = create("row", `grid-row ${this.prefix}-w`);
    const header = create("rowheader", `grid-cell grid-number ${this.prefix}-h`);
    header.setAttribute("aria-colindex", "1");
    const box = create("checkbox", "grid-report");
    box.setAttribute("aria-label", this.words.report);
    box.setAttribute("aria-checked", "true");
    if (readonly) box.setAttribute("aria-disabled", "true");
    const number = document.createTextNode("");
    header.append(box, number);
    const cells = layout.columns.map((column, index): Shown => {
      const cell = create("gridcell", this.cellClass(index, column.numeric));
      cell.setAttribute("aria-colindex", String(index + 2));
      cell.setAttribute("aria-selected", "false");
      if (readonly || !column.editable) cell.setAttribute("aria-readonly", "true");
      if (column.numeric) cell.dataset.numeric = "";
      const text = document.createTextNode("");
      cell.append(text);
      return { element: cell, text, content: "", look: "", selected: false };
    });
    element.append(header, ...cells.map((cell) => cell.element));
    const slot: Slot = { element, header, number, box, cells, row: -1, stamp: -1 };
    this.places.set(header, [slot, -1]);
    cells.forEach((cell, column) => this.places.set(cell.element, [slot, column]));
    return slot;
  }
}

function cellLook(row: GridRow | undefined, column: number): string {
  if (!row) return " is-loading";
  const mark = row.marks.length ? markOf(row, column) : undefined;
  return (mark ? ` is-${mark.level}` : "") + (row.edited.includes(column) ? " is-edited" : "");
}

function set(text: Text, content: string): void {
  if (text.data !== content) text.data = content;
}

function create(role: string, className: string): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  element.setAttribute("role", role);
  return element;
}
