// What plugins call on a layer of the fake document.

import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { flatPng } from '../images.js';
import { cloneLayer, makeInstance } from './copies.js';
import { boundsOf, isInInstance, isSeen } from './placement.js';
import { type FakeLayer, frozen, type Raw, type World } from './world.js';

export function methodsOf(world: World, layer: FakeLayer, raw: Raw): object {
  return {
    ...dataOf(raw),
    ...treeOf(world, layer, raw),
    setFillsAsync: async (fills: Paint[]) => {
      raw.fills = frozen(fills);
    },
    setFillStyleIdAsync: async (id: string) => {
      raw.fillStyleId = id;
    },
    setFillStyle: (id: string) => {
      raw.fillStyleId = id;
    },
    getStyledTextSegments: () => (raw.parts ?? []).map((fills) => ({ fills })),
    resize: (width: number, height: number) => void Object.assign(raw, { width, height }),
    exportAsync: (settings: { constraint?: { value: number } }) =>
      exportLayer(world, layer, settings.constraint?.value ?? 1),
  };
}

function dataOf(raw: Raw): object {
  return {
    getPluginData: (key: string) => raw.pluginData[key] ?? '',
    setPluginData: (key: string, value: string) => {
      raw.pluginData[key] = value;
    },
    setRelaunchData: (data: Record<string, string>) => {
      raw.relaunchData = { ...data };
    },
  };
}

function treeOf(world: World, layer: FakeLayer, raw: Raw): object {
  return {
    remove: () => {
      if (isInInstance(raw.parent)) throw new Error('in remove: Removing this node is not allowed');
      detach(world, layer);
      raw.removed = true;
    },
    clone: () => put(world, world.page, cloneLayer(world, layer, world.page)),
    createInstance: () => put(world, world.page, makeInstance(world, layer, world.page)),
    appendChild: (child: FakeLayer) => put(world, layer, child),
    insertChild: (at: number, child: FakeLayer) => put(world, layer, child, at),
    findAllWithCriteria: ({ pluginData }: { pluginData: { keys: string[] } }) =>
      inside(layer).filter((node) => pluginData.keys.some((key) => (node.pluginData[key] ?? '') !== '')),
  };
}

/** Puts a layer into another, on top unless told otherwise. */
export function put(world: World, parent: FakeLayer, child: FakeLayer, at?: number): FakeLayer {
  if (isInInstance(parent)) throw new Error('in insertChild: Cannot move node. New parent is an instance');
  detach(world, child);
  const children = world.raws.get(parent)?.children ?? [];
  if (at !== undefined && at > children.length) throw new Error('in insertChild: Index out of range');
  world.raws.get(child)!.parent = parent;
  children.splice(at ?? children.length, 0, child);
  return child;
}

function detach(world: World, layer: FakeLayer): void {
  const siblings = layer.parent === null ? [] : (world.raws.get(layer.parent)?.children ?? []);
  if (siblings.includes(layer)) siblings.splice(siblings.indexOf(layer), 1);
}

function inside(layer: FakeLayer): FakeLayer[] {
  return (layer.children ?? []).flatMap((child) => [child, ...inside(child)]);
}

async function exportLayer(world: World, layer: FakeLayer, scale: number): Promise<Uint8Array> {
  if (!isSeen(layer)) throw new Error('in exportAsync: Failed to export node. It has no visible layers');
  world.exported.push(layer.name);
  const { width, height } = boundsOf(layer);
  return flatPng(Math.round(width * scale), Math.round(height * scale));
}
