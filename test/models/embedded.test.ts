// The embedded face networks compute what face-api.js computes with the same weights.

import assert from 'node:assert/strict';
import { readEmbedded } from '../../shared/models/embedded/read.js';
import { readFaceApiWeights } from '../../shared/models/embedded/weights.js';
import { readOnnx } from '../../shared/models/onnx/file.js';
import { openSession } from '../../shared/models/session.js';
import { type Tensor, tensor } from '../../shared/tensor.js';
import { random } from '../fixtures/tiny-gan.js';
import { detectorReference, landmarksReference, type Map3 } from './face-api-reference.js';

/** Noise over a ramp, bytes 0..255. */
function noisy(height: number, width: number): Map3 {
  const next = random(11);
  const data = Float64Array.from({ length: height * width * 3 }, (_, at) =>
    Math.round(60 + 120 * (at / (height * width * 3)) + 140 * next()),
  );
  return { height, width, channels: 3, data };
}

/** Interleaved to planar. */
function planar({ height, width, channels, data }: Map3): Tensor {
  const pixels = tensor([1, channels, height, width]);
  for (const [at, value] of data.entries())
    pixels.data[(at % channels) * height * width + Math.trunc(at / channels)] = value;
  return pixels;
}

async function run(id: string, pixels: Map3): Promise<Record<string, Tensor>> {
  const session = await openSession(readEmbedded(id), { name: id, device: 'cpu' });
  const results = await session.run({ pixels: planar(pixels) });
  await session.close();
  return results;
}

function assertClose(received: Float32Array, wanted: ArrayLike<number>): void {
  assert.equal(received.length, wanted.length);
  for (const [at, value] of received.entries())
    assert.ok(Math.abs(value - wanted[at]) < 1e-3, `number ${at} is ${value}, not ${wanted[at]}`);
}

describe('the embedded models', () => {
  for (const [height, width] of [
    [64, 64],
    [96, 32],
  ])
    it(`detector: the cells of a picture of ${width}x${height} are those of the plain loops`, async () => {
      const pixels = noisy(height, width);
      const { cells } = await run('embedded-detector', pixels);
      assert.deepEqual(cells.dims, [1, 25, height / 32, width / 32]);
      const reference = detectorReference(pixels, readFaceApiWeights('tiny_face_detector_model'));
      assertClose(cells.data, planar(reference).data);
    });

  it('landmarks: the 136 coordinates are those of the plain loops', async () => {
    const pixels = noisy(112, 112);
    const { points } = await run('embedded-landmarks', pixels);
    assert.deepEqual(points.dims, [1, 136]);
    const reference = landmarksReference(pixels, readFaceApiWeights('face_landmark_68_model'));
    assertClose(points.data, reference);
  });

  it('carry the notice that their licence asks for', () => {
    for (const id of ['embedded-detector', 'embedded-landmarks']) {
      const notice = readOnnx(readEmbedded(id))
        .metadataProps.map(({ value }) => value)
        .join(' ');
      assert.match(notice, /MIT.*face-api.*Vincent Mühler/);
    }
  });

  it('that are not there are named, with the way to get them', () => {
    assert.throws(() => readEmbedded('embedded-nothing'), {
      code: 'model-missing',
      message: 'Expected the embedded model embedded-nothing in the package but it is not there',
      hint: 'Run `npm run build`, or install the package again.',
    });
  });
});
