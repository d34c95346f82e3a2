import type { UploadStage } from "../../backend";
import type { Tone } from "../../widgets/StatusTag.vue";

const TONES: Record<UploadStage, Tone> = {
  exported: "note",
  changed: "warn",
  accepted: "ok",
  partly_accepted: "mild",
  refused: "bad",
};

/** How a stage of the upload-file channel is coloured. */
export function stageTone(stage: UploadStage): Tone {
  return TONES[stage];
}
