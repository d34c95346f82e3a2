/** Every word the grid shows or reads out. */
export const gridWords = {
  rowHeader: "行号",
  loading: "…",
  report: "申报本行",
  excluded: "已剔除，本行不申报",
  empty: "空",
  edited: "已改",
  readonly: "只读",
  hint: "方向键移动，F2 或直接输入修改，F8 到下一处问题，Alt+向下键打开可选项，Ctrl+Delete 剔除或恢复所选行，Esc 后按 Tab 离开表格",
  level: { error: "错误", fix: "可修正", warning: "警告" } as Record<string, string>,
  cell: (column: string, row: number, text: string, state: string) =>
    [column, `第${row}行`, text, state].filter(Boolean).join(" "),
  pasteCut: (rows: number, columns: number) => `粘贴的内容超出表格：有 ${rows} 行、${columns} 列没有贴入`,
  pasteReadonly: (columns: number) => `有 ${columns} 列不能修改，没有贴入`,
  loadFailed: "有些行没有读出来，请稍后再试",
  copyReady: "所选行已读好，请再按一次同样的键完成复制",
};

export type GridWords = typeof gridWords;
