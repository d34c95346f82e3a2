import { expect, test } from "vitest";
import { firstRow, poolSize, slotRow } from "./pool";

const window = (first: number, size: number): number[] =>
  Array.from({ length: size }, (_, slot) => slotRow(slot, first, size));

test("the slots show exactly the rows of the window", () => {
  for (const first of [0, 1, 33, 34, 35, 99_966]) {
    const rows = window(first, 34).sort((a, b) => a - b);
    expect(rows, `window from ${first}`).toEqual(Array.from({ length: 34 }, (_, index) => first + index));
  }
});

test("a row keeps its slot while the window slides, so only what is new is written", () => {
  const before = window(100, 34);
  const after = window(103, 34);
  const rewritten = after.filter((row, slot) => row !== before[slot]);
  expect(rewritten.sort(), "three rows came in, nothing else changes").toEqual([134, 135, 136]);
});

test("the window stays inside the list and covers the viewport", () => {
  const size = poolSize(800, 30);
  expect(firstRow(0, 30, size, 100_000)).toBe(0);
  expect(firstRow(6_000_000, 30, size, 100_000), "the end").toBe(100_000 - size);
  expect(firstRow(0, 30, size, 3), "fewer rows than slots").toBe(0);
  const first = firstRow(3015, 30, size, 100_000);
  expect(first * 30, "rows above the upper edge").toBeLessThanOrEqual(3015);
  expect((first + size) * 30, "rows below the lower edge").toBeGreaterThanOrEqual(3015 + 800);
});
