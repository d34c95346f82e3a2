/** `-1234567.80` → `-1,234,567.80`. Text in, text out: amounts are never turned into binary fractions. */
export function grouped(amount: string): string {
  const parts = /^([+-]?)(\d+)(\.\d+)?$/.exec(amount);
  if (parts === null) return amount;
  const [, sign = "", whole = "", fraction = ""] = parts;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + fraction;
}

/** Sign of an amount's text. */
export function signOf(amount: string): -1 | 0 | 1 {
  if (!/[1-9]/.test(amount)) return 0;
  return amount.startsWith("-") ? -1 : 1;
}
