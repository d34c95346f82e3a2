import { computed, ref, shallowRef } from "vue";
import type { TableColumns, DraftView } from "../../backend";
import { useApp } from "../../state/app";
import { usePreferences } from "../../state/preferences";
import { Arrangement } from "../../widgets/grid/arrangement";

/** Which columns of the draft are shown, where and how wide: kept for each kind of filing. */
export function useColumns(view: () => DraftView | null) {
  const { preferences } = useApp();
  const { change, error } = usePreferences();
  /** What was chosen here, while it is being kept and where it could not be. */
  const chosen = shallowRef<TableColumns | null>();
  /** Hidden columns that are shown as long as this draft is, because something in them was gone to. */
  const revealed = ref<readonly string[]>([]);

  const kept = computed<TableColumns | null>(() =>
    chosen.value === undefined ? (preferences.value?.columns[view()?.kind ?? ""] ?? null) : chosen.value,
  );
  const choice = computed<TableColumns | null>(() => {
    const now = kept.value;
    return now && { ...now, hidden: now.hidden.filter((field) => !revealed.value.includes(field)) };
  });
  const arrangement = computed(() => new Arrangement(view()?.columns ?? [], choice.value));

  function keep(next: TableColumns | null): void {
    const kind = view()?.kind;
    if (kind === undefined) return;
    chosen.value = next;
    void change(({ columns }) => {
      const others = Object.entries(columns).filter(([table]) => table !== kind);
      return { columns: Object.fromEntries(next === null ? others : [...others, [kind, next]]) };
    });
  }

  return {
    choice,
    error,
    /** How many are not shown. */
    hidden: computed(() => (view()?.columns.length ?? 0) - arrangement.value.columns.length),
    /** Those that are shown, from left to right. */
    columns: computed(() => arrangement.value.columns),
    /** The column at the left, by its place in all columns. */
    first: computed(() => arrangement.value.sources[0] ?? 0),
    choose(next: TableColumns | null): void {
      revealed.value = [];
      keep(next);
    },
    /** Takes places and widths; what is hidden stays so, also where it is shown for the moment. */
    arrange(next: TableColumns | null): void {
      const hidden = kept.value?.hidden ?? [];
      const order = view()?.columns.map(({ field }) => field) ?? [];
      keep(next === null ? (hidden.length === 0 ? null : { order, hidden, widths: {} }) : { ...next, hidden });
    },
    reveal(fields: readonly string[]): void {
      const hidden = fields.filter((field) => choice.value?.hidden.includes(field));
      if (hidden.length > 0) revealed.value = [...revealed.value, ...hidden];
    },
  };
}
