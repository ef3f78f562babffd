// What cannot be drawn in parts is refused, and nothing is drawn wrongly instead.

import assert from 'node:assert/strict';
import type { Value } from '../../../shared/models/onnx/builder.js';
import { ATTRIBUTE_TYPE, type Graph, type OnnxModel } from '../../../shared/models/onnx/file.js';
import { copyOf, cutOf, run, scene } from './agreement.js';
import { type Layers, type NetworkOptions, network } from './networks.js';

type Build = (x: Value, layers: Layers) => Value;
type Row = readonly [build: Build, options?: NetworkOptions];

const scales = (l: Layers, factor: number): Value =>
  l.graph.weight([4], Float32Array.of(1, 1, factor, factor));
const flat = (x: Value, l: Layers): Value => l.op('Reshape', [x, l.ints(0, 3, -1)]);
const like = (y: Value, x: Value, l: Layers): Value => l.op('Reshape', [y, l.op('Shape', [x])]);

/** Every place looks at every other one (https://arxiv.org/abs/1711.07971). */
const attention: Build = (x, l) => {
  const places = flat(x, l);
  const turned = l.op('Transpose', [places], { perm: [0, 2, 1] });
  const shares = l.op('Softmax', [l.op('MatMul', [turned, places])], { axis: -1 });
  return like(l.op('Transpose', [l.op('MatMul', [shares, turned])], { perm: [0, 2, 1] }), x, l);
};

const rowAttention: Build = (x, l) => {
  const turned = l.op('Transpose', [x], { perm: [0, 1, 3, 2] });
  const shares = l.op('Softmax', [l.op('MatMul', [x, turned])], { axis: -1 });
  return l.op('MatMul', [shares, x]);
};

/** Windows of 4 x 4 places (https://arxiv.org/abs/2103.14030). */
const windows: Build = (x, l) => {
  const count = (axis: number) => l.op('Div', [l.dim(x, axis), l.ints(4)]);
  const parts = l.op('Concat', [l.ints(1, 3), count(2), l.ints(4), count(3), l.ints(4)], { axis: 0 });
  const cut = l.op('Transpose', [l.op('Reshape', [x, parts])], { perm: [0, 2, 4, 1, 3, 5] });
  const back = l.op('Transpose', [l.op('Softmax', [cut], { axis: -1 })], { perm: [0, 3, 1, 4, 2, 5] });
  return like(back, x, l);
};

/** How far down a place lies, from the number of rows. */
const coordinates: Build = (x, l) => {
  const rows = l.op('Squeeze', [l.dim(x, 2), l.ints(0)]);
  const range = l.op('Range', [l.graph.scalar(0), l.op('Cast', [rows], { to: 1 }), l.graph.scalar(1)]);
  const column = l.op('Reshape', [range, l.ints(1, 1, -1, 1)]);
  return l.op('Add', [x, l.op('Mul', [column, l.graph.scalar(0.01)])]);
};

const nonZero: Build = (x, l) => {
  const ones = l.op('ConstantOfShape', [l.op('Shape', [l.op('Relu', [x])])]);
  const all = l.op('Equal', [ones, ones]);
  const places = l.op('Cast', [l.op('NonZero', [all])], { to: 1 });
  return l.op('Add', [x, l.op('ReduceMax', [places], { keepdims: 0 })]);
};

