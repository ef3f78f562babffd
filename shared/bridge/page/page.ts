// The bridge's own page: connects, takes photos, has them drawn, shows what came of them.

import { asFailure, NigaoeError } from '../../errors.js';
import type { BridgeClient, StylizeCall } from '../client.js';
import type { JobStatus } from '../protocol.js';
import { clearFailure, showFailure, showNote } from './alert.js';
import { clearCanvas, showPhoto } from './canvas.js';
import { showCode } from './code.js';
import { showDevices, showVersion } from './computer.js';
import { ended, find, keepFocus, show } from './dom.js';
import { listenForPhotos } from './photo.js';
import { hideProgress, showCancelling, showProgress } from './progress.js';
import { clearResult, showResult } from './result.js';
import { forgetSession, pairPage, resumeSession } from './session.js';
import { readOptions, settingsAreValid, showSettings } from './settings.js';
import { showSamples } from './styles.js';
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
  if (health === undefined) return handle(new NigaoeError('unreachable', ''));
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
    showSettings(options, styles);
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
  if (client === undefined) return;
  if (drawing === undefined) {
    photo = taken;
    void draw();
  } else refuse(taken);
}

function refuse(taken: File): void {
  const hint = 'Cancel that, or hand the new one over when it is done.';
  showNote(`“${taken.name}” was not taken: “${photo?.name}” is being drawn`, hint);
}

async function draw(): Promise<void> {
  if (client === undefined || photo === undefined || drawing !== undefined || !settingsAreValid()) return;
  drawing = new AbortController();
  prepare(photo);
  try {
    const drawn = await client.stylize(new Uint8Array(await photo.arrayBuffer()), callFor(photo, drawing));
    await showResult(drawn, photo.name);
    finish('The drawing is there');
  } catch (error) {
    show(find('after-row', HTMLElement), true);
    finish('Nothing was drawn');
    handle(error);
  }
}

function callFor({ name }: File, { signal }: AbortController): StylizeCall {
  const onProgress = (status: JobStatus) => {
    if (!signal.aborted) showProgress(status);
  };
  return { options: readOptions(), name, signal, onProgress };
}

/** The focus goes to what can be done now, and comes back from there. */
function prepare(taken: File): void {
  const had = document.activeElement;
  clearFailure();
  clearResult();
  find('facts', HTMLElement).textContent = '';
  find('draw', HTMLButtonElement).disabled = true;
  void showPhoto(taken);
  showProgress();
  keepFocus(had, find('cancel', HTMLButtonElement));
}

function finish(outcome: string): void {
  const had = document.activeElement;
  drawing = undefined;
  const again = find('draw', HTMLButtonElement);
  again.disabled = false;
  hideProgress(outcome);
  const download = find('download', HTMLAnchorElement);
  keepFocus(had, download.hidden ? again : download);
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
