import { t } from "../text/zh";
import type { SessionView } from "../backend";
import { toast } from "../widgets/toast";
import { useApp } from "./app";
import { type Task } from "./task";
import { useWorkbook } from "./workbook";

/** What there is to say of a roster that was just taken. */
export function refreshed(session: SessionView): string {
  const mended = session.roster?.mended ?? 0;
  return mended > 0 ? t.shell.rosterMended(mended) : t.shell.refreshed;
}

/** The roster anew: from the center, or from its newest export where it has no gateway. */
export function useRoster(): { task: Task; refresh(): Promise<void>; reread(encoding: string): Promise<void> } {
  const { desk, session } = useApp();
  const take = (fresh: SessionView): void => {
    session.value = fresh;
    toast(refreshed(fresh));
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
