// A selection for the plugin's tests: a plain layer and one with a crop under a colour in a group, and one deep in a frame.

import assert from 'node:assert/strict';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeFigma, type FakeLayer, imageFill } from './fake-figma.js';
import { flatJpeg, flatPng } from './images.js';

const COLOUR: Paint = { type: 'SOLID', color: { r: 1, g: 0, b: 0 } };

/** Each layer shows another image; group and frame are selected. */
export async function addThreeLayers(fake: FakeFigma): Promise<{ layers: FakeLayer[]; hashes: string[] }> {
  const hashes = [
    fake.addImage(await flatPng(128, 96, 10)),
    fake.addImage(await flatJpeg(100, 140, 20)),
    fake.addImage(await flatPng(66, 88, 30)),
  ];
  const [group, frame] = fake.add(
    {
      type: 'GROUP',
      name: 'Group',
      children: [
        { name: 'Portrait', fills: [imageFill(hashes[0])] },
        { name: 'Garden, cropped', fills: [COLOUR, cropped(hashes[1])] },
      ],
    },
    {
      name: 'Card',
      type: 'FRAME',
      children: [
        { type: 'GROUP', children: [{ name: 'Avatar', type: 'ELLIPSE', fills: [imageFill(hashes[2])] }] },
      ],
    },
  );
  fake.select(group, frame);
  const deep = frame.children?.[0]?.children?.[0];
  assert.ok(deep !== undefined && group.children !== undefined);
  return { layers: [...group.children, deep], hashes };
}

function cropped(hash: string): Paint {
  return imageFill(hash, {
    scaleMode: 'CROP',
    imageTransform: [
      [0.5, 0, 0.2],
      [0, 0.5, 0.1],
    ],
    filters: { exposure: 0.3 },
    opacity: 0.7,
  });
}
