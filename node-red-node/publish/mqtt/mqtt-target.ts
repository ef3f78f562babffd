// Publishes pictures to an MQTT broker, where Home Assistant finds them as an image entity.

import { asFailure, NigaoeError } from '../../../shared/errors.js';
import type { Caption } from '../caption.js';
import { Again, Line } from '../line.js';
import type { Picture } from '../picture.js';
import type { Published, Target, TargetNews } from '../target.js';
import type { Broker } from './broker.js';
import { attributesOf, discoveryOf, OFFLINE, ONLINE } from './discovery.js';
import { holdTopics, releaseTopics, stopWaiting, waitForTopics } from './estate.js';
import { Link, type Words } from './link.js';
import { refusalIn } from './refusal.js';
import { retainedIn, type Topics } from './topics.js';

export interface MqttOptions {
  /** Of the node; its topics belong to it. */
  nodeId: string;
  broker: Broker;
  topics: Topics;
  /** As people read it. */
  name: string;
  slug: string;
  base: string;
  prefix: string;
  /** Whether the broker keeps the newest picture for those who come later. */
  retain: boolean;
  reconnectMs: number;
  onNews: (news: TargetNews) => void;
}

interface Job {
  picture: Picture;
  caption: Caption;
  attempts: number;
}

/** Under way while the broker has not confirmed them; a burst of a few pictures stays complete. */
const AT_ONCE = 8;
/** A broker that hangs up each time it gets a picture does not want it. */
const MOST_ATTEMPTS = 3;

