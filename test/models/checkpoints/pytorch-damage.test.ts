// Damaged and hostile PyTorch files: whatever their archive, pickle or tensors claim, the end is a NigaoeError.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NigaoeError } from '../../../shared/errors.js';
import { bytesInMemory } from '../../../shared/models/checkpoints/bytes.js';
import { openPytorch } from '../../../shared/models/checkpoints/pytorch/open.js';
import { openArchive } from '../../../shared/models/checkpoints/pytorch/zip-archive.js';
import { mutated } from '../../fixtures/mutation.js';
import {
  op,
  pickled,
  streamHead,
  type TestEntry,
  torchArchive,
  torchStream,
  zipArchive,
} from '../../fixtures/torch-file.js';

const FOUR = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
const HONEST = op.tensor({ dims: [2, 2], elements: 4 });
const CORRUPT = 'model-corrupt';
const UNSUPPORTED = 'model-unsupported';

describe('a tensor that does not fit its storage', () => {
  const LARGE = 2 ** 31 - 1;
  const CASES: Readonly<Record<string, [tensor: Uint8Array, code: string, reason: RegExp]>> = {
    'is too large': [op.tensor({ dims: [5], elements: 4 }), CORRUPT, /"w" goes beyond its storage of 4/],
    'begins too late': [op.tensor({ dims: [2], elements: 4, offset: 3 }), CORRUPT, /goes beyond/],
    'has strides that lead out': [
      op.tensor({ dims: [2, 2], strides: [3, 1], elements: 4 }),
      CORRUPT,
      /goes beyond/,
    ],
    'has a negative stride': [op.tensor({ dims: [2], strides: [-1], elements: 4 }), CORRUPT, /is no shape/],
    'has a negative size': [op.tensor({ dims: [-2], elements: 4 }), CORRUPT, /is no shape/],
    'has a negative offset': [op.tensor({ dims: [2], elements: 4, offset: -1 }), CORRUPT, /no storage/],
    'has more strides than sizes': [
      op.tensor({ dims: [2], strides: [1, 1], elements: 4 }),
      CORRUPT,
      /no shape/,
    ],
    'has sizes whose product overflows': [
      op.tensor({ dims: [LARGE, LARGE, LARGE], strides: [0, 0, 0], elements: 4 }),
      CORRUPT,
      /is no shape/,
    ],
    'has a hundred axes': [op.tensor({ dims: Array(100).fill(1), elements: 4 }), CORRUPT, /no shape/],
    'repeats its numbers for ever': [
      op.tensor({ dims: [LARGE], strides: [0], elements: 4 }),
      UNSUPPORTED,
      /"w" shows 1 numbers 2147483647 times/,
    ],
    'claims a larger storage': [
      op.tensor({ dims: [2], elements: LARGE }),
      CORRUPT,
      /has 16 bytes, not 2147483647/,
    ],
    'claims a negative storage': [op.tensor({ dims: [2], elements: -4 }), CORRUPT, /a storage that is none/],
    'has no storage in the file': [
      op.tensor({ dims: [2], elements: 4, key: '7' }),
      CORRUPT,
      /lacks the storage "7"/,
    ],
    'names a storage by another type': [
      op.tensor({ dims: [2], elements: 4, type: 'DoubleStorage' }),
      CORRUPT,
      /has 16 bytes, not 4 elements/,
    ],
    'is of a storage that is unknown': [
      op.tensor({ dims: [2], elements: 4, type: 'QInt8Storage' }),
      UNSUPPORTED,
      /asks for torch\.QInt8Storage/,
    ],
    'is sparse': [
      op.call(op.global('torch._utils', '_rebuild_sparse_tensor'), op.none),
      UNSUPPORTED,
      /_rebuild_sparse_tensor/,
    ],
    'has arguments of other types': [
      op.call(op.global('torch._utils', '_rebuild_tensor_v2'), op.text('x'), op.none),
      CORRUPT,
      /a tensor has no storage/,
    ],
    'is a parameter of nothing': [
      op.call(op.global('torch._utils', '_rebuild_parameter'), op.none),
      CORRUPT,
      /a parameter has no tensor/,
    ],
    'is made by a function in a function': [
      op.call(
        op.global('torch._tensor', '_rebuild_from_type_v2'),
        op.global('torch._tensor', '_rebuild_from_type_v2'),
      ),
      CORRUPT,
      /a tensor has no function/,
    ],
    'has a name without end': [op.none, CORRUPT, /is no name of a tensor/],
  };

  for (const [title, [tensor, code, reason]] of Object.entries(CASES))
    it(`is refused when the file is opened: it ${title}`, async () => {
      const row = tensor === op.none ? [op.text('w'.repeat(5000)), HONEST] : [op.text('w'), tensor];
      await refuses(torchArchive(pickled(op.dict(...row)), [FOUR]), code, reason);
    });

  it('may be of bytes that say their type themselves, as torch 2 writes it', async () => {
    const typed = (dims: number) =>
      op.call(
        op.global('torch._utils', '_rebuild_tensor_v3'),
        op.storage({ type: 'UntypedStorage', elements: 16 }),
        op.int(1),
        op.tuple(op.int(dims)),
        op.tuple(op.int(1)),
        op.no,
        op.ordered(),
        op.global('torch', 'float32'),
      );
    const { tensors } = await openPytorch(
      source(torchArchive(pickled(op.dict(op.text('w'), typed(3))), [FOUR])),
    );
    assert.deepEqual(await tensors.get('w')?.read(), Float32Array.of(2, 3, 4));
    await refuses(torchArchive(pickled(op.dict(op.text('w'), typed(4))), [FOUR]), CORRUPT, /goes beyond/);
  });

  it('is refused when it is read where its numbers lie far apart', async () => {
    const spread = op.tensor({ dims: [2], strides: [2 ** 24], elements: 2 ** 24 + 1 });
    const bytes = torchArchive(pickled(op.dict(op.text('w'), spread)), [Buffer.alloc(4 * (2 ** 24 + 1))]);
    const { tensors } = await openPytorch(source(bytes));
    const reading = tensors.get('w')?.read();
    assert.ok(reading);
    await assert.rejects(reading, { code: UNSUPPORTED, message: /lie scattered/, hint: /contiguous\(\)/ });
  });
});

