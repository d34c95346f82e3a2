import { t } from "../text/zh";
import { toast } from "../widgets/toast";
import { useApp } from "./app";
import { useTask, type Task } from "./task";

/** The roster anew: from the center, or from its newest export where it has no gateway. */
export function useRoster(): { task: Task; refresh(): Promise<void> } {
  const { desk, session } = useApp();
  const task = useTask();
  return {
    task,
    async refresh() {
      const fresh = await task.run(async () => {
        if (session.value?.channel !== "upload_file") return desk.refresh();
        const ticket = await desk.chooseWorkbook();
        return ticket ? desk.unitRoster(ticket.ticket) : null;
      });
      if (!fresh) return;
      session.value = fresh;
      toast(t.shell.refreshed);
    },
  };
}
