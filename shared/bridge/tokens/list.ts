// The list of tokens: given out when a front end pairs, kept as hashes, revoked by `nigaoe tokens revoke`.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { changeRecords, editionOf, readRecords, type TokenRecord } from './file.js';
import { hashOf, isSameHash, makeSecret } from './secret.js';

/** Who holds a token. */
export interface Holder {
  id: string;
  name: string;
  /** The bridge's own page, opened with the key that only its terminal shows. */
  isPage: boolean;
}

const ID_BYTES = 6;
/** How exact `lastUsedAt` is: the file is not written for every request. */
const TOUCH_MS = 60_000;

/** The tokens in the folder `bridge` of a store, and those that end with the process. */
export class TokenList {
  readonly #at: string;
  /** They end with the process. */
  readonly #fleeting: { record: TokenRecord; isPage: boolean }[] = [];
  #known: { edition: string | undefined; records: TokenRecord[] } | undefined;
  readonly #touchedMs = new Map<string, number>();
  #touching: Promise<void> = Promise.resolve();

  /** `home` is the folder of the store. */
  constructor(home: string) {
    this.#at = path.join(home, 'bridge', 'tokens.json');
  }

  /** The records in the file, read anew when another process has written it. */
  async all(): Promise<readonly TokenRecord[]> {
    const edition = await editionOf(this.#at);
    if (this.#known === undefined || this.#known.edition !== edition)
      this.#known = { edition, records: await readRecords(this.#at) };
    return this.#known.records;
  }

  /** Makes a token, which is told here and never again. */
  async add(name: string): Promise<{ token: string; id: string }> {
    const { token, record } = makeToken(name);
    await changeRecords(this.#at, (records) => [...records, record]);
    return { token, id: record.id };
  }

  /** The same for a page: its token is kept in this process only. */
  addPage(name: string): { token: string; id: string } {
    const { token, record } = makeToken(name);
    this.#fleeting.push({ record, isPage: true });
    return { token, id: record.id };
  }

  /** Takes a token that somebody else made, for this process only. */
  take(token: string, name: string): void {
    this.#fleeting.push({ record: recordOf(token, name), isPage: false });
  }

  /** False where there is no such token. */
  async revoke(id: string): Promise<boolean> {
    let found = false;
    await changeRecords(this.#at, (records) => {
      found = records.some((record) => record.id === id);
      return records.filter((record) => record.id !== id);
    });
    return found;
  }

  /** Who holds this token. Compares with every record, so that the time tells nothing about any of them. */
  async find(token: string): Promise<Holder | undefined> {
    const hash = hashOf(token);
    const lasting = (await this.all()).map((record) => ({ record, isPage: false, lasts: true }));
    const all = [...this.#fleeting.map((token) => ({ ...token, lasts: false })), ...lasting];
    const [found] = all.filter(({ record }) => isSameHash(record.sha256, hash));
    if (found === undefined) return undefined;
    const { id, name } = found.record;
    if (found.lasts) this.#touch(id);
    return { id, name, isPage: found.isPage };
  }

  /** Waits until everything is written. */
  async close(): Promise<void> {
    await this.#touching;
  }

  /** Notes the use in the background; where that cannot be written, the token works all the same. */
  #touch(id: string): void {
    const nowMs = Date.now();
    if (nowMs - (this.#touchedMs.get(id) ?? 0) < TOUCH_MS) return;
    this.#touchedMs.set(id, nowMs);
    const lastUsedAt = new Date(nowMs).toISOString();
    const note = (record: TokenRecord) => (record.id === id ? { ...record, lastUsedAt } : record);
    this.#touching = this.#touching
      .then(() => changeRecords(this.#at, (records) => records.map(note)))
      .catch(() => undefined);
  }
}

function makeToken(name: string): { token: string; record: TokenRecord } {
  const token = makeSecret('nigaoe_');
  return { token, record: recordOf(token, name) };
}

function recordOf(token: string, name: string): TokenRecord {
  const id = randomBytes(ID_BYTES).toString('hex');
  return { id, name, sha256: hashOf(token), createdAt: new Date().toISOString() };
}
