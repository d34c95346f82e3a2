import { defineConfig } from "vitest/config";

/** Looks at the built screens in Chromium: pictures, axe, and the content security policy. Run `npm run build` first. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/look/*.look.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
