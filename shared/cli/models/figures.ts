// Numbers of networks as people read them.

/** `2,143,552`. */
export const grouped = (number: number): string => number.toLocaleString('en-US');

/** `58.3 billion`, `4.1 million`, `900`. */
export function rounded(number: number): string {
  if (number >= 1e9) return `${(number / 1e9).toFixed(1)} billion`;
  return number >= 1e6 ? `${(number / 1e6).toFixed(1)} million` : grouped(number);
}
