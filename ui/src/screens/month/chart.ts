import type { ChartMonth, FigureKey, FigureView } from "../../backend";

/** What is drawn: people and money of each month, or how one or the other came from the month before. */
export const drawings = ["trend", "amount", "people"] as const;
export type Drawing = (typeof drawings)[number];

export function figureOf(month: ChartMonth, key: FigureKey): FigureView {
  const found = month.figures.find((figure) => figure.key === key);
  if (!found) throw new Error(`a month without ${key}`);
  return found;
}

/** Steps from one month to the next, each a bar that begins where the one before it ended. */
export const steps = ["increase", "decrease", "adjusted"] as const;
export type Step = (typeof steps)[number];

/** Where each step begins and ends. Heights only: what is read out comes from the texts of the core. */
export function bridge(month: ChartMonth, of: "amount" | "people"): Record<Step, [number, number]> {
  const value = (key: FigureKey): number => {
    const figure = figureOf(month, key);
    return of === "people" ? figure.people : Number(figure.amount);
  };
  const before = value("previous");
  const came = before + value("increase");
  const left = came - value("decrease");
  // Whose amount was adjusted is neither one more nor one less.
  const due = of === "people" ? left : value("due");
  return { increase: [before, came], decrease: [left, came], adjusted: [left, due] };
}
