// A small world for the tests of imports: a folder for the user's files, a store of its own, and networks to put there.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GeneratorIo } from '../../../shared/models/entry.js';
import { GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import { type OnnxModel, writeOnnx } from '../../../shared/models/onnx/file.js';
import { type ModelStore, openStore } from '../../../shared/models/store/store.js';
import { tinyGan } from '../../fixtures/tiny-gan.js';
import { type TorchTensors, torchFile } from '../../fixtures/torch-file.js';
import animeganv2 from '../../oracles/animeganv2.json' with { type: 'json' };
import cyclegan from '../../oracles/cyclegan.json' with { type: 'json' };
import { casesOf, numbers, type OracleCase } from '../architectures/oracle.js';

export const SIGNED: GeneratorIo = { layout: 'nchw', channels: 'rgb', range: [-1, 1] };

/** What one test uses; `close` takes all of it away. */
export class ImportWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'nigaoe-import-'));
  readonly home = join(this.folder, 'home');

  store(home = this.home): ModelStore {
    return openStore({ home, offline: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A file of the user; its path. */
  file(name: string, content: Uint8Array | string | OnnxModel): string {
    const isModel = typeof content === 'object' && 'graph' in content;
    writeFileSync(this.path(name), isModel ? writeOnnx(content) : content);
    return this.path(name);
  }

  /** The file of a tiny network that draws something of its own. */
  gan(name = 'mine.onnx', io: GeneratorIo = SIGNED): string {
    return this.file(name, tinyGan({ io, kind: 'random' }));
  }

  /** Everything that lies in the store, folders aside. */
  stored(): string[] {
    mkdirSync(this.home, { recursive: true });
    const entries = readdirSync(this.home, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => join(parentPath, name).slice(this.home.length + 1)).sort();
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A graph from `picture` to `drawing`, made by `draw`. */
export function networkOf(
  draw: (graph: GraphBuilder, picture: Value) => Value,
  dims: readonly (number | string)[] = [1, 3, 'height', 'width'],
  outputDims: readonly (number | string)[] = dims,
): OnnxModel {
  const graph = new GraphBuilder('made by a test');
  graph.output('drawing', draw(graph, graph.input('picture', dims)), outputDims);
  return graph.model();
}

/** Weights of AnimeGANv2's generator, 2,143,552 numbers without a meaning. */
export const animeWeights = (): TorchTensors => weightsOf(casesOf(animeganv2)[0]);
/** Weights of a small CycleGAN generator. */
export const cycleWeights = (): TorchTensors => weightsOf(casesOf(cyclegan)[0]);
/** The latter as PyTorch saves them. */
export const cycleFile = (): Uint8Array => torchFile(cycleWeights());

function weightsOf({ tensors }: OracleCase): TorchTensors {
  const entries = Object.entries(tensors);
  return new Map(entries.map(([key, recipe]) => [key, { dims: recipe[0], data: numbers(key, recipe) }]));
}
