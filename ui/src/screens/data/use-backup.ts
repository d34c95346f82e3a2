import { computed, shallowRef } from "vue";
import type { ExportedFile } from "../../backend";
import { useApp } from "../../state/app";
import { useTask } from "../../state/task";

/** A backup into a folder of the user's choice; a browser cannot name one, so there it goes to the export folder. */
export function useBackup() {
  const { desk } = useApp();
  const choosing = useTask();
  const making = useTask();
  const made = shallowRef<ExportedFile | null>(null);

  async function make(): Promise<void> {
    made.value = null;
    const folder = desk.kind === "browser" ? null : await choosing.run(() => desk.chooseFolder());
    if (desk.kind !== "browser" && !folder) return;
    made.value = (await making.run(() => desk.backupMake(folder?.ticket ?? null))) ?? null;
  }

  return { made, make, running: making.running, error: computed(() => choosing.error.value ?? making.error.value) };
}