describe('an archive that torch did not write', () => {
  const PICKLE = pickled(op.dict(op.text('w'), HONEST));
  const FILES: readonly TestEntry[] = [
    ['a/data.pkl', PICKLE],
    ['a/data/0', FOUR],
  ];
  const file = (name: string, text = ''): TestEntry => [`a/${name}`, Buffer.from(text)];

  it('is read where it only has other files besides', async () => {
    await readsAll(zipArchive([...FILES, file('byteorder', 'little'), ['__MACOSX/a/x', Buffer.alloc(9)]]));
  });

  it('is refused where it is a TorchScript program', async () => {
    for (const name of ['constants.pkl', 'code/__torch__.py'])
      await refuses(
        zipArchive([...FILES, file(name)]),
        UNSUPPORTED,
        /TorchScript program/,
        /torch\.jit\.load/,
      );
  });

  it('is refused where its numbers are big-endian', async () => {
    await refuses(
      zipArchive([...FILES, file('byteorder', 'big')]),
      UNSUPPORTED,
      /big-endian/,
      /save it again/,
    );
  });

  it('is refused where it holds no pickle', async () => {
    await refuses(
      zipArchive([file('readme.txt')]),
      UNSUPPORTED,
      /zip archive without data\.pkl/,
      /unpack it/,
    );
  });

  it('is refused where a storage is missing or short', async () => {
    await refuses(zipArchive(FILES.slice(0, 1)), CORRUPT, /lacks the storage "0"/);
    await refuses(zipArchive([FILES[0], ['a/data/0', FOUR.subarray(0, 15)]]), CORRUPT, /has 15 bytes/);
  });

  it('is refused where a file does not have its checksum', async () => {
    const bytes = zipArchive(FILES);
    bytes[Buffer.from(bytes).indexOf(FOUR) + 3] ^= 1;
    await refuses(bytes, CORRUPT, /checksum/);
  });

  it('is refused where it would unpack to far more than it is', async () => {
    const bomb: TestEntry = ['a/data/1', Buffer.alloc(2 ** 26), { deflate: true }];
    await refuses(zipArchive([...FILES, bomb]), UNSUPPORTED, /would unpack to more than/);
  });

  it('is refused where it says less than it unpacks to, or more', async () => {
    for (const claimedBytes of [16, 2 ** 20]) {
      const liar: TestEntry = ['a/data/0', Buffer.alloc(2 ** 16), { deflate: true, claimedBytes }];
      await refuses(zipArchive([FILES[0], liar]), CORRUPT, /archive/);
    }
  });

  it('is refused where it names a file outside', async () => {
    await refuses(zipArchive([...FILES, ['../../x', FOUR]]), CORRUPT, /invalid relative path/);
  });

  it('is refused wherever it is cut', async () => {
    const whole = zipArchive(FILES);
    for (let length = 0; length < whole.length; length += 7)
      await refuses(whole.subarray(0, length), undefined, /./);
  });
});

