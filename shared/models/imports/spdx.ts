// Licences that leave the use of pictures to the user, by their SPDX ids and by the other ways in which people write them.

const FREE: readonly string[] = [
  ...['MIT', 'MIT-0', 'ISC', 'Zlib', 'Unlicense', '0BSD', 'BSL-1.0', 'WTFPL', 'Apache-2.0'],
  ...['BSD-2-Clause', 'BSD-3-Clause', 'BSD-3-Clause-Clear', 'MPL-2.0', 'EPL-2.0', 'Artistic-2.0'],
  ...['CC0-1.0', 'CC-BY-3.0', 'CC-BY-4.0', 'CC-BY-SA-3.0', 'CC-BY-SA-4.0'],
  ...['GPL-2.0', 'GPL-3.0', 'LGPL-2.1', 'LGPL-3.0', 'AGPL-3.0'].flatMap((id) => [
    id,
    `${id}-only`,
    `${id}-or-later`,
  ]),
];

/** The SPDX id of a licence that is known to be free, from its name as people write it: `the MIT License`, `Apache 2.0`, `GPLv3`. */
export function spdxIdOf(words: string): string | undefined {
  const wanted = plain(words);
  return FREE.find((id) => plain(id) === wanted || withoutZero(plain(id)) === wanted) ?? ALIASES.get(wanted);
}

/** The ids of a family of which the words name only the family: BSD, GPL, CC BY. */
export function idsLike(words: string): string[] {
  if (spdxIdOf(words) !== undefined) return [];
  const family = `${plain(words)}-`;
  return FREE.filter((id) => plain(id).startsWith(family) && !/-(only|or-later|clear)$/i.test(id));
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['expat', 'MIT'],
  ['cc-0', 'CC0-1.0'],
  ['cc-0-1.0-universal', 'CC0-1.0'],
  ['cc-zero', 'CC0-1.0'],
  ['bsd-2', 'BSD-2-Clause'],
  ['simplified-bsd', 'BSD-2-Clause'],
  ['bsd-3', 'BSD-3-Clause'],
  ['new-bsd', 'BSD-3-Clause'],
  ['boost-1.0', 'BSL-1.0'],
]);

/** Lower case, words and numbers with dashes between them, without what says nothing. */
function plain(words: string): string {
  return words
    .toLowerCase()
    .replace(/\b(the|gnu|software|licen[sc]e|version)\b/g, ' ')
    .replace(/\bv(?=\d)/g, '')
    .replace(/([a-z])v?(\d)/g, (_, letter: string, digit: string) => `${letter}-${digit}`)
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}

/** `Apache 2` for Apache-2.0. */
const withoutZero = (id: string): string => id.replace(/\.0(?=-|$)/, '');
