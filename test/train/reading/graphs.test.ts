// ONNX graphs as a whole: orders, names, and what is said of those that cannot be read.

import assert from 'node:assert/strict';
import { GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import { DATA_TYPE, type OnnxModel } from '../../../shared/models/onnx/file.js';
import { sizeOf, tensor } from '../../../shared/tensor.js';
import * as a from '../../../shared/train/arithmetic.js';
import { emit } from '../../../shared/train/onnx.js';
import type { Dims } from '../../../shared/train/ops.js';
import { readGraph, unreadable } from '../../../shared/train/reading/read.js';
import { dimsIn, type Form, modelOf } from './form.js';
import { assertReads, copyOf, numbers, random, read, run } from './read-and-run.js';

const weight = (graph: GraphBuilder, dims: Dims, name?: string): Value =>
  graph.weight(dims, numbers(sizeOf(dims), dims.length), name);

/** A model of one output. */
function graphOf(shapes: string, make: (graph: GraphBuilder, inputs: Value[]) => Value): OnnxModel {
  const graph = new GraphBuilder('graph');
  const inputs = dimsIn(shapes).map((dims, at) => graph.input(`x${at}`, dims));
  graph.output('y', make(graph, inputs), []);
  const model = graph.model();
  model.graph.output[0].type = undefined as never;
  return model;
}
const feedsOf = (shapes: string) =>
  Object.fromEntries(dimsIn(shapes).map((dims, at) => [`x${at}`, random(dims, at)]));

/** Steps that each take the one before three times. */
const ladder = (): OnnxModel =>
  graphOf('2x3', (graph, [x]) =>
    Array.from({ length: 12 }).reduce<Value>(
      (value) =>
        graph.op('Tanh', [graph.op('Add', [graph.op('Sin', [value]), graph.op('Mul', [value, value])])]),
      x,
    ),
  );

describe('an ONNX graph whose nodes are in another order', () => {
  it('is read from behind', async () => {
    const model = ladder();
    const [got, wanted] = [read(reversed(model), feedsOf('2x3')), await run(ladder(), feedsOf('2x3'))];
    assert.deepEqual([...(await run(emit(got), feedsOf('2x3'))).y.data], [...wanted.y.data]);
  });

  it('is refused when it goes round in a circle', () => {
    const model = graphOf('2', (graph, [x]) => graph.op('Add', [x, graph.op('Neg', [x])]));
    const [neg, add] = model.graph.node;
    neg.input = [add.output[0]];
    assert.throws(() => read(model, feedsOf('2')), /but nothing makes it$/);
  });

  function reversed(model: OnnxModel): OnnxModel {
    model.graph.node.reverse();
    return model;
  }
});

describe('the weights of an ONNX graph', () => {
  const ROUNDABOUT: Record<string, (graph: GraphBuilder, x: Value) => Value> = {
    'as they are': (graph, x) => graph.op('MatMul', [x, weight(graph, [3, 4], 'w')]),
    'by way of a copy': (graph, x) =>
      graph.op('MatMul', [x, graph.op('Identity', [weight(graph, [3, 4], 'w')])]),
    turned: (graph, x) =>
      graph.op('MatMul', [x, graph.op('Transpose', [weight(graph, [4, 3], 'w')], { perm: [1, 0] })]),
    'turned, cast and copied': (graph, x) => {
      const turned = graph.op('Transpose', [weight(graph, [4, 3], 'w')], { perm: [1, 0] });
      return graph.op('MatMul', [
        x,
        graph.op('Identity', [graph.op('Cast', [turned], { to: DATA_TYPE.float32 })]),
      ]);
    },
    'in a map with a shift': (graph, x) =>
      graph.op('Gemm', [x, weight(graph, [4, 3], 'w'), weight(graph, [4], 'b')], { transB: 1 }),
  };
  for (const [title, make] of Object.entries(ROUNDABOUT))
    it(`tell their names to who asks for linear maps: ${title}`, () => {
      const seen: string[] = [];
      const model = graphOf('2x3', (graph, [x]) => make(graph, x));
      const { y } = read(model, feedsOf('2x3'), {
        linear(name, x, own) {
          seen.push(`${name} of ${x.dims} makes ${own.dims}`);
          return a.multiply(own, 2);
        },
      });
      assert.deepEqual(seen, ['w of 2,3 makes 2,4']);
      assert.equal(y.kind, 'multiply');
    });

  it('are not those that two values are multiplied by', () => {
    const model = graphOf('2x3 3x4', (graph, inputs) => graph.op('MatMul', inputs));
    read(model, feedsOf('2x3 3x4'), { linear: (name) => assert.fail(`${name} is no weight`) });
  });

  it('are asked for once, and become what is wanted', async () => {
    const asked: string[] = [];
    const model = graphOf('2x3', (graph, [x]) => {
      const own = weight(graph, [3, 3], 'w');
      return graph.op('MatMul', [graph.op('MatMul', [x, own]), own]);
    });
    const { y } = read(model, feedsOf('2x3'), {
      weight(name, dims, data) {
        asked.push(`${name} ${dims} ${data().length}`);
        return a.input('learned', dims);
      },
    });
    assert.deepEqual(asked, ['w 3,3 9']);
    const learned = tensor([3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
    const { data } = (await run(emit({ y }), { ...feedsOf('2x3'), learned })).y;
    assert.deepEqual([...data], [...feedsOf('2x3').x0.data]);
  });

  it('keep their names in what is written of them, and hide none of another', async () => {
    // Names that the writer would give by itself, and two graphs that have them both.
    const model = graphOf('2x3', (graph, [x]) =>
      graph.op('Gemm', [x, weight(graph, [3, 4], 'weight_0'), weight(graph, [4], 'MatMul_1')]),
    );
    const feeds = feedsOf('2x3');
    const x0 = a.input('x0', [2, 3]);
    const [one, other] = [model, model].map((each) => readGraph(copyOf(each), { inputs: { x0 } }));
    const written = emit({ y: one.y, z: a.multiply(other.y, a.constant([1], Float32Array.of(2))) });
    assert.ok(
      ['weight_0', 'MatMul_1'].every((name) => written.graph.initializer.some((w) => w.name === name)),
    );
    const [{ y, z }, wanted] = [await run(written, feeds), await run(model, feeds)];
    assert.deepEqual([...y.data], [...wanted.y.data]);
    assert.deepEqual(
      [...z.data],
      [...wanted.y.data].map((value) => 2 * value),
    );
  });

  it('give way to an input that is called the same', async () => {
    const [weighted, fed] = [a.constant([2], Float32Array.of(1, 2), 'x'), a.input('x', [2])];
    const x = tensor([2], Float32Array.of(10, 20));
    assert.deepEqual([...(await run(emit({ y: a.add(weighted, fed) }), { x })).y.data], [11, 22]);
  });
});

describe('whole numbers that are fed', () => {
  const whole = (make: (graph: GraphBuilder, x: Value) => Value): OnnxModel => {
    const model = graphOf('2', (graph, [x]) => make(graph, x));
    for (const { type } of model.graph.input)
      if (type?.tensorType) type.tensorType.elemType = DATA_TYPE.int64;
    return model;
  };
  const toFloat = (graph: GraphBuilder, x: Value): Value => graph.op('Cast', [x], { to: DATA_TYPE.float32 });

  it('may be cast, looked up and compared', async () => {
    const feeds = { x0: tensor([2], Float32Array.of(3, 1)) };
    await assertReads(
      whole((graph, x) => {
        const narrow = graph.op('Cast', [x], { to: DATA_TYPE.int32 });
        const rows = graph.op('Gather', [weight(graph, [5, 2]), narrow], { axis: 0 });
        const isOne = toFloat(graph, graph.op('Equal', [x, graph.ints([1])]));
        return graph.op('Add', [rows, graph.op('Add', [isOne, toFloat(graph, x)])]);
      }),
      feeds,
    );
  });

  it('are not divided as if they were floats', () => {
    const model = whole((graph, x) => toFloat(graph, graph.op('Div', [x, graph.ints([2])])));
    assert.throws(() => read(model, feedsOf('2')), /Div Div_\d comes on whole numbers that depend/);
  });

  it('may come as floats, as labels do that are looked up', async () => {
    const model = graphOf('2', (graph, [x]) =>
      graph.op('Gather', [weight(graph, [5, 2]), graph.op('Cast', [x], { to: DATA_TYPE.int64 })], {
        axis: 0,
      }),
    );
    await assertReads(model, { x0: tensor([2], Float32Array.of(3, 1)) });
  });

  it('are not made of floats that are computed', () => {
    const model = graphOf('2', (graph, [x]) =>
      graph.op('Cast', [graph.op('Exp', [x])], { to: DATA_TYPE.int64 }),
    );
    assert.throws(() => read(model, feedsOf('2')), /Cast Cast_\d comes on numbers that depend/);
  });
});

describe('an ONNX graph that cannot be read', () => {
  it('is refused with all operators that are unknown, and how often they are there', () => {
    const model = graphOf('2x3', (graph, [x]) => {
      const odd = graph.op('Hardmax', [graph.op('Det', [graph.op('Det', [x])])]);
      return graph.op('com.microsoft:FusedConv', [graph.op('Relu', [odd])]);
    });
    assert.throws(() => read(model, feedsOf('2x3'), { name: 'cat.onnx' }), {
      code: 'model-unsupported',
      message:
        'Expected operators that can be learned through in cat.onnx but it has Det (2 times), Hardmax, com.microsoft.FusedConv',
    });
  });

  const STRANGERS: Record<string, readonly string[]> = {
    'of loops and branches': ['Loop', 'If'],
    'of quantised networks': ['QLinearConv', 'DequantizeLinear', 'QuantizeLinear', 'MatMulInteger'],
    'of other domains under a name that is known here': ['other:Gelu', 'com.microsoft:Conv'],
    'of what depends on the data': ['NonZero', 'NonMaxSuppression', 'Unique'],
  };
  for (const [title, ops] of Object.entries(STRANGERS))
    it(`names operators ${title}`, () => {
      const model = graphOf('2', (graph, [x]) => ops.reduce<Value>((value, op) => graph.op(op, [value]), x));
      const names = ops.map((op) => op.replace(':', '.'));
      assert.deepEqual([...unreadable(model).keys()], names);
      assert.throws(() => read(model, feedsOf('2')), new RegExp(`but it has ${names.join(', ')}$`));
    });

  const FORMS: Record<string, readonly [op: string, form: Form, sentence: RegExp]> = {
    'a convolution of sounds': ['Conv', { of: '1x2x9 3x2x3' }, /over 1 axis, where pictures have two/],
    'a convolution of volumes': [
      'Conv',
      { of: '1x2x4x4x4 3x2x2x2x2' },
      /over 3 axes, where pictures have two/,
    ],
    'a transposed convolution of sounds': ['ConvTranspose', { of: '1x2x9 2x3x3' }, /over 1 axis, where/],
    'pooling of sounds': [
      'MaxPool',
      { of: '1x2x9', attributes: { kernel_shape: [3] } },
      /over 1 axis, where/,
    ],
    'pooling with dilations': [
      'MaxPool',
      { of: '1x2x9x9', attributes: { kernel_shape: [2, 2], dilations: [2, 2] } },
      /with dilations$/,
    ],
    'a size by a region of interest': [
      'Resize',
      {
        of: '1x1x4x4',
        attributes: { coordinate_transformation_mode: 'tf_crop_and_resize' },
      },
      /by a region of interest$/,
    ],
    'a size that is made smooth': [
      'Resize',
      { of: '1x1x4x4', attributes: { antialias: 1 } },
      /with antialias/,
    ],
    'a size that keeps the aspect ratio': [
      'Resize',
      { of: '1x1x4x4', attributes: { keep_aspect_ratio_policy: 'not_larger' } },
      /fixed aspect ratio$/,
    ],
    'a shape that depends on the data': [
      'Reshape',
      { of: '4 1' },
      /with sizes or bounds that depend on the picture$/,
    ],
    'a norm as in training': [
      'BatchNormalization',
      { of: '1x2x2x2 2 2 2 2', attributes: { training_mode: 1 } },
      /as in training$/,
    ],
    'rounded values': ['Floor', { of: '3' }, /on numbers that depend on the picture$/],
    'the product of all': ['ReduceProd', { of: '3' }, /on numbers that depend on the picture$/],
    'words as a constant': ['Constant', { attributes: { value_string: 'cat' } }, /without plain numbers$/],
  };
  for (const [title, [op, form, sentence]] of Object.entries(FORMS))
    it(`says in which form an operator comes: ${title}`, () => {
      const { model, feeds } = modelOf(op, form);
      assert.throws(() => read(model, feeds), {
        code: 'model-unsupported',
        message: new RegExp(`^Expected operators that can be learned through but ${op} ${op}_\\d+ comes`),
      });
      assert.throws(() => read(model, feeds), sentence);
    });

  it('says which value nothing makes', () => {
    const model = graphOf('2x3', (graph, [x]) => graph.op('Add', [x, 'elsewhere']));
    assert.throws(
      () => read(model, feedsOf('2x3'), { name: 'cat.onnx' }),
      /^NigaoeError: Expected the value elsewhere for Add Add_0 of cat.onnx but nothing makes it$/,
    );
  });

  it('says which operator is fed a size that it does not take', () => {
    const model = graphOf('2x3 4x2', (graph, inputs) => graph.op('MatMul', inputs));
    assert.throws(() => read(model, feedsOf('2x3 4x2'), { name: 'cat.onnx' }), {
      code: 'model-unsupported',
      message:
        'Expected sizes that fit for MatMul MatMul_0 of cat.onnx but it cannot matmul [2, 3] with [4, 2]',
    });
  });

  it('says which input it was not given', () => {
    const model = graphOf('2x3 3', (graph, inputs) => graph.op('Add', inputs));
    assert.throws(
      () => read(model, feedsOf('2x3')),
      /^NigaoeError: Expected a value for the input x1 of the model but none was given$/,
    );
  });

  it('says which numbers are of no type that is read', () => {
    const model = graphOf('2', (graph, [x]) => graph.op('Add', [x, weight(graph, [2], 'w')]));
    model.graph.initializer[0].dataType = 16;
    assert.throws(() => read(model, feedsOf('2')), /for w but received data type 16$/);
  });
});
