// The work of one nigaoe-stylize node: takes messages, has their pictures drawn one after the other, sends what came of it.

import { basename } from 'node:path';
import { unlessCancelled } from '../../shared/bridge/client/wait.js';
import type { BridgeClient, Drawn } from '../../shared/bridge/client.js';
import { NigaoeError } from '../../shared/errors.js';
import type { EngineNode } from '../engine/engine.js';
import { FlowError, failureFrom } from '../engine/failure.js';
import { Desk, type GivenUp } from './desk.js';
import { FrameLine } from './frame-line.js';
import type { Light } from './light.js';
import type { FlowTools, Frame } from './message.js';
import { readOrder } from './order.js';
import { readPicture } from './picture-in.js';
import type { Preview } from './preview.js';
import { deliver, withoutFaces } from './results.js';
import type { StylizeSettings } from './settings.js';

export interface StudioParts {
  settings: StylizeSettings;
  tools: FlowTools;
  light: Light;
  preview: Preview;
  /** The engine of the moment; throws NigaoeError `options` where there is none. */
  engine(): EngineNode;
}

/** Every frame that it takes ends in one call of its `done`. */
export class Studio {
  readonly #desk: Desk<Frame>;
  /** Frames passed over since the last one that was drawn. */
  #skipped = 0;

  constructor(private readonly parts: StudioParts) {
    const { policy, most } = parts.settings;
    this.#desk = new Desk(new FrameLine<Frame>(policy, most), {
      draw: (frame, signal) => this.#draw(frame, signal),
      giveUp: (frame, why) => this.#giveUp(frame, why),
    });
  }

  get isIdle(): boolean {
    return !this.#desk.isDrawing;
  }

  take(frame: Frame): void {
    const { reset, cancel } = frame.msg;
    if (reset === true) this.#reset(frame);
    else if (cancel === true) this.#cancel(frame);
    else this.#takePicture(frame);
  }

  /** Stops what is being drawn, and waits for that. */
  async close(removed: boolean): Promise<void> {
    this.parts.light.close();
    this.parts.preview.close(removed);
    await this.#desk.close();
  }

  #cancel({ done }: Frame): void {
    this.#desk.cancel();
    done();
  }

  #reset({ done }: Frame): void {
    this.#skipped = 0;
    this.parts.light.clear();
    this.#desk.reset();
    done();
  }

  #takePicture(frame: Frame): void {
    try {
      this.#readPhoto(frame);
    } catch (error) {
      this.#fail(frame, failureFrom(error));
      return;
    }
    this.#desk.take(frame);
  }

  /** Text becomes bytes at once: what waits holds its picture once, and what is no picture takes no place. */
  #readPhoto({ msg }: Frame): void {
    const { tools, settings } = this.parts;
    tools.setPicture(msg, readPicture(tools.pictureOf(msg), `msg.${settings.property}`));
  }

  async #draw(frame: Frame, signal: AbortSignal): Promise<void> {
    try {
      await this.#drawAndSend(frame, signal);
    } catch (error) {
      return this.#end(frame, failureFrom(error), signal);
    }
    frame.done();
  }

  async #drawAndSend({ msg, send }: Frame, signal: AbortSignal): Promise<void> {
    const { light, preview, tools, settings } = this.parts;
    const startMs = performance.now();
    const { client, drawn, style } = await this.#ask(msg, signal);
    const { pictures } = settings;
    for (const one of deliver({ msg, drawn, style, pictures }, tools)) send([one, null]);
    light.done(performance.now() - startMs, this.#skipped);
    this.#skipped = 0;
    if (settings.preview) preview.show({ client, id: drawn.id });
  }

  async #ask(msg: Frame['msg'], signal: AbortSignal): Promise<Asked> {
    const { light, tools, settings, engine } = this.parts;
    const { engine: bridge, lists } = engine();
    if (bridge.news.state !== 'ready') light.starting();
    const client = await bridge.client(signal);
    const table = await unlessCancelled(lists.options(), signal);
    const evaluate = (typed: Parameters<FlowTools['evaluate']>[0]) => tools.evaluate(typed, msg);
    const options = await readOrder({ chosen: settings.options, overrides: msg.nigaoe, table, evaluate });
    const drawn = await client.stylize(tools.pictureOf(msg) as Buffer, {
      options,
      signal,
      ...(typeof msg.filename === 'string' ? { name: basename(msg.filename) } : {}),
      onProgress: (status) => signal.aborted || light.drawing(status, this.#desk.waiting),
    });
    const style = options.style ?? table.find(({ name }) => name === 'style')?.default;
    return { client, drawn, style: String(style ?? '') };
  }

  /** After a drawing that did not come about. */
  #end(frame: Frame, failure: NigaoeError, signal: AbortSignal): void {
    if (failure.code === 'no-face') this.#sendUndrawn(frame);
    else if (signal.aborted) this.#stopped(frame);
    else this.#fail(frame, failure);
  }

  #sendUndrawn({ msg, send, done }: Frame): void {
    const { light, tools } = this.parts;
    light.noFace();
    send([null, withoutFaces(msg, tools.pictureOf(msg) as Buffer)]);
    done();
  }

  /** Whoever calls a drawing off need not be told that it failed. */
  #stopped({ done }: Frame): void {
    this.parts.light.failed('cancelled');
    done();
  }

  #giveUp(frame: Frame, why: GivenUp): void {
    if (why === 'skipped') this.#skipped += 1;
    if (why === 'full') this.#fail(frame, tooMany(this.#desk.waiting));
    else frame.done();
  }

  #fail({ done }: Frame, failure: NigaoeError): void {
    this.parts.light.failed(failure.code);
    done(new FlowError(failure));
  }
}

/** What the engine made of a photo. */
interface Asked {
  client: BridgeClient;
  drawn: Drawn;
  style: string;
}

function tooMany(waiting: number): NigaoeError {
  return new NigaoeError('busy', `Expected room for one more picture but ${waiting} are waiting already`, {
    hint: 'Send fewer, let more wait, or keep only the newest: see the settings of this node.',
  });
}
