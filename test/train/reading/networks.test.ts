// Whole networks read: what is written here, what ships with the package, and what others published.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inkGraph } from '../../../shared/generators/ink/graph.js';
import { convertCheckpoint } from '../../../shared/models/architectures/convert.js';
import { readEmbedded } from '../../../shared/models/embedded/read.js';
import { type OnnxModel, readOnnx, type ValueInfo } from '../../../shared/models/onnx/file.js';
import { unreadable } from '../../../shared/train/reading/read.js';
import { MIRROR, titled } from '../../fixtures/mirror.js';
import { EVERY_IO, tinyGan } from '../../fixtures/tiny-gan.js';
import { casesOf, checkpointOf } from '../../models/architectures/oracle.js';
import animeganv2 from '../../oracles/animeganv2.json' with { type: 'json' };
import cyclegan from '../../oracles/cyclegan.json' with { type: 'json' };
import mindspore from '../../oracles/cyclegan_mindspore.json' with { type: 'json' };
import johnson from '../../oracles/johnson.json' with { type: 'json' };
import { assertReads, type Feeds, random } from './read-and-run.js';

const RANGES = { signed: { from: -1, to: 1 }, bytes: { from: 0, to: 255 } };

/** Of each input a picture, with this side where it is free. */
function pictures({ graph }: OnnxModel, sidePx: number, range = RANGES.signed): Feeds {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const fed = graph.input.filter(({ name }) => !weights.has(name));
  return Object.fromEntries(fed.map((port, at) => [port.name, random(dimsOf(port, sidePx), at, range)]));
}
const dimsOf = ({ type }: ValueInfo, sidePx: number): number[] =>
  (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }, axis) => dimValue || (axis === 0 ? 1 : sidePx));

describe('a network that is made of a checkpoint', () => {
  const NETWORKS: Record<string, unknown> = { animeganv2, cyclegan, mindspore, johnson };
  for (const [name, cases] of Object.entries(NETWORKS))
    for (const { title, tensors, options } of casesOf(cases))
      it(`is read: ${name}, ${title}`, async () => {
        const { model } = await convertCheckpoint(checkpointOf(tensors), options);
        // A last norm over few pixels magnifies the rounding of sums.
        await assertReads(model, pictures(model, 32), { tolerance: 1e-3 });
      });
});

describe('a network of this package', () => {
  it('is read: the style ink', async () => {
    const model = inkGraph({ width: 72, height: 56 });
    await assertReads(model, pictures(model, 0), { tolerance: 1e-4 });
  });

  for (const [id, sidePx] of [
    ['embedded-detector', 96],
    ['embedded-landmarks', 112],
  ] as const)
    it(`is read: ${id}`, async () => {
      const model = readOnnx(readEmbedded(id));
      await assertReads(model, pictures(model, sidePx, RANGES.bytes), { tolerance: 1e-4 });
    });

  for (const io of EVERY_IO)
    it(`is read: pictures as ${io.layout}, ${io.channels}, ${io.range}`, async () => {
      const model = tinyGan({ io, kind: 'blocky' });
      const [from, to] = io.range;
      const feeds = {
        picture: random(io.layout === 'nchw' ? [1, 3, 64, 96] : [1, 64, 96, 3], 1, { from, to }),
      };
      await assertReads(model, feeds, { tolerance: 1e-4 });
    });
});

describe(titled('a published network', MIRROR), () => {
  const files = MIRROR === undefined ? [] : readdirSync(MIRROR).filter((file) => file.endsWith('.onnx'));
  if (MIRROR === undefined) it('is read');
  for (const file of files)
    it(`is read: ${file}`, async () => {
      const model = readOnnx(readFileSync(join(MIRROR as string, file)), file);
      assert.deepEqual([...unreadable(model)], []);
      await assertReads(model, pictures(model, 64), { tolerance: 2e-3 });
    });
});