const REFUSED: Record<string, Row> = {
  'attention between all places': [attention],
  'attention along a row': [rowAttention],
  'windows of places': [windows],
  'means of rows': [(x, l) => l.op('Mul', [x, l.op('Sigmoid', [l.reduce('ReduceMean', x, [3])])])],
  'means of columns': [(x, l) => l.op('Mul', [x, l.op('Sigmoid', [l.reduce('ReduceMean', x, [2])])])],
  'a softmax along a row': [(x, l) => l.op('Softmax', [x], { axis: 3 })],
  'a softmax of logarithms along a column': [(x, l) => l.op('LogSoftmax', [x], { axis: 2 })],
  'a softmax of opset 11 over everything': [(x, l) => l.op('Softmax', [x], { axis: 1 }), { opset: 11 }],
  'a norm along all places, by layer': [
    (x, l) => like(l.op('LayerNormalization', [flat(x, l), l.weight([1], 1)], { axis: -1 }), x, l),
  ],
  'groups of rows': [
    (x, l) => {
      const last = l.op('Transpose', [x], { perm: [0, 2, 3, 1] });
      const normed = l.instanceNorm(l.op('Reshape', [last, l.ints(0, 2, -1)]), 2);
      return l.op('Transpose', [like(normed, last, l)], { perm: [0, 3, 1, 2] });
    },
  ],
  'rows and columns that change places': [
    (x, l) => {
      const sizes = l.op('Concat', [l.ints(1, 3), l.dim(x, 3), l.dim(x, 2)], { axis: 0 });
      return like(l.conv3(l.op('Reshape', [x, sizes]), 3, 3), x, l);
    },
  ],
  'places in two orders': [
    (x, l) => {
      const byColumns = flat(l.op('Transpose', [x], { perm: [0, 1, 3, 2] }), l);
      return like(l.op('Add', [byColumns, flat(x, l)]), x, l);
    },
  ],
  'kernels along all places': [(x, l) => like(l.conv(flat(x, l), [3, 3, 3], { pads: [1, 1] }), x, l)],
  'how far down a place lies': [coordinates],
  'how many places there are, counted': [nonZero],
  'how many rows there are, as a number': [
    (x, l) => l.op('Div', [x, l.op('Cast', [l.dim(x, 2)], { to: 1 })]),
  ],
  'a grid of one size, enlarged to the picture': [
    (x, l) => {
      const grid = l.op('Resize', [x, '', '', l.ints(1, 3, 8, 8)], { mode: 'linear' });
      return l.op('Add', [x, l.op('Resize', [grid, '', '', l.op('Shape', [x])], { mode: 'linear' })]);
    },
  ],
  'a picture laid out twice': [
    (x, l) => {
      const twice = l.op('Tile', [x, l.ints(1, 1, 2, 2)]);
      return l.op('AveragePool', [twice], { kernel_shape: [2, 2], strides: [2, 2] });
    },
  ],
  'one value of the picture, laid out': [
    (x, l) => {
      const first = l.op('Slice', [x, l.ints(0, 0), l.ints(1, 1), l.ints(2, 3)]);
      return l.op('Sub', [x, l.op('Expand', [first, l.op('Shape', [x])])]);
    },
  ],
  'a crop that is counted from the end': [
    (x, l) => l.op('Slice', [l.padded(x, 3), l.ints(-100000, -100000), l.ints(-6, -6), l.ints(2, 3)]),
  ],
  'every second row': [
    (x, l) => {
      const large = l.op('Resize', [x, '', scales(l, 2)], { mode: 'linear' });
      return l.op('Slice', [large, l.ints(0, 0), l.ints(1e9, 1e9), l.ints(2, 3), l.ints(2, 2)]);
    },
  ],
  'every second row, by steps that are computed': [
    (x, l) => {
      const large = l.op('Resize', [x, '', scales(l, 2)], { mode: 'linear' });
      const steps = l.op('Identity', [l.ints(2, 2)]);
      return l.op('Slice', [large, l.ints(0, 0), l.ints(1e9, 1e9), l.ints(2, 3), steps]);
    },
  ],
  'an enlarging whose factor depends on the size': [
    (x, l) => l.op('Resize', [l.conv(x, [3, 3, 5, 5]), '', '', l.op('Shape', [x])], { mode: 'linear' }),
  ],
  'a border that comes around from the other side': [
    (x, l) => l.conv(l.padded(x, 1, 'wrap'), [3, 3, 3, 3]),
    { opset: 19 },
  ],
  'a sum over all places, which grows with the picture': [
    (x, l) => l.op('Div', [x, l.reduce('ReduceSum', l.op('Abs', [x]), [2, 3])]),
  ],
  'a length over all places': [(x, l) => l.op('Div', [x, l.reduce('ReduceL2', x, [2, 3])])],
  'how alike channels are, summed up': [
    (x, l) => {
      const turned = l.op('Transpose', [flat(x, l)], { perm: [0, 2, 1] });
      const alike = l.op('Tanh', [l.op('MatMul', [flat(x, l), turned])]);
      return like(l.op('MatMul', [alike, flat(x, l)]), x, l);
    },
  ],
  'a drawing of twice the size': [(x, l) => l.op('Resize', [x, '', scales(l, 2)], { mode: 'linear' })],
  'a drawing of half the size': [(x, l) => l.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] })],
  'a drawing without its borders': [(x, l) => l.conv(x, [3, 3, 3, 3])],
  'a drawing of four channels': [(x, l) => l.conv3(x, 3, 4)],
  'operators that are not followed': [
    (x, l) => l.op('Where', [l.op('Greater', [x, l.conv3(x, 3, 3)]), x, l.graph.scalar(0)]),
  ],
  'operators of others': [(x, l) => l.op('com.microsoft:Gelu', [x])],
};

