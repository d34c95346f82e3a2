import { ref, type Ref } from "vue";
import type { Ticket } from "../backend";
import { useApp } from "./app";
import { useTask, type Task } from "./task";

/** A workbook that is chosen and read at once, and again in another encoding where its letters did not fit. */
export function useWorkbook<T>(
  read: (ticket: Ticket, encoding?: string) => Promise<T>,
  done: (answer: T) => void,
): {
  task: Task;
  /** It is read, rather than chosen. */
  reading: Ref<boolean>;
  choose(): Promise<void>;
  reread(encoding: string): Promise<void>;
} {
  const { desk } = useApp();
  const task = useTask();
  const reading = ref(false);
  let chosen: Ticket | null = null;

  async function run(pick: () => Promise<Ticket | null>, encoding?: string): Promise<void> {
    const answer = await task.run(async () => {
      const ticket = await pick();
      if (!ticket) return null;
      chosen = ticket;
      reading.value = true;
      return { of: await read(ticket, encoding) };
    });
    reading.value = false;
    if (answer) done(answer.of);
  }

  return {
    task,
    reading,
    choose: () => run(() => desk.chooseWorkbook()),
    reread: (encoding) => run(() => Promise.resolve(chosen), encoding),
  };
}
