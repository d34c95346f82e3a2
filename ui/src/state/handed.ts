import { computed } from "vue";
import type { Handed } from "../backend";
import { useApp, type HandedFile } from "./app";

/** Files that were handed over together: one is imported after the other, none over another, and none is lost. */
export function useHanded() {
  const { handed, opening, screen, go } = useApp();
  const current = computed(() => (screen.value.name === "import" ? (screen.value.handed ?? null) : null));
  /** A signing in progress or a receipt being read is not torn away by a file. */
  const takesFiles = computed(() => !["review", "order", "approval"].includes(screen.value.name));

  /** Lists files behind those that wait already; first the one that is being looked at and is not imported yet. */
  function list(files: readonly HandedFile[]): void {
    const now = current.value === null ? [] : [current.value];
    handed.value = [...handed.value, ...[...now, ...files].filter((file) => !handed.value.includes(file))];
  }

  /** Rejects where the file can't be had; it then waits on. */
  async function open(file: HandedFile): Promise<void> {
    if (!takesFiles.value || opening.value) return;
    opening.value = true;
    try {
      const ticket = await file.open();
      // Something else was begun meanwhile.
      if (!takesFiles.value) return list([file]);
      list([]);
      go({ name: "import", ticket, handed: file, ...(file.kind === undefined ? {} : { kind: file.kind }) });
    } finally {
      opening.value = false;
    }
  }

  return {
    takesFiles,
    opening,
    /** Those that wait. */
    waiting: computed(() => handed.value.filter((file) => file !== current.value)),
    open,
    /** Takes files up: the first is opened where nothing else is being imported, the others wait. Rejects as `open`. */
    async take(files: readonly Handed[], kind?: string): Promise<void> {
      const more: HandedFile[] = files.map((file) => ({ ...file, kind }));
      const [first] = more;
      if (first === undefined) return;
      const free = takesFiles.value && screen.value.name !== "import" && !opening.value;
      // One alone is a file like any other: who leaves it knows what she leaves.
      if (more.length > 1 || !free) list(more);
      if (free) await open(first);
    },
    /** The file is imported, or not wanted. */
    done(file: HandedFile): void {
      handed.value = handed.value.filter((each) => each !== file);
    },
  };
}
