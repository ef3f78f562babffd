// The command line with films in its folder, and styles that are quick.

import { writeFile } from 'node:fs/promises';
import { writeOnnx } from '../../../shared/models/onnx/file.js';
import { ffmpeg, HAS_FFMPEG } from '../../fixtures/ffmpeg.js';
import { tinyGan } from '../../fixtures/tiny-gan.js';
import { CliWorld, type Finished, type RunOptions } from '../cli-world.js';

/** A style that hands its pictures through: what changes is then the way's doing. */
export const SAME = './same.onnx';
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-pix_fmt', 'yuv420p'];

export class FilmWorld {
  readonly cli: CliWorld;

  private constructor(cli: CliWorld) {
    this.cli = cli;
  }

  /** A folder of its own for the tests of a suite, which are skipped without ffmpeg. */
  static inSuite(): FilmWorld {
    before(function () {
      if (!HAS_FFMPEG) this.skip();
    });
    const world = new FilmWorld(CliWorld.inSuite());
    before(async () => {
      const io = { layout: 'nchw', channels: 'rgb', range: [-1, 1] } as const;
      await writeFile(world.cli.path('same.onnx'), writeOnnx(tinyGan({ io, kind: 'identity' })));
    });
    return world;
  }

  path(name: string): string {
    return this.cli.path(name);
  }

  /** Draws with `SAME` unless another style is named. */
  draw(film: string, out: string, ...more: string[]): Promise<Finished> {
    return this.run(['video', film, '-o', out, '--style', SAME, ...more]);
  }

  run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    return this.cli.run(args, options);
  }

  /**
   * A film of so many frames at 30 a second of which about half were dropped, with a tone; some frames are reordered
   * (B-frames), so that their times are no longer in the order of the file.
   */
  async variable(name: string, frames = 60): Promise<string> {
    const seconds = String(frames / 30);
    const kept = "select='not(mod(n*n,7))+lt(mod(n,11),4)'";
    await ffmpeg(
      ...[
        '-f',
        'lavfi',
        '-i',
        `testsrc2=s=64x48:r=30:d=${seconds}`,
        '-f',
        'lavfi',
        '-i',
        `sine=d=${seconds}`,
      ],
      ...['-vf', kept, '-fps_mode', 'passthrough', ...X264, '-bf', '2', '-c:a', 'aac'],
      ...['-video_track_timescale', '90000', this.path(name)],
    );
    return name;
  }

  /** A film from a painted source of ffmpeg, with more arguments for its encoding. */
  async painted(name: string, graph: string, ...more: string[]): Promise<string> {
    await ffmpeg('-f', 'lavfi', '-i', graph, ...X264, ...more, this.path(name));
    return name;
  }
}
