import type { TableColumns } from "../../backend/generated/TableColumns";
import type { EditOp } from "../../backend/generated/EditOp";
import type { GridColumn } from "../../backend/generated/GridColumn";
import type { GridRow } from "../../backend/generated/GridRow";
import type { PageView } from "../../backend/generated/PageView";
import { choiceOf, ordered, widthWithin, type Arrangement } from "./arrangement";
import * as changes from "./changes";
import { formatHtml, formatTable, parseTable } from "./clipboard";
import { Choices } from "./choices";
import { isIdField } from "../mask";
import { ColumnLayout } from "./columns";
import { Drag } from "./drag";
import { CellEditor } from "./editor";
import { commandOf, isInputMethodKey, type Command } from "./keys";
import { Pages, PAGE_ROWS, KEPT_PAGES } from "./pages";
import { firstRow, poolSize } from "./pool";
import { markOf, messageOf, Rows } from "./rows";
import * as selections from "./selection";
import type { Cell, Range, Selection, Size } from "./selection";
import { shownIn } from "./shown";
import { Tooltip } from "./tooltip";
import type { GridWords } from "./words";

/** What the status bar shows about the selection. */
export interface GridSelection {
  /** Place of the active row in the list on screen. */
  position: number;
  /** Index of the active row in the draft; absent while it is being read. */
  index: number | null;
  /** One-based row of the sheet; absent while it is being read. */
  row: number | null;
  /** Place of the active column in all columns, wherever it is shown. */
  column: number;
  field: string;
  text: string;
  /** Findings of the active cell and its row, one per line. */
  message: string;
  /** Size of the selected rectangle. */
  rows: number;
  columns: number;
  /** Cells that are not empty; absent when not all rows are at hand. */
  count: number | null;
  /** Exact sum over the columns of figures; absent when there is none or not all rows are at hand. */
  sum: string | null;
  /** Of the same figures, to two places. */
  average: string | null;
}

export interface GridProps {
  columns: GridColumn[];
  choice: TableColumns | null;
  total: number;
  revision: number;
  readonly: boolean;
  /** ID numbers show their ends only, but for the cell that is edited. */
  masked: boolean;
  /** Filling in the last rows adds rows; only where every row is on the list. */
  grows: boolean;
  scale: number;
  words: GridWords;
  fetchPage: (page: number) => Promise<PageView>;
}

export interface GridEvents {
  edit: (ops: EditOp[]) => void;
  undo: () => void;
  redo: () => void;
  find: () => void;
  finding: (step: 1 | -1) => void;
  select: (selection: GridSelection) => void;
  notice: (text: string) => void;
  /** Columns were made wider or moved; `null`: they are as usual again. */
  arrange: (choice: TableColumns | null) => void;
  /** Asks for the list of columns. */
  columns: () => void;
  /** A masked ID number is shown whole. */
  whole: () => void;
}

export interface GridFrame {
  root: HTMLElement;
  scroller: HTMLElement;
  space: HTMLElement;
  head: HTMLElement;
  body: HTMLElement;
  overlay: HTMLElement;
  box: HTMLTextAreaElement;
  tooltip: HTMLElement;
  /** The list of choices, and the arrow in a cell that opens it. */
  choices: HTMLElement;
  arrow: HTMLElement;
  /** Where a title that is moved would stand. */
  drop: HTMLElement;
}

/** A title, or its edge, that the pointer holds; pixels of the grid. */
interface Held {
  column: number;
  edge: boolean;
  from: number;
  /** How wide the column becomes, at scale 1. */
  width: number;
  /** Before which column the title goes; absent while it has hardly been moved. */
  to: number | undefined;
}

/** Rows of which sums are computed: more could not all be at hand. */
const MOST_SUMMED = PAGE_ROWS * KEPT_PAGES;
const NARROWEST_EDITOR = 160;
const ARROW_WIDTH = 22;
/** A press that moves less is a click. */
const CLICK_SLACK = 5;
/** Padding, border and the sign of a finding beside a text that just fits. */
const AROUND_TEXT = 28;
let grids = 0;

