// The bridge's own page: connects, takes photos, has them drawn, shows what came of them.

import { asFailure } from '../../errors.js';
import type { BridgeClient } from '../client.js';
import { clearFailure, showFailure } from './alert.js';
import { clearCanvas, showPhoto } from './canvas.js';
import { showCode } from './code.js';
import { showDevices, showVersion } from './computer.js';
import { ended, find, show } from './dom.js';
import { listenForPhotos } from './photo.js';
import { hideProgress, showCancelling, showProgress } from './progress.js';
import { clearResult, showResult } from './result.js';
import { forgetSession, pairPage, resumeSession } from './session.js';
import { readOptions, settingsAreValid, showOptions } from './settings.js';
import { showSamples, showStyles } from './styles.js';
import { showLight, watchBridge } from './watch.js';

let client: BridgeClient | undefined;
let photo: File | undefined;
let drawing: AbortController | undefined;

listenForPhotos(takePhoto);
find('pair-form', HTMLFormElement).addEventListener('submit', pairByCode);
find('settings', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void draw();
});
find('cancel', HTMLButtonElement).addEventListener('click', () => {
  showCancelling();
  drawing?.abort();
});
find('another', HTMLButtonElement).addEventListener('click', startOver);
watchBridge((health) => {
  if (health === undefined) return showLight('off');
  clearFailure();
  void (client === undefined ? showLight('closed') : enter(client));
});
// A key typed into the address of an open page is no new page for the browser.
addEventListener('hashchange', () => void start());
await start();

async function start(): Promise<void> {
  try {
    const resumed = await resumeSession();
    if (resumed === undefined) askForCode();
    else await enter(resumed);
  } catch (error) {
    handle(error);
    if (client === undefined) askForCode();
  }
}

/** Fills the studio; what does not come now comes when the bridge is back. */
async function enter(paired: BridgeClient): Promise<void> {
  try {
    const [styles, options] = await Promise.all([paired.styles(), paired.options()]);
    client = paired;
    showOptions(options);
    showStyles(styles, String(options.find(({ name }) => name === 'style')?.default));
    show(find('pairing', HTMLElement), false);
    show(find('studio', HTMLElement), true);
    showLight('on');
    const rest = [
      showCode(paired),
      paired.devices().then(showDevices),
      paired.health().then(showVersion),
      showSamples(paired),
    ];
    await Promise.all(rest);
  } catch (error) {
    handle(error);
  }
}

function askForCode(): void {
  client = undefined;
  show(find('studio', HTMLElement), false);
  show(find('pairing', HTMLElement), true);
  showLight('closed');
  find('pair-code', HTMLInputElement).focus();
}

async function pairByCode(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const input = find('pair-code', HTMLInputElement);
  const said = find('pair-error', HTMLParagraphElement);
  try {
    said.textContent = '';
    const paired = await pairPage(input.value);
    input.value = '';
    clearFailure();
    await enter(paired);
  } catch (error) {
    const { message, hint } = asFailure(error);
    said.textContent = `${ended(message)} ${ended(hint ?? '')}`.replaceAll('`', '').trim();
    input.select();
  }
}

/** Drawn at once: the settings are there before the photo is. */
function takePhoto(taken: File): void {
  if (client === undefined || drawing !== undefined) return;
  photo = taken;
  void draw();
}

async function draw(): Promise<void> {
  if (client === undefined || photo === undefined || drawing !== undefined || !settingsAreValid()) return;
  drawing = new AbortController();
  prepare(photo);
  try {
    const bytes = new Uint8Array(await photo.arrayBuffer());
    const { signal } = drawing;
    const drawn = await client.stylize(bytes, {
      options: readOptions(),
      name: photo.name,
      signal,
      onProgress: (status) => signal.aborted || showProgress(status),
    });
    await showResult(drawn, photo.name);
    hideProgress('The drawing is there');
  } catch (error) {
    hideProgress('Nothing was drawn');
    show(find('after-row', HTMLElement), true);
    handle(error);
  } finally {
    drawing = undefined;
    find('draw', HTMLButtonElement).disabled = false;
  }
}

function prepare(taken: File): void {
  clearFailure();
  clearResult();
  find('facts', HTMLElement).textContent = '';
  find('draw', HTMLButtonElement).disabled = true;
  void showPhoto(taken);
  showProgress();
}

function startOver(): void {
  photo = undefined;
  clearFailure();
  clearResult();
  clearCanvas();
  find('draw', HTMLButtonElement).disabled = true;
  find('file', HTMLInputElement).focus();
}

/** Says what went wrong; a token that is no longer known leads back to pairing, a cancelled job needs no words. */
function handle(error: unknown): void {
  const failure = asFailure(error);
  if (failure.code === 'cancelled') return;
  showFailure(failure);
  if (failure.code === 'unreachable') showLight('off');
  if (failure.code !== 'unauthorised') return;
  forgetSession();
  askForCode();
}