const same: Build = (x, l) => l.conv3(x, 3, 3);

describe('a network that cannot be drawn in parts', () => {
  for (const [title, [build, options]] of Object.entries(REFUSED))
    it(`is refused: ${title}`, async () => {
      const model = network(build, options);
      if (title === 'operators of others') model.opsetImport.push({ domain: 'com.microsoft', version: 1 });
      await run(copyOf(model), scene({ height: 64, width: 80 }));
      assert.equal(await cutOf(model), undefined);
    });

  it('is refused: pictures of one size', async () => {
    const model = network(same);
    const [{ type }] = model.graph.input;
    type!.tensorType!.shape!.dim = [1, 3, 64, 64].map((dimValue) => ({ dimValue }));
    assert.equal(await cutOf(model), undefined);
  });

  it('is refused: several pictures at a time', async () => {
    const model = network(same);
    model.graph.input[0].type!.tensorType!.shape!.dim[0] = { dimValue: 4 };
    assert.equal(await cutOf(model), undefined);
  });

  it('is refused: several pictures, or several drawings', async () => {
    const two = network((x, l) => l.op('Add', [x, l.graph.input('other', [1, 3, 'height', 'width'])]));
    assert.equal(await cutOf(two), undefined);
    const both = network((x, l) => {
      l.graph.output('sketch', l.op('Relu', [x]), [1, 3, 'height', 'width']);
      return same(x, l);
    });
    assert.equal(await cutOf(both), undefined);
  });

  it('is refused: sides that are rounded up', async () => {
    const model = network((x, l) => {
      const small = l.conv(x, [3, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] });
      return l.op('Resize', [small, '', '', l.op('Shape', [x])], { mode: 'nearest' });
    });
    assert.notEqual(await cutOf(model, { multipleOf: 2 }), undefined);
    assert.equal(await cutOf(model, { multipleOf: 1 }), undefined);
  });

  it('is refused: a choice between two drawings', async () => {
    assert.equal(await cutOf(choosing((x) => x)), undefined);
  });

  it('is cut where only what is measured is chosen', async () => {
    assert.notEqual(await cutOf(choosing((x, l) => l.op('GlobalAveragePool', [x]))), undefined);
  });
});

/** If the picture has rows, adds the positive part of what `of` makes, else its negative. */
function choosing(of: Build): OnnxModel {
  return network((x, l) => {
    const value = of(x, l);
    const isThere = l.op('Reshape', [l.op('Greater', [l.dim(x, 2), l.ints(0)]), l.ints(1)]);
    const chosen = l.op('If', [isThere]);
    const branch = (name: string, opType: string) => ({
      name,
      type: ATTRIBUTE_TYPE.graph,
      g: bodyOf(opType, value),
    });
    const node = l.graph.model().graph.node.at(-1)!;
    node.attribute.push(branch('then_branch', 'Relu'), branch('else_branch', 'Neg'));
    return l.op('Add', [same(x, l), chosen]);
  });
}

function bodyOf(opType: string, value: Value): Graph {
  const name = `chosen ${opType}`;
  const output = [{ name, type: { tensorType: { elemType: 1 } } }];
  const node = [{ opType, input: [value], output: [name], attribute: [] }];
  return { name: opType, node, initializer: [], input: [], output, valueInfo: [] };
}
