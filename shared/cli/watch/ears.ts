// Hears of changes from the system. That is only a hint to look: what is not heard is seen by a later look all the same.

import { type FSWatcher, watch } from 'node:fs';
import { codeOf } from '../../errors.js';
import type { SeenFolder } from './look.js';

interface EarsOptions {
  /** Called for every change. */
  onSound: () => void;
  /** Called where the system refuses to tell of changes. */
  onDeaf: (error: unknown) => void;
}

/**
 * One ear for each folder. The recursive ones of Node.js and of packages take one for each file on Linux, where there are
 * not enough of them for large folders, and none survives that its folder is taken away and brought back.
 */
export class Ears {
  readonly #options: EarsOptions;
  readonly #ears = new Map<string, { identity: string; watcher: FSWatcher }>();

  constructor(options: EarsOptions) {
    this.#options = options;
  }

  /** Listens to these folders and no others from now on; whether there are new ones, whose changes were not heard yet. */
  listenTo(folders: readonly SeenFolder[]): boolean {
    const wanted = new Map(folders.map(({ path, identity }) => [path, identity]));
    for (const [path, { identity }] of this.#ears) if (wanted.get(path) !== identity) this.#close(path);
    const fresh = folders.filter(({ path }) => !this.#ears.has(path));
    return fresh.map((folder) => this.#open(folder)).includes(true);
  }

  close(): void {
    for (const path of this.#ears.keys()) this.#close(path);
  }

  #open({ path, identity }: SeenFolder): boolean {
    try {
      const watcher = watch(path, this.#options.onSound);
      // On Windows a folder that goes is an error.
      watcher.on('error', () => {
        this.#close(path);
        this.#options.onSound();
      });
      this.#ears.set(path, { identity, watcher });
      return true;
    } catch (error) {
      // A folder that has gone since it was seen is missed by the next look.
      if (codeOf(error) !== 'ENOENT') this.#options.onDeaf(error);
      return false;
    }
  }

  #close(path: string): void {
    this.#ears.get(path)?.watcher.close();
    this.#ears.delete(path);
  }
}
