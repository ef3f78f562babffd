// Names and values, one pair a line, as the commands on models show them.

export type Row = readonly [name: string, value: string | undefined];

const NAME_CHARACTERS = 13;

/** The rows that have a value, indented. */
export function rowLines(rows: readonly Row[]): string[] {
  const filled = rows.filter(([, value]) => value !== undefined && value !== '');
  return filled.map(([name, value]) => `  ${name.padEnd(NAME_CHARACTERS)} ${value}`);
}
