// What happens when a plugin reads or writes a property of a layer: Figma works some out, and refuses others.

import type { Paint, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { absoluteOf, boundsOf, isInInstance, isSeen, move, relativeOf, sizeOf } from './placement.js';
import { type FakeLayer, frozen, type Raw, type World } from './world.js';

/** Whoever touches a removed layer is told off, as in Figma; fills are copied in and frozen, and detach their style. */
export function guardOf(world: World): ProxyHandler<Raw> {
  return {
    get(raw, key, layer: FakeLayer) {
      checkThere(world, raw, String(key));
      const workOut = WORKED_OUT[String(key)];
      return workOut === undefined ? (Reflect.get(raw, key) as unknown) : workOut(raw, layer, world);
    },
    has: (raw, key) => key in raw || (raw.type !== 'PAGE' && String(key).startsWith('absolute')),
    set(raw, key, value, layer: FakeLayer) {
      checkThere(world, raw, String(key));
      const write = WRITTEN[String(key)];
      if (write === undefined) raw[String(key)] = value;
      else write(raw, value, layer, world);
      return true;
    },
  };
}

const WORKED_OUT: Record<string, (raw: Raw, layer: FakeLayer, world: World) => unknown> = {
  fills: ({ fills, follows }) => fills ?? follows?.fills,
  children: ({ children }, layer, world) =>
    world.skips && isInInstance(layer)
      ? children?.filter((child) => world.raws.get(child)?.visible)
      : children,
  selection: ({ id }, _, world) => world.selections.get(id) ?? [],
  x: (raw, layer) => relativeOf(layer, raw)[0][2],
  y: (raw, layer) => relativeOf(layer, raw)[1][2],
  width: (raw) => sizeOf(raw).width,
  height: (raw) => sizeOf(raw).height,
  relativeTransform: (raw, layer) => relativeOf(layer, raw),
  absoluteTransform: (_, layer) => absoluteOf(layer),
  absoluteBoundingBox: (_, layer) => boundsOf(layer),
  absoluteRenderBounds: (_, layer) => (isSeen(layer) ? boundsOf(layer) : null),
};

const WRITTEN: Record<string, (raw: Raw, value: unknown, layer: FakeLayer, world: World) => void> = {
  fillStyleId: () => {
    throw new Error('in set_fillStyleId: Use node.setFillStyleIdAsync instead');
  },
  fills: (raw, value) => {
    if ((value as Paint[]).some(({ type }) => type === 'PATTERN'))
      throw new Error('in set_fills: Use node.setFillsAsync');
    raw.fillStyleId = '';
    raw.fills = frozen(value as Paint[]);
  },
  selection: ({ id }, value, _, world) => {
    world.selections.set(id, value as FakeLayer[]);
    world.onSelect();
  },
  x: (raw, value, layer) => {
    const [[a, c], second] = raw.relativeTransform;
    move(layer, raw, [[a, c, value as number], second]);
  },
  y: (raw, value, layer) => {
    const [first, [b, d]] = raw.relativeTransform;
    move(layer, raw, [first, [b, d, value as number]]);
  },
  relativeTransform: (raw, value, layer) => move(layer, raw, value as Transform),
};

/** Figma: "The node does not exist", also for what an instance hides, as long as the plugin wants to skip that. */
function checkThere(world: World, raw: Raw, key: string): void {
  const gone = raw.removed || (raw.visible === false && world.skips && isInInstance(raw.parent));
  if (gone && !ALWAYS_THERE.includes(key))
    throw new Error(`in ${key}: The node with id "${raw.id}" does not exist`);
}
const ALWAYS_THERE = ['removed', 'id', 'pluginData'];
