// The halo is what a pixel really looks at: what lies beyond changes nothing, what lies at its end does.

import assert from 'node:assert/strict';
import type { Halo } from '../../../shared/models/frozen/cut.js';
import type { Value } from '../../../shared/models/onnx/builder.js';
import { openSession } from '../../../shared/models/session.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import { copyOf, cutOf, measuresOf, scene } from './agreement.js';
import { type Layers, network } from './networks.js';

type Build = (x: Value, layers: Layers) => Value;

const scales = (l: Layers, factor: number): Value =>
  l.graph.weight([4], Float32Array.of(1, 1, factor, factor));

const NETWORKS: Record<string, Build> = {
  'one pixel': (x, l) => l.conv(x, [3, 3, 1, 1]),
  'a convolution of 3 x 3': (x, l) => l.conv3(x, 3, 3),
  'an uneven one': (x, l) => l.conv(x, [3, 3, 2, 4], { pads: [1, 1, 0, 2] }),
  'a dilated one': (x, l) => l.conv(x, [3, 3, 3, 3], { dilations: [4, 2], pads: [4, 2, 4, 2] }),
  'three after another, between mirrored borders': (x, l) => {
    const step = (y: Value) => l.conv(l.padded(y, 2), [3, 3, 5, 5]);
    return step(l.op('Relu', [step(step(x))]));
  },
  'half the size and back': (x, l) => {
    const small = l.conv(x, [3, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] });
    return l.op('Resize', [l.conv3(small, 3, 3), '', scales(l, 2)], { mode: 'linear' });
  },
  'half the size and back, transposed': (x, l) => {
    const small = l.conv(x, [3, 3, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] });
    return l.op('ConvTranspose', [small, l.weight([3, 3, 4, 4])], {
      kernel_shape: [4, 4],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    });
  },
  'a norm of the whole picture, and neighbours': (x, l) =>
    l.conv3(l.op('Relu', [l.instanceNorm(l.conv3(x, 3, 3), 3)]), 3, 3),
};

const SIDE = 48;
const SIZE = { height: SIDE, width: SIDE };

/** A copy with one pixel brighter in all channels. */
function touched({ dims, data }: Tensor, y: number, x: number): Tensor {
  const copy = tensor(dims, Float32Array.from(data));
  for (let channel = 0; channel < 3; channel++) copy.data[(channel * SIDE + y) * SIDE + x] += 1;
  return copy;
}

/** Where tiles end: sides are multiples of four. */
const END = 24;

/** How far into a tile goes what the pixels just beyond its corners change. */
async function reachOf(draw: (picture: Tensor) => Promise<Tensor>): Promise<Halo> {
  const picture = scene(SIZE);
  const before = await draw(picture);
  const changed = async (at: number) => {
    const { data } = await draw(touched(picture, at, at));
    const places = [...data.keys()].filter((index) => data[index] !== before.data[index]);
    return { rows: places.map((at) => Math.floor(at / SIDE) % SIDE), columns: places.map((at) => at % SIDE) };
  };
  const [above, below] = [await changed(END - 1), await changed(END)];
  return {
    top: Math.max(...above.rows) - END + 1,
    left: Math.max(...above.columns) - END + 1,
    bottom: END - Math.min(...below.rows),
    right: END - Math.min(...below.columns),
  };
}

const SIDES = ['top', 'bottom', 'left', 'right'] as const;

describe('the halo of a tile', () => {
  for (const [title, build] of Object.entries(NETWORKS))
    it(`is what its pixels look at, and a row more at most: ${title}`, async () => {
      const cut = (await cutOf(network(build))) ?? assert.fail('it was not cut');
      const measures = await measuresOf(cut, scene(SIZE));
      const { model } = cut.freeze(measures, { tile: SIZE, whole: SIZE, isOpen: false });
      const session = await openSession(copyOf(model), { name: 'tile', device: 'cpu' });
      const reach = await reachOf(async (picture) => (await session.run({ picture })).drawing);
      await session.close();
      const halo = cut.halo(SIZE);
      for (const side of SIDES) {
        const more = halo[side] - reach[side];
        assert.ok(more === 0 || more === 1, JSON.stringify({ side, halo, reach }));
      }
    });

  it('is the same for tiles of all sizes', async () => {
    const cut = (await cutOf(network(NETWORKS['half the size and back']))) ?? assert.fail('it was not cut');
    assert.deepEqual(cut.halo({ height: 64, width: 512 }), cut.halo({ height: 1024, width: 96 }));
  });
});
