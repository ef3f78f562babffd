// Everything that networks are made of: frozen it draws what it drew, and tiles are the whole's inside of the halo.

import assert from 'node:assert/strict';
import { cutNetwork } from '../../../shared/models/frozen/cut.js';
import { float, type Value } from '../../../shared/models/onnx/builder.js';
import { ATTRIBUTE_TYPE, type OnnxModel } from '../../../shared/models/onnx/file.js';
import { floatsOf, floatTensor } from '../../../shared/models/onnx/tensor-proto.js';
import { toFloat16 } from '../../fixtures/half.js';
import { copyOf, cutOf, draws, type Sizes } from './agreement.js';
import { type Layers, type NetworkOptions, network } from './networks.js';

type Build = (x: Value, layers: Layers) => Value;
type Row = readonly [build: Build, options?: NetworkOptions & Sizes];

/** Sizes of feature maps differ by a rounding where aligned corners are counted in tiles. */
const ALIGNED = 2e-4;

const scales = (l: Layers, factor: number): Value =>
  l.graph.weight([4], Float32Array.of(1, 1, factor, factor));
/** The size of another map as a list of four, computed as exporters do. */
const sizesOf = (l: Layers, like: Value, channels: number): Value =>
  l.op('Concat', [l.ints(1, channels), l.dim(like, 2), l.dim(like, 3)], { axis: 0 });
const halved = (x: Value, l: Layers): Value =>
  l.conv(x, [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] });
const tail = (x: Value, l: Layers, from = 4): Value => l.conv3(x, from, 3);

const enlarged =
  (attributes: Parameters<Layers['op']>[2], by: 'scales' | 'sizes'): Build =>
  (x, l) => {
    const small = halved(x, l);
    const how = by === 'scales' ? ['', scales(l, 2)] : ['', '', sizesOf(l, x, 4)];
    return tail(l.op('Resize', [small, ...how], attributes), l);
  };

const RESIZES: Record<string, Row> = {};
for (const by of ['scales', 'sizes'] as const)
  for (const [mode, places] of [
    ['nearest', 'half_pixel'],
    ['nearest', 'asymmetric'],
    ['linear', 'half_pixel'],
    ['linear', 'pytorch_half_pixel'],
    ['linear', 'asymmetric'],
    ['cubic', 'half_pixel'],
    ['cubic', 'asymmetric'],
    ['linear', 'align_corners'],
  ] as const)
    RESIZES[`enlarging by ${by}, ${mode}, ${places}`] = [
      enlarged({ mode, coordinate_transformation_mode: places }, by),
      places === 'align_corners' ? { tolerance: ALIGNED } : {},
    ];

const aligned =
  (factor: number): Build =>
  (x, l) => {
    const small = l.op('AveragePool', [x], { kernel_shape: [factor, factor], strides: [factor, factor] });
    const how = { mode: 'linear', coordinate_transformation_mode: 'align_corners' };
    return l.op('Resize', [small, '', '', sizesOf(l, x, 3)], how);
  };

const alignedHalf: Build = (x, l) => {
  const half = (axis: number) => l.op('Div', [l.dim(x, axis), l.ints(2)]);
  const sizes = l.op('Concat', [l.ints(1, 3), half(2), half(3)], { axis: 0 });
  const how = { mode: 'linear', coordinate_transformation_mode: 'align_corners' };
  return l.op('Resize', [l.op('Resize', [x, '', '', sizes], how), '', scales(l, 2)], { mode: 'nearest' });
};

/** Pads for the last two axes in PyTorch's order, as its exporter computes ONNX's from them. */
const computedPads: Build = (x, l) => {
  const zeros = l.op('Cast', [l.op('ConstantOfShape', [l.ints(4)])], { to: 7 });
  const pairs = l.op('Reshape', [l.op('Concat', [l.ints(1, 2, 3, 1), zeros], { axis: 0 }), l.ints(-1, 2)]);
  const ends = [l.ints(-1), l.ints(-(2 ** 63)), l.ints(0), l.ints(-1)];
  const turned = l.op('Transpose', [l.op('Slice', [pairs, ...ends])], { perm: [1, 0] });
  const pads = l.op('Cast', [l.op('Reshape', [turned, l.ints(-1)])], { to: 7 });
  return l.conv(l.op('Pad', [x, pads], { mode: 'reflect' }), [3, 3, 5, 4]);
};