describe('a stream of pickles that torch did not write', () => {
  const PICKLE = pickled(op.dict(op.text('w'), HONEST));

  it('is refused where it is any other pickle', async () => {
    await refuses(PICKLE, UNSUPPORTED, /a pickle that torch\.save did not write/);
    await refuses(pickled(op.list(op.int(1))), UNSUPPORTED, /a pickle that torch\.save did not write/);
  });

  it('is refused where it is of another version or machine', async () => {
    const rest = torchStream(PICKLE, [FOUR], [4]).subarray(Buffer.concat(streamHead()).length);
    await refuses(Buffer.concat([...streamHead(1002), rest]), UNSUPPORTED, /another version/);
    await refuses(Buffer.concat([...streamHead(1001, false), rest]), UNSUPPORTED, /big-endian/);
    await readsAll(Buffer.concat([...streamHead(), rest]));
  });

  it('is refused where a storage has another number of elements, or is not described', async () => {
    await refuses(torchStream(PICKLE, [FOUR], [5]), CORRUPT, /"0" has 5 elements, not 4/);
    await refuses(torchStream(PICKLE, [FOUR], [-1]), CORRUPT, /has -1 elements/);
    await refuses(torchStream(PICKLE, [FOUR, FOUR], [4, 4]), CORRUPT, /a storage that it does not describe/);
    await refuses(torchStream(PICKLE), CORRUPT, /lacks the storage "0"/);
  });

  it('is refused where it describes a storage in two ways', async () => {
    const other = op.tensor({ dims: [1], elements: 3 });
    const two = pickled(op.dict(op.text('w'), HONEST, op.text('v'), other));
    await refuses(torchStream(two, [FOUR], [4]), CORRUPT, /describes the storage "0" in two ways/);
  });

  it('sees a part of a storage, as old versions had it', async () => {
    const part = op.tuple(op.text('1'), op.int(2), op.int(2));
    const pickle = pickled(op.dict(op.text('w'), op.tensor({ dims: [2], elements: 4, part })));
    const { tensors } = await openPytorch(source(torchStream(pickle, [FOUR], [4])));
    assert.deepEqual(await tensors.get('w')?.read(), Float32Array.of(3, 4));
  });

  it('is refused wherever it is cut', async () => {
    const whole = torchStream(PICKLE, [FOUR], [4]);
    for (let length = 0; length < whole.length; length++)
      await refuses(whole.subarray(0, length), undefined, /./);
  });

  it('may be longer than what is read of it at first', async () => {
    const long = pickled(op.dict(op.text('note'), op.text('x'.repeat(200_000)), op.text('w'), HONEST));
    await readsAll(torchStream(long, [FOUR], [4]));
  });
});

describe('a damaged pickle in a whole archive', () => {
  const ATTEMPTS = 600;

  it(`is read or refused, ${ATTEMPTS} times, without filling the memory`, async () => {
    const before = process.memoryUsage().rss;
    const whole = await pickles();
    // Room for every tensor of these pickles.
    const storages = Array.from({ length: 40 }, () => new Uint8Array(1024));
    const ends = { read: 0, refused: 0 };
    for (let seed = 0; seed < ATTEMPTS; seed++) {
      const archive = torchArchive(mutated(whole, seed), storages);
      ends[await endOf(archive, seed)]++;
    }
    assert.ok(ends.read > 0 && ends.refused > 0, JSON.stringify(ends));
    const grownMegabytes = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grownMegabytes < 500, `${grownMegabytes} MB more`);
  });
});

const FOLDER = fileURLToPath(new URL('../../../../test/fixtures/checkpoints/', import.meta.url));

/** The pickles of the archives that torch saved. */
async function pickles(): Promise<Uint8Array[]> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.pt') && !name.includes('legacy'));
  return Promise.all(names.map((name) => pickleOf(readFileSync(join(FOLDER, name)))));
}

async function pickleOf(archive: Uint8Array): Promise<Uint8Array> {
  const files = [...(await openArchive(source(archive)))];
  const content = await files.find(([name]) => name.endsWith('data.pkl'))?.[1].locate();
  assert.ok(content);
  return (await content.open()).read(0, content.size);
}

async function endOf(bytes: Uint8Array, seed: number): Promise<'read' | 'refused'> {
  try {
    await readsAll(bytes);
    return 'read';
  } catch (error) {
    const isExpected = error instanceof NigaoeError && [CORRUPT, UNSUPPORTED].includes(error.code);
    assert.ok(isExpected, `seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    return 'refused';
  }
}

const source = (bytes: Uint8Array) => bytesInMemory('weights.pt', new Uint8Array(bytes));

async function readsAll(bytes: Uint8Array): Promise<void> {
  const { tensors } = await openPytorch(source(bytes));
  for (const tensor of tensors.values()) await tensor.read();
}

async function refuses(
  bytes: Uint8Array,
  code: string | undefined,
  reason: RegExp,
  hint = /./,
): Promise<void> {
  await assert.rejects(readsAll(bytes), (error) => {
    assert.ok(error instanceof NigaoeError, String(error));
    assert.match(error.message, /^Expected .* in weights\.pt but /);
    assert.match(error.message, reason);
    assert.match(error.hint ?? '', hint);
    assert.ok([CORRUPT, UNSUPPORTED].includes(error.code));
    if (code !== undefined) assert.equal(error.code, code);
    return true;
  });
}
