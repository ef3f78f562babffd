// `nigaoe tokens list`, `revoke` and `create`.

import { TokenList } from '../../bridge/tokens/list.js';
import { expected, NigaoeError } from '../../errors.js';
import { readStoreSettings } from '../../models/store/settings.js';
import { exitCodeOf } from '../exit-code.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { minute, table } from '../terminal/wording.js';

/** Prints one row per token; a JSON line each with `--json`. */
export async function listTokens(flags: FlagValues, { terminal }: Stage): Promise<number> {
  const records = await openTokens(flags).all();
  for (const { sha256: _, ...record } of records) terminal.jsonOnly(record);
  if (terminal.json) return 0;
  if (records.length === 0)
    terminal.notice('No program is paired. Start `nigaoe serve` and pair with its code.');
  else terminal.result(table([HEADER, ...records.map(rowOf)]), {});
  return 0;
}

const HEADER = ['ID', 'NAME', 'PAIRED', 'LAST USED'];

interface Shown {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt?: string;
}

function rowOf({ id, name, createdAt, lastUsedAt }: Shown): string[] {
  return [id, name, minute(createdAt), lastUsedAt === undefined ? 'never' : minute(lastUsedAt)];
}

/** Takes the tokens back; ids that are none are told, and do not stop the others. */
export async function revokeTokens(
  ids: readonly string[],
  flags: FlagValues,
  { terminal }: Stage,
): Promise<number> {
  const tokens = openTokens(flags);
  const failures: NigaoeError[] = [];
  for (const id of ids) {
    if (await tokens.revoke(id)) {
      terminal.result(`${id}  revoked`, { id, status: 'revoked' });
      continue;
    }
    const error = unknownToken(id);
    failures.push(error);
    terminal.failure(error);
    terminal.jsonOnly({ id, status: 'failed', error });
  }
  return exitCodeOf(failures);
}

/** Makes a token and shows it. */
export async function createToken(
  [name]: readonly string[],
  flags: FlagValues,
  { terminal }: Stage,
): Promise<number> {
  if (name.trim() === '') throw expected('a name that tells who uses it', 'the token', name);
  const { token, id } = await openTokens(flags).add(name);
  terminal.result(token, { id, name, token });
  terminal.notice(
    `Give it to ${name} as the header Authorization: Bearer; it is not shown again. Its id is ${id}.`,
  );
  return 0;
}

function openTokens({ home }: FlagValues): TokenList {
  return new TokenList(readStoreSettings(home === undefined ? {} : { home: String(home) }).home);
}

function unknownToken(id: string): NigaoeError {
  return new NigaoeError('not-found', `Expected the id of a token but received ${JSON.stringify(id)}`, {
    hint: '`nigaoe tokens list` shows the ids.',
  });
}
