// What is found in folders before any of their networks is opened.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDiffusionFolder } from '../../../shared/generators/diffusion/folder.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { type TinyOptions, writeTinyDiffusion } from '../../fixtures/tiny-diffusion.js';

describe('a Stable Diffusion folder', () => {
  let folder = '';
  let count = 0;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-folder-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const write = (options: TinyOptions = {}) =>
    writeTinyDiffusion(path.join(folder, String(count++)), options);

  const conv = ({ graph }: OnnxModel) => graph.node.find(({ opType }) => opType === 'Conv') ?? graph.node[0];
  const beyond: Record<string, { edit: (unet: OnnxModel) => void; says: RegExp }> = {
    'of an opset that is too new': {
      edit: ({ opsetImport }) => {
        opsetImport[0].version = 999;
      },
      says: /^Expected a version of ONNX that onnxruntime [\d.]+ knows for unet of \S+ but unet\/model\.onnx has opset 999$/,
    },
    'of a file version that is too new': {
      edit: (model) => {
        model.irVersion = 999;
      },
      says: /but unet\/model\.onnx has IR version 999$/,
    },
    'with operators of another program': {
      edit: (model) => {
        conv(model).domain = 'com.example';
        model.opsetImport.push({ domain: 'com.example', version: 3 });
      },
      says: /^Expected operators of ONNX for unet of \S+ but unet\/model\.onnx has Conv of com\.example, version 3, which onnxruntime [\d.]+ does not know$/,
    },
  };
  for (const [what, { edit, says }] of Object.entries(beyond))
    it(`is refused by part, file and version with a network ${what}`, async () => {
      await assert.rejects(readDiffusionFolder(await write({ edit })), {
        code: 'model-unsupported',
        message: says,
        hint: /[Ee]xport it/,
      });
    });

  it('is fine with domains that no operator is of, and with operators that the file brings', async () => {
    const edit = (model: OnnxModel) => {
      model.opsetImport.push({ domain: 'com.example', version: 1 });
      conv(model).domain = 'own';
      model.functions = [{ name: 'Conv', domain: 'own', node: [] }];
    };
    assert.equal((await readDiffusionFolder(await write({ edit }))).unetChannels, 4);
  });

  it('says which size and how many channels its networks are fixed to', async () => {
    const sides = { widthPx: 96, heightPx: 64 };
    const { fixed, unetChannels } = await readDiffusionFolder(await write({ sides, unetChannels: 9 }));
    assert.deepEqual([fixed, unetChannels], [sides, 9]);
    const open = await readDiffusionFolder(await write());
    assert.deepEqual(open.fixed, { widthPx: undefined, heightPx: undefined });
  });

  it('is refused where its networks are fixed to different sizes', async () => {
    const edit = ({ graph }: OnnxModel) => {
      const [, , height] = graph.input[0].type?.tensorType?.shape?.dim ?? [];
      height.dimValue = 64;
    };
    const root = await write({ sides: { widthPx: 64, heightPx: 64 }, edit });
    await assert.rejects(readDiffusionFolder(root), {
      code: 'model-unsupported',
      message: /^Expected networks of one size in \S+ but unet draws 512 px and vae_decoder 64 px$/,
    });
  });

  it('is refused where weights beside a graph are not there, or end early', async () => {
    const root = await write({ isExternal: true });
    const weights = path.join(root, 'unet/model.onnx_data');
    await truncate(weights, 100);
    await assert.rejects(readDiffusionFolder(root), {
      code: 'model-corrupt',
      message: /^Expected weights in \S+model\.onnx_data but it ends after 100 of \d+ bytes$/,
    });
    await rm(weights);
    await assert.rejects(readDiffusionFolder(root), /model\.onnx_data but it cannot be read$/);
  });

  it('is refused where a file ends early, or git left a pointer in its place', async () => {
    const root = await write();
    const unet = path.join(root, 'unet/model.onnx');
    await truncate(unet, (await readFile(unet)).length - 50);
    await assert.rejects(readDiffusionFolder(root), {
      code: 'model-corrupt',
      message: /^Expected an ONNX model in \S+unet.model\.onnx but it ends in the middle$/,
    });
    await writeFile(unet, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3438375973\n');
    await assert.rejects(readDiffusionFolder(root), {
      message: /but git left a pointer to it there$/,
      hint: /git lfs pull/,
    });
  });
});
