// The plugin's pure steps: fills with another image, shapes, queries, typed strengths, and which options the form shows.

import assert from 'node:assert/strict';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { queryOf } from '../../figma-plugin/main/bridge/calls.js';
import { mediaTypeOf } from '../../figma-plugin/main/bridge/media-type.js';
import { imageHashes, sameShape, swapImage } from '../../figma-plugin/main/document/paints.js';
import { withParameters } from '../../figma-plugin/main/quick/parameters.js';
import { FIRST_SETTINGS } from '../../figma-plugin/main/settings.js';
import { fieldsFor } from '../../figma-plugin/ui/fields.js';
import { BRIDGE_OPTIONS } from '../../shared/options.js';
import { imageFill } from './fake-figma.js';
import { flatJpeg, flatPng } from './images.js';

const COLOUR: Paint = { type: 'SOLID', color: { r: 0, g: 0, b: 0 } };

describe('the fills of a layer', () => {
  it('name each image once, and none where there is none', () => {
    const empty = { ...imageFill('a'), imageHash: null } as Paint;
    assert.deepEqual(imageHashes([COLOUR, imageFill('a'), imageFill('b'), imageFill('a'), empty]), [
      'a',
      'b',
    ]);
  });

  it('change nothing but the image, wherever it is shown', () => {
    const fit = imageFill('a', { scaleMode: 'FIT', rotation: 90, opacity: 0.5 });
    const swapped = swapImage([COLOUR, fit, imageFill('b')], { from: 'a', to: 'c', scale: 1 });
    assert.deepEqual(swapped, [COLOUR, { ...fit, imageHash: 'c' }, imageFill('b')]);
  });

  it('keep the size of tiles when the drawing is smaller', () => {
    const tiles = imageFill('a', { scaleMode: 'TILE', scalingFactor: 0.25 });
    const [swapped] = swapImage([tiles], { from: 'a', to: 'b', scale: 2 }) ?? [];
    assert.equal((swapped as { scalingFactor?: number }).scalingFactor, 0.5);
  });

  it('stay as they are when the image is gone', () => {
    assert.equal(swapImage([imageFill('b')], { from: 'a', to: 'c', scale: 1 }), undefined);
  });
});

describe('the shape of a drawing', () => {
  const photo = { width: 4000, height: 3000 };
  it('may differ in size and by a rounded pixel', () => {
    assert.ok(sameShape({ width: 1333, height: 1000 }, photo));
    assert.ok(sameShape({ width: 3000, height: 4000 }, photo));
  });
  it('may not be another', () => {
    assert.ok(!sameShape({ width: 512, height: 512 }, photo));
    assert.ok(!sameShape({ width: 8000, height: 3000 }, photo));
  });
});

describe('what the plugin asks of the bridge', () => {
  it('carries the options that are given, safe for a URL', () => {
    assert.equal(
      queryOf({ style: 'a&b c', strength: 0.5, pad: false, scope: undefined }),
      '?style=a%26b%20c&strength=0.5&pad=false',
    );
    assert.equal(queryOf({}), '');
  });

  it('names the type of the file by its bytes', async () => {
    assert.equal(mediaTypeOf(await flatPng(2, 2)), 'image/png');
    assert.equal(mediaTypeOf(await flatJpeg(2, 2)), 'image/jpeg');
  });

  it('takes a strength in percent, with or without the sign', () => {
    for (const strength of ['25', '25 %', '25%'])
      assert.equal(withParameters(FIRST_SETTINGS, { strength }).options.strength, 0.25);
    for (const strength of ['101', '-1', 'half'])
      assert.throws(() => withParameters(FIRST_SETTINGS, { strength }), /from 0 to 100/);
  });
});

describe('the form of the plugin', () => {
  const fields = fieldsFor(
    Object.entries(BRIDGE_OPTIONS).map(([name, spec]) => ({ name, ...spec })),
    [],
  );

  it('offers only what Figma can show', () => {
    const choices = (name: string): unknown => fields.find((field) => field.name === name);
    assert.deepEqual((choices('format') as { choices: string[] }).choices, ['same', 'png', 'jpeg']);
    assert.ok(!(choices('scope') as { choices: string[] }).choices.includes('portrait'));
    assert.ok(!fields.some(({ name }) => name === 'sideBySide'));
  });

  it('has words for names', () => {
    assert.equal(fields.find(({ name }) => name === 'minFace')?.label, 'Smallest face');
  });
});
