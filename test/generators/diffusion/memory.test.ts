// What a picture will take of the memory.

import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDiffusionFolder } from '../../../shared/generators/diffusion/folder.js';
import { bytesFor, checkMemory } from '../../../shared/generators/diffusion/memory.js';
import { writeTinyDiffusion } from '../../fixtures/tiny-diffusion.js';

describe('memory for a picture', () => {
  let root = '';
  before(async () => {
    root = await writeTinyDiffusion(await mkdtemp(path.join(tmpdir(), 'nigaoe-memory-')), {
      isExternal: true,
    });
  });
  after(() => rm(root, { recursive: true, force: true }));
  const bytesAt = async (widthPx: number, heightPx: number) =>
    bytesFor(await readDiffusionFolder(root), { widthPx, heightPx, guidance: 7.5 });

  it('is that of the largest network, its weights beside it counted, and grows with the fourth power of the side', async () => {
    assert.ok((await bytesAt(512, 512)) < 1e5);
    // A file with a hole takes no room.
    await truncate(path.join(root, 'unet/model.onnx_data'), 3.4e9);
    const [small, large] = [await bytesAt(512, 512), await bytesAt(1024, 1024)];
    assert.ok(small > 3.4e9 && small < 6e9, `${small}`);
    assert.ok(Math.abs((large - 3.4e9) / (small - 3.4e9) - 16) < 0.1);
  });

  it('is refused where there is less, in one sentence', function () {
    if (process.platform !== 'linux') this.skip();
    const size = { widthPx: 1024, heightPx: 768 };
    checkMemory(1e6, size);
    assert.throws(() => checkMemory(1e15, size), {
      code: 'options',
      message: /^Expected 1000000\.0 GB of memory for 1024 x 768 px but [\d.]+ GB are free$/,
    });
  });
});
