// Reads what torch.save wrote before 1.6: pickles of a magic number, a version, the machine, the checkpoint and the keys of
// its storages one after another; then for each storage the number of its elements and their bytes.

import { type ByteSource, corrupt } from '../bytes.js';
import type { Checkpoint } from '../checkpoint.js';
import { type Place, shown } from '../numbers.js';
import { bigEndian, checkpointOf, MOST_PICKLE_BYTES, worldOf } from './checkpoint.js';
import { PickleCutShort } from './pickle/cursor.js';
import type { PickleWorld } from './pickle/machine.js';
import { readPickle, type Unpickled } from './pickle/read-pickle.js';
import { refused } from './pickle/refusal.js';
import { type StorageBytes, windowOf } from './storage-bytes.js';
import { StorageRef } from './tensor.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
/** Of the number of elements (little-endian int64) before a storage. */
const COUNT_BYTES = 8;
const MOST_STORAGES = 200_000;

/** Opens such a file. Throws `model-corrupt` and `model-unsupported`. */
export async function openLegacy(source: ByteSource): Promise<Checkpoint> {
  const { name } = source;
  const storages = new Map<string, StorageRef>();
  const pickles = new PickleStream(source, collecting(worldOf(name), storages));
  await checkHeader(name, pickles);
  const value = await pickles.next();
  const keys = await pickles.next();
  const places = await placesOf(source, { keys, storages, offset: pickles.offset });
  const storageOf = async ({ key }: StorageRef) => storageAt(source, key, places.get(key));
  return checkpointOf(source, { format: 'pytorch-legacy', value, storageOf });
}

async function checkHeader(name: string, pickles: PickleStream): Promise<void> {
  if ((await pickles.next()) !== MAGIC) throw refused(name, 'it is a pickle that torch.save did not write');
  if ((await pickles.next()) !== VERSION) throw refused(name, 'it is of another version of torch.save');
  const machine = await pickles.next();
  if (machine instanceof Map && machine.get('little_endian') === false) throw bigEndian(name);
}

/** The same world, which remembers the storages that it was asked for. */
function collecting(world: PickleWorld, storages: Map<string, StorageRef>): PickleWorld {
  const resolve = (id: unknown): unknown => {
    const storage = world.resolve(id);
    if (storage instanceof StorageRef) keep(world.name, storages, storage);
    return storage;
  };
  return { ...world, resolve };
}

function keep(name: string, storages: Map<string, StorageRef>, storage: StorageRef): void {
  const before = storages.get(storage.key);
  if (before !== undefined && (before.type !== storage.type || before.elements !== storage.elements))
    throw corrupt(name, `it describes the storage ${shown(storage.key)} in two ways`);
  storages.set(storage.key, storage);
}

/** Pickles that follow each other. None says how long it is: each is read from a little of the file, then from more. */
class PickleStream {
  offset = 0;
  readonly #source: ByteSource;
  readonly #world: PickleWorld;

  constructor(source: ByteSource, world: PickleWorld) {
    this.#source = source;
    this.#world = world;
  }

  async next(): Promise<unknown> {
    for (let pieceBytes = FIRST_PIECE_BYTES; ; pieceBytes *= GROWTH) {
      const restBytes = this.#source.size - this.offset;
      const bytes = await this.#source.read(this.offset, Math.min(pieceBytes, restBytes));
      const found = this.#tryRead(bytes);
      if (found !== undefined) {
        this.offset += found.length;
        return found.value;
      }
      if (pieceBytes >= Math.min(restBytes, MOST_PICKLE_BYTES))
        throw corrupt(this.#source.name, 'its pickle ends too early');
    }
  }

  #tryRead(bytes: Uint8Array): Unpickled | undefined {
    try {
      return readPickle(bytes, this.#world);
    } catch (error) {
      if (error instanceof PickleCutShort) return undefined;
      throw error;
    }
  }
}
const FIRST_PIECE_BYTES = 2 ** 16;
const GROWTH = 8;

/** Where the bytes of each storage lie: they follow the list of the keys in its order. */
async function placesOf(
  source: ByteSource,
  { keys, storages, offset }: { keys: unknown; storages: Map<string, StorageRef>; offset: number },
): Promise<Map<string, Place>> {
  const { name } = source;
  if (!Array.isArray(keys) || keys.length > MOST_STORAGES)
    throw corrupt(name, 'it does not list its storages');
  const places = new Map<string, Place>();
  let at = offset;
  for (const key of keys as unknown[]) {
    const storage = typeof key === 'string' && !places.has(key) ? storages.get(key) : undefined;
    if (storage === undefined) throw corrupt(name, 'it lists a storage that it does not describe');
    await checkCount(source, at, storage);
    const place = { offset: at + COUNT_BYTES, length: storage.elements * storage.type.bytes };
    places.set(storage.key, place);
    at = place.offset + place.length;
  }
  if (at > source.size) throw corrupt(name, `its storages end at ${at}, beyond its ${source.size} bytes`);
  return places;
}

async function checkCount(source: ByteSource, offset: number, storage: StorageRef): Promise<void> {
  const bytes = await source.read(offset, COUNT_BYTES);
  const count = Number(new DataView(bytes.buffer).getBigInt64(0, true));
  if (count !== storage.elements)
    throw corrupt(source.name, `${shown(storage.key)} has ${count} elements, not ${storage.elements}`);
}

function storageAt(source: ByteSource, key: string, place: Place | undefined): StorageBytes {
  if (place === undefined) throw corrupt(source.name, `it lacks the storage ${shown(key)}`);
  return { size: place.length, open: async () => windowOf(source, place) };
}
