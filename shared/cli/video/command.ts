// `nigaoe video` on the command line.

import { type Command, Option } from 'commander';
import { flagOf } from '../../options.js';
import { addFlagsOf, addTableFlags } from '../flags.js';
import { give } from '../work.js';
import { FRAME_OPTIONS, REFUSED_OPTIONS, VIDEO_OPTIONS } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe video clip.mp4 -o drawn.mp4                              sound, subtitles and chapters come along
  nigaoe video clip.mov -o drawn.mp4 --from 0:12.5 --to 0:20      a part of it, exact to the frame
  nigaoe video clip.mp4 -o drawn.webm --max-side 960 --fps 12     smaller, and fewer frames
  nigaoe video clip.mp4 -o drawn.mp4 --style hayao --accept-licence
  nigaoe video talk.mp4 -o drawn.mp4 --scope faces                each face, followed from frame to frame
  nigaoe video dance.gif -o dance.webp                            animations in and out
  nigaoe video clip.mp4 -o drawn.mp4 --resume                     goes on where an earlier run was stopped

The ending of --out says what is written: .mp4, .mov and .mkv (H.264), .webm (VP9), .gif, .webp.
Needs ffmpeg and ffprobe: on the PATH, or where NIGAOE_FFMPEG says. More: docs/video.md.`;

/** Adds the command to the program. */
export function declareVideo(program: Command): void {
  const command = program
    .command('video')
    .description('Draw a video, or an animated GIF or WebP, frame by frame.')
    .argument('<film>', 'a video, or an animated GIF or WebP')
    .requiredOption('-o, --out <file>', 'where the drawn one goes')
    .option('-f, --force', 'replace what is there, and begin anew what an earlier run has left')
    .option('--resume', 'go on where an earlier run was stopped')
    .option('--accept-licence', 'accept the licence of models that are not free for commercial use');
  const headings = {
    ...{ from: 'Film:', to: 'Film:', fps: 'Film:', maxSide: 'Film:', quality: 'Film:' },
    ...{ freeze: 'Film:', keepMetadata: 'Film:' },
  };
  addFlagsOf(VIDEO_OPTIONS, Object.keys(VIDEO_OPTIONS) as (keyof typeof VIDEO_OPTIONS)[], command, headings);
  addTableFlags(command, FRAME_OPTIONS);
  // Declared, so that they are refused with a reason instead of as unknown.
  for (const name of Object.keys(REFUSED_OPTIONS)) {
    const refused = new Option(`${flagOf(name)} <value>`).hideHelp();
    refused.negate = false;
    command.addOption(refused);
  }
  give(command, EXAMPLES, async ([film], flags, stage) =>
    (await import('./run.js')).runVideo(film, flags, stage),
  );
}
