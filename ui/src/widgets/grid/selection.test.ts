import { expect, test } from "vitest";
import { at, everything, inside, move, rangeOf, sum } from "./selection";

const size = { rows: 100, columns: 5 };

test("moving stays inside the list", () => {
  expect(move(at(0, 0), { to: "by", rows: -1, columns: -1 }, false, size)).toEqual(at(0, 0));
  expect(move(at(99, 4), { to: "by", rows: 30, columns: 1 }, false, size)).toEqual(at(99, 4));
  expect(move(at(7, 2), { to: "rowEnd" }, false, size)).toEqual(at(7, 4));
  expect(move(at(7, 2), { to: "columnEnd" }, false, size)).toEqual(at(99, 2));
  expect(move(at(7, 2), { to: "first" }, false, size)).toEqual(at(0, 0));
});

test("extending keeps the active cell, moving afterwards starts from it", () => {
  let selection = move(at(5, 2), { to: "by", rows: 2, columns: 0 }, true, size);
  selection = move(selection, { to: "by", rows: 0, columns: -2 }, true, size);
  expect(selection.active).toEqual({ row: 5, column: 2 });
  expect(rangeOf(selection)).toEqual({ top: 5, bottom: 7, left: 0, right: 2 });
  expect(move(selection, { to: "by", rows: 1, columns: 0 }, false, size)).toEqual(at(6, 2));
});

test("a list that became shorter keeps the selection inside", () => {
  expect(rangeOf(inside(everything(size), { rows: 3, columns: 5 })).bottom).toBe(2);
  expect(inside(at(50, 3), { rows: 0, columns: 5 }), "an empty list has no negative row").toEqual(at(0, 3));
});

test("the sum is exact and skips what is no figure", () => {
  expect(sum(["0.10", "0.2"]), "no binary fractions").toBe("0.30");
  expect(sum(["1,234.50", "-0.505", "abc", "", "12元"])).toBe("1233.995");
  expect(sum(["90071992547409.93", "0.01"]), "beyond 2^53").toBe("90071992547409.94");
  expect(sum(["-0.05", "0.02"])).toBe("-0.03");
  expect(sum(["7"])).toBe("7");
});
