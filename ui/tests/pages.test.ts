import { expect, test, vi } from "vitest";
import { openPages } from "../src/screens/paper/pages";

const { destroy } = vi.hoisted(() => ({ destroy: vi.fn(() => Promise.resolve()) }));
// A reader that is busy with a page for as long as it lives, and never answers once it was destroyed.
vi.mock("pdfjs-dist/legacy/build/pdf.mjs", () => ({
  GlobalWorkerOptions: {},
  getDocument: () => ({
    promise: Promise.resolve({ numPages: 2, getPage: () => new Promise(() => undefined) }),
    destroy,
  }),
}));
vi.mock("pdfjs-dist/legacy/build/pdf.worker.min.mjs?url", () => ({ default: "worker.mjs" }));

test("a form that is closed while a page is read keeps nobody waiting for that page", async () => {
  const pages = await openPages(btoa("%PDF-"));
  const drawn = pages.draw(1, document.createElement("canvas"), 600);
  pages.close();
  await expect(drawn).rejects.toThrow("closed");
  expect(destroy, "and its memory is given back").toHaveBeenCalledOnce();
  await expect(pages.draw(2, document.createElement("canvas"), 600), "nor for another one").rejects.toThrow("closed");
});
