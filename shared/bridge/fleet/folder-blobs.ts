// Pictures on their way in a folder that bridge and workers share: a folder for each, with the bytes and an empty file for each
// holder.

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, NigaoeError } from '../../errors.js';
import { BLOB_KEPT_MS, type Blobs } from './blobs.js';

const BYTES = 'bytes';

/** In files of a folder, which must be there. */
export function folderBlobs(folder: string): Blobs {
  const at = (hash: string) => join(folder, hash);
  const oneByOne = inTurns();
  return {
    isInOrder: false,
    put: (bytes, hash, holder) =>
      oneByOne(hash, () =>
        within(folder, async () => {
          await mkdir(at(hash), { recursive: true });
          await writeFile(join(at(hash), holder), '');
          // Beside it first: whoever looks meanwhile sees all of it or nothing.
          const part = join(at(hash), `${holder}.part`);
          await writeFile(part, bytes);
          await rename(part, join(at(hash), BYTES));
        }),
      ),
    async get(hash) {
      try {
        return await readFile(join(at(hash), BYTES));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw unreadable(folder, error);
      }
    },
    async has(hash) {
      return await stat(join(at(hash), BYTES)).then(
        () => true,
        () => false,
      );
    },
    async renew(hash) {
      const now = new Date();
      await utimes(at(hash), now, now).catch(() => undefined);
    },
    release: (hash, holder) =>
      oneByOne(hash, async () => {
        await rm(join(at(hash), holder), { force: true });
        const left = await readdir(at(hash)).catch(() => []);
        // Parts are of somebody who died over them.
        const isHeld = left.some((name) => name !== BYTES && !name.endsWith('.part'));
        if (!isHeld) await rm(at(hash), { recursive: true, force: true });
      }),
  };
}

/** Of each name one work at a time: nobody takes hold of what is just being thrown away. */
function inTurns() {
  const last = new Map<string, Promise<void>>();
  return (name: string, work: () => Promise<void>): Promise<void> => {
    const turn = (last.get(name) ?? Promise.resolve()).catch(() => undefined).then(work);
    last.set(name, turn);
    const forget = () => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  };
}

/** Throws away what nobody released in a day. */
export async function sweepFolder(folder: string, nowMs = Date.now()): Promise<void> {
  for (const hash of await readdir(folder)) {
    const at = join(folder, hash);
    const { mtimeMs } = await stat(at).catch(() => ({ mtimeMs: nowMs }));
    if (nowMs - mtimeMs > BLOB_KEPT_MS) await rm(at, { recursive: true, force: true });
  }
}

/** Throws `not-found` where there is no such folder. */
export async function findFolder(folder: string): Promise<void> {
  await readdir(folder).catch((error: unknown) => {
    throw new NigaoeError(
      'not-found',
      `Expected a folder for --blobs but ${folder} cannot be read (${codeOf(error) ?? String(error)})`,
      { hint: 'Mount the folder here that the bridge and its workers share.' },
    );
  });
}

/** Throws `output-unwritable` where the folder is not there or takes nothing. */
export async function checkFolder(folder: string): Promise<void> {
  await within(folder, async () => {
    await readdir(folder);
    const probe = join(folder, `.probe-${randomUUID()}`);
    await writeFile(probe, '');
    const now = new Date();
    await utimes(probe, now, now);
    await rm(probe);
  });
}

async function within(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

const unreadable = (folder: string, error: unknown): NigaoeError =>
  new NigaoeError(
    'output-unwritable',
    `Expected the folder ${folder} for pictures on their way to be writable but it is not (${codeOf(error) ?? String(error)})`,
    {
      hint: 'Mount the same folder on the bridge and on every worker, and let the user of nigaoe write there.',
    },
  );
