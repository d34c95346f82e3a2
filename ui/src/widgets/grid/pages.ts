import type { GridRow } from "../../backend/generated/GridRow";
import type { PageView } from "../../backend/generated/PageView";

export const PAGE_ROWS = 200;
export const KEPT_PAGES = 40;
const MOST_AT_ONCE = 4;
const MOST_TRIES = 3;

export interface PageEvents {
  fetch: (page: number) => Promise<PageView>;
  /** A page came or was replaced. */
  changed: () => void;
  /** A page could not be read, after every try. */
  failed: () => void;
}

/** Pages of rows by number. Old pages stay readable until their new state has come. */
export class Pages {
  private readonly kept = new Map<number, PageView>();
  private readonly asked = new Map<number, symbol>();
  private readonly tries = new Map<number, number>();
  private wanted: number[] = [];
  private list = 0;

  constructor(
    private readonly events: PageEvents,
    private revision: number,
  ) {}

  row(position: number): GridRow | undefined {
    const page = Math.floor(position / PAGE_ROWS);
    return this.kept.get(page)?.rows[position - page * PAGE_ROWS];
  }

  /** Every row that is here, old ones too. */
  *atHand(): Iterable<GridRow> {
    for (const { rows } of this.kept.values()) yield* rows;
  }

  /** Rows first..=last are on screen: keeps their pages, reads the missing and the old ones. */
  want(first: number, last: number): void {
    this.wanted = pagesOf(first, last);
    for (const page of this.wanted) {
      const view = this.kept.get(page);
      if (view) {
        this.kept.delete(page);
        this.kept.set(page, view);
      }
    }
    this.read();
  }

  /** The draft has changed: every page is read again when it is wanted, and shown as it was until then. */
  setRevision(revision: number): void {
    this.revision = revision;
    this.readAgain();
  }

  /** Another list (filter): nothing of the old one may be shown. */
  clear(): void {
    this.list += 1;
    this.kept.clear();
    this.readAgain();
  }

  /** Reads again what is on screen, without blanking it. */
  reload(): void {
    for (const [page, view] of this.kept) this.kept.set(page, { ...view, revision: Number.NEGATIVE_INFINITY });
    this.readAgain();
  }

  /** Rows first..=last when all of them are here and current. */
  loaded(first: number, last: number): GridRow[] | undefined {
    if (!pagesOf(first, last).every((page) => this.fresh(page))) return undefined;
    const rows: GridRow[] = [];
    for (let position = first; position <= last; position += 1) {
      const row = this.row(position);
      if (!row) return undefined;
      rows.push(row);
    }
    return rows;
  }

  /** Rows first..=last, read past the cache where they are not here. Rejects when a page stays old. */
  async rows(first: number, last: number): Promise<GridRow[]> {
    const found: GridRow[] = [];
    for (const page of pagesOf(first, last)) {
      const view = this.fresh(page) ? this.kept.get(page) : await this.current(page);
      const from = Math.max(first - page * PAGE_ROWS, 0);
      found.push(...(view?.rows.slice(from, last - page * PAGE_ROWS + 1) ?? []));
    }
    return found;
  }

  private async current(page: number): Promise<PageView> {
    for (let tried = 0; tried < MOST_TRIES; tried += 1) {
      const view = await this.events.fetch(page);
      if (view.revision >= this.revision) return view;
    }
    throw new Error(`page ${page} stays older than revision ${this.revision}`);
  }

  private fresh(page: number): boolean {
    return (this.kept.get(page)?.revision ?? Number.NEGATIVE_INFINITY) >= this.revision;
  }

  private readAgain(): void {
    this.asked.clear();
    this.tries.clear();
    this.read();
  }

  private read(): void {
    for (const page of this.wanted) {
      if (this.asked.size >= MOST_AT_ONCE) return;
      if (this.fresh(page) || this.asked.has(page) || (this.tries.get(page) ?? 0) >= MOST_TRIES) continue;
      void this.ask(page);
    }
  }

  private async ask(page: number): Promise<void> {
    const token = Symbol();
    const list = this.list;
    const tried = (this.tries.get(page) ?? 0) + 1;
    this.asked.set(page, token);
    this.tries.set(page, tried);
    const view = await this.events.fetch(page).catch(() => undefined);
    const awaited = this.asked.get(page) === token;
    if (awaited) this.asked.delete(page);
    if (list !== this.list) return;
    if (view && view.revision >= this.revision) {
      this.keep(page, view);
      this.events.changed();
    } else if (awaited && tried >= MOST_TRIES) {
      this.events.failed();
    }
    this.read();
  }

  private keep(page: number, view: PageView): void {
    if (view.revision < (this.kept.get(page)?.revision ?? Number.NEGATIVE_INFINITY)) return;
    this.kept.delete(page);
    this.kept.set(page, view);
    this.tries.delete(page);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT_PAGES) break;
      if (!this.wanted.includes(oldest)) this.kept.delete(oldest);
    }
  }
}

function pagesOf(first: number, last: number): number[] {
  const from = Math.floor(first / PAGE_ROWS);
  return Array.from({ length: Math.floor(last / PAGE_ROWS) - from + 1 }, (_, index) => from + index);
}
