// Where Figma starts the plugin: the only file of this half that knows the sandbox's globals.

import type { Host } from './host.js';
import { suggest } from './quick/suggest.js';
import { runCommand } from './run.js';

const host: Host = {
  figma,
  fetch: (url, request) => fetch(url, request),
  html: __html__,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

// Hidden parts of instances are not drawn, and looking through them takes long.
figma.skipInvisibleInstanceChildren = true;
figma.parameters.on('input', (event) => {
  suggest(host, event).catch(() => event.result.setError('The styles could not be read.'));
});
figma.on('run', ({ command, parameters }) => {
  runCommand(host, command, parameters as Record<string, unknown> | undefined).catch(() =>
    figma.closePlugin('nigaoe stopped because of an error of its own. Please run it again.'),
  );
});
