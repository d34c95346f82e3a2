import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import components from "unplugin-vue-components/vite";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [
    vue(),
    components({
      // Only Element Plus is resolved by name; our own components are imported where they are used.
      dirs: [],
      dts: "src/components.d.ts",
      // Tests mount in happy-dom, where style sheets mean nothing.
      resolvers: [ElementPlusResolver({ importStyle: mode === "test" ? false : "css" })],
    }),
  ],
  clearScreen: false,
  // The words of errors and findings live beside the domain, outside this folder.
  server: { port: 1420, strictPort: true, fs: { allow: [fileURLToPath(new URL("..", import.meta.url))] } },
  build: {
    outDir: "dist",
    target: ["es2022", "chrome109", "safari16"],
    // Nothing inlined: the content security policy of both shells allows files of our own only.
    assetsInlineLimit: 0,
    // The window for a PIN is a page of its own.
    rolldownOptions: {
      input: ["index.html", "secret.html"].map((page) => fileURLToPath(new URL(page, import.meta.url))),
    },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: "happy-dom",
    // A loaded computer takes its time over long lists; nothing here is about time.
    testTimeout: 60_000,
    include: ["tests/**/*.test.ts", "src/**/*.test.ts"],
    server: { deps: { inline: ["element-plus"] } },
  },
}));
