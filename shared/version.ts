// The program's name and version, as it signs pictures and answers `--version`.

import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const VERSION = version;
export const PROGRAM = `nigaoe ${version}`;