/** Runs the grid inside the frame that the component has mounted. */
export class Grid {
  private readonly prefix = `grid-${(grids += 1)}`;
  private readonly sheet = new CSSStyleSheet();
  private readonly rows: Rows;
  private readonly pages: Pages;
  private readonly editor: CellEditor;
  private readonly tooltip: Tooltip;
  private readonly choices: Choices;
  private readonly observer: ResizeObserver;
  private arrangement: Arrangement;
  private layout: ColumnLayout;
  private held: Held | undefined;
  private selection: Selection = selections.at(0, 0);
  private viewport = { width: 0, height: 0 };
  private frameAsked = 0;
  private selectionTold = false;
  /** The row being edited, as it was when editing began: what the step names. */
  private edited: { row: GridRow; column: number } | undefined;
  private hovered: Cell | undefined;
  /** What the next copy takes: rows of the selection that had to be read first. */
  private prepared: { text: string; html: string } | undefined;
  /** What is selected once the rows for it have been added. */
  private wanted: Selection | undefined;
  private tooltipDismissed = false;
  private tabLeaves = false;
  private readonly drag = new Drag({
    beside: (x, y) => this.beside(x, y),
    scroll: (rows, columns) =>
      this.frame.scroller.scrollBy(columns * this.layout.rowHeight, rows * this.layout.rowHeight),
    extend: (x, y) => this.extendTo(x, y),
  });
  private readonly titleDrag = new Drag({
    beside: (x, y) => (this.held?.edge === false ? this.besideTitles(x, y) : undefined),
    scroll: (_, columns) => this.frame.scroller.scrollBy(columns * this.layout.rowHeight, 0),
    extend: (x, y) => this.titleTo(x, y),
    ended: () => this.titleLet(),
  });

