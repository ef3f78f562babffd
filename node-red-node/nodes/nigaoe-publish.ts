// The node nigaoe-publish: drawn pictures in, on their way to a broker, a webhook or a folder.

import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import { FlowError, failureFrom } from '../engine/failure.js';
import { captionOf } from '../publish/caption.js';
import { FileTarget } from '../publish/file/file-target.js';
import { filledForm, type PublishForm } from '../publish/form.js';
import { clearLeft } from '../publish/mqtt/estate.js';
import { MqttTarget } from '../publish/mqtt/mqtt-target.js';
import { pictureIn } from '../publish/picture.js';
import { fileOptions, mqttOptions, webhookOptions } from '../publish/settings.js';
import { lookOfFailure, lookOfNews, lookOfSuccess, lookOfWork } from '../publish/status.js';
import type { Published, Target, TargetNews } from '../publish/target.js';
import { WebhookTarget } from '../publish/webhook/webhook-target.js';

const TYPE = 'nigaoe-publish';
/** As long as the core's own MQTT nodes wait. */
const RECONNECT_MS = 5_000;

type PublishDef = NodeDef & Partial<Omit<PublishForm, 'id' | 'name'>>;
type PublishNode = Node<{ webhook: string }>;

/** What TLS settings are for: see `tls-config` of Node-RED. */
interface TlsNode {
  addTLSOptions?: (options: object) => void;
}

interface Input {
  msg: NodeMessageInFlow & { published?: Published };
  send: (msg: NodeMessageInFlow) => void;
  done: (error?: Error) => void;
}

export default (RED: NodeAPI): void => {
  function NigaoePublish(this: PublishNode, def: PublishDef): void {
    RED.nodes.createNode(this, def);
    open(RED, this, def);
  }
  RED.nodes.registerType<PublishNode, PublishDef, object, { webhook: string }>(TYPE, NigaoePublish, {
    credentials: { webhook: { type: 'password' } },
  });
};

function open(RED: NodeAPI, node: PublishNode, def: PublishDef): void {
  // What it cannot clear stays, as with a broker that is away.
  clearLeft(node.id).catch(() => undefined);
  // The editor keeps what stood there before the deployment.
  node.status({});
  const form = filledForm(def);
  let isClosed = false;
  const target = targetOrError(RED, node, form, (news) => isClosed || tell(RED, node, news));
  node.on('input', (msg, send, done) => {
    const input = { msg, send, done: (error?: Error) => done(isClosed ? undefined : error) };
    void publish(RED, { node, property: form.property, target, input, isClosed: () => isClosed });
  });
  node.on('close', (removed: boolean, done: () => void) => {
    isClosed = true;
    const closing = target instanceof Error ? Promise.resolve() : target.close(removed);
    void closing.catch(() => undefined).then(() => done());
  });
}

type OnNews = (news: TargetNews) => void;

function tell(RED: NodeAPI, node: PublishNode, news: TargetNews): void {
  node.status(lookOfNews(news, translate(RED)));
  if (news.state === 'unable') node.error(new FlowError(news.failure).message);
}

/** A node that cannot work says so once when it starts, and then for each message. */
function targetOrError(RED: NodeAPI, node: PublishNode, form: PublishForm, onNews: OnNews): Target | Error {
  try {
    return targetFor(RED, node, form, onNews);
  } catch (error) {
    const failure = failureFrom(error);
    onNews({ state: 'unable', failure });
    return failure;
  }
}

function targetFor(RED: NodeAPI, node: PublishNode, form: PublishForm, onNews: OnNews): Target {
  const settings = RED.settings as { userDir?: string; mqttReconnectTime?: number };
  if (form.target === 'file') return new FileTarget(fileOptions(form, settings.userDir ?? process.cwd()));
  if (form.target === 'webhook')
    return new WebhookTarget({
      ...webhookOptions(form, node.credentials.webhook),
      tls: tlsOptions(RED, form.tls),
    });
  return new MqttTarget({
    ...mqttOptions(form, RED.nodes.getNode(form.broker)),
    reconnectMs: settings.mqttReconnectTime ?? RECONNECT_MS,
    onNews,
  });
}

function tlsOptions(RED: NodeAPI, id: string): object {
  const options = {};
  (RED.nodes.getNode(id) as TlsNode | null)?.addTLSOptions?.(options);
  return options;
}

interface Publication {
  node: PublishNode;
  property: string;
  target: Target | Error;
  input: Input;
  isClosed: () => boolean;
}

async function publish(
  RED: NodeAPI,
  { node, property, target, input, isClosed }: Publication,
): Promise<void> {
  const { msg, send, done } = input;
  const show = (look: ReturnType<typeof lookOfWork>) => isClosed() || node.status(look);
  try {
    if (target instanceof Error) throw target;
    const picture = pictureIn(RED.util.getMessageProperty(msg, property), property);
    show(lookOfWork(translate(RED)));
    const published = await target.publish(picture, captionOf(msg));
    if (published !== undefined && !isClosed()) {
      msg.published = published;
      send(msg);
      show(lookOfSuccess(published.at, translate(RED)));
    }
    done();
  } catch (error) {
    show(lookOfFailure(failureFrom(error), translate(RED)));
    done(new FlowError(error));
  }
}

const translate =
  (RED: NodeAPI) =>
  (key: string, values: Record<string, string | number> = {}): string =>
    RED._(`${TYPE}.status.${key}`, values);
