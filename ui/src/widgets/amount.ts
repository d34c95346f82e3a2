/** `-1234567.80` → `-1,234,567.80`. Text in, text out: amounts are never turned into binary fractions. */
export function grouped(amount: string): string {
  const parts = /^([+-]?)(\d+)(\.\d+)?$/.exec(amount);
  if (parts === null) return amount;
  const [, sign = "", whole = "", fraction = ""] = parts;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + fraction;
}

/**
 * An amount as somebody typed it or a workbook held it, grouped and with two places: `10019.9` → `10,019.90`. What is
 * not plainly an amount, down to the fen, stays as it stands: it is to be seen as it is.
 */
export function accounted(text: string): string {
  const parts = /^(-?)(0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d{1,2}))?$/.exec(text);
  if (parts === null) return text;
  const [, sign = "", whole = "", fraction = ""] = parts;
  return grouped(`${sign}${whole.replaceAll(",", "")}.${fraction.padEnd(2, "0")}`);
}

/** A sentence of the core with its amounts written as people read them. */
export function readable(text: string): string {
  return text.replace(
    /(^|[^\d.,-])(-?\d+\.\d{2})(?![\d.])/g,
    (_, before: string, amount: string) => before + grouped(amount),
  );
}

/** Sign of an amount's text. */
export function signOf(amount: string): -1 | 0 | 1 {
  if (!/[1-9]/.test(amount)) return 0;
  return amount.startsWith("-") ? -1 : 1;
}

/** The sum of amounts with two places, to the fen. */
export function sum(amounts: readonly string[]): string {
  const fen = amounts.reduce((total, amount) => total + BigInt(amount.replace(".", "")), 0n);
  const digits = String(fen < 0n ? -fen : fen).padStart(3, "0");
  return `${fen < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
