import { expect, test, vi } from "vitest";
import type { PageView } from "../../backend/generated/PageView";
import { KEPT_PAGES, PAGE_ROWS, Pages } from "./pages";

function answer(page: number, revision: number, text = `r${revision}`): PageView {
  const rows = Array.from({ length: PAGE_ROWS }, (_, index) => ({
    index: page * PAGE_ROWS + index,
    row: page * PAGE_ROWS + index + 2,
    cells: [text],
    marks: [],
    excluded: false,
    edited: [],
  }));
  return { revision, page, total: 100_000, rows };
}

/** Pages whose answers the test gives when it wants to. */
function setUp(revision = 1) {
  const asked: { page: number; answer: (view: PageView) => void; refuse: () => void }[] = [];
  const fetch = (page: number): Promise<PageView> =>
    new Promise((resolve, reject) => asked.push({ page, answer: resolve, refuse: () => reject(new Error("gone")) }));
  const changed = vi.fn();
  const failed = vi.fn();
  const pages = new Pages({ fetch, changed, failed }, revision);
  return { asked, changed, failed, pages, text: (row: number) => pages.row(row)?.cells[0] };
}
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test("reads the pages on screen once, shows their rows", async () => {
  const { asked, pages, text, changed } = setUp();
  pages.want(150, 250);
  pages.want(151, 251);
  expect(asked.map(({ page }) => page)).toEqual([0, 1]);
  expect(text(150), "not here yet").toBeUndefined();
  asked[1]?.answer(answer(1, 1));
  await settled();
  expect(text(200)).toBe("r1");
  expect(changed, "the screen is told").toHaveBeenCalledOnce();
});

test("an answer of an older revision is dropped and the page read again", async () => {
  const { asked, pages, text } = setUp();
  pages.want(0, 30);
  pages.setRevision(2);
  expect(asked, "the new revision does not wait for the old answer").toHaveLength(2);
  asked[0]?.answer(answer(0, 1));
  await settled();
  expect(text(0), "old rows never appear").toBeUndefined();
  asked[1]?.answer(answer(0, 2));
  await settled();
  expect(text(0)).toBe("r2");
});

test("a late old answer does not replace newer rows", async () => {
  const { asked, pages, text } = setUp();
  pages.want(0, 30);
  pages.reload();
  asked[1]?.answer(answer(0, 3));
  await settled();
  asked[0]?.answer(answer(0, 1));
  await settled();
  expect(text(0)).toBe("r3");
});

test("a new revision keeps the old rows on screen until theirs come", async () => {
  const { asked, pages, text } = setUp();
  pages.want(0, 30);
  asked[0]?.answer(answer(0, 1));
  await settled();
  pages.setRevision(2);
  expect(text(0), "nothing is blanked").toBe("r1");
  expect(pages.loaded(0, 30), "but it is not taken for current").toBeUndefined();
  asked[1]?.answer(answer(0, 2));
  await settled();
  expect(pages.loaded(0, 30)?.[0]?.cells[0]).toBe("r2");
});

test("another list drops every row, and answers that were under way", async () => {
  const { asked, pages, text } = setUp();
  pages.want(0, 250);
  asked[0]?.answer(answer(0, 1));
  await settled();
  pages.clear();
  expect(text(0), "the old list is gone").toBeUndefined();
  asked[1]?.answer(answer(1, 1, "old list"));
  await settled();
  expect(text(200), "and stays gone").toBeUndefined();
});

test("keeps at most 40 pages and never drops one on screen", async () => {
  const { asked, pages, text } = setUp();
  for (let page = 0; page < KEPT_PAGES + 5; page += 1) {
    pages.want(page * PAGE_ROWS, page * PAGE_ROWS + 30);
    asked.at(-1)?.answer(answer(page, 1));
    await settled();
  }
  const kept = Array.from({ length: KEPT_PAGES + 5 }, (_, page) => text(page * PAGE_ROWS)).filter(Boolean);
  expect(kept).toHaveLength(KEPT_PAGES);
  expect(text(0), "the one longest unseen went").toBeUndefined();
  expect(text((KEPT_PAGES + 4) * PAGE_ROWS)).toBe("r1");
});

test("gives up on a page after three tries, says so once, and tries again at the next revision", async () => {
  const { asked, pages, failed } = setUp();
  pages.want(0, 30);
  for (let tried = 0; tried < 5; tried += 1) {
    asked.at(-1)?.refuse();
    await settled();
  }
  expect(asked, "no endless asking").toHaveLength(3);
  expect(failed).toHaveBeenCalledOnce();
  pages.setRevision(2);
  expect(asked).toHaveLength(4);
});

test("rows of a range beyond the cache are read without disturbing it", async () => {
  const fetch = vi.fn((page: number) => Promise.resolve(answer(page, 1)));
  const pages = new Pages({ fetch, changed: () => undefined, failed: () => undefined }, 1);
  const rows = await pages.rows(190, 10_009);
  expect(rows.map((row) => row.index)).toEqual(Array.from({ length: 9820 }, (_, index) => 190 + index));
  expect(pages.row(190), "nothing was pushed out or in").toBeUndefined();
  pages.setRevision(2);
  await expect(pages.rows(0, 1), "old rows are not handed out for an edit").rejects.toThrow("older");
});
