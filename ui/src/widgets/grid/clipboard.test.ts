import { describe, expect, test } from "vitest";
import { formatHtml, formatTable, parseTable } from "./clipboard";

describe("reading what a spreadsheet copies", () => {
  test.each([
    ["one cell", "张三", [["张三"]]],
    [
      "CRLF and a last line end, as Excel writes",
      "a\tb\r\nc\td\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "LF, as others write",
      "a\tb\nc\td",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a cell with line ends and quotes",
      '"1\r\n2"\t"说""好"""\r\n3\t4',
      [
        ["1\r\n2", '说"好"'],
        ["3", "4"],
      ],
    ],
    ["a quoted tab", '"a\tb"\tc', [["a\tb", "c"]]],
    [
      "empty cells",
      "\t\r\n\t",
      [
        ["", ""],
        ["", ""],
      ],
    ],
    ["an empty row between", "a\n\nb", [["a"], [""], ["b"]]],
    ["a quote that quotes nothing", '"大"字\tb', [['"大"字', "b"]]],
    ["a quote that is never closed", '"a\tb\nc', [['"a', "b"], ["c"]]],
    ["a formula is text", "=1+1\t@x", [["=1+1", "@x"]]],
    ["nothing", "", []],
  ])("%s", (_, text, table) => {
    expect(parseTable(text)).toEqual(table);
  });
});

test("what is written is read back as it was", () => {
  const table = [
    ["410801198512310022", "a\tb", 'x"y'],
    ['"z"', "1\r\n2", ""],
    ["=1+1", "'=1+1", "'王芳"],
    ["-12.5", "-1+1", "\t@x"],
  ];
  expect(parseTable(formatTable(table))).toEqual(table);
  expect(
    formatTable([
      ["a", "b"],
      ["c", "d"],
    ]),
    "CRLF between rows",
  ).toBe("a\tb\r\nc\td\r\n");
});

test("a spreadsheet works nothing out of the text", () => {
  const texts = ["=cmd|'/c calc'!A0", "+86 138", "-1+1", "@SUM(A1)", " =1", "\ufeff=1", "＝1", "\t=1", "'=1"];
  for (const text of texts) {
    expect(formatTable([[text]]).replace(/^"/, ""), `${JSON.stringify(text)} gets an apostrophe`).toMatch(/^'/);
    expect(parseTable(formatTable([[text]])), "and is itself again in the grid").toEqual([[text]]);
  }
  for (const text of ["-1234.50", "+5", "-1,950.00", "王芳", "a=b", "'王芳", "010-62770000"]) {
    expect(formatTable([[text]]), `${text} is no formula`).toBe(`${text}\r\n`);
  }
});

test("the HTML table marks all but figures as text and escapes everything", () => {
  const html = formatHtml(
    [
      ["410801198512310022", "1,950.00", "<b>&\n"],
      ["=1+1", "=2", ""],
    ],
    [false, true, false],
  );
  expect(html).toContain(`<td style="mso-number-format:'\\@'">410801198512310022</td><td>1,950.00</td>`);
  expect(html).toContain("&lt;b&gt;&amp;<br>");
  expect(html, "a formula in a figure column is text too").toContain(`<td style="mso-number-format:'\\@'">=2</td>`);
});
