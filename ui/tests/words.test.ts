import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { describe as words, fill, lookup } from "../src/errors/texts";
import { t } from "../src/text/zh";
import { uiError } from "./fake";

const src = join(import.meta.dirname, "../src");

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function withoutComments(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "");
}

describe("words of errors", () => {
  test("figures go into their places", () => {
    expect(fill("还可再试 {left} 次", { left: "2" })).toBe("还可再试 2 次");
  });

  test("a place without a figure shows a dash, never its English name", () => {
    expect(fill("还可再试 {left} 次", {})).toBe("还可再试 — 次");
  });

  test("an unknown code gets plain words, and the code stays out of them", () => {
    const said = words(uiError("store-very-odd"));
    expect(said.known, "the panel folds the code away").toBe(false);
    expect(said.title).toBe(lookup("ui-unexpected")?.title);
    expect(`${said.title}${said.happened}${said.remedy}`, "no code in the words").not.toContain("store-very-odd");
  });

  test("names that every object has are not taken for codes", () => {
    expect(lookup("constructor")).toBeUndefined();
  });
});

describe("where words may stand", () => {
  const components = files(src).filter((file) => file.endsWith(".vue"));

  test.each(components.map((file) => [relative(src, file), file]))("%s takes its words from text/", (_, file) => {
    const found = withoutComments(readFileSync(file, "utf8")).match(/[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+/g);
    expect(found, "Chinese belongs into text/zh.ts").toBeNull();
  });

  test("only the backend knows the shell", () => {
    const offenders = files(src)
      .filter((file) => !relative(src, file).startsWith("backend"))
      .filter((file) => /@tauri-apps|__TAURI/.test(readFileSync(file, "utf8")));
    expect(offenders).toEqual([]);
  });

  test("no component puts raw HTML into the page", () => {
    const offenders = components.filter((file) => /v-html|innerHTML/.test(readFileSync(file, "utf8")));
    expect(offenders).toEqual([]);
  });
});

test("a clock that the center is ahead of is slow, and the other way round", () => {
  expect(t.shell.skew(10)).toContain("慢约 10 分钟");
  expect(t.shell.skew(-10)).toContain("快约 10 分钟");
});
