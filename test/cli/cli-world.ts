// The compiled command line as a user runs it: a process of its own, in a folder of its own, offline.

import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const MAIN = fileURLToPath(new URL('../../shared/cli/main.js', import.meta.url));

export interface Finished {
  exitCode: number | null;
  stdout: Buffer;
  stderr: string;
  /** stdout as text, line by line. */
  lines: string[];
  /** stdout as JSON, line by line. */
  json: Record<string, unknown>[];
}

export interface RunOptions {
  stdin?: Uint8Array;
  env?: Record<string, string | undefined>;
  /** Told with what has come on stdout so far; may signal the process. */
  onStdout?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** The same for stderr. */
  onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** A folder with photos in it, in which commands are run. */
export class CliWorld {
  folder = '';

  /** Makes the folder before the tests of a suite, and removes it after them. */
  static inSuite(): CliWorld {
    const world = new CliWorld();
    before(async () => {
      world.folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-cli-'));
    });
    after(() => rm(world.folder, { recursive: true, force: true }));
    return world;
  }

  /** Runs `nigaoe` with these arguments in the folder. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.spawn(process.execPath, [MAIN, ...args], options);
  }

  /** Runs a line of bash in which `nigaoe` is the command. */
  bash(line: string, options: RunOptions = {}): Promise<Finished> {
    const script = `nigaoe() { "${process.execPath}" "${MAIN}" "$@"; }\n${line}`;
    return this.spawn('bash', ['-c', script], options);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** Names of everything below a folder, hidden files too. */
  async list(name: string): Promise<string[]> {
    const entries = await readdir(this.path(name), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const root = this.path(name);
    const names = files.map((file) => path.relative(root, path.join(file.parentPath, file.name)));
    return names.map((file) => file.split(path.sep).join('/')).sort();
  }

  /** A small photo of soft colours; the extension is the format. */
  async photo(name: string, { width = 96, height = 64 } = {}): Promise<string> {
    await mkdir(path.dirname(this.path(name)), { recursive: true });
    await sharp(softColours(width, height), { raw: { width, height, channels: 3 } }).toFile(this.path(name));
    return name;
  }

  /** A photo with three faces. */
  async faces(name: string): Promise<string> {
    const folder = path.dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'));
    await copyFile(path.join(folder, 'demo/sample1.jpg'), this.path(name));
    return name;
  }

  async file(name: string, content: string | Uint8Array): Promise<string> {
    await mkdir(path.dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content);
    return name;
  }

  private spawn(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
    const env = {
      ...process.env,
      NIGAOE_HOME: this.path('home'),
      NIGAOE_OFFLINE: '1',
      NIGAOE_MIRROR: undefined,
      NIGAOE_DEBUG: undefined,
      ...options.env,
    };
    const child = spawn(command, args, { cwd: this.folder, env });
    const chunks: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      options.onStdout?.(Buffer.concat(chunks).toString(), (signal) => child.kill(signal));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      options.onStderr?.(stderr, (signal) => child.kill(signal));
    });
    // A command that does not read its input closes it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => resolve(finished(exitCode, Buffer.concat(chunks), stderr)));
    });
  }
}

function finished(exitCode: number | null, stdout: Buffer, stderr: string): Finished {
  return {
    exitCode,
    stdout,
    stderr,
    get lines() {
      return stdout
        .toString()
        .split('\n')
        .filter((line) => line !== '');
    },
    get json() {
      return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

function softColours(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    pixels.set([255 * x, 255 * y, 127 + 127 * Math.sin(9 * x) * Math.cos(7 * y)], i * 3);
  }
  return pixels;
}