const five = (x: Value, l: Layers, groups: number, depth: number): Value =>
  l.op('Reshape', [x, l.op('Concat', [l.ints(1, groups, depth), l.dim(x, 2), l.dim(x, 3)], { axis: 0 })]);
const batchNorm = (x: Value, l: Layers, channels: number): Value =>
  l.op('BatchNormalization', [
    x,
    l.weight([channels], 1),
    l.weight([channels]),
    l.weight([channels]),
    l.weight([channels], 1),
  ]);

/** What `build` makes of the picture with its channels last. */
const turned =
  (build: Build): Build =>
  (x, l) =>
    l.op('Transpose', [build(l.op('Transpose', [x], { perm: [0, 2, 3, 1] }), l)], { perm: [0, 3, 1, 2] });

const CONVOLUTIONS: Record<string, Row> = {
  'a convolution that does not say how large it is': [
    (x, l) => l.op('Conv', [x, l.weight([3, 3, 5, 5])], { pads: [2, 2, 2, 2] }),
  ],
  'an even kernel, dilated, with uneven pads': [
    (x, l) => l.conv(x, [3, 3, 4, 2], { dilations: [2, 3], pads: [1, 2, 5, 1] }),
  ],
  'a kernel per channel': [(x, l) => l.conv(x, [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] })],
  'strides that differ, and back': [
    (x, l) => {
      const y = l.conv(x, [4, 3, 3, 5], { strides: [2, 4], pads: [1, 2, 1, 2] });
      return tail(
        l.op('Resize', [y, '', l.graph.weight([4], Float32Array.of(1, 1, 2, 4))], { mode: 'linear' }),
        l,
      );
    },
  ],
  'pads as TensorFlow counts them, upper': [
    (x, l) =>
      l.op('Resize', [
        l.conv(x, [3, 3, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
        '',
        scales(l, 2),
      ]),
  ],
  'pads as TensorFlow counts them, lower': [
    (x, l) =>
      l.op('Resize', [
        l.conv(x, [3, 3, 4, 3], { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
        '',
        scales(l, 2),
      ]),
  ],
  'a transposed convolution': [
    (x, l) =>
      tail(
        l.op('ConvTranspose', [halved(x, l), l.weight([4, 4, 4, 4]), l.weight([4])], {
          kernel_shape: [4, 4],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
        }),
        l,
      ),
  ],
  'a transposed convolution with more rows at the end': [
    (x, l) =>
      tail(
        l.op('ConvTranspose', [halved(x, l), l.weight([4, 4, 3, 3])], {
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
          output_padding: [1, 1],
        }),
        l,
      ),
  ],
  'a transposed convolution that leaves rows out': [
    (x, l) => {
      const sparse = l.op('ConvTranspose', [x, l.weight([3, 4, 1, 1]), l.weight([4], 2)], {
        kernel_shape: [1, 1],
        strides: [2, 2],
        output_padding: [1, 1],
      });
      return l.op('AveragePool', [tail(sparse, l)], { kernel_shape: [2, 2], strides: [2, 2] });
    },
  ],
};

const OTHERS: Record<string, Row> = {
  ...Object.fromEntries(
    ['reflect', 'edge', 'constant'].flatMap((mode) =>
      [9, 13, 18].map((opset): [string, Row] => [
        `a border of kind ${mode}, opset ${opset}`,
        [(x, l) => l.conv(l.padded(x, 2, mode), [3, 3, 5, 5]), { opset }],
      ]),
    ),
  ),
  'a border of twos': [
    (x, l) => l.conv(l.op('Pad', [x, l.ints(0, 0, 1, 2, 0, 0, 1, 2), l.graph.scalar(2)]), [3, 3, 3, 5]),
  ],
  'a border that is cut off again': [
    (x, l) => l.op('Pad', [l.conv(l.padded(x, 4), [3, 3, 3, 3]), l.ints(0, 0, -3, -3, 0, 0, -3, -3)]),
  ],
  "pads as PyTorch's exporter computes them": [computedPads],
  'corners that are aligned, four times the size': [aligned(4), { tolerance: ALIGNED }],
  'corners that are aligned, eight times the size': [aligned(8), { multipleOf: 8, tolerance: ALIGNED }],
  'corners that are aligned, half the size': [alignedHalf, { tolerance: ALIGNED }],
  'the resize of opset 10, smaller and larger': [
    (x, l) => {
      const y = l.op('Resize', [x, scales(l, 0.75)], { mode: 'nearest' });
      return l.op('Resize', [y, scales(l, 4 / 3)], { mode: 'nearest' });
    },
    { opset: 10 },
  ],
  'the enlarging of opset 9': [
    (x, l) => tail(l.op('Upsample', [halved(x, l), scales(l, 2)], { mode: 'linear' }), l),
    { opset: 9 },
  ],
  'pixels from depth, in both orders': [
    (x, l) => {
      const deep = (y: Value, from: number) => l.conv(y, [16, from, 2, 2], { strides: [2, 2] });
      const first = l.op('DepthToSpace', [deep(x, 3)], { blocksize: 2, mode: 'CRD' });
      return l.conv(l.op('DepthToSpace', [deep(first, 4)], { blocksize: 2, mode: 'DCR' }), [3, 4, 1, 1]);
    },
    { opset: 13 },
  ],
  'depth from pixels and back': [
    (x, l) =>
      l.op('DepthToSpace', [l.conv3(l.op('SpaceToDepth', [x], { blocksize: 4 }), 48, 48)], { blocksize: 4 }),
  ],
  'the mean and the largest of neighbours': [
    (x, l) => {
      const mean = l.op('AveragePool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
      return l.op('MaxPool', [mean], { kernel_shape: [5, 3], pads: [2, 1, 2, 1] });
    },
  ],
  'the mean of neighbours further away, opset 19': [
    (x, l) => l.op('AveragePool', [x], { kernel_shape: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] }),
    { opset: 19 },
  ],
  'a slope per channel': [(x, l) => tail(l.op('PRelu', [l.conv3(x, 3, 4), l.weight([4, 1, 1])]), l)],
  'limits, as inputs': [
    (x, l) => l.op('Clip', [l.conv3(x, 3, 3), l.graph.scalar(-0.5), l.graph.scalar(0.5)]),
  ],
  'limits, as attributes': [
    (x, l) => l.op('Clip', [l.conv3(x, 3, 3)], { min: float(-0.5), max: float(0.5) }),
    { opset: 9 },
  ],
  'an activation of opset 20': [(x, l) => tail(l.op('Gelu', [l.conv3(x, 3, 4)]), l), { opset: 20 }],
  'what was there, added': [
    (x, l) => l.op('Add', [x, l.op('Mul', [l.graph.scalar(0.5), tail(l.op('Relu', [l.conv3(x, 3, 4)]), l)])]),
  ],
  'maps side by side': [
    (x, l) => tail(l.op('Concat', [x, l.op('Relu', [l.conv3(x, 3, 5)])], { axis: 1 }), l, 8),
  ],
  'the largest of three maps': [(x, l) => l.op('Max', [x, l.conv3(x, 3, 3), l.conv3(x, 3, 3)])],
  'the largest of one map': [(x, l) => l.op('Max', [l.conv3(x, 3, 3)])],
  'one channel times several': [
    (x, l) => l.op('Mul', [l.reduce('ReduceMean', l.conv3(x, 3, 4), [1]), l.weight([1, 3, 1, 1], 1)]),
  ],
  'a number per channel over x': [
    (x, l) => l.op('Div', [l.weight([3, 1, 1], 1), l.op('Add', [x, l.graph.scalar(3)])]),
  ],
  'channels in the other order': [
    (x, l) => l.conv3(l.op('Slice', [x, l.ints(-1), l.ints(-(2 ** 63)), l.ints(1), l.ints(-1)]), 3, 3),
  ],
  'a crop whose axes are computed': [
    (x, l) => {
      const ends = l.op('Add', [l.op('Concat', [l.dim(x, 2), l.dim(x, 3)], { axis: 0 }), l.ints(1, 3)]);
      return l.op('Slice', [l.padded(x, 2), l.ints(1, 3), ends, l.op('Identity', [l.ints(2, 3)])]);
    },
  ],
  'a norm of maps in five axes': [(x, l) => five4(batchNorm(five(l.conv3(x, 3, 4), l, 2, 2), l, 2), l)],
  'a norm of the only channel of five axes': [
    (x, l) => five4(batchNorm(five(l.conv3(x, 3, 4), l, 1, 4), l, 1), l),
  ],
  'factors on groups of the last axis': [
    turned((x, l) => {
      const pairs = l.op('Reshape', [l.op('MatMul', [x, l.weight([3, 4])]), l.ints(1, -1, 2)]);
      const scaled = l.op('Mul', [pairs, l.weight([2], 1)]);
      const shape = l.op('Concat', [l.ints(1), l.dim(x, 1), l.dim(x, 2), l.ints(4)], { axis: 0 });
      return l.op('MatMul', [l.op('Reshape', [scaled, shape]), l.weight([4, 3])]);
    }),
  ],
  'a norm over the channels of a place': [
    turned((x, l) => l.op('LayerNormalization', [x, l.weight([3], 1), l.weight([3])])),
  ],
  'matrices on places as a batch': [
    turned((x, l) => {
      const places = l.op('MatMul', [l.op('Reshape', [x, l.ints(-1, 3)]), l.weight([3, 3])]);
      return l.op('Reshape', [places, l.op('Shape', [x])]);
    }),
  ],
};

const five4 = (x: Value, l: Layers): Value => {
  const shape = l.op('Concat', [l.ints(1, 4), l.dim(x, 3), l.dim(x, 4)], { axis: 0 });
  return tail(l.op('Reshape', [x, shape]), l);
};

describe('a frozen network', () => {
  for (const [title, [build, options = {}]] of Object.entries({ ...CONVOLUTIONS, ...RESIZES, ...OTHERS }))
    it(`draws what it drew, whole and in tiles: ${title}`, async () => {
      await draws(network(build, options), options);
    });

  const several: Build = (x, l) => tail(l.op('Relu', [l.instanceNorm(l.conv3(x, 3, 4), 4)]), l);

  it('draws what it drew from weights of float16', async () => {
    await draws(toFloat16(network(several)), { tolerance: 1e-4 });
  });

  it('draws what it drew where its weights are constants among the nodes', async () => {
    await draws(withConstants(network(several)));
  });

  it('draws what it drew where its nodes are out of order', async () => {
    const model = network(several);
    model.graph.node.reverse();
    await draws(model);
  });

  it('leaves the given network as it is', async () => {
    const model = toFloat16(network(several));
    const before = copyOf(model);
    const cut = await cutNetwork(model, { multipleOf: 4, minPx: 16 });
    cut?.study();
    assert.deepEqual(copyOf(model), before);
  });

  it('knows whether it measures anything', async () => {
    assert.equal((await cutOf(network(several)))?.asks, 2);
    assert.equal((await cutOf(network((x, l) => l.conv3(x, 3, 3))))?.asks, 0);
    assert.equal((await cutOf(network(computedPads)))?.asks, 0);
  });
});

/** The same network without stored weights. */
function withConstants({ graph, ...model }: OnnxModel): OnnxModel {
  const floats = graph.initializer.filter(({ dataType }) => dataType === 1);
  const node = floats.map((weight) => ({
    opType: 'Constant',
    input: [],
    output: [weight.name!],
    attribute: [
      { name: 'value', type: ATTRIBUTE_TYPE.tensor, t: floatTensor(weight.dims, floatsOf(weight)) },
    ],
  }));
  const initializer = graph.initializer.filter((weight) => !floats.includes(weight));
  return { ...model, graph: { ...graph, initializer, node: [...node, ...graph.node] } };
}
