/** Fields whose texts are numbers of people's papers. */
const NUMBERS = new Set(["id_number", "new_id_number"]);

/** Whether a column holds ID numbers. */
export function isIdField(field: string | null): boolean {
  return field !== null && NUMBERS.has(field);
}

/** An ID number with its middle hidden, as the core masks it: short ones keep only their ends. */
export function maskId(number: string): string {
  const letters = [...number];
  const kept = letters.length >= 12 ? 4 : Math.floor(letters.length / 4);
  return letters.map((letter, at) => (at < kept || at >= letters.length - kept ? letter : "*")).join("");
}

/** Every resident ID number in a text hidden, wherever it stands. */
export function maskIdsIn(text: string): string {
  return text.replace(/(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])/g, maskId);
}
