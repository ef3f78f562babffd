// The contract of generators over the style ink, tiny networks of every layout, files of a user, and the AnimeGANv3 styles of
// the mirror.

import { ganGenerator } from '../../shared/generators/gan.js';
import type { Generator } from '../../shared/generators/generator.js';
import { openGenerator } from '../../shared/generators/open.js';
import { CATALOGUE } from '../../shared/models/catalogue.js';
import type { OnnxModel } from '../../shared/models/onnx/file.js';
import { openSession } from '../../shared/models/session.js';
import { toFloat16 } from '../fixtures/half.js';
import { emptyStore, MIRROR, storeWith } from '../fixtures/mirror.js';
import { EVERY_IO, TINY_SIDE, type TinyGan, tinyGan } from '../fixtures/tiny-gan.js';
import { cycleFile, ImportWorld } from '../models/imports/world.js';
import { keepsTheContract } from './contract.js';

async function openTiny(tiny: TinyGan, model: OnnxModel = tinyGan(tiny)): Promise<Generator> {
  const session = await openSession(model, { name: 'tiny', device: 'cpu' });
  return ganGenerator({ id: 'tiny', io: tiny.io, side: TINY_SIDE[tiny.kind] }, session);
}

keepsTheContract('style ink', () => openGenerator('ink', { device: 'cpu', store: emptyStore() }));

for (const io of EVERY_IO) {
  const { layout, channels, range } = io;
  keepsTheContract(`a network of ${layout}, ${channels}, ${range.join(' to ')}`, () =>
    openTiny({ io, kind: 'random' }),
  );
}

const [plain] = EVERY_IO;
keepsTheContract('a network that wants sides of 32 pixels', () => openTiny({ io: plain, kind: 'blocky' }));
keepsTheContract('a network of float16 weights and ports', () => {
  const tiny: TinyGan = { io: plain, kind: 'random' };
  return openTiny(tiny, toFloat16(tinyGan(tiny)));
});

describe('the networks of a user', () => {
  const world = new ImportWorld();
  const open = (path: string) => openGenerator(path, { device: 'cpu', store: emptyStore() });
  after(() => world.close());

  keepsTheContract('an ONNX file', () => open(world.gan('mine.onnx')));
  keepsTheContract('a checkpoint', () => open(world.file('horse.pt', cycleFile())));
});

describe('the AnimeGANv3 styles', () => {
  const styles = CATALOGUE.filter((entry) => entry.kind === 'gan' && entry.checkpoint === undefined);
  let mirrored: Awaited<ReturnType<typeof storeWith>> | undefined;
  before(async () => {
    if (MIRROR) mirrored = await storeWith(styles);
  });
  after(() => mirrored?.close());

  for (const { id } of styles) {
    const open = () => openGenerator(id, { device: 'cpu', store: mirrored?.store });
    keepsTheContract(`style ${id}`, open, { isThere: MIRROR !== undefined });
  }
});
