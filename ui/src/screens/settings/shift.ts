/** Tenths of a millimetre that a page may be shifted either way. */
export const MOST = 100;

/** Tenths of a millimetre of what was typed: `1.5`, `-2`, nothing for none; `null` where it is no such shift. */
export function tenths(typed: string): number | null {
  const text = typed
    .trim()
    .replace(/^[−－]/, "-")
    .replace(/^＋/, "+");
  if (text === "") return 0;
  if (!/^[+-]?\d{1,2}(\.\d)?$/.test(text)) return null;
  const shift = Math.round(Number(text) * 10);
  return Math.abs(shift) <= MOST ? shift : null;
}

/** As it is typed and shown. */
export const millimetres = (shift: number): string => String(shift / 10);
