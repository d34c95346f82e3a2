// Finds the processes of a run.
import { readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";

const words = (path) => readFileSync(path, "utf8");
const running = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
const before = new Set(running());

/** Processes of the app that work on this run's data. */
export function programsOn(data, app) {
  const mine = (pid) => {
    try {
      if (words(`/proc/${pid}/comm`).trim() !== basename(app).slice(0, 15)) return false;
      return words(`/proc/${pid}/environ`).includes(`HUIJIAO_DATA=${data}\0`);
    } catch (error) {
      // The program shows what it was started with to root alone; for others it is what has begun since. Else it has ended.
      return error.code === "EACCES" && !before.has(pid);
    }
  };
  return running().filter(mine);
}
