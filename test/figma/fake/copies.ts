// Copies of layers in the fake document: clones, and instances that follow their component.

import { addRaw } from './layer.js';
import type { FakeLayer, World } from './world.js';

/** Components in a clone become instances; a component itself becomes another component. */
export function cloneLayer(world: World, layer: FakeLayer, parent: FakeLayer): FakeLayer {
  const raw = world.raws.get(layer)!;
  const { pluginData, relaunchData } = raw;
  const copied = { ...raw, pluginData: { ...pluginData }, relaunchData: { ...relaunchData } };
  const copy = addRaw(world, copied, parent);
  world.raws.get(copy)!.children = raw.children?.map((child) =>
    child.type === 'COMPONENT' ? makeInstance(world, child, copy) : cloneLayer(world, child, copy),
  );
  return withoutEmpty(world, copy);
}

/** Shows the fills of the component until it gets its own; what plugins stored there stays there. */
export function makeInstance(world: World, component: FakeLayer, parent: FakeLayer): FakeLayer {
  const instance = follower(world, component, parent);
  world.raws.get(instance)!.type = 'INSTANCE';
  return instance;
}

function follower(world: World, layer: FakeLayer, parent: FakeLayer): FakeLayer {
  const { fills, ...raw } = world.raws.get(layer)!;
  const own = fills === undefined ? {} : { fills: undefined };
  const copy = addRaw(world, { ...raw, ...own, follows: layer, pluginData: {}, relaunchData: {} }, parent);
  world.raws.get(copy)!.children = raw.children?.map((child) => follower(world, child, copy));
  return withoutEmpty(world, copy);
}

/** A rectangle has no list of children, not even an empty one. */
function withoutEmpty(world: World, layer: FakeLayer): FakeLayer {
  const raw = world.raws.get(layer)!;
  if (raw.children === undefined) delete raw.children;
  return layer;
}
