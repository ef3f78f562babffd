// Old networks in a newer operator set: the same numbers, or nothing is changed.

import assert from 'node:assert/strict';
import { GraphBuilder, type Value } from '../../shared/models/onnx/builder.js';
import {
  type Attribute,
  type Node,
  type OnnxModel,
  readOnnx,
  writeOnnx,
} from '../../shared/models/onnx/file.js';
import { opsetOf, raiseOpset } from '../../shared/models/onnx/raise-opset.js';
import { openSession } from '../../shared/models/session.js';
import { tensor } from '../../shared/tensor.js';
import { random } from '../fixtures/tiny-gan.js';

const ints = (name: string, ...values: number[]): Attribute => ({ name, type: 7, ints: values });
const int = (name: string, i: number): Attribute => ({ name, type: 2, i });
const number = (name: string, f: number): Attribute => ({ name, type: 1, f });
const text = (name: string, word: string): Attribute => ({ name, type: 3, s: Buffer.from(word) });

/** A step of operator set 9 between x [1,3,4,5] and y. */
interface Old {
  opType: string;
  attribute?: Attribute[];
  /** Constants behind the map. */
  more?: (graph: GraphBuilder) => Value[];
}

const OLD: readonly Old[] = [
  { opType: 'Pad', attribute: [ints('pads', 0, 0, 1, 2, 0, 0, 2, 1), text('mode', 'reflect')] },
  { opType: 'Pad', attribute: [ints('pads', 0, 1, 0, 0, 0, 0, 0, 2), number('value', -3)] },
  { opType: 'Pad', attribute: [ints('pads', 0, 0, 0, 0, 0, 0, 0, 0)] },
  { opType: 'Slice', attribute: [ints('starts', 1, 0), ints('ends', 3, 2), ints('axes', 3, 1)] },
  { opType: 'Slice', attribute: [ints('starts', 0, 1), ints('ends', 1, 3)] },
  { opType: 'Squeeze', attribute: [ints('axes', 0)] },
  { opType: 'Squeeze' },
  { opType: 'Unsqueeze', attribute: [ints('axes', 0, 3)] },
  { opType: 'ReduceSum', attribute: [ints('axes', 1, 3), int('keepdims', 0)] },
  { opType: 'ReduceMean', attribute: [ints('axes', 2)] },
  { opType: 'Clip', attribute: [number('min', -0.1), number('max', 0.2)] },
  { opType: 'Clip', attribute: [number('max', 0.1)] },
  { opType: 'Softmax', attribute: [int('axis', 2)] },
  { opType: 'Softmax' },
  { opType: 'LogSoftmax', attribute: [int('axis', 3)] },
  { opType: 'Dropout', attribute: [number('ratio', 0.4)] },
  {
    opType: 'Upsample',
    attribute: [text('mode', 'nearest')],
    more: (graph) => [graph.weight([4], Float32Array.of(1, 1, 2, 3))],
  },
  {
    opType: 'Upsample',
    attribute: [text('mode', 'linear')],
    more: (graph) => [graph.weight([4], Float32Array.of(1, 1, 2, 2))],
  },
  { opType: 'GlobalAveragePool' },
  { opType: 'Transpose', attribute: [ints('perm', 0, 2, 3, 1)] },
];

function modelOf({ opType, attribute = [], more }: Old): OnnxModel {
  const graph = new GraphBuilder('old');
  const x = graph.input('x', [1, 3, 4, 5]);
  const model = graph.model();
  const input = [x, ...(more?.(graph) ?? [])];
  model.graph.node.push({ opType, input, output: ['y'], attribute: structuredClone(attribute) });
  model.graph.output.push({ name: 'y', type: { tensorType: { elemType: 1 } } });
  model.opsetImport = [{ domain: '', version: 9 }];
  model.irVersion = 4;
  return model;
}

async function answer(model: OnnxModel) {
  const session = await openSession(writeOnnx(model), { name: 'old', device: 'cpu' });
  const x = tensor([1, 3, 4, 5], Float32Array.from({ length: 60 }, random(5)));
  const { y } = await session.run({ x });
  await session.close();
  return { dims: y.dims, data: [...y.data] };
}

describe('an old network in a newer operator set', () => {
  for (const old of OLD) {
    const words = (old.attribute ?? []).map(
      ({ name, ...value }) => `${name} ${Object.values(value).slice(1).join()}`,
    );
    it(`gives the same numbers: ${old.opType} ${words.join(', ')}`, async () => {
      const model = modelOf(old);
      const right = await answer(model);
      assert.equal(raiseOpset(model), undefined);
      assert.equal(opsetOf(model), 13);
      assert.deepEqual(await answer(model), right);
    });
  }

  it('feeds no weights, though old files list them among the inputs', async () => {
    const model = modelOf(OLD[16]);
    const [weight] = model.graph.initializer;
    model.graph.input.push({
      name: weight.name!,
      type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 4 }] } } },
    });
    const right = await answer(model);
    raiseOpset(model);
    assert.deepEqual(
      model.graph.input.map(({ name }) => name),
      ['x'],
    );
    assert.deepEqual(await answer(model), right);
  });

  it('stays as it is where an operator is not known, and says which', () => {
    const strange: Node = { opType: 'NonMaxSuppression', input: ['x'], output: ['z'], attribute: [] };
    const model = modelOf(OLD[0]);
    model.graph.node.push(strange);
    const before = writeOnnx(model);
    assert.equal(raiseOpset(model), 'NonMaxSuppression');
    assert.deepEqual(writeOnnx(model), before);
  });

  it('stays as it is where it is new enough', () => {
    const model = modelOf({ opType: 'GlobalAveragePool' });
    model.opsetImport = [{ domain: '', version: 17 }];
    const before = writeOnnx(model);
    assert.equal(raiseOpset(model), undefined);
    assert.deepEqual(writeOnnx(readOnnx(writeOnnx(model))), before);
  });
});
