// Reads the zip archives that torch.save writes since 1.6: data.pkl, and a file of bytes for each storage.

import { type ByteSource, corrupt } from '../bytes.js';
import type { Checkpoint } from '../checkpoint.js';
import { shown } from '../numbers.js';
import { bigEndian, checkpointOf, MOST_PICKLE_BYTES, worldOf } from './checkpoint.js';
import { latin1, PickleCutShort } from './pickle/cursor.js';
import { readPickle } from './pickle/read-pickle.js';
import { refused } from './pickle/refusal.js';
import type { StorageBytes } from './storage-bytes.js';
import type { StorageRef } from './tensor.js';
import { type Archive, type ArchiveEntry, openArchive } from './zip-archive.js';

const PICKLE = 'data.pkl';

/** Opens such an archive. Throws `model-corrupt` and `model-unsupported`. */
export async function openZip(source: ByteSource): Promise<Checkpoint> {
  const { name } = source;
  const archive = await openArchive(source);
  const folder = folderOf(name, archive);
  await checkByteOrder(name, archive.get(`${folder}byteorder`));
  const bytes = await readWhole(name, archive.get(`${folder}${PICKLE}`), MOST_PICKLE_BYTES);
  const value = unpickled(name, bytes);
  const storageOf = ({ key }: StorageRef) => located(name, archive.get(`${folder}data/${key}`), key);
  return checkpointOf(source, { format: 'pytorch', value, storageOf });
}

/** The archive's one folder, whose name is free; with a slash at its end. */
function folderOf(name: string, archive: Archive): string {
  const names = [...archive.keys()];
  const pickle = names.find((each) => each === PICKLE || /^[^/]*\/data\.pkl$/.test(each));
  const folder = pickle?.slice(0, -PICKLE.length);
  if (names.some((each) => isOfScript(each, folder)))
    throw refused(name, 'it is a TorchScript program', FROM_SCRIPT);
  if (folder === undefined) throw refused(name, `it is a zip archive without ${PICKLE}`, REPACKED);
  return folder;
}

/** Programs have constants and code beside their weights; the first of them had no pickle. */
const isOfScript = (file: string, folder: string | undefined): boolean =>
  /^([^/]*\/)?(constants\.pkl|model\.json)$/.test(file) ||
  (folder !== undefined && file.startsWith(`${folder}code/`));

const FROM_SCRIPT =
  'Load it with torch.jit.load and save its weights alone: torch.save(net.state_dict(), "weights.pth").';
const REPACKED =
  'If it holds a checkpoint, unpack it and take that; otherwise save the weights with torch.save.';

async function checkByteOrder(name: string, entry: ArchiveEntry | undefined): Promise<void> {
  if (entry === undefined) return;
  const order = latin1(await readWhole(name, entry, MOST_ORDER_BYTES)).trim();
  if (order !== 'little') throw bigEndian(name);
}
const MOST_ORDER_BYTES = 16;

function unpickled(name: string, bytes: Uint8Array): unknown {
  try {
    return readPickle(bytes, worldOf(name)).value;
  } catch (error) {
    throw error instanceof PickleCutShort ? corrupt(name, 'its pickle ends too early') : error;
  }
}

async function readWhole(
  name: string,
  entry: ArchiveEntry | undefined,
  mostBytes: number,
): Promise<Uint8Array> {
  if (entry === undefined || entry.size > mostBytes)
    throw corrupt(name, `a file of its archive has ${entry?.size} bytes, more than ${mostBytes}`);
  const content = await (await entry.locate()).open();
  return content.read(0, content.size);
}

async function located(name: string, entry: ArchiveEntry | undefined, key: string): Promise<StorageBytes> {
  if (entry === undefined) throw corrupt(name, `its archive lacks the storage ${shown(key)}`);
  return entry.locate();
}
