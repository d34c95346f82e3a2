import { t } from "../text/zh";
import type { SessionView } from "../backend";
import { toast } from "../widgets/toast";
import { useApp } from "./app";
import { type Task } from "./task";
import { useWorkbook } from "./workbook";

/** The roster anew: from the center, or from its newest export where it has no gateway. */
export function useRoster(): { task: Task; refresh(): Promise<void>; reread(encoding: string): Promise<void> } {
  const { desk, session } = useApp();
  const take = (fresh: SessionView): void => {
    session.value = fresh;
    toast(t.shell.refreshed);
  };
  const { task, choose, reread } = useWorkbook((ticket, encoding) => desk.unitRoster(ticket.ticket, encoding), take);
  return {
    task,
    reread,
    async refresh() {
      if (session.value?.channel === "upload_file") return choose();
      const fresh = await task.run(() => desk.refresh());
      if (fresh) take(fresh);
    },
  };
}
