// A page with the real grid over rows in memory: what the browser tests and the frame times run on.
import { createApp, h, ref, shallowReactive } from "vue";
import type { CellMark } from "../../../backend/generated/CellMark";
import type { EditOp } from "../../../backend/generated/EditOp";
import type { GridColumn } from "../../../backend/generated/GridColumn";
import type { GridRow } from "../../../backend/generated/GridRow";
import type { PageView } from "../../../backend/generated/PageView";
import type { TableColumns } from "../../../backend/generated/TableColumns";
import DataGrid from "../DataGrid.vue";
import type { GridSelection } from "../grid";
import { PAGE_ROWS } from "../pages";

const TOTAL = 100_000;
const LATENCY = 6;

const column = (field: string, title: string, width: number, more: Partial<GridColumn> = {}): GridColumn => ({
  field,
  title,
  width,
  editable: true,
  numeric: false,
  frozen: false,
  choices: [],
  ...more,
});
const figures = { numeric: true };
const DEPARTMENTS = ["办公室", "财务部", "生产一车间", "研发中心"];
const columns: GridColumn[] = [
  column("name", "姓名", 96, { frozen: true }),
  column("id_number", "证件号码", 176, { frozen: true }),
  column("personal_account", "个人账号", 130),
  column("department", "部门", 110, { choices: DEPARTMENTS }),
  column("old_base", "原缴存基数", 110, figures),
  column("new_base", "新缴存基数", 110, figures),
  column("unit_ratio", "单位比例", 80, figures),
  column("personal_ratio", "个人比例", 80, figures),
  column("unit_amount", "单位月缴存额", 116, figures),
  column("personal_amount", "个人月缴存额", 116, figures),
  column("monthly_after", "调整后月缴存额", 130, { numeric: true, editable: false }),
  column("roster_base", "中心登记基数", 120, { numeric: true, editable: false }),
  column("phone", "手机号码", 120),
  column("note", "备注", 180),
];

const SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗";
const GIVEN = ["建国", "秀英", "伟", "芳", "志强", "丽娟", "海燕", "磊", "晓明", "欣怡", "子轩", "玉梅"];
const two = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2 });
const money = (value: number): string => two.format(value);

const changed = new Map<number, Map<number, string>>();
const excluded = new Map<number, boolean>([[4, true]]);

function marksOf(index: number): CellMark[] {
  if (index % 100 === 7) return [{ column: 1, level: "error", message: "证件号码校验位不对：请对照身份证核对" }];
  if (index % 100 === 2) return [{ column: 5, level: "fix", message: "数字里有全角字符：可以自动改为半角" }];
  if (index % 100 === 9) return [{ column: 4, level: "warning", message: "比上年低 30 % 以上\n请确认没有少填一位" }];
  if (index % 100 === 11) return [{ column: null, level: "warning", message: "中心登记的姓名用字不同" }];
  return [];
}

function rowOf(index: number): GridRow {
  const base = 3000 + ((index * 137) % 21000);
  const amount = Math.round(base * 0.08);
  const edits = changed.get(index) ?? new Map<number, string>();
  const texts = [
    (SURNAMES[index % SURNAMES.length] ?? "") + (GIVEN[index % GIVEN.length] ?? ""),
    `41018419${String(60 + (index % 40))}0101${String(index % 10000).padStart(4, "0")}`,
    `8100${String(index).padStart(8, "0")}`,
    DEPARTMENTS[index % DEPARTMENTS.length] ?? "",
    money(base - 200),
    money(base),
    "0.08",
    "0.08",
    money(amount),
    money(amount),
    money(2 * amount),
    money(base - 200),
    `138${String((index * 7919) % 100_000_000).padStart(8, "0")}`,
    "",
  ];
  return {
    index,
    row: index + 4,
    cells: texts.map((text, place) => edits.get(place) ?? (look.grows ? "" : text)),
    marks: look.grows ? [] : marksOf(index),
    excluded: excluded.get(index) ?? false,
    edited: [...edits.keys()],
  };
}

const revision = ref(1);
const total = ref(TOTAL);
const look = shallowReactive({ scale: 1, readonly: false, grows: false, choice: null as TableColumns | null });
const grid = ref<InstanceType<typeof DataGrid>>();

const bench = {
  edits: [] as EditOp[][],
  events: [] as string[],
  selection: undefined as GridSelection | undefined,
  fetched: [] as number[],
  look,
  jump: (position: number, place?: number) => grid.value?.jumpTo(position, place),
  focus: () => grid.value?.focus(),
  revise: () => (revision.value += 1),
  /** An empty list of this many rows that grows. */
  blank(rows: number) {
    excluded.clear();
    look.grows = true;
    total.value = rows;
    revision.value += 1;
  },
  total: () => total.value,
};
declare global {
  var bench: unknown;
}
globalThis.bench = bench;

async function fetchPage(page: number): Promise<PageView> {
  bench.fetched.push(page);
  await new Promise((done) => setTimeout(done, LATENCY));
  const first = page * PAGE_ROWS;
  const rows = Array.from({ length: Math.min(PAGE_ROWS, total.value - first) }, (_, index) => rowOf(first + index));
  // Through JSON, as the answers of the backend come.
  return JSON.parse(JSON.stringify({ revision: revision.value, page, total: total.value, rows })) as PageView;
}

function edit(ops: EditOp[]): void {
  bench.edits.push(ops);
  for (const op of ops) {
    if (op.op === "exclude") {
      excluded.set(op.index, op.excluded);
      continue;
    }
    if (op.op === "add") {
      total.value += op.rows;
      continue;
    }
    const row = changed.get(op.index) ?? new Map<number, string>();
    const place = columns.findIndex(({ field }) => field === op.field);
    changed.set(op.index, row.set(place, op.text));
  }
  revision.value += 1;
}

createApp(() =>
  h(DataGrid, {
    ref: grid,
    columns,
    total: total.value,
    masked: false,
    revision: revision.value,
    fetchPage,
    label: "基数调整清册",
    ...look,
    onEdit: edit,
    onUndo: () => bench.events.push("undo"),
    onRedo: () => bench.events.push("redo"),
    onFind: () => bench.events.push("find"),
    onNextFinding: (step: 1 | -1) => bench.events.push(`finding ${step}`),
    onNotice: (text: string) => bench.events.push(`notice ${text}`),
    onArrange: (choice: TableColumns | null) => (look.choice = choice),
    onColumns: () => bench.events.push("columns"),
    onSelect: (selection: GridSelection) => (bench.selection = selection),
  }),
).mount("#app");
