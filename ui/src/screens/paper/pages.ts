import type { PDFDocumentProxy } from "pdfjs-dist";

/** A PDF whose pages can be drawn, one at a time. */
export interface Pages {
  readonly count: number;
  /** Draws a page as wide as its canvas is shown; gives the text on it, for those who do not see it. Fails once it is closed. */
  draw(page: number, canvas: HTMLCanvasElement, width: number): Promise<string>;
  close(): void;
}

/** The reader is large and needed only here: it is loaded with the first form that is looked at. */
async function reader() {
  const [pdf, worker] = await Promise.all([
    import("pdfjs-dist/legacy/build/pdf.mjs"),
    import("pdfjs-dist/legacy/build/pdf.worker.min.mjs?url"),
  ]);
  pdf.GlobalWorkerOptions.workerSrc = worker.default;
  return pdf;
}

/** Opens a PDF that came as base64. */
export async function openPages(base64: string): Promise<Pages> {
  const pdf = await reader();
  const data = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  // Every font is inside the file; nothing is fetched, as the content security policy wants it.
  const task = pdf.getDocument({ data, useWorkerFetch: false, useSystemFonts: false });
  const document: PDFDocumentProxy = await task.promise;
  // What is asked of a reader that is closed meanwhile may never be answered.
  let gone: (why: Error) => void = () => undefined;
  const closed = new Promise<never>((_, reject) => (gone = reject));
  closed.catch(() => undefined);
  const draw: Pages["draw"] = async (number, canvas, width) => {
    const page = await document.getPage(number);
    const natural = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: (width * window.devicePixelRatio) / natural.width });
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    await page.render({ canvas, viewport }).promise;
    const text = await page.getTextContent();
    return text.items.map((item) => ("str" in item ? item.str : "")).join(" ");
  };
  return {
    count: document.numPages,
    draw: (...sheet) => Promise.race([draw(...sheet), closed]),
    close: () => {
      gone(new Error("closed"));
      void task.destroy();
    },
  };
}
