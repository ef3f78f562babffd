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

  const size = { widthPx: 1024, heightPx: 768 };

  it('is refused where there is less, in one sentence', () => {
    checkMemory(1e6, size);
    assert.throws(() => checkMemory(1e15, size), {
      code: 'options',
      message: /^Expected 1000000\.0 GB of memory for 1024 x 768 px but .*[\d.]+ GB (are free|in all)$/,
    });
  });

  // A computer with 16 GB, of which the system calls 6 free.
  const cases: Record<string, { platform: string; needed: number; says: RegExp | undefined }> = {
    'Linux, within what is free': { platform: 'linux', needed: 5e9, says: undefined },
    'Linux, beyond it': { platform: 'linux', needed: 7e9, says: /but 6\.0 GB are free$/ },
    'Windows, beyond what is free': { platform: 'win32', needed: 7e9, says: /but 6\.0 GB are free$/ },
    'macOS, beyond what it calls free': { platform: 'darwin', needed: 7e9, says: undefined },
    'macOS, beyond all': { platform: 'darwin', needed: 17e9, says: /but this computer has 16\.0 GB in all$/ },
  };
  for (const [where, { platform, needed, says }] of Object.entries(cases))
    it(`is ${says ? 'refused' : 'fine'} on ${where}`, () => {
      const notices: string[] = [];
      const memory = { platform, totalBytes: 16e9, freeBytes: 6e9 };
      const check = () =>
        checkMemory(needed, size, { memory, onNotice: (sentence) => notices.push(sentence) });
      if (says) assert.throws(check, { code: 'options', message: says });
      else check();
      assert.deepEqual(notices, []);
    });

  it('is a notice on macOS where it is most of all', () => {
    const notices: string[] = [];
    const memory = { platform: 'darwin', totalBytes: 16e9, freeBytes: 1e8 };
    checkMemory(12e9, size, { memory, onNotice: (sentence) => notices.push(sentence) });
    assert.deepEqual(notices, ['This picture takes 12.0 GB of the 16.0 GB of memory: close other programs']);
  });
});