export class MqttTarget implements Target {
  readonly #options: MqttOptions;
  readonly #line = new Line<Job, Published>({
    work: (job) => this.#send(job),
    atOnce: AT_ONCE,
    room: 1,
    whenFull: 'oldest gives way',
  });
  /** Undefined while the topics are another node's, or the broker's address is none. */
  #link: Link | undefined;
  #refusal: NigaoeError | undefined;
  #away = true;
  /** As Home Assistant was told; until the first picture the usual one. */
  #mediaType = 'image/jpeg';

  constructor(options: MqttOptions) {
    this.#options = options;
    this.#line.shut();
    this.#begin();
  }

  /** Takes the topics and connects. Where another node has them this one waits for its end. */
  #begin(): void {
    const { nodeId, onNews } = this.#options;
    const conflict = holdTopics(nodeId, this.#options);
    if (conflict !== undefined) {
      // Said once, however often it is tried.
      if (this.#refusal === undefined) this.#tellUnable(conflict);
      waitForTopics(nodeId, () => this.#begin());
      return;
    }
    stopWaiting(nodeId);
    this.#refusal = undefined;
    onNews({ state: 'connecting' });
    this.#connect();
  }

  #connect(): void {
    const { nodeId, broker, topics, reconnectMs } = this.#options;
    try {
      this.#link = new Link({
        broker,
        will: { topic: topics.available, payload: OFFLINE },
        reconnectMs,
        onUp: () => void this.#up(),
        onDown: (problem) => this.#down(problem),
        onMessage: (topic, payload) => this.#hear(topic, payload.toString()),
      });
    } catch (error) {
      // mqtt.js throws for some settings, with nothing begun.
      releaseTopics(nodeId, this.#options, true);
      this.#tellUnable(unopenable(error));
    }
  }

  #tellUnable(failure: NigaoeError): void {
    this.#refusal = failure;
    this.#options.onNews({ state: 'unable', failure });
  }

  async publish(picture: Picture, caption: Caption): Promise<Published | undefined> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const done = this.#line.add({ picture, caption, attempts: 0 });
    if (this.#away) this.#tellAway();
    return done;
  }

  async close(removed: boolean): Promise<void> {
    const { nodeId, topics } = this.#options;
    stopWaiting(nodeId);
    this.#line.shut();
    void this.#line.close();
    // It has no topics to give back.
    if (this.#link === undefined) return;
    const forget = () => retainedIn(topics).map((topic) => ({ topic, payload: '' }));
    await this.#link.close(removed ? forget() : [{ topic: topics.available, payload: OFFLINE }]);
    releaseTopics(nodeId, this.#options, removed);
  }

  async #up(): Promise<void> {
    this.#refusal = undefined;
    this.#away = false;
    this.#options.onNews({ state: 'ready' });
    await this.#announce();
    await this.#quietly(this.#link?.listen(this.#birthTopics()));
    if (!this.#away) this.#line.open();
  }

  #down(problem: Error | undefined): void {
    this.#line.shut();
    this.#away = true;
    this.#refusal = refusalIn(problem);
    if (this.#refusal === undefined) this.#tellAway();
    else this.#tellRefused(this.#refusal);
  }

  #tellRefused(failure: NigaoeError): void {
    this.#line.clear(failure);
    this.#options.onNews({ state: 'refused', failure });
  }

  #tellAway(): void {
    const { waiting, skipped } = this.#line;
    this.#options.onNews({ state: 'away', waiting: waiting > 0, skipped });
  }

  /** Home Assistant has started: it asks for nothing, it listens. */
  #hear(topic: string, payload: string): void {
    if (this.#birthTopics().includes(topic) && payload === ONLINE) void this.#announce();
  }

  /** Home Assistant's birth message keeps its usual topic for most who chose another prefix. */
  #birthTopics(): string[] {
    const { topics, prefix } = this.#options;
    if (topics.config === undefined) return [];
    return [...new Set([`${prefix}/status`, 'homeassistant/status'])];
  }

  async #announce(): Promise<void> {
    const { available } = this.#options.topics;
    await this.#quietly(this.#discover());
    await this.#quietly(this.#say({ topic: available, payload: ONLINE }));
  }

  async #discover(): Promise<void> {
    const { config } = this.#options.topics;
    if (config === undefined) return;
    const payload = discoveryOf({ ...this.#options, mediaType: this.#mediaType });
    await this.#say({ topic: config, payload });
  }

  async #send(job: Job): Promise<Published> {
    job.attempts += 1;
    try {
      return await this.#sendOnce(job);
    } catch (error) {
      // One attempt per connection.
      if (error instanceof Again) this.#line.shut();
      if (error instanceof Again && job.attempts < MOST_ATTEMPTS) throw error;
      throw failureOf(error, job.picture);
    }
  }

  /** Attributes first: the picture is what makes Home Assistant's automations run. */
  async #sendOnce({ picture, caption }: Job): Promise<Published> {
    const { topics, retain } = this.#options;
    const [at, bytes] = [new Date().toISOString(), picture.bytes.length];
    const words: Words[] = [
      { topic: topics.attributes, payload: attributesOf(caption, { bytes, at }), retain },
      { topic: topics.image, payload: picture.bytes, retain },
    ];
    await this.#tellMediaType(picture.mediaType);
    // Together, as the order within a connection holds.
    await Promise.all(words.map((one) => this.#say(one)));
    return { target: 'mqtt', topic: topics.image, at, bytes };
  }

  async #tellMediaType(mediaType: string): Promise<void> {
    if (mediaType === this.#mediaType) return;
    this.#mediaType = mediaType;
    await this.#discover();
  }

  async #say(words: Words): Promise<void> {
    if (this.#link === undefined) throw new Again();
    await this.#link.say(words);
  }

  /** What fails because the connection went away is said again with the next one. */
  async #quietly(work: Promise<void> | undefined): Promise<void> {
    await work?.catch(() => undefined);
  }
}

const unopenable = (error: unknown): NigaoeError =>
  new NigaoeError(
    'options',
    `Expected settings that mqtt can open in the MQTT broker node but it says: ${asFailure(error).message}`,
    { hint: 'Check the address and the TLS settings in the broker node.' },
  );

function failureOf(error: unknown, { bytes }: Picture): NigaoeError {
  if (error instanceof NigaoeError) return error;
  if (error instanceof Again) {
    const what = `Expected the broker to take a picture of ${bytes.length} bytes but it hung up ${MOST_ATTEMPTS} times`;
    return new NigaoeError('unreachable', what, {
      hint: "Send a smaller picture, or raise the broker's limit (mosquitto: message_size_limit).",
    });
  }
  return new NigaoeError(
    'forbidden',
    `Expected the broker to take the picture but it says: ${asFailure(error).message}`,
    {
      hint: 'Check what this user may write to (mosquitto: acl_file).',
    },
  );
}