  constructor(
    private readonly frame: GridFrame,
    private readonly props: GridProps,
    private readonly events: GridEvents,
    /** The columns as they are shown now. */
    private readonly arranged: () => Arrangement,
  ) {
    this.arrangement = arranged();
    this.layout = new ColumnLayout(this.columns, props.scale);
    this.rows = new Rows(frame.body, this.prefix, props.words);
    this.tooltip = new Tooltip(frame.tooltip, frame.root);
    this.pages = new Pages(
      {
        fetch: (page) => props.fetchPage(page),
        changed: () => this.refresh(),
        failed: () => events.notice(props.words.loadFailed),
      },
      props.revision,
    );
    this.choices = new Choices(frame.choices, frame.box, frame.root, (text) => this.editor.take(text));
    this.editor = new CellEditor(frame.box, {
      started: () => this.editStarted(),
      typed: () => this.offer(this.editor.text),
      ended: (text) => this.editEnded(text),
    });
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(frame.scroller);
    this.listen();
    this.arrange();
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frameAsked);
    this.drag.stop();
    this.titleDrag.stop();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.sheet);
  }

  // ---- what the owner changes -------------------------------------------------------------------------------

  /** Columns, scale or the right to edit have changed. */
  arrange(): void {
    const { active } = this.selection;
    const source = this.arrangement.sources[active.column];
    this.arrangement = this.arranged();
    const column = this.arrangement.placeOf(source ?? 0) ?? Math.min(active.column, this.columns.length - 1);
    if (column !== active.column) this.selection = selections.at(active.row, column);
    this.prepared = undefined;
    this.lay();
    this.frame.root.style.setProperty("--grid-row", `${this.layout.rowHeight}px`);
    this.frame.root.style.setProperty("--grid-head", `${this.layout.headHeight}px`);
    this.frame.root.style.setProperty("--grid-scale", String(this.props.scale));
    [...(this.frame.head.firstElementChild?.children ?? [])].forEach((cell, index) => {
      const column = this.columns[index - 1];
      cell.className = `grid-cell ${this.prefix}-${column ? `c${index - 1}${column.numeric ? " is-numeric" : ""}` : "h"}`;
    });
    this.rows.build(
      this.layout,
      poolSize(this.frame.scroller.clientHeight, this.layout.rowHeight),
      this.props.readonly,
      this.props.masked,
    );
    this.measure();
    this.resize();
  }

  /** Widths and places of the columns, one of them perhaps as wide as the pointer makes it. */
  private lay(): void {
    const { held } = this;
    const columns = this.columns.map((column, place) =>
      held?.edge && place === held.column ? { ...column, width: held.width } : column,
    );
    this.layout = new ColumnLayout(columns, this.props.scale, this.frame.scroller.clientWidth);
    this.sheet.replaceSync(this.layout.css(this.prefix));
    this.frame.space.style.width = `${this.layout.total}px`;
  }

  /** The number of rows has changed. */
  resize(): void {
    this.frame.space.style.height = `${this.layout.headHeight + this.props.total * this.layout.rowHeight}px`;
    const { wanted } = this;
    if (wanted && Math.max(wanted.active.row, wanted.end.row) < this.props.total) {
      this.wanted = undefined;
      this.selection = wanted;
      this.reveal(wanted.active);
    }
    this.selection = selections.inside(this.selection, this.size);
    this.refresh();
  }

  revise(): void {
    this.prepared = undefined;
    this.pages.setRevision(this.props.revision);
    this.refresh();
  }

  relist(): void {
    this.editor.cancel();
    this.prepared = undefined;
    this.pages.clear();
    this.frame.scroller.scrollTop = 0;
    this.selection = selections.at(0, this.selection.active.column);
    this.refresh();
  }

  reload(): void {
    this.pages.reload();
    this.refresh();
  }

  focus(): void {
    this.frame.box.focus({ preventScroll: true });
  }

  jumpTo(position: number, column?: number): void {
    this.editor.commitThen(() => {
      const shown = column === undefined ? undefined : this.arrangement.placeOf(column);
      const cell = { row: position, column: shown ?? this.selection.active.column };
      const { row, column: to } = selections.clamp(cell, this.size);
      const { rowHeight, headHeight } = this.layout;
      const above = this.frame.scroller.scrollTop > row * rowHeight;
      const room = this.viewport.height - headHeight;
      if (above || this.frame.scroller.scrollTop + room < (row + 1) * rowHeight) {
        this.frame.scroller.scrollTop = row * rowHeight - Math.max(0, room - rowHeight) / 2;
      }
      this.select(selections.at(row, to), { row, column: to });
    });
  }

  // ---- painting ---------------------------------------------------------------------------------------------

  private get columns(): GridColumn[] {
    return this.arrangement.columns;
  }

  private rowAt(position: number): GridRow | undefined {
    const row = this.pages.row(position);
    return row && this.arrangement.row(row);
  }

  /** Rows of a range when all of them are at hand. */
  private loaded(range: Range): GridRow[] | undefined {
    return this.pages.loaded(range.top, range.bottom)?.map((row) => this.arrangement.row(row));
  }

  /** Rows of a range, read where they are not at hand, under the columns of now. */
  private async read(range: Range): Promise<GridRow[]> {
    const { arrangement } = this;
    const rows = await this.pages.rows(range.top, range.bottom);
    return rows.map((row) => arrangement.row(row));
  }

  private get size(): Size {
    return { rows: this.props.total, columns: this.columns.length };
  }

  private get activeRow(): GridRow | undefined {
    return this.props.total > 0 ? this.rowAt(this.selection.active.row) : undefined;
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.frame.scroller;
    if (width === this.viewport.width && height === this.viewport.height) return;
    const wider = width !== this.viewport.width;
    this.viewport = { width, height };
    if (wider) this.lay();
    const size = poolSize(height, this.layout.rowHeight);
    // A larger pool is kept when the window shrinks: making rows costs more than painting a few too many.
    if (size > this.rows.size) this.rows.build(this.layout, size, this.props.readonly, this.props.masked);
    this.refocus();
    this.refresh();
  }

  /** WebView2 opens the candidate window in a corner after a resize until the box is focused anew. */
  private refocus(): void {
    const { box } = this.frame;
    if (document.activeElement !== box || this.editor.mode !== "idle") return;
    box.blur();
    this.focus();
  }

  private refresh(): void {
    this.rows.outdate();
    this.selectionTold = false;
    this.schedule();
  }

  private schedule(): void {
    this.frameAsked ||= requestAnimationFrame(() => {
      this.frameAsked = 0;
      this.paint();
    });
  }

  private paint(): void {
    const { scrollTop, scrollLeft } = this.frame.scroller;
    const { rowHeight } = this.layout;
    const { total } = this.props;
    const first = firstRow(scrollTop, rowHeight, this.rows.size, total);
    if (total > 0) this.pages.want(first, Math.min(first + this.rows.size, total) - 1);
    const range = selections.rangeOf(this.selection);
    const { active } = this.selection;
    const rowAt = (position: number): GridRow | undefined => this.rowAt(position);
    this.rows.paint(first, rowHeight, { rowAt, total, range, active });
    this.placeOverlay(range, scrollTop, scrollLeft);
    this.placeBox(scrollLeft);
    this.placeTooltip(scrollTop, scrollLeft);
    this.placeChoices(scrollTop, scrollLeft);
    this.frame.root.classList.toggle("is-shifted", scrollLeft > 0);
    if (!this.selectionTold) this.tellSelection(range);
  }

  private placeOverlay(range: Range, scrollTop: number, scrollLeft: number): void {
    const { rowHeight, headHeight } = this.layout;
    const { left, right } = this.layout.span(range.left, range.right, scrollLeft);
    // Cut to a little more than the viewport: a border of millions of pixels is slow to paint.
    const top = Math.max(range.top * rowHeight, scrollTop - 2 * rowHeight);
    const bottom = Math.min((range.bottom + 1) * rowHeight, scrollTop + this.viewport.height + 2 * rowHeight);
    const { overlay } = this.frame;
    overlay.hidden = right <= left || bottom <= top || this.props.total === 0;
    overlay.classList.toggle("is-range", range.top !== range.bottom || range.left !== range.right);
    overlay.style.transform = `translate(${left - 1}px,${headHeight + top - 1}px)`;
    overlay.style.width = `${right - left + 1}px`;
    overlay.style.height = `${bottom - top + 1}px`;
  }

  /** The box lies on the active cell, so that the candidate window of the input method opens there. */
  private placeBox(scrollLeft: number): void {
    const { row, column } = this.selection.active;
    const { left, right } = this.layout.span(column, column, scrollLeft);
    const { box } = this.frame;
    const width = right - left;
    const widest = scrollLeft + this.viewport.width - left;
    const shown = this.editor.mode === "idle" ? width : Math.max(width, Math.min(NARROWEST_EDITOR, widest));
    box.style.transform = `translate(${left - 1}px,${this.layout.headHeight + row * this.layout.rowHeight - 1}px)`;
    box.style.width = `${Math.max(1, shown + 1)}px`;
    if (this.editor.mode === "idle") this.describe();
  }

  /** Name, place, value and findings of the active cell for screen readers, and whether it may be typed into. */
  private describe(): void {
    const { words, readonly } = this.props;
    const { column } = this.selection.active;
    const row = this.activeRow;
    const target = this.columns[column];
    const locked = readonly || !target?.editable || !row;
    const whole = row?.cells[column] ?? "";
    const text = target ? shownIn(target, whole, this.props.masked) : whole;
    const level = markOf(row, column)?.level ?? markOf(row, -1)?.level ?? "";
    const state = [
      level && `${words.level[level] ?? level}：${messageOf(row, column)}`,
      row?.edited.includes(column) && words.edited,
      row?.excluded && words.excluded,
      row && locked && words.readonly,
    ];
    const value = row ? text || words.empty : words.loading;
    const number = row?.row ?? this.selection.active.row + 1;
    const label = words.cell(target?.title ?? "", number, value, state.filter(Boolean).join(" "));
    const { box } = this.frame;
    if (box.getAttribute("aria-label") !== label) box.setAttribute("aria-label", label);
    if (box.readOnly !== locked) box.readOnly = locked;
    if (target?.choices.length) box.setAttribute("aria-haspopup", "listbox");
    else box.removeAttribute("aria-haspopup");
    this.editor.setOriginal(whole);
  }

  private placeTooltip(scrollTop: number, scrollLeft: number): void {
    const focused = document.activeElement === this.frame.box && this.editor.mode === "idle" && !this.tooltipDismissed;
    // The pointer may rest on a cell that has nothing to say while the keyboard moves.
    const cell = [this.hovered, focused ? this.selection.active : undefined].find((one) => one && this.told(one));
    if (!cell) return this.tooltip.hide();
    const { rowHeight, headHeight } = this.layout;
    const top = headHeight + cell.row * rowHeight - scrollTop;
    const { left, right } = this.layout.span(cell.column, cell.column, scrollLeft);
    const beside = cell.column >= 0 && (right <= left || left - scrollLeft > this.viewport.width);
    if (beside || top < headHeight || top > this.viewport.height - rowHeight / 2) return this.tooltip.hide();
    const data = this.rowAt(cell.row);
    const level = (markOf(data, cell.column) ?? markOf(data, -1))?.level ?? "warning";
    const x = cell.column < 0 ? 4 : left - scrollLeft;
    this.tooltip.show(this.told(cell), level, { left: x, top, bottom: top + rowHeight });
  }

  private placeChoices(scrollTop: number, scrollLeft: number): void {
    const { arrow, box } = this.frame;
    const { row, column } = this.selection.active;
    const { rowHeight, headHeight } = this.layout;
    const { left, right } = this.layout.span(column, column, scrollLeft);
    const top = headHeight + row * rowHeight - scrollTop;
    const there = right > left && top >= headHeight - rowHeight / 2 && top < this.viewport.height - rowHeight / 2;
    const idle = this.editor.mode === "idle" && document.activeElement === box && !box.readOnly;
    arrow.hidden = !(there && idle && (this.columns[column]?.choices.length ?? 0) > 0);
    arrow.style.transform = `translate(${Math.min(right - scrollLeft, this.viewport.width) - ARROW_WIDTH}px,${top}px)`;
    this.choices.place({ left: left - scrollLeft, right: right - scrollLeft, top, bottom: top + rowHeight });
  }

  /** Offers what can be chosen in the cell being edited. */
  private offer(typed: string): void {
    const column = this.columns[this.selection.active.column];
    if (!column?.choices.length) return this.choices.close();
    this.choices.offer(column.choices, typed, column.title);
    this.schedule();
  }

  /** Opens the whole list, on what stands in the cell or on its first line. */
  private choose(): void {
    const typed = this.editor.mode === "idle" ? (this.activeRow?.cells[this.selection.active.column] ?? "") : "";
    this.editor.edit();
    if (this.editor.mode === "idle") return;
    const known = this.columns[this.selection.active.column]?.choices.includes(typed.trim());
    this.offer(known ? typed : "");
    if (this.choices.open && this.choices.picked === undefined) this.choices.move(1);
  }

  /** Text of the tooltip for a cell, or for a row by its header. */
  private told({ row, column }: Cell): string {
    const data = this.rowAt(row);
    const excluded = column < 0 && data?.excluded ? this.props.words.excluded : "";
    return [messageOf(data, column), excluded].filter(Boolean).join("\n");
  }

  private tellSelection(range: Range): void {
    this.selectionTold = true;
    const { row: position, column } = this.selection.active;
    const row = this.activeRow;
    const rows = this.props.total > 0 ? range.bottom - range.top + 1 : 0;
    const loaded = rows > 0 && rows <= MOST_SUMMED ? this.loaded(range) : undefined;
    const texts = loaded?.map((one) => one.cells.slice(range.left, range.right + 1));
    const figures = texts?.flatMap((cells) =>
      cells.filter((text, index) => this.columns[range.left + index]?.numeric === true && text !== ""),
    );
    this.events.select({
      position,
      index: row?.index ?? null,
      row: row?.row ?? null,
      column: this.arrangement.sources[column] ?? 0,
      field: this.columns[column]?.field ?? "",
      text: row?.cells[column] ?? "",
      message: messageOf(row, column),
      rows,
      columns: range.right - range.left + 1,
      count: texts?.reduce((count, cells) => count + cells.filter((text) => text !== "").length, 0) ?? null,
      sum: figures?.length ? selections.sum(figures) : null,
      average: figures?.length ? selections.average(figures) : null,
    });
  }

  // ---- selecting and keys -----------------------------------------------------------------------------------

  private select(selection: Selection, reveal?: Cell): void {
    this.selection = selections.inside(selection, this.size);
    this.wanted = undefined;
    this.prepared = undefined;
    this.tooltipDismissed = false;
    this.hovered = undefined;
    if (reveal) this.reveal(reveal);
    this.refresh();
    // The next key may come before the next frame: it must meet a box that knows its cell.
    if (this.editor.mode === "idle") this.describe();
  }

  private reveal({ row, column }: Cell): void {
    const { scroller } = this.frame;
    const { rowHeight, headHeight, frozen, frozenWidth, left, width } = this.layout;
    const room = this.viewport.height - headHeight;
    const top = row * rowHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + rowHeight > scroller.scrollTop + room) scroller.scrollTop = top + rowHeight - room;
    if (column < frozen) return;
    const start = (left[column] ?? 0) - frozenWidth;
    const end = start + (width[column] ?? 0) - (this.viewport.width - frozenWidth);
    if (start < scroller.scrollLeft) scroller.scrollLeft = start;
    else if (end > scroller.scrollLeft) scroller.scrollLeft = Math.min(start, end);
  }

  private listen(): void {
    const { scroller, box } = this.frame;
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    scroller.addEventListener("mousedown", (event) => this.pressed(event));
    scroller.addEventListener("dblclick", (event) => this.doubleClicked(event));
    this.frame.head.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      this.editor.commitThen(() => this.events.columns());
    });
    scroller.addEventListener("mouseover", (event) => this.hover(this.rows.placeOf(event.target)));
    scroller.addEventListener("mouseleave", () => this.hover(undefined));
    this.frame.arrow.addEventListener("mousedown", (event) => {
      event.preventDefault();
      if (event.button === 0) this.choose();
    });
    box.addEventListener("keydown", (event) => this.keyPressed(event));
    box.addEventListener("focus", () => this.schedule());
    box.addEventListener("blur", () => this.schedule());
    for (const name of ["copy", "cut", "paste"] as const) {
      box.addEventListener(name, (event) => this.clipboard(event));
    }
    for (const name of ["beforecopy", "beforecut"]) {
      // WebKit asks here whether to copy at all when no text is selected.
      box.addEventListener(name, (event) => this.editor.mode === "idle" && event.preventDefault());
    }
  }

  private scrolled(): void {
    this.hovered = undefined;
    this.schedule();
  }

  private hover(place: Cell | undefined): void {
    this.hovered = place;
    this.schedule();
  }

  private keyPressed(event: KeyboardEvent): void {
    if (isInputMethodKey(event)) return;
    if (this.held && event.key === "Escape") {
      event.preventDefault();
      return this.titleCancel();
    }
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (this.choices.open && plain && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      return this.choices.move(event.key === "ArrowDown" ? 1 : -1);
    }
    const command = commandOf(event, this.editor.mode);
    if (event.key === "Tab" && this.tabLeaves) return;
    this.tabLeaves = command?.do === "leave";
    if (!command) return;
    event.preventDefault();
    this.run(command);
  }

  private run(command: Command): void {
    switch (command.do) {
      case "move":
        return this.move(command.motion, command.extend);
      case "page": {
        const rows = Math.max(
          1,
          Math.floor((this.viewport.height - this.layout.headHeight) / this.layout.rowHeight) - 1,
        );
        return this.move({ to: "by", rows: command.pages * rows, columns: 0 }, command.extend);
      }
      case "commit":
        return this.commit(command.rows, command.columns);
      case "all":
        return this.select(selections.everything(this.size));
      case "edit":
        return this.editor.edit();
      case "choose":
        return this.choose();
      case "cancel":
        return this.editor.cancel();
      case "leave":
        this.tooltipDismissed = true;
        return this.schedule();
      case "clear":
        return this.change((rows, range, columns) => changes.fillWith(rows, columns, range, ""));
      case "fillDown":
        return this.fillDown();
      case "exclude":
        return this.change((rows) => changes.toggleExcluded(rows));
      case "undo":
        return this.events.undo();
      case "redo":
        return this.events.redo();
      case "find":
        return this.events.find();
      case "finding":
        this.editor.commit();
        return this.events.finding(command.step);
    }
  }

  /** Commits what was chosen or typed and goes on; past the last row of a list that grows, once it has grown. */
  private commit(rows: number, columns: number): void {
    const { row, column } = this.selection.active;
    const { total } = this.props;
    const grown =
      this.editor.mode !== "idle" && row + rows >= total && this.growth(this.edited ? [this.edited.row] : []) > 0;
    const { picked } = this.choices;
    if (picked === undefined) this.editor.commit();
    else this.editor.take(picked);
    this.move({ to: "by", rows, columns }, false);
    if (grown) this.wanted = selections.at(row + rows, column);
  }

  private move(motion: selections.Motion, extend: boolean): void {
    if (this.props.total === 0) return;
    const next = selections.move(this.selection, motion, extend, this.size);
    this.select(next, extend ? next.end : next.active);
  }

  // ---- mouse ------------------------------------------------------------------------------------------------

  private pressed(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    if (target === this.frame.box && this.editor.mode !== "idle") return;
    // The scroll bars belong to the browser.
    if (target === this.frame.scroller) return;
    event.preventDefault();
    if (event.button !== 0) return;
    this.tabLeaves = false;
    const { clientX, clientY, shiftKey } = event;
    const report = target.closest(".grid-report");
    const place = this.rows.placeOf(target);
    const title = target.closest("[role=columnheader]");
    const edge = target.closest(".grid-edge") !== null;
    this.editor.commitThen(() => {
      this.focus();
      if (title) {
        const column = Number(title.getAttribute("aria-colindex")) - 2;
        if (!edge && this.props.total > 0) this.selectColumn(column, shiftKey);
        if (column >= 0 && !shiftKey) this.hold(column, edge, clientX, clientY);
        return;
      }
      if (this.props.total === 0) return;
      if (report && place) return this.toggleReported(place.row);
      if (place?.column === -1) return this.selectRow(place.row, shiftKey);
      const cell = this.cellAt(clientX, clientY);
      this.select(shiftKey ? { active: this.selection.active, end: cell } : selections.at(cell.row, cell.column), cell);
      this.drag.start(clientX, clientY);
    });
  }

  private doubleClicked(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const edge = target.closest(".grid-edge")?.parentElement;
    if (edge) return this.fit(Number(edge.getAttribute("aria-colindex")) - 2);
    if (target === this.frame.box || (this.rows.placeOf(target)?.column ?? -1) >= 0) this.editor.edit();
  }

  private selectRow(row: number, extend: boolean): void {
    const from = extend ? this.selection.active.row : row;
    const last = this.size.columns - 1;
    this.select({ active: { row: from, column: 0 }, end: { row, column: last } });
  }

  private selectColumn(column: number, extend: boolean): void {
    if (column < 0) return this.select(selections.everything(this.size));
    const from = extend ? this.selection.active.column : column;
    this.select({ active: { row: 0, column: from }, end: { row: this.size.rows - 1, column } });
  }

  private toggleReported(position: number): void {
    const row = this.rowAt(position);
    if (row && !this.props.readonly) this.emitStep(changes.toggleExcluded([row]), [row]);
  }

  private cellAt(pointerX: number, pointerY: number): Cell {
    const { scroller } = this.frame;
    const { x, y } = this.within(pointerX, pointerY);
    const below = Math.max(0, Math.min(y, this.viewport.height) - this.layout.headHeight);
    const row = Math.floor((below + scroller.scrollTop) / this.layout.rowHeight);
    const column = this.layout.at(Math.max(0, Math.min(x, this.viewport.width)), scroller.scrollLeft);
    return selections.clamp({ row, column }, this.size);
  }

  /** Where the pointer lies from the corner of the grid, in the grid's own pixels: a page shown larger has fewer. */
  private within(pointerX: number, pointerY: number): { x: number; y: number } {
    const { scroller } = this.frame;
    const corner = scroller.getBoundingClientRect();
    const larger = scroller.offsetWidth > 0 ? corner.width / scroller.offsetWidth : 1;
    return { x: (pointerX - corner.left) / (larger || 1), y: (pointerY - corner.top) / (larger || 1) };
  }

  /** Where the pointer lies beside the cells. */
  private beside(pointerX: number, pointerY: number): Cell | undefined {
    const { x, y } = this.within(pointerX, pointerY);
    const row = y < this.layout.headHeight ? -1 : y > this.viewport.height ? 1 : 0;
    const scrolled = this.frame.scroller.scrollLeft > 0;
    const column = x > this.viewport.width ? 1 : x < this.layout.frozenWidth && scrolled ? -1 : 0;
    return row || column ? { row, column } : undefined;
  }

  private extendTo(x: number, y: number): void {
    const end = this.cellAt(x, y);
    if (end.row === this.selection.end.row && end.column === this.selection.end.column) return;
    this.select({ active: this.selection.active, end });
  }

  // ---- titles -----------------------------------------------------------------------------------------------

  private hold(column: number, edge: boolean, x: number, y: number): void {
    const width = this.columns[column]?.width ?? 0;
    this.held = { column, edge, from: this.within(x, y).x, width, to: undefined };
    this.titleDrag.start(x, y);
  }

  private titleTo(pointerX: number, pointerY: number): void {
    const { held } = this;
    if (!held) return;
    const { x } = this.within(pointerX, pointerY);
    if (held.edge) {
      held.width = widthWithin((this.columns[held.column]?.width ?? 0) + (x - held.from) / this.props.scale);
      this.lay();
      return this.schedule();
    }
    if (held.to === undefined && Math.abs(x - held.from) < CLICK_SLACK) return;
    const { scrollLeft } = this.frame.scroller;
    const over = this.layout.at(Math.max(0, Math.min(x, this.viewport.width - 1)), scrollLeft);
    const { left, right } = this.layout.span(over, over, scrollLeft);
    const behind = x + scrollLeft > (left + right) / 2;
    held.to = behind ? over + 1 : over;
    const { drop, root } = this.frame;
    root.classList.add("is-moving");
    drop.hidden = false;
    drop.style.transform = `translateX(${Math.round((behind ? right : left) - scrollLeft)}px)`;
  }

  private besideTitles(x: number, y: number): Cell | undefined {
    const place = this.beside(x, y);
    return place && { row: 0, column: place.column };
  }

  private titleCancel(): void {
    this.held = undefined;
    this.titleDrag.stop();
    this.frame.drop.hidden = true;
    this.frame.root.classList.remove("is-moving");
    this.lay();
    this.schedule();
  }

  private titleLet(): void {
    const { held } = this;
    const moved = held && this.columns[held.column];
    this.titleCancel();
    if (!held || !moved) return;
    if (held.edge) return this.widen(moved.field, held.width);
    const before = held.to === undefined ? undefined : this.columns[held.to];
    if (held.to === undefined || before === moved || held.to === held.column + 1) return;
    const all = ordered(this.props.columns, this.props.choice);
    const rest = all.filter(({ field }) => field !== moved.field);
    // Hidden columns keep their neighbour at the left.
    const last = this.columns.filter((column) => column !== moved).at(-1);
    const place = before
      ? rest.findIndex(({ field }) => field === before.field)
      : rest.findIndex(({ field }) => field === last?.field) + 1;
    const own = all.filter(({ field }) => field === moved.field);
    this.arrangeAs([...rest.slice(0, place), ...own, ...rest.slice(place)]);
  }

  private widen(of: string, width: number): void {
    const all = ordered(this.props.columns, this.props.choice);
    if (all.every(({ field, width: now }) => field !== of || now === width)) return;
    this.arrangeAs(all.map((column) => (column.field === of ? { ...column, width } : column)));
  }

  private arrangeAs(columns: readonly GridColumn[]): void {
    this.events.arrange(choiceOf(this.props.columns, columns, this.props.choice?.hidden ?? []));
  }

  /** As wide as the longest text at hand, or the title. */
  private fit(column: number): void {
    const target = this.columns[column];
    const source = this.arrangement.sources[column] ?? 0;
    const canvas = document.createElement("canvas").getContext("2d");
    if (!target || !canvas) return;
    const { fontFamily, fontSize } = getComputedStyle(this.frame.root);
    canvas.font = `600 ${fontSize} ${fontFamily}`;
    let widest = canvas.measureText(target.title).width;
    canvas.font = `${fontSize} ${fontFamily}`;
    for (const row of this.pages.atHand()) {
      const text = shownIn(target, row.cells[source] ?? "", this.props.masked);
      widest = Math.max(widest, canvas.measureText(text).width);
    }
    this.widen(target.field, widthWithin(widest / this.props.scale + AROUND_TEXT));
  }

  // ---- changing ---------------------------------------------------------------------------------------------

  private editStarted(): void {
    const row = this.activeRow;
    this.edited = row && { row, column: this.selection.active.column };
    this.selection = selections.at(this.selection.active.row, this.selection.active.column);
    this.reveal(this.selection.active);
    this.frame.box.classList.add("is-editing");
    const column = this.columns[this.selection.active.column];
    // What is typed takes the number's place: then nobody sees it.
    if (this.editor.mode === "edit" && this.props.masked && column && isIdField(column.field)) this.events.whole();
    this.offer(this.editor.text);
    this.refresh();
  }

  private editEnded(text: string | undefined): void {
    this.frame.box.classList.remove("is-editing");
    this.choices.close();
    const field = this.columns[this.edited?.column ?? -1]?.field;
    if (text !== undefined && this.edited && field) {
      const { row } = this.edited;
      const rows = this.growth([row]);
      const set: EditOp = { op: "set", index: row.index, field, text };
      this.emitStep(rows > 0 ? [{ op: "add", rows }, set] : [set], [row]);
    }
    this.edited = undefined;
    this.refresh();
  }

  /** How many rows come with a step that fills these in. */
  private growth(rows: readonly GridRow[]): number {
    return this.props.grows ? changes.growth(rows, this.props.total) : 0;
  }

  /** One step over the rows of a range (the selection), read first where they are not at hand. */
  private change(
    make: (rows: GridRow[], range: Range, columns: readonly GridColumn[]) => EditOp[],
    range = selections.rangeOf(this.selection),
  ): void {
    if (this.props.readonly || this.props.total === 0) return;
    const { columns } = this;
    const loaded = this.loaded(range);
    if (loaded) return this.emitStep(make(loaded, range, columns), loaded, columns);
    this.read(range)
      .then((rows) => this.emitStep(make(rows, range, columns), rows, columns))
      .catch(() => this.events.notice(this.props.words.loadFailed));
  }

  private emitStep(ops: EditOp[], rows: GridRow[], columns = this.columns): void {
    if (ops.length === 0) return;
    changes.echo(ops, rows, columns);
    this.refresh();
    this.events.edit(ops);
  }

  private fillDown(): void {
    const range = selections.rangeOf(this.selection);
    // A single row takes over what stands above it.
    const top = range.top === range.bottom ? range.top - 1 : range.top;
    if (top < 0) return;
    this.change((rows, area, columns) => changes.fillDown(rows, columns, area), { ...range, top });
  }

  // ---- clipboard --------------------------------------------------------------------------------------------

  private clipboard(event: ClipboardEvent): void {
    if (this.editor.mode !== "idle" || this.props.total === 0) return;
    event.preventDefault();
    if (event.type === "paste") {
      this.paste(event.clipboardData?.getData("text/plain") ?? "");
      return;
    }
    const range = selections.rangeOf(this.selection);
    const loaded = this.loaded(range);
    const content = this.prepared ?? (loaded && this.copied(loaded, range));
    if (!content) {
      void this.prepare(range, event.type);
      return;
    }
    event.clipboardData?.setData("text/plain", content.text);
    event.clipboardData?.setData("text/html", content.html);
    if (event.type === "cut") {
      this.change((rows, area, columns) => changes.fillWith(rows, columns, area, ""), range);
    }
  }

  private copied(rows: GridRow[], range: Range): { text: string; html: string } {
    const cells = rows.map((row) => row.cells.slice(range.left, range.right + 1));
    const numeric = this.columns.slice(range.left, range.right + 1).map((column) => column.numeric);
    return { text: formatTable(cells), html: formatHtml(cells, numeric) };
  }

  /**
   * Rows that are not at hand can't be copied inside the event: they are read, then the event is asked for again.
   * The browser refuses that long after the key; the key pressed once more does it. `navigator.clipboard` is no way
   * out: it strips what marks the cells as text.
   */
  private async prepare(range: Range, command: string): Promise<void> {
    const { words } = this.props;
    const { selection } = this;
    try {
      const { arrangement } = this;
      const prepared = this.copied(await this.read(range), range);
      if (selection !== this.selection || arrangement !== this.arrangement) return;
      this.prepared = prepared;
      if (!document.execCommand(command)) this.events.notice(words.copyReady);
    } catch {
      this.events.notice(words.loadFailed);
    }
  }

  /** Puts a table as spreadsheets copy it in at the active cell. */
  paste(text: string): void {
    const table = parseTable(text);
    if (table.length === 0 || this.props.readonly) return;
    const { words, grows, total } = this.props;
    const { columns } = this;
    const size = grows ? { ...this.size, rows: Number.POSITIVE_INFINITY } : this.size;
    const { area, cut } = changes.pasteArea(table, selections.rangeOf(this.selection), size);
    if (cut.rows > 0 || cut.columns > 0) this.events.notice(words.pasteCut(cut.rows, cut.columns));
    const locked = columns.slice(area.left, area.right + 1).filter((column) => !column.editable).length;
    if (locked > 0) this.events.notice(words.pasteReadonly(locked));
    const pasted = { active: { row: area.top, column: area.left }, end: { row: area.bottom, column: area.right } };
    this.select(pasted);
    if (area.bottom >= total) this.wanted = pasted;
    const there = { ...area, bottom: Math.min(area.bottom, total - 1) };
    this.change((rows) => {
      const filled = [...rows, ...changes.emptyRows(there.bottom + 1, area.bottom, columns.length)];
      const ops = changes.paste(table, filled, columns, area);
      const room = grows && ops.length > 0 ? changes.growth(filled, total) : 0;
      return room > 0 ? [{ op: "add", rows: room }, ...ops] : ops;
    }, there);
  }
}
