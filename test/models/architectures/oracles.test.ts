// The numbers agree: networks made of checkpoints draw what PyTorch, MindSpore and TensorFlow draw from the same weights.

import assert from 'node:assert/strict';
import { convertCheckpoint } from '../../../shared/models/architectures/convert.js';
import animeganv2 from '../../oracles/animeganv2.json' with { type: 'json' };
import cyclegan from '../../oracles/cyclegan.json' with { type: 'json' };
import mindspore from '../../oracles/cyclegan_mindspore.json' with { type: 'json' };
import johnson from '../../oracles/johnson.json' with { type: 'json' };
import { casesOf, checkpointOf, differenceTo, draw, noise, type OracleCase } from './oracle.js';

const NETWORKS: Record<string, unknown> = {
  AnimeGANv2: animeganv2,
  CycleGAN: cyclegan,
  "CycleGAN of MindSpore's tutorial": mindspore,
  "Johnson's style network": johnson,
};

/** In units of half the range: a byte is 8e-3. */
const TOLERANCE = { 32: 1e-3, 16: 2e-2 } as const;

for (const [network, cases] of Object.entries(NETWORKS))
  describe(`${network} from a checkpoint`, () => {
    for (const each of casesOf(cases)) {
      it(`draws what its framework draws: ${each.title}`, () => agrees(each, 32));
      it(`draws nearly that from float16 weights: ${each.title}`, () => agrees(each, 16));
    }
  });

describe('a network rewritten for the CPU', () => {
  it('draws what PyTorch draws: AnimeGANv2', async () => {
    const [{ tensors, pictures }] = casesOf(animeganv2);
    const { architecture, model } = await convertCheckpoint(checkpointOf(tensors));
    const { height, width, drawing } = pictures.find(({ height }) => height === 32)!;
    const { range } = architecture.io;
    const [drawn] = await draw(model, [noise(height, width, range)], architecture.side.multipleOf);
    assert.ok(
      model.graph.node.some(({ opType }) => opType === 'MatMul'),
      'nothing was rewritten',
    );
    const difference = differenceTo(drawing, drawn, range);
    assert.ok(difference <= TOLERANCE[32], `differs by ${difference}`);
  });

  it('draws what it drew before: CycleGAN of 64 channels', async () => {
    const tensors = widened(casesOf(cyclegan)[0].tensors);
    const picture = noise(64, 96, [-1, 1]);
    const { architecture, model } = await convertCheckpoint(checkpointOf(tensors));
    const [before] = await draw(model, [picture]);
    const [after] = await draw(model, [picture], architecture.side.multipleOf);
    assert.ok(
      model.graph.node.some(({ opType }) => opType === 'MatMul'),
      'nothing was rewritten',
    );
    const worst = before.data.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - after.data[at])),
      0,
    );
    assert.ok(worst <= 1e-4, `differs by ${worst}`);
  });
});

/** The same network with sixteen times the channels. */
function widened(tensors: OracleCase['tensors']): OracleCase['tensors'] {
  const wider = (dim: number, at: number) => (at < 2 && dim !== 3 ? dim * 16 : dim);
  const entries = Object.entries(tensors).map(([key, [dims, centre, spread]]) => {
    const isKernel = dims.length === 4;
    return [key, [dims.map(wider), centre, isKernel ? spread / 4 : spread]] as const;
  });
  return Object.fromEntries(entries);
}

async function agrees({ tensors, options, pictures }: OracleCase, precision: 32 | 16) {
  const { architecture, model } = await convertCheckpoint(checkpointOf(tensors, precision), options);
  const { range } = architecture.io;
  // A norm over the four pixels that are left of 8 x 8 can magnify the rounding of weights at will.
  const compared = pictures.filter(({ height }) => precision === 32 || height > 8);
  const given = compared.map(({ height, width }) => noise(height, width, range));
  const drawings = await draw(model, given);
  for (const [at, { drawing, height, width }] of compared.entries()) {
    assert.deepEqual(drawings[at].dims, [1, 3, height, width]);
    const difference = differenceTo(drawing, drawings[at], range);
    assert.ok(difference <= TOLERANCE[precision], `${height}x${width} differs by ${difference}`);
  }
  assert.ok(drawings.length > 0);
}
