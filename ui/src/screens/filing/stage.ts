import type { FilingStage } from "../../backend";
import type { Tone } from "../../widgets/StatusTag.vue";

/** How a stage is coloured. */
export const stageTone: Record<FilingStage, Tone> = {
  signed: "note",
  submitting: "note",
  unknown: "warn",
  awaiting_approval: "note",
  accepted: "ok",
  in_review: "note",
  settled: "ok",
  partly_settled: "warn",
  refused: "bad",
  withdrawn: "calm",
  kept: "ok",
};
