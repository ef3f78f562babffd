// A published style network, from its raw variables to a drawing: fast-style's wave, where the mirror has it.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { convertCheckpoint } from '../../../shared/models/architectures/convert.js';
import { openCheckpoint } from '../../../shared/models/checkpoints/open.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import { MIRROR, PHOTOS, titled } from '../../fixtures/mirror.js';
import { draw } from './oracle.js';

const FOLDER = MIRROR && join(MIRROR, 'fast-style', 'wave');
const WAVE = FOLDER !== undefined && existsSync(FOLDER) ? FOLDER : undefined;

describe(titled('the published style wave', WAVE), () => {
  it('is recognised, and paints a photo in the colours of the woodcut', async function () {
    if (WAVE === undefined || PHOTOS === undefined) return this.skip();
    const checkpoint = await openCheckpoint(WAVE);
    const { architecture, plan, parameters, model } = await convertCheckpoint(checkpoint);
    await checkpoint.close();
    assert.deepEqual(
      [architecture.id, plan.summary, parameters],
      ['johnson-tensorflow', '32 channels, 5 blocks', 1677638],
    );
    const photo = await planesOf(join(PHOTOS, 'scenes', 'street.jpg'));
    const [drawing] = await draw(model, [photo]);
    assert.ok(correlation(greyOf(photo), greyOf(drawing)) > 0.7, 'the photo is still to be seen');
    const [shade, light] = warmth(drawing);
    assert.ok(shade < -10, 'shadows are as blue as the wave');
    assert.ok(light > 10, 'lights are as yellow as its paper');
  });
});

/** The photo at 384 x 256 in 0..255. */
async function planesOf(path: string): Promise<Tensor> {
  const [width, height] = [384, 256];
  const pixels = await sharp(path).resize(width, height).removeAlpha().toColourspace('srgb').raw().toBuffer();
  const planes = tensor([1, 3, height, width]);
  for (const [at, value] of pixels.entries())
    planes.data[(at % 3) * width * height + Math.floor(at / 3)] = value;
  return planes;
}

const planes = ({ data, dims: [, , height, width] }: Tensor): Float32Array[] =>
  [0, 1, 2].map((channel) => data.subarray(channel * height * width, (channel + 1) * height * width));

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function greyOf(picture: Tensor): Float32Array {
  const [red, green, blue] = planes(picture);
  return red.map((value, at) => (value + green[at] + blue[at]) / 3);
}
/** Mean of red minus blue in the darkest and in the lightest fifth of the picture. */
function warmth(picture: Tensor): [shade: number, light: number] {
  const [red, , blue] = planes(picture);
  const grey = greyOf(picture);
  const order = Uint32Array.from(grey.keys()).sort((a, b) => grey[a] - grey[b]);
  const fifth = Math.floor(order.length / 5);
  const warmthOf = (places: Uint32Array) => mean(Float32Array.from(places, (at) => red[at] - blue[at]));
  return [warmthOf(order.subarray(0, fifth)), warmthOf(order.subarray(-fifth))];
}

function correlation(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: Float32Array, y: Float32Array, mx: number, my: number) =>
    x.reduce((sum, value, at) => sum + (value - mx) * (y[at] - my), 0);
  return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
}
