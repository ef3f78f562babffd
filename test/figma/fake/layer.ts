// How layers of the fake document are made.

import { guardOf } from './guard.js';
import { methodsOf } from './methods.js';
import { type FakeLayer, frozen, type LayerSpec, type Raw, type World } from './world.js';

/** Layers without fills. */
const WITHOUT_FILLS = ['GROUP', 'PAGE'];
/** Layers with auto layout. */
const FRAMES = ['FRAME', 'COMPONENT', 'INSTANCE'];
let ids = 0;

/** A layer with everything that lies in it; its parent does not know of it yet. */
export function makeLayer(world: World, spec: LayerSpec, parent: FakeLayer | null, type?: string): FakeLayer {
  const { children, ...rest } = spec;
  const layer = addRaw(world, rawOf(rest, type ?? spec.type ?? 'RECTANGLE'), parent);
  if (children !== undefined)
    world.raws.get(layer)!.children = children.map((child) => makeLayer(world, child, layer));
  return layer;
}

/** A layer with a new id. */
export function addRaw(world: World, raw: Omit<Raw, 'id' | 'parent'>, parent: FakeLayer | null): FakeLayer {
  ids += 1;
  const own = { ...raw, id: `1:${ids}`, parent } as Raw;
  const layer = new Proxy(own, guardOf(world)) as unknown as FakeLayer;
  world.raws.set(layer, own);
  world.layers.set(own.id, layer);
  Object.assign(own, methodsOf(world, layer, own));
  return layer;
}

function rawOf(
  { fills, x = 0, y = 0, ...spec }: Omit<LayerSpec, 'children'>,
  type: string,
): Omit<Raw, 'id' | 'parent'> {
  return {
    name: `A ${type.toLowerCase()}`,
    width: 100,
    height: 100,
    visible: true,
    locked: false,
    opacity: 1,
    isMask: false,
    fillStyleId: '',
    layoutPositioning: 'AUTO',
    relativeTransform: [
      [1, 0, x],
      [0, 1, y],
    ],
    ...(FRAMES.includes(type) ? { layoutMode: 'NONE' } : {}),
    ...spec,
    ...(WITHOUT_FILLS.includes(type) ? {} : { fills: frozen(fills ?? []) }),
    type,
    removed: false,
    pluginData: {},
    relaunchData: {},
  };
}
